// Package profile judges templates for named DNS providers: would they take
// it, refuse it, leave part of it out of account, or does nobody say. It looks
// at the template and at the facts of fixtures/profiles and at nothing else.
package profile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/fixtures/profiles"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/reports"
)

// Judge says what a provider would make of a template. The judgement's
// Template is left to the caller.
func Judge(t *dc.Template, p *profiles.Profile) reports.Judgement {
	j := &judge{t: t, p: p}
	for _, look := range []func(){j.flow, j.signature, j.types, j.redirect, j.members, j.fields, j.variables, j.texts, j.hints} {
		look()
	}
	return reports.Judgement{Profile: p.Name, Verdict: verdict(j.reasons), Reasons: j.reasons}
}

// Unreadable is the judgement of a file that is no template.
func Unreadable(p *profiles.Profile) reports.Judgement {
	return reports.Judgement{Profile: p.Name, Verdict: reports.ProfileRefused,
		Reasons: []reports.Reason{{Kind: reports.ReasonRefuses, Text: "the file is no template"}}}
}

// verdict is the gravest that a reason asks for.
func verdict(reasons []reports.Reason) reports.ProfileVerdict {
	has := func(k reports.ReasonKind) bool {
		return slices.ContainsFunc(reasons, func(r reports.Reason) bool { return r.Kind == k })
	}
	switch {
	case has(reports.ReasonRefuses):
		return reports.ProfileRefused
	case has(reports.ReasonUnknown):
		return reports.ProfileUnknown
	case has(reports.ReasonIgnores):
		return reports.ProfileIgnores
	}
	return reports.ProfileAccepted
}

// Describe is a profile for the report, with the facts that the judgements
// name.
func Describe(p *profiles.Profile, judgements []reports.Judgement) reports.Profile {
	out := reports.Profile{Name: p.Name, Title: p.Title, Edition: p.Edition, Mail: p.Mail, Page: p.Page}
	named := map[string]bool{}
	for _, j := range judgements {
		for _, r := range j.Reasons {
			named[r.Fact] = named[r.Fact] || j.Profile == p.Name
		}
	}
	for _, f := range profiles.Facts() {
		if !named[string(f)] {
			continue
		}
		k := p.Fact(f)
		out.Facts = append(out.Facts, reports.ProfileFact{Fact: string(f), Answer: k.Is.String(), Source: k.Source.Title,
			URL: k.Source.URL, Date: k.Source.Date, Note: k.Note, ByEdition: k.ByEdition})
	}
	return out
}

// judge is one look at one template for one provider.
type judge struct {
	t       *dc.Template
	p       *profiles.Profile
	reasons []reports.Reason
}

// need holds what the template needs against a fact: no refuses it.
func (j *judge) need(f profiles.Fact, line int, what string) {
	j.hold(f, reports.ReasonRefuses, line, what)
}

// count holds what the template says against a fact: no leaves it out of
// account.
func (j *judge) count(f profiles.Fact, line int, what string) {
	j.hold(f, reports.ReasonIgnores, line, what)
}

func (j *judge) hold(f profiles.Fact, no reports.ReasonKind, line int, what string) {
	switch j.p.Fact(f).Is {
	case profiles.No:
		j.add(no, f, line, fmt.Sprintf("%s: %s %s", what, j.p.Title, f.Denial()))
	case profiles.Unknown:
		j.add(reports.ReasonUnknown, f, line, fmt.Sprintf("%s: no source says whether %s %s", what, j.p.Title, f.Sentence()))
	}
}

func (j *judge) add(kind reports.ReasonKind, f profiles.Fact, line int, text string) {
	j.reasons = append(j.reasons, reports.Reason{Kind: kind, Fact: string(f), Text: text, Line: line})
}

func (j *judge) is(f profiles.Fact) profiles.Answer { return j.p.Fact(f).Is }

func (j *judge) line(member string) int { return max(1, j.t.Position(member).Line) }

// flow is about syncBlock, which forbids the synchronous flow.
func (j *judge) flow() {
	switch {
	case !j.t.SyncBlock:
		j.need(profiles.Sync, j.line("syncBlock"), "the template is for the synchronous flow")
	case j.is(profiles.SyncBlockAbsent) == profiles.Yes:
		j.add(reports.ReasonRefuses, profiles.SyncBlockAbsent, j.line("syncBlock"), fmt.Sprintf("syncBlock is true: %s %s", j.p.Title, profiles.SyncBlockAbsent.Sentence()))
	case j.is(profiles.Member("syncBlock")) == profiles.No:
		j.count(profiles.Member("syncBlock"), j.line("syncBlock"), "syncBlock is true")
	default:
		j.need(profiles.Async, j.line("syncBlock"), "syncBlock is true")
	}
}

