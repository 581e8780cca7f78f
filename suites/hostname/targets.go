package hostname

import "github.com/dcconform/dcconform/suites/trial"

// Section 6.2: names that records point at are absolute, with or without a dot
// at the end.
var targets = []trial.Case{
	target("hostname-mx-target", "an MX target is a whole name", "plain 600 MX 10 mx1.service.example."),
	target("hostname-mx-target-dotted", "so is one with a dot at its end", "dotted 600 MX 10 mx1.service.example."),
	target("hostname-cname-target", "a CNAME target of one label is a whole name", "single 600 CNAME mail."),
	target("hostname-cname-target-dotted", "so is one with a dot at its end: CNAME", "alias 600 CNAME www.service.example."),
}

// target is the case of one record of the template with targets in every form.
func target(key, title, record string) trial.Case {
	return trial.Case{Key: key, Title: title, Requirements: []string{"DC-HOST-POINTSTO-FQDN"}, Templates: []string{"targets"},
		Body: func(t *trial.Trial) { holds(t, "DC-HOST-POINTSTO-FQDN", t.Request("targets"), record) }}
}
