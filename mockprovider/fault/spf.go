package fault

import (
	"errors"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// mailRules are misbehaviours in merging SPFM with what is there.
var mailRules = []Fault{
	{"spfm-skipped", "SPFM records are left out, and success is reported.",
		[]string{"DC-SPF-SUPPORTED"},
		keeping(func(_ resolve.Request, r dc.Resolved) bool { return r.Type != dc.TypeSPFM })},
	{"second-spf-record", "The rules are written as a record beside the one that is there, which makes both void.",
		[]string{"DC-SPF-MERGED-SINGLE"},
		both(planning(keepMerged), merging(func(m spfMerge) string { return spfOf(m.rules) }))},
	{"substring-duplicate", "A term is taken for one that is there when its text occurs in the record.",
		[]string{"DC-SPF-MERGED-SINGLE"},
		merging(func(m spfMerge) string {
			return spfOf(omit(m.merged(), func(term string) bool { return !m.had(term) && strings.Contains(m.old, term) }))
		})},
	{"all-in-the-middle", "The all of the record that is there stays in front of the new rules.",
		[]string{"DC-SPF-ALL-TILDE"},
		merging(func(m spfMerge) string {
			fresh := omit(m.merged(), m.had)
			if len(fresh) == 0 {
				return m.old
			}
			return spfOf(omit(m.merged(), func(term string) bool { return !m.had(term) }), m.all(), fresh)
		})},
	{"existing-spf-overwritten", "The includes of the record that is there are lost.",
		[]string{"DC-SPF-EXISTING-KEPT"},
		merging(func(m spfMerge) string {
			return spfOf(omit(m.terms(), func(term string) bool { return strings.Contains(term, "include:") }), m.rules)
		})},
	{"both-qualifiers-kept", "A rule that is there with another qualifier is written a second time.",
		[]string{"DC-SPF-LEAST-RESTRICTIVE"},
		merging(func(m spfMerge) string {
			return spfOf(m.terms(), omit(m.rules, func(term string) bool { return slices.Contains(m.terms(), term) }))
		})},
	{"new-qualifier-wins", "A rule that is there gets the new qualifier, though it is the more restrictive one.",
		[]string{"DC-SPF-LEAST-RESTRICTIVE"},
		merging(func(m spfMerge) string {
			return spfOf(omit(m.terms(), func(term string) bool {
				return slices.ContainsFunc(m.rules, func(rule string) bool { return unqualified(rule) == unqualified(term) })
			}), m.rules)
		})},
	{"redirect-modifier-merged", "redirect= is left beside all, where it does nothing.",
		[]string{"DC-SPF-UNMERGEABLE-IS-CONFLICT"}, swallowing(func(term string) bool { return strings.HasPrefix(term, "redirect=") })},
	{"broken-term-kept", "A record that is broken is merged and stays broken.",
		[]string{"DC-SPF-UNMERGEABLE-IS-CONFLICT"}, swallowing(brokenTerm)},
	{"first-spf-merged", "Of several SPF records the last stays as it is.",
		[]string{"DC-SPF-UNMERGEABLE-IS-CONFLICT"}, planning(lastStays)},
	{"spf-replaced-unseen", "A record that cannot be merged is replaced, and the user is not told.",
		[]string{"DC-SPF-UNMERGEABLE-IS-CONFLICT"}, func(c *store.TenantConfig) { c.Hooks.Shown = append(c.Hooks.Shown, hideSPF) }},
	{"garbage-spf-merged", "Rules are written without a look at them.",
		[]string{"DC-SPF-RULES-VALIDATED"}, planning(unchecked)},
	{"spf-locked", "The user cannot change an SPF record.",
		[]string{"DC-SPF-USER-EDITABLE"}, func(c *store.TenantConfig) { c.Hooks.Edited = append(c.Hooks.Edited, lockedSPF) }},
	{"spf-grows", "Each apply appends the rules once more.",
		[]string{"DC-SPF-REAPPLY-IDEMPOTENT"},
		merging(func(m spfMerge) string {
			if m.text != m.old {
				return m.text
			}
			return spfOf(m.terms(), m.rules)
		})},
	{"spf-at-apex", "The rules are merged at the apex, whichever host the template is applied at.",
		[]string{"DC-SPF-HOST-RENDERED"},
		rendering(func(_ *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
			for i := range records {
				if records[i].Type == dc.TypeSPFM {
					records[i].Owner = strings.ToLower(ask.Domain) + "."
				}
			}
			return records, err
		})},
	{"last-spfm-only", "Of several SPFM for one name the last is written.",
		[]string{"DC-SPF-HOST-RENDERED"}, rendering(lastOfType(dc.TypeSPFM))},
	{"startswith-spf1", "Every text that begins with v=spf1 is taken for the SPF record: v=spf10 is merged away.",
		[]string{"DC-SPF-OTHER-TXT-UNTOUCHED"}, removing(besideSPFM(func(text string) bool { return strings.HasPrefix(text, "v=spf1") && !isSPFText(text) }))},
	{"spf-replaces-texts", "The texts at the name are replaced by the merged record.",
		[]string{"DC-SPF-OTHER-TXT-UNTOUCHED"}, removing(besideSPFM(func(text string) bool { return !strings.HasPrefix(strings.ToLower(text), "v=spf1") }))},
	{"spf-case-sensitive", "V=SPF1 in capitals is not recognised, so that a second record is written.",
		[]string{"DC-SPF-OTHER-TXT-UNTOUCHED"}, planning(capitalsStay)},
	{"spf-truncated-255", "The merged record is cut after 255 octets.",
		[]string{"DC-SPF-LIMITS"}, merging(func(m spfMerge) string { return m.text[:min(255, len(m.text))] })},
	{"spf-cut-at-ten", "Terms after the tenth are left out.",
		[]string{"DC-SPF-LIMITS"},
		merging(func(m spfMerge) string { f := strings.Fields(m.text); return strings.Join(f[:min(11, len(f))], " ") })},
	{"literal-spfrules-variable", "The rules are onboarded as a plain text, and the name of the variable is written.",
		[]string{"DC-SPF-TXT-FALLBACK"},
		merging(func(spfMerge) string { return "v=spf1 %spfRules% ~all" })},
}

// spfMerge is one merge: the rules, the record that was there ("" for none)
// and what comes of it.
type spfMerge struct {
	rules     []string
	old, text string
}

// terms are those of the record that was there, without all.
func (m spfMerge) terms() []string {
	return omit(strings.Fields(m.old), func(term string) bool {
		return strings.EqualFold(term, "v=spf1") || unqualified(term) == "all"
	})
}

// merged are the terms of what comes of the merge, without all.
func (m spfMerge) merged() []string { return spfMerge{old: m.text}.terms() }

// had reports whether the record that was there says something of a term's
// subject.
func (m spfMerge) had(term string) bool {
	return slices.ContainsFunc(m.terms(), func(old string) bool { return unqualified(old) == unqualified(term) })
}

// all is the all of the record that was there, if it had one.
func (m spfMerge) all() []string {
	return omit(strings.Fields(m.old), func(term string) bool { return unqualified(term) != "all" })
}

func unqualified(term string) string { return strings.TrimLeft(term, "+-~?") }

// omit leaves out the terms that drop says yes to.
func omit(terms []string, drop func(term string) bool) []string {
	return slices.DeleteFunc(slices.Clone(terms), drop)
}

// spfOf is a record with terms that ends in ~all.
func spfOf(terms ...[]string) string {
	return strings.Join(append(append([]string{"v=spf1"}, slices.Concat(terms...)...), "~all"), " ")
}

// merging changes the record that comes of a merge.
func merging(change func(m spfMerge) string) func(*store.TenantConfig) {
	return planning(func(z *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
		rules := map[string][]string{}
		for _, r := range records {
			if r.Type == dc.TypeSPFM && err == nil {
				rules[r.Owner] = append(rules[r.Owner], strings.Fields(r.Value)...)
			}
		}
		for owner, words := range rules {
			m := spfMerge{rules: words}
			old := spfAt(z, owner)
			if len(old) == 1 && !slices.ContainsFunc(p.Conflicts, func(c zone.Conflict) bool { return c.Record == old[0] }) {
				m.old = textOf(old[0])
			}
			m.text = m.old
			at := slices.IndexFunc(p.Change.Add, func(r zone.Record) bool { return r.Owner == owner && isSPF(r) })
			if at >= 0 {
				m.text = textOf(p.Change.Add[at])
			}
			text := quoted(change(m))
			switch {
			case at >= 0:
				p.Change.Add[at].Data = text
			case text != quoted(m.old):
				p.Change.Remove = append(p.Change.Remove, old[0])
				p.Change.Add = append(p.Change.Add, zone.Record{Owner: owner, Type: "TXT", TTL: old[0].TTL, Data: text})
			}
		}
		return err
	})
}

// textOf is the text of a TXT, its strings joined.
func textOf(r zone.Record) string {
	return strings.ReplaceAll(strings.Trim(r.Data, `"`), `" "`, "")
}

// quoted is a text as TXT data, in strings of 255 octets.
func quoted(text string) string {
	var parts []string
	for ; len(text) > 255; text = text[255:] {
		parts = append(parts, `"`+text[:255]+`"`)
	}
	return strings.Join(append(parts, `"`+text+`"`), " ")
}

func isSPF(r zone.Record) bool { return r.Type == "TXT" && isSPFText(textOf(r)) }

func isSPFText(text string) bool {
	text = strings.ToLower(text)
	return text == "v=spf1" || strings.HasPrefix(text, "v=spf1 ")
}

// spfAt are the SPF records of a name.
func spfAt(z *zone.Zone, owner string) []zone.Record {
	var found []zone.Record
	for r := range z.At(owner) {
		if isSPF(r) {
			found = append(found, r)
		}
	}
	return found
}

// besideSPFM picks TXT at the name of an SPFM.
func besideSPFM(pick func(text string) bool) func(old zone.Record, new dc.Resolved) bool {
	return func(old zone.Record, new dc.Resolved) bool {
		return new.Type == dc.TypeSPFM && old.Type == "TXT" && old.Owner == new.Owner && pick(textOf(old))
	}
}

// keepMerged leaves the record that was merged with where it is.
func keepMerged(_ *zone.Zone, _ []dc.Resolved, p *store.Planned, err error) error {
	p.Change.Remove = slices.DeleteFunc(slices.Clone(p.Change.Remove), func(r zone.Record) bool {
		inTheWay := slices.ContainsFunc(p.Conflicts, func(c zone.Conflict) bool { return c.Record == r })
		return isSPF(r) && !inTheWay
	})
	return err
}

// brokenTerm reports whether a term is neither a mechanism nor a modifier (RFC
// 7208, section 4.6.1).
func brokenTerm(term string) bool {
	mechanism := strings.ToLower(unqualified(term))
	if end := strings.IndexAny(mechanism, ":/"); end >= 0 {
		mechanism = mechanism[:end]
	}
	return !strings.Contains(term, "=") && !slices.Contains([]string{"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"}, mechanism)
}

// swallowing merges records that have such a term, as if they could be.
func swallowing(which func(term string) bool) func(*store.TenantConfig) {
	return planning(func(_ *zone.Zone, _ []dc.Resolved, p *store.Planned, err error) error {
		for _, c := range p.Conflicts {
			if c.Reason != zone.ReasonSPF || !slices.ContainsFunc(strings.Fields(textOf(c.Record)), which) {
				continue
			}
			for i, add := range p.Change.Add {
				if add.Owner == c.Record.Owner && isSPF(add) {
					m := spfMerge{old: textOf(c.Record)}
					p.Change.Add[i].Data = quoted(spfOf(m.terms(), strings.Fields(textOf(add))[1:len(strings.Fields(textOf(add)))-1]))
				}
			}
		}
		return err
	})
}

// lastStays leaves the last of several records that are in the way.
func lastStays(_ *zone.Zone, _ []dc.Resolved, p *store.Planned, err error) error {
	var inTheWay []zone.Conflict
	for _, c := range p.Conflicts {
		if c.Reason == zone.ReasonSPF {
			inTheWay = append(inTheWay, c)
		}
	}
	if len(inTheWay) > 1 {
		last := inTheWay[len(inTheWay)-1]
		p.Conflicts = slices.DeleteFunc(slices.Clone(p.Conflicts), func(c zone.Conflict) bool { return c == last })
		p.Change.Remove = slices.DeleteFunc(slices.Clone(p.Change.Remove), func(r zone.Record) bool { return r == last.Record })
	}
	return err
}

// hideSPF does not show the SPF records that are in the way.
func hideSPF(_ *zone.Zone, p *store.Planned) {
	p.Change.Remove = slices.DeleteFunc(slices.Clone(p.Change.Remove), isSPF)
	p.Conflicts = slices.DeleteFunc(slices.Clone(p.Conflicts), func(c zone.Conflict) bool { return c.Reason == zone.ReasonSPF })
}

// unchecked writes rules that are none.
func unchecked(_ *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
	var wrong *dc.Error
	if !errors.As(err, &wrong) || wrong.Class != dc.ErrSPF {
		return err
	}
	for _, r := range records {
		if r.Type == dc.TypeSPFM {
			p.Change.Add = append(p.Change.Add, zone.Record{Owner: r.Owner, Type: "TXT", TTL: 3600, Data: quoted(spfOf(strings.Fields(r.Value)))})
		}
	}
	return nil
}

// lockedSPF refuses a change that takes an SPF record away.
func lockedSPF(before, after *zone.Zone) (*zone.Zone, error) {
	for r := range before.Records() {
		if isSPF(r) && !slices.Contains(spfAt(after, r.Owner), r) {
			return nil, errors.New("the record at " + r.Owner + " is managed by a service and cannot be changed")
		}
	}
	return after, nil
}

// capitalsStay does not see records whose version is not in lower case.
func capitalsStay(_ *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
	for _, r := range p.Change.Remove {
		if !isSPF(r) || strings.HasPrefix(textOf(r), "v=spf1") {
			continue
		}
		p.Change.Remove = slices.DeleteFunc(slices.Clone(p.Change.Remove), func(o zone.Record) bool { return o == r })
		for i, add := range p.Change.Add {
			for _, rec := range records {
				if rec.Type == dc.TypeSPFM && rec.Owner == add.Owner {
					p.Change.Add[i].Data = quoted(spfOf(strings.Fields(rec.Value)))
				}
			}
		}
	}
	return err
}
