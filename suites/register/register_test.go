package register

import (
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

// Each fault names a deviation, "name: description", and no two share a name.
func TestFaultNamesAreUnique(t *testing.T) {
	seen := map[string]string{}
	for _, q := range loaded(t).All() {
		name, rest, ok := strings.Cut(q.Fault, ": ")
		if !ok || rest == "" || strings.Contains(name, " ") {
			t.Errorf("%s: fault %q is not \"name: description\"", q.ID, q.Fault)
		}
		if other, ok := seen[name]; ok {
			t.Errorf("%s and %s share the fault name %s", other, q.ID, name)
		}
		seen[name] = q.ID
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
