package trial

import (
	"slices"
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
	if t.World.Explain == nil {
		return
	}
	for _, word := range strings.Fields(t.toExplain(t.Result())) {
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

// toExplain is what was sent where that ended in something about a signature; ""
// where it did not. That is a failure, or a control twin that did not work in a
// case about signatures, which nobody can judge before that is mended.
func (t *Trial) toExplain(r reports.Result) string {
	switch {
	case r.Failure != nil && failed(r) && aboutSignatures(r.Failure.Requirement):
		return r.Failure.Sent
	case r.Outcome == reports.Inconclusive && slices.ContainsFunc(r.Requirements, aboutSignatures):
		return t.twin
	}
	return ""
}

// twinEnded ends a case whose control twin did not work.
func (t *Trial) twinEnded(what string, e *Ending) {
	t.twin = e.Link
	if e.Request.Value("client_id") != "" {
		t.Registered(e)
	}
	t.Inconclusive("control-twin", what+", did not: "+e.String())
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
