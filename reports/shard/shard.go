// Package shard joins the reports of runs that shared a plan.
//
// What is owed is what the whole plan says, which every shard carries: a shard
// that is missing, or that died, makes its cases harness errors and never the
// total smaller.
package shard

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/reports"
)

// Part is the report of one shard.
type Part struct {
	// Name is what messages call it, a path.
	Name string
	Run  *reports.Run
}

// Options say how parts are joined.
type Options struct {
	// Baseline is what the joined run is held against; nil is nothing.
	Baseline func(r *reports.Run, whole []reports.Planned)
	// BaselineSHA256 is the digest of its file; "" without one.
	BaselineSHA256 string
	// Command is the command line, for the report.
	Command []string
}

// Join makes one finished run of parts. A part that is no shard, or one of
// another plan, template, edition or version, is refused, and so are two that
// say different things of one case. Everything is settled anew: the totals, the
// baseline, the verdict.
func Join(parts []Part, o Options) (*reports.Run, error) {
	if len(parts) == 0 {
		return nil, errors.New("there is no shard to join; name the --out folder of each")
	}
	for _, p := range parts {
		if p.Run.Shard == nil {
			return nil, fmt.Errorf("%s: no shard but a run of its own; only runs with --shard can be joined", p.Name)
		}
	}
	first := parts[0]
	for _, p := range parts[1:] {
		if what, a, b := unlike(first.Run, p.Run); what != "" {
			return nil, fmt.Errorf("%s: not a shard of the same run as %s: %s is %s there and %s here", p.Name, first.Name, what, a, b)
		}
	}
	if err := sameBaseline(parts, o); err != nil {
		return nil, err
	}
	r := head(first.Run, o.Command)
	whole := first.Run.WholePlan
	r.Begin(whole, first.Run.Started)
	for _, p := range parts {
		if p.Run.Started.Before(r.Started) {
			r.Started = p.Run.Started
		}
	}
	if err := collect(r, parts); err != nil {
		return nil, err
	}
	if o.Baseline != nil {
		o.Baseline(r, whole)
	}
	r.Owe(whole, missing(parts))
	end := r.Started
	for _, p := range parts {
		if p.Run.Finished.After(end) {
			end = p.Run.Finished
		}
		if p.Run.State == reports.StateInterrupted {
			r.Interrupt()
		}
	}
	r.Finish(end)
	return r, nil
}

// head is what all shards say of the run as a whole.
func head(from *reports.Run, command []string) *reports.Run {
	r := *from
	r.Command, r.Scope = command, from.Shard.Scope
	r.Shard, r.WholePlan, r.Baseline, r.StaleBaseline, r.Next = nil, nil, nil, nil, nil
	r.Covered, r.NotCovered = nil, nil
	return &r
}

// collect takes the results of all parts.
func collect(r *reports.Run, parts []Part) error {
	from := map[string]int{} // by id: the part that had it first
	at := map[string]int{}
	for i, p := range parts {
		for _, id := range p.Run.NotCovered {
			if !slices.Contains(r.NotCovered, id) {
				r.NotCovered = append(r.NotCovered, id)
			}
		}
		for _, res := range p.Run.Results {
			res.Known = nil // the baseline is held against the joined run
			n, twice := at[res.ID]
			if !twice {
				at[res.ID], from[res.ID] = len(r.Results), i
				r.Results = append(r.Results, res)
				continue
			}
			if was := r.Results[n]; !was.Same(res) {
				return fmt.Errorf("%s: the case %q ends in %s here and in %s in %s, and nobody can tell which is true; give one report of each shard", p.Name, res.ID, says(res), says(was), parts[from[res.ID]].Name)
			}
		}
	}
	return nil
}

// says is an outcome with enough beside it to tell two apart.
func says(res reports.Result) string {
	text := reports.Line(reports.Abridged(reports.Headline(&res), 120))
	if text == "" || res.Outcome == reports.Pass {
		return string(res.Outcome)
	}
	return fmt.Sprintf("%s (%s)", res.Outcome, text)
}

// missing says which shards nobody has given.
func missing(parts []Part) string {
	of := parts[0].Run.Shard.Of
	given := make([]bool, of+1)
	for _, p := range parts {
		given[p.Run.Shard.Index] = true
	}
	var gone []string
	for i := 1; i <= of; i++ {
		if !given[i] {
			gone = append(gone, fmt.Sprintf("%d/%d", i, of))
		}
	}
	switch len(gone) {
	case 0:
		return "No shard has a result of this case."
	case 1:
		return "Shard " + gone[0] + " is missing, and no other has a result of this case."
	}
	return "Shards " + strings.Join(gone, ", ") + " are missing, and no other has a result of this case."
}

