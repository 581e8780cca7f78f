package trial

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dcconform/dcconform/suites/observe"
)

// snapshot is what the name servers have at the watched names now, unless none
// has answered for a while.
func (w *World) snapshot(t *Trial) (observe.Snapshot, error) {
	if err := w.patience.allow(wayQuestion); err != nil {
		return observe.Snapshot{}, err
	}
	seen, err := w.Zones.Snapshot(t.Context(), t.watched, t.types)
	w.patience.noteQuestion(t.Context(), err)
	return seen, err
}

// wait takes snapshots until accept is content or the time is up. Servers that
// go on disagreeing are never content, whatever the last snapshot holds; the
// problem then says so. Where nothing has changed in several waits to the end
// it looks once, and ends the case when accept is not content with that.
func (w *World) wait(t *Trial, accept func([]string) bool) (lines []string, problem error) {
	// A target that tells when it has settled costs no time.
	counted := w.Zones.Settled == nil
	if counted {
		if err := w.patience.allow(wayChange); err != nil {
			return w.look(t, accept, err), nil
		}
	}
	var first []string
	looks := 0
	seen, err := w.Zones.Await(t.Context(), t.watched, t.types, func(s observe.Snapshot) bool {
		lines := t.without(s.Lines())
		if looks == 0 {
			first = lines
		}
		looks++
		return accept(lines)
	})
	if err != nil && len(seen.Names) == 0 {
		if t.Context().Err() == nil {
			w.patience.miss(wayQuestion, err)
		}
		t.unobserved(err)
	}
	t.Interrupted(err)
	lines = t.without(seen.Lines())
	if counted {
		w.noteChange(lines, slices.Equal(first, lines), err)
	}
	return lines, err
}

// noteChange counts waits in which nothing happened. To be content with an
// empty zone is no sign of life.
func (w *World) noteChange(lines []string, still bool, err error) {
	var split *observe.DisagreementError
	switch {
	case err == nil && len(lines) > 0, err != nil && !still:
		w.patience.answered(wayChange)
	case err != nil && !errors.As(err, &split):
		w.patience.miss(wayChange, fmt.Errorf("nothing changed within %s", w.Target.Limits.Propagation))
	}
}

// look is wait without waiting.
func (w *World) look(t *Trial, accept func([]string) bool, spared error) []string {
	seen, err := w.snapshot(t)
	t.unobserved(err)
	lines := t.without(seen.Lines())
	if !accept(lines) {
		t.spared(spared)
	}
	if len(lines) > 0 {
		w.patience.answered(wayChange)
	}
	return lines
}
