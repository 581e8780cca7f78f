package publickey

import (
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 6.4: the key parameter says which host below syncPubKeyDomain is
// asked, request for request, and leads nowhere else.
var labels = []trial.Case{
	{Key: "publickey-rotation", Title: "a new key at a new label works at once, beside the old one, and neither works at the other's label",
		Requirements: []string{"DC-KEY-ROTATION-BY-LABEL"}, Templates: []string{"signed"}, Keys: true,
		Body: func(t *trial.Trial) {
			const id = "DC-KEY-ROTATION-BY-LABEL"
			t.Twin(t.Request("signed"))
			old, now := t.Label("old"), t.Label("new")
			t.PublishKey(old, t.TestKey("second"))
			t.ReachesEach(id, accepted(t, "the key at its label", signedBy(t, "second", old)))
			t.PublishKey(now, t.TestKey("third"))
			t.ReachesEach(id, accepted(t, "a new key at a new label", signedBy(t, "third", now)),
				accepted(t, "the old key at its own label", signedBy(t, "second", old)))
			good := signedBy(t, "third", now)
			t.RefusesEach(id, good, good.Records(),
				trial.Variant{What: "the old key at the label of the new one", Request: signedBy(t, "second", now)},
				trial.Variant{What: "the new key at the label of the old one", Request: signedBy(t, "third", old)})
		}},
	{Key: "publickey-label-inside", Title: "the key parameter cannot lead out of the key domain",
		Requirements: []string{"DC-KEY-PARAM-NO-ESCAPE"}, Templates: []string{"signed"}, Keys: true, Body: labelInside},
}

// labelInside asks for names that the caller would like to choose. The keys
// that they lead to are all good, so that only the label is in the way.
func labelInside(t *trial.Trial) {
	const id = "DC-KEY-PARAM-NO-ESCAPE"
	label, dotted := t.Label(""), "a."+t.Label("d")
	t.PublishKey(label, t.TestKey("second"))
	t.PublishKey(dotted, t.TestKey("second"))
	stranger := t.Label("evil") + ".evil.test."
	variants := []trial.Variant{
		{What: "the whole name of the key, with a dot at its end", Request: signedBy(t, "second", t.KeyName(label)+".")},
		{What: "a name of somebody else's", Request: signedBy(t, "second", stranger)},
		{What: "the label with a dot at its end", Request: signedBy(t, "second", label+".")},
		{What: "the label and a zero octet", Request: signedBy(t, "second", label+"\x00.evil.test")},
		{What: "the label and a slash", Request: signedBy(t, "second", label+"/x")},
		{What: "the label and a blank", Request: signedBy(t, "second", label+" ")},
		{What: "a wildcard", Request: signedBy(t, "second", "*")},
	}
	inside := trial.Variant{What: "two labels with a dot between them", Request: signedBy(t, "second", dotted)}
	if t.World.Edition == register.IETF05 {
		variants = append(variants, inside)
	}
	good := signedBy(t, "second", label)
	t.RefusesEach(id, good, good.Records(), variants...)
	if t.World.Edition != register.IETF05 {
		reading := "refused"
		if t.Look(inside.Request).Asked() {
			reading = "looked up below the key domain"
		}
		t.Note("reading", "a key parameter with a dot inside is "+reading)
	}
	names, _ := t.TXTQuestions(strings.TrimSuffix(stranger, ".evil.test."))
	outside := slices.DeleteFunc(names, func(name string) bool {
		return strings.HasSuffix(name, "."+strings.ToLower(t.World.Target.Templates.KeyDomain)+".")
	})
	t.Require(id, outside, gomega.BeEmpty(), check.About{Sent: "key=" + client.Encode(stranger),
		Expected: []string{"no question for a name outside of " + t.World.Target.Templates.KeyDomain},
		Actual:   "questions for " + strings.Join(outside, ", "),
		Mend:     "refuse a key parameter that is not a DNS label, before anything is looked up"})
}
