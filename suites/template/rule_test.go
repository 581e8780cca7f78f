package template

import (
	"regexp"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/suites/register"
)

func TestRulesAreComplete(t *testing.T) {
	reg, err := register.Load()
	if err != nil {
		t.Fatal(err)
	}
	id, code := regexp.MustCompile(`^TMPL(-[A-Z]+)+$`), regexp.MustCompile(`^DCTL[0-9]{4}$`)
	seen := map[string]bool{}
	for _, r := range Rules() {
		if !id.MatchString(r.ID) || seen[r.ID] {
			t.Errorf("%s is no word id, or stands twice", r.ID)
		}
		seen[r.ID] = true
		for _, text := range []string{r.Why, r.Mend} {
			if !strings.HasSuffix(text, ".") {
				t.Errorf("%s: %q is no sentence", r.ID, text)
			}
		}
		if r.Title == "" || strings.HasSuffix(r.Title, ".") || r.Level < Info || r.Level > Error {
			t.Errorf("%s: title %q, level %s", r.ID, r.Title, r.Level)
		}
		if r.Differs != "" && (!strings.HasSuffix(r.Differs, ".") || len(r.DCTL) == 0) {
			t.Errorf("%s: differs from the linter, which has no code for it: %q", r.ID, r.Differs)
		}
		for _, c := range r.DCTL {
			if !code.MatchString(c) {
				t.Errorf("%s: %q is no code of the linter", r.ID, c)
			}
		}
		for _, q := range r.Requirements {
			requirement, ok := reg.Get(q)
			if !ok || requirement.Check != register.TemplateStatic {
				t.Errorf("%s: %s is no static requirement of the register", r.ID, q)
			}
		}
		if _, clash := reg.Get(r.ID); clash {
			t.Errorf("%s is an id of the register too", r.ID)
		}
	}
}

// Every requirement that a template can be read for has a rule.
func TestRegisterIsCovered(t *testing.T) {
	reg, err := register.Load()
	if err != nil {
		t.Fatal(err)
	}
	covered := map[string][]string{}
	for _, r := range Rules() {
		for _, q := range r.Requirements {
			covered[q] = append(covered[q], r.ID)
		}
	}
	n := 0
	for _, q := range reg.All() {
		if q.Check != register.TemplateStatic {
			continue
		}
		n++
		if len(covered[q.ID]) == 0 {
			t.Errorf("no rule stands for %s: %s", q.ID, q.Text)
		}
		for edition := range q.Editions {
			if edition == register.Async00 {
				continue
			}
			if !appliesIn(covered[q.ID], edition) {
				t.Errorf("no rule that stands for %s applies in %s", q.ID, edition)
			}
		}
	}
	if n == 0 {
		t.Fatal("the register has no static requirement")
	}
	t.Logf("%d static requirements, %d rules", n, len(Rules()))
}

func appliesIn(ids []string, edition register.Edition) bool {
	for _, id := range ids {
		r, _ := Find(id)
		for _, e := range applicable(r) {
			if e.String() == string(edition) {
				return true
			}
		}
	}
	return false
}

// The codes of the linter that need no network, no flag of its own and no
// writing each have a rule.
func TestLinterCodesAreCovered(t *testing.T) {
	covered := map[string]bool{}
	for _, r := range Rules() {
		for _, c := range r.DCTL {
			covered[c] = true
		}
	}
	for code := range strings.FieldsSeq(`0003 0008 0009 1002 1003 1004 1005 1006 1007 1008 1009 1011 1012 1013 1014 1015 1016 1017 1018
		1019 1020 1021 1022 1023 1024 1025 1026 1027 1028 1029 1030 1031 1032 1033 1034 1035 1036 1037 1038 1039 1040
		5000 5001 5002 5003 5004 5005 5006 5007 5008 5009 5010 5011`) {
		if !covered["DCTL"+code] {
			t.Errorf("no rule has the linter's code DCTL%s", code)
		}
	}
}

func TestFind(t *testing.T) {
	if r, ok := Find("TMPL-RAW-SPF"); !ok || r.Title != "SPF as TXT" {
		t.Errorf("Find gives %+v, %t", r, ok)
	}
	if r, ok := Find("TMPL-NO-SUCH-RULE"); ok || r.ID != "" {
		t.Errorf("Find gives %+v, %t", r, ok)
	}
}
