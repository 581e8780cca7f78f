package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The consumer: structures of its own, as a CI system would have them.
type (
	ciSuites struct {
		XMLName  xml.Name  `xml:"testsuites"`
		Tests    int       `xml:"tests,attr"`
		Failures int       `xml:"failures,attr"`
		Errors   int       `xml:"errors,attr"`
		Skipped  int       `xml:"skipped,attr"`
		Time     string    `xml:"time,attr"`
		Suites   []ciSuite `xml:"testsuite"`
	}
	ciSuite struct {
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Skipped  int      `xml:"skipped,attr"`
		Time     string   `xml:"time,attr"`
		Cases    []ciCase `xml:"testcase"`
	}
	ciCase struct {
		Class   string      `xml:"classname,attr"`
		Name    string      `xml:"name,attr"`
		Time    string      `xml:"time,attr"`
		Failure []ciProblem `xml:"failure"`
		Error   []ciProblem `xml:"error"`
		Skipped []ciProblem `xml:"skipped"`
		Out     string      `xml:"system-out"`
	}
	ciProblem struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Body    string `xml:",chardata"`
	}
)

func consume(t fataler, r *Run) ciSuites {
	t.Helper()
	var b bytes.Buffer
	if err := WriteJUnit(&b, r); err != nil {
		t.Fatal(err)
	}
	var doc ciSuites
	dec := xml.NewDecoder(&b)
	dec.Strict = true
	if err := dec.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func seconds(t fataler, text string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Counted again by the consumer, the numbers of every element agree with what
// is in it and with the run.
func TestJUnitCountsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		results := anyResults(t)
		for i := range results {
			results[i].Template = rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "template")
			results[i].Case = rapid.SampledFrom([]string{"same", "other"}).Draw(t, "case")
			results[i].Seconds = rapid.Float64Range(0, 9).Draw(t, "seconds")
		}
		r := finish(results...)
		doc := consume(t, r)
		var all ciSuites
		names, took := map[string]bool{}, 0.0
		for _, s := range doc.Suites {
			var sum ciSuite
			inSuite := 0.0
			for _, c := range s.Cases {
				sum.Tests++
				sum.Failures += len(c.Failure)
				sum.Errors += len(c.Error)
				sum.Skipped += len(c.Skipped)
				inSuite += seconds(t, c.Time)
				if len(c.Failure)+len(c.Error)+len(c.Skipped) > 1 {
					t.Fatalf("more than one end: %+v", c)
				}
				if names[c.Class+"/"+c.Name] {
					t.Fatalf("two cases of one name: %s %s", c.Class, c.Name)
				}
				names[c.Class+"/"+c.Name] = true
			}
			if sum.Tests != s.Tests || sum.Failures != s.Failures || sum.Errors != s.Errors || sum.Skipped != s.Skipped {
				t.Fatalf("suite %q says %d %d %d %d, it has %+v", s.Name, s.Tests, s.Failures, s.Errors, s.Skipped, sum)
			}
			if math.Abs(inSuite-seconds(t, s.Time)) > 0.001*float64(len(s.Cases)+1) {
				t.Fatalf("suite %q took %s, its cases %f", s.Name, s.Time, inSuite)
			}
			all.Tests += s.Tests
			all.Failures += s.Failures
			all.Errors += s.Errors
			all.Skipped += s.Skipped
			took += inSuite
		}
		if all.Tests != doc.Tests || all.Failures != doc.Failures || all.Errors != doc.Errors || all.Skipped != doc.Skipped {
			t.Fatalf("the top says %d %d %d %d, the suites %+v", doc.Tests, doc.Failures, doc.Errors, doc.Skipped, all)
		}
		if math.Abs(took-seconds(t, doc.Time)) > 0.01 {
			t.Fatalf("the top took %s, the cases %f", doc.Time, took)
		}
		if doc.Failures != r.Counts[Fail] || doc.Skipped != r.Counts[NotApplicable] {
			t.Fatalf("%d failures, %d skipped; the run has %v", doc.Failures, doc.Skipped, r.Counts)
		}
		extra := doc.Tests - len(r.Results) // the testcase "verdict"
		if extra < 0 || extra > 1 || doc.Errors != r.Counts[Inconclusive]+r.Counts[Blocked]+r.Counts[HarnessError]+extra {
			t.Fatalf("%d errors, %d more cases than results; the run has %v", doc.Errors, extra, r.Counts)
		}
		if !r.Verdict.Green() && doc.Failures+doc.Errors == 0 {
			t.Fatalf("junit.xml is green, the verdict is %s", r.Verdict)
		}
	})
}

