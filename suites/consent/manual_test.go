package consent_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/target"
)

const manualLink = "https://dp.example/apply?domain=example.com"

// What the person is told, and what his answers become.
func TestManualAnswers(t *testing.T) {
	type driver = func(*consent.Manual) (*consent.Outcome, error)
	approve := func(m *consent.Manual) (*consent.Outcome, error) {
		return m.Approve(t.Context(), manualLink, somebody, consent.Options{})
	}
	cancel := func(m *consent.Manual) (*consent.Outcome, error) {
		return m.Cancel(t.Context(), manualLink, somebody, consent.Options{})
	}
	read := func(m *consent.Manual) (*consent.Outcome, error) {
		return m.Read(t.Context(), manualLink, target.Credentials{}, consent.Options{})
	}
	const rest = "\n\n  " + manualLink + "\n\nThen type y and Enter; n if it cannot be done; Enter alone if you cannot tell.\n"
	for _, c := range []struct {
		name    string
		do      driver
		in, out string
		pressed bool
		err     string
	}{
		{"approve, yes", approve, "y\n", "Open this link in a browser as alice and APPROVE what it asks for:" + rest, true, ""},
		{"approve, no", approve, " No \n", "Open this link in a browser as alice and APPROVE what it asks for:" + rest, false, "not done by hand: the person says that it cannot be done"},
		{"approve, unknown", approve, "\n", "Open this link in a browser as alice and APPROVE what it asks for:" + rest, false, ""},
		{"cancel, after a slip", cancel, "hm\nYES\n", "Open this link in a browser as alice and CANCEL, by the page's own button:" + rest + "Please type y, n or nothing.\n", true, ""},
		{"read, yes", read, "y", "Open this link in a browser, LOOK at the page, and close it without pressing a button:" + rest, false, ""},
		{"nobody there", approve, "", "Open this link in a browser as alice and APPROVE what it asks for:" + rest, false, "not done by hand: nobody is there to answer, and no callback to come"},
	} {
		var said strings.Builder
		o, err := c.do(&consent.Manual{Out: &said, In: strings.NewReader(c.in)})
		if got := errText(err); got != c.err || err != nil && !errors.Is(err, consent.ErrByHand) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.err)
		}
		if diff := cmp.Diff(&consent.Outcome{Link: manualLink, Pressed: c.pressed}, o); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		if diff := cmp.Diff(c.out, said.String()); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		mustNotContain(t, "the prompt", said.String(), somebody.Password)
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// The way back ends the flow, stays for the case that judges it, and an answer
// that comes late is not the next flow's.
func TestManualComesBack(t *testing.T) {
	s := newStage(t)
	for _, c := range []struct {
		query   string
		do      func(*consent.Manual, context.Context, string, target.Credentials, consent.Options) (*consent.Outcome, error)
		pressed bool
	}{
		{"state=1", (*consent.Manual).Approve, true},
		{"error=access_denied", (*consent.Manual).Approve, false},
		{"error=access_denied", (*consent.Manual).Cancel, true},
		{"error=server_error", (*consent.Manual).Cancel, false},
		{"state=1", (*consent.Manual).Cancel, false},
	} {
		token := s.back.NewToken()
		to := s.back.URL("shop.example", token)
		m := &consent.Manual{Back: consent.CameBack(s.back)}
		var going sync.WaitGroup
		// The person goes where he is sent as soon as he is asked to.
		m.Out = writerFunc(func(p []byte) (int, error) {
			if strings.HasPrefix(string(p), "Open this link") {
				going.Go(func() { get(t, s, to+"?"+c.query) })
			}
			return len(p), nil
		})
		o, err := c.do(m, ctxFor(t), manualLink+"&redirect_uri="+url.QueryEscape(to), somebody, consent.Options{})
		if err != nil || !o.Returned || o.Final != to+"?"+c.query || o.Pressed != c.pressed {
			t.Errorf("%s: returned %v to %s, pressed %v, want %v; %v", c.query, o.Returned, o.Final, o.Pressed, c.pressed, err)
		}
		if hit, err := s.back.Wait(ctxFor(t), token); err != nil || hit.RawQuery != c.query {
			t.Errorf("the hit is not left: %q, %v", hit.RawQuery, err)
		}
		going.Wait()
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func get(t *testing.T, s *stage, to string) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to, nil)
	if err != nil {
		t.Error(err)
		return
	}
	res, err := s.rt.RoundTrip(req)
	if err != nil {
		t.Error(err)
		return
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
}

// A late answer belongs to the flow that it was typed for.
func TestManualLateAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, typed := io.Pipe()
		first := true
		m := &consent.Manual{Out: io.Discard, In: in, Back: func(ctx context.Context, _ string) (string, error) {
			if first {
				first = false
				return "https://shop.example/?state=1", nil
			}
			<-ctx.Done()
			return "", ctx.Err()
		}}
		if o, err := m.Approve(t.Context(), manualLink, somebody, consent.Options{}); err != nil || !o.Returned {
			t.Fatalf("returned %v, %v", o.Returned, err)
		}
		if _, err := io.WriteString(typed, "y\n"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		began := time.Now()
		o, err := m.Approve(t.Context(), manualLink, somebody, consent.Options{})
		if want := "not done by hand: the flow did not end within 10m0s"; errText(err) != want || o.Pressed {
			t.Errorf("pressed %v, got %v, want %s", o.Pressed, err, want)
		}
		if d := time.Since(began); d != consent.ManualCeiling {
			t.Errorf("waited %s", d)
		}
		if err := typed.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// Who stops the run is not kept waiting, and who cannot be asked is not.
func TestManualEnds(t *testing.T) {
	stop := errors.New("the user pressed Ctrl-C")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if _, err := (&consent.Manual{Out: io.Discard}).Approve(ctx, manualLink, somebody, consent.Options{}); !errors.Is(err, stop) || !errors.Is(err, consent.ErrByHand) {
		t.Errorf("got %v", err)
	}
	broken := &consent.Manual{Out: writerFunc(func([]byte) (int, error) { return 0, io.ErrClosedPipe })}
	_, err := broken.Approve(t.Context(), manualLink, somebody, consent.Options{})
	if want := "not done by hand: the person cannot be asked: io: read/write on closed pipe"; errText(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := broken.Close(); err != nil {
		t.Error(err)
	}
}
