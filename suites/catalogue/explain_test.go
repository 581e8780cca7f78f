package catalogue

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-runewidth"
)

func explained(t testing.TB, c *Catalogue, name, format string) string {
	t.Helper()
	found, err := c.Explain(name)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := c.WriteExplanations(&b, found, format); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestExplainARequirement(t *testing.T) {
	want := `DC-SIG-A
requirement for DNS providers, area signature, tested

  The signature is verified.

Where it stands
  - ietf-05: MUST (keyword). A miss violates sections 8.3.4 (7), 6.4 of ietf-05
    (MUST).
  - dcspec-2.3: MUST (prose). A miss contradicts section "Digitally Sign
    Requests" of dcspec-2.3.

On the wire
  Flip a character.

Control twin
  the untouched request is accepted

What goes wrong
  no-verify: any signature will do

Cases
  - signature-flip (provider): a changed request is refused

Faults of the mock
  - no-verify: Any signature will do.

Mend
  - Look first whether this is so: any signature will do.

Try it
  dcconform provider --target target.yaml --case signature-flip
  dcconform selftest --fault no-verify
`
	if diff := cmp.Diff(want, explained(t, toy(t), "dc-sig-a", "text")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	// What is left open, what needs a claim and what cannot be tested is said.
	for name, lines := range map[string][]string{
		"DC-SIG-B":   {"\nPasses as well\n  rejected, or the first counts\n", "area signature, open\n", "A miss contradicts what follows from section"},
		"DC-ASYNC-A": {"\nOnly for targets that claim\n  - async\n"},
		"DC-SEC-A":   {"\nWhy it cannot be tested\n  it is between people\n", "area security, not testable\n"},
		"DC-TMPL-A":  {"\nStatic rules\n  - TMPL-IDS (error): an id is missing\n", "\nMend\n  - Add the ids.\n"},
	} {
		text := explained(t, toy(t), name, "text")
		for _, line := range lines {
			if !strings.Contains(text, line) {
				t.Errorf("%s lacks %q:\n%s", name, line, text)
			}
		}
	}
}

func TestExplainTheOthers(t *testing.T) {
	for name, want := range map[string]string{
		"signature-flip": `signature-flip
case of provider, chapter signature

  A changed request is refused.

Judges
  - DC-SIG-A (ietf-05 MUST, dcspec-2.3 MUST): The signature is verified.

Faults of the mock that it catches
  - no-verify: Any signature will do.

Try it
  dcconform provider --target target.yaml --case signature-flip
  dcconform selftest --fault no-verify
`,
		"no-verify": `no-verify
fault of the mock provider

  Any signature will do.

Breaks
  - DC-SIG-A (ietf-05 MUST, dcspec-2.3 MUST): The signature is verified.

Cases that have to catch it
  - signature-flip (provider): a changed request is refused

Try it
  dcconform selftest --fault no-verify
`,
		"any-token": `any-token
fault that the register proposes; the mock does not have it

  Any token will do.

Breaks
  - DC-ASYNC-A (ietf-05 MUST, async-00 MUST): The token is checked.
`,
		"dctl1005": `TMPL-IDS
static rule, error, DCTL1005 of the official linter

  An id is missing.

Why
  Nobody can name the template.

Mend
  Add the ids.

Stands for
  - DC-TMPL-A (ietf-05 MUST): The template has ids.

Try it
  dcconform certify --static my.template.json
`,
	} {
		if diff := cmp.Diff(want, explained(t, toy(t), name, "text")); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
	if got, want := explained(t, toy(t), "STYLE", "text"), "TMPL-STYLE\nstatic rule, info\n"; !strings.HasPrefix(got, want) {
		t.Errorf("a part of one name: %s", got)
	}
	if got, want := explained(t, toy(t), "signature/signature-flip", "text"), explained(t, toy(t), "signature-flip", "text"); got != want {
		t.Errorf("a case as reports write it: %s", got)
	}
}

func TestExplainMisses(t *testing.T) {
	for name, want := range map[string]string{
		"DC-SIG":        "\"DC-SIG\" stands in several names; give one of them:\n  DC-SIG-A\n  DC-SIG-B",
		"signature-flp": `nothing is called "signature-flp"; did you mean signature-flip?`,
		"DCTL9":         `nothing is called "DCTL9"; did you mean DCTL1005?`,
	} {
		found, err := toy(t).Explain(name)
		var unclear *UnclearError
		if err == nil || err.Error() != want || !errors.As(err, &unclear) || found != nil {
			t.Errorf("%s: %v, error %v, want %s", name, found, err, want)
		}
	}
	_, err := loaded(t).Explain("DC-")
	if err == nil || !strings.Contains(err.Error(), "\n  and ") || strings.Count(err.Error(), "\n") != unclearMost+1 {
		t.Errorf("error %v", err)
	}
	if _, err := toy(t).Explain(""); err == nil {
		t.Error("the empty name is explained")
	}
}

func TestExplainInOtherFormats(t *testing.T) {
	var list []Explanation
	if err := json.Unmarshal([]byte(explained(t, toy(t), "DC-SIG-A", "json")), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].Requirement.Mistake != "no-verify: any signature will do" || list[0].Requirement.Editions[1].Section != "Digitally Sign Requests" ||
		list[0].Requirement.State != Tested || !cmp.Equal(list[0].Requirement.Cases, []string{"signature-flip"}) || list[0].Case != nil {
		t.Errorf("%+v", list)
	}
	want := `# no-verify

fault of the mock provider

Any signature will do.

## Breaks

- DC-SIG-A (ietf-05 MUST, dcspec-2.3 MUST): The signature is verified.

## Cases that have to catch it

- signature-flip (provider): a changed request is refused

## Try it

    dcconform selftest --fault no-verify
`
	if diff := cmp.Diff(want, explained(t, toy(t), "no-verify", "markdown")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Everything has an explanation that fits a small terminal; only what people
// copy may be longer.
func TestEverythingIsExplainedInEightyColumns(t *testing.T) {
	c := loaded(t)
	for _, name := range c.names() {
		for line := range strings.Lines(explained(t, c, name, "text")) {
			line = strings.TrimSuffix(line, "\n")
			if runewidth.StringWidth(line) > Width && !strings.HasPrefix(line, "  dcconform ") && strings.Contains(strings.TrimSpace(line), " ") {
				t.Errorf("%s: %d columns: %s", name, runewidth.StringWidth(line), line)
			}
		}
	}
}