func TestJUnitMapping(t *testing.T) {
	doc := consume(t, sample())
	by := map[string]ciCase{}
	for _, s := range doc.Suites {
		for _, c := range s.Cases {
			by[c.Class+" "+c.Name] = c
		}
	}
	end := func(c ciCase) string {
		switch {
		case len(c.Failure) == 1:
			return "failure " + c.Failure[0].Type
		case len(c.Error) == 1:
			return "error " + c.Error[0].Type
		case len(c.Skipped) == 1:
			return "skipped"
		case c.Out != "":
			return "passed with output"
		}
		return "passed"
	}
	for name, want := range map[string]string{
		"example.com.mail/apex records-served":  "passed",
		"example.com.mail/host records-served":  "failure fail",
		"example.com.mail/apex state-returned":  "error harness-error",
		"shop.example.web/static logo":          "passed with output",
		"shop.example.web/apex consent-browser": "error inconclusive",
		"shop.example.web/apex groups":          "skipped",
		"shop.example.web/apex state-returned":  "error blocked",
		"harness control-dial":                  "passed",
	} {
		c, ok := by[name]
		if got := end(c); !ok || got != want {
			t.Errorf("%s: %s (there: %t), want %s", name, got, ok, want)
		}
	}
	if len(by) != 8 {
		t.Errorf("%d cases, want 8", len(by))
	}
	body := by["example.com.mail/host records-served"].Failure[0].Body
	for _, want := range []string{
		"clause:      Every record of the template is served after the apply (ietf-05 section 5.2).\n",
		`host=a<b>"'\x1b[31m]]>` + "\n",
		"expected:    www.example.net. 300 IN A 192.0.2.1\n  or:        www.example.net. 300 IN A 192.0.2.2\n",
		"got:         NXDOMAIN\n             from 127.0.0.1\n",
		"again:       dcconform certify --seed 7",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the failure does not say %q:\n%s", want, body)
		}
	}
}

func TestJUnitOfARunThatSelectedNothingIsRed(t *testing.T) {
	doc := consume(t, finish())
	if doc.Tests != 1 || doc.Errors != 1 || doc.Suites[0].Cases[0].Error[0].Message != "No case was selected, so nothing was judged." {
		t.Errorf("%+v", doc)
	}
	doc = consume(t, finish(result(planned("a", SubjectTemplate, MUST), NotApplicable)))
	if doc.Tests != 2 || doc.Errors != 1 || doc.Skipped != 1 {
		t.Errorf("only not-applicable: %+v", doc)
	}
}

func TestPrintable(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"plain ünïcödé 例え 🎉\ttab\nline", "plain ünïcödé 例え 🎉\ttab\nline"},
		{"\x1b[31m", `\x1b[31m`},
		{"a\r\nb\rc", `a` + "\n" + `b\x0dc`},
		{"\x00\x7f", `\x00\x7f`},
		{"\u0085\ufffe\uffff", `\u0085\ufffe\uffff`},
		{"\xff\xc3(", `\xff\xc3(`},
		{"\ufffd", "\ufffd"},
	} {
		if got := printable(tc.in); got != tc.want {
			t.Errorf("printable(%q) = %q, want %q", tc.in, got, tc.want)
		}
	}
}

// Whatever a template holds, the file is XML and the text comes back.
func TestJUnitHoldsAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.String().Draw(t, "text")
		res := result(planned("m", SubjectTemplate, MUST), Fail)
		res.Failure.Actual, res.Template, res.Case = text, "t"+text, "c"+text
		doc := consume(t, finish(res))
		c := doc.Suites[0].Cases[0]
		if want := printable("c" + text); c.Name != want {
			t.Fatalf("name %q, want %q", c.Name, want)
		}
		if want := printable(strings.TrimSpace(text)); !strings.Contains(strings.ReplaceAll(c.Failure[0].Body, "\n             ", "\n"), want) {
			t.Fatalf("body %q has no %q", c.Failure[0].Body, want)
		}
	})
}

func TestWritersReportAWriterThatFails(t *testing.T) {
	for _, w := range Writers() {
		if err := w.Write(brokenWriter{}, sample(), nil); !errors.Is(err, errFull) || !strings.HasPrefix(err.Error(), w.File+": ") {
			t.Errorf("%s: error %v", w.Name, err)
		}
	}
}
