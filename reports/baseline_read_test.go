package reports

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var baselineDay = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const goodBaseline = `# what we know
version: 1
known:
- case: example.com.mail/apex/read-back
  outcome: fail
  reason:
    requirement: DC-APPLY-ALL-WRITTEN
    actual: NXDOMAIN  from
  owner: dns-team
  link: https://bugs.example/1
  expires: 2026-12-31
  note: waits for the release
- case: '*/host/read-back'
  at-most: 3
  outcome: warning
  reason: {requirement: TMPL-LOGO, pattern: '^http:'}
  owner: 'web'
  expires: "2027-11-23"
- case: 'a\*b/c\\d'
  outcome: fail
  reason: {requirement: DC-X}
  owner: web
  expires: 2026-11-23
`

func readBaseline(t testing.TB, text string) *Baseline {
	t.Helper()
	b, err := ReadBaseline("known.yaml", []byte(text), baselineDay)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func day(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return d
}

func TestReadBaseline(t *testing.T) {
	b := readBaseline(t, goodBaseline)
	if b.File != "known.yaml" || len(b.SHA256) != 64 || len(b.Entries) != 3 {
		t.Fatalf("%+v", b)
	}
	first := KnownFailure{Case: "example.com.mail/apex/read-back", Outcome: Fail,
		Reason: KnownReason{Requirement: "DC-APPLY-ALL-WRITTEN", Actual: "NXDOMAIN  from"},
		Owner:  "dns-team", Link: "https://bugs.example/1", Expires: day("2026-12-31"), Note: "waits for the release", Line: 4}
	if b.Entries[0] != first {
		t.Errorf("got  %+v\nwant %+v", b.Entries[0], first)
	}
	second := b.Entries[1]
	if second.Case != "*/host/read-back" || second.AtMost != 3 || second.Matches != 0 || second.Outcome != Warning ||
		second.Reason.Pattern.String() != "^http:" || second.Owner != "web" || !second.Expires.Equal(day("2027-11-23")) || second.Line != 13 {
		t.Errorf("%+v", second)
	}
	if third := b.Entries[2]; !third.names(`a*b/c\d`) || third.names(`a\*b/c\\d`) || third.names(`axb/c\d`) {
		t.Error("an escaped asterisk or backslash does not stand for itself")
	}
	if b := readBaseline(t, "version: 1\nknown: []\n"); len(b.Entries) != 0 {
		t.Errorf("%+v", b)
	}
}

func TestNamesOfAnEntry(t *testing.T) {
	for _, tc := range []struct {
		text string
		yes  []string
		no   []string
	}{
		{"a/b/c", []string{"a/b/c"}, []string{"a/b", "a/b/c/d", "A/b/c", "xa/b/c", "a/b/cx"}},
		{"*/b/c", []string{"a/b/c", "/b/c", "x.y-z/b/c"}, []string{"a/a/b/c", "b/c", "a/b/c/d"}},
		{"a/b*d/c", []string{"a/bd/c", "a/bxd/c"}, []string{"a/b/d/c", "a/bx/c"}},
		{"a.c/*", []string{"a.c/x"}, []string{"abc/x", "a.c/x/y", "a.c"}},
	} {
		pattern, fault := casePattern(tc.text)
		if fault != "" {
			t.Errorf("%s: %s", tc.text, fault)
			continue
		}
		e := KnownFailure{Case: tc.text, pattern: pattern}
		for _, id := range tc.yes {
			if !e.names(id) {
				t.Errorf("%s does not name %s", tc.text, id)
			}
		}
		for _, id := range tc.no {
			if e.names(id) {
				t.Errorf("%s names %s", tc.text, id)
			}
		}
	}
}

// entryWith is a sound file of one entry with one line replaced or added.
func entryWith(key, line string) string {
	lines := []string{"version: 1", "known:", "- case: a/b/c", "  outcome: fail", "  reason: {requirement: DC-X}", "  owner: me", "  expires: 2026-12-31"}
	for i, l := range lines {
		if strings.TrimLeft(strings.SplitN(l, ":", 2)[0], "- ") == key {
			if line == "" {
				return strings.Join(append(lines[:i:i], lines[i+1:]...), "\n") + "\n"
			}
			lines[i] = line
			return strings.Join(lines, "\n") + "\n"
		}
	}
	return strings.Join(append(lines, line), "\n") + "\n"
}

func TestReadBaselineRefuses(t *testing.T) {
	readBaseline(t, entryWith("owner", "  owner: you")) // the twin of all of them
	const missing = ": an entry has case, outcome, reason, owner and expires"
	for _, tc := range []struct{ name, text, want string }{
		{"nothing", "", `known.yaml: is empty; a baseline without entries is written "version: 1" and "known: []"`},
		{"a comment", "# nothing\n", `known.yaml: is empty; a baseline without entries is written "version: 1" and "known: []"`},
		{"two documents", "version: 1\n---\nversion: 1\n", "known.yaml: holds 2 documents; a baseline is one"},
		{"a list", "- case: a\n", "known.yaml:1:1: a baseline is a mapping with version, known"},
		{"no version", "known: []\n", `known.yaml:1:1: version is missing: the first line of a baseline is "version: 1"`},
		{"a newer version", "version: 2\nknown: []\n", "known.yaml:1:10: version 2; this version of dcconform reads 1"},
		{"a version in words", "version: one\nknown: []\n", "known.yaml:1:1: version is a whole number"},
		{"no list", "version: 1\n", "known.yaml:1:1: known is missing: it is the list of known failures, [] when there are none"},
		{"known is no list", "version: 1\nknown: {}\n", "known.yaml:2:1: known is a list of failures, [] when there are none"},
		{"known is nothing", "version: 1\nknown:\n", "known.yaml:2:1: known is a list of failures, [] when there are none"},
		{"an unknown key", "version: 1\nknwon: []\n", "known.yaml:1:1: known is missing: it is the list of known failures, [] when there are none\n" +
			`known.yaml:2:1: unknown key "knwon"; did you mean "known"? a baseline has version, known`},
		{"an entry that is a word", "version: 1\nknown: [a]\n", "known.yaml:2:9: an entry is a mapping with case, matches, at-most, outcome, reason, owner, link, expires, note"},
		{"an unknown key of an entry", entryWith("", "  expire: 2026-12-31"),
			`known.yaml:8:3: unknown key "expire"; did you mean "expires"? an entry has case, matches, at-most, outcome, reason, owner, link, expires, note`},
		{"no case", strings.Replace(entryWith("case", ""), "  outcome", "- outcome", 1), "known.yaml:3:3: case is missing" + missing},
		{"no outcome", entryWith("outcome", ""), "known.yaml:3:3: outcome is missing" + missing},
		{"no reason", entryWith("reason", ""), "known.yaml:3:3: reason is missing" + missing},
		{"no owner", entryWith("owner", ""), "known.yaml:3:3: owner is missing" + missing},
		{"no expiry", entryWith("expires", ""), "known.yaml:3:3: expires is missing" + missing},
		{"an empty case", entryWith("case", "- case: ''"), "known.yaml:3:3: case is empty: name the case"},
		{"a number as case", entryWith("case", "- case: 12"), "known.yaml:3:3: case is a text; put it in quotation marks\nknown.yaml:3:3: case is empty: name the case"},
		{"an empty owner", entryWith("owner", "  owner: ''"), "known.yaml:6:3: owner is empty: name who mends it"},
		{"an outcome that cannot be known", entryWith("outcome", "  outcome: inconclusive"), `known.yaml:4:12: outcome "inconclusive" is neither fail nor warning: nothing else can be known`},
		{"a day that is none", entryWith("expires", "  expires: 2026-02-30"), `known.yaml:7:12: expires "2026-02-30" is no day in the form 2026-12-31`},
		{"a day in other words", entryWith("expires", "  expires: soon"), `known.yaml:7:12: expires "soon" is no day in the form 2026-12-31`},
		{"a day too far away", entryWith("expires", "  expires: 2027-11-25"), "known.yaml:7:12: expires 2027-11-25 is more than a year away; the latest day is 2027-11-24"},
		{"a link that is none", entryWith("", "  link: BUG-12"), `known.yaml:8:9: link "BUG-12" is no http or https URL; leave it out when there is none`},
		{"a reason without requirement", entryWith("reason", "  reason: {actual: x}"), "known.yaml:5:11: requirement is missing: a reason names the requirement or rule that is missed"},
		{"an empty requirement", entryWith("reason", "  reason: {requirement: ' '}"), "known.yaml:5:12: requirement is empty: a reason names the requirement or rule that is missed"},
		{"an unknown key of a reason", entryWith("reason", "  reason: {requirement: DC-X, actul: x}"),
			`known.yaml:5:31: unknown key "actul"; did you mean "actual"? a reason has requirement, actual, pattern`},
		{"an empty actual", entryWith("reason", "  reason: {requirement: DC-X, actual: ''}"), "known.yaml:5:31: actual is empty; leave it out when any will do"},
		{"a pattern that is none", entryWith("reason", "  reason: {requirement: DC-X, pattern: '('}"), `known.yaml:5:40: pattern "(" is no regular expression (RE2)`},
		{"a reason that is a word", entryWith("reason", "  reason: DC-X"), "known.yaml:5:11: a reason is a mapping with requirement, actual, pattern"},
		{"a pattern without a number", entryWith("case", "- case: a/*/c"), `known.yaml:3:9: case "a/*/c" has a *: say in matches how many cases it covers, or in at-most how many at the most`},
		{"a pattern for everything", entryWith("case", "- case: '*'\n  matches: 1"), `known.yaml:3:9: case "*": a pattern is too wide when every segment has a *: write at least one segment out`},
		{"a pattern for everything in three parts", entryWith("case", "- case: '*/x*/*'\n  matches: 1"), `known.yaml:3:9: case "*/x*/*": a pattern is too wide when every segment has a *: write at least one segment out`},
		{"a number without a pattern", entryWith("", "  matches: 1"), `known.yaml:3:9: case "a/b/c" names one case; matches and at-most go with a *`},
		{"two numbers", entryWith("case", "- case: a/*\n  matches: 1\n  at-most: 2"), "known.yaml:5:3: at-most beside matches: one of them is enough"},
		{"no cases", entryWith("case", "- case: a/*\n  matches: 0"), "known.yaml:4:12: matches is a number from 1"},
		{"an escape that means nothing", entryWith("case", `- case: a\b`), `known.yaml:3:9: case "a\\b": \b means nothing: write \\ for a backslash and \* for an asterisk`},
		{"an escape at the end", entryWith("case", `- case: a\`), `known.yaml:3:9: case "a\\": the \ before a slash or the end means nothing: write \\ for a backslash`},
		{"an entry twice", entryWith("", "- case: a/b/c\n  outcome: fail\n  reason: {requirement: DC-X}\n  owner: you\n  expires: 2026-12-30"),
			"known.yaml:8:3: the entry in line 3 says the same; take one of them out"},
		{"two faults", entryWith("owner", "  owner: ''\n  onwer: me"), "known.yaml:6:3: owner is empty: name who mends it\n" +
			`known.yaml:7:3: unknown key "onwer"; did you mean "owner"? an entry has case, matches, at-most, outcome, reason, owner, link, expires, note`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := ReadBaseline("known.yaml", []byte(tc.text), baselineDay)
			if err == nil || err.Error() != tc.want {
				t.Errorf("error %v\nwant  %s\n%s", err, tc.want, tc.text)
			}
		})
	}
}

func TestReadBaselineRefusesWhatIsNoYAML(t *testing.T) {
	for text, place := range map[string]string{
		"version: 1\nknown: [\n":          "known.yaml:2:8: not YAML: ",
		"version: 1\nversion: 1\n":        "known.yaml:2:1: not YAML: ",
		"version: 1\n\tknown: []\n":       "known.yaml:2:1: not YAML: ",
		"version: 1\nknown: []\n  x: 1\n": "known.yaml:",
	} {
		_, err := ReadBaseline("known.yaml", []byte(text), baselineDay)
		if err == nil || !strings.HasPrefix(err.Error(), place) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v, want one line that begins %q", text, err, place)
		}
	}
}

func baselineSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(BaselineSchema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("baseline.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("baseline.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// An editor that checks against the schema says the same as the reader.
func TestBaselineSchemaAgreesWithTheReader(t *testing.T) {
	schema := baselineSchema(t)
	for _, tc := range []struct {
		text string
		fits bool
	}{
		{goodBaseline, true},
		{"version: 1\nknown: []\n", true},
		{entryWith("case", `- case: 'a\*/b'`), true},
		{entryWith("case", "- case: 'a/*'\n  matches: 2"), true},
		{entryWith("case", `- case: 'a\*/*'`+"\n  matches: 2"), true},
		{"version: 1\n", false},
		{"known: []\n", false},
		{"version: 2\nknown: []\n", false},
		{entryWith("", "  expire: x"), false},
		{entryWith("owner", ""), false},
		{entryWith("owner", "  owner: ' '"), false},
		{entryWith("outcome", "  outcome: pass"), false},
		{entryWith("expires", "  expires: soon"), false},
		{entryWith("", "  link: BUG-12"), false},
		{entryWith("case", "- case: a/*"), false},
		{entryWith("case", "- case: '*'\n  matches: 1"), false},
		{entryWith("case", "- case: '*/*/x*'\n  matches: 1"), false},
		{entryWith("case", "- case: a/*\n  matches: 1\n  at-most: 1"), false},
		{entryWith("", "  matches: 1"), false},
		{entryWith("case", `- case: 'a\b'`), false},
		{entryWith("reason", "  reason: {actual: x}"), false},
		{entryWith("reason", "  reason: {requirement: DC-X, pattern: '('}"), false},
	} {
		asJSON, err := yaml.YAMLToJSON([]byte(tc.text))
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, schema, string(asJSON)); (err == nil) != tc.fits {
			t.Errorf("the schema: %v, want fit %v\n%s", err, tc.fits, tc.text)
		}
		if _, err := ReadBaseline("known.yaml", []byte(tc.text), baselineDay); (err == nil) != tc.fits {
			t.Errorf("the reader: %v, want fit %v\n%s", err, tc.fits, tc.text)
		}
	}
	var doc struct {
		Defs struct {
			Entry struct {
				Properties map[string]struct{ Properties map[string]any }
			}
		} `yaml:"$defs"`
	}
	if err := yaml.Unmarshal(BaselineSchema, &doc); err != nil {
		t.Fatal(err)
	}
	keys, reasons := map[string]bool{}, map[string]bool{}
	for k, p := range doc.Defs.Entry.Properties {
		keys[k] = true
		for r := range p.Properties {
			reasons[r] = true
		}
	}
	if diff := cmp.Diff(sortedKeys(keys), sorted(knownKeys)); diff != "" {
		t.Errorf("-schema +reader\n%s", diff)
	}
	if diff := cmp.Diff(sortedKeys(reasons), sorted(reasonKeys)); diff != "" {
		t.Errorf("-schema +reader\n%s", diff)
	}
}

func sorted(list []string) []string {
	set := map[string]bool{}
	for _, s := range list {
		set[s] = true
	}
	return sortedKeys(set)
}

func FuzzReadBaseline(f *testing.F) {
	f.Add(goodBaseline)
	f.Add(entryWith("case", "- case: '*/a'\n  matches: 2"))
	f.Add("version: 1\nknown: [{}]\n")
	f.Add("known: &a [*a]\n")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := ReadBaseline("f", []byte(text), baselineDay)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := b.Write(&out); err != nil {
			t.Fatal(err)
		}
		again, err := ReadBaseline("f", out.Bytes(), baselineDay)
		if err != nil {
			t.Fatalf("what was written is refused: %v\n%s", err, out.String())
		}
		if len(again.Entries) != len(b.Entries) {
			t.Fatalf("%d entries, then %d", len(b.Entries), len(again.Entries))
		}
		for i := range b.Entries {
			if b.Entries[i].Case != again.Entries[i].Case || b.Entries[i].Reason.Actual != again.Entries[i].Reason.Actual || b.Entries[i].Note != again.Entries[i].Note {
				t.Fatalf("%+v\n%+v", b.Entries[i], again.Entries[i])
			}
		}
	})
}
