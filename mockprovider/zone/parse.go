package zone

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// defaultTTL holds until a file says otherwise, and for what has no TTL.
const defaultTTL = 3600

// Parse reads presentation format (RFC 1035 section 5) with absolute or
// relative names; file is for messages, which name the line. Extension types
// may stand in it (TYPE column APEXCNAME, REDIR301, REDIR302; the URL of a
// redirect in quotes when it has a semicolon, a parenthesis or a quote).
// $ORIGIN and $TTL are understood, $INCLUDE and $GENERATE refused. A record
// without TTL has that of $TTL, else of the record before, else 3600. Equal
// records collapse. The error is a *dc.Error of class dc.ErrZone.
func Parse(origin string, r io.Reader, file string) (*Zone, error) {
	b, err := newBuilder(origin)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, badZone("%s: %v", file, err)
	}
	if file == "" {
		file = "zone"
	}
	p := parser{zone: b, origin: b.origin, ttl: defaultTTL}
	s := scanner{text: string(text), line: 1}
	for {
		l, ok, err := s.next()
		if err == nil && ok {
			err = p.entry(l)
		}
		if err != nil {
			return nil, badZone("%s:%d: %s", file, l.number, message(err))
		}
		if !ok {
			break
		}
	}
	if err := b.load(p.entries); err != nil {
		return nil, badZone("%s: %s", file, message(err))
	}
	return b.zone(), nil
}

// message is the error without the class and place that the outer one has.
func message(err error) string {
	if e, ok := errors.AsType[*dc.Error](err); ok {
		return e.Message
	}
	return err.Error()
}

// parser keeps what an entry of a master file takes from those before it.
type parser struct {
	zone    *builder
	origin  string
	owner   string
	ttl     uint32
	fixed   bool // ttl is of $TTL
	entries []entry
}

// entry reads one logical line.
func (p *parser) entry(l line) error {
	words := l.words
	if !l.blank && strings.HasPrefix(words[0], "$") {
		return p.directive(words)
	}
	if !l.blank {
		owner, err := p.name(words[0])
		if err != nil {
			return err
		}
		p.owner, words = owner, words[1:]
	}
	if p.owner == "" {
		return errors.New("the line starts with white space, but there is no record before it whose owner it could have")
	}
	r := Record{Owner: p.owner, TTL: p.ttl}
	words, err := p.prelude(&r, words)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return errors.New("a record needs a type and data")
	}
	r.Type, r.Data = strings.ToUpper(words[0]), strings.Join(words[1:], " ")
	if _, err := p.zone.key(r.Owner); err != nil {
		return err
	}
	e, err := p.record(r)
	if err != nil {
		return err
	}
	p.entries = append(p.entries, e)
	return nil
}

// prelude reads TTL and class, which stand in either order and may be absent.
func (p *parser) prelude(r *Record, words []string) ([]string, error) {
	for len(words) > 0 {
		word := strings.ToUpper(words[0])
		switch {
		case word == "IN" || word == "CLASS1":
		case word == "CH" || word == "HS" || word == "CS" || strings.HasPrefix(word, "CLASS"):
			return nil, fmt.Errorf("class %s; only IN is served", word)
		case isDigit(word[0]):
			ttl, err := parseTTL(word)
			if err != nil {
				return nil, err
			}
			r.TTL = ttl
			if !p.fixed {
				p.ttl = ttl
			}
		default:
			return words, nil
		}
		words = words[1:]
	}
	return nil, nil
}

// record makes the entry of a line; owner is absolute, names in the data may
// be relative.
func (p *parser) record(r Record) (entry, error) {
	if r.Type == dc.TypeAPEXCNAME {
		target, err := p.name(r.Data)
		if err != nil {
			return entry{}, err
		}
		if dns.IsFqdn(r.Data) && plainName(r.Data) {
			target = r.Data // With the case of the file.
		}
		r.Data = target
	}
	if extension(r.Type) {
		r.Data = unquoteURL(r.Data)
		return extensionEntry(r)
	}
	if rrtype, wire, ok := quickData(r.Type, r.Data); ok {
		h := dns.RR_Header{Name: r.Owner, Rrtype: rrtype, Class: dns.ClassINET, Ttl: r.TTL}
		return entryFromData(h, r.Type, wire)
	}
	rr, err := parseData(r.Type, r.Data, p.origin)
	if err != nil {
		return entry{}, fmt.Errorf("%s %s: %w", r.Owner, r.Type, err)
	}
	h := rr.Header()
	h.Name, h.Ttl, h.Class = r.Owner, r.TTL, dns.ClassINET
	return entryFromRR(rr)
}

// unquoteURL undoes quoteURL.
func unquoteURL(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(s[1 : len(s)-1])
}

// directive reads a line that starts with a dollar sign.
func (p *parser) directive(words []string) error {
	name := strings.ToUpper(words[0])
	switch {
	case name == "$INCLUDE":
		return errors.New("$INCLUDE is not followed; put the records into this file")
	case name != "$ORIGIN" && name != "$TTL":
		return fmt.Errorf("%s is not understood; $ORIGIN and $TTL are", words[0])
	case len(words) != 2:
		return fmt.Errorf("%s takes one value", name)
	}
	var err error
	if name == "$ORIGIN" {
		p.origin, err = p.name(words[1])
		return err
	}
	p.ttl, err = parseTTL(strings.ToUpper(words[1]))
	p.fixed = true
	return err
}

// name makes a name absolute and canonical.
func (p *parser) name(s string) (string, error) {
	if s == "@" {
		return p.origin, nil
	}
	if !dns.IsFqdn(s) {
		s += "." + strings.TrimPrefix(p.origin, ".")
	}
	return canonicalName(s)
}

// parseTTL reads seconds, or numbers with the units S, M, H, D and W.
func parseTTL(word string) (uint32, error) {
	units := map[byte]uint64{'S': 1, 'M': 60, 'H': 3600, 'D': 86400, 'W': 604800}
	var sum, number uint64
	digits := false
	for i := range len(word) {
		unit := units[word[i]]
		switch {
		case isDigit(word[i]):
			number, digits = number*10+uint64(word[i]-'0'), true
		case unit != 0 && digits:
			sum, number, digits = sum+number*unit, 0, false
		default:
			return 0, fmt.Errorf("%q is no TTL; 3600 and 1h are", strings.ToLower(word))
		}
		if number > math.MaxInt32 || sum > math.MaxInt32 {
			return 0, fmt.Errorf("the TTL %s is over 2147483647 seconds", strings.ToLower(word))
		}
	}
	if sum += number; word == "" || sum > math.MaxInt32 {
		return 0, fmt.Errorf("the TTL %q is no number up to 2147483647", strings.ToLower(word))
	}
	return uint32(sum), nil
}
