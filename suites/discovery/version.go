package discovery

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

const mendVersion = "serve the end-point with the segment v2 straight after the prefix"

// Section 4.3: v2 stands straight after the prefix of every end-point. What is
// served at other places beside is not judged.
var version = []trial.Case{
	{Key: "discovery-version-settings", Title: "the settings are served with the segment v2",
		Requirements: []string{"DC-DISC-VERSION-SEGMENT"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			versioned(t, trial.SettingsURL(t.Prefix(t.Domain()), t.Domain()), isSettings, judgeSettings)
		}},
	{Key: "discovery-version-query", Title: "the template query is served with the segment v2",
		Requirements: []string{"DC-DISC-VERSION-SEGMENT"}, Where: trial.ReadOnly, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			versioned(t, t.QueryURL("plain"), trial.Reply.Good, "query/query-supported")
		}},
	{Key: "discovery-version-apply", Title: "the apply request is served with the segment v2",
		Requirements: []string{"DC-DISC-VERSION-SEGMENT"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			e := t.Look(r)
			if !e.Asked() && !t.Look(r.Path(unversioned)).Asked() {
				t.Blocked("settings/settings-sync-works")
			}
			t.Require("DC-DISC-VERSION-SEGMENT", e.Asked(), gomega.BeTrue(), check.About{Sent: "GET " + e.Link,
				Expected: []string{"what is answered without /v2: the user is asked for consent"}, Actual: e.String(), Mend: mendVersion})
		}},
}

// versioned states that a URL serves what it is there for. Where it does not,
// and does not without the segment either, the case is blocked by the one that
// judges the end-point.
func versioned(t *trial.Trial, at string, serves func(trial.Reply) bool, judge string) {
	r := t.Get(at)
	if !serves(r) && !serves(t.Get(unversioned(at))) {
		t.Note("end-point", r.Sent()+": "+r.String())
		t.Blocked(judge)
	}
	t.Require("DC-DISC-VERSION-SEGMENT", serves(r), gomega.BeTrue(), check.About{Sent: r.Sent(),
		Expected: []string{"what is answered without /v2"}, Actual: r.String(), Mend: mendVersion})
}

// judgeSettings judges what the settings call is answered with.
const judgeSettings = "settings/settings-json-object"

// isSettings reports whether an answer is a settings document: a 2xx status and
// a JSON object with a member that settings have to have. A site's page for
// every path is none.
func isSettings(r trial.Reply) bool {
	o, err := trial.ParseObject(r.Body)
	return err == nil && r.Good() && (o.Has("providerId") || o.Has("providerName") || o.Has("urlAPI"))
}

func unversioned(at string) string { return strings.Replace(at, "/v2/", "/", 1) }
