package trial

import (
	"context"
	"fmt"
	"strings"

	"github.com/dcconform/dcconform/fixtures/keys"
	"github.com/dcconform/dcconform/suites/client"
)

// Label is a key label that belongs to the case and to this run of it:
// providers and resolvers remember for a while that a name has no key, or
// which one. suffix tells the labels of a case apart; letters and digits.
func (t *Trial) Label(suffix string) string {
	return "_" + strings.ToLower(t.host) + "x" + t.token[:8] + suffix
}

// KeyName is where the TXT records of a label stand for templates with the
// ordinary syncPubKeyDomain.
func (t *Trial) KeyName(label string) string {
	return label + "." + t.World.identity().KeyDomain
}

// Publish makes the TXT records of a label be exactly txt, until the case
// ends. The case has to say that it publishes Keys.
func (t *Trial) Publish(label string, txt ...string) { t.PublishAt(t.KeyName(label), txt...) }

// PublishAt is Publish for a whole name, which has to be below the
// conformance templates' key domain.
func (t *Trial) PublishAt(name string, txt ...string) {
	t.keyNames(name)
	t.Broken(t.World.Keys.PublishKey(t.Context(), name, txt))
	if t.keyTexts == nil {
		t.keyTexts = map[string][]string{}
	}
	t.keyTexts[name] = txt
}

// PublishKey publishes a key at a label in the ordinary form, as Publish does:
// in as few records as one character-string each permits, and so cut that each
// could be decoded by itself.
func (t *Trial) PublishKey(label string, pair keys.Pair) {
	const most = 214 // p=1,a=RS256,d= and 200 characters, which is 50 times 4
	txt, err := client.KeyRecords(&pair.Private.PublicKey, most)
	t.Broken(err)
	t.Publish(label, txt...)
}

// keyNames notes names that something is put at.
func (t *Trial) keyNames(names ...string) {
	if !t.spec.Keys {
		t.Broken(fmt.Errorf("case %s publishes keys without saying so", t.spec.Key))
	}
	t.published = append(t.published, names...)
}

func (t *Trial) takeDownKeys() {
	// The case may have been stopped; what it published goes all the same. A
	// key that stays is no harm: nobody has its label.
	ctx := context.WithoutCancel(t.Context())
	for _, name := range t.published {
		_ = t.World.Keys.PublishKey(ctx, name, nil)
	}
	t.published = nil
}

// TXTQuestions are the names that the case's provider asked the run's name
// server for TXT records at, those that hold the label. ok is false where keys
// are published elsewhere, and nothing is known.
func (t *Trial) TXTQuestions(label string) (names []string, ok bool) {
	server, ok := t.World.Keys.(*client.KeyServer)
	if !ok {
		return nil, false
	}
	for _, q := range server.Asked(label, t.questions) {
		if q.Type == "TXT" {
			names = append(names, strings.ToLower(q.Name))
		}
	}
	return names, true
}

// Disturb has the questions for a label go wrong until the case ends. It does
// not apply where the run does not serve the key zone itself.
func (t *Trial) Disturb(label string, how client.KeyTrouble) {
	server := t.ownKeyServer()
	t.keyNames(t.KeyName(label))
	t.Broken(server.Disturb(t.KeyName(label), how))
}

// Alias makes the name of a label an alias of another name until the case
// ends. It does not apply where the run does not serve the key zone itself.
func (t *Trial) Alias(label, to string) {
	server := t.ownKeyServer()
	t.keyNames(t.KeyName(label))
	t.Broken(server.Alias(t.KeyName(label), to))
}

func (t *Trial) ownKeyServer() *client.KeyServer {
	server, ok := t.World.Keys.(*client.KeyServer)
	if !ok {
		t.Lacking("no-key-server", "the run does not serve the key zone itself: give keyZone.listen")
	}
	return server
}

// TestKey is one of the embedded keys, by name: second and third have 2,048
// bits, long 4,096 and short 1,024.
func (t *Trial) TestKey(name string) keys.Pair {
	pair, err := keys.Load(name)
	t.Broken(err)
	return pair
}

// Signing is a key pair at a label.
func (t *Trial) Signing(pair keys.Pair, label string) *client.SigningKey {
	return &client.SigningKey{Private: pair.Private, Label: label}
}
