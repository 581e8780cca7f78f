package query

import (
	"fmt"
	"mime"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 8.2: what the answer may carry.
var body = []trial.Case{
	{Key: "query-version", Title: "a version, or a whole template, is the one that was onboarded",
		Requirements: []string{"DC-QRY-VERSION-BODY"}, Where: trial.ReadOnly, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			for _, r := range bothForms(t) {
				problems := differences(t, r)
				t.Abuse("DC-QRY-VERSION-BODY", len(problems) > 0, check.About{Sent: r.Sent(),
					Expected: []string{"no body", `{"version":1}`, "the template as onboarded"},
					Actual:   strings.Join(problems, "; ") + ": " + r.String(), Mend: "answer from the copy that apply requests use"})
			}
		}},
	{Key: "query-full-template", Title: "a whole template is sent with its own media type, and asking for it does not hurt",
		Requirements: []string{"DC-QRY-FULL-CONTENT-TYPE"}, Where: trial.ReadOnly, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			for _, r := range bothForms(t) {
				t.Require("DC-QRY-FULL-CONTENT-TYPE", r.Good(), gomega.BeTrue(), check.About{Sent: r.Sent(),
					Expected: []string{"the whole template", "the answer without Accept, where whole templates are not sent"}, Actual: r.String(),
					Mend: "take an Accept that you do not know for none"})
				o, err := trial.ParseObject(r.Body)
				if err != nil || !o.Has("records") {
					continue
				}
				kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
				if err != nil {
					kind = r.Header.Get("Content-Type")
				}
				t.Require("DC-QRY-FULL-CONTENT-TYPE", kind, gomega.Equal(client.TemplateMediaType), check.About{Sent: r.Sent(),
					Expected: []string{"Content-Type " + client.TemplateMediaType}, Actual: "the whole template with Content-Type " + kind})
			}
		}},
}

// bothForms are the answers without and with an Accept for whole templates.
func bothForms(t *trial.Trial) []trial.Reply {
	return []trial.Reply{asked(t), t.Get(t.QueryURL("plain"), "Accept: "+client.TemplateMediaType)}
}

// plain is what the template plain says of its records: for each, members and
// their values as text.
var plain = []map[string]string{
	{"type": "A", "host": "@", "pointsTo": "%ip%", "ttl": "600"},
	{"type": "TXT", "host": "note", "data": "v=%text%", "ttl": "600"},
}

// differences are those of a body from the template as onboarded.
func differences(t *trial.Trial, r trial.Reply) []string {
	if !r.Good() || len(r.Body) == 0 {
		return nil
	}
	if !jsontext.Value(r.Body).IsValid(jsontext.AllowDuplicateNames(true)) {
		t.Blocked("query/query-supported")
	}
	o, err := trial.ParseObject(r.Body)
	if err != nil {
		return []string{err.Error()}
	}
	var all []string
	for _, v := range o.All("version") {
		switch {
		case v.Kind() == 'n':
			t.Note("null-member", "version is null in the answer")
		case string(v) != "1":
			all = append(all, "version is "+string(v)+", and 1 was onboarded")
		}
	}
	for _, v := range o.All("records") {
		all = append(all, recordDifferences(v)...)
	}
	return all
}

// recordDifferences compares records one after the other. Members that the
// onboarded template does not have may be null or empty.
func recordDifferences(v jsontext.Value) []string {
	items, ok := trial.Items(v)
	if !ok || len(items) != len(plain) {
		return []string{fmt.Sprintf("records is %s, and %d were onboarded", v, len(plain))}
	}
	var all []string
	for i, item := range items {
		record, err := trial.ParseObject(item)
		if err != nil {
			return append(all, fmt.Sprintf("record %d: %v", i+1, err))
		}
		for name, want := range plain[i] {
			got, ok := record.Text(name)
			if values := record.All(name); !ok && len(values) == 1 {
				got = string(values[0])
			}
			if got != want {
				all = append(all, fmt.Sprintf("record %d has the %s %q, and %q was onboarded", i+1, name, got, want))
			}
		}
	}
	return all
}
