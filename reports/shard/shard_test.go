package shard

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/reports"
)

var day = time.Date(2026, 10, 7, 12, 0, 0, 0, time.UTC)

func planned(id string) reports.Planned {
	return reports.Planned{ID: id, Case: id, Title: "Title of " + id, Requirements: []string{"DC-" + strings.ToUpper(id)}, Subject: reports.SubjectTemplate, Level: reports.MUST, Template: "t", Scenario: "apex"}
}

func whole() []reports.Planned {
	return []reports.Planned{planned("a"), planned("b"), planned("c"), planned("d")}
}

// begun is a shard of whole that owes the cases with these ids.
func begun(index, of int, ids ...string) *reports.Run {
	r := &reports.Run{ToolVersion: "1", Command: []string{"dcconform", "certify"}, Subject: reports.SubjectTemplate, Edition: "ietf-05", Consent: "form", Seed: 1, Scope: reports.ScopeFiltered,
		Templates: []reports.Template{{Key: "t", File: "t.json", SHA256: strings.Repeat("a", 64)}}, NotCovered: []string{"DC-NOBODY"},
		Shard: &reports.Shard{Index: index, Of: of, Scope: reports.ScopeFull}, WholePlan: whole()}
	var plan []reports.Planned
	for _, id := range ids {
		plan = append(plan, planned(id))
	}
	r.Begin(plan, day.Add(time.Duration(index)*time.Second))
	return r
}

func result(id string, o reports.Outcome) reports.Result {
	res := reports.Result{Planned: planned(id), Outcome: o, Assertions: 1, Seconds: 0.5}
	if o == reports.Fail {
		res.Failure = &reports.Failure{Clause: "It holds.", Actual: "it does not, at 127.0.0.1:4711"}
	}
	return res
}

// part is a finished shard in which everything ends the same way.
func part(index, of int, o reports.Outcome, ids ...string) Part {
	r := begun(index, of, ids...)
	for _, id := range ids {
		r.Results = append(r.Results, result(id, o))
	}
	r.Finish(day.Add(time.Duration(10*index) * time.Second))
	return Part{Name: "shard" + string(rune('0'+index)), Run: r}
}

