package reports

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/vbauerster/mpb/v8"
	"go.uber.org/goleak"
)

func TestProgressInLines(t *testing.T) {
	var b bytes.Buffer
	p := NewProgress(&b, ProgressOptions{Label: "certify"})
	p.Start(40)
	for i := range 40 {
		o := Pass
		switch i {
		case 3:
			o = Fail
		case 17:
			o = HarnessError
		case 20:
			o = Warning
		}
		res := result(planned(fmt.Sprintf("example.com.mail/%d", i), SubjectTemplate, MUST), o)
		if o == HarnessError {
			res.Message = "The child ended\nwith \x1b[2Jexit status 2."
		}
		p.Case(res)
	}
	p.Stop()
	p.Stop()
	p.Case(result(planned("late", SubjectTemplate, MUST), Fail))
	want := `certify: 40 cases
fail: example.com.mail/3: The record is served (5.2). Got: NXDOMAIN
certify: 4 of 40, 1 failed
certify: 8 of 40, 1 failed
certify: 12 of 40, 1 failed
certify: 16 of 40, 1 failed
harness-error: example.com.mail/17: The child ended with \x1b[2Jexit status 2.
certify: 20 of 40, 1 failed, 1 harness error
certify: 24 of 40, 1 failed, 1 harness error
certify: 28 of 40, 1 failed, 1 harness error
certify: 32 of 40, 1 failed, 1 harness error
certify: 36 of 40, 1 failed, 1 harness error
certify: 40 of 40 done, 1 failed, 1 harness error
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestProgressOfAFewCasesAndOfNone(t *testing.T) {
	var b bytes.Buffer
	p := NewProgress(&b, ProgressOptions{})
	p.Start(1)
	p.Case(result(planned("a", SubjectTemplate, MUST), Pass))
	p.Stop()
	p = NewProgress(&b, ProgressOptions{})
	p.Start(0)
	p.Case(result(planned("stranger", SubjectTemplate, MUST), Pass))
	p.Stop()
	want := "dcconform: 1 case\ndcconform: 1 of 1 done\ndcconform: 0 cases\ndcconform: 1 of 0 done\n"
	if b.String() != want {
		t.Errorf("got %q", b.String())
	}
}

func TestProgressDoesNotDrown(t *testing.T) {
	var b bytes.Buffer
	p := NewProgress(&b, ProgressOptions{})
	p.Start(500)
	for i := range 500 {
		p.Case(result(planned(fmt.Sprint(i), SubjectTemplate, MUST), Fail))
	}
	p.Stop()
	if n := strings.Count(b.String(), "\nfail: "); n != shownFailures {
		t.Errorf("%d failures told", n)
	}
	if n := strings.Count(b.String(), "\nfurther failures are in the summary and the report\n"); n != 1 {
		t.Errorf("said %d times that there are more", n)
	}
	if !strings.HasSuffix(b.String(), "dcconform: 500 of 500 done, 500 failed\n") {
		t.Errorf("end: %q", b.String()[b.Len()-60:])
	}
}

func TestAFileIsNoTerminal(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if p, ok := NewProgress(f, ProgressOptions{}).(*lineProgress); !ok {
		t.Errorf("%T", p)
	}
	p := NewProgress(brokenWriter{}, ProgressOptions{})
	p.Start(2) // a stderr that is closed ends no run
	p.Case(result(planned("a", SubjectTemplate, MUST), Fail))
	p.Stop()
}

// lockedBuffer is written by mpb's goroutine.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// The bar is drawn, failures stand above it, it ends when it is stopped early,
// and leaves no goroutine behind.
func TestProgressBar(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, done := range []int{30, 7, 0} {
		var b lockedBuffer
		refresh := make(chan any)
		option := mpb.WithManualRefresh(refresh)
		if done == 30 {
			option = mpb.WithAutoRefresh() // as on a terminal: what is left is drawn at the end
		}
		p := &barProgress{w: &b, label: "certify", options: []mpb.ContainerOption{option}}
		p.Start(30)
		var wg sync.WaitGroup
		for i := range done {
			wg.Go(func() {
				o := Pass
				if i == 5 {
					o = Fail
				}
				p.Case(result(planned(fmt.Sprintf("case-%d", i), SubjectTemplate, MUST), o))
			})
		}
		wg.Wait()
		if done < 30 { // a full bar has taken itself off the screen
			refresh <- nil
			refresh <- nil
		}
		p.Stop()
		p.Stop()
		p.Case(result(planned("late", SubjectTemplate, MUST), Fail))
		got := b.String()
		if done < 30 && !strings.Contains(got, fmt.Sprintf("certify %d/30", done)) {
			t.Errorf("%d done: no bar in %q", done, got)
		}
		if done > 5 && !strings.Contains(got, "fail: case-5: The record is served (5.2). Got: NXDOMAIN\n") {
			t.Errorf("%d done: no failure in %q", done, got)
		}
		if done == 7 && !strings.Contains(got, "] 1 failed") {
			t.Errorf("no count of failures in %q", got)
		}
		if strings.Contains(got, "late") {
			t.Errorf("told of a case after Stop: %q", got)
		}
	}
	(&barProgress{}).Stop() // never started
	(&barProgress{}).Case(Result{})
}
