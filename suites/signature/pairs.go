package signature

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 8.3.4 (6): the parameters named exactly sig and key are taken out of
// the query, wherever they stand, and nothing else is.
var pairs = []trial.Case{
	{Key: "signature-pair-positions", Title: "sig and key are found at any place, in either order",
		Requirements: []string{"DC-SIG-PAIR-POSITION"}, Templates: []string{"signed"}, Body: pairPositions},
	{Key: "signature-look-alike-names", Title: "parameters whose names hold sig or key are signed like any other",
		Requirements: []string{"DC-SIG-PAIR-EXACT-NAMES"}, Templates: []string{"signed-names", "signed"},
		Body: func(t *trial.Trial) {
			t.Twin(t.Request("signed").With("host", "twin.{host}"))
			r := t.Request("signed-names")
			t.Confirms("DC-SIG-PAIR-EXACT-NAMES", r)
			t.RefusesEach("DC-SIG-PAIR-EXACT-NAMES", r, r.Records(),
				changed(t, "apikey changed", r, "apikey=K1", "apikey=K2"),
				changed(t, "key2 changed", r, "key2=z", "key2=y"),
				changed(t, "mysig changed", r, "mysig=Z", "mysig=Y"),
				changed(t, "sigts changed", r, "sigts=7", "sigts=8"))
		}},
	{Key: "signature-duplicate-sig", Title: "of two signatures, none is checked while another is used",
		Requirements: []string{"DC-SIG-DUPLICATE-PAIRS"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			r := t.Request("signed")
			t.Twin(r)
			eitherWay(t, "sig twice, a good one and a bad one",
				r.AsPlaced().Assembled(func(text, sig, label string) string { return text + "&" + pair(sig, label) + "&" + sigIs(bent(sig)) }),
				r.AsPlaced().Assembled(func(text, sig, label string) string { return text + "&" + sigIs(bent(sig)) + "&" + pair(sig, label) }))
		}},
	{Key: "signature-duplicate-key", Title: "of two key labels, none is checked while another is used",
		Requirements: []string{"DC-SIG-DUPLICATE-PAIRS"}, Templates: []string{"signed"}, Keys: true,
		Body: func(t *trial.Trial) {
			other := t.Label("")
			t.PublishKey(other, t.TestKey("second"))
			r := t.Request("signed")
			t.Twin(r)
			eitherWay(t, "key twice, the label of the signature and another one",
				r.AsPlaced().Assembled(func(text, sig, label string) string { return text + "&" + pair(sig, label) + "&" + keyIs(other) }),
				r.AsPlaced().Assembled(func(text, sig, label string) string {
					return text + "&" + keyIs(other) + "&" + sigIs(sig) + "&" + keyIs(label)
				}))
		}},
	{Key: "signature-encoded-names", Title: "a percent-encoded sig or key does not stand in for the one that is checked",
		Requirements: []string{"DC-SIG-DUPLICATE-PAIRS"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			// Whether s%69g is a sig, and so a second one, is open: then all of
			// these are refused, or the same one counts in both orders.
			r := t.Request("signed")
			t.Twin(r)
			eitherWay(t, "sig and s%69g, a good one and a bad one",
				r.AsPlaced().Assembled(func(text, sig, label string) string { return text + "&" + pair(sig, label) + "&s%69g=AABA" }),
				r.AsPlaced().Assembled(func(text, sig, label string) string { return text + "&s%69g=AABA&" + pair(sig, label) }))
			eitherWay(t, "key and k%65y, the right label and another one",
				r.AsPlaced().Assembled(func(text, sig, label string) string { return text + "&" + pair(sig, label) + "&k%65y=_nobody" }),
				r.AsPlaced().Assembled(func(text, sig, label string) string { return text + "&k%65y=_nobody&" + pair(sig, label) }))
			e := t.Look(r.AsPlaced().Assembled(func(text, sig, label string) string {
				return text + "&" + strings.NewReplacer("sig=", "s%69g=", "key=", "k%65y=").Replace(pair(sig, label))
			}))
			if e.Asked() {
				t.Note("reading", "s%69g and k%65y are read as sig and key")
			}
		}},
}

