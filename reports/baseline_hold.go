package reports

import (
	"fmt"
	"slices"
	"time"
)

// hold is a baseline on its way through a run.
type hold struct {
	baseline *Baseline
	now      time.Time
	// whole holds the ids of the whole plan, also of what a filter left out.
	whole map[string]bool
}

// HoldAgainst makes Finish hold the results against a baseline: it ties each
// known failure to its entry (Result.Known) and says in StaleBaseline which
// entries no longer fit. whole is the plan without filters, so that an entry
// for a case that was only left out is told from one for a case that does not
// exist. now decides what has expired.
func (r *Run) HoldAgainst(b *Baseline, whole []Planned, now time.Time) {
	h := &hold{baseline: b, now: now, whole: make(map[string]bool, len(whole))}
	for _, p := range whole {
		h.whole[p.ID] = true
	}
	r.hold = h
	r.Baseline = &BaselineUse{File: b.File, SHA256: b.SHA256, Entries: len(b.Entries), Known: Counts{}}
}

// settleBaseline does what HoldAgainst promised. Entries for one id come
// before patterns: the narrower one is meant.
func (r *Run) settleBaseline() {
	if r.hold == nil {
		return
	}
	at := make(map[string]int, len(r.Results))
	for i := range r.Results {
		r.Results[i].Known = nil
		at[r.Results[i].ID] = i
	}
	stale := make([]string, len(r.hold.baseline.Entries))
	for i := range stale {
		if e := &r.hold.baseline.Entries[i]; e.pattern == nil {
			stale[i] = r.holdOne(e, at)
		}
	}
	for i := range stale {
		if e := &r.hold.baseline.Entries[i]; e.pattern != nil {
			stale[i] = r.holdMany(e)
		}
	}
	r.StaleBaseline = nil
	for i, text := range stale {
		if text != "" {
			e := &r.hold.baseline.Entries[i]
			r.StaleBaseline = append(r.StaleBaseline, fmt.Sprintf("%s:%d: %s: %s", r.hold.baseline.File, e.Line, e.Case, text))
		}
	}
	r.Baseline.Known = countKnown(r.Results)
}

func countKnown(results []Result) Counts {
	counts := Counts{}
	for i := range results {
		if results[i].known() {
			counts[results[i].Outcome]++
		}
	}
	return counts
}

// blockDepth is how many results in a row may block each other; a flow has
// fewer cases.
const blockDepth = 100

// behindKnown lists the results that are blocked by one that the baseline
// knows, by id. Whoever accepts a failure accepts what cannot be tried because
// of it; it is counted, and no pass.
func (r *Run) behindKnown() map[string]bool {
	if r.Baseline == nil {
		return nil
	}
	at := make(map[string]*Result, len(r.Results))
	for i := range r.Results {
		at[r.Results[i].ID] = &r.Results[i]
	}
	behind := map[string]bool{}
	for id, res := range at {
		root := res
		for range blockDepth { // a report that was made up may go in circles
			if root == nil || root.Outcome != Blocked {
				break
			}
			root = at[root.BlockedBy]
		}
		if res.Outcome == Blocked && root != nil && root.known() {
			behind[id] = true
		}
	}
	return behind
}

// absent says what is wrong with an entry that no case of the whole plan has
// the name of, or "".
func (r *Run) absent(e *KnownFailure) string {
	for id := range r.hold.whole {
		if e.names(id) {
			return ""
		}
	}
	return "the plan has no such case; take the entry out, or correct its name"
}

// holdOne holds an entry for one id against its result, and returns what is
// stale about it, or "".
func (r *Run) holdOne(e *KnownFailure, at map[string]int) string {
	i, ok := at[unescaped(e.Case)]
	if !ok {
		return r.absent(e) // else a filter left it out, and nothing can be said
	}
	res := &r.Results[i]
	if res.Known != nil {
		return fmt.Sprintf("the entry in line %d names this case already; take one of them out", res.Known.Line)
	}
	switch {
	case res.Outcome == Pass:
		return "passes now; take the entry out"
	case res.Outcome != Fail && res.Outcome != Warning:
		return r.unjudged(res)
	case res.Outcome == Fail && e.Outcome == Warning:
		return fmt.Sprintf("fails now, and the entry knows a warning; mend it (%s)", shorten(Headline(res), 200))
	case res.Outcome != e.Outcome:
		return "is only a warning now; change outcome to warning, or take the entry out"
	case e.expired(r.hold.now):
		res.Known = e.tie(LapsedExpired)
		return fmt.Sprintf("expired on %s and still ends in %s; mend it, or agree on another day with %s", e.Expires.Format(time.DateOnly), res.Outcome, e.Owner)
	case !e.Reason.covers(res):
		res.Known = e.tie(LapsedReason)
		return fmt.Sprintf("ends in %s for another reason, %s: %s; mend it, or change reason", res.Outcome, Missed(res), shorten(gotText(res), 200))
	}
	res.Known = e.tie("")
	return ""
}

