package selftest

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/reports"
)

func TestDegenerateTargets(t *testing.T) {
	right := Degenerate{Name: "hangs", Sentence: "It says nothing.", Edition: "ietf-05", Want: reports.VerdictInconclusive,
		Because: "Nothing is known.", Verdict: reports.VerdictInconclusive, Why: "It stopped answering."}
	green, vain := right, right
	green.Name, green.Verdict, green.Why = "green", reports.Conformant, ""
	vain.Name, vain.Wrong = "vain", []string{"a/b passes, though the target tells nothing about it"}
	for _, c := range []struct {
		name string
		list []Degenerate
		code int
		text string
	}{
		{"none", nil, 0, ""},
		{"right", []Degenerate{right}, 0, `
DEGENERATE TARGET  VERDICT       RIGHT  WHY
hangs              inconclusive  right  It stopped answering.

`},
		{"green", []Degenerate{right, green}, 1, `
DEGENERATE TARGET  VERDICT       RIGHT  WHY
hangs              inconclusive  right  It stopped answering.
green              conformant    wrong

Degenerate targets that were judged wrongly (1)
  green: conformant, not inconclusive: It says nothing. Nothing is known.

`},
		{"passes that prove nothing", []Degenerate{vain}, 1, `
DEGENERATE TARGET  VERDICT       RIGHT  WHY
vain               inconclusive  wrong  It stopped answering.

Degenerate targets that were judged wrongly (1)
  vain: a/b passes, though the target tells nothing about it

`},
	} {
		for i := range c.list {
			c.list[i].Settle()
		}
		m := &Matrix{Degenerate: c.list}
		if got := m.ExitCode(); got != c.code {
			t.Errorf("%s: exit %d, want %d", c.name, got, c.code)
		}
		var out bytes.Buffer
		if err := m.WriteText(&out); err != nil {
			t.Fatal(err)
		}
		if table, _, _ := strings.Cut(out.String(), "0 faults, "); table != strings.TrimPrefix(c.text, "\n") {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, table, c.text)
		}
	}
	var out bytes.Buffer
	if err := (&Matrix{Degenerate: []Degenerate{green}}).WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	var back Matrix
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || len(back.Degenerate) != 1 || back.Degenerate[0].Right || !strings.Contains(out.String(), `"verdict": "conformant"`) {
		t.Errorf("%v: %s", err, out.String())
	}
}
