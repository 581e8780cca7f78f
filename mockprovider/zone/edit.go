package zone

import (
	"fmt"
	"maps"
	"slices"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// Edit is what follows when a user changes the zone by hand: removes records,
// adds others, or both, which is how a record is modified. An essential record
// of an instance takes the whole instance with it (ietf-05 section 10.4.1.2):
// Change.InstancesRemoved names those, so that the user can be asked and can
// abort. A record marked OnApply, and an SPF record that templates contributed
// to (9.4), goes or changes alone. Another TTL is no change in this sense.
//
// A record to remove that is not in the zone, and a SOA, is an error of class
// dc.ErrZone; what DNS cannot hold afterwards one of class dc.ErrCoexist.
func Edit(z *Zone, instances []Instance, remove, add []Record) (Change, error) {
	b, err := open(z, instances)
	if err != nil {
		return Change{}, err
	}
	out, err := z.keyed(remove)
	if err != nil {
		return Change{}, err
	}
	in, err := z.keyed(add)
	if err != nil {
		return Change{}, err
	}
	for i := range out {
		k := &out[i]
		if z.find(k.key).typed(k.rec.Type).index(k.entry.key) < 0 {
			return Change{}, badZone("%s is not in the zone; it cannot be removed", k.rec)
		}
		if !slices.ContainsFunc(in, k.equal) {
			b.edited(k, slices.ContainsFunc(in, func(o keyed) bool { return o.key == k.key && o.spf != nil }))
		}
	}
	rest, err := b.without()
	if err != nil {
		return Change{}, err
	}
	keys := b.owners()
	touch(z, keys, remove, add)
	after := b.rewrite(rest, out, in)
	if err := oneCNAME(after, in); err != nil {
		return Change{}, err
	}
	change := between(z, after, keys)
	b.record(&change)
	return change, nil
}

// EditTo is Edit where the whole zone was changed by hand, from before to
// after, its SOA included. What instances lose by it goes beside that.
func EditTo(before, after *Zone, instances []Instance) (Change, error) {
	user := between(before, after, differing(before, after))
	var soa Change
	split := func(list []Record, into *[]Record) []Record {
		return slices.DeleteFunc(list, func(r Record) bool {
			if r.Type == "SOA" {
				*into = append(*into, r)
			}
			return r.Type == "SOA"
		})
	}
	remove, add := split(user.Remove, &soa.Remove), split(user.Add, &soa.Add)
	add = append(add, split(user.Retime, &soa.Retime)...)
	base, err := soa.Apply(before)
	if err != nil {
		return Change{}, err
	}
	c, err := Edit(base, instances, remove, add)
	if err != nil {
		return Change{}, err
	}
	c.Remove, c.Add, c.Retime = append(soa.Remove, c.Remove...), append(soa.Add, c.Add...), append(soa.Retime, c.Retime...)
	return c, nil
}

// differing are the names at which two zones may differ. What they share by
// descent is not compared.
func differing(a, b *Zone) map[string]bool {
	keys := map[string]bool{}
	for _, pair := range [][2]*Zone{{a, b}, {b, a}} {
		pair[0].names.Scan(func(key string, n *node) bool {
			if pair[1].find(key) != n {
				keys[key] = true
			}
			return true
		})
	}
	return keys
}

// keyed reads records that a user has named.
func (z *Zone) keyed(records []Record) ([]keyed, error) {
	list := make([]keyed, 0, len(records))
	for _, r := range records {
		e, err := newEntry(r)
		if err != nil {
			return nil, err
		}
		key, ok := appendKey(nil, e.rec.Owner, z.origin)
		switch {
		case !ok:
			return nil, badZone("%s is outside the zone %s", e.rec.Owner, z.origin)
		case e.rec.Type == "SOA":
			return nil, badZone("%s SOA: the SOA is the provider's; it is not edited", e.rec.Owner)
		}
		list = append(list, keyed{string(key), e})
	}
	return list, nil
}

// equal reports whether two records are one, TTL aside.
func (k *keyed) equal(o keyed) bool {
	return k.key == o.key && k.rec.Type == o.rec.Type && k.entry.key == o.entry.key
}

// edited marks what the removal of a record by hand means to instances. kept is
// set when another SPF record takes its place.
func (b *ledger) edited(k *keyed, kept bool) {
	merged := b.mergedIn(b.zone, k.key)
	mail := k.spf != nil && !kept && (merged == nil || merged.key == k.entry.key)
	for i := range b.all {
		l := &b.all[i]
		if l.essential(k.key, &k.entry) || l.gone == WhyEdited && l.had(k) {
			l.gone = WhyEdited
			l.cause = append(l.cause, k.rec)
			slices.SortFunc(l.cause, Record.compare)
			continue
		}
		for j := range l.entries {
			w := &l.entries[j]
			if w.is(k.key, &k.entry) || w.isSPFM() && w.key == k.key && mail {
				w.lost, l.touched = true, true
			}
		}
	}
}

// had reports whether an instance that goes had the record as an essential one.
func (l *live) had(k *keyed) bool {
	return slices.ContainsFunc(l.entries, func(w written) bool { return !w.OnApply && w.is(k.key, &k.entry) })
}

// rewrite makes the user's own changes in what the instances leave. Where an
// SPF record has been merged again, that one is meant.
func (b *ledger) rewrite(rest *Zone, out, in []keyed) *Zone {
	edit := rest.edit()
	for i := range out {
		k := &out[i]
		if k.spf != nil && rest.find(k.key).typed("TXT").index(k.entry.key) < 0 {
			for _, e := range rest.find(k.key).spf() {
				if b.zone.find(k.key).typed("TXT").index(e.key) < 0 {
					edit.drop(k.key, e)
				}
			}
		}
		edit.drop(k.key, &k.entry)
	}
	for _, k := range in {
		edit.drop(k.key, &k.entry)
		edit.add(k.key, k.entry)
	}
	return edit.zone()
}

// oneCNAME refuses what DNS cannot hold at the owners of new records: a CNAME
// beside other data or a second one.
func oneCNAME(z *Zone, in []keyed) error {
	keys := map[string]bool{}
	for _, k := range in {
		keys[k.key] = true
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		n := z.find(key)
		names := n.typed("CNAME")
		if names == nil {
			continue
		}
		beside := len(names.entries) - 1
		for e := range n.entries {
			if e.rec.Type != "CNAME" && !besideCNAME(e.rec.Type) {
				beside++
			}
		}
		if beside > 0 {
			return &dc.Error{Class: dc.ErrCoexist, Record: -1,
				Message: fmt.Sprintf("the CNAME at %s cannot stand beside other records (RFC 1034 section 3.6.2)", n.owner)}
		}
	}
	return nil
}
