package run

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dcconform/dcconform/reports"
)

// owing is a job of one world that owes the cases.
func owing(ids ...string) job {
	return job{Shares: []share{{Owes: ids}}, CaseSeconds: 60}
}

// A child that ends without a complete record leaves harness-errors for what
// it owed, and nothing is green. One that does so always is tried twice.
func TestChildrenThatDie(t *testing.T) {
	path := template(t, t.TempDir())
	for _, c := range []struct {
		mode, first, last string
		passed            int
	}{
		{"crash", "a child process ended without a complete record while it ran alder.example.net.website/static/rules: exit status 2; it last printed: fatal error: all goroutines are asleep",
			"; it last printed: fatal error: all goroutines are asleep", 2},
		{"early", "a child process ended without a complete record after alder.example.net.website/file/parse",
			"a child process ended without a complete record after alder.example.net.website/static/rules", 2},
		{"garbage", "a child process sent a broken message: unexpected end of JSON input", "a child process sent a broken message: unexpected end of JSON input", 0},
		{"unheard-of", "a child process ended without a complete record: exit status 9", "a child process ended without a complete record: exit status 9", 0},
	} {
		t.Run(c.mode, func(t *testing.T) {
			o := options(t, path)
			o.Child = as(c.mode)
			code, r, err := certifies(t.Context(), t, o)
			if code != reports.ExitInconclusive || err != nil {
				t.Fatalf("exit %d, %v", code, err)
			}
			if len(r.Results) != r.Planned || r.Counts[reports.Pass] != c.passed || r.Counts[reports.HarnessError] != r.Planned-c.passed {
				t.Fatalf("%d results for %d planned cases: %v", len(r.Results), r.Planned, r.Counts)
			}
			said := strings.Split(strings.TrimSpace(fmt.Sprint(o.Stderr)), "\n")
			if len(said) < 2 || !strings.Contains(said[len(said)-2], c.first) || !strings.Contains(said[len(said)-2], "; another child process runs the ") ||
				!strings.HasPrefix(said[len(said)-1], "dcconform certify: a child process ") || strings.Contains(said[len(said)-1], "another child process") {
				t.Errorf("it is not said at once: %q", said)
			}
			last := r.Results[len(r.Results)-1]
			if last.Outcome != reports.HarnessError || !strings.Contains(last.Message, c.last) {
				t.Errorf("the last case is %s: %s\nwant %s", last.Outcome, last.Message, c.last)
			}
		})
	}
}

// A crash in the middle loses the case that crashed and no other: what needs it
// is blocked by it, and everything else comes out as it does without a crash.
func TestACrashLosesOneCase(t *testing.T) {
	path := template(t, t.TempDir())
	o := options(t, path)
	_, whole, err := certifies(t.Context(), t, o)
	if err != nil {
		t.Fatal(err)
	}
	const victim = "alder.example.net.website/apex/consent-page"
	const blocker = "alder.example.net.website/apex/apply"
	for _, c := range []struct {
		dies    string
		blocked []string
	}{
		{victim, nil},
		{blocker, []string{"consent-page", "return", "read-back", "nothing-else", "again"}},
	} {
		o := options(t, path)
		o.Child = as("dies-at:" + c.dies)
		code, r, err := certifies(t.Context(), t, o)
		if code != reports.ExitInconclusive || err != nil || len(r.Results) != len(whole.Results) {
			t.Fatalf("exit %d, %v, %d results", code, err, len(r.Results))
		}
		for i, res := range r.Results {
			switch {
			case res.ID == c.dies:
				want := "a child process ended without a complete record while it ran " + c.dies + ": exit status 7"
				if res.Outcome != reports.HarnessError || !strings.HasPrefix(res.Message, want) {
					t.Errorf("%s is %s: %s", res.ID, res.Outcome, res.Message)
				}
				if len(res.Notes) != 1 || res.Notes[0].Code != "restarted" || !strings.HasSuffix(res.Notes[0].Text, " cases that it had not begun went to another child process") {
					t.Errorf("notes %+v", res.Notes)
				}
			case res.Scenario == "apex" && slices.Contains(c.blocked, res.Case):
				if res.Outcome != reports.Blocked {
					t.Errorf("%s is %s: %s", res.ID, res.Outcome, res.Message)
				}
			case res.Outcome != whole.Results[i].Outcome:
				t.Errorf("%s is %s, and without a crash %s: %s", res.ID, res.Outcome, whole.Results[i].Outcome, res.Message)
			}
		}
		if n := r.Counts[reports.HarnessError]; n != 1 {
			t.Errorf("%d harness errors after a crash at %s", n, c.dies)
		}
	}
}

// A child that dies between two cases loses none, and the report says that
// somebody else went on.
func TestADeathBetweenCasesLosesNone(t *testing.T) {
	var starts atomic.Int32
	start := func(ctx context.Context) *exec.Cmd {
		if starts.Add(1) == 1 {
			return as("between")(ctx)
		}
		return as("sound")(ctx)
	}
	o := options(t, template(t, t.TempDir()))
	o.Child = start
	code, r, err := certifies(t.Context(), t, o)
	if code != reports.ExitConformant || err != nil || starts.Load() != 2 {
		t.Fatalf("exit %d, %v, %d children: %s", code, err, starts.Load(), o.Stderr)
	}
	noted := 0
	for _, res := range r.Results {
		for _, n := range res.Notes {
			if n.Code == "restarted" {
				noted++
				if want := "a child process ended without a complete record after alder.example.net.website/file/parse: exit status 2; the "; !strings.HasPrefix(n.Text, want) {
					t.Errorf("note %q", n.Text)
				}
			}
		}
	}
	if noted != 1 {
		t.Errorf("the restart is noted %d times", noted)
	}
}

