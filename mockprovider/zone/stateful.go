package zone

import (
	"slices"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// planStateful plans for a provider that keeps template state. What a re-apply
// replaces is taken out first (ietf-05 section 10.1: the result is that of
// removing and then applying). Then the new records are held against the zone;
// an instance with an essential record in the way goes as a whole (10.5), and
// they are held against what is left, until no more instance goes.
func planStateful(z *Zone, records []dc.Resolved, state State, rules dc.Rules) (Change, []Conflict, error) {
	b, err := open(z, state.Instances)
	if err != nil {
		return Change{}, nil, err
	}
	b.mark(state.By)
	var found []hit
	for {
		rest, err := b.without()
		if err != nil {
			return Change{}, nil, err
		}
		p, err := detect(rest, records, rules)
		if err != nil {
			return Change{}, nil, err
		}
		if round := b.collect(nil, p.hits); b.condemn(p.hits) {
			found = append(found, round...)
			continue
		}
		change, err := b.settle(p, state.By)
		return change, conflicts(b.collect(b.gone(found, p.zone), p.hits)), err
	}
}

// gone are those of the hits of earlier rounds that have left the zone with
// their instance. Any other is in conflict only if the last round says so: an
// SPF record that was one of two may be mergeable by now.
func (b *ledger) gone(hits []hit, rest *Zone) []hit {
	var list []hit
	for _, h := range hits {
		if rest.find(h.key).typed(h.entry.rec.Type).index(h.entry.key) >= 0 || slices.ContainsFunc(list, h.same) {
			continue
		}
		for l, w := range b.written {
			if l.gone == WhyConflict && w.is(h.key, h.entry) {
				list = append(list, h)
				break
			}
		}
	}
	return list
}

// mark finds the instances of the same template: all of them are replaced,
// unless the template is multiInstance (10.4.1.1) or groups are given, whose
// records alone are replaced then (10.3.1). Ungrouped records are written with
// every group, and so they are replaced with every group.
func (b *ledger) mark(by Application) {
	own := -1
	for i := range b.all {
		l := &b.all[i]
		switch {
		case !l.template(by.Identity):
		case by.Groups == nil && !by.Multi:
			l.gone = WhyReplaced
		case by.Groups != nil && (!by.Multi || by.ID != "" && by.ID == l.ID):
			own = i
		}
	}
	if own < 0 {
		return
	}
	l := &b.all[own]
	l.own = true
	for j := range l.entries {
		w := &l.entries[j]
		w.dropped = w.Group == "" || slices.Contains(by.Groups, w.Group)
	}
}

// collect adds hits to those of the rounds before, as far as they are records
// of the zone before. An SPF record that came out of a removal stands for the
// one that it took the place of.
func (b *ledger) collect(found, hits []hit) []hit {
	note := func(h hit) {
		if !slices.ContainsFunc(found, h.same) {
			found = append(found, h)
		}
	}
	for _, h := range hits {
		n := b.zone.find(h.key)
		if set := n.typed(h.entry.rec.Type); set.index(h.entry.key) >= 0 {
			h.entry = &set.entries[set.index(h.entry.key)]
			note(h)
			continue
		}
		for _, e := range n.spf() {
			h.entry = e
			note(h)
		}
	}
	return found
}

// same reports whether two hits are on one record.
func (h hit) same(other hit) bool { return h.key == other.key && h.entry == other.entry }

// condemn marks the instances that lose an essential record; it is false when
// there is no further one. The instance that groups are added to never goes
// (10.3.1).
func (b *ledger) condemn(hits []hit) bool {
	more := false
	for i := range b.all {
		l := &b.all[i]
		if l.own || l.gone != "" {
			continue
		}
		for _, h := range hits {
			if l.essential(h.key, h.entry) {
				l.cause = append(l.cause, h.entry.rec)
			}
		}
		if len(l.cause) > 0 {
			slices.SortFunc(l.cause, Record.compare)
			l.gone, more = WhyConflict, true
		}
	}
	return more
}

// essential reports whether a record of the zone is one that the instance
// cannot be without.
func (l *live) essential(key string, e *entry) bool {
	return slices.ContainsFunc(l.entries, func(w written) bool { return l.stays(&w) && !w.OnApply && w.is(key, e) })
}

// settle makes the change and writes down who has what afterwards.
func (b *ledger) settle(p *planner, by Application) (Change, error) {
	step, err := p.finish()
	if err != nil {
		return Change{}, err
	}
	after, err := step.Apply(p.zone)
	if err != nil {
		return Change{}, err
	}
	b.lose(p)
	added := b.added(p, after, by)
	keys := b.owners()
	touch(b.zone, keys, step.Add, step.Remove, step.Retime)
	if after, err = b.keepSPF(after, keys); err != nil {
		return Change{}, err
	}
	change := between(b.zone, after, keys)
	change.Warnings = step.Warnings
	b.record(&change)
	change.InstancesAdded = []Instance{added}
	own := slices.IndexFunc(b.all, func(l live) bool { return l.own })
	if own < 0 {
		change.Instances = append(change.Instances, added)
		return change, nil
	}
	for i := range own { // Those that go are not in the list.
		if b.all[i].gone != "" {
			own--
		}
	}
	change.Instances[own] = added
	return change, nil
}

// record fills in what the change does to instances.
func (b *ledger) record(c *Change) {
	c.Instances, c.InstancesChanged = b.instances()
	c.InstancesRemoved = b.removed(c)
}

// lose takes conflicting records from the instances that stay. The SPF record
// is nobody's alone and non-essential (9.4): whoever contributed to it has lost
// that.
func (b *ledger) lose(p *planner) {
	merged := map[*entry]bool{}
	for _, h := range p.hits {
		if h.entry.spf != nil {
			e := b.mergedIn(p.zone, h.key)
			merged[h.entry] = e == nil || e == h.entry
		}
	}
	for l, w := range b.written {
		if !l.stays(w) {
			continue
		}
		for _, h := range p.hits {
			if w.is(h.key, h.entry) || w.isSPFM() && w.key == h.key && merged[h.entry] {
				w.lost, l.touched = true, true
			}
		}
	}
}

// added is the instance that is applied, with what it has afterwards.
func (b *ledger) added(p *planner, after *Zone, by Application) Instance {
	next := Instance{Identity: by.Identity, Groups: sortedGroups(by.Groups)}
	for i := range b.all {
		l := &b.all[i]
		if !l.own {
			continue
		}
		next.Identity = l.Identity
		if l.Groups == nil {
			next.Groups = nil
		} else {
			next.Groups = sortedGroups(slices.Concat(l.Groups, by.Groups))
		}
		for j := range l.entries {
			if w := &l.entries[j]; l.stays(w) {
				next.Records = append(next.Records, b.current(w))
			}
		}
	}
	for i := range p.fresh {
		f := &p.fresh[i]
		if f.merged {
			continue
		}
		w := Written{Record: f.rec, Group: f.res.GroupID, OnApply: f.res.OnApply}
		if f.folded {
			w.Record = Record{Owner: f.rec.Owner, Type: dc.TypeSPFM, Data: contribution(f)}
			w.Base = b.nextBase(p, f.key)
		} else {
			w.Before = b.before(p.zone, f)
			if e, ok := after.find(f.key).entry(f.rec); ok {
				w.Record.TTL = e.rec.TTL
			}
		}
		if w.Record.Data != "" || !f.folded {
			next.Records = append(next.Records, w)
		}
	}
	return next
}

func sortedGroups(groups []string) []string {
	if groups == nil {
		return nil
	}
	groups = slices.Clone(groups)
	slices.Sort(groups)
	return slices.Compact(groups)
}

// contribution is what a new record adds to the SPF record of its owner: the
// rules of an SPFM, the terms of an SPF record that is merged with one.
func contribution(f *fresh) string {
	if f.rec.Type == dc.TypeSPFM {
		return f.rec.Data
	}
	text := ""
	for _, t := range f.entry.spf.terms {
		if text != "" {
			text += " "
		}
		text += t.String()
	}
	return text
}

// before reports whether a new record is in the zone already and nobody's, or
// was before the instances that share it.
func (b *ledger) before(rest *Zone, f *fresh) bool {
	if rest.find(f.key).typed(f.rec.Type).index(f.entry.key) < 0 {
		return false
	}
	owned := false
	for l, w := range b.written {
		if l.stays(w) && w.is(f.key, &f.entry) {
			if w.Before {
				return true
			}
			owned = true
		}
	}
	return !owned
}

// nextBase is the base of a new contribution: that of the others, else the
// record that it is merged with.
func (b *ledger) nextBase(p *planner, key string) string {
	for l, w := range b.written {
		if l.stays(w) && w.isSPFM() && w.key == key {
			return b.current(w).Base
		}
	}
	if now := p.zone.find(key).spf(); len(now) == 1 && !slices.ContainsFunc(p.hits, func(h hit) bool { return h.entry == now[0] }) {
		return now[0].rec.Data
	}
	return ""
}

// keepSPF leaves an SPF record as it was when the one that has come out says
// the same in another order.
func (b *ledger) keepSPF(after *Zone, keys map[string]bool) (*Zone, error) {
	var edit *builder
	for key := range keys {
		was, is := b.zone.find(key).spf(), after.find(key).spf()
		if len(was) != 1 || len(is) != 1 || was[0].key == is[0].key || !was[0].spf.says(is[0].spf) {
			continue
		}
		if edit == nil {
			edit = after.edit()
		}
		edit.swap(key, is[0], was[0].withTTL(is[0].rec.TTL))
	}
	if edit == nil {
		return after, nil
	}
	return edit.zone(), nil
}
