package hostname

import "github.com/dcconform/dcconform/suites/trial"

// Sections 6.2 and 9.3.2: host and name of a record.
var owners = []trial.Case{
	owner("hostname-at-is-root", "@ as a host is the name that the template is applied at", "DC-HOST-ROOT", `@ 600 TXT "at"`),
	owner("hostname-empty-is-root", "an empty host is the name that the template is applied at", "DC-HOST-ROOT", `@ 600 TXT "empty"`),
	owner("hostname-relative", "a host is put in front of that name", "DC-HOST-RELATIVE", `www 600 TXT "one label"`),
	owner("hostname-relative-two-labels", "so is one of several labels", "DC-HOST-RELATIVE", `a.b 600 TXT "two labels"`),
	owner("hostname-absolute", "a host with a dot at its end is the whole name", "DC-HOST-ABSOLUTE", `@ 600 TXT "absolute"`),
	owner("hostname-undotted-doubles", "fqdn without a dot at its end is a relative name", "DC-HOST-UNDOTTED-FQDN-DOUBLES", `{root} 600 TXT "doubled"`),
	{Key: "hostname-underscore", Title: "labels that begin with an underscore are written",
		Requirements: []string{"DC-HOST-UNDERSCORE-WILDCARD"}, Templates: []string{"underscores"},
		Body: func(t *trial.Trial) {
			r := t.Request("underscores")
			holds(t, "DC-HOST-UNDERSCORE-WILDCARD", r, r.Records()...)
		}},
	{Key: "hostname-wildcard", Title: "a wildcard is written as one",
		Requirements: []string{"DC-HOST-UNDERSCORE-WILDCARD"}, Templates: []string{"wildcard"},
		Body: func(t *trial.Trial) {
			holds(t, "DC-HOST-UNDERSCORE-WILDCARD", t.Request("wildcard"), `* 600 TXT "any"`)
		}},
	{Key: "hostname-srv-owner", Title: "the owner of an SRV is service and protocol before the name",
		Requirements: []string{"DC-HOST-SRV-OWNER"}, Templates: []string{"services"},
		Body: func(t *trial.Trial) {
			r := t.Request("services")
			holds(t, "DC-HOST-SRV-OWNER", r, r.Records()...)
		}},
}

// owner is the case of one record of the template with hosts in every form.
func owner(key, title, id string, records ...string) trial.Case {
	return trial.Case{Key: key, Title: title, Requirements: []string{id}, Templates: []string{"hosts"},
		Body: func(t *trial.Trial) { holds(t, id, t.Request("hosts"), records...) }}
}