func join(t *testing.T, parts ...Part) *reports.Run {
	t.Helper()
	r, err := Join(parts, Options{Command: []string{"dcconform", "report", "merge"}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Joined they are what one run would have left, whatever their order.
func TestJoinedAsOneRun(t *testing.T) {
	one := &reports.Run{}
	*one = *begun(1, 1)
	one.Shard, one.WholePlan, one.Scope = nil, nil, reports.ScopeFull
	one.Begin(whole(), day)
	for _, id := range []string{"a", "b", "c", "d"} {
		o := reports.Pass
		if id == "b" || id == "d" {
			o = reports.Fail
		}
		one.Results = append(one.Results, result(id, o))
	}
	one.Finish(day)
	want, err := one.Projection()
	if err != nil {
		t.Fatal(err)
	}
	a, b := part(1, 2, reports.Pass, "a", "c"), part(2, 2, reports.Fail, "b", "d")
	for _, parts := range [][]Part{{a, b}, {b, a}, {a, b, a}} {
		r := join(t, parts...)
		got, err := r.Projection()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("-one run +joined\n%s", diff)
		}
		if r.Scope != reports.ScopeFull || r.Verdict != reports.NonConformant || r.Planned != 4 || r.Shard != nil || r.WholePlan != nil ||
			!r.Started.Equal(day.Add(time.Second)) || !r.Finished.Equal(day.Add(20*time.Second)) {
			t.Errorf("%+v", r)
		}
	}
}

func TestAMissingShard(t *testing.T) {
	r := join(t, part(1, 3, reports.Pass, "a", "d"), part(3, 3, reports.Pass, "c"))
	if r.Planned != 4 || len(r.Results) != 4 || r.Counts[reports.HarnessError] != 1 || r.Verdict != reports.Partial {
		t.Fatalf("%s, %v", r.Verdict, r.Counts)
	}
	b := r.Results[1]
	if b.ID != "b" || b.Outcome != reports.HarnessError || b.Reason != reports.ReasonNoResult || b.Message != "Shard 2/3 is missing, and no other has a result of this case." {
		t.Errorf("%+v", b)
	}
	r = join(t, part(1, 3, reports.Pass, "a", "d"))
	if text := r.Results[1].Message; r.Counts[reports.HarnessError] != 2 || text != "Shards 2/3, 3/3 are missing, and no other has a result of this case." {
		t.Errorf("%v %s", r.Counts, text)
	}
	// Every shard is there, and one has taken a case out of its report.
	cut := part(2, 2, reports.Pass, "b", "d")
	cut.Run.Results = cut.Run.Results[:1]
	if r = join(t, part(1, 2, reports.Pass, "a", "c"), cut); r.Verdict.Green() || r.Results[3].Message != "No shard has a result of this case." {
		t.Errorf("%s, %+v", r.Verdict, r.Results[3])
	}
}

// A shard that was killed owes what had not reached the disk.
func TestAShardThatDied(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	dead := begun(2, 2, "b", "d")
	d, err := reports.Create(out, dead, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Append(result("b", reports.Pass)); err != nil {
		t.Fatal(err)
	}
	read, err := reports.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	r := join(t, part(1, 2, reports.Pass, "a", "c"), Part{Name: out, Run: read})
	if r.Verdict != reports.VerdictInconclusive || r.Counts[reports.Pass] != 3 || r.Results[3].Outcome != reports.HarnessError || r.Results[3].Message != "The run was killed before this case." {
		t.Errorf("%s, %v, %+v", r.Verdict, r.Counts, r.Results[3])
	}
	if err := d.Finish(dead); err != nil { // lets go of the folder
		t.Fatal(err)
	}
}

// The baseline is settled over all of it, not over what each shard could see.
func TestABaselineOverAllShards(t *testing.T) {
	text := `version: 1
known:
  - {case: "b", outcome: fail, reason: {requirement: DC-B}, owner: o, expires: "2026-12-31"}
  - {case: "a", outcome: fail, reason: {requirement: DC-A}, owner: o, expires: "2026-12-31"}
`
	b, err := reports.ReadBaseline("known.yaml", []byte(text), day)
	if err != nil {
		t.Fatal(err)
	}
	one, two := part(1, 2, reports.Pass, "a", "c"), part(2, 2, reports.Fail, "b", "d")
	hold := Options{BaselineSHA256: b.SHA256, Baseline: func(r *reports.Run, whole []reports.Planned) { r.HoldAgainst(b, whole, day) }}
	r, err := Join([]Part{one, two}, hold)
	if err != nil {
		t.Fatal(err)
	}
	if r.Baseline.Known[reports.Fail] != 1 || r.Results[1].Known == nil || r.Results[3].Known != nil || len(r.StaleBaseline) != 1 ||
		r.StaleBaseline[0] != "known.yaml:4: a: passes now; take the entry out" {
		t.Errorf("%+v, %q", r.Baseline, r.StaleBaseline)
	}
	one.Run.Baseline = &reports.BaselineUse{File: "known.yaml", SHA256: b.SHA256}
	if _, err := Join([]Part{one, two}, hold); err != nil {
		t.Error(err)
	}
	refused(t, "shard1: the shard was held against the baseline known.yaml; give it to the merge as well, with --baseline", Options{}, one, two)
	refused(t, "shard1: the shard was held against another baseline than the one given with --baseline (its sha256 began "+b.SHA256[:12]+")", Options{BaselineSHA256: "b"}, one, two)
	one.Run.Shard.Scope, two.Run.Shard.Scope = reports.ScopeFiltered, reports.ScopeFiltered
	refused(t, "--baseline: shard1 is a shard of a run that --case had filtered; a baseline is held against the whole plan", hold, one, two)
	one.Run.Baseline = nil
	if r := join(t, one, two); r.Scope != reports.ScopeFiltered {
		t.Errorf("scope %s", r.Scope)
	}
}

func refused(t *testing.T, want string, o Options, parts ...Part) {
	t.Helper()
	if r, err := Join(parts, o); err == nil || err.Error() != want || r != nil {
		t.Errorf("error %v\nwant  %s", err, want)
	}
}

func TestWhatDoesNotBelongTogether(t *testing.T) {
	refused(t, "there is no shard to join; name the --out folder of each", Options{})
	alone := part(1, 1, reports.Pass, "a")
	alone.Run.Shard = nil
	refused(t, "shard1: no shard but a run of its own; only runs with --shard can be joined", Options{}, alone)
	// The same case with two ends; a port tells no two results apart.
	fails, again := part(1, 2, reports.Fail, "a", "b"), part(2, 2, reports.Fail, "b", "d")
	again.Run.Results[0].Failure = &reports.Failure{Clause: "It holds.", Actual: "it does not, at 127.0.0.1:4712"}
	again.Run.Results[0].Seconds = 9
	join(t, fails, again)
	refused(t, `shard2: the case "b" ends in pass here and in fail (It holds. Got: it does not, at 127.0.0.1:4711) in shard1, and nobody can tell which is true; give one report of each shard`,
		Options{}, fails, part(2, 2, reports.Pass, "b", "d"))
	for want, change := range map[string]func(r *reports.Run){
		"the subject is template there and provider here":                                         func(r *reports.Run) { r.Subject = reports.SubjectProvider },
		"the edition is ietf-05 there and dcspec-2.3 here":                                        func(r *reports.Run) { r.Edition = "dcspec-2.3" },
		"the profile is none there and plesk here":                                                func(r *reports.Run) { r.Profile = "plesk" },
		"the version of the tool is 1 there and 2 here":                                           func(r *reports.Run) { r.ToolVersion = "2" },
		"the seed is 1 there and 2 here":                                                          func(r *reports.Run) { r.Seed = 2 },
		"the consent is form there and browser here":                                              func(r *reports.Run) { r.Consent = "browser" },
		"the number of shards is 2 there and 3 here":                                              func(r *reports.Run) { r.Shard.Of = 3 },
		"the scope is full there and filtered here":                                               func(r *reports.Run) { r.Shard.Scope = reports.ScopeFiltered },
		`the target is null there and {"name":"p","domains":null,"servers":null} here`:            func(r *reports.Run) { r.Target = &reports.Target{Name: "p"} },
		"the number of templates is 1 there and 0 here":                                           func(r *reports.Run) { r.Templates = nil },
		"template 1 is t (sha256 " + strings.Repeat("a", 64) + ") there and t (sha256 none) here": func(r *reports.Run) { r.Templates[0].SHA256 = "" },
		"the number of cases in the whole plan is 4 there and 3 here":                             func(r *reports.Run) { r.WholePlan = r.WholePlan[:3] },
	} {
		other := part(2, 2, reports.Pass, "b", "d")
		change(other.Run)
		refused(t, "shard2: not a shard of the same run as shard1: "+want, Options{}, part(1, 2, reports.Pass, "a", "c"), other)
	}
	judged := func(p Part, j ...reports.Judgement) Part {
		p.Run.Judgements = j
		return p
	}
	j := reports.Judgement{Template: "t", Profile: "plesk", Verdict: "accepted"}
	no := j
	no.Verdict = "refused"
	vercel := j
	vercel.Profile = "vercel"
	for want, other := range map[string][]reports.Judgement{
		"the number of judgements by profiles is 1 there and 0 here":   nil,
		"judgement 1 is of t for plesk there and of t for vercel here": {vercel},
		`the judgement of t for plesk is {"template":"t","profile":"plesk","verdict":"accepted"} there and {"template":"t","profile":"plesk","verdict":"refused"} here`: {no},
	} {
		refused(t, "shard2: not a shard of the same run as shard1: "+want, Options{}, judged(part(1, 2, reports.Pass, "a", "c"), j), judged(part(2, 2, reports.Pass, "b", "d"), other...))
	}
	informed := judged(part(2, 2, reports.Pass, "b", "d"), j)
	informed.Run.Profiles = []reports.Profile{{Name: "plesk", Title: "Plesk"}}
	refused(t, `shard2: not a shard of the same run as shard1: what is known of the profiles is null there and [{"name":"plesk","title":"Plesk"}] here`, Options{}, judged(part(1, 2, reports.Pass, "a", "c"), j), informed)
	other := part(2, 2, reports.Pass, "b", "d")
	other.Run.WholePlan[2].Level = reports.MAY
	if _, err := Join([]Part{part(1, 2, reports.Pass, "a", "c"), other}, Options{}); err == nil || !strings.Contains(err.Error(), "case 3 of the whole plan is {") {
		t.Error(err)
	}
}
