package sign

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// pick is a choice of segments, by their numbers among the words.
type pick struct {
	at    []int
	slips []Slip
	// plausible ones are tried together with more than one other slip.
	plausible bool
}

// protocol are the parameters of ietf-05 section 8.3.2 and those of the
// asynchronous flow. What is none of them may be a variable, or may have come
// from anywhere.
var protocol = []string{"domain", "host", "redirect_uri", "state", "groupId", "providerName", "serviceName", "instanceId", "crit", "force"}

// The sets of parameters that client libraries forget together.
var forgotten = []string{"redirect_uri", "state", "groupId"}

// maxChosen is up to how many parameters every choice of them is tried.
const maxChosen = 10

// members lists which segments a text may have, and fills in the words.
func (s *search) members(variables []string) []pick {
	n := len(s.r.covered)
	w := &s.words
	w.segments = slices.Clone(s.r.covered)
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	picks := []pick{{at: all, plausible: true}}
	picks = append(picks, s.without()...)
	picks = append(picks, s.withKey(picks)...)
	return append(picks, s.withEmpty(all, variables)...)
}

// lacking collects picks that lack some of the parameters.
type lacking struct {
	covered []string
	picks   []pick
	seen    map[string]bool
}

func (l *lacking) name(i int) string {
	name, _, _ := strings.Cut(l.covered[i], "=")
	return name
}

// add puts the pick that lacks what drop says; not one that lacks nothing, or
// is there already.
func (l *lacking) add(drop func(i int) bool, plausible bool) {
	p := pick{plausible: plausible}
	var own, others []string
	for i := range l.covered {
		switch name := l.name(i); {
		case !drop(i):
			p.at = append(p.at, i)
		case slices.Contains(protocol, name):
			own = append(own, name)
		default:
			others = append(others, name)
		}
	}
	id := fmt.Sprint(p.at)
	if l.seen[id] || len(p.at) == len(l.covered) {
		return
	}
	l.seen[id] = true
	if len(own) > 0 {
		p.slips = append(p.slips, Slip{Mistake: TextLeftOut, Detail: strings.Join(own, ", ")})
	}
	if len(others) > 0 {
		p.slips = append(p.slips, Slip{Mistake: LinkAdded, Detail: strings.Join(others, ", ")})
	}
	l.picks = append(l.picks, p)
}

// without are the picks that lack some of the parameters: those that are
// forgotten together, what stands behind sig and key, any one; and of few
// parameters every choice, of many every two.
func (s *search) without() []pick {
	n := len(s.r.covered)
	l := &lacking{covered: s.r.covered, seen: map[string]bool{}}
	tail := func(i int) bool { return i >= n-s.r.tail }
	for mask := range 1 << len(forgotten) {
		left := func(i int) bool {
			at := slices.Index(forgotten, l.name(i))
			return at >= 0 && mask&(1<<at) != 0
		}
		l.add(left, true)
		l.add(func(i int) bool { return left(i) || tail(i) }, true)
		for one := range min(n, 2*maxChosen) {
			l.add(func(i int) bool { return left(i) || i == one }, true)
		}
	}
	if n > maxChosen {
		for one := range n {
			for two := range one + 1 {
				l.add(func(i int) bool { return i == one || i == two }, false)
			}
		}
		return l.picks
	}
	for mask := uint(1); mask < 1<<n; mask++ {
		if bits.OnesCount(mask) < n {
			l.add(func(i int) bool { return mask&(1<<i) != 0 }, false)
		}
	}
	return l.picks
}

// withKey are the picks with key, an empty sig, or both in them.
func (s *search) withKey(picks []pick) []pick {
	w := &s.words
	var more []pick
	put := func(p pick, place int, code Mistake, word ...int) {
		q := pick{at: slices.Insert(slices.Clone(p.at), place, word...), plausible: p.plausible}
		q.slips = append(slices.Clone(p.slips), Slip{Mistake: code})
		more = append(more, q)
	}
	if s.r.keySegment != "" {
		w.segments = append(w.segments, s.r.keySegment)
		key := len(w.segments) - 1
		for _, p := range picks {
			put(p, len(p.at), TextKey, key)
			before := len(p.at)
			if i := slices.IndexFunc(p.at, func(i int) bool { return i >= s.r.keyAt }); i >= 0 {
				before = i
			}
			if before != len(p.at) {
				put(p, before, TextKey, key)
			}
		}
	}
	w.segments = append(w.segments, "sig=")
	sig := len(w.segments) - 1
	whole := picks[0]
	put(whole, len(whole.at), TextSig, sig)
	put(whole, 0, TextSig, sig)
	if s.r.keySegment != "" {
		for _, words := range [][]int{{sig, sig - 1}, {sig - 1, sig}} {
			put(whole, len(whole.at), TextKey, words...)
			more[len(more)-1].slips = append(more[len(more)-1].slips, Slip{Mistake: TextSig})
		}
	}
	return more
}