// All jobs are done, and never by more children at a time than asked for.
func TestTheQueueKeepsToItsNumber(t *testing.T) {
	var running, started atomic.Int32
	two := make(chan struct{})
	var ended []string
	p := &pool{jobs: 2, start: func(ctx context.Context) *exec.Cmd {
		if n := running.Add(1); n > 2 {
			t.Errorf("%d children at a time", n)
		}
		if started.Add(1) == 2 {
			close(two)
		}
		<-two // the first is not alone
		return as("whole")(ctx)
	}, finished: func(r reports.Result) {
		ended = append(ended, r.ID)
		if strings.HasSuffix(r.ID, "/last") {
			running.Add(-1)
		}
	}, lost: func(l loss) { t.Error(l) }}
	var jobs []job
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		jobs = append(jobs, owing(name+"/first", name+"/last"))
	}
	p.run(t.Context(), jobs)
	slices.Sort(ended)
	if got := strings.Join(ended, " "); got != "a/first a/last b/first b/last c/first c/last d/first d/last e/first e/last" {
		t.Errorf("ended: %s", got)
	}
	if started.Load() != 5 {
		t.Errorf("%d children", started.Load())
	}
}

// What was never begun because of an interrupt costs no child.
func TestAnInterruptStartsNobody(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var losses []loss
	p := &pool{jobs: 2, start: func(context.Context) *exec.Cmd { t.Error("a child was started"); return nil },
		finished: func(reports.Result) {}, lost: func(l loss) { losses = append(losses, l) }}
	p.run(ctx, []job{owing("a"), owing("b")})
	if len(losses) != 2 || len(losses[0].ids) != 1 || len(losses[0].handed) != 0 {
		t.Errorf("lost: %v", losses)
	}
}

// A child that neither speaks nor listens is ended.
func TestADeafChildIsKilled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var losses []loss
	lost := func(l loss) { losses = append(losses, l) }
	p := &pool{start: as("deaf"), lost: lost, finished: func(reports.Result) { cancel() }, grace: 50 * time.Millisecond}
	p.run(ctx, []job{owing("a", "b")})
	if len(losses) != 1 || losses[0].String() != "interrupted: context canceled" || !slices.Equal(losses[0].ids, []string{"b"}) {
		t.Errorf("lost %v", losses)
	}
	losses = nil
	p = &pool{start: as("deaf"), lost: lost, finished: func(reports.Result) {}, silence: 200 * time.Millisecond}
	p.run(t.Context(), []job{owing("a", "b", "c", "d")})
	if len(losses) != 2 || losses[0].String() != "a child process hung after a: it said nothing for 200ms and was ended; another child process runs the 3 cases that it had not begun" ||
		losses[1].String() != "a child process hung after b: it said nothing for 200ms and was ended" || !slices.Equal(losses[1].ids, []string{"c", "d"}) {
		t.Errorf("lost %v", losses)
	}
}

// A child that says why it cannot go on would say so again.
func TestAFatalWordIsTakenOnce(t *testing.T) {
	starts := 0
	var losses []loss
	p := &pool{start: func(ctx context.Context) *exec.Cmd { starts++; return as("sound")(ctx) },
		lost: func(l loss) { losses = append(losses, l) }, finished: func(reports.Result) {}}
	j := owing("a", "b")
	j.Kind = "unheard-of"
	p.run(t.Context(), []job{j})
	if starts != 1 || len(losses) != 1 || losses[0].String() != `this child knows no runs of the kind "unheard-of"` || len(losses[0].ids) != 2 {
		t.Errorf("%d children, lost %v", starts, losses)
	}
}

// What is left of a job keeps its worlds apart.
func TestTheRestOfAJob(t *testing.T) {
	j := job{Kind: "k", Shares: []share{
		{Prefix: "one:", Owes: []string{"a", "b"}}, {Prefix: "two:", Owes: []string{"a", "b"}}, {Prefix: "three:", Owes: []string{"a", "b"}, Lost: []string{"z"}}}}
	rest := j.rest([]string{"two:b", "three:a", "three:b"}, []string{"two:a"})
	got := fmt.Sprintf("%+v", rest.Shares)
	want := fmt.Sprintf("%+v", []share{{Prefix: "two:", Owes: []string{"b"}, Lost: []string{"a"}}, {Prefix: "three:", Owes: []string{"a", "b"}, Lost: []string{"z"}}})
	if rest.Kind != "k" || got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if len(j.Shares) != 3 || len(j.Shares[1].Owes) != 2 || j.Shares[1].Lost != nil {
		t.Errorf("the job itself changed: %+v", j)
	}
}

// A program that is not there is no endless loop either.
func TestAChildThatCannotBeStarted(t *testing.T) {
	var losses []loss
	p := &pool{start: func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, t.TempDir()+string(os.PathSeparator)+"nobody")
	}, lost: func(l loss) { losses = append(losses, l) }, finished: func(reports.Result) {}}
	p.run(t.Context(), []job{owing("a")})
	if len(losses) != 2 || !strings.HasPrefix(losses[0].String(), "a child process cannot be started: ") || !slices.Equal(losses[1].ids, []string{"a"}) {
		t.Errorf("lost %v", losses)
	}
}