// signature is about templates whose links nobody signs.
func (j *judge) signature() {
	if j.t.SyncPubKeyDomain != "" {
		return
	}
	what := "the template has no syncPubKeyDomain"
	for _, f := range []profiles.Fact{profiles.SignedOnly, profiles.SignedAlways} {
		if j.is(f) == profiles.Yes {
			j.add(reports.ReasonRefuses, f, 1, fmt.Sprintf("%s: %s %s", what, j.p.Title, f.Sentence()))
			return
		}
	}
	if j.is(profiles.SignedAlways) == profiles.Unknown {
		j.add(reports.ReasonUnknown, profiles.SignedAlways, 1, fmt.Sprintf("%s: no source says whether %s %s", what, j.p.Title, profiles.SignedAlways.Sentence()))
	}
}

// types is about the record types.
func (j *judge) types() {
	of := map[string][]*dc.Record{}
	var order []string
	for i := range j.t.Records {
		r := &j.t.Records[i]
		name, _, ok := dc.CanonicalType(strings.ToUpper(r.Type))
		if !ok {
			name = r.Type
		}
		if of[name] == nil {
			order = append(order, name)
		}
		of[name] = append(of[name], r)
	}
	for _, name := range order {
		f := profiles.Type(name)
		what := fmt.Sprintf("%s in %s", name, recordsOf(of[name]))
		j.need(f, of[name][0].Pos.Line, what)
	}
}

// recordsOf names records: "record 3", "records 3, 4".
func recordsOf(list []*dc.Record) string {
	numbers := make([]string, 0, len(list))
	for _, r := range list {
		numbers = append(numbers, fmt.Sprint(r.Index+1))
	}
	if len(list) == 1 {
		return "record " + numbers[0]
	}
	if more := len(numbers) - 6; more > 0 {
		numbers = append(numbers[:6], fmt.Sprintf("and %d more", more))
	}
	return "records " + strings.Join(numbers, ", ")
}

// redirect is about syncRedirectDomain.
func (j *judge) redirect() {
	t, at := j.t, j.line("syncRedirectDomain")
	if t.SyncRedirectDomain == "" {
		if j.is(profiles.RedirectRequired) == profiles.Yes && j.is(profiles.RedirectChecked) == profiles.Yes {
			j.add(reports.ReasonRefuses, profiles.RedirectRequired, 1, fmt.Sprintf(
				"the template has no syncRedirectDomain: %s %s, and %s", j.p.Title, profiles.RedirectRequired.Sentence(), profiles.RedirectChecked.Sentence()))
		}
		return
	}
	j.count(profiles.Member("syncRedirectDomain"), at, "syncRedirectDomain is given")
	// A signed link is trusted with its redirect_uri, so that no list is read.
	if t.SyncPubKeyDomain == "" && strings.Contains(t.SyncRedirectDomain, ",") && j.is(profiles.RedirectChecked) != profiles.No {
		j.count(profiles.RedirectList, at, "syncRedirectDomain is a list")
	}
}

// members is about what a template says beside its records.
func (j *judge) members() {
	for _, m := range []struct {
		name string
		set  bool
	}{
		{"hostRequired", j.t.HostRequired}, {"multiInstance", j.t.MultiInstance}, {"shared", j.t.Shared},
		{"sharedProviderName", j.t.SharedProviderName}, {"sharedServiceName", j.t.SharedService}, {"warnPhishing", j.t.WarnPhishing},
	} {
		if m.set {
			j.count(profiles.Member(m.name), j.line(m.name), m.name+" is set")
		}
	}
}

// fields is about what records say beside their data.
func (j *judge) fields() {
	for _, c := range []struct {
		fact profiles.Fact
		what string
		in   func(r *dc.Record) bool
	}{
		{profiles.Field("essential"), "essential", func(r *dc.Record) bool { return r.Essential != "" }},
		{profiles.Field("txtConflictMatchingMode"), "txtConflictMatchingMode", func(r *dc.Record) bool { return r.TXTMode != "" && r.TXTMode != "None" }},
		{profiles.Field("txtConflictMatchingPrefix"), "txtConflictMatchingPrefix", func(r *dc.Record) bool { return r.TXTPrefix != "" }},
		{profiles.Field("groupId"), "groupId", func(r *dc.Record) bool { return r.GroupID != "" }},
		{profiles.Field("zeroTTL"), "a ttl of 0", func(r *dc.Record) bool { return r.Has("ttl") && r.TTL != "" && strings.Trim(r.TTL, "0") == "" }},
	} {
		if with := j.records(c.in); len(with) > 0 {
			j.count(c.fact, with[0].Pos.Line, c.what+" in "+recordsOf(with))
		}
	}
	without := j.records(func(r *dc.Record) bool { return r.GroupID == "" })
	if len(without) > 0 && len(without) < len(j.t.Records) {
		j.count(profiles.UngroupedKept, without[0].Pos.Line, recordsOf(without)+" without a group beside others with one")
	}
}

