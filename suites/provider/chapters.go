// Package provider puts the chapters together that judge a DNS provider, and
// builds the world that they run in from a target.
package provider

import (
	"github.com/dcconform/dcconform/suites/async"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/claims"
	"github.com/dcconform/dcconform/suites/conflict"
	"github.com/dcconform/dcconform/suites/disclosure"
	"github.com/dcconform/dcconform/suites/discovery"
	"github.com/dcconform/dcconform/suites/extensibility"
	"github.com/dcconform/dcconform/suites/groups"
	"github.com/dcconform/dcconform/suites/hostname"
	"github.com/dcconform/dcconform/suites/publickey"
	"github.com/dcconform/dcconform/suites/query"
	"github.com/dcconform/dcconform/suites/recordtypes"
	"github.com/dcconform/dcconform/suites/redirect"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/revert"
	"github.com/dcconform/dcconform/suites/security"
	"github.com/dcconform/dcconform/suites/settings"
	"github.com/dcconform/dcconform/suites/signature"
	"github.com/dcconform/dcconform/suites/spf"
	"github.com/dcconform/dcconform/suites/state"
	"github.com/dcconform/dcconform/suites/syncapply"
	"github.com/dcconform/dcconform/suites/trial"
	"github.com/dcconform/dcconform/suites/variables"
	"github.com/dcconform/dcconform/suites/writing"
)

// Chapters are all chapters, in the order in which they are run: what others
// rest on comes first.
func Chapters() []trial.Chapter {
	return []trial.Chapter{
		discovery.Chapter(),
		settings.Chapter(),
		query.Chapter(),
		syncapply.Chapter(),
		signature.Chapter(),
		publickey.Chapter(),
		claims.Chapter(),
		variables.Chapter(),
		extensibility.Chapter(),
		hostname.Chapter(),
		groups.Chapter(),
		conflict.Chapter(),
		state.Chapter(),
		spf.Chapter(),
		writing.Chapter(),
		recordtypes.Chapter(),
		disclosure.Chapter(),
		redirect.Chapter(),
		security.Chapter(),
		async.Chapter(),
		revert.Chapter(),
	}
}

// Scenarios are the cases of all chapters that an edition has, each with its
// place among all cases, which stands for its host. w may be nil for planning.
func Scenarios(edition register.Edition, reg *register.Register, w *trial.World) []*check.Scenario {
	var all []*check.Scenario
	index := 0
	for _, ch := range Chapters() {
		for i := range ch.Cases {
			c := &ch.Cases[i]
			if c.Judges(edition, reg) {
				all = append(all, c.Scenario(ch.Name, index, w))
			}
			index++
		}
	}
	return all
}
