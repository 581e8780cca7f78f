// Package trial is one case's stay at a DNS provider: a host of its own, links
// to send the user along, what became of each, and what the name servers say.
// Chapters are written in it. It knows the provider by the wire alone: what is
// expected is written by hand in the cases and in the conformance templates.
package trial

import (
	"slices"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/register"
)

// Where a case works.
type Where uint8

const (
	// AtHost gives the case a host name of its own below a domain.
	AtHost Where = iota
	// AtApex gives it the apex of a domain that permits it.
	AtApex
	// ReadOnly is for cases that apply nothing; they get no name.
	ReadOnly
)

// Case judges one thing about a DNS provider. It is data but for its body, and
// reads on one screen.
type Case struct {
	// Key is a word id that never changes, unique over all chapters. It begins
	// with the chapter's name.
	Key string
	// Title is one line for people, in the present tense: what a good provider
	// does.
	Title string
	// Requirements are ids of the register, at least one. The capabilities
	// that they need are needed by the case.
	Requirements []string
	// Needs are further capabilities. A target that does not claim one of them
	// makes the case not applicable.
	Needs []register.Need
	// Denies are capabilities that the target has to deny, since the case is
	// about being without them.
	Denies []register.Need
	// Editions limits the case; nil is every edition that has one of its
	// requirements.
	Editions []register.Edition
	// Templates are the service ids of the conformance templates that it
	// applies. One that the target does not have makes it not applicable.
	Templates []string
	// Names are further names that the body writes at, as Watch takes them:
	// what an earlier run has left there goes before the case begins.
	Names []string
	// Unonboarded are those of the Templates that the case has something to
	// say about where the target does not have them.
	Unonboarded []string
	// Seeds says that the case cannot do without records that were put into
	// the zone by other means than a template.
	Seeds bool
	// Keys says that it publishes keys of its own while it runs.
	Keys  bool
	Where Where
	// Body judges; see check.Case for the ways to end it.
	Body func(*Trial)
}

// Chapter is a group of cases, one package.
type Chapter struct {
	// Name is the package's name, and the first part of the ids of its cases.
	Name string
	// Title is a heading for people.
	Title string
	Cases []Case
}

// Scenario turns a case into what a run executes. index is the case's place
// among all cases of all chapters and stands for its host; w may be nil for
// planning.
func (c *Case) Scenario(chapter string, index int, w *World) *check.Scenario {
	var t *Trial
	return &check.Scenario{
		Name: chapter,
		Setup: func(cs *check.Case) error {
			var err error
			t, err = w.begin(cs, c, index)
			return err
		},
		Teardown: func() { t.end() },
		Checks: []check.Check{{
			Key: c.Key, Title: c.Title, Requirements: c.Requirements,
			Subject: reports.SubjectProvider,
			Body:    func(cs *check.Case) { t.run(cs) },
		}},
	}
}

// AllNeeds are the capabilities that the case needs of a target, by itself and
// by its requirements, sorted.
func (c *Case) AllNeeds(reg *register.Register) []register.Need {
	needs := slices.Clone(c.Needs)
	for _, id := range c.Requirements {
		if q, ok := reg.Get(id); ok {
			needs = append(needs, q.Needs...)
		}
	}
	slices.Sort(needs)
	return slices.DeleteFunc(slices.Compact(needs), func(n register.Need) bool {
		// Templates of the case stand for onboarding, and a browser is the
		// harness's own: a case that cannot do without says so by itself.
		return n == register.NeedOnboarding || n == register.NeedBrowser
	})
}

// Judges reports whether the case has something to say by an edition.
func (c *Case) Judges(edition register.Edition, reg *register.Register) bool {
	if len(c.Editions) > 0 && !slices.Contains(c.Editions, edition) {
		return false
	}
	return slices.ContainsFunc(c.Requirements, func(id string) bool {
		_, ok := reg.Level(id, edition)
		return ok
	})
}
