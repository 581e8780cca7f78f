package publickey

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 6.4 and 8.3.4 (3): the character-strings of a record are joined,
// then the records in the numeric order of p, then base64 is decoded.
var fragments = []trial.Case{
	{Key: "publickey-pair-order", Title: "the pairs of a key record are read in any order",
		Requirements: []string{"DC-KEY-PAIR-ORDER"}, Templates: []string{"signed"}, Keys: true,
		Body: func(t *trial.Trial) {
			t.Twin(twin(t))
			d := data(t)
			t.Twin(published(t, "bare", "p=1,d="+d[:200], "p=2,d="+d[200:]))
			t.ReachesEach("DC-KEY-PAIR-ORDER",
				accepted(t, "d, p", published(t, "a", "d="+d[:200]+",p=1", "d="+d[200:]+",p=2")),
				accepted(t, "a, d, p", published(t, "b", "a=RS256,d="+d[:200]+",p=1", "a=RS256,d="+d[200:]+",p=2")),
				accepted(t, "another order in each", published(t, "c", "d="+d[:200]+",a=RS256,p=1", "p=2,d="+d[200:]+",a=RS256")),
				accepted(t, "p at the end, t in the middle", published(t, "d", "a=RS256,t=x509,d="+d[:200]+",p=1", "t=x509,d="+d[200:]+",p=2,a=RS256")))
		}},
	{Key: "publickey-fragment-order", Title: "twelve fragments are joined by their numbers every time, however the answer is ordered",
		Requirements: []string{"DC-KEY-FRAGMENT-ORDER"}, Templates: []string{"signed"}, Keys: true,
		Body: func(t *trial.Trial) {
			t.Twin(twin(t))
			twelve := cut(data(t), 44, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32)
			// None begins or ends in the letter n, which is a case of its own.
			// The order of publication is not the order of the numbers, for
			// name servers that answer as they were told.
			twelve[0], twelve[10], twelve[5] = twelve[10], twelve[5], twelve[0]
			r := published(t, "", twelve...)
			ten := make([]trial.Variant, 10)
			for i := range ten {
				what := fmt.Sprintf("time %d", i+1)
				ten[i] = accepted(t, what, r.With("text", what))
			}
			t.ReachesEach("DC-KEY-FRAGMENT-ORDER", ten...)
		}},
	{Key: "publickey-uneven-fragments", Title: "fragments that cannot be decoded one by one are joined first",
		Requirements: []string{"DC-KEY-JOIN-THEN-DECODE"}, Templates: []string{"signed"}, Keys: true,
		Body: func(t *trial.Trial) {
			t.Twin(twin(t))
			// The sizes of the drafts' own example are 190, 188 and 14.
			t.ReachesEach("DC-KEY-JOIN-THEN-DECODE",
				accepted(t, "fragments of 190, 188 and 14 characters", published(t, "a", cut(data(t), 190, 188)...)),
				accepted(t, "a fragment of one character", published(t, "b", cut(data(t), 201, 1)...)))
		}},
	{Key: "publickey-two-strings", Title: "the character-strings of one TXT record are joined",
		Requirements: []string{"DC-KEY-JOIN-THEN-DECODE"}, Templates: []string{"signed"}, Keys: true,
		Body: func(t *trial.Trial) {
			// The record is longer than the 255 octets of a character-string.
			t.Twin(twin(t))
			t.Reaches("DC-KEY-JOIN-THEN-DECODE", published(t, "", cut(data(t))...))
		}},
	{Key: "publickey-letter-n", Title: "fragments that begin or end in the letter n are read as they are",
		Requirements: []string{"DC-KEY-JOIN-THEN-DECODE"}, Templates: []string{"signed"}, Keys: true,
		Body: func(t *trial.Trial) {
			t.Twin(twin(t))
			at := strings.IndexByte(data(t)[60:], 'n') + 60
			t.ReachesEach("DC-KEY-JOIN-THEN-DECODE",
				accepted(t, "a fragment that begins in n", published(t, "a", cut(data(t), at, 200)...)),
				accepted(t, "a fragment that ends in n", published(t, "b", cut(data(t), at+1, 200)...)))
		}},
	{Key: "publickey-fragment-limit", Title: "a key in very many fragments is read whole or refused in order",
		Requirements: []string{"DC-KEY-FRAGMENT-LIMIT"}, Templates: []string{"signed"}, Keys: true, Body: fragmentLimit},
	{Key: "publickey-unrelated-txt", Title: "other texts at the name of a key break nothing",
		Requirements: []string{"DC-KEY-UNRELATED-TXT"}, Templates: []string{"signed"}, Keys: true,
		Body: func(t *trial.Trial) {
			t.Twin(twin(t))
			for i, foreign := range [][]string{
				{"v=spf1 -all"}, {"verification=abc="}, {"hello, world"}, {"v=DKIM1; k=rsa; p=MIIB"}, {""}, {"v=spf1 -all", "verification=abc="},
			} {
				r := published(t, fmt.Sprintf("f%d", i), append(foreign, cut(data(t), 200)...)...)
				either(t, "DC-KEY-UNRELATED-TXT", fmt.Sprintf("a key beside %q", foreign), r)
			}
		}},
}

// fragmentLimit publishes one key in more and more fragments. Limits are
// permitted; what a good provider does not do is to break down, or to use a
// part of what is published.
func fragmentLimit(t *trial.Trial) {
	t.Twin(published(t, "twin", pieces(data(t), 3)...))
	for _, n := range []int{12, 40, 200} {
		limited(t, fmt.Sprintf("a key in %d fragments", n), published(t, fmt.Sprintf("n%d", n), pieces(data(t), n)...))
	}
	// The first two fragments are a whole key, and all of them are none.
	more := cut(data(t), 200)
	for i := 3; i <= 40; i++ {
		more = append(more, fmt.Sprintf("p=%d,a=RS256,d=AAAA", i))
	}
	e := t.Look(published(t, "more", more...))
	if e.Asked() {
		t.Fail("DC-KEY-FRAGMENT-LIMIT", check.About{Sent: "GET " + e.Link, Actual: "of 40 fragments, a part that makes a key was used: " + e.String(),
			Expected: []string{"the request is refused: the fragments make no key"}, Mend: "join all fragments, or refuse the key when there are too many"})
	}
}

// limited judges the end of a request whose key may be too much.
func limited(t *trial.Trial, what string, r trial.Request) {
	e := t.Look(r)
	switch {
	case e.Asked():
		t.Note("reading", what+" is taken")
	case e.Refused():
		t.Note("reading", what+" is refused")
	default:
		t.Fail("DC-KEY-FRAGMENT-LIMIT", check.About{Sent: "GET " + e.Link, Actual: what + ": " + e.String(),
			Expected: []string{"the user is asked for consent", "the request is refused in order"}})
	}
	t.Require("DC-KEY-FRAGMENT-LIMIT", e.Asked() || e.Refused(), gomega.BeTrue(), check.About{Sent: "GET " + e.Link})
}

// either states that a request is taken or refused, in order, and notes which.
func either(t *trial.Trial, id, what string, r trial.Request) {
	e := t.Look(r)
	reading := "is refused"
	if e.Asked() {
		reading = "is taken"
	}
	t.Require(id, e.Asked() || e.Refused(), gomega.BeTrue(), check.About{Sent: "GET " + e.Link,
		Expected: []string{"the user is asked for consent", "the request is refused in order"}, Actual: what + ": " + e.String()})
	t.Note("reading", what+" "+reading)
}
