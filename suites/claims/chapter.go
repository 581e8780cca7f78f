// Package claims holds what target.yaml claims of a DNS provider against what
// the provider says of itself: the settings (ietf-05 section 7.2) and the
// template query (section 8.2). A contradiction is a failure, whichever side is
// wrong, since every case that rests on the claim would be judged amiss.
package claims

import (
	"fmt"
	"slices"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/target"
	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "claims", Title: "Claims of the target", Cases: slices.Concat(features, members)}
}

// features are claims that a template shows.
var features = []trial.Case{
	feature("claims-spfm", register.NeedSPFM, "spf"),
	feature("claims-ns", register.NeedNS, "delegation"),
	feature("claims-generic-types", register.NeedGenericTypes, "authorities"),
	feature("claims-numeric-variables", register.NeedNumericVariables, "numbers"),
	feature("claims-shared-names", register.NeedSharedNames, "shared-provider"),
	feature("claims-ext-types", register.NeedExtTypes, "forwarding"),
}

// members are claims that the settings show.
var members = []trial.Case{
	member("claims-control-panel", target.ClaimControlPanel, "urlControlPanel"),
	member("claims-name-servers", target.ClaimNameServers, "nameServers"),
	member("claims-window-size", target.ClaimWindowSize, "width"),
}

// feature is the case of a claim and the template that needs what is claimed.
// Where it is claimed the template query has to agree; where it is denied the
// query has to say no, and an apply request has to lead to nothing: half a
// template is worse than none.
func feature(key string, need register.Need, service string) trial.Case {
	return trial.Case{Key: key, Title: "what is said of " + string(need) + " is so",
		Requirements: []string{"DC-QRY-SUPPORTED-OK", "DC-QRY-UNSUPPORTED-NOT-FOUND"}, Templates: []string{service},
		Body: func(t *trial.Trial) {
			claimed, said := t.World.Target.Claims[need]
			if !said {
				t.Lacking("claim-missing", fmt.Sprintf("the target does not say whether it has %s: state it under claims", need))
			}
			supported := t.Supports(service)
			about := check.About{Sent: "the template query for " + service, Mend: fmt.Sprintf("correct claims.%s in target.yaml, or the provider", need)}
			if claimed {
				about.Expected = []string{"the template is supported, since the target claims " + string(need)}
				about.Actual = "the query says that it is not"
				t.Require("DC-QRY-SUPPORTED-OK", supported, gomega.BeTrue(), about)
				return
			}
			about.Expected = []string{"the template is not supported, since the target does not claim " + string(need)}
			about.Actual = "the query says that it is"
			t.Require("DC-QRY-UNSUPPORTED-NOT-FOUND", supported, gomega.BeFalse(), about)
			e := t.Approve(t.Request(service))
			about.Sent, about.Actual = "GET "+e.Link+", then Confirm", e.String()
			t.Require("DC-QRY-UNSUPPORTED-NOT-FOUND", e.Succeeded(), gomega.BeFalse(), about)
		}}
}

// member is the case of a claim and the member of the settings that shows it.
func member(key string, need register.Need, name string) trial.Case {
	return trial.Case{Key: key, Title: "what is said of " + string(need) + " is so",
		Requirements: []string{"DC-SET-RESERVED-MEANING"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			claimed, said := t.World.Target.Claims[need]
			if !said {
				t.NotApplicable("claim-missing", fmt.Sprintf("the target does not say whether it has %s", need))
			}
			there := t.Document(t.Place()).Object.Has(name)
			t.Require("DC-SET-RESERVED-MEANING", there, gomega.Equal(claimed), check.About{Sent: "the settings of " + t.Domain(),
				Expected: []string{fmt.Sprintf("a member %s exactly where the target claims %s", name, need)},
				Actual:   fmt.Sprintf("claimed: %t, there: %t", claimed, there),
				Mend:     fmt.Sprintf("correct claims.%s in target.yaml, or the provider", need)})
		}}
}
