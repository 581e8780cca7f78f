package zone

import (
	"fmt"
	"math"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// mergeSPF makes one SPF record of the SPFM records of each owner and of what
// is there already (ietf-05 sections 6.2 and 9.4).
func (p *planner) mergeSPF() error {
	var merged []fresh
	var replaced, blocked []hit
	for key, group := range p.owners {
		m := spfMerge{planner: p, key: key}
		m.collect(group)
		if len(m.rules) == 0 {
			continue
		}
		f, err := m.run()
		if err != nil {
			return err
		}
		merged = append(merged, f)
		replaced, blocked = append(replaced, m.replaced...), append(blocked, m.blocked...)
	}
	if merged == nil {
		return nil
	}
	p.fresh = append(p.fresh, merged...)
	p.sort()
	// Only now is it known which of the old records equal a merged one.
	for _, h := range replaced {
		if !p.shared(h.key, h.entry) {
			p.replaced = append(p.replaced, h)
			p.out[h.entry] = true
		}
	}
	for _, h := range blocked {
		p.hit(h)
	}
	return nil
}

// spfMerge is the work for one owner.
type spfMerge struct {
	*planner
	key string
	// rules are the SPFM records, plain the new TXT records with SPF data, in
	// template order.
	rules, plain []*fresh
	// texts are the new TXT records of the owner, plain among them.
	texts []*fresh
	// ttl is that of the existing record, else the suggested one.
	ttl uint32
	// replaced is the record that was merged with, blocked those that cannot be.
	replaced, blocked []hit
}

// collect finds the new records that take part.
func (m *spfMerge) collect(group []int) {
	for _, i := range group {
		f := &m.fresh[i]
		if f.rec.Type == dc.TypeSPFM {
			m.rules = insertByIndex(m.rules, f)
		} else if f.rec.Type == "TXT" {
			m.texts = append(m.texts, f)
			if f.entry.spf != nil {
				m.plain = insertByIndex(m.plain, f)
			}
		}
	}
}

// insertByIndex keeps template order.
func insertByIndex(list []*fresh, f *fresh) []*fresh {
	at := len(list)
	for at > 0 && list[at-1].res.Index > f.res.Index {
		at--
	}
	list = append(list, nil)
	copy(list[at+1:], list[at:])
	list[at] = f
	return list
}

// run merges and returns the record to write.
func (m *spfMerge) run() (fresh, error) {
	first := m.rules[0]
	var terms []spfTerm
	for _, f := range m.rules {
		terms = append(terms, f.rules...)
	}
	m.ttl = m.suggestedTTL()
	plain, policy, err := m.foldPlain()
	if err != nil {
		return fresh{}, err
	}
	terms = append(plain, terms...)
	e, lookups, err := m.merge(terms, policy)
	if err != nil {
		return fresh{}, &dc.Error{Class: dc.ErrSPF, Record: first.res.Index, Field: "spfRules",
			Message: "the rules for " + first.rec.Owner + " cannot be merged with each other: " + err.Error()}
	}
	if lookups > spfLookupLimit {
		m.warnings = append(m.warnings, fmt.Sprintf("The SPF record of %s needs at least %d DNS look-ups; mail receivers stop at %d and treat it as broken (RFC 7208 section 4.6.4).",
			first.rec.Owner, lookups, spfLookupLimit))
	}
	return fresh{entry: e, key: m.key, res: first.res, merged: true}, nil
}

// suggestedTTL is the lowest TTL of the records that the merged one comes from
// or will stand beside, else the default. An SPFM has no TTL (section 6.2), and
// a zero of its own would make the whole RRset uncacheable.
func (m *spfMerge) suggestedTTL() uint32 {
	ttl := ^uint32(0)
	for _, f := range m.rules {
		if f.rec.TTL > 0 {
			ttl = min(ttl, f.rec.TTL)
		}
	}
	for _, f := range m.texts {
		ttl = min(ttl, f.rec.TTL)
	}
	m.zone.find(m.key).set(dns.TypeTXT).kept(nil, func(e *entry) { ttl = min(ttl, e.rec.TTL) })
	if ttl == ^uint32(0) {
		return defaultTTL
	}
	return ttl
}

// foldPlain takes the new plain SPF TXT records into the merge, since two SPF
// records at one name would make both void (RFC 7208 section 4.5).
func (m *spfMerge) foldPlain() (terms []spfTerm, policy byte, err error) {
	for _, f := range m.plain {
		set := f.entry.spf
		if set.err != nil {
			return nil, 0, &dc.Error{Class: dc.ErrSPF, Record: f.res.Index, Field: "data",
				Message: fmt.Sprintf("the SPF record for %s cannot be merged with the SPFM for the same name: %v", f.rec.Owner, set.err)}
		}
		f.folded = true
		terms = append(terms, set.terms...)
		if set.all != 0 && (policy == 0 || restriction(set.all) < restriction(policy)) {
			policy = set.all
		}
	}
	return terms, policy, nil
}

// merge looks at what the zone has: nothing, a record to merge with, or
// records that are in the way.
func (m *spfMerge) merge(terms []spfTerm, policy byte) (entry, int, error) {
	existing := m.zone.find(m.key).spf()
	if len(existing) == 1 && existing[0].spf.err == nil {
		old := existing[0]
		text, lookups, changed, err := mergeSPF(old.spf, terms)
		if err == nil && !changed {
			return *old, lookups, nil
		}
		if err == nil {
			m.ttl = old.rec.TTL
			m.replaced = append(m.replaced, hit{key: m.key, entry: old})
			e, err := m.text(text)
			return e, lookups, err
		}
	}
	text, lookups, _, err := mergeSPF(&spfSet{all: policy}, terms)
	if err != nil {
		return entry{}, 0, err
	}
	for _, old := range existing {
		m.blocked = append(m.blocked, hit{key: m.key, entry: old, reason: ReasonSPF, by: m.rules[0].res.Index})
	}
	e, err := m.text(text)
	return e, lookups, err
}

// text is the TXT record with a value.
func (m *spfMerge) text(value string) (entry, error) {
	return spfText(dns.RR_Header{Name: m.rules[0].rec.Owner, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: m.ttl}, value)
}

// spfText is a TXT record with a value, in character-strings of 255 octets.
func spfText(h dns.RR_Header, value string) (entry, error) {
	data := make([]byte, 0, len(value)+len(value)/255+1)
	for len(value) > 0 {
		n := min(len(value), 255)
		data = append(append(data, byte(n)), value[:n]...)
		value = value[n:]
	}
	if len(data) > math.MaxUint16 {
		return entry{}, fmt.Errorf("the merged record has %d octets; a record holds 65535", len(data))
	}
	return entryFromData(h, "TXT", data)
}

// spf lists the SPF records of a name. A nil node has none.
func (n *node) spf() []*entry {
	var list []*entry
	if set := n.set(dns.TypeTXT); set != nil {
		for i := range set.entries {
			if set.entries[i].spf != nil {
				list = append(list, &set.entries[i])
			}
		}
	}
	return list
}

// warn notes names that come out with more than one SPF record: a template
// may bring its own as TXT, which does not merge (section 9.4 advises
// against it).
func (p *planner) warn() {
	for key, group := range p.owners {
		owner, spf := "", 0
		for i, at := range group {
			f := &p.fresh[at]
			if f.folded || f.rec.Type != "TXT" || p.written(group[:i], f) {
				continue
			}
			if f.entry.spf != nil {
				owner = f.rec.Owner
				spf++
			}
		}
		if spf == 0 {
			continue
		}
		for _, e := range p.zone.find(key).spf() {
			if !p.out[e] && !p.shared(key, e) {
				spf++
			}
		}
		if spf > 1 {
			p.warnings = append(p.warnings, fmt.Sprintf("%s gets %d SPF records; mail receivers treat that as an error (RFC 7208 section 4.5).", owner, spf))
		}
	}
}
