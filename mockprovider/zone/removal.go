package zone

import (
	"maps"
	"slices"
)

// without is the zone without the records of the instances that go and without
// the dropped records of the others. A record that was there before, or that
// another instance needs, stays (ietf-05 sections 10.4.1.3 and 10.5); SPF
// records are merged again of what is left (9.4).
func (b *ledger) without() (*Zone, error) {
	edit := b.zone.edit()
	b.baseless = map[string]bool{}
	spf := map[string]bool{}
	for l, w := range b.written {
		if w.lost || l.stays(w) {
			continue
		}
		if w.isSPFM() || w.entry.spf != nil {
			spf[w.key] = true
		}
		if w.isSPFM() || w.Before || b.needed(w.key, &w.entry) {
			continue
		}
		edit.drop(w.key, &w.entry)
	}
	for _, key := range slices.Sorted(maps.Keys(spf)) {
		if err := b.remerge(edit, key); err != nil {
			return nil, err
		}
	}
	return edit.zone(), nil
}

// drop takes a record out, if it is there.
func (b *builder) drop(key string, e *entry) {
	set := b.set(key, *e)
	if at := set.index(e.key); at >= 0 {
		set.entries = slices.Concat(set.entries[:at], set.entries[at+1:])
		b.put(key, e.rec.Owner, set)
	}
}

// add puts a record in, unless it is there.
func (b *builder) add(key string, e entry) {
	set := b.set(key, e)
	if set.index(e.key) < 0 {
		set.entries = append(slices.Clip(set.entries), e)
		b.put(key, e.rec.Owner, set)
	}
}

// swap puts one record in the place of another.
func (b *builder) swap(key string, old *entry, e entry) {
	b.drop(key, old)
	b.add(key, e)
}

// between is the change from one zone to another, as far as the owners given
// are concerned.
func between(before, after *Zone, keys map[string]bool) Change {
	var c Change
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		old, next := before.find(key), after.find(key)
		for e := range old.entries {
			if next.typed(e.rec.Type).index(e.key) < 0 {
				c.Remove = append(c.Remove, e.rec)
			}
		}
		for e := range next.entries {
			set := old.typed(e.rec.Type)
			if at := set.index(e.key); at < 0 {
				c.Add = append(c.Add, e.rec)
			} else if was := set.entries[at].rec; was.TTL != e.rec.TTL {
				was.TTL = e.rec.TTL
				c.Retime = append(c.Retime, was)
			}
		}
	}
	return c
}

// entries yields the records of a name; a nil node has none.
func (n *node) entries(yield func(e *entry) bool) {
	if n == nil {
		return
	}
	for i := range n.sets {
		for j := range n.sets[i].entries {
			if !yield(&n.sets[i].entries[j]) {
				return
			}
		}
	}
}

// owners are the names that any instance that goes or loses records has
// written to.
func (b *ledger) owners() map[string]bool {
	keys := map[string]bool{}
	for l, w := range b.written {
		if !l.stays(w) {
			keys[w.key] = true
		}
	}
	return keys
}

// touch adds the owners of records.
func touch(z *Zone, keys map[string]bool, lists ...[]Record) {
	for _, list := range lists {
		for _, r := range list {
			if key, ok := appendKey(nil, r.Owner, z.origin); ok {
				keys[string(key)] = true
			}
		}
	}
}
