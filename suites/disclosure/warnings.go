package disclosure

import (
	"regexp"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 6.1, 10.6 and 12.1: links that somebody else may have made. The
// templates whose ids begin with notice have the same names and records.
var warnings = []trial.Case{
	{Key: "disclosure-unsigned", Title: "an unsigned request is treated as open to phishing, whatever warnPhishing says",
		Requirements: []string{"DC-CONS-UNSIGNED-IS-PHISHABLE"}, Templates: []string{"notice", "notice-false", "notice-true", "notice-signed"},
		Body: func(t *trial.Trial) {
			signed := calm(t, "notice-signed")
			for _, service := range []string{"notice", "notice-false", "notice-true"} {
				warns(t, "DC-CONS-UNSIGNED-IS-PHISHABLE", t.Look(t.Request(service)), signed)
			}
		}},
	{Key: "disclosure-phishing-warning", Title: "a request that is open to phishing gets a warning and all the details",
		Requirements: []string{"DC-CONS-PHISHING-WARNING"}, Templates: []string{"notice", "notice-true", "notice-signed"},
		Body: func(t *trial.Trial) {
			const id = "DC-CONS-PHISHING-WARNING"
			// ietf-05 ties the warning to the missing signature, dcspec-2.3
			// to warnPhishing.
			risky, safe := "notice", "notice-signed"
			if t.World.Edition == register.DCSpec23 {
				risky, safe = "notice-true", "notice"
			}
			e := t.Look(t.Request(risky))
			warns(t, id, e, calm(t, safe))
			lists(t, id, e, "192.0.2.67", "v=notice")
		}},
}

// page is a consent page to compare with others.
type page struct {
	service string
	lines   []string
	alarmed bool
}

// caution are words of which a warning has one.
var caution = regexp.MustCompile(`(?i)\b(phish\w*|warn\w*|caution\w*|beware|careful\w*|suspicious|trust\w*)\b`)

func read(t *trial.Trial, e *trial.Ending, service string) page {
	text := consentPage(t, e)
	p := page{service: service, alarmed: caution.MatchString(text)}
	if c, ok := e.Page(); ok {
		p.alarmed = p.alarmed || len(c.Alerts) > 0
	}
	// The id of one template is part of the records of all.
	id := regexp.MustCompile(`(^|[^=\w-])` + regexp.QuoteMeta(service) + `\b`)
	for line := range strings.SplitSeq(text, "\n") {
		p.lines = append(p.lines, id.ReplaceAllString(line, "${1}{service}"))
	}
	return p
}

// calm are the consent pages of a request that needs no warning: seen twice, so
// that what changes by itself counts for nothing.
func calm(t *trial.Trial, service string) []page {
	r := t.Request(service)
	return []page{read(t, t.Look(r), service), read(t, t.Look(r), service)}
}

// warns states that a consent page has lines that the calm ones have not, or
// that all of them warn.
func warns(t *trial.Trial, id string, e *trial.Ending, calm []page) {
	p := read(t, e, e.Request.Service())
	known := slices.Concat(calm[0].lines, calm[1].lines)
	more := slices.DeleteFunc(slices.Clone(p.lines), func(l string) bool { return slices.Contains(known, l) })
	if len(more) == 0 && p.alarmed && calm[0].alarmed {
		t.Note("reading", "the consent pages of "+p.service+" and "+calm[0].service+" are the same, and seem to warn; a person has to look")
		more = p.lines
	} else if len(more) > 0 {
		t.Note("reading", "beside what "+calm[0].service+" shows, "+p.service+" shows: "+strings.Join(more, " | "))
	}
	expected := about(e, "a warning, or details, that the same records of "+calm[0].service+" come without")
	expected.Actual = "both consent pages say: " + strings.Join(p.lines, "\n")
	t.Require(id, more, gomega.Not(gomega.BeEmpty()), expected)
}
