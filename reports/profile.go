package reports

import (
	"fmt"
	"slices"
	"strings"
)

// ProfileVerdict is what a provider would say to a template, as far as its
// profile knows.
type ProfileVerdict string

// The verdicts of profiles.
const (
	// ProfileAccepted says that nothing of the template is in the way.
	ProfileAccepted ProfileVerdict = "accepted"
	// ProfileIgnores says that it works, but something that the template says
	// is left out of account.
	ProfileIgnores ProfileVerdict = "ignores"
	// ProfileUnknown says that no source tells something that it depends on.
	ProfileUnknown ProfileVerdict = "unknown"
	// ProfileRefused says that the provider would not take it.
	ProfileRefused ProfileVerdict = "refused"
)

var profileVerdicts = []ProfileVerdict{ProfileAccepted, ProfileIgnores, ProfileUnknown, ProfileRefused}

// ProfileVerdicts lists the verdicts, from best to worst.
func ProfileVerdicts() []ProfileVerdict { return slices.Clone(profileVerdicts) }

// Profile is a provider that templates were judged for, and what the
// judgements lean on.
type Profile struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	// Edition is the edition that the provider follows; "" is unknown.
	Edition string `json:"edition,omitempty"`
	// Mail and Page are where a template is onboarded; "" is unknown.
	Mail string `json:"mail,omitempty"`
	Page string `json:"page,omitempty"`
	// Facts are those that a judgement of the run names, sorted.
	Facts []ProfileFact `json:"facts,omitempty"`
}

// ProfileFact is a fact with its source.
type ProfileFact struct {
	Fact string `json:"fact"`
	// Answer is yes, no or unknown.
	Answer string `json:"answer"`
	// Source, URL and Date say where it was read; "" for an unknown one.
	Source string `json:"source,omitempty"`
	URL    string `json:"url,omitempty"`
	Date   string `json:"date,omitempty"`
	Note   string `json:"note,omitempty"`
	// ByEdition says that the edition answers, in place of the provider.
	ByEdition bool `json:"byEdition,omitempty"`
}

// Judgement is what a profile says to a template.
type Judgement struct {
	// Template is a key of Run.Templates, Profile a name of Run.Profiles.
	Template string         `json:"template"`
	Profile  string         `json:"profile"`
	Verdict  ProfileVerdict `json:"verdict"`
	Reasons  []Reason       `json:"reasons,omitempty"`
}

// ReasonKind says what a reason does to a judgement.
type ReasonKind string

// The kinds of reasons. A hint changes nothing.
const (
	ReasonRefuses ReasonKind = "refuses"
	ReasonUnknown ReasonKind = "unknown"
	ReasonIgnores ReasonKind = "ignores"
	ReasonHint    ReasonKind = "hint"
)

// Reason is one thing that a judgement rests on.
type Reason struct {
	Kind ReasonKind `json:"kind"`
	// Fact is one of the profile's; "" where the template alone is the reason.
	Fact string `json:"fact,omitempty"`
	// Text says it, for people.
	Text string `json:"text"`
	// Line is where it stands in the template's file, from 1; 0 is nowhere.
	Line int `json:"line,omitempty"`
}

// ProfileCounts counts the verdicts of each profile, by name.
func (r *Run) ProfileCounts() map[string]map[ProfileVerdict]int {
	counts := map[string]map[ProfileVerdict]int{}
	for _, j := range r.Judgements {
		if counts[j.Profile] == nil {
			counts[j.Profile] = map[ProfileVerdict]int{}
		}
		counts[j.Profile][j.Verdict]++
	}
	return counts
}

// refusals counts the templates that the run's profile refuses. Where a run
// was asked about several, or all, none of them speaks for the run.
func (r *Run) refusals() int {
	return r.ProfileCounts()[r.Profile][ProfileRefused]
}

// source finds what a reason leans on, in one line; "" where nothing is named.
func (p *Profile) source(fact string) string {
	for _, f := range p.Facts {
		if f.Fact != fact || f.Source == "" {
			continue
		}
		text := f.Source + ", " + f.Date
		if f.ByEdition {
			text = "by the edition: " + text
		}
		if f.Note != "" {
			text += ": " + f.Note
		}
		return text
	}
	return ""
}

// ofKind lists the texts of a judgement's reasons of a kind.
func (j Judgement) ofKind(kind ReasonKind) []string {
	var texts []string
	for _, r := range j.Reasons {
		if r.Kind == kind {
			texts = append(texts, r.Text)
		}
	}
	return texts
}

// words is the verdict as a sentence has it.
func (v ProfileVerdict) words() string {
	if v == ProfileIgnores {
		return "works, but ignores"
	}
	return string(v)
}

// Because is what made the verdict, in one line; "" where nothing is in the way.
func (j Judgement) Because() string {
	kind := map[ProfileVerdict]ReasonKind{ProfileRefused: ReasonRefuses, ProfileUnknown: ReasonUnknown, ProfileIgnores: ReasonIgnores}[j.Verdict]
	return strings.Join(j.ofKind(kind), "; ")
}

// oneReason is a judgement in one line: its verdict and what made it.
func (j Judgement) oneReason() string {
	if j.Verdict == ProfileAccepted {
		return j.Verdict.words()
	}
	return j.Verdict.words() + ": " + j.Because()
}

// verifyProfiles holds judgements against the templates and profiles that they
// are about: each of the one has a judgement of each of the other.
func (r *Run) verifyProfiles() error {
	templates, named := map[string]bool{}, map[string]bool{}
	for _, t := range r.Templates {
		templates[t.Key] = true
	}
	for _, p := range r.Profiles {
		named[p.Name] = true
	}
	seen := map[[2]string]bool{}
	for _, j := range r.Judgements {
		key := [2]string{j.Template, j.Profile}
		switch {
		case !templates[j.Template]:
			return fmt.Errorf("a judgement is about %q, which is no template of the run", j.Template)
		case !named[j.Profile]:
			return fmt.Errorf("a judgement is by %q, which is no profile of the run", j.Profile)
		case !known(profileVerdicts, j.Verdict):
			return fmt.Errorf("the judgement of %q by %s is the unknown word %q", j.Template, j.Profile, j.Verdict)
		case seen[key]:
			return fmt.Errorf("%q is judged twice by %s", j.Template, j.Profile)
		}
		seen[key] = true
		for _, reason := range j.Reasons {
			if !known([]ReasonKind{ReasonRefuses, ReasonUnknown, ReasonIgnores, ReasonHint}, reason.Kind) {
				return fmt.Errorf("the judgement of %q by %s has a reason of the unknown kind %q", j.Template, j.Profile, reason.Kind)
			}
		}
	}
	if want := len(templates) * len(named); len(named) > 0 && len(seen) != want {
		return fmt.Errorf("there are %s, but %d templates and %d profiles", count(len(seen), "judgement", "judgements"), len(templates), len(named))
	}
	return nil
}
