package trial

import (
	"context"
	"fmt"
	"time"
)

const (
	// rounding is how much longer a token may be good than expires_in says, which
	// has whole seconds.
	rounding = time.Second
	// leeway is how far apart the clocks of a provider may be: the one that ends
	// a code or a token, and the one that looks at it. It is waited for where one
	// is good beyond its time, and nowhere else.
	leeway = time.Minute
)

// Expire waits until an access token is no longer good by the provider's own
// word, and where honoured says that it still is, as long again as clocks may
// be apart, or as limits.propagation has it. The case cannot be judged where
// the provider does not say for how long it is good; otherwise see Outlast.
func (t *Trial) Expire(g *Grant, honoured func() bool) {
	if g.life < time.Second {
		t.Inconclusive("token-life", fmt.Sprintf("the tokens of oauth.briefClient have an expires_in of %g, or none: register the client with one of a second or more", g.life.Seconds()))
	}
	t.Outlast("tokens of oauth.briefClient", g.life)
	if !honoured() {
		return
	}
	t.Note("reading", fmt.Sprintf("a token is good beyond the %s that it was given for; it is looked at again %s later", g.life, t.clocks()))
	t.pass(t.clocks())
}

// clocks is how far apart a provider's clocks may be in this run.
func (t *Trial) clocks() time.Duration {
	if most := t.World.Target.Limits.Propagation; most > 0 {
		return min(leeway, most)
	}
	return leeway
}

// OutlastClocks is Outlast for what was good beyond its life before: it waits
// as long again as clocks may be apart, or as limits.propagation has it.
func (t *Trial) OutlastClocks(what string, life time.Duration) {
	t.Note("reading", fmt.Sprintf("%s are good beyond %s; another one is looked at %s later than that", what, life, t.clocks()))
	t.Outlast(what, life)
	t.pass(t.clocks())
}

// Outlast waits until what was given out just now is no longer good. The case
// does not apply where that takes longer than changes take to be published.
func (t *Trial) Outlast(what string, life time.Duration) {
	if most := t.World.Target.Limits.Propagation; most > 0 && life > most {
		t.NotApplicable("token-life", fmt.Sprintf("%s are good for %s, and limits.propagation is %s", what, life, most))
	}
	t.pass(life + rounding)
}

// pass lets time go by.
func (t *Trial) pass(d time.Duration) {
	pass := t.World.Pass
	if pass == nil {
		pass = wait
	}
	err := pass(t.Context(), d)
	t.Interrupted(err)
	t.Broken(err)
}

// wait ends when the time is over, or with the error of ctx.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
