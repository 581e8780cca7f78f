package hostname

import (
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 6.2: names that records point at are absolute, with or without a dot
// at the end.
var targets = []trial.Case{
	target("hostname-mx-target", "an MX target is a whole name", "plain 600 MX 10 mx1.service.example."),
	target("hostname-mx-target-dotted", "so is one with a dot at its end", "dotted 600 MX 10 mx1.service.example."),
	target("hostname-cname-target", "a CNAME target of one label is a whole name", "single 600 CNAME mail."),
	target("hostname-cname-target-dotted", "so is one with a dot at its end: CNAME", "alias 600 CNAME www.service.example."),
	service("hostname-srv-target", "an SRV target is a whole name", "pbx.service.example"),
	service("hostname-srv-target-dotted", "so is one with a dot at its end: SRV", "pbx.service.example."),
}

// service is the case of an SRV target, of which dcspec-2.3 says nothing.
func service(key, title, target string) trial.Case {
	return trial.Case{Key: key, Title: title, Requirements: []string{"DC-HOST-POINTSTO-FQDN"}, Templates: []string{"telephony"},
		Editions: []register.Edition{register.IETF05},
		Body: func(t *trial.Trial) {
			holds(t, "DC-HOST-POINTSTO-FQDN", t.Request("telephony").With("target", target), "_sip._tcp 600 SRV 10 20 5060 pbx.service.example.")
		}}
}

// target is the case of one record of the template with targets in every form.
func target(key, title, record string) trial.Case {
	return trial.Case{Key: key, Title: title, Requirements: []string{"DC-HOST-POINTSTO-FQDN"}, Templates: []string{"targets"},
		Body: func(t *trial.Trial) { holds(t, "DC-HOST-POINTSTO-FQDN", t.Request("targets"), record) }}
}
