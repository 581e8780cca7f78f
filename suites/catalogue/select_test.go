package catalogue

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func selected(t testing.TB, c *Catalogue, kind string, f Filter) []string {
	t.Helper()
	l, err := c.Select(kind, f)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range l.entries() {
		names = append(names, e.name)
	}
	return names
}

func TestSelect(t *testing.T) {
	c := toy(t)
	for _, tc := range []struct {
		kind   string
		filter Filter
		want   string
	}{
		{"requirements", Filter{}, "DC-SIG-A DC-SIG-B DC-TMPL-A DC-ASYNC-A DC-SEC-A"},
		{"requirements", Filter{Area: "signature"}, "DC-SIG-A DC-SIG-B"},
		{"requirements", Filter{Role: "template"}, "DC-TMPL-A"},
		{"requirements", Filter{Check: "untestable"}, "DC-SEC-A"},
		{"requirements", Filter{Level: "SHOULD"}, "DC-SIG-B"},
		{"requirements", Filter{Edition: "dcspec-2.3"}, "DC-SIG-A"},
		{"requirements", Filter{Edition: "async-00", Level: "MUST"}, "DC-ASYNC-A"},
		{"requirements", Filter{Edition: "dcspec-2.3", Level: "SHOULD"}, ""},
		{"requirements", Filter{Untested: true}, "DC-SIG-B DC-ASYNC-A"},
		{"requirements", Filter{Text: []string{"TOKEN", "check"}}, "DC-ASYNC-A"},
		{"requirements", Filter{Text: []string{"token", "sig"}}, ""},
		{"cases", Filter{}, "signature-flip apply"},
		{"cases", Filter{Level: "SHOULD"}, "apply"},
		{"cases", Filter{Text: []string{"DC-SIG-A"}}, "signature-flip"},
		{"cases", Filter{Untested: true}, ""},
		{"faults", Filter{}, "no-verify last-sig"},
		{"faults", Filter{Untested: true}, "last-sig"},
		{"faults", Filter{Edition: "dcspec-2.3"}, "no-verify"},
		{"faults", Filter{Text: []string{"counts"}}, "last-sig"},
		{"rules", Filter{}, "TMPL-IDS TMPL-STYLE"},
		{"rules", Filter{Area: "template"}, "TMPL-IDS"},
		{"rules", Filter{Text: []string{"dctl1005"}}, "TMPL-IDS"},
	} {
		want := strings.Fields(tc.want)
		if got := selected(t, c, tc.kind, tc.filter); !slices.Equal(got, want) {
			t.Errorf("%s %+v: %q, want %q", tc.kind, tc.filter, got, want)
		}
	}
}

func TestSelectRefuses(t *testing.T) {
	for want, try := range map[string]struct {
		kind   string
		filter Filter
	}{
		`there is no list of "requirement"; did you mean requirements? There are requirements, cases, faults, rules`:                        {"requirement", Filter{}},
		`--area "sig": did you mean async? There are async, security, signature, template`:                                                  {"cases", Filter{Area: "sig"}},
		`--role "provider": did you mean dns-provider? There are dns-provider, service-provider, template`:                                  {"cases", Filter{Role: "provider"}},
		`--level "must": did you mean MUST? There are MUST, SHOULD, MAY`:                                                                    {"faults", Filter{Level: "must"}},
		`--edition "2.3": did you mean dcspec-2.3? There are ietf-05, dcspec-2.3, async-00`:                                                 {"rules", Filter{Edition: "2.3"}},
		`--check "templatestatic": did you mean template-static? There are provider-blackbox, template-static, client-observed, untestable`: {"requirements", Filter{Check: "templatestatic"}},
		`--untested means nothing for rules: each judges every template`:                                                                    {"rules", Filter{Untested: true}},
	} {
		if l, err := toy(t).Select(try.kind, try.filter); err == nil || err.Error() != want || l != nil {
			t.Errorf("error %v\nwant  %s", err, want)
		}
	}
}

func TestWriteList(t *testing.T) {
	c := toy(t)
	l, err := c.Select("requirements", Filter{Area: "signature"})
	if err != nil {
		t.Fatal(err)
	}
	for format, want := range map[string]string{
		"text": `DC-SIG-A
    The signature is verified.
    (ietf-05 MUST, dcspec-2.3 MUST; tested, 1 case)
DC-SIG-B
    A repeated sig is refused.
    (ietf-05 SHOULD; open, 1 case)
2 of 5 requirements
`,
		"markdown": "| requirements (2 of 5) | | |\n|---|---|---|\n" +
			"| `DC-SIG-A` | The signature is verified. | ietf-05 MUST, dcspec-2.3 MUST; tested, 1 case |\n" +
			"| `DC-SIG-B` | A repeated sig is refused. | ietf-05 SHOULD; open, 1 case |\n",
	} {
		var b bytes.Buffer
		if err := c.WriteList(&b, l, format); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Errorf("%s: -want +got\n%s", format, diff)
		}
	}
	var b bytes.Buffer
	if err := c.WriteList(&b, l, "json"); err != nil {
		t.Fatal(err)
	}
	var back List
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if back.Kind != "requirements" || back.Of != 5 || back.Len() != 2 || back.Requirements[1].Open != "rejected, or the first counts" {
		t.Errorf("%+v", back)
	}
	if err := CheckFormat("jsn"); err == nil || err.Error() != `--format "jsn": did you mean json? There are text, json, markdown` {
		t.Errorf("error %v", err)
	}
}

func TestWrap(t *testing.T) {
	var b strings.Builder
	long := strings.Repeat("x", 90)
	wrap(&b, "- ", "  ", "word "+long+" "+strings.Repeat("ab ", 40))
	want := "- word\n  " + long + "\n  " + strings.TrimSpace(strings.Repeat("ab ", 26)) + "\n  " + strings.TrimSpace(strings.Repeat("ab ", 14)) + "\n"
	if b.String() != want {
		t.Errorf("%s", b.String())
	}
	if cell("a|b <c> *d* _e_\n`f`") != "a\\|b &lt;c> \\*d\\* \\_e\\_ \\`f\\`" {
		t.Error(cell("a|b <c> *d* _e_\n`f`"))
	}
}
