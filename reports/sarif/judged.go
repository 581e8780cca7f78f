package sarif

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/dcconform/dcconform/reports"
)

// levels of SARIF.
const (
	levelError   = "error"
	levelWarning = "warning"
	levelNote    = "note"
)

// judged is a reason of a profile, as a result of the file.
type judged struct {
	level     string
	judgement reports.Judgement
	reason    reports.Reason
}

// judgedBy lists why profiles refuse templates. The one profile that a run was
// asked about decides its verdict, and so a refusal of it is an error; what it
// ignores is a warning, what it leaves open a note. Of several profiles none
// decides: a refusal of theirs is a note, and the rest stays in the report.
func judgedBy(r *reports.Run) []judged {
	var all []judged
	for _, j := range r.Judgements {
		for _, reason := range j.Reasons {
			level := ""
			switch {
			case j.Profile != r.Profile && reason.Kind == reports.ReasonRefuses:
				level = levelNote
			case j.Profile != r.Profile:
			case reason.Kind == reports.ReasonRefuses:
				level = levelError
			case reason.Kind == reports.ReasonIgnores:
				level = levelWarning
			case reason.Kind == reports.ReasonUnknown:
				level = levelNote
			}
			if level != "" {
				all = append(all, judged{level, j, reason})
			}
		}
	}
	return all
}

// addJudged writes what a profile says, and its rule when it is the first of it.
func (out *run) addJudged(x judged, titles, files map[string]string, rules map[string]int) {
	profile := x.judgement.Profile
	id := "PROFILE-" + profile
	n, ok := rules[id]
	if !ok {
		n = len(out.Tool.Driver.Rules)
		rules[id] = n
		out.Tool.Driver.Rules = append(out.Tool.Driver.Rules, rule{ID: id, Default: level{x.level},
			Short: text{"What " + titles[profile] + " would say to the template"},
			Full:  &text{"Judged by what is published about the provider, not by asking it."}})
	}
	name := x.judgement.Template + "/profile/" + profile
	sum := sha256.Sum256([]byte(strings.Join([]string{name, x.reason.Fact, x.reason.Text}, "\x00")))
	props := map[string]any{"profile": profile, "verdict": x.judgement.Verdict}
	if x.reason.Fact != "" {
		props["fact"] = x.reason.Fact
	}
	about := &reports.Result{Line: x.reason.Line}
	about.ID = name
	out.Results = append(out.Results, result{RuleID: id, RuleIndex: n, Kind: "fail", Level: x.level,
		Message:      text{titles[profile] + " " + verbs[x.reason.Kind] + ": " + reports.Sentence(x.reason.Text)},
		Fingerprints: map[string]string{"dcconformCase/v1": hex.EncodeToString(sum[:16])},
		Locations:    []location{place(about, files[x.judgement.Template])}, Properties: props})
}

var verbs = map[reports.ReasonKind]string{
	reports.ReasonRefuses: "refuses the template", reports.ReasonIgnores: "ignores a part", reports.ReasonUnknown: "does not say",
}

// titlesOf are the names of the profiles for people.
func titlesOf(r *reports.Run) map[string]string {
	titles := make(map[string]string, len(r.Profiles))
	for _, p := range r.Profiles {
		titles[p.Name] = p.Title
	}
	return titles
}

// gravest lists how to add each finding: errors, then warnings, then notes, of
// which the cases come first.
func (out *run) gravest(r *reports.Run) []func() {
	rules, files, titles := map[string]int{}, filesOf(r), titlesOf(r)
	byLevel := map[string][]func(){}
	for i := range r.Results {
		if res := &r.Results[i]; res.Outcome == reports.Fail || res.Outcome == reports.Warning {
			byLevel[severity(res)] = append(byLevel[severity(res)], func() { out.add(res, files, rules) })
		}
	}
	for _, x := range judgedBy(r) {
		byLevel[x.level] = append(byLevel[x.level], func() { out.addJudged(x, titles, files, rules) })
	}
	return append(append(byLevel[levelError], byLevel[levelWarning]...), byLevel[levelNote]...)
}
