package certify

import (
	"slices"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/consent"
)

// edited is the flow's outcome with another consent page.
func edited(f *flow, edit func(*consent.Page)) {
	out := *f.outcome
	out.Pages = slices.Clone(out.Pages)
	for i := range out.Pages {
		if out.Pages[i].Kind == consent.Consent {
			edit(&out.Pages[i])
		}
	}
	f.outcome = &out
}

// takesUnsigned makes the provider forget that links are signed.
func takesUnsigned(t *testing.T, f *flow) {
	open := *f.t
	open.SyncPubKeyDomain = ""
	replaceTenant(t, f, func(c *store.TenantConfig) { c.Templates[0] = &open })
}

// What the user is shown, and what comes after the first apply, is looked at:
// each row takes something away at one moment and names the case that has to
// miss it.
func TestWhatIsNotThereIsMissed(t *testing.T) {
	for _, c := range []struct {
		name, template, scenario, check string
		breakIt                         func(*testing.T, *flow)
	}{
		{"the page hides records", "alder", "apex", "consent-page", func(_ *testing.T, f *flow) {
			edited(f, func(p *consent.Page) { p.Tables = nil })
		}},
		{"the page names nobody", "alder", "apex", "consent-page", func(_ *testing.T, f *flow) {
			edited(f, func(p *consent.Page) { p.Text = "Set up something?" })
		}},
		{"the page does not warn of phishing", "willow", "apex", "consent-page", func(_ *testing.T, f *flow) {
			edited(f, func(p *consent.Page) { p.Alerts = nil })
		}},
		{"the page does not say what is lost", "alder", "hosting-zone", "conflicts-shown", func(_ *testing.T, f *flow) {
			edited(f, func(p *consent.Page) { p.Tables = nil })
		}},
		{"applying again leaves something behind", "alder", "apex", "again", func(t *testing.T, f *flow) {
			change(t, f, func(l []string) []string { return append(l, "extra."+f.domain+". 300 IN A 192.0.2.9") })
		}},
		{"the state does not come back as it was", "alder", "apex", "return", func(_ *testing.T, f *flow) { f.request.State += "x" }},
		{"a link turned to another host is taken", "alder", "apex", "attack-other-host", takesUnsigned},
		{"a link turned to another group is taken", "catalpa", "apex", "attack-other-group", takesUnsigned},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := start(t, Options{Seed: 1})
			sc, f := flowOf(t, w, source(t, c.template), c.scenario)
			results := play(t, sc, func(key string) {
				if key == c.check {
					c.breakIt(t, f)
				}
			})
			if r, ok := results[c.check]; !ok || r.Outcome != reports.HarnessError || r.Reason != "control-failed" {
				t.Errorf("%s is %s (%s): %s", c.check, r.Outcome, r.Reason, r.Message)
			}
		})
	}
}

// A link for one group of several is turned to another one, not to its own.
func TestTheOtherGroupIsAnother(t *testing.T) {
	w := start(t, Options{Seed: 1})
	i := slices.IndexFunc(attackList, func(a attack) bool { return a.key == "attack-other-group" })
	tried := 0
	for _, sc := range w.Scenarios([]Source{source(t, "dogwood")}) {
		f, ok := sc.World.(*flow)
		if !ok || f.place.groups == nil || f.place.brief {
			continue
		}
		play(t, &check.Scenario{Name: sc.Name, Setup: sc.Setup, Teardown: sc.Teardown, World: f,
			Checks: sc.Checks[:3]}, func(string) {})
		link, err := attackList[i].link(f, "token")
		if err != nil || strings.Contains(link, "groupId="+f.place.groups[0]+"&") || !strings.Contains(link, "?groupId=") {
			t.Errorf("%s: %s, %v", sc.Name, link, err)
		}
		tried++
	}
	if tried < 2 {
		t.Errorf("%d groups were tried", tried)
	}
}
