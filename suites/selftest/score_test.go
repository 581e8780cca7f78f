package selftest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/mockprovider/fault"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/register"
)

// Requirements that both editions ask for with MUST.
const (
	must   = "DC-SIG-REQUIRED"
	other  = "DC-REDIR-STATE-SUCCESS"
	both   = "DC-CONS-ZONE-OWNERSHIP"
	e1, e2 = register.IETF05, register.DCSpec23
)

// shouldOf is a requirement that e1 asks for with SHOULD and e2 not at all.
func shouldOf(t *testing.T, reg *register.Register) string {
	t.Helper()
	for _, q := range reg.All() {
		one, _ := reg.Level(q.ID, e1)
		if _, ok := reg.Level(q.ID, e2); one == register.SHOULD && !ok && q.Check == register.ProviderBlackbox {
			return q.ID
		}
	}
	t.Fatal("the register has no such requirement")
	return ""
}

type bed struct {
	*testing.T
	plan   *Plan
	should string
}

func planned(id string, requirements ...string) reports.Planned {
	return reports.Planned{ID: id, Case: id, Requirements: requirements, Subject: reports.SubjectProvider, Level: reports.MUST}
}

func newBed(t *testing.T) *bed {
	t.Helper()
	reg, err := register.Load()
	if err != nil {
		t.Fatal(err)
	}
	soft := shouldOf(t, reg)
	return &bed{t, NewPlan(reg, []register.Edition{e1, e2}, map[register.Edition][]reports.Planned{
		e1: {planned("a/signed", must), planned("a/state", other), planned("a/soft", soft)},
		e2: {planned("a/signed", must), planned("a/state", other), planned("a/old", other)},
	}, []fault.Fault{
		{Name: "no-signature", Sentence: "It takes all.", Requirements: []string{must}},
		{Name: "no-state", Sentence: "It loses state.", Requirements: []string{other}},
		{Name: "soft-fault", Sentence: "It is careless.", Requirements: []string{soft}},
	}), soft}
}

// all is a matrix without anything wrong, as seen.
func (b *bed) all() []Seen {
	var seen []Seen
	for _, c := range b.plan.Columns() {
		for _, id := range c.Cases {
			s := Seen{Fault: c.Fault, Edition: c.Edition, Case: id, Outcome: reports.Pass}
			switch c.Fault + " " + id {
			case "no-signature a/signed":
				s.Outcome, s.Missed = reports.Fail, must
			case "no-state a/state", "no-state a/old":
				s.Outcome, s.Missed = reports.Fail, other
			case "soft-fault a/soft":
				s.Outcome, s.Missed = reports.Warning, b.should
			}
			seen = append(seen, s)
		}
	}
	return seen
}

// with changes what one case did in one column.
func with(seen []Seen, faultName, id string, change func(*Seen)) []Seen {
	for i := range seen {
		if seen[i].Fault == faultName && seen[i].Case == id {
			change(&seen[i])
		}
	}
	return seen
}

func (b *bed) collateral(text string) *Collateral {
	b.Helper()
	c, err := ParseCollateral("c.yaml", []byte(text), []string{"no-signature", "no-state", "soft-fault"}, []string{"a/signed", "a/state", "a/soft", "a/old"})
	if err != nil {
		b.Fatal(err)
	}
	return c
}

