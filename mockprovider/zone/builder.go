package zone

import (
	"cmp"
	"slices"
	"strings"

	"github.com/miekg/dns"
	"github.com/tidwall/btree"
)

// builder makes a zone: a new one, or the successor of another, with which it
// shares every node that it does not replace.
type builder struct {
	origin string
	names  *btree.Map[string, *node]
	len    int
}

func newBuilder(origin string) (*builder, error) {
	name, err := canonicalName(origin)
	if err != nil {
		return nil, badZone("origin %v", err)
	}
	return &builder{origin: name, names: &btree.Map[string, *node]{}}, nil
}

// edit starts a successor of the zone.
func (z *Zone) edit() *builder {
	z.copying.Lock()
	defer z.copying.Unlock()
	return &builder{origin: z.origin, names: z.names.Copy(), len: z.len}
}

// zone ends the building.
func (b *builder) zone() *Zone {
	z := &Zone{origin: b.origin, len: b.len}
	z.names = *b.names
	return z
}

// key is the tree key of an owner.
func (b *builder) key(owner string) (string, error) {
	key, ok := appendKey(nil, owner, b.origin)
	if !ok {
		return "", badZone("%s is outside the zone %s", owner, b.origin)
	}
	return string(key), nil
}

// keyed is an entry and the tree key of its owner.
type keyed struct {
	key string
	entry
}

// load puts records into an empty zone. Equal records collapse into the first.
func (b *builder) load(entries []entry) error {
	all := make([]keyed, 0, len(entries))
	for _, e := range entries {
		key, err := b.key(e.rec.Owner)
		if err != nil {
			return err
		}
		if e.rec.Type == "SOA" && key != "" {
			return badZone("%s SOA: a zone has its SOA at the apex, %s", e.rec.Owner, b.origin)
		}
		all = append(all, keyed{key, e})
	}
	slices.SortStableFunc(all, func(a, b keyed) int {
		return cmp.Or(strings.Compare(a.key, b.key), cmp.Compare(a.order(), b.order()), strings.Compare(a.entry.key, b.entry.key))
	})
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && all[to].key == all[from].key {
			to++
		}
		n := newNode(all[from:to])
		if soa := n.set(dns.TypeSOA); soa != nil && len(soa.entries) > 1 {
			return badZone("%s has %d SOA records; a zone has one", b.origin, len(soa.entries))
		}
		b.names.Set(all[from].key, n)
		b.len += n.len()
		from = to
	}
	return nil
}

// newNode makes the node of sorted entries with one owner.
func newNode(entries []keyed) *node {
	n := &node{owner: entries[0].rec.Owner}
	for i, e := range entries {
		if i == 0 || e.order() != entries[i-1].order() {
			n.sets = append(n.sets, rrset{typ: e.rec.Type, rrtype: e.rrtype()})
		} else if e.entry.key == entries[i-1].entry.key {
			continue
		}
		set := &n.sets[len(n.sets)-1]
		set.entries = append(set.entries, e.entry)
	}
	for i := range n.sets {
		n.sets[i].finish()
	}
	return n
}

// set is the RRset that the entry belongs to, empty when there is none yet.
func (b *builder) set(key string, e entry) rrset {
	n, _ := b.names.Get(key)
	if set := n.typed(e.rec.Type); set != nil {
		return *set
	}
	return rrset{typ: e.rec.Type, rrtype: e.rrtype()}
}

// put replaces an RRset; one without entries is taken out, and a name without
// RRsets too.
func (b *builder) put(key, owner string, set rrset) {
	next := &node{owner: owner}
	old, had := b.names.Get(key)
	if had {
		next.sets = make([]rrset, 0, len(old.sets)+1)
		for _, s := range old.sets {
			if s.typ != set.typ {
				next.sets = append(next.sets, s)
			} else {
				b.len -= len(s.entries)
			}
		}
	}
	if len(set.entries) > 0 {
		set.finish()
		b.len += len(set.entries)
		at, _ := slices.BinarySearchFunc(next.sets, order(set.typ, set.rrtype), func(s rrset, want int) int {
			return cmp.Compare(order(s.typ, s.rrtype), want)
		})
		next.sets = slices.Insert(next.sets, at, set)
	}
	switch {
	case len(next.sets) > 0:
		b.names.Set(key, next)
	case had:
		b.names.Delete(key)
	}
}

// finish sorts the records and prepares what DNS answers. It leaves the old
// entries alone, which other zones may share.
func (s *rrset) finish() {
	s.entries = slices.Clone(s.entries)
	slices.SortFunc(s.entries, func(a, b entry) int {
		return cmp.Or(strings.Compare(a.rec.Data, b.rec.Data), strings.Compare(a.key, b.key))
	})
	s.served = nil
	ttl := s.entries[0].rec.TTL
	for _, e := range s.entries {
		ttl = min(ttl, e.rec.TTL)
	}
	for _, e := range s.entries {
		if e.rr != nil {
			s.served = append(s.served, e.withTTL(ttl).rr)
		}
	}
}

// index finds a record by its canonical RDATA; -1 without. A nil set has none.
func (s *rrset) index(key string) int {
	if s == nil {
		return -1
	}
	return slices.IndexFunc(s.entries, func(e entry) bool { return e.key == key })
}

// len counts the node's records.
func (n *node) len() int {
	sum := 0
	for i := range n.sets {
		sum += len(n.sets[i].entries)
	}
	return sum
}

// set finds the RRset of a DNS type; nil without. A nil node has none.
func (n *node) set(rrtype uint16) *rrset {
	if n == nil || rrtype == 0 {
		return nil
	}
	for i := range n.sets {
		if n.sets[i].rrtype == rrtype {
			return &n.sets[i]
		}
	}
	return nil
}

// served is the answer for a DNS type.
func (n *node) served(rrtype uint16) []dns.RR {
	if set := n.set(rrtype); set != nil {
		return set.served
	}
	return nil
}