func (j *judge) records(in func(r *dc.Record) bool) []*dc.Record {
	var list []*dc.Record
	for i := range j.t.Records {
		if r := &j.t.Records[i]; in(r) {
			list = append(list, r)
		}
	}
	return list
}

// numberFields are the members that hold numbers.
var numberFields = []string{"ttl", "priority", "weight", "port"}

// variables is about the variables that records use.
func (j *judge) variables() {
	if with := j.records(func(r *dc.Record) bool { return usesFQDN(r) }); len(with) > 0 {
		j.need(profiles.VariableFQDN, with[0].Pos.Line, "%fqdn% in "+recordsOf(with))
	}
	var short, numbers []*dc.Record
	for _, v := range resolve.Variables(j.t, nil) {
		for _, use := range v.Uses {
			r := &j.t.Records[use.Record]
			if len(v.Name) == 1 && !slices.Contains(short, r) {
				short = append(short, r)
			}
			if slices.Contains(numberFields, use.Field) && !slices.Contains(numbers, r) {
				numbers = append(numbers, r)
			}
		}
	}
	if len(short) > 0 {
		j.need(profiles.VariableOneCharacter, short[0].Pos.Line, "a variable with a name of one character in "+recordsOf(short))
	}
	if len(numbers) > 0 {
		j.need(profiles.VariableNumbers, numbers[0].Pos.Line, "a variable for a number in "+recordsOf(numbers))
	}
}

func usesFQDN(r *dc.Record) bool {
	for _, field := range []string{r.Host, r.Name, r.PointsTo, r.Target, r.Data, r.SPFRules} {
		if strings.Contains(field, "%fqdn%") {
			return true
		}
	}
	return false
}

// texts is about texts that a provider changes.
func (j *judge) texts() {
	with := j.records(func(r *dc.Record) bool { return r.Type == "TXT" && strings.Contains(r.Data, "@") })
	if len(with) > 0 {
		j.need(profiles.AtInText, with[0].Pos.Line, "an @ in the text of "+recordsOf(with))
	}
}

// Edged reports whether the provider may answer for the record with addresses
// of its own: a proxied type, or an alias at the apex that it flattens.
func Edged(recordType string) bool {
	return slices.Contains([]string{"A", "AAAA", "CNAME"}, recordType)
}

// hints are what a service provider has to know that changes nothing about
// whether the template is taken.
func (j *judge) hints() {
	t := j.t
	hint := func(f profiles.Fact, line int, text string) { j.add(reports.ReasonHint, f, line, text) }
	if t.SyncPubKeyDomain != "" && j.is(profiles.SigLast) == profiles.Yes {
		hint(profiles.SigLast, j.line("syncPubKeyDomain"), "put sig at the end of every apply link, behind key")
	}
	if t.SyncRedirectDomain != "" && j.is(profiles.StateReturned) == profiles.No {
		hint(profiles.StateReturned, j.line("syncRedirectDomain"), "state does not come back: put what tells requests apart into redirect_uri itself")
	}
	if t.SyncBlock && j.is(profiles.Async) == profiles.Yes && j.is(profiles.Revert) == profiles.Unknown {
		hint(profiles.Revert, j.line("syncBlock"), "do not count on taking the template back: no source says that "+j.p.Title+" can")
	}
	edge := j.records(func(r *dc.Record) bool { return Edged(r.Type) })
	if len(edge) > 0 && j.is(profiles.Proxied) == profiles.Yes {
		hint(profiles.Proxied, edge[0].Pos.Line, fmt.Sprintf(
			"%s may be answered with addresses of the provider's edge: a verification that looks for the address or the alias itself fails", recordsOf(edge)))
	}
	apex := j.records(func(r *dc.Record) bool {
		return r.Type == "CNAME" && (r.Host == "" || r.Host == "@" || r.Host == "%fqdn%.")
	})
	if len(apex) > 0 && j.is(profiles.ApexCNAMEFlattened) == profiles.Yes {
		hint(profiles.ApexCNAMEFlattened, apex[0].Pos.Line, fmt.Sprintf(
			"%s at the apex is flattened: resolvers see addresses, and a verification that looks for the CNAME fails", recordsOf(apex)))
	}
}