// unjudged says that a case was skipped. Of an interrupted run nothing is
// said: the run has not shown that it would be.
func (r *Run) unjudged(res *Result) string {
	if r.State == StateInterrupted {
		return ""
	}
	why := string(res.Outcome)
	switch {
	case res.BlockedBy != "":
		why += " by " + res.BlockedBy
	case res.Reason != "":
		why += ", " + res.Reason
	}
	if res.Outcome == NotApplicable {
		return fmt.Sprintf("was not judged (%s); take the entry out, or make the case apply again", why)
	}
	return fmt.Sprintf("was not judged (%s); see to it that the case runs", why)
}

// holdMany holds a pattern against the results that it names.
func (r *Run) holdMany(e *KnownFailure) string {
	var hits []*Result
	named, judged, passed := 0, 0, 0
	for i := range r.Results {
		res := &r.Results[i]
		if !e.names(res.ID) {
			continue
		}
		named++
		switch {
		case res.Outcome == Pass:
			passed++
			judged++
		case res.Outcome != Fail && res.Outcome != Warning:
		default:
			judged++
			if res.Known == nil && res.Outcome == e.Outcome && e.Reason.covers(res) {
				hits = append(hits, res)
			}
		}
	}
	if named == 0 {
		return r.absent(e)
	}
	if len(hits) > e.most() {
		return fmt.Sprintf("covers %d results where %s known; nobody can tell which are new, so none of them counts as known: mend the new ones, or write the entries out", len(hits), are(e.most()))
	}
	if len(hits) > 0 && e.expired(r.hold.now) {
		tie(hits, e.tie(LapsedExpired))
		return fmt.Sprintf("expired on %s and %s still %s in %s; mend it, or agree on another day with %s",
			e.Expires.Format(time.DateOnly), count(len(hits), "result", "results"), ends(len(hits)), e.Outcome, e.Owner)
	}
	tie(hits, e.tie(""))
	left := r.Scope == ScopeFiltered && r.leftOut(e)
	switch {
	case r.State == StateInterrupted:
		return ""
	case len(hits) == 0 && judged < named:
		return fmt.Sprintf("none of what it names ends in %s for this reason, and %d of %s not judged; see to it that they run", e.Outcome, named-judged, were(named))
	case len(hits) == 0 && !left:
		return fmt.Sprintf("none of what it names (%s, %d of them passed) ends in %s for this reason; take the entry out", cases(named), passed, e.Outcome)
	case len(hits) < e.Matches && judged < named && !left:
		return fmt.Sprintf("covers %d of %d, and %d of %s not judged; see to it that they run", len(hits), e.Matches, named-judged, were(named))
	case len(hits) < e.Matches && !left:
		return fmt.Sprintf("covers %d where matches is %d; set matches to %d", len(hits), e.Matches, len(hits))
	}
	return ""
}

// leftOut reports whether a filter left out a case that the entry names.
func (r *Run) leftOut(e *KnownFailure) bool {
	seen := make(map[string]bool, len(r.Results))
	for i := range r.Results {
		seen[r.Results[i].ID] = true
	}
	for id := range r.hold.whole {
		if !seen[id] && e.names(id) {
			return true
		}
	}
	return false
}

func tie(results []*Result, k *Known) {
	for _, res := range results {
		res.Known = k
	}
}

func ends(n int) string {
	if n == 1 {
		return "ends"
	}
	return "end"
}

func are(n int) string {
	if n == 1 {
		return "1 is"
	}
	return fmt.Sprintf("%d are", n)
}

func were(n int) string {
	if n == 1 {
		return "1 was"
	}
	return fmt.Sprintf("%d were", n)
}

// firstToExpire is the tie of a known result whose entry expires first, or nil
// when no result is known.
func (r *Run) firstToExpire() *Known {
	var all []*Known
	for i := range r.Results {
		if r.Results[i].known() {
			all = append(all, r.Results[i].Known)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return slices.MinFunc(all, func(a, b *Known) int {
		if a.Expires != b.Expires {
			if a.Expires < b.Expires {
				return -1
			}
			return 1
		}
		return a.Line - b.Line
	})
}
