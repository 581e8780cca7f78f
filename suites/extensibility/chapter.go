// Package extensibility judges what a DNS provider makes of members, fields and
// parameters that no edition defines, critical or not (ietf-05 sections 6.1.1,
// 6.2.1 and 8.3.2). dcspec-2.3 has no such rules.
package extensibility

import (
	"slices"

	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "extensibility", Title: "Extensions", Cases: slices.Concat(templates, parameters)}
}

// applied is the case of a template that is applied as if the extension were
// not there.
func applied(key, title, id, service string) trial.Case {
	return trial.Case{Key: key, Title: title, Requirements: []string{id}, Templates: []string{service},
		Body: func(t *trial.Trial) {
			r := t.Request(service)
			t.Applies(id, r, r.Records()...)
		}}
}

// kept is the case of a template that is not supported, or whose requests are
// refused: no record of it comes. twin has the same records and is applied.
func kept(key, title, id, service, twin string) trial.Case {
	return trial.Case{Key: key, Title: title, Requirements: []string{id}, Templates: []string{service, twin},
		Body: func(t *trial.Trial) {
			t.Watch("note")
			if !t.Supports(service) {
				t.Note("reading", "the template is not supported")
			}
			good := t.Request(twin)
			t.Leaves(id, t.Request(service), good, []string{"the template is not supported", "the request is refused"}, good.Records()...)
		}}
}
