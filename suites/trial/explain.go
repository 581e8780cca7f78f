package trial

import (
	"strings"

	"github.com/dcconform/dcconform/fixtures/keys"
	"github.com/dcconform/dcconform/reports"
)

// Explain says what there is to say about the signature of an apply link: txt
// are the TXT records that are published for it, one text each, nil where that
// is not known. "" is nothing. It explains failures; nothing is judged by it.
type Explain func(link string, txt []string) string

// explain hangs on a failure about signatures or keys what is known about the
// link that was sent. A chapter does not know how to find that out: what it
// expects must not come from the code that verifies.
func (t *Trial) explain() {
	result := t.Result()
	if t.World.Explain == nil || result.Failure == nil || !failed(result) || !aboutSignatures(result.Failure.Requirement) {
		return
	}
	for _, word := range strings.Fields(result.Failure.Sent) {
		link := strings.TrimRight(word, ",;")
		txt, sent := t.signed[link]
		if !sent {
			continue
		}
		if text := t.World.Explain(link, txt); text != "" {
			t.Note(NoteSignature, text)
		}
		return
	}
}

// NoteSignature is the code of a note about a link's signature.
const NoteSignature = "signature"

func aboutSignatures(id string) bool {
	return strings.HasPrefix(id, "DC-SIG-") || strings.HasPrefix(id, "DC-KEY-")
}

// remember keeps what was published for a link when it was sent, where its
// template has links signed.
func (t *Trial) remember(r Request, link string) {
	if t.World.Explain == nil || !strings.Contains(string(r.template.Render(t.World.identity())), `"syncPubKeyDomain"`) {
		return
	}
	if t.signed == nil {
		t.signed = map[string][]string{}
	}
	t.signed[link] = []string{}
	if r.key != nil {
		t.signed[link] = t.publishedAt(r.key.Label)
	}
}

// publishedAt are the TXT records of a label; nil where somebody else
// publishes them.
func (t *Trial) publishedAt(label string) []string {
	name := t.KeyName(label)
	if txt, ok := t.keyTexts[name]; ok {
		return txt
	}
	if t.World.Key == nil || label != t.World.Key.Label {
		return nil
	}
	key, err := keys.Signing()
	if err != nil {
		return nil
	}
	return key.TXT
}

// failed reports whether a result has something to explain.
func failed(r reports.Result) bool {
	return r.Outcome == reports.Fail || r.Outcome == reports.Warning
}
