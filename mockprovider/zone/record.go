package zone

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// Record is one record of a zone. It is comparable.
type Record struct {
	// Owner is absolute, lower case, with trailing dot.
	Owner string
	// Type is canonical, as in dc.Resolved.
	Type string
	// TTL in seconds, at most 2^31-1.
	TTL uint32
	// Data is the RDATA in canonical presentation form; for the extension
	// types the target: an absolute name for APEXCNAME, a URL for REDIR301
	// and REDIR302.
	Data string
}

// String is the record in presentation form: "www.example.com. 300 IN A
// 192.0.2.1". Parse reads it back, the URL of a redirect included.
func (r Record) String() string {
	data := r.Data
	if r.Type == dc.TypeREDIR301 || r.Type == dc.TypeREDIR302 {
		data = quoteURL(data)
	}
	return r.Owner + " " + strconv.FormatUint(uint64(r.TTL), 10) + " IN " + r.Type + " " + data
}

// compare orders records by their text.
func (r Record) compare(other Record) int { return strings.Compare(r.String(), other.String()) }

// quoteURL puts a URL in quotes when it has characters with a meaning of
// their own in master files.
func quoteURL(url string) string {
	if url != "" && !strings.ContainsAny(url, " \t;\"()\\") {
		return url
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(url) + `"`
}

// Canonical returns the record with the names in its data in lower case too,
// for those types whose RDATA names compare without regard to case (RFC 4034
// section 6.2, and SVCB and HTTPS). A record that is not well-formed is
// returned as it is.
func (r Record) Canonical() Record {
	e, err := newEntry(r)
	if err != nil {
		return r
	}
	if e.rr == nil {
		if r.Type == dc.TypeAPEXCNAME {
			e.rec.Data = strings.ToLower(e.rec.Data)
		}
		return e.rec
	}
	rr, err := unpackData(*e.rr.Header(), []byte(e.key))
	if err != nil {
		return e.rec
	}
	e.rec.Data = printed(e.rec.Type, rr, []byte(e.key))
	return e.rec
}

// FromRR converts a DNS record of class IN; names are lower-cased in Owner
// only. Data becomes canonical: IPv6 addresses compressed, escapes only where
// needed, RFC 3597 form only for types that have no other. The error is a
// *dc.Error of class dc.ErrZone.
func FromRR(rr dns.RR) (Record, error) {
	e, err := entryFromRR(rr)
	return e.rec, err
}

// entry is a record as the zone keeps it, with all that Plan compares.
type entry struct {
	rec Record
	// key is the canonical RDATA: wire form with names in lower case, or the
	// target of an extension type.
	key string
	// rr is nil for extension types. It is never changed.
	rr dns.RR
	// spf is what an SPF record says; nil for all others.
	spf *spfSet
}

// order places types: DNS types by number, extension types behind them.
func order(typ string, rrtype uint16) int {
	switch typ {
	case dc.TypeAPEXCNAME:
		return math.MaxUint16 + 1
	case dc.TypeREDIR301:
		return math.MaxUint16 + 2
	case dc.TypeREDIR302:
		return math.MaxUint16 + 3
	}
	return int(rrtype)
}

// extension reports whether a type is kept in the zone without being DNS.
func extension(typ string) bool {
	return typ == dc.TypeAPEXCNAME || typ == dc.TypeREDIR301 || typ == dc.TypeREDIR302
}

// newEntry checks a record and makes it canonical.
func newEntry(r Record) (entry, error) {
	owner, err := canonicalName(r.Owner)
	if err != nil {
		return entry{}, badZone("owner %v", err)
	}
	if r.TTL > math.MaxInt32 {
		return entry{}, badZone("the TTL %d of %s %s is over 2147483647", r.TTL, r.Owner, r.Type)
	}
	typ := strings.ToUpper(r.Type)
	if extension(typ) {
		return extensionEntry(Record{Owner: owner, Type: typ, TTL: r.TTL, Data: r.Data})
	}
	if rrtype, wire, ok := quickData(typ, r.Data); ok {
		h := dns.RR_Header{Name: owner, Rrtype: rrtype, Class: dns.ClassINET, Ttl: r.TTL}
		return entryFromData(h, typ, wire)
	}
	rr, err := parseData(typ, r.Data, ".")
	if err != nil {
		return entry{}, badZone("%s %s: %v", r.Owner, r.Type, err)
	}
	h := rr.Header()
	h.Name, h.Ttl, h.Class = owner, r.TTL, dns.ClassINET
	return entryFromRR(rr)
}

// extensionEntry makes the entry of an APEXCNAME or a redirect. Owner and
// type are canonical.
func extensionEntry(r Record) (entry, error) {
	if r.Type != dc.TypeAPEXCNAME {
		if r.Data == "" || strings.ContainsAny(r.Data, "\r\n\x00") {
			return entry{}, badZone("%s %s: %q is no redirect target", r.Owner, r.Type, r.Data)
		}
		return entry{rec: r, key: r.Data}, nil
	}
	if r.Data == "" || strings.ContainsAny(r.Data, "\r\n") {
		return entry{}, badZone("%s %s: %q is no domain name", r.Owner, r.Type, r.Data)
	}
	key, err := canonicalName(r.Data)
	if err != nil {
		return entry{}, badZone("%s %s: %v", r.Owner, r.Type, err)
	}
	if plainName(dns.Fqdn(r.Data)) {
		r.Data = dns.Fqdn(r.Data)
	} else {
		r.Data = key
	}
	return entry{rec: r, key: key}, nil
}

// entryFromRR makes the entry of a DNS record. The record is copied.
func entryFromRR(rr dns.RR) (entry, error) {
	h := *rr.Header()
	owner, err := canonicalName(h.Name)
	if err != nil {
		return entry{}, badZone("owner %v", err)
	}
	if h.Class != dns.ClassINET {
		return entry{}, badZone("%s %s: class %s; only IN is served", h.Name, dns.Type(h.Rrtype), dns.Class(h.Class))
	}
	if h.Ttl > math.MaxInt32 {
		return entry{}, badZone("the TTL %d of %s %s is over 2147483647", h.Ttl, h.Name, dns.Type(h.Rrtype))
	}
	return entryAt(owner, h.Ttl, rr)
}

// entryAt makes the entry of a DNS record with another owner, which is
// canonical, and another TTL.
func entryAt(owner string, ttl uint32, rr dns.RR) (entry, error) {
	h := dns.RR_Header{Name: owner, Rrtype: rr.Header().Rrtype, Class: dns.ClassINET, Ttl: ttl}
	typ, ok := TypeName(h.Rrtype)
	if !ok {
		return entry{}, badZone("%s: %s is no type that a zone can hold", owner, typ)
	}
	data, err := packData(rr)
	if err != nil {
		return entry{}, badZone("%s %s: %v", owner, typ, err)
	}
	return entryFromData(h, typ, data)
}

// entryFromData makes the entry of a record whose header is canonical; data
// is its RDATA in wire form, which is overwritten.
func entryFromData(h dns.RR_Header, typ string, data []byte) (entry, error) {
	rr, err := unpackData(h, data)
	if err != nil {
		return entry{}, badZone("%s %s: %v", h.Name, typ, err)
	}
	switch {
	case !everyday(h.Rrtype):
		if rr, data, err = settle(h, rr); err != nil {
			return entry{}, badZone("%s %s: %v", h.Name, typ, err)
		}
	case !whole(h.Rrtype, data):
		return entry{}, badZone("%s %s: the data is too short for its type", h.Name, typ)
	}
	rec := Record{Owner: h.Name, Type: typ, TTL: h.Ttl, Data: printed(typ, rr, data)}
	lowerNames(h.Rrtype, data)
	e := entry{rec: rec, key: string(data), rr: rr}
	if h.Rrtype == dns.TypeTXT {
		if terms, ok := spfRecord(joinedText(e.key)); ok {
			e.spf = parseSPFSet(terms)
		}
	}
	return e, nil
}

// rrtype is the DNS type, 0 for extension types.
func (e *entry) rrtype() uint16 {
	if e.rr == nil {
		return 0
	}
	return e.rr.Header().Rrtype
}

// order places the entry's type among the types of its owner.
func (e *entry) order() int { return order(e.rec.Type, e.rrtype()) }

// withTTL returns the entry with another TTL, leaving the old one as it was.
func (e entry) withTTL(ttl uint32) entry {
	if e.rec.TTL == ttl {
		return e
	}
	e.rec.TTL = ttl
	if e.rr != nil {
		e.rr = dns.Copy(e.rr)
		e.rr.Header().Ttl = ttl
	}
	return e
}

// badZone is an error of class dc.ErrZone.
func badZone(format string, args ...any) *dc.Error {
	return &dc.Error{Class: dc.ErrZone, Record: -1, Message: fmt.Sprintf(format, args...)}
}
