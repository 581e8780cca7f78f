package query

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 8.2, table 3: the status that says yes or no, to whom and for what.
var status = []trial.Case{
	{Key: "query-supported", Title: "an onboarded template is answered with 200, and with nothing or JSON",
		Requirements: []string{"DC-QRY-SUPPORTED-OK"}, Where: trial.ReadOnly, Templates: []string{"plain", "signed"},
		Body: func(t *trial.Trial) {
			if _, problem := t.API(); problem != "" {
				t.Fail("DC-QRY-SUPPORTED-OK", check.About{Sent: "the template query",
					Expected: []string{"an https URL as urlAPI, below which the query can be sent"}, Actual: problem})
			}
			for _, service := range []string{"plain", "signed"} {
				supported(t, t.Get(t.QueryURL(service)))
			}
		}},
	{Key: "query-unsupported", Title: "a template that is not supported is answered with 404",
		Requirements: []string{"DC-QRY-UNSUPPORTED-NOT-FOUND"}, Where: trial.ReadOnly, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			asked(t)
			for _, at := range []string{
				t.QueryURLOf("unknown.dcconform.example", "plain"),
				t.QueryURLOf(t.World.Target.Templates.ProviderID, "dcconform-no-such-service"),
			} {
				r := t.Get(at)
				t.Require("DC-QRY-UNSUPPORTED-NOT-FOUND", r.Status, gomega.Equal(404), check.About{Sent: r.Sent(),
					Expected: []string{"status 404, with or without a body"}, Actual: r.String()})
			}
		}},
	{Key: "query-anonymous", Title: "the query needs no credentials and is answered alike to everybody",
		Requirements: []string{"DC-QRY-NO-CREDENTIALS"}, Where: trial.ReadOnly, Templates: []string{"plain"},
		Body: anonymous},
	{Key: "query-hostile-ids", Title: "what cannot be an id in the path names no template and breaks nothing",
		Requirements: []string{"DC-QRY-HOSTILE-IDS"}, Where: trial.ReadOnly, Templates: []string{"plain"},
		Body: hostile},
}

func supported(t *trial.Trial, r trial.Reply) {
	about := check.About{Sent: r.Sent(), Expected: []string{"status 200 without a body", "status 200 with a JSON object"}, Actual: r.String(),
		Mend: "answer the query itself, to everybody, with 200 where the template can be applied"}
	t.Require("DC-QRY-SUPPORTED-OK", r.Good(), gomega.BeTrue(), about)
	if r.Status != 200 {
		t.Note("reading", fmt.Sprintf("supported is said with status %d", r.Status))
	}
	isJSON := len(r.Body) == 0 || jsontext.Value(r.Body).IsValid(jsontext.AllowDuplicateNames(true))
	t.Require("DC-QRY-SUPPORTED-OK", isJSON, gomega.BeTrue(), about)
}

// anonymous asks as a stranger, as somebody with cookies and as somebody with
// a token that nobody has given.
func anonymous(t *trial.Trial) {
	at := t.QueryURL("plain")
	first := t.Get(at)
	if !first.Good() && first.Status != 401 && first.Status != 403 {
		t.Blocked("query/query-supported")
	}
	about := check.About{Sent: first.Sent(), Expected: []string{"a 2xx status, without credentials"}, Actual: first.String()}
	t.Require("DC-QRY-NO-CREDENTIALS", first.Good(), gomega.BeTrue(), about)
	for _, field := range []string{t.CookieField(at), "Authorization: Bearer dcconform"} {
		r := t.Get(at, field)
		about := check.About{Sent: r.Sent(), Expected: []string{"what is answered without credentials: " + first.String()}, Actual: r.String()}
		t.Require("DC-QRY-NO-CREDENTIALS", r.Status, gomega.Equal(first.Status), about)
		t.Require("DC-QRY-NO-CREDENTIALS", version(r), gomega.Equal(version(first)), about)
	}
}

// version is the member version of a reply as sent, "" without one.
func version(r trial.Reply) string {
	if o, err := trial.ParseObject(r.Body); err == nil {
		return fmt.Sprintf("%s", o.All("version"))
	}
	return ""
}

// hostile asks for ids that are none (section 3, dc-id). The two providers and
// services of each pair go into the path as they stand.
func hostile(t *trial.Trial) {
	asked(t)
	api, _ := t.API()
	own := t.World.Target.Templates.ProviderID
	for _, ids := range [][2]string{
		{own, "..%2F..%2F..%2Fetc%2Fpasswd"},
		{own, "..%2Fservices%2Fplain"},
		{"..%2Fproviders%2F" + own, "plain"},
		{own, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
		{own, ""},
		{own, "plain%00"},
		{own, "plain%00.json"},
		{own, "plain%22"},
		{own, "plain%27%20OR%20%271%27%3D%271"},
		{own, "plain%20"},
		{own, "%3Cscript%3Ealert(1)%3C%2Fscript%3E"},
	} {
		r := t.Get(api + "/v2/domainTemplates/providers/" + ids[0] + "/services/" + ids[1])
		about := check.About{Sent: r.Sent(), Expected: []string{"status 404", "status 400"}, Actual: r.String(),
			Mend: "compare the decoded segment with the ids of the templates, as a whole, and use it for nothing else"}
		t.Require("DC-QRY-HOSTILE-IDS", r.Good(), gomega.BeFalse(), about)
		t.Require("DC-QRY-HOSTILE-IDS", r.Status, gomega.BeNumerically("<", 500), about)
		if r.Status != 404 && r.Status != 400 {
			t.Note("reading", fmt.Sprintf("%s: %s", r.Sent(), r))
		}
	}
}
