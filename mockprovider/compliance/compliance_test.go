package compliance

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// wholeSet is how many cases the known collection has. In a smaller selection
// a rule may well be unused; in this one, the rules without "own" are needed.
const wholeSet = 171

// verdict is what came out of one case.
type verdict struct {
	// rules explain the difference; none means agreement.
	rules []string
	// untried says why the case could not be tried.
	untried string
	// wrong says what our core did against the prediction.
	wrong string
}

// judge runs a case and holds it against the prediction.
func judge(q question) verdict {
	if why := untried(q); why != "" {
		return verdict{untried: why}
	}
	var v verdict
	q.nameServices()
	predicted := q.expected()
	for _, a := range adaptations {
		adapted := q
		adapted.services = maps.Clone(q.services)
		if !a.apply(&adapted) {
			continue
		}
		switch class := q.run().class; class {
		case string(a.refuses):
			v.rules = append(v.rules, a.name)
			q = adapted
		case "":
			v.wrong = fmt.Sprintf("the rule %s says that we refuse it with %s, and there is a plan", a.name, a.refuses)
			return v
		}
	}
	for _, r := range rules {
		next := r.predict(q, predicted.clone())
		next.unchecked = predicted.unchecked
		if !predicted.equal(next) && !same(predicted, next) {
			v.rules = append(v.rules, r.name)
		}
		predicted = next
	}
	if got := q.run(); !same(predicted, got) {
		v.wrong = fmt.Sprintf("rules: %s\n    theirs: %s\n    predicted: %s\n    ours: %s", strings.Join(v.rules, ", "), q.expected(), predicted, got)
	}
	return v
}

// untried says what keeps a case from being tried.
func untried(q question) string {
	if q.noTemplate {
		return "look-up: the case is about a template that does not exist; finding templates is not the core's business"
	}
	if q.Expect.Exception == "InvalidSignature" {
		return "signature: the key is published in the public DNS, which a test does not ask"
	}
	return ""
}

// tally runs all cases and reports.
func tally(t *testing.T, all []question) (used map[string]int) {
	t.Helper()
	used, reasons := map[string]int{}, map[string]int{}
	agree, deviate, wrong := 0, 0, 0
	for _, q := range all {
		v := judge(q)
		switch {
		case v.untried != "":
			reasons[v.untried]++
		case v.wrong != "":
			wrong++
			t.Errorf("%s: %s (%s)\n    %s", q.file, q.ID, q.Description, v.wrong)
		case len(v.rules) == 0:
			agree++
		default:
			deviate++
		}
		for _, name := range v.rules {
			used[name]++
		}
	}
	untriedCases := 0
	for _, n := range reasons {
		untriedCases += n
	}
	t.Logf("%d cases: %d agreement, %d named deviation, %d disagreement, %d not tried", len(all), agree, deviate, wrong, untriedCases)
	for _, name := range slices.Sorted(maps.Keys(used)) {
		t.Logf("  deviation %-36s %3d", name, used[name])
	}
	for _, why := range slices.Sorted(maps.Keys(reasons)) {
		t.Logf("  not tried %3d: %s", reasons[why], why)
	}
	return used
}

// ruleNames are all rules.
func ruleNames() []string {
	var names []string
	for _, a := range adaptations {
		names = append(names, a.name)
	}
	for _, r := range rules {
		names = append(names, r.name)
	}
	return names
}

func unused(used map[string]int) []string {
	return slices.DeleteFunc(ruleNames(), func(name string) bool { return used[name] > 0 })
}

// ownOnly are the rules that no case of the known collection needs. They stand
// for documented deviations of the other engine; our own cases show them.
var ownOnly = []string{
	"apexcname-stands-at-the-host", "at-is-an-expression", "cname-conflicts-with-every-type", "conflict-modes-are-checked",
	"data-is-of-its-type", "extension-types-replace-addresses", "host-is-a-name", "new-records-fit-together",
	"ns-conflicts-with-every-type", "redirect-targets-have-case", "spf-rules-hold-terms", "srv-conflicts-by-full-owner",
	"srv-target-may-be-at", "text-may-be-empty", "types-are-registered", "ungrouped-records-are-active",
	"unknown-groups-are-an-error", "variables-have-case", "wildcards-stand-first",
}

func TestComplianceCases(t *testing.T) {
	dir := os.Getenv("DC_VECTORS")
	if dir == "" {
		t.Skip("DC_VECTORS is not set: the compliance cases of independent authors are not tried")
	}
	all, err := load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range unused(tally(t, all)) {
		if len(all) >= wholeSet && !slices.Contains(ownOnly, name) {
			t.Errorf("rule %s explains nothing in %d cases; remove it", name, len(all))
		}
	}
}

// Our own cases, in the same form, need every rule: one that explains nothing
// has no place in the list, and one that predicts wrongly is seen without the
// collection.
func TestOwnCasesNeedEveryRule(t *testing.T) {
	all, err := load("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range unused(tally(t, all)) {
		t.Errorf("rule %s explains nothing in our own cases", name)
	}
	for _, name := range ownOnly {
		if !slices.Contains(ruleNames(), name) {
			t.Errorf("rule %s is not there", name)
		}
	}
}

// Every rule says where the specification has it.
func TestRulesHaveClauses(t *testing.T) {
	clauses := map[string]string{}
	for _, a := range adaptations {
		clauses[a.name] = a.clause
	}
	for _, r := range rules {
		clauses[r.name] = r.clause
	}
	if len(clauses) != len(adaptations)+len(rules) {
		t.Error("two rules have one name")
	}
	for name, clause := range clauses {
		if !strings.HasPrefix(clause, "ietf-05 ") && !strings.HasPrefix(clause, "dcspec-2.3, ") && !strings.HasPrefix(clause, "RFC ") {
			t.Errorf("rule %s does not begin with its clause: %s", name, clause)
		}
	}
}

// A disagreement and a wrong prediction are seen.
func TestJudgeSeesDisagreement(t *testing.T) {
	all, err := load("testdata")
	if err != nil {
		t.Fatal(err)
	}
	changes := map[string]func(*question){
		"another count":    func(q *question) { q.Expect.New++ },
		"another removal":  func(q *question) { q.Expect.Delete++ },
		"a record missing": func(q *question) { r := (*q.Expect.Records)[1:]; q.Expect.Records = &r },
		"another TTL": func(q *question) {
			r := slices.Clone(*q.Expect.Records)
			ttl := int64(7)
			r[0].TTL = &ttl
			q.Expect.Records = &r
		},
		"another data": func(q *question) {
			r := slices.Clone(*q.Expect.Records)
			r[0].Data = "203.0.113.99"
			q.Expect.Records = &r
		},
		"an exception":      func(q *question) { q.Expect = expect{Exception: "InvalidData"} },
		"another exception": func(q *question) { q.Expect = expect{Exception: "HostRequired"} },
	}
	i := slices.IndexFunc(all, func(q question) bool { return q.ID == "own_agreement" })
	if i < 0 {
		t.Fatal("own_agreement is not there")
	}
	if v := judge(all[i]); v.wrong != "" || len(v.rules) > 0 {
		t.Fatalf("control: %+v", v)
	}
	for name, change := range changes {
		q := all[i]
		change(&q)
		if v := judge(q); v.wrong == "" {
			t.Errorf("%s is not seen: %+v", name, v)
		}
	}
}