// positions are where sig and key can stand. The order of section 8.3.1 is
// among them, behind everything else.
var positions = []struct {
	what string
	join func(text, sig, label string) string
	last bool // sig is the last parameter
}{
	{"sig and key at the end", func(text, sig, label string) string { return text + "&" + pair(sig, label) }, false},
	{"key and sig at the end", func(text, sig, label string) string { return text + "&" + keyIs(label) + "&" + sigIs(sig) }, true},
	{"sig and key at the beginning", func(text, sig, label string) string { return pair(sig, label) + "&" + text }, false},
	{"key and sig at the beginning", func(text, sig, label string) string { return keyIs(label) + "&" + sigIs(sig) + "&" + text }, false},
	{"sig at the beginning and key at the end", func(text, sig, label string) string { return sigIs(sig) + "&" + text + "&" + keyIs(label) }, false},
	{"key at the beginning and sig at the end", func(text, sig, label string) string { return keyIs(label) + "&" + text + "&" + sigIs(sig) }, true},
	{"sig and key in the middle", func(text, sig, label string) string {
		return strings.Replace(text, "&", "&"+pair(sig, label)+"&", 1)
	}, false},
	{"key and sig apart in the middle", func(text, sig, label string) string {
		return strings.Replace(strings.Replace(text, "&", "&"+keyIs(label)+"&", 1), "&ip=", "&"+sigIs(sig)+"&ip=", 1)
	}, false},
}

func pairPositions(t *trial.Trial) {
	r := t.Request("signed").AsPlaced()
	var wrong, links []string
	works, onlyLast := false, true
	for _, p := range positions {
		e := t.Look(r.Assembled(p.join))
		works = works || e.Asked()
		onlyLast = onlyLast && e.Asked() == p.last
		if !e.Asked() {
			wrong, links = append(wrong, p.what+": "+e.String()), append(links, "GET "+e.Link)
		}
	}
	declared := t.World.Target.Links.SigLast
	switch {
	case !works:
		t.Inconclusive("control-twin", "none of the signed requests works: "+strings.Join(wrong, "; "))
	case onlyLast:
		t.Note("known-deviation", "the target takes a signature only as the last parameter, as Cloudflare does")
		if declared {
			t.Lacking("sig-last", "target.yaml says that the target takes sig as the last parameter only (links.sigLast), and so it does")
		}
	case declared && len(wrong) == 0:
		t.Note("reading", "the target takes sig anywhere: links.sigLast in target.yaml can go")
	}
	mend := "split the query at &, leave out the parameters named sig and key wherever they stand, and join the others as they were"
	if onlyLast {
		mend += "; or, to have the other cases judged with sig at the end, say links: {sigLast: true} in target.yaml"
	}
	t.Require("DC-SIG-PAIR-POSITION", wrong, gomega.BeEmpty(), check.About{Sent: strings.Join(links, " and "),
		Expected: []string{"the user is asked for consent"}, Actual: strings.Join(wrong, "; "), Mend: mend})
}

// eitherWay states that two requests which differ in the order of two
// parameters end alike, and that no one of them breaks anything.
func eitherWay(t *trial.Trial, what string, one, other trial.Request) {
	const id = "DC-SIG-DUPLICATE-PAIRS"
	first, second := t.Look(one), t.Look(other)
	about := check.About{Sent: "GET " + first.Link + " and GET " + second.Link,
		Expected: []string{"both are refused", "both end alike"},
		Actual:   what + ": " + first.String() + "; in the other order " + second.String(),
		Mend:     "refuse a request in which sig or key stands twice"}
	t.Require(id, []bool{first.Asked(), second.Asked()}, gomega.Or(gomega.Equal([]bool{false, false}), gomega.Equal([]bool{true, true})), about)
	for _, e := range []*trial.Ending{first, second} {
		about.Expected = []string{"the request is refused in order"}
		t.Require(id, e.Asked() || e.Refused(), gomega.BeTrue(), about)
	}
	reading := "is refused"
	if first.Asked() {
		reading = "is taken, by the same of the two in both orders"
	}
	t.Note("reading", what+", "+reading)
}

// bent is a signature with one character changed, in its middle.
func bent(sig string) string {
	i := len(sig) / 2
	c := "A"
	if sig[i:i+1] == c {
		c = "B"
	}
	return sig[:i] + c + sig[i+1:]
}
