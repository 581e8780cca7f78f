package register

import (
	"slices"
	"strings"
	"testing"
)

func loaded(t *testing.T) *Register {
	t.Helper()
	r, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The counts are part of the contract with the specifications: an entry that
// gets lost, or moves to another chapter, has to be meant.
func TestRegisterIsWhole(t *testing.T) {
	r := loaded(t)
	if got := r.Len(); got != 443 {
		t.Errorf("the register holds %d requirements, not 443", got)
	}
	byEdition := map[Edition]int{}
	byCheck := map[Check]int{}
	byLevel := map[Level]int{}
	for _, q := range r.All() {
		byCheck[q.Check]++
		for e, d := range q.Editions {
			byEdition[e]++
			byLevel[d.Level]++
		}
	}
	for e, want := range map[Edition]int{IETF05: 371, DCSpec23: 278, Async00: 70} {
		if byEdition[e] != want {
			t.Errorf("%s has %d requirements, not %d", e, byEdition[e], want)
		}
	}
	for c, want := range map[Check]int{ProviderBlackbox: 313, ClientObserved: 70, TemplateStatic: 51, Untestable: 9} {
		if byCheck[c] != want {
			t.Errorf("%s has %d requirements, not %d", c, byCheck[c], want)
		}
	}
	for l, want := range map[Level]int{MUST: 559, SHOULD: 112, MAY: 48} {
		if byLevel[l] != want {
			t.Errorf("%s has %d requirements, not %d", l, byLevel[l], want)
		}
	}
	if got := len(r.Areas()); got != 22 {
		t.Errorf("%d areas, not 22: %v", got, r.Areas())
	}
}

// A fault is read in its two parts. That no two share a name is for the loader
// to refuse.
func TestFaultIsANameAndAText(t *testing.T) {
	q, ok := loaded(t).Get("DC-SIG-PAIR-POSITION")
	if want := (Fault{Name: "sig-must-be-last", Text: "request with key last is refused"}); !ok || q.Fault != want {
		t.Errorf("read as %+v", q.Fault)
	}
	if q.Fault.String() != "sig-must-be-last: request with key last is refused" {
		t.Errorf("written as %s", q.Fault)
	}
	for _, q := range loaded(t).All() {
		if strings.HasSuffix(q.Fault.Text, ".") && !strings.HasSuffix(q.Fault.Text, "...") {
			t.Errorf("%s: the text of its fault ends in a full stop", q.ID)
		}
	}
}

// What was corrected after reading the specifications again stays so.
func TestCorrections(t *testing.T) {
	r := loaded(t)
	for _, id := range []string{"DC-SIG-REQUIRED", "DC-SIG-IGNORED-WHEN-NOT-REQUIRED", "DC-TMPL-DESCRIPTION-HIDDEN", "DC-RT-NUMBER-OR-STRING", "DC-EXT-SPECVERSION-DEFAULT"} {
		if q, ok := r.Get(id); !ok || len(q.Needs) != 0 {
			t.Errorf("%s needs %v: an ordinary template is enough", id, q.Needs)
		}
	}
	for _, id := range []string{"DC-SPF-NON-ESSENTIAL", "DC-SPF-RECALC-ON-REMOVAL"} {
		if q, ok := r.Get(id); !ok || !slices.Equal(q.Needs, []Need{NeedStateful, NeedSPFM}) {
			t.Errorf("%s needs %v", id, q.Needs)
		}
	}
	if got := r.Breach("DC-REDIR-USER-CANCEL", IETF05); got != "contradicts what follows from section 8.3.6 of ietf-05" {
		t.Errorf("a cancel without access_denied %s", got)
	}
	for _, id := range []string{"DC-CONS-UNSIGNED-IS-PHISHABLE", "DC-CONFLICT-PRECALCULATED"} {
		if q, ok := r.Get(id); !ok || !strings.Contains(q.Open, "the signed and the unsigned page equal") && !strings.Contains(q.Open, "shows no conflicts at all") {
			t.Errorf("%s leaves open %q", id, q.Open)
		}
	}
	if q, _ := r.Get("DC-CONS-ZONE-OWNERSHIP"); strings.Contains(q.How, "tell") {
		t.Errorf("%s judges what is a SHOULD of another one", q.ID)
	}
}

func TestGet(t *testing.T) {
	r := loaded(t)
	q, ok := r.Get("DC-TMPL-REQUIRED-PROPS")
	if !ok {
		t.Fatal("DC-TMPL-REQUIRED-PROPS is not found")
	}
	if q.Area != "template" || q.Role != TemplateAuthor || q.Check != TemplateStatic || q.Line != 45 {
		t.Errorf("read as area %s, role %s, check %s, line %d", q.Area, q.Role, q.Check, q.Line)
	}
	want := Demand{Section: "Template Definition", Level: MUST, Basis: Keyword}
	if q.Editions[DCSpec23] != want {
		t.Errorf("dcspec-2.3 is read as %+v", q.Editions[DCSpec23])
	}
	if _, ok := r.Get("DC-NOT-THERE"); ok {
		t.Error("DC-NOT-THERE is found")
	}
}

func TestLevel(t *testing.T) {
	r := loaded(t)
	for _, c := range []struct {
		id      string
		edition Edition
		level   Level
		ok      bool
	}{
		{"DC-TMPL-REQUIRED-PROPS", IETF05, MUST, true},
		{"DC-TMPL-PROVIDERID-DOMAIN", IETF05, SHOULD, true},
		{"DC-TMPL-PROVIDERID-SYNTAX", DCSpec23, "", false},
		{"DC-NOT-THERE", IETF05, "", false},
		// The extension is asked of an ietf-05 target, not of the other edition.
		{"DC-REVERT-ACTIVE-RECORDS", IETF05, MUST, true},
		{"DC-REVERT-ACTIVE-RECORDS", Async00, MUST, true},
		{"DC-REVERT-ACTIVE-RECORDS", DCSpec23, "", false},
	} {
		level, ok := r.Level(c.id, c.edition)
		if level != c.level || ok != c.ok {
			t.Errorf("Level(%s, %s) = %q, %v; want %q, %v", c.id, c.edition, level, ok, c.level, c.ok)
		}
	}
}

func TestClauseAndBreach(t *testing.T) {
	r, err := Parse("r.yaml", []byte(`
- id: DC-A
  area: redirect
  role: dns-provider
  text: t
  editions:
    ietf-05: {section: 8.3.5, level: MUST, basis: keyword}
    dcspec-2.3: {section: Same Browser Window, level: SHOULD, basis: lower-case}
    async-00: {section: '4, 5', level: MUST, basis: derived}
  check: provider-blackbox
  how: h
  fault: 'f: d'
- id: DC-B
  area: redirect
  role: dns-provider
  text: t
  editions:
    ietf-05: {section: '6.1, 3 (dc-id)', level: MAY, basis: prose}
  check: provider-blackbox
  how: h
  fault: 'g: d'
- id: DC-D
  area: redirect
  role: dns-provider
  text: t
  editions:
    async-00: {section: '6.7', level: MUST, basis: keyword}
  check: provider-blackbox
  how: h
  fault: 'k: d'
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id             string
		edition        Edition
		clause, breach string
	}{
		{"DC-A", IETF05, "section 8.3.5 of ietf-05 (MUST)", "violates section 8.3.5 of ietf-05 (MUST)"},
		{"DC-A", DCSpec23, `section "Same Browser Window" of dcspec-2.3 (SHOULD)`, `contradicts section "Same Browser Window" of dcspec-2.3`},
		{"DC-A", Async00, "sections 4, 5 of async-00 (MUST)", "contradicts what follows from sections 4, 5 of async-00"},
		{"DC-B", IETF05, "sections 6.1, 3 (dc-id) of ietf-05 (MAY)", "contradicts sections 6.1, 3 (dc-id) of ietf-05"},
		{"DC-B", DCSpec23, "", ""},
		{"DC-C", IETF05, "", ""},
		{"DC-D", IETF05, "section 6.7 of async-00 (MUST)", "violates section 6.7 of async-00 (MUST)"},
		{"DC-D", DCSpec23, "", ""},
	} {
		if got := r.Clause(c.id, c.edition); got != c.clause {
			t.Errorf("Clause(%s, %s) = %q, want %q", c.id, c.edition, got, c.clause)
		}
		if got := r.Breach(c.id, c.edition); got != c.breach {
			t.Errorf("Breach(%s, %s) = %q, want %q", c.id, c.edition, got, c.breach)
		}
	}
}

func TestKnown(t *testing.T) {
	r := loaded(t)
	for _, c := range []struct {
		ids  []string
		want string
	}{
		{[]string{"DC-TMPL-REQUIRED-PROPS", "DC-TMPL-LOGO-HTTPS"}, ""},
		{nil, "no requirement id given: every case names at least one id of the register"},
		{[]string{"DC-TMPL-REQUIRED-PROP"}, `not in the register: "DC-TMPL-REQUIRED-PROP" (did you mean DC-TMPL-REQUIRED-PROPS?)`},
		{
			[]string{"dc-tmpl-logo-https", "DC-TMPL-LOGO-HTTPS", "DC-TMPL-PROVIDERID-SINTAX"},
			`not in the register: "dc-tmpl-logo-https" (did you mean DC-TMPL-LOGO-HTTPS?), "DC-TMPL-PROVIDERID-SINTAX" (did you mean DC-TMPL-PROVIDERID-SYNTAX?)`,
		},
		{[]string{""}, `not in the register: "" (did you mean ` + r.Nearest("") + `?)`},
	} {
		got := ""
		if err := r.Known(c.ids...); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("Known(%q):\n got %s\nwant %s", c.ids, got, c.want)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := Parse("register.yaml", embedded); err != nil {
			b.Fatal(err)
		}
	}
}

func TestClosest(t *testing.T) {
	list := []string{"signature", "security", "async"}
	for word, want := range map[string]string{"signatur": "signature", "SECURITY": "security", "": "async", "signature": "signature"} {
		if got := Closest(word, list); got != want {
			t.Errorf("closest to %q is %q, want %q", word, got, want)
		}
	}
	if list[0] != "signature" {
		t.Error("the caller's list was sorted")
	}
	if got := Closest("x", nil); got != "" {
		t.Errorf("closest of nothing is %q", got)
	}
}