// withEmpty are the picks with a parameter that was empty and fell away.
func (s *search) withEmpty(all []int, variables []string) []pick {
	var picks []pick
	names := append([]string{"host", "groupId", "redirect_uri", "state", "providerName", "serviceName", "instanceId"}, variables...)
	for _, name := range names {
		if slices.ContainsFunc(s.r.covered, func(c string) bool { return strings.HasPrefix(c+"=", name+"=") }) {
			continue
		}
		s.words.segments = append(s.words.segments, name+"=")
		word := len(s.words.segments) - 1
		for place := range len(all) + 1 {
			picks = append(picks, pick{at: slices.Insert(slices.Clone(all), place, word), slips: []Slip{{Mistake: LinkEmptyGone, Detail: name}}, plausible: false})
		}
	}
	return picks
}

// order is a pick in an order.
type order struct {
	pick     []int
	slips    []Slip
	permuted bool
}

// orders are the orders that have names, beside that of the link.
func orders(segments []string) []func([]int) (order, bool) {
	name := func(i int) string {
		n, _, _ := strings.Cut(segments[i], "=")
		return n
	}
	rank := func(i int) int {
		if at := slices.Index(protocol, name(i)); at >= 0 {
			return at
		}
		return len(protocol)
	}
	sorted := func(code Mistake, compare func(a, b int) int) func([]int) (order, bool) {
		return func(at []int) (order, bool) {
			out := slices.Clone(at)
			slices.SortStableFunc(out, compare)
			if slices.Equal(out, at) {
				return order{}, false
			}
			slip := Slip{Mistake: code}
			if code == TextOrder {
				slip.Detail = inOrder(segments, out)
			}
			return order{pick: out, slips: []Slip{slip}}, true
		}
	}
	byName := func(a, b int) int { return cmp.Compare(name(a), name(b)) }
	return []func([]int) (order, bool){
		sorted(TextSorted, byName),
		sorted(TextSortedNoCase, func(a, b int) int { return cmp.Compare(strings.ToLower(name(a)), strings.ToLower(name(b))) }),
		sorted(TextOrder, func(a, b int) int { return byName(b, a) }),
		sorted(TextOrder, func(a, b int) int { return cmp.Compare(rank(a), rank(b)) }),
		sorted(TextOrder, func(a, b int) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), byName(a, b)) }),
		sorted(TextOrder, func(a, b int) int {
			return cmp.Or(cmp.Compare(rank(a)/len(protocol), rank(b)/len(protocol)), byName(a, b))
		}),
		sorted(TextOrder, func(a, b int) int {
			return cmp.Or(cmp.Compare(rank(b)/len(protocol), rank(a)/len(protocol)), byName(a, b))
		}),
	}
}

// inOrder names an order.
func inOrder(segments []string, at []int) string {
	names := make([]string, len(at))
	for i, word := range at {
		names[i], _, _ = strings.Cut(segments[word], "=")
	}
	return strings.Join(names, ", ") + " were signed"
}

// maxPermuted is up to how many parameters every order is tried, and
// maxPermutedMore with another slip beside it.
const (
	maxPermuted     = 8
	maxPermutedMore = 7
)

// ordered are the orders of a pick that take at most this many slips. Two
// orders with the same octets are one, under the plainer name.
func (s *search) ordered(p pick, left int) []order {
	list := []order{{pick: p.at}}
	if left == 0 || slices.ContainsFunc(p.slips, func(s Slip) bool { return s.Mistake == LinkEmptyGone }) {
		return list
	}
	for _, sort := range s.orders {
		if o, ok := sort(p.at); ok && !known(list, o.pick) {
			list = append(list, o)
		}
	}
	named := len(list)
	whole := len(p.slips) == 0 || len(p.slips) == 1 && p.slips[0].Mistake == TextKey
	if n := len(p.at); whole && (n <= maxPermuted && left == 1 && len(p.slips) == 0 || n <= maxPermutedMore && left+len(p.slips) <= 2) {
		permute(p.at, func(at []int) {
			if !known(list[:named], at) {
				list = append(list, order{pick: slices.Clone(at), permuted: true, slips: []Slip{{Mistake: TextOrder, Detail: inOrder(s.words.segments, at)}}})
			}
		})
	}
	return list
}

func known(list []order, at []int) bool {
	return slices.ContainsFunc(list, func(o order) bool { return slices.Equal(o.pick, at) })
}

// permute visits every order of the numbers, in the order of the alphabet.
func permute(at []int, visit func([]int)) {
	var turn func(done, rest []int)
	turn = func(done, rest []int) {
		if len(rest) == 0 {
			visit(done)
			return
		}
		for i := range rest {
			next := slices.Delete(slices.Clone(rest), i, i+1)
			turn(append(done, rest[i]), next)
		}
	}
	turn(make([]int, 0, len(at)), at)
}
