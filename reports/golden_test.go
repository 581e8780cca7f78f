package reports

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files of this package anew")

// golden holds got against a file below testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test ./reports -update writes it", err)
	}
	if diff := cmp.Diff(string(bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))), string(got)); diff != "" {
		t.Errorf("%s: -want +got\n%s", file, diff)
	}
}

// sample is a run with each outcome in it, and texts that are hard on writers.
func sample() *Run {
	p := func(id, template, scenario, requirement string, level Level) Planned {
		return Planned{
			ID: template + "/" + scenario + "/" + id, Case: id, Title: "Title of " + id,
			Requirements: []string{requirement}, Subject: SubjectTemplate, Level: level,
			Template: template, Scenario: scenario,
		}
	}
	records := p("records-served", "example.com.mail", "apex", "DC-APPLY-RECORDS", MUST)
	recordsHost := p("records-served", "example.com.mail", "host", "DC-APPLY-RECORDS", MUST)
	recordsHost.Requirements = append(recordsHost.Requirements, "DC-APPLY-ALL-WRITTEN")
	state := p("state-returned", "example.com.mail", "apex", "DC-SYNC-STATE", MUST)
	logo := p("logo", "shop.example.web", "static", "DC-TMPL-LOGO", SHOULD)
	browser := p("consent-browser", "shop.example.web", "apex", "DC-SYNC-CONSENT", MUST)
	group := p("groups", "shop.example.web", "apex", "DC-GROUPS", MUST)
	dependent := p("state-returned", "shop.example.web", "apex", "DC-SYNC-STATE", MUST)
	control := Planned{
		ID: "control/dial", Case: "control-dial", Title: "Nothing leaves the machine",
		Requirements: []string{"HARNESS-DIAL"}, Subject: SubjectHarness, Level: MUST,
	}
	r := &Run{
		ToolVersion: "0.1.0", Command: []string{"dcconform", "certify", "templates"},
		Subject: SubjectTemplate, Edition: "ietf-05", Consent: "browser", Seed: 7, Scope: ScopeFull,
		Templates: []Template{
			{Key: "example.com.mail", File: "templates/example.com.mail.json", ProviderID: "example.com", ServiceID: "mail", Version: 3,
				SHA256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
			{Key: "shop.example.web", File: "templates/shop.example.web.json", ProviderID: "shop.example", ServiceID: "web"},
		},
		NotCovered: []string{"DC-ASYNC-TOKEN"},
	}
	r.Begin(exemplars(records, recordsHost, state, logo, browser, group, dependent, control), started)
	r.Results = []Result{
		{Planned: records, Outcome: Pass, Assertions: 5, Seconds: 0.31, ExpectedBy: "reference", Evidence: []Evidence{{
			Kind: "observation", Title: "www.example.net. A", SHA256: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
			File: "evidence/2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae.txt", Bytes: 40}}},
		{Planned: recordsHost, Outcome: Fail, Assertions: 4, Seconds: 0.2903, ExpectedBy: "reference",
			Failure: &Failure{
				Requirement: "DC-APPLY-ALL-WRITTEN",
				Clause:      "Every record of the template is served after the apply (ietf-05 section 5.2).",
				Sent:        "GET /v2/domainTemplates/providers/example.com/services/mail/apply?domain=example.net&host=a<b>\"'\x1b[31m]]>",
				Expected:    []string{"www.example.net. 300 IN A 192.0.2.1", "www.example.net. 300 IN A 192.0.2.2"},
				Actual:      "NXDOMAIN\nfrom 127.0.0.1",
				Mend:        "Give the record the host \"www\", as section 5.2 shows.",
			},
			Notes: []Note{{Code: "edition", Text: "dcspec-2.3 asks for the same."}},
			File:  "templates/example.com.mail.json", Line: 12, Column: 7, Record: 2,
			Rerun: "dcconform certify --seed 7 --case example.com.mail/host/records-served templates/example.com.mail.json"},
		{Planned: state, Outcome: HarnessError, Reason: "child-ended", Message: "The child ended with exit status 2 before this case."},
		{Planned: logo, Outcome: Warning, Assertions: 1, Seconds: 0.001, Rule: "DC-TMPL-LOGO", DCTL: "DCTL1010",
			Failure: &Failure{Clause: "The logo is served over https (section 6.1).", Actual: "http://shop.example/l.png"},
			File:    "templates/shop.example.web.json", Line: 5},
		{Planned: browser, Outcome: Inconclusive, Reason: "no-browser", Message: "No browser was found; apt-get install chromium brings one."},
		{Planned: group, Outcome: NotApplicable, Reason: "no-groups", Message: "The template has no groups.", Seconds: 0.0004,
			EvidenceSHA256: onePiece, Rerun: "dcconform certify --case shop.example.web/apex/groups templates/shop.example.web.json"},
		{Planned: dependent, Outcome: Blocked, BlockedBy: browser.ID},
		{Planned: control, Outcome: Pass, Assertions: 1},
	}
	r.Finish(finished)
	return r
}

func exemplars(plan ...Planned) []Planned {
	MarkExemplars(plan)
	return plan
}

func TestGoldenJSON(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJSON(&b, sample()); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.json", b.Bytes())
	if err := validate(t, compiledSchema(t), b.String()); err != nil {
		t.Error(err)
	}
}

func TestGoldenJUnit(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJUnit(&b, sample()); err != nil {
		t.Fatal(err)
	}
	golden(t, "junit.xml", b.Bytes())
}

// many is a run over hundreds of templates in which all sorts of things fail.
func many() *Run {
	var plan []Planned
	var results []Result
	for i := range 60 {
		for j, level := range []Level{MUST, MUST, MUST, MUST, SHOULD, MAY} {
			p := Planned{
				ID: word(i) + "/apex/" + word(j), Case: word(j), Title: "Title", Requirements: []string{"DC-AREA-" + word(j)},
				Subject: SubjectTemplate, Level: level, Template: word(i) + ".example.com.service", Scenario: "apex",
			}
			plan = append(plan, p)
			o := Pass
			switch (i*7 + j*3) % 11 {
			case 0, 1:
				o = []Outcome{Fail, Fail, Fail, Fail, Warning, Warning}[j]
			case 2:
				o = []Outcome{Inconclusive, HarnessError, NotApplicable, Blocked, Warning, Inconclusive}[j]
			}
			res := result(p, o)
			switch o {
			case Fail:
				res.Failure = &Failure{
					Clause: "The " + word(j) + " must hold, and this sentence goes on for longer than a line has room for (section 5).",
					Actual: "something else came back than the clause asks for, with the name ünïcödé.例え.テスト in it", Expected: []string{"this"},
				}
				res.Rerun = "dcconform certify --case " + p.ID + " t.json"
			case Blocked:
				res.BlockedBy = word(i) + "/apex/" + word(0)
			case HarnessError:
				res.Message = "The child ended before this case."
			case Inconclusive:
				res.Message = "The name server did not answer within 2 s."
			}
			results = append(results, res)
		}
	}
	r := &Run{ToolVersion: "0.1.0", Subject: SubjectTemplate, Edition: "ietf-05", Consent: "form", Seed: 1, Scope: ScopeFull, Templates: make([]Template, 60)}
	r.Begin(plan, started)
	r.Results = results
	r.StaleBaseline = []string{"alfa: expected to fail, passed"}
	r.Finish(finished)
	return r
}

func word(n int) string {
	letters := []string{"alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel"}
	if n < len(letters) {
		return letters[n]
	}
	return word(n/len(letters)) + "-" + letters[n%len(letters)]
}
