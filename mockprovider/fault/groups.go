package fault

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// groups are misbehaviours in choosing the active records.
var groups = []Fault{
	{"grouped-skipped-by-default", "Without groupId only records of no group are written.",
		[]string{"DC-GRP-NONE-GIVEN"},
		keeping(func(ask resolve.Request, r dc.Resolved) bool { return ask.Groups != nil || r.GroupID == "" })},
	{"group-filter-ignored", "Every record is written, whichever groups are listed.",
		[]string{"DC-GRP-LISTED-ONLY"},
		asking(func(_ *dc.Template, ask *resolve.Request) { ask.Groups = nil })},
	{"first-group-only", "Of several listed groups only the first counts.",
		[]string{"DC-GRP-LISTED-ONLY", "DC-REQ-GROUPID-LIST"},
		asking(func(_ *dc.Template, ask *resolve.Request) { ask.Groups = ask.Groups[:min(1, len(ask.Groups))] })},
	{"repeated-group-refused", "A group that is listed twice is an error.",
		[]string{"DC-GRP-LISTED-ONLY"}, rendering(refuseRepeated)},
	{"ungrouped-dropped", "Records of no group are left out when groups are listed.",
		[]string{"DC-GRP-UNGROUPED-ALWAYS"},
		keeping(func(ask resolve.Request, r dc.Resolved) bool { return ask.Groups == nil || r.GroupID != "" })},
	{"substring-group", "A listed group selects every group that begins with it.",
		[]string{"DC-GRP-EXACT-MATCH"}, asking(matching(strings.HasPrefix))},
	{"group-case-folded", "Groups are matched without regard to case.",
		[]string{"DC-GRP-EXACT-MATCH"}, asking(matching(strings.EqualFold))},
	{"conflict-on-inactive", "Conflicts are computed over the whole template, whichever groups are listed.",
		[]string{"DC-GRP-FILTER-FIRST"}, planning(conflictsOfAll)},
	{"unknown-group-partial", "Where no listed group is known, records of no group are written and success is reported.",
		[]string{"DC-GRP-NO-MATCH-ERROR"}, rendering(ungroupedOnly(func(resolve.Request) bool { return true }))},
	{"unknown-group-strict", "A single unknown group fails the request.",
		[]string{"DC-GRP-PARTIAL-MATCH"}, rendering(refuseUnknown)},
	{"group-apply-replaces", "Applying one group removes the records of the others.",
		[]string{"DC-GRP-ADDITIVE"}, planning(replaceOtherGroups)},
	{"empty-group-ungrouped-only", "An empty groupId leaves all grouped records out.",
		[]string{"DC-GRP-EMPTY-PARAM"}, both(
			parameters(func(raw string) string { return strings.Replace(raw+"&", "groupId=&", "groupId="+noGroup+"&", 1) }),
			rendering(ungroupedOnly(func(ask resolve.Request) bool { return slices.Contains(ask.Groups, noGroup) })))},
}

// noGroup is a group that no template has.
const noGroup = "none-of-all"

// matching selects every group of the template that matches a listed one.
func matching(match func(group, listed string) bool) func(*dc.Template, *resolve.Request) {
	return func(t *dc.Template, ask *resolve.Request) {
		if ask.Groups == nil {
			return
		}
		for _, g := range t.Groups() {
			if !slices.Contains(ask.Groups, g) && slices.ContainsFunc(ask.Groups, func(listed string) bool { return match(g, listed) }) {
				ask.Groups = append(ask.Groups, g)
			}
		}
	}
}

// everything renders the template as if no groups were listed.
func everything(t *dc.Template, ask resolve.Request) []dc.Resolved {
	ask.Groups = nil
	records, err := resolve.Resolve(t, ask, dc.Rules{})
	if err != nil {
		return nil
	}
	return records
}

func refuseRepeated(_ *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	sorted := slices.Sorted(slices.Values(ask.Groups))
	if len(slices.Compact(sorted)) < len(ask.Groups) {
		return nil, &dc.Error{Class: dc.ErrRequest, Record: -1, Field: "groupId", Message: "a group is listed twice"}
	}
	return records, err
}

func refuseUnknown(t *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	for _, g := range ask.Groups {
		if !slices.Contains(t.Groups(), g) {
			return nil, &dc.Error{Class: dc.ErrGroup, Record: -1, Field: "groupId", Message: fmt.Sprintf("unknown group %q", g)}
		}
	}
	return records, err
}

// ungroupedOnly puts the records of no group in the place of the error that no
// listed group is known.
func ungroupedOnly(when func(resolve.Request) bool) func(*dc.Template, resolve.Request, []dc.Resolved, error) ([]dc.Resolved, error) {
	return func(t *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
		known := slices.ContainsFunc(ask.Groups, func(g string) bool { return slices.Contains(t.Groups(), g) })
		if err == nil || known || len(ask.Groups) == 0 || !when(ask) {
			return records, err
		}
		return slices.DeleteFunc(everything(t, ask), func(r dc.Resolved) bool { return r.GroupID != "" }), nil
	}
}

// conflictsOfAll adds the conflicts of inactive records.
func conflictsOfAll(z *zone.Zone, _ []dc.Resolved, p *store.Planned, err error) error {
	if err != nil || p.Ask.Groups == nil {
		return err
	}
	change, conflicts, planErr := zone.Plan(z, everything(p.Template, p.Ask), nil, dc.Rules{})
	if planErr == nil {
		p.Change.Remove, p.Conflicts = change.Remove, conflicts
	}
	return err
}

// replaceOtherGroups removes what the template's other groups have written.
func replaceOtherGroups(z *zone.Zone, _ []dc.Resolved, p *store.Planned, err error) error {
	if err != nil || p.Ask.Groups == nil {
		return err
	}
	for _, r := range everything(p.Template, p.Ask) {
		if r.GroupID == "" || slices.Contains(p.Ask.Groups, r.GroupID) {
			continue
		}
		for old := range z.At(r.Owner) {
			if old.Type == r.Type {
				p.Change.Remove = append(p.Change.Remove, old)
			}
		}
	}
	return err
}
