package trial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"testing"

	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/observe"
	"github.com/dcconform/dcconform/suites/target"
)

// asked are the places in a row of n at which a target is asked that never
// answers.
func asked(p *patience, n int) []int {
	var places []int
	for i := 1; i <= n; i++ {
		if p.allow("x") == nil {
			places = append(places, i)
			p.miss("x", errors.New("silence"))
		}
	}
	return places
}

func TestPatienceAsksThreeTimesAndThenEverMoreRarely(t *testing.T) {
	var p patience
	if got, want := asked(&p, 400), []int{1, 2, 3, 14, 35, 76, 157, 318}; !slices.Equal(got, want) {
		t.Errorf("asked at %v, want %v", got, want)
	}
	err := p.allow("x")
	if want := "not tried, because x came to nothing 8 times in a row; the last time: silence"; err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	if err := p.allow("y"); err != nil {
		t.Errorf("another way: %v", err)
	}
	p.answered("x")
	if got, want := asked(&p, 20), []int{1, 2, 3, 14}; !slices.Equal(got, want) {
		t.Errorf("after an answer asked at %v, want %v", got, want)
	}
}

// What counts is that the target was asked and said nothing.
func TestWhatCountsAsSilence(t *testing.T) {
	over, end := context.WithCancel(t.Context())
	end()
	for _, c := range []struct {
		name string
		ctx  context.Context
		err  error
		want string
	}{
		{"an answer", t.Context(), nil, "answered"},
		{"a page that cannot be operated", t.Context(), fmt.Errorf("x: %w", consent.ErrControl), "answered"},
		{"a password that is refused", t.Context(), consent.ErrSignIn, "answered"},
		{"nobody to sign in", t.Context(), consent.ErrNoUser, "answered"},
		{"no web address", t.Context(), consent.ErrNotWeb, "answered"},
		{"redirects in a circle", t.Context(), consent.ErrLost, "answered"},
		{"scripts", t.Context(), consent.ErrScripts, "answered"},
		{"a closed connection", t.Context(), net.ErrClosed, "missed"},
		{"our own refusal to dial", t.Context(), &target.DeniedError{}, "neither"},
		{"the end of the run", over, context.Canceled, "neither"},
		{"the end of the browser", t.Context(), consent.ErrBrowserGone, "neither"},
	} {
		p := patience{ways: map[string]*way{"x": {missed: 1}}}
		p.note(c.ctx, "x", c.err)
		if got := judged(&p, "x"); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	for _, c := range []struct {
		name string
		ctx  context.Context
		err  error
		want string
	}{
		{"an answer", t.Context(), nil, "answered"},
		{"silence", t.Context(), fmt.Errorf("x: %w", os.ErrDeadlineExceeded), "missed"},
		{"a refusal", t.Context(), errors.New("the server answers REFUSED"), "answered"},
		{"servers that disagree", t.Context(), &observe.DisagreementError{}, "answered"},
		{"the end of the run", over, os.ErrDeadlineExceeded, "neither"},
	} {
		p := patience{ways: map[string]*way{wayQuestion: {missed: 1}}}
		p.noteQuestion(c.ctx, c.err)
		if got := judged(&p, wayQuestion); got != c.want {
			t.Errorf("name server: %s: %s, want %s", c.name, got, c.want)
		}
	}
}

// judged is what became of one miss.
func judged(p *patience, name string) string {
	switch w := p.ways[name]; {
	case w == nil:
		return "answered"
	case w.missed == 2:
		return "missed"
	}
	return "neither"
}

// A zone that stays as it is counts, one that is empty as it should be does
// not, and one that changes is alive, right or wrong.
func TestWhatCountsAsAChange(t *testing.T) {
	late := errors.New("the ceiling is reached")
	for _, c := range []struct {
		name  string
		lines []string
		still bool
		err   error
		want  string
	}{
		{"what was wanted is there", []string{"a"}, true, nil, "answered"},
		{"nothing was wanted", nil, true, nil, "neither"},
		{"something else came", []string{"b"}, false, late, "answered"},
		{"nothing came", nil, true, late, "missed"},
		{"nothing more came", []string{"a"}, true, late, "missed"},
		{"servers disagree", []string{"a"}, true, &observe.DisagreementError{}, "neither"},
	} {
		w := World{Target: &target.Config{}, patience: patience{ways: map[string]*way{wayChange: {missed: 1}}}}
		w.noteChange(wayChange, c.lines, c.still, c.err)
		if got := judged(&w.patience, wayChange); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTraces(t *testing.T) {
	var r traces
	if got := r.foreign([]string{"a. 1 IN A 192.0.2.1"}); len(got) != 1 {
		t.Errorf("before anything is written: %q", got)
	}
	r.found([]string{"a.", "b."})
	r.wrote([]string{"a.", "c."})
	got := r.foreign([]string{"a. 1 IN A 192.0.2.1", "b. 1 IN A 192.0.2.1", "c. 1 IN A 192.0.2.1"})
	if want := []string{"b. 1 IN A 192.0.2.1", "c. 1 IN A 192.0.2.1"}; !slices.Equal(got, want) {
		t.Errorf("foreign: %q, want %q", got, want)
	}
	if got := unused([]string{"a.", "aa.", "b."}, []string{"aa. 1 IN A 192.0.2.1"}); !slices.Equal(got, []string{"a.", "b."}) {
		t.Errorf("unused: %q", got)
	}
}
