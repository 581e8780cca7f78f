package settings

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

const anURL = "an https URI with a host, optionally a port and a path, and no query and no fragment"

// Section 7.2: where the end-points are.
var urls = []trial.Case{
	{Key: "settings-url-sync-form", Title: "urlSyncUX is an https URI that a path can be appended to",
		Requirements: []string{"DC-SET-URLSYNC-FORM"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			rule{id: "DC-SET-URLSYNC-FORM", member: "urlSyncUX", expected: anURL, problems: values("urlSyncUX", uri)}.judge(t)
			if text, _ := t.Document(t.Place()).Object.Text("urlSyncUX"); strings.HasSuffix(text, "/") {
				r := t.Request("plain")
				t.Twin(r)
				t.Reaches("DC-SET-URLSYNC-FORM", r.Path(doubleSlash), "for a prefix with a slash at its end, //v2 is what comes of it")
			}
		}},
	{Key: "settings-url-api-form", Title: "urlAPI is an https URI that a path can be appended to",
		Requirements: []string{"DC-SET-URLAPI-FORM"}, Where: trial.ReadOnly, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			rule{id: "DC-SET-URLAPI-FORM", member: "urlAPI", expected: anURL, problems: texts("urlAPI", func(s string) string {
				if s == "" {
					return "" // It is missing, which is for another case.
				}
				return uriText(s)
			})}.judge(t)
			if text, _ := t.Document(t.Place()).Object.Text("urlAPI"); strings.HasSuffix(text, "/") {
				twin, r := t.Get(t.QueryURL("plain")), t.Get(doubleSlash(t.QueryURL("plain")))
				if !twin.Good() {
					t.Blocked("query/query-supported")
				}
				t.Require("DC-SET-URLAPI-FORM", r.Good(), gomega.BeTrue(), check.About{Sent: r.Sent(),
					Expected: []string{"what is answered with one slash, since urlAPI ends in one"}, Actual: r.String()})
			}
		}},
	// async-00 section 5. To have no such member is the form of having no flow.
	{Key: "settings-url-async-form", Title: "urlAsyncUX is an https URI that a path can be appended to, or is not there",
		Requirements: []string{"DC-SET-URLASYNC-FORM"}, Where: trial.ReadOnly,
		Body: rule{id: "DC-SET-URLASYNC-FORM", expected: anURL + "; or no urlAsyncUX", mend: "leave urlAsyncUX out where the flow is not offered",
			problems: values("urlAsyncUX", uri)}.judge},
	{Key: "settings-sync-works", Title: "where urlSyncUX is there, apply links below it lead to consent",
		Requirements: []string{"DC-SET-URLSYNC-MEANS-SUPPORT"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			d := t.Document(t.Place())
			text, ok := d.Object.Text("urlSyncUX")
			switch what := uriText(text); {
			case !d.Object.Has("urlSyncUX"):
				t.NotApplicable("no-sync-flow", "the settings name no urlSyncUX, so the flow is not offered")
			case strings.HasPrefix(text, "http://"):
				t.Inconclusive("not-https", fmt.Sprintf("urlSyncUX is %s, and this harness sends users along over https only", text))
			case !ok || what != "":
				t.Fail("DC-SET-URLSYNC-MEANS-SUPPORT", check.About{Sent: d.Reply.Sent(), Expected: []string{"a URL that apply links can be made of", "no urlSyncUX"},
					Actual: fmt.Sprintf("urlSyncUX is %s", d.Object.All("urlSyncUX")), Mend: "leave urlSyncUX out where the flow is not offered"})
			}
			t.Reaches("DC-SET-URLSYNC-MEANS-SUPPORT", t.Request("plain"), "no urlSyncUX in the settings, where the flow is not offered")
		}},
}

func doubleSlash(at string) string {
	return strings.Replace(at, "/v2/domainTemplates/", "//v2/domainTemplates/", 1)
}

// uri is what is wrong with a value that has to be such a URI.
func uri(v jsontext.Value) string {
	if s, ok := trial.Text(v); ok {
		return uriText(s)
	}
	return "it is no string"
}

func uriText(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return "it is no URI"
	case u.Scheme != "https":
		return "its scheme is not https"
	case u.Hostname() == "":
		return "it has no host"
	case u.RawQuery != "" || u.ForceQuery:
		return "it has a query"
	case strings.Contains(s, "#"):
		return "it has a fragment"
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\"<>\\^`{|}", r) }):
		return "it has a character that a URI cannot have"
	}
	return ""
}
