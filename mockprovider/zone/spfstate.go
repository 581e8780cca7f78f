package zone

import (
	"strings"

	"github.com/miekg/dns"
)

// remerge makes the SPF record of a name anew, without what the instances that
// go contributed (ietf-05 section 9.4, async-00 section 6.7). A record that
// still says what base and contributions merge to is replaced by the merge of
// what is left, and by the base as it was when nothing is left. One that the
// user has changed keeps the change: only what the removal makes a difference
// to is taken out of it. What cannot be read is no longer the templates' and is
// left alone.
func (b *ledger) remerge(edit *builder, key string) error {
	old := b.mergedIn(b.zone, key)
	if old == nil || old.spf.err != nil {
		return nil
	}
	base := b.baseOf(key)
	var all, left []*written
	nextBase := base
	for l, w := range b.written {
		if w.lost || w.key != key {
			continue
		}
		switch {
		case w.isSPFM():
			all = append(all, w)
			if l.stays(w) {
				left = append(left, w)
			}
		case base != "" && !l.stays(w) && !w.Before && w.entry.rec.Data == base && !b.needed(key, &w.entry):
			nextBase = "" // The base was a record of the instance itself.
			b.baseless[key] = true
		}
	}
	if len(all) == 0 {
		return nil
	}
	from, _, err := merged(old.rec.Owner, base, all)
	if err != nil {
		return err
	}
	to, text, err := merged(old.rec.Owner, nextBase, left)
	if err != nil {
		return err
	}
	if !old.spf.says(from) {
		to = old.spf.rebase(from, to)
		text = ""
	}
	switch {
	case to == nil:
		edit.drop(key, old)
	case !old.spf.says(to):
		e, err := spfEntry(old, to, text)
		if err != nil {
			return err
		}
		edit.swap(key, old, e)
	default:
		edit.add(key, *old) // It may have been a record of an instance that goes.
	}
	return nil
}

// mergedIn is the SPF record of a name that contributions are merged in: the
// one that no instance has as a record of its own, or the base that already
// said everything. It is nil when there is none or more than one.
func (b *ledger) mergedIn(z *Zone, key string) *entry {
	base := b.baseOf(key)
	var found *entry
	for _, e := range z.find(key).spf() {
		own := false
		for _, w := range b.written {
			own = own || !w.lost && w.is(key, e)
		}
		if own && e.rec.Data != base {
			continue
		}
		if found != nil {
			return nil
		}
		found = e
	}
	return found
}

// baseOf is the SPF record that a name had before any instance contributed.
func (b *ledger) baseOf(key string) string {
	for _, w := range b.written {
		if w.isSPFM() && w.key == key && !w.lost {
			return w.Base
		}
	}
	return ""
}

// baseEntry reads a base.
func baseEntry(owner, base string) (entry, error) {
	e, err := newEntry(Record{Owner: owner, Type: "TXT", Data: base})
	switch {
	case err != nil:
		return entry{}, err
	case e.spf == nil:
		return entry{}, badZone("the base %s is no SPF record", base)
	case e.spf.err != nil:
		return entry{}, badZone("the base %s: %v", base, e.spf.err)
	}
	return e, nil
}

// merged is what base and contributions come to; nil when there are none. The
// text is the base's data where it already says everything.
func merged(owner, base string, list []*written) (*spfSet, string, error) {
	set := &spfSet{}
	text := base
	if base != "" {
		e, err := baseEntry(owner, base)
		if err != nil {
			return nil, "", err
		}
		set = e.spf
	} else if len(list) == 0 {
		return nil, "", nil
	}
	for _, w := range list {
		value, _, changed, err := mergeSPF(set, w.rules)
		if err != nil || !changed {
			continue // Two exp=: the later one was never merged.
		}
		terms, _ := spfRecord(value)
		set, text = parseSPFSet(terms), ""
	}
	return set, text, nil
}

// says reports whether two records have the same terms and the same all.
func (s *spfSet) says(other *spfSet) bool {
	if s == nil || other == nil || s.err != nil || other.err != nil || s.all != other.all {
		return s == other
	}
	mine, theirs := s.qualifiers(), other.qualifiers()
	if len(mine) != len(theirs) {
		return false
	}
	for key, qualifier := range mine {
		if have, ok := theirs[key]; !ok || have != qualifier {
			return false
		}
	}
	return true
}

func (s *spfSet) qualifiers() map[string]byte {
	list := map[string]byte{}
	if s != nil {
		for _, t := range s.terms {
			list[t.key] = t.qualifier
		}
	}
	return list
}

// rebase makes the difference between two merges in a record that a user has
// edited; nil when nothing is left that a record would be for.
func (s *spfSet) rebase(from, to *spfSet) *spfSet {
	was, will := from.qualifiers(), to.qualifiers()
	next := &spfSet{all: s.all}
	for _, t := range s.terms {
		if had, ok := was[t.key]; ok && had == t.qualifier {
			qualifier, stays := will[t.key]
			if !stays {
				continue
			}
			if qualifier != t.qualifier {
				t.qualifier, t.plus = qualifier, false
			}
		}
		next.terms = append(next.terms, t)
	}
	switch {
	case to == nil && len(next.terms) == 0:
		return nil
	case to != nil && from != nil && s.all == from.all:
		next.all = to.all
	}
	return next
}

// spfEntry is the record that takes the place of an SPF record; data is its
// data where that is known.
func spfEntry(old *entry, set *spfSet, data string) (entry, error) {
	if data != "" {
		return newEntry(Record{Owner: old.rec.Owner, Type: "TXT", TTL: old.rec.TTL, Data: data})
	}
	var b strings.Builder
	b.WriteString("v=spf1")
	for _, t := range set.terms {
		b.WriteString(" " + t.String())
	}
	if set.all != 0 {
		b.WriteString(" " + spfTerm{kind: spfAll, qualifier: set.all, text: "all", plus: true}.String())
	}
	h := dns.RR_Header{Name: old.rec.Owner, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: old.rec.TTL}
	return spfText(h, b.String())
}
