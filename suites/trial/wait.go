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
	return w.await(t, wayChange, accept)
}

func (w *World) await(t *Trial, way string, accept func([]string) bool) (lines []string, problem error) {
	// A target that tells when it has settled costs no time.
	counted := w.Zones.Settled == nil
	if counted {
		if err := w.patience.allow(way); err != nil {
			lines, enough, alive := w.look(t, accept)
			if enough {
				return lines, nil
			}
			if !alive {
				t.spared(err)
			}
		}
	}
	before, still := t.seen, true
	seen, err := w.Zones.Await(t.Context(), t.watched, t.types, func(s observe.Snapshot) bool {
		lines := t.without(s.Lines())
		still = still && slices.Equal(before, lines)
		return accept(lines)
	})
	if err != nil && len(seen.Names) == 0 {
		if t.Context().Err() == nil {
			w.patience.miss(wayQuestion, err)
		}
		t.unobserved(err)
	}
	t.Interrupted(err)
	t.seen = t.without(seen.Lines())
	if counted {
		w.noteChange(way, t.seen, still, err)
	}
	return t.seen, err
}

// noteChange counts waits in which nothing happened. To be content with an
// empty zone is no sign of life.
func (w *World) noteChange(way string, lines []string, still bool, err error) {
	var split *observe.DisagreementError
	switch {
	case err == nil && len(lines) > 0, err != nil && !still:
		w.changed()
	case err != nil && !errors.As(err, &split):
		w.patience.miss(way, fmt.Errorf("nothing changed within %s", w.Target.Limits.Propagation))
	}
}

// changed forgets every wait in which nothing happened.
func (w *World) changed() {
	w.patience.answered(wayChange)
	w.patience.answered(wayJudged)
}

// look is wait without waiting: what is there now, whether accept is content
// with it, and whether the zone has changed after all.
func (w *World) look(t *Trial, accept func([]string) bool) (lines []string, enough, alive bool) {
	before := t.seen
	lines = t.Zone()
	enough = accept(lines)
	alive = enough && len(lines) > 0 || !slices.Equal(before, lines)
	if alive {
		w.changed()
	}
	return lines, enough, alive
}
