package trial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/observe"
	"github.com/dcconform/dcconform/suites/target"
)

// A target that does not answer costs every case a whole limit of target.yaml,
// and a run hours, in which nothing more becomes known. So after mostMissed
// misses in a row it is no longer asked, and the cases are inconclusive at
// once; that is never a pass, nor a failure. One in a while still asks, at ever
// longer distances, so that a target that recovers is judged again at the
// latest when it has been well for as long as it was not.
const (
	mostMissed = 3
	// firstSpared is how many go without being asked before the first that
	// asks again. The number doubles each time.
	firstSpared = 10
)

// The ways of asking that are no flows, which go by their own names. Each is
// counted by itself: a page that cannot be confirmed is no reason not to look
// at pages.
const (
	wayRequest  = "a single request"
	wayCall     = "a call with a token"
	wayQuestion = "a question to the name servers"
	wayChange   = "a change in the zone"
	// wayJudged are the waits that end in a finding. They are counted apart, so
	// that a zone that stays as it is does not go without one.
	wayJudged = "a change in the zone that a case is about"
)

// patience counts, for each way of asking, how often in a row nothing came.
// The zero value has asked nothing yet.
type patience struct {
	mu   sync.Mutex
	ways map[string]*way
}

type way struct {
	missed int
	// spared went without being asked since the last that asked, and next is
	// how many are to.
	spared, next int
	last         error
}

// notAskedError says that the target was not asked.
type notAskedError struct {
	way    string
	missed int
	last   error
}

// Error says how often it was asked in vain.
func (e *notAskedError) Error() string {
	return fmt.Sprintf("not tried, because %s came to nothing %d times in a row; the last time: %v", e.way, e.missed, e.last)
}

// allow is nil when the target is to be asked, or a *notAskedError.
func (p *patience) allow(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.ways[name]
	if w == nil || w.missed < mostMissed {
		return nil
	}
	if w.spared < w.next {
		w.spared++
		return &notAskedError{way: name, missed: w.missed, last: w.last}
	}
	w.spared, w.next = 0, 2*w.next
	return nil
}

// answered forgets all misses.
func (p *patience) answered(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.ways, name)
}

func (p *patience) miss(name string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ways == nil {
		p.ways = map[string]*way{}
	}
	w := p.ways[name]
	if w == nil {
		w = &way{next: firstSpared}
		p.ways[name] = w
	}
	w.missed++
	w.last = err
}

// note counts what became of asking. What our own run cut short, or did not
// let out, says nothing of the target; nor does an answer that leads nowhere
// say that there was none.
func (p *patience) note(ctx context.Context, name string, err error) {
	var denied *target.DeniedError
	switch {
	case err == nil, errors.Is(err, consent.ErrNotWeb), errors.Is(err, consent.ErrControl), errors.Is(err, consent.ErrSignIn),
		errors.Is(err, consent.ErrNoUser), errors.Is(err, consent.ErrLost), errors.Is(err, consent.ErrScripts):
		p.answered(name)
	case ctx.Err() != nil, errors.Is(err, consent.ErrBrowserGone), errors.As(err, &denied):
	default:
		p.miss(name, err)
	}
}

// noteQuestion is note for name servers. A refusal is an answer, and soon
// there; what costs time is silence.
func (p *patience) noteQuestion(ctx context.Context, err error) {
	var split *observe.DisagreementError
	var network net.Error
	switch {
	case ctx.Err() != nil:
	case err != nil && !errors.As(err, &split) && errors.As(err, &network) && network.Timeout():
		p.miss(wayQuestion, err)
	default:
		p.answered(wayQuestion)
	}
}

// spared ends the case when the target was not asked.
func (t *Trial) spared(err error) {
	var not *notAskedError
	if errors.As(err, &not) {
		t.Inconclusive(reports.ReasonNotAsked, not.Error())
	}
}
