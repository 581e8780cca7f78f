package publickey

import (
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 6.4 and 8.3.4 (2): the key is in the TXT records at the key label
// followed by the template's syncPubKeyDomain, and without any the request is
// refused.
var location = []trial.Case{
	{Key: "publickey-location", Title: "the key is looked up at its label followed by the key domain",
		Requirements: []string{"DC-KEY-LOCATION"}, Templates: []string{"signed"}, Keys: true, Body: atLocation},
	{Key: "publickey-alias", Title: "a key behind a CNAME is found",
		Requirements: []string{"DC-KEY-LOCATION"}, Templates: []string{"signed"}, Keys: true,
		Body: func(t *trial.Trial) {
			t.Twin(twin(t))
			alias := t.Label("alias")
			t.Alias(alias, t.KeyName(t.Label("twin")))
			t.Reaches("DC-KEY-LOCATION", signedBy(t, "second", alias))
		}},
	{Key: "publickey-other-domain", Title: "a key of the same label below another template's key domain does not count for this one",
		Requirements: []string{"DC-KEY-LOCATION"}, Templates: []string{"signed", "signed-elsewhere"}, Keys: true,
		Body: func(t *trial.Trial) {
			label := t.Label("")
			t.PublishAt(label+".other."+t.World.Target.Templates.KeyDomain, cut(data(t), 200)...)
			t.PublishKey(label, t.TestKey("third"))
			t.Twin(t.Request("signed-elsewhere").SignedBy(t.Signing(t.TestKey("second"), label)))
			stranger := t.Request("signed").SignedBy(&client.SigningKey{Private: t.World.Key.Private, Label: label})
			if t.Look(stranger).Asked() {
				t.Inconclusive("control-twin", "a signature by a key that is not published at the label is taken")
			}
			good := signedBy(t, "third", label)
			t.Refuses("DC-KEY-LOCATION", signedBy(t, "second", label), good, good.Records()...)
		}},
	{Key: "publickey-absent", Title: "a request whose key is not published is refused",
		Requirements: []string{"DC-KEY-NO-RECORD-REJECTS"}, Templates: []string{"signed"}, Keys: true,
		Body: func(t *trial.Trial) {
			// A name with names below it exists and has no records.
			empty := t.Label("empty")
			t.PublishAt("x."+t.KeyName(empty), "p=1")
			good := twin(t)
			t.RefusesEach("DC-KEY-NO-RECORD-REJECTS", good, good.Records(),
				trial.Variant{What: "a name that does not exist", Request: signedBy(t, "second", t.Label("none"))},
				trial.Variant{What: "a name without TXT records", Request: signedBy(t, "second", empty)})
		}},
	{Key: "publickey-unreachable", Title: "a request whose key cannot be looked up is refused in bounded time",
		Requirements: []string{"DC-KEY-NO-RECORD-REJECTS"}, Templates: []string{"signed"}, Keys: true,
		Body: func(t *trial.Trial) {
			fails, cutOff, silent := t.Label("fails"), t.Label("cut"), t.Label("silent")
			t.Disturb(fails, client.KeyFails)
			t.Disturb(cutOff, client.KeyCut)
			t.Disturb(silent, client.KeySilent)
			good := twin(t)
			t.RefusesEach("DC-KEY-NO-RECORD-REJECTS", good, good.Records(),
				trial.Variant{What: "SERVFAIL", Request: signedBy(t, "second", fails)},
				trial.Variant{What: "an answer that is cut over UDP, and no answer over TCP", Request: signedBy(t, "second", cutOff)},
				trial.Variant{What: "no answer", Request: signedBy(t, "second", silent)})
		}},
}

// atLocation looks at what the key server was asked, and whether the answer
// was used. Labels with and without an underscore are both in use.
func atLocation(t *trial.Trial) {
	const id = "DC-KEY-LOCATION"
	label := t.Label("")
	plain := strings.TrimPrefix(t.Label("p"), "_")
	r, bare := published(t, "", cut(data(t), 200)...), signedBy(t, "second", plain)
	t.PublishKey(plain, t.TestKey("second"))
	first, second := t.Look(r), t.Look(bare)
	var wrong []string
	for _, l := range []string{label, plain} {
		names, _ := t.TXTQuestions(l)
		wrong = append(wrong, slices.DeleteFunc(names, func(name string) bool { return name == strings.ToLower(t.KeyName(l))+"." })...)
	}
	t.Require(id, wrong, gomega.BeEmpty(), check.About{Sent: "GET " + first.Link,
		Expected: []string{"TXT questions for " + t.KeyName(label)}, Actual: "TXT questions for " + strings.Join(wrong, ", "),
		Mend: "look the key up at the value of key, a dot and syncPubKeyDomain, and nothing before or between"})
	if !first.Asked() && !second.Asked() {
		// Where no signature works, the place of the key is not to blame.
		t.Twin(t.Request("signed"))
	}
	for _, e := range []*trial.Ending{first, second} {
		t.Require(id, e.Asked(), gomega.BeTrue(), check.About{Sent: "GET " + e.Link, Expected: []string{"the user is asked for consent"}, Actual: e.String()})
	}
	t.Confirms(id, r)
}
