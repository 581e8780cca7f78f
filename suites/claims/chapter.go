// Package claims holds what target.yaml claims of a DNS provider against what
// the provider says of itself: the settings (ietf-05 section 7.2) and the
// template query (section 8.2). A contradiction is a failure, whichever side is
// wrong, since every case that rests on the claim would be judged amiss.
package claims

import (
	"slices"

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
	feature{key: "claims-spfm", need: register.NeedSPFM, service: "spf"}.trial(),
	feature{key: "claims-ns", need: register.NeedNS, service: "delegation"}.trial(),
	feature{key: "claims-generic-types", need: register.NeedGenericTypes, service: "authorities"}.trial(),
	feature{key: "claims-numeric-variables", need: register.NeedNumericVariables, service: "numbers"}.trial(),
	// Who does not show the names that a request adds can apply the template
	// all the same, with its own (section 10.6).
	feature{key: "claims-shared-names", need: register.NeedSharedNames, service: "shared-provider", ignorable: namesIgnored}.trial(),
	feature{key: "claims-ext-types", need: register.NeedExtTypes, service: "forwarding"}.trial(),
	feature{key: "claims-apexcname", need: target.ClaimAPEXCNAME, service: "apex-cname", partial: true}.trial(),
	feature{key: "claims-caa", need: target.ClaimCAA, service: "certificate", partial: true}.trial(),
	feature{key: "claims-srv", need: target.ClaimSRV, service: "telephony", partial: true}.trial(),
}

// members are claims that the settings show.
var members = []trial.Case{
	member("claims-control-panel", target.ClaimControlPanel, "urlControlPanel"),
	member("claims-name-servers", target.ClaimNameServers, "nameServers"),
	member("claims-window-size", target.ClaimWindowSize, "width", "height"),
	async,
}
