package prove

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
)

// codesLive has all clients' codes live for so long.
func codesLive(life time.Duration) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		for i := range c.Clients {
			c.Clients[i].CodeLife = life
		}
	}
}

// What is good beyond its time by no more than clocks are apart is let pass,
// for codes as for tokens.
func TestClocks(t *testing.T) {
	flow := selftest.Options{Edition: register.IETF05, Kind: selftest.Async}
	judge(t, []dud{
		{What: "codes live as long as is said", Case: "async-code-expires", Options: flow, Break: codesLive(time.Minute), Outcome: reports.Pass},
		{What: "codes live half a minute longer", Case: "async-code-expires", Options: flow, Break: codesLive(90 * time.Second), Outcome: reports.Pass},
		{What: "codes live two minutes longer", Case: "async-code-expires", Options: flow, Break: codesLive(3 * time.Minute), Outcome: reports.Warning},
		{What: "codes live for ever", Case: "async-code-expires", Options: flow, Break: func(c *store.TenantConfig) {
			c.Hooks.OAuth = append(c.Hooks.OAuth, func(r oauth.Refusal) *oauth.Error {
				if r.Guard == oauth.GuardCodeAge {
					return nil
				}
				return r.Err
			})
		}, Outcome: reports.Warning},
	})
}

// unsignedNowhere refuses to ask the user about the template that demands
// signatures, in a flow without any.
var unsignedNowhere = web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if strings.Contains(r.URL.Path, "/ux/async/") && strings.Contains(r.URL.Query().Get("scope"), "signed") {
		http.Error(w, "this template is for signed links", http.StatusBadRequest)
		return
	}
	next.ServeHTTP(w, r)
})

// rulesStay refuses to delete mail rules by hand.
func rulesStay(c *store.TenantConfig) {
	count := func(z *zone.Zone) (n int) {
		for r := range z.Records() {
			if r.Type == "TXT" && strings.HasPrefix(r.Data, `"v=spf1`) {
				n++
			}
		}
		return n
	}
	c.Hooks.Edited = append(c.Hooks.Edited, func(before, after *zone.Zone) (*zone.Zone, error) {
		if count(after) < count(before) {
			return nil, errors.New("mail rules are changed by their templates")
		}
		return after, nil
	})
}

// What the texts leave open convicts nobody, and what could not be looked at
// passes nobody.
func TestOpenQuestions(t *testing.T) {
	flow := selftest.Options{Edition: register.IETF05, Kind: selftest.Async}
	old := selftest.Options{Edition: register.DCSpec23, Kind: selftest.Async}
	kept := selftest.Options{Edition: register.IETF05, Kind: selftest.Stateful}
	unsignedBlocked := flow
	unsignedBlocked.Faults = []string{"async-syncblock"}
	judge(t, []dud{
		{What: "nobody is asked without a signature", Case: "async-locks", Options: flow, Break: unsignedNowhere, Outcome: reports.Pass},
		{What: "nobody is asked without a signature", Case: "async-locks", Options: old, Break: unsignedNowhere, Outcome: reports.Fail},
		{What: "nobody is asked without a signature, and syncBlock bars calls", Case: "async-locks", Options: unsignedBlocked, Break: unsignedNowhere, Outcome: reports.Fail},
		{What: "mail rules are not deleted by hand", Case: "state-spf-not-essential", Options: kept, Break: rulesStay, Outcome: reports.Inconclusive, Reason: "control-twin"},
	})
}