// Missing lists the shards that parts lack, counted from 1.
func Missing(parts []Part) []int {
	var gone []int
	if len(parts) == 0 {
		return nil
	}
	for i := 1; i <= parts[0].Run.Shard.Of; i++ {
		if !slices.ContainsFunc(parts, func(p Part) bool { return p.Run.Shard.Index == i }) {
			gone = append(gone, i)
		}
	}
	return gone
}

// unlike names the first thing in which two runs differ that shards share, or
// "".
func unlike(a, b *reports.Run) (what, first, second string) {
	for _, x := range [][3]string{
		{"the subject", string(a.Subject), string(b.Subject)},
		{"the edition", a.Edition, b.Edition},
		{"the profile", a.Profile, b.Profile},
		{"the version of the tool", a.ToolVersion, b.ToolVersion},
		{"the score of the build", a.Selftest.String(), b.Selftest.String()},
		{"the seed", fmt.Sprint(a.Seed), fmt.Sprint(b.Seed)},
		{"the consent", a.Consent, b.Consent},
		{"the number of shards", fmt.Sprint(a.Shard.Of), fmt.Sprint(b.Shard.Of)},
		{"the scope", string(a.Shard.Scope), string(b.Shard.Scope)},
		{"the target", text(a.Target), text(b.Target)},
	} {
		if x[1] != x[2] {
			return x[0], named(x[1]), named(x[2])
		}
	}
	for i := range max(len(a.Templates), len(b.Templates)) {
		if i >= len(a.Templates) || i >= len(b.Templates) {
			return "the number of templates", fmt.Sprint(len(a.Templates)), fmt.Sprint(len(b.Templates))
		}
		x, y := a.Templates[i], b.Templates[i]
		if x.Key != y.Key || x.SHA256 != y.SHA256 {
			return fmt.Sprintf("template %d", i+1), x.Key + " (sha256 " + named(x.SHA256) + ")", y.Key + " (sha256 " + named(y.SHA256) + ")"
		}
	}
	if what, x, y := judgedUnlike(a, b); what != "" {
		return what, x, y
	}
	for i := range max(len(a.WholePlan), len(b.WholePlan)) {
		if i >= len(a.WholePlan) || i >= len(b.WholePlan) {
			return "the number of cases in the whole plan", fmt.Sprint(len(a.WholePlan)), fmt.Sprint(len(b.WholePlan))
		}
		if x, y := text(a.WholePlan[i]), text(b.WholePlan[i]); x != y {
			return fmt.Sprintf("case %d of the whole plan", i+1), x, y
		}
	}
	return "", "", ""
}

// judgedUnlike names the first template of which two runs say that a profile
// judges it in two ways, or "". Each shard judges all templates, so that the
// facts must have been others.
func judgedUnlike(a, b *reports.Run) (what, first, second string) {
	for i := range max(len(a.Judgements), len(b.Judgements)) {
		if i >= len(a.Judgements) || i >= len(b.Judgements) {
			return "the number of judgements by profiles", fmt.Sprint(len(a.Judgements)), fmt.Sprint(len(b.Judgements))
		}
		x, y := a.Judgements[i], b.Judgements[i]
		if x.Template != y.Template || x.Profile != y.Profile {
			return fmt.Sprintf("judgement %d", i+1), "of " + x.Template + " for " + x.Profile, "of " + y.Template + " for " + y.Profile
		}
		if p, q := text(x), text(y); p != q {
			return "the judgement of " + x.Template + " for " + x.Profile, p, q
		}
	}
	if x, y := text(a.Profiles), text(b.Profiles); x != y {
		return "what is known of the profiles", x, y
	}
	return "", "", ""
}

func named(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// text is a value as report.json has it, for comparing.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// sameBaseline wants the baseline that the shards were held against.
func sameBaseline(parts []Part, o Options) error {
	for _, p := range parts {
		b := p.Run.Baseline
		switch {
		case o.BaselineSHA256 != "" && p.Run.Shard.Scope == reports.ScopeFiltered:
			return fmt.Errorf("--baseline: %s is a shard of a run that --case had filtered; a baseline is held against the whole plan", p.Name)
		case b != nil && o.BaselineSHA256 == "":
			return fmt.Errorf("%s: the shard was held against the baseline %s; give it to the merge as well, with --baseline", p.Name, b.File)
		case b != nil && b.SHA256 != o.BaselineSHA256:
			return fmt.Errorf("%s: the shard was held against another baseline than the one given with --baseline (its sha256 began %.12s)", p.Name, b.SHA256)
		}
	}
	return nil
}
