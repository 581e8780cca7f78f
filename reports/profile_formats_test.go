package reports

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// In junit.xml only the one profile that was asked about can fail.
func TestProfilesInJUnit(t *testing.T) {
	for _, c := range []struct {
		profile  string
		verdicts []ProfileVerdict
		want     []string
	}{
		{"alfa", []ProfileVerdict{ProfileRefused}, []string{
			`<testsuites name="dcconform" tests="2" failures="1" errors="0" skipped="0"`,
			`<testcase classname="t/profile" name="alfa" file="t.json" line="3" time="0.000">` + "\n" +
				`      <failure message="ALFA: refused: CAA in record 1 &lt;i&gt;" type="refused"><![CDATA[ALFA: refused: CAA in record 1 <i>]]></failure>`,
		}},
		{"", []ProfileVerdict{ProfileAccepted, ProfileIgnores, ProfileUnknown, ProfileRefused}, []string{
			`<testsuites name="dcconform" tests="5" failures="0" errors="0" skipped="2"`,
			`<testcase classname="t/profile" name="alfa" file="t.json" time="0.000"></testcase>`,
			`<testcase classname="t/profile" name="bravo" file="t.json" line="3" time="0.000">` + "\n" +
				`      <system-out><![CDATA[BRAVO: works, but ignores: CAA in record 1 <i>]]></system-out>`,
			`      <skipped message="CHARLIE: unknown: CAA in record 1 &lt;i&gt;"></skipped>`,
			`      <skipped message="DELTA: refused: CAA in record 1 &lt;i&gt;"></skipped>`,
		}},
	} {
		var b bytes.Buffer
		if err := WriteJUnit(&b, profiled(c.profile, c.verdicts...)); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%q: no %s in\n%s", c.profile, want, b.String())
			}
		}
		if strings.Contains(b.String(), `name="verdict" time`) {
			t.Errorf("%q: the refusal is said twice:\n%s", c.profile, b.String())
		}
	}
}

// After a refusal the next step is what refuses, since no case wants a look.
func TestNextStepAfterARefusal(t *testing.T) {
	refused := profiled("alfa", ProfileRefused)
	advised := profiled("alfa", ProfileRefused)
	advised.Next = []string{"Install a browser."}
	const step = "t, line 3 is refused by alfa (types.CAA): CAA in record 1 <i>."
	for name, c := range map[string]struct {
		run  *Run
		want []string
	}{
		"refused":             {refused, []string{step}},
		"beside other advice": {advised, []string{step, "Install a browser."}},
		"one of several":      {profiled("", ProfileRefused, ProfileRefused), []string{"Nothing is left to do."}},
		"unknown":             {profiled("alfa", ProfileUnknown), []string{"Nothing is left to do."}},
	} {
		if got := nextSteps(c.run); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