func TestColumns(t *testing.T) {
	b := newBed(t)
	want := []Column{
		{"", e1, Plain, []string{"a/signed", "a/state", "a/soft"}},
		{"", e2, Plain, []string{"a/signed", "a/state", "a/old"}},
		{"no-signature", e1, Plain, []string{"a/signed", "a/state", "a/soft"}},
		{"no-state", e1, Plain, []string{"a/signed", "a/state", "a/soft"}},
		{"no-state", e2, Plain, []string{"a/old"}}, // the one that e1 has not
		{"soft-fault", e1, Plain, []string{"a/signed", "a/state", "a/soft"}},
	}
	if diff := cmp.Diff(want, b.plan.Columns()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	// A fault is looked at where cases about it live.
	b.plan.kinds = map[string]Kind{"a/signed": Async, "a/old": Stateful}
	want = []Column{
		{"", e1, Plain, []string{"a/state", "a/soft"}},
		{"", e1, Async, []string{"a/signed"}},
		{"", e2, Plain, []string{"a/state"}},
		{"", e2, Async, []string{"a/signed"}},
		{"", e2, Stateful, []string{"a/old"}},
		{"no-signature", e1, Async, []string{"a/signed"}},
		{"no-state", e1, Plain, []string{"a/state", "a/soft"}},
		{"no-state", e2, Stateful, []string{"a/old"}},
		{"soft-fault", e1, Plain, []string{"a/state", "a/soft"}},
	}
	if diff := cmp.Diff(want, b.plan.Columns()); diff != "" {
		t.Errorf("with kinds: -want +got\n%s", diff)
	}
	// What only the second edition asks for is tried by it.
	b.plan.Editions = []register.Edition{e2, e1}
	if home := b.plan.home(b.plan.Faults[2]); home != e1 {
		t.Errorf("soft-fault is judged by %s", home)
	}
	if home := b.plan.home(b.plan.Faults[0]); home != e2 {
		t.Errorf("no-signature is judged by %s", home)
	}
}

func TestASoundMatrix(t *testing.T) {
	b := newBed(t)
	m := b.plan.Score(b.all(), b.collateral("{}"))
	if m.ExitCode() != 0 || m.Scope != reports.ScopeFull {
		t.Fatalf("exit %d, %s: %+v", m.ExitCode(), m.Scope, m)
	}
	want := Summary{Faults: 3, Killed: 3, Cases: 4, Results: 16}
	if diff := cmp.Diff(want, m.Summary); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if by := m.Faults[1].By; !slices.Equal(by, []string{"a/state", "a/old"}) {
		t.Errorf("no-state is killed by %v", by)
	}
}

// Each way in which a matrix can be wrong is seen, and by the right member.
func TestWhatAMatrixCanHaveWrong(t *testing.T) {
	for _, c := range []struct {
		name       string
		fault, id  string
		change     func(*Seen)
		collateral string
		exit       int
		says       string
	}{
		{"a survivor", "no-signature", "a/signed", func(s *Seen) { s.Outcome = reports.Pass }, "{}", 1,
			"survivors [no-signature], unexpected [], unproven [a/signed], stale [], lost 0"},
		{"a failure for something else does not kill", "no-signature", "a/signed", func(s *Seen) { s.Missed = both }, "{}", 1,
			"survivors [no-signature], unexpected [no-signature a/signed], unproven [], stale [], lost 0"},
		{"a warning where the edition says MUST does not kill", "no-signature", "a/signed", func(s *Seen) { s.Outcome = reports.Warning }, "{}", 1,
			"survivors [no-signature], unexpected [no-signature a/signed], unproven [], stale [], lost 0"},
		{"inconclusive does not kill", "soft-fault", "a/soft", func(s *Seen) { s.Outcome = reports.Inconclusive }, "{}", 1,
			"survivors [soft-fault], unexpected [], unproven [a/soft], stale [], lost 0"},
		{"an unrelated failure", "no-signature", "a/state", func(s *Seen) { s.Outcome, s.Missed = reports.Fail, other }, "{}", 1,
			"survivors [], unexpected [no-signature a/state], unproven [], stale [], lost 0"},
		{"a case that shares a requirement fails for another", "no-state", "a/old", func(s *Seen) { s.Missed = must }, "{}", 1,
			"survivors [], unexpected [no-state a/old], unproven [], stale [], lost 0"},
		{"an unrelated warning", "no-signature", "a/state", func(s *Seen) { s.Outcome, s.Missed = reports.Warning, other }, "{}", 1,
			"survivors [], unexpected [no-signature a/state], unproven [], stale [], lost 0"},
		{"a harness error, related or not", "no-state", "a/old", func(s *Seen) { s.Outcome, s.Missed = reports.HarnessError, "" }, "{}", 1,
			"survivors [], unexpected [no-state a/old], unproven [a/old], stale [], lost 0"},
		{"an unrelated case that could not tell", "no-signature", "a/state", func(s *Seen) { s.Outcome = reports.Blocked }, "{}", 0,
			"survivors [], unexpected [], unproven [], stale [], lost 0"},
		{"a justified failure", "no-signature", "a/state", func(s *Seen) { s.Outcome, s.Missed = reports.Fail, other },
			"no-signature: [{case: a/state, why: so it is}]", 0, "survivors [], unexpected [], unproven [], stale [], lost 0"},
		{"a justification that nothing needs", "no-signature", "a/state", func(*Seen) {},
			"no-signature: [{case: a/state, why: so it is}]", 1,
			"survivors [], unexpected [], unproven [], stale [c.yaml:1: no-signature does not make a/state fail: take the entry out], lost 0"},
		{"a failure without faults", "", "a/state", func(s *Seen) { s.Outcome, s.Missed = reports.Fail, other }, "{}", 1,
			"survivors [], unexpected [ a/state  a/state], unproven [], stale [], lost 0"},
		{"a case that does not apply without faults", "", "a/soft", func(s *Seen) { s.Outcome = reports.NotApplicable }, "{}", 0,
			"survivors [], unexpected [], unproven [], stale [], lost 0"},
		{"a lost killer", "no-signature", "a/signed", func(s *Seen) { s.Outcome, s.Reason, s.Missed = reports.HarnessError, ReasonLost, "" }, "{}", 3,
			"survivors [], unexpected [], unproven [], stale [], lost 1"},
		{"a lost justification", "no-signature", "a/state", func(s *Seen) { s.Outcome, s.Reason = reports.HarnessError, ReasonLost },
			"no-signature: [{case: a/state, why: so it is}]", 3, "survivors [], unexpected [], unproven [], stale [], lost 1"},
	} {
		b := newBed(t)
		m := b.plan.Score(with(b.all(), c.fault, c.id, c.change), b.collateral(c.collateral))
		survivors, wrong := []string{}, []string{}
		for _, j := range m.Faults {
			if !j.Killed && j.Lost == 0 {
				survivors = append(survivors, j.Name)
			}
		}
		for _, x := range m.Wrong {
			wrong = append(wrong, x.Fault+" "+x.Case)
		}
		says := fmt.Sprintf("survivors %v, unexpected %v, unproven %v, stale %v, lost %d", survivors, wrong, m.Unproven, m.Stale, len(m.Lost))
		if m.ExitCode() != c.exit || says != c.says {
			t.Errorf("%s: exit %d, %s\nwant %d, %s", c.name, m.ExitCode(), says, c.exit, c.says)
		}
	}
}

// A list of requirements that is longer than what the fault breaks would hide
// what else it does.
func TestARequirementThatAFaultNamesInVain(t *testing.T) {
	b := newBed(t)
	b.plan.Faults[0].Requirements = []string{must, both}
	m := b.plan.Score(b.all(), b.collateral("{}"))
	if !slices.Equal(m.Faults[0].Idle, []string{both}) || len(m.Faults[1].Idle) != 0 || m.ExitCode() != 1 || m.Summary.Idle != 1 {
		t.Errorf("exit %d, %+v", m.ExitCode(), m.Faults)
	}
	var text strings.Builder
	if err := m.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	const want = "Requirements that a fault names and no case fails for (1)\n" +
		"  no-signature: DC-CONS-ZONE-OWNERSHIP: take it out of the fault's list, or have a case see it\n\n"
	if !strings.Contains(text.String(), want) || !strings.Contains(m.String(), "0 unexpected, 1 idle, 4 cases") {
		t.Errorf("%s\nwant %s", text.String(), want)
	}
	// Nothing is said where a case that could have failed was left out or lost.
	b.plan.SomeCases = true
	if m = b.plan.Score(b.all(), b.collateral("{}")); m.ExitCode() != 0 {
		t.Errorf("filtered: exit %d, %+v", m.ExitCode(), m.Faults)
	}
	b.plan.SomeCases = false
	lost := with(b.all(), "no-signature", "a/state", func(s *Seen) { s.Outcome, s.Reason = reports.HarnessError, ReasonLost })
	if m = b.plan.Score(lost, b.collateral("{}")); m.ExitCode() != 3 || m.Summary.Idle != 0 {
		t.Errorf("lost: exit %d, %+v", m.ExitCode(), m.Faults)
	}
}

// A filtered matrix says so, and is silent on what was left out.
func TestAFilteredMatrix(t *testing.T) {
	b := newBed(t)
	b.plan.Faults, b.plan.SomeFaults = b.plan.Faults[:1], true
	var seen []Seen
	for _, s := range b.all() {
		if s.Fault == "" || s.Fault == "no-signature" {
			seen = append(seen, s)
		}
	}
	m := b.plan.Score(seen, b.collateral("no-state: [{case: a/soft, why: w}]"))
	if m.ExitCode() != 0 || m.Scope != reports.ScopeFiltered || len(m.Unproven) != 0 || len(m.Stale) != 0 {
		t.Errorf("exit %d, %+v", m.ExitCode(), m)
	}
	m.Summary.Seconds = 1.23
	if want := "1 fault, 1 killed, 0 survivors, 0 unexpected, 4 cases, 1.2s; filtered: nothing is said about what was left out"; m.String() != want {
		t.Errorf("got  %s\nwant %s", m, want)
	}
}

const wantText = `FAULT         KILLED BY                            UNEXPECTED
no-signature  SURVIVES                             a/state
no-state      a/state, a/old
soft-fault    UNDECIDED: a child process was lost

Wrong at the mock without faults (1)
  a/old (dcspec-2.3): inconclusive, control-twin: it did not work

Survivors (1)
  no-signature (ietf-05): It takes all. No case of ietf-05 fails for DC-SIG-REQUIRED.

Unexpected (1)
  no-signature: a/state (ietf-05): fail, DC-REDIR-STATE-SUCCESS: two lines

Cases that no fault makes fail (1)
  a/signed

Lost with a child process (1)
  soft-fault: a/soft (ietf-05): harness-error, lost: a child process ended

without faults, ietf-05: 3 cases, 3 passed, 0 not applicable, 0 wrong
without faults, dcspec-2.3: 3 cases, 2 passed, 0 not applicable, 1 wrong
3 faults, 1 killed, 1 survivor, 1 undecided, 1 unexpected, 4 cases, 1 unproven, 12.3s
`

func spoiled(t *testing.T) *Matrix {
	b := newBed(t)
	seen := with(b.all(), "no-signature", "a/signed", func(s *Seen) { s.Outcome, s.Missed = reports.Pass, "" })
	seen = with(seen, "no-signature", "a/state", func(s *Seen) { s.Outcome, s.Missed, s.Message = reports.Fail, other, "two\nlines" })
	seen = with(seen, "", "a/old", func(s *Seen) {
		s.Outcome, s.Reason, s.Message = reports.Inconclusive, "control-twin", "it did not work"
	})
	seen = with(seen, "soft-fault", "a/soft", func(s *Seen) {
		s.Outcome, s.Reason, s.Missed, s.Message = reports.HarnessError, ReasonLost, "", "a child process ended"
	})
	m := b.plan.Score(seen, b.collateral("{}"))
	m.Tool, m.ToolVersion, m.Seed, m.Summary.Seconds = "dcconform", "0.1.0", 1, 12.34
	return m
}

func TestText(t *testing.T) {
	var b strings.Builder
	if err := spoiled(t).WriteText(&b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantText, b.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := spoiled(t).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Scope  string
		Faults []struct {
			Name           string
			Killed         *bool
			By, Unexpected []string
		}
		Baseline        []map[string]any
		Unproven        []string
		StaleCollateral []string
		Summary         map[string]float64
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, f := range got.Faults {
		text += fmt.Sprintf("%s %v %q %q; ", f.Name, *f.Killed, f.By, f.Unexpected)
	}
	want := `no-signature false [] ["a/state"]; no-state true ["a/state" "a/old"] []; soft-fault false [] []; `
	if text != want || got.Scope != "full" || len(got.Baseline) != 2 || !slices.Equal(got.Unproven, []string{"a/signed"}) || got.StaleCollateral == nil {
		t.Errorf("got  %s\nwant %s\n%s", text, want, b.String())
	}
	if got.Summary["survivors"] != 1 || got.Summary["undecided"] != 1 || got.Summary["seconds"] != 12.34 {
		t.Errorf("summary %v", got.Summary)
	}
}

func TestCollateralIsReadStrictly(t *testing.T) {
	faults, cases := []string{"f", "g"}, []string{"a/x", "a/y"}
	c, err := ParseCollateral("c.yaml", []byte("f:\n  - case: a/x\n    why: it cannot be otherwise\n  - {case: a/y, why: neither}\ng: [{case: a/x, why: so}]\n"), faults, cases)
	if err != nil || len(c.entries) != 3 || c.entries[1].Fault != "f" || c.entries[1].Line != 4 || c.entries[1].Why != "neither" {
		t.Fatalf("%+v, %v", c, err)
	}
	for text, want := range map[string]string{
		"":                                "c.yaml: collateral is one mapping from faults to cases; write {} when there is none",
		"- f":                             "c.yaml:1: collateral is a mapping from faults to cases",
		"h: [{case: a/x, why: w}]":        `c.yaml:1: there is no fault "h": correct the name, or take the entry out`,
		"f: []":                           "c.yaml:1: f: write a list of cases, each with case and why",
		"f: a/x":                          "c.yaml:1: f: write a list of cases, each with case and why",
		"f: [{case: a/z, why: w}]":        `c.yaml:1: f: there is no case "a/z": correct the id, or take the entry out`,
		"f:\n  - case: a/x\n":             "c.yaml:2: f: a/x is not justified: say why under why",
		"f:\n  - {case: a/x, why: ' '}\n": "c.yaml:2: f: a/x is not justified: say why under why",
		"f:\n  - {case: a/x, why: w}\n  - {case: a/x, why: v}\n": "c.yaml:3: f: a/x stands in line 2 already",
	} {
		_, err := ParseCollateral("c.yaml", []byte(text), faults, cases)
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v\nwant %s", text, err, want)
		}
	}
	for text, want := range map[string]string{
		"f:\n  - {case: a/x, why: w, owner: me}\n":             "c.yaml: entry in line 2: ",
		"f: [{case: a/x, why: w}]\nf: [{case: a/y, why: w}]\n": "c.yaml: not YAML: ",
		"f: {\n":                            "c.yaml: not YAML: ",
		"f: [{case: a/x, why: w}]\n---\n{}": "c.yaml: collateral is one mapping",
	} {
		_, err := ParseCollateral("c.yaml", []byte(text), faults, cases)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v\nwant %s…", text, err, want)
		}
	}
}
