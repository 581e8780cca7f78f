package fault

import (
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// keeps are misbehaviours of a provider that keeps template state.
var keeps = []Fault{
	{"instances-pile-up", "A template that is applied again adds to what it wrote before.",
		[]string{"DC-STATE-REAPPLY-REPLACES"}, both(
			restated(func(_ store.Planned, s *zone.State) { s.By.Multi = s.By.Multi || s.By.Groups == nil }),
			planningState(func(_ *zone.Zone, _ []dc.Resolved, p *store.Planned) {
				// What has to go all the same goes as it should: with no conflict.
				p.Conflicts = slices.DeleteFunc(slices.Clone(p.Conflicts), func(c zone.Conflict) bool {
					return !p.Template.MultiInstance && len(holders(p, c.Record, ofTheSame)) > 0
				})
			}))},
	{"multi-flag-ignored", "multiInstance is not looked at: a template that is applied again replaces what it wrote before.",
		[]string{"DC-STATE-MULTI-KEPT"}, restated(func(_ store.Planned, s *zone.State) { s.By.Multi = false })},
	{"multi-skips-conflicts", "What a template with multiInstance has written is in the way of none of its instances.",
		[]string{"DC-STATE-MULTI-CONFLICTS-CHECKED"}, planningState(func(_ *zone.Zone, _ []dc.Resolved, p *store.Planned) {
			if p.Template.MultiInstance {
				p.Change.Remove = slices.DeleteFunc(slices.Clone(p.Change.Remove), func(r zone.Record) bool { return len(holders(p, r, ofTheSame)) > 0 })
			}
		})},
	{"self-conflict-409", "What a template wrote before counts as a conflict when it is applied again.",
		[]string{"DC-STATE-REAPPLY-NO-SELF-CONFLICT"}, planningState(func(_ *zone.Zone, _ []dc.Resolved, p *store.Planned) {
			for _, gone := range p.Change.InstancesRemoved {
				for _, r := range gone.Gone {
					if gone.Why == zone.WhyReplaced {
						p.Conflicts = append(slices.Clip(p.Conflicts), zone.Conflict{Record: r, Reason: zone.ReasonSameType})
					}
				}
			}
		})},
	{"instance-dropped-by-group", "A group in conflict with what the template wrote before ends all of that.",
		[]string{"DC-GRP-INSTANCE-KEPT"}, restated(func(p store.Planned, s *zone.State) {
			if slices.ContainsFunc(p.Conflicts, func(c zone.Conflict) bool { return len(holders(&p, c.Record, ofTheSame)) > 0 }) {
				s.By.Groups = nil
			}
		})},
	{"stale-group-records", "What a template wrote before for a group stays when the group is applied again.",
		[]string{"DC-GRP-SAME-GROUP-REPLACED"}, restated(func(_ store.Planned, s *zone.State) {
			each(s, ofTheSame, func(w *zone.Written) {
				if w.Group != "" && slices.Contains(s.By.Groups, w.Group) {
					w.Group = "-"
				}
			})
		})},
	{"records-only-warning", "The user is told which records go, and not which services end.",
		[]string{"DC-STATE-DISABLED-SERVICES-SHOWN"}, func(c *store.TenantConfig) {
			c.Hooks.Shown = append(c.Hooks.Shown, func(_ *zone.Zone, p *store.Planned) { p.State, p.Change.InstancesRemoved = nil, nil })
		}},
	{"half-template-left", "Of a template whose essential record is in the way that record alone goes.",
		[]string{"DC-CONFLICT-WHOLE-TEMPLATE", "DC-STATE-SHARED-RECORD-RETAINED", "DC-SPF-RECALC-ON-REMOVAL"}, restated(func(_ store.Planned, s *zone.State) {
			each(s, ofOthers, func(w *zone.Written) { w.OnApply = true })
		})},
	{"manual-record-kept", "A record that belongs to no template stays beside the one that it is in the way of.",
		[]string{"DC-CONFLICT-MANUAL-RECORD-STATEFUL"}, planningState(func(_ *zone.Zone, _ []dc.Resolved, p *store.Planned) {
			for _, c := range p.Conflicts {
				if len(holders(p, c.Record, anybody)) == 0 {
					p.Change.Remove = slices.DeleteFunc(slices.Clone(p.Change.Remove), func(r zone.Record) bool { return r == c.Record })
				}
			}
		})},
	{"shared-record-lost", "With a template go the records that another one has written, too.",
		[]string{"DC-STATE-SHARED-RECORD-RETAINED"}, planningState(sharedGoes)},
	{"stale-include", "The mail rules of a template that goes stay in the merged record.",
		[]string{"DC-SPF-RECALC-ON-REMOVAL"}, planningState(staleRules)},
	{"ghost-instance", "A template that has ended is still listed, and can be reverted.",
		[]string{"DC-STATE-INSTANCE-RECORDED"}, planningState(func(_ *zone.Zone, _ []dc.Resolved, p *store.Planned) {
			for _, gone := range p.Change.InstancesRemoved {
				if gone.Why == zone.WhyConflict {
					p.Change.Instances = slices.Concat([]zone.Instance{{Identity: gone.Identity, Groups: gone.Groups}}, p.Change.Instances)
				}
			}
		})},
	{"essential-silently-deleted", "An essential record is deleted by hand, and the rest of its template stays.",
		[]string{"DC-STATE-ESSENTIAL-GUARD", "DC-STATE-ESSENTIAL-DEFAULT"}, handling(func(*dc.Template, zone.Written) bool { return true })},
	{"absent-essential-onapply", "A record without essential is deleted by hand, and the rest of its template stays.",
		[]string{"DC-STATE-ESSENTIAL-DEFAULT"}, handling(func(t *dc.Template, w zone.Written) bool {
			return w.OnApply || slices.ContainsFunc(t.Records, func(r dc.Record) bool { return r.Essential == "" && r.Type == w.Record.Type })
		})},
	{"onapply-drops-template", "A record that is essential on apply alone takes its template with it when it is deleted.",
		[]string{"DC-STATE-ONAPPLY-REMOVABLE"}, handling(func(*dc.Template, zone.Written) bool { return false })},
	{"spf-edit-drops-mail", "An SPF record that is deleted takes the templates with it that contributed to it.",
		[]string{"DC-SPF-NON-ESSENTIAL"}, func(c *store.TenantConfig) { c.Hooks.Editing = append(c.Hooks.Editing, rulesAreEssential) }},
}

// whose picks instances by whether they are of the template that is applied.
type whose func(by, i zone.Identity) bool

func ofTheSame(by, i zone.Identity) bool {
	i.ID, by.ID = "", ""
	return i == by
}
func ofOthers(by, i zone.Identity) bool { return !ofTheSame(by, i) }
func anybody(zone.Identity, zone.Identity) bool {
	return true
}

// planningState changes a plan at a provider that keeps template state.
func planningState(change func(z *zone.Zone, records []dc.Resolved, p *store.Planned)) func(*store.TenantConfig) {
	return planning(func(z *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
		if err == nil && p.State != nil {
			change(z, records, p)
		}
		return err
	})
}

// restated plans with another state in mind. What is essential to an instance
// that stays is as it was.
func restated(change func(p store.Planned, s *zone.State)) func(*store.TenantConfig) {
	return planning(func(z *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
		if err != nil || p.State == nil {
			return err
		}
		s := zone.State{Instances: cloned(p.State.Instances), By: p.State.By}
		change(*p, &s)
		p.Change, p.Conflicts, err = zone.Plan(z, records, &s, dc.Rules{Stateful: true})
		asItWas(p.Change.Instances, p.State.Instances)
		return err
	})
}

func cloned(instances []zone.Instance) []zone.Instance {
	instances = slices.Clone(instances)
	for i := range instances {
		instances[i].Records = slices.Clone(instances[i].Records)
	}
	return instances
}

// each changes the records of instances.
func each(s *zone.State, which whose, change func(*zone.Written)) {
	for i := range s.Instances {
		if which(s.By.Identity, s.Instances[i].Identity) {
			for j := range s.Instances[i].Records {
				change(&s.Instances[i].Records[j])
			}
		}
	}
}

// asItWas gives records of instances back whether they are essential.
func asItWas(after, before []zone.Instance) {
	for i := range after {
		for _, was := range before {
			if was.Identity == after[i].Identity {
				for j := range after[i].Records {
					w := &after[i].Records[j]
					if at := slices.IndexFunc(was.Records, func(o zone.Written) bool { return equal(o.Record, w.Record) }); at >= 0 {
						w.OnApply = was.Records[at].OnApply
					}
				}
			}
		}
	}
}

// equal compares records without their TTL.
func equal(a, b zone.Record) bool { return a.Owner == b.Owner && a.Type == b.Type && a.Data == b.Data }

// holders are the instances that have written a record.
func holders(p *store.Planned, r zone.Record, which whose) []zone.Instance {
	return slices.DeleteFunc(slices.Clone(p.State.Instances), func(i zone.Instance) bool {
		return !which(p.State.By.Identity, i.Identity) ||
			!slices.ContainsFunc(i.Records, func(w zone.Written) bool { return equal(w.Record, r) })
	})
}

// sharedGoes removes what an instance that goes has in common with others.
func sharedGoes(z *zone.Zone, records []dc.Resolved, p *store.Planned) {
	p.Change.Remove = slices.Clone(p.Change.Remove)
	for _, gone := range p.Change.InstancesRemoved {
		for _, w := range gone.Records {
			for r := range z.At(w.Record.Owner) {
				if equal(r, w.Record) && !rendered(r, records) && !slices.Contains(p.Change.Remove, r) {
					p.Change.Remove = append(p.Change.Remove, r)
				}
			}
		}
	}
}

// staleRules leaves SPF records alone that the template itself does not change.
func staleRules(_ *zone.Zone, records []dc.Resolved, p *store.Planned) {
	stale := func(r zone.Record) bool {
		return isSPF(r) && !slices.ContainsFunc(records, func(res dc.Resolved) bool { return res.Owner == r.Owner && res.Type == dc.TypeSPFM })
	}
	p.Change.Remove = slices.DeleteFunc(slices.Clone(p.Change.Remove), stale)
	p.Change.Add = slices.DeleteFunc(slices.Clone(p.Change.Add), stale)
}

// handling takes records for essential on apply alone while a zone is changed
// by hand.
func handling(onApply func(t *dc.Template, w zone.Written) bool) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Editing = append(c.Hooks.Editing, func(templates []*dc.Template, s store.Snapshot, next store.Edit) (zone.Change, error) {
			bent := cloned(s.Instances)
			for i := range bent {
				id := dc.TemplateID{Provider: bent[i].Identity.Provider, Service: bent[i].Service}
				at := slices.IndexFunc(templates, func(t *dc.Template) bool { return t.ID() == id })
				for j := range bent[i].Records {
					if w := &bent[i].Records[j]; at >= 0 {
						w.OnApply = onApply(templates[at], *w)
					}
				}
			}
			change, err := next(store.Snapshot{Zone: s.Zone, Instances: bent})
			asItWas(change.Instances, s.Instances)
			return change, err
		})
	}
}

// rulesAreEssential ends the templates whose rules were in an SPF record that
// the user deletes.
func rulesAreEssential(_ []*dc.Template, s store.Snapshot, next store.Edit) (zone.Change, error) {
	change, err := next(s)
	if err != nil {
		return change, err
	}
	var ended []zone.Identity
	for _, i := range s.Instances {
		if slices.ContainsFunc(i.Records, func(w zone.Written) bool {
			return w.Record.Type == dc.TypeSPFM && slices.ContainsFunc(change.Remove, func(r zone.Record) bool {
				return isSPF(r) && strings.EqualFold(r.Owner, w.Record.Owner)
			})
		}) {
			ended = append(ended, i.Identity)
			for _, w := range i.Records {
				for r := range s.Zone.At(w.Record.Owner) {
					if equal(r, w.Record) && !slices.Contains(change.Remove, r) {
						change.Remove = append(change.Remove, r)
					}
				}
			}
		}
	}
	change.Instances = slices.DeleteFunc(slices.Clone(change.Instances), func(i zone.Instance) bool { return slices.Contains(ended, i.Identity) })
	return change, nil
}
