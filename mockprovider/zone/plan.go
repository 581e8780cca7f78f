package zone

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// Plan works out conflicts, removals and additions (ietf-05 sections 9.4,
// 10.2 and 10.4). It compares the set of new records with the zone once;
// records of one application never conflict with each other, and an existing
// record that equals a new one in owner, type and RDATA is never a conflict
// and stays.
//
// The error is a *dc.Error: dc.ErrCoexist when DNS cannot hold the new
// records, dc.ErrSPF for unusable spfRules, dc.ErrRecordType for types kept
// out, dc.ErrOutOfZone for owners elsewhere. Conflicts are no error; they are
// in canonical order.
//
// state is for a provider that keeps template state (sections 10.1 and 10.5).
// rules.Stateful without it is an error of class dc.ErrInput; without
// rules.Stateful it is ignored, and may be nil.
//
// Both editions plan alike: where they differ here, the newer text is a legal
// reading of the older one.
func Plan(z *Zone, records []dc.Resolved, state *State, rules dc.Rules) (Change, []Conflict, error) {
	if rules.Stateful {
		if state == nil {
			return Change{}, nil, &dc.Error{Class: dc.ErrInput, Record: -1, Field: "state",
				Message: "which templates are applied is not known here; use stateless"}
		}
		return planStateful(z, records, *state, rules)
	}
	p, err := detect(z, records, rules)
	if err != nil {
		return Change{}, nil, err
	}
	change, err := p.finish()
	if err != nil {
		return Change{}, nil, err
	}
	return change, conflicts(p.hits), nil
}

// detect finds what the new records push out.
func detect(z *Zone, records []dc.Resolved, rules dc.Rules) (*planner, error) {
	p := &planner{zone: z, out: map[*entry]bool{}}
	if err := p.load(records, rules); err != nil {
		return nil, err
	}
	if err := p.coexist(); err != nil {
		return nil, err
	}
	if err := p.mergeSPF(); err != nil {
		return nil, err
	}
	p.findConflicts()
	return p, nil
}

// finish works out the change.
func (p *planner) finish() (Change, error) {
	if err := p.applicable(); err != nil {
		return Change{}, err
	}
	change := p.change()
	p.warn()
	change.Warnings = p.warnings
	return change, nil
}

// fresh is a new record.
type fresh struct {
	entry
	// key is the tree key of the owner.
	key string
	res *dc.Resolved
	// rules are the terms of an SPFM.
	rules []spfTerm
	// folded is set when the record is not written as it is: an SPFM, or a
	// plain SPF TXT that is merged with one.
	folded bool
	// merged is set for the record that SPFM are merged into, which the template
	// does not have itself.
	merged bool
}

// hit is an existing record that is pushed out.
type hit struct {
	key    string
	entry  *entry
	reason Reason
	by     int
}

// planner is the state of one Plan.
type planner struct {
	zone *Zone
	// fresh are the new records in template order, then merged SPF records.
	fresh []fresh
	// byOwner indexes fresh, sorted by owner, type, data and template order.
	byOwner []int
	hits    []hit
	// replaced are the SPF records that a merged one takes the place of.
	replaced []hit
	// out are the existing records of hits and replaced.
	out      map[*entry]bool
	warnings []string
}

// load makes the new records canonical.
func (p *planner) load(records []dc.Resolved, rules dc.Rules) error {
	p.fresh = make([]fresh, 0, len(records)+1)
	for i := range records {
		f, err := p.newFresh(&records[i], rules)
		if err != nil {
			return err
		}
		p.fresh = append(p.fresh, f)
	}
	p.sort()
	return nil
}

func (p *planner) newFresh(res *dc.Resolved, rules dc.Rules) (fresh, error) {
	refuse := func(class dc.ErrorClass, field, message string) (fresh, error) {
		return fresh{}, &dc.Error{Class: class, Record: res.Index, Field: field, Message: message}
	}
	owner, err := canonicalName(res.Owner)
	if err != nil {
		return refuse(dc.ErrName, "", err.Error())
	}
	var buf [256]byte
	key, ok := appendKey(buf[:0], owner, p.zone.origin)
	if !ok {
		return refuse(dc.ErrOutOfZone, "", owner+" is outside the zone "+p.zone.origin)
	}
	f := fresh{key: string(key), res: res}
	f.rec = Record{Owner: owner, Type: res.Type, TTL: res.TTL, Data: res.Value}
	switch {
	case res.Type == dc.TypeSPFM:
		f.folded = true
		if f.rules, err = parseSPFRules(res.Value); err != nil {
			return refuse(dc.ErrSPF, "spfRules", err.Error())
		}
	case extension(res.Type):
		if rules.NoExtensionTypes {
			return refuse(dc.ErrRecordType, "type", res.Type+" is not supported here")
		}
		f.entry, err = extensionEntry(f.rec)
	case res.RR == nil:
		return refuse(dc.ErrRecordType, "type", res.Type+" is no record type that can be written")
	default:
		f.entry, err = entryAt(owner, res.TTL, res.RR)
	}
	if err != nil {
		return refuse(dc.ErrData, "", message(err))
	}
	return f, nil
}

