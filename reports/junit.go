package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

var junitWriter = Writer{Name: "junit", File: "junit.xml", Write: plain(WriteJUnit)}

// The shape of junit.xml as its many readers agree on it.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		Timestamp  string          `xml:"timestamp,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
		seconds    float64
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		ClassName string        `xml:"classname,attr"`
		Name      string        `xml:"name,attr"`
		File      string        `xml:"file,attr,omitempty"`
		Line      int           `xml:"line,attr,omitempty"`
		Time      string        `xml:"time,attr"`
		Failure   *junitProblem `xml:"failure"`
		Error     *junitProblem `xml:"error"`
		Skipped   *junitSkipped `xml:"skipped"`
		SystemOut *junitOut     `xml:"system-out"`
	}
	junitProblem struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Body    string `xml:",cdata"`
	}
	junitOut struct {
		Body string `xml:",cdata"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
)

// WriteJUnit writes r as junit.xml: a testsuite for each template (of a target,
// for each chapter), and one for the cases that are about none. The outcomes map as follows.
//
//	pass                                   a plain testcase
//	warning                                a testcase with the warning in <system-out>
//	fail                                   <failure>
//	inconclusive, blocked, harness-error   <error>
//	not-applicable                         <skipped>
//	fail that the baseline knows           <skipped>, its message begins with "known failure"
//	blocked by such a one                  <skipped>
//	refused by the profile of the run      <failure>, in a testcase named like the profile
//	refused by one of several, unknown     <skipped>, likewise
//
// The file is never green when the exit code is not 0: where no case says so (a
// run that selected nothing, or a baseline entry that no longer fits), a
// testcase named "verdict" is the error.
func WriteJUnit(w io.Writer, r *Run) error {
	top := junitSuites{Name: Tool}
	at, named, behind := map[string]int{}, map[string]bool{}, r.behindKnown()
	for i := range r.Results {
		res := &r.Results[i]
		name := r.group(res)
		if name == "" {
			name = string(res.Subject)
		}
		n, ok := at[name]
		if !ok {
			n = len(top.Suites)
			at[name] = n
			top.Suites = append(top.Suites, newJUnitSuite(r, name))
		}
		c := junitCaseOf(name, res)
		if behind[res.ID] {
			c.Error, c.Skipped = nil, &junitSkipped{Message: printable(Headline(res) + ", which is a known failure")}
		}
		if key := c.ClassName + "\x00" + c.Name; named[key] {
			c.Name = printable(res.ID) // readers merge cases of one name
		} else {
			named[key] = true
		}
		top.Suites[n].add(c, res.Seconds)
	}
	junitJudged(r, func(suite string, c junitCase) {
		n, ok := at[suite]
		if !ok {
			n = len(top.Suites)
			at[suite] = n
			top.Suites = append(top.Suites, newJUnitSuite(r, suite))
		}
		top.Suites[n].add(c, 0)
	})
	red := 0
	for i := range top.Suites {
		red += top.Suites[i].Failures + top.Suites[i].Errors
	}
	if red == 0 && ExitCode(r, false) != ExitConformant {
		why := junitWhy(r)
		suite := newJUnitSuite(r, "run")
		suite.add(junitCase{
			ClassName: "run", Name: "verdict", Time: junitTime(0),
			Error: &junitProblem{Message: printable(oneLine(why)), Type: string(r.Verdict), Body: printable(why)},
		}, 0)
		top.Suites = append(top.Suites, suite)
	}
	seconds := 0.0
	for i := range top.Suites {
		s := &top.Suites[i]
		s.Time = junitTime(s.seconds)
		seconds += s.seconds
		top.Tests += s.Tests
		top.Failures += s.Failures
		top.Errors += s.Errors
		top.Skipped += s.Skipped
	}
	top.Time = junitTime(seconds)
	return encodeJUnit(w, &top)
}

// junitWhy says why a run without a bad case is not good.
func junitWhy(r *Run) string {
	if len(r.StaleBaseline) > 0 {
		return strings.Join(r.StaleBaseline, "\n")
	}
	return r.Why
}

func encodeJUnit(w io.Writer, top *junitSuites) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("junit.xml: %w", err)
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(top); err != nil {
		return fmt.Errorf("junit.xml: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("junit.xml: %w", err)
	}
	return nil
}

func newJUnitSuite(r *Run, name string) junitSuite {
	return junitSuite{
		Name:      printable(name),
		Timestamp: r.Started.UTC().Format("2006-01-02T15:04:05"), // readers want no zone
		Properties: []junitProperty{
			{"verdict", string(r.Verdict)}, {"scope", string(r.Scope)}, {"edition", printable(r.Edition)},
			{"seed", strconv.FormatUint(r.Seed, 10)}, {"version", printable(r.ToolVersion)},
		},
	}
}

func (s *junitSuite) add(c junitCase, seconds float64) {
	s.Cases = append(s.Cases, c)
	s.seconds += seconds
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
}

func junitCaseOf(suite string, res *Result) junitCase {
	class := suite
	if res.Scenario != "" {
		class += "/" + res.Scenario
	}
	c := junitCase{
		ClassName: printable(class), Name: printable(res.Case), Time: junitTime(res.Seconds),
		File: printable(res.File), Line: res.Line,
	}
	problem := &junitProblem{
		Message: printable(Headline(res)),
		Type:    string(res.Outcome),
		Body:    printable(Explain(res)),
	}
	switch res.Outcome {
	case Pass:
	case Warning:
		c.SystemOut = &junitOut{"warning: " + printable(Explain(res))}
	case Fail:
		if res.known() {
			c.Skipped = &junitSkipped{Message: printable("known failure, " + res.Known.String() + ": " + Headline(res))}
			break
		}
		c.Failure = problem
	case NotApplicable:
		c.Skipped = &junitSkipped{Message: printable(Headline(res))}
	default:
		c.Error = problem
	}
	return c
}

func junitTime(seconds float64) string { return strconv.FormatFloat(seconds, 'f', 3, 64) }

// printable keeps what XML 1.0 can hold and shows the rest, which it cannot
// hold even escaped, as \x1b or \ufffe.
func printable(s string) string {
	ok := func(c rune) bool {
		return c == '\t' || c == '\n' || c >= 0x20 && c != 0x7f && c != unicode.ReplacementChar &&
			c != 0xfffe && c != 0xffff && !(c >= 0x80 && c < 0xa0)
	}
	if strings.IndexFunc(s, func(c rune) bool { return !ok(c) }) < 0 {
		return s
	}
	var b strings.Builder
	for i, c := range s {
		switch {
		case c == '\r' && strings.HasPrefix(s[i+1:], "\n"):
		case ok(c), strings.HasPrefix(s[i:], "\uFFFD"):
			b.WriteRune(c)
		case c == unicode.ReplacementChar: // a byte that is not UTF-8
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case c < 0x80:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	return b.String()
}
