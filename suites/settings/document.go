package settings

import (
	"fmt"
	"mime"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/match"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 7.2, table 2: what is answered, and to whom.
var document = []trial.Case{
	{Key: "settings-json-object", Title: "the settings of a held zone are a JSON object with a 2xx status",
		Requirements: []string{"DC-SET-JSON-OBJECT"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			judged := false
			for _, d := range t.Held() {
				if d.Name != t.Domain() && len(t.Contents(d.Name)) == 0 && t.World.Target.Settings == "" {
					continue // The missing record is for discovery-txt-answered.
				}
				judged = true
				object(t, d.Name)
			}
			if !judged {
				t.Blocked("discovery/discovery-txt-answered")
			}
		}},
	{Key: "settings-anonymous", Title: "the settings need no credentials and are the same for everybody",
		Requirements: []string{"DC-SET-STABLE-ACROSS-AUTH"}, Where: trial.ReadOnly,
		Body: anonymous},
	{Key: "settings-sync-offered", Title: "the synchronous flow is offered for every zone of the product alike",
		Requirements: []string{"DC-SET-SYNC-OFFERED"}, Where: trial.ReadOnly,
		Body: offered},
}

// object states that the settings of a domain are an object.
func object(t *trial.Trial, domain string) {
	r := t.Get(trial.SettingsURL(t.Prefix(domain), domain))
	about := check.About{Sent: r.Sent(), Expected: []string{"a 2xx status with a JSON object"}, Actual: r.String(),
		Mend: "answer the call directly, to everybody, with the settings as JSON in UTF-8"}
	t.Require("DC-SET-JSON-OBJECT", r.Good(), gomega.BeTrue(), about)
	o, err := trial.ParseObject(r.Body)
	about.Actual = fmt.Sprintf("%v: %s", err, r)
	t.Require("DC-SET-JSON-OBJECT", err, gomega.BeNil(), about)
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		t.Note("content-type", fmt.Sprintf("the settings are sent with Content-Type %q, not application/json", r.Header.Get("Content-Type")))
	}
	if names := o.Names(); len(slices.Compact(names)) < len(o) {
		t.Note("repeated-member", "a member of the settings stands more than once, and which one counts is for the reader to choose")
	}
}

// anonymous compares what a stranger gets with what somebody with cookies gets.
// Members that differ between two calls of a stranger say nothing.
func anonymous(t *trial.Trial) {
	at := trial.SettingsURL(t.Prefix(t.Domain()), t.Domain())
	first, again := t.Get(at), t.Get(at)
	about := check.About{Sent: first.Sent(), Expected: []string{"the settings, without credentials"}, Actual: first.String()}
	want, err := trial.ParseObject(first.Body)
	if asks := first.Status == 401 || first.Status == 403 || first.Status >= 300 && first.Status < 400; !asks && (err != nil || !first.Good()) {
		t.Blocked("settings/settings-json-object")
	}
	t.Require("DC-SET-STABLE-ACROSS-AUTH", first.Good(), gomega.BeTrue(), about)
	same, err := trial.ParseObject(again.Body)
	if err != nil {
		t.Inconclusive("unsteady", "two calls alike are answered "+first.String()+" and "+again.String())
	}
	known := t.Get(at, t.CookieField(at))
	about = check.About{Sent: known.Sent(), Expected: []string{"what is answered without cookies"}, Actual: known.String()}
	got, err := trial.ParseObject(known.Body)
	t.Require("DC-SET-STABLE-ACROSS-AUTH", err == nil && known.Good(), gomega.BeTrue(), about)
	moving := match.Missing(want.Lines(), same.Lines())
	steady := func(o trial.Object) []string {
		return slices.DeleteFunc(o.Lines(), func(l string) bool {
			name, _, _ := strings.Cut(l, ": ")
			return slices.ContainsFunc(moving, func(m string) bool { return strings.HasPrefix(m, name+": ") })
		})
	}
	about.Expected, about.Actual = steady(want), strings.Join(steady(got), ", ")
	t.Require("DC-SET-STABLE-ACROSS-AUTH", steady(got), gomega.Equal(steady(want)), about)
}

// offered compares the domains of one brand: that all lack the flow is a
// provider's choice, that some do is none.
func offered(t *trial.Trial) {
	var with, without []string
	for _, d := range t.Documents() {
		switch {
		case d.Domain.Role == "brand":
		case d.Object.Has("urlSyncUX"):
			with = append(with, d.Domain.Name)
		default:
			without = append(without, d.Domain.Name)
		}
	}
	about := check.About{Sent: "the settings of " + strings.Join(append(slices.Clone(with), without...), ", "),
		Expected: []string{"urlSyncUX for every zone", "urlSyncUX for no zone, where only other flows are offered"},
		Actual:   "no urlSyncUX for " + strings.Join(without, ", ")}
	t.Abuse("DC-SET-SYNC-OFFERED", len(with) > 0 && len(without) > 0, about)
	about.Expected = about.Expected[:1]
	t.Require("DC-SET-SYNC-OFFERED", with, gomega.Not(gomega.BeEmpty()), about)
}