// sort makes byOwner.
func (p *planner) sort() {
	p.byOwner = slices.Grow(p.byOwner[:0], cap(p.fresh))
	for i := range p.fresh {
		p.byOwner = append(p.byOwner, i)
	}
	slices.SortStableFunc(p.byOwner, func(i, j int) int {
		a, b := &p.fresh[i], &p.fresh[j]
		return cmp.Or(strings.Compare(a.key, b.key), cmp.Compare(a.order(), b.order()), strings.Compare(a.entry.key, b.entry.key))
	})
}

// owners yields the groups of new records with one owner, in canonical order.
func (p *planner) owners(yield func(key string, group []int) bool) {
	for from := 0; from < len(p.byOwner); {
		key := p.fresh[p.byOwner[from]].key
		to := from + 1
		for to < len(p.byOwner) && p.fresh[p.byOwner[to]].key == key {
			to++
		}
		if !yield(key, p.byOwner[from:to]) {
			return
		}
		from = to
	}
}

// shared reports whether an existing record equals a new one and thus stays.
func (p *planner) shared(key string, e *entry) bool {
	at, found := slices.BinarySearchFunc(p.byOwner, e, func(i int, e *entry) int {
		f := &p.fresh[i]
		return cmp.Or(strings.Compare(f.key, key), cmp.Compare(f.order(), e.order()), strings.Compare(f.entry.key, e.key))
	})
	for ; found && at < len(p.byOwner); at++ {
		f := &p.fresh[p.byOwner[at]]
		if f.key != key || f.rec.Type != e.rec.Type || f.entry.key != e.key {
			return false
		}
		if !f.folded {
			return true
		}
	}
	return false
}

// change works out the three lists.
func (p *planner) change() Change {
	var c Change
	if len(p.hits)+len(p.replaced) > 0 {
		c.Remove = make([]Record, 0, len(p.hits)+len(p.replaced))
	}
	gone := slices.Concat(p.hits, p.replaced)
	slices.SortFunc(gone, compareHits)
	for _, h := range gone {
		c.Remove = append(c.Remove, h.entry.rec)
	}
	for key, group := range p.owners {
		node := p.zone.find(key)
		for len(group) > 0 {
			n := 1
			for n < len(group) && p.fresh[group[n]].order() == p.fresh[group[0]].order() {
				n++
			}
			p.changeSet(&c, node, group[:n])
			group = group[n:]
		}
	}
	return c
}

// changeSet adds the new records of one RRset and gives the set one TTL.
func (p *planner) changeSet(c *Change, n *node, group []int) {
	var old *rrset
	from := len(c.Add)
	touched := false
	ttl := ^uint32(0)
	for i, at := range group {
		f := &p.fresh[at]
		if f.folded {
			continue
		}
		if !touched {
			old, touched = n.typed(f.rec.Type), true
		}
		ttl = min(ttl, f.rec.TTL)
		if !p.written(group[:i], f) && old.index(f.entry.key) < 0 {
			if c.Add == nil {
				c.Add = make([]Record, 0, len(p.fresh))
			}
			c.Add = append(c.Add, f.rec)
		}
	}
	if !touched {
		return
	}
	old.kept(p.out, func(e *entry) { ttl = min(ttl, e.rec.TTL) })
	old.kept(p.out, func(e *entry) {
		if r := e.rec; r.TTL != ttl {
			r.TTL = ttl
			c.Retime = append(c.Retime, r)
		}
	})
	add := c.Add[from:]
	for i := range add {
		add[i].TTL = ttl
	}
	slices.SortFunc(add, func(a, b Record) int { return strings.Compare(a.Data, b.Data) })
}

// written reports whether an equal record stands earlier in the group.
func (p *planner) written(before []int, f *fresh) bool {
	return slices.ContainsFunc(before, func(i int) bool {
		return !p.fresh[i].folded && p.fresh[i].entry.key == f.entry.key
	})
}

// typed finds the RRset of a type, extension types included; nil without.
func (n *node) typed(typ string) *rrset {
	if n != nil {
		for i := range n.sets {
			if n.sets[i].typ == typ {
				return &n.sets[i]
			}
		}
	}
	return nil
}

// kept calls f for the entries that are not in out. A nil set has none.
func (s *rrset) kept(out map[*entry]bool, f func(e *entry)) {
	if s == nil {
		return
	}
	for i := range s.entries {
		if e := &s.entries[i]; !out[e] {
			f(e)
		}
	}
}

// compareHits is canonical order.
func compareHits(a, b hit) int {
	return cmp.Or(strings.Compare(a.key, b.key), cmp.Compare(a.entry.order(), b.entry.order()),
		strings.Compare(a.entry.rec.Data, b.entry.rec.Data), strings.Compare(a.entry.key, b.entry.key))
}
