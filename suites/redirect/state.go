package redirect

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 8.3.5 and 8.3.6: state comes back as it was sent.
var states = []trial.Case{
	{Key: "redirect-state-success", Title: "state comes back unchanged after success",
		Requirements: []string{"DC-REDIR-STATE-SUCCESS"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			for _, state := range sent {
				e := approved(t, t.Request("plain").With("state", state))
				stateKept(t, "DC-REDIR-STATE-SUCCESS", e, state)
			}
			// Outside of the grammar: kept or refused, and no third.
			e := t.Approve(t.Request("plain").With("state", "é"))
			if e.Refused() {
				t.Note("reading", "a state that is not ASCII is refused")
				return
			}
			t.Note("reading", "a state that is not ASCII is taken")
			stateKept(t, "DC-REDIR-STATE-SUCCESS", e, "é")
		}},
	{Key: "redirect-state-cancel", Title: "state comes back unchanged after a cancel",
		Requirements: []string{"DC-REDIR-STATE-ERROR"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			for _, state := range sent {
				e := cancelled(t, t.Request("plain").With("state", state))
				stateKept(t, "DC-REDIR-STATE-ERROR", e, state)
			}
		}},
	{Key: "redirect-state-error", Title: "state comes back unchanged after an error",
		Requirements: []string{"DC-REDIR-STATE-ERROR"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			e := t.Approve(t.Request("plain").Without("text").With("state", "a&b=c d"))
			if _, back := e.Back(); back && e.ErrorCode() == "" {
				t.Inconclusive("control-twin", "a request that has to end in an error did not: "+e.String())
			}
			stateKept(t, "DC-REDIR-STATE-ERROR", e, "a&b=c d")
		}},
	{Key: "redirect-state-absent", Title: "no state comes back where none was sent",
		Requirements: []string{"DC-REDIR-STATE-ABSENT"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-REDIR-STATE-ABSENT"
			r := t.Request("plain")
			for _, e := range []*trial.Ending{approved(t, r), cancelled(t, r)} {
				redirected(t, e)
				hit, _ := e.Back()
				t.Require(id, count(hit.RawQuery, "state"), gomega.BeZero(), about(e, "no parameter state"))
			}
			stateKept(t, id, approved(t, r.With("state", "abc")), "abc")
		}},
}

// sent are states that careless code changes.
var sent = []string{"abc", "a b", "a+b", "a&b=c", "%41", "#x", strings.Repeat("0123456789", 50)}

// stateKept states that the user came back with one state, which decodes to
// what was sent.
func stateKept(t *trial.Trial, id string, e *trial.Ending, state string) {
	redirected(t, e)
	hit, _ := e.Back()
	expected := about(e, fmt.Sprintf("one parameter state, %q after one percent-decoding", state))
	expected.Mend = "keep the decoded value, and percent-encode it once when it is appended"
	var values []string
	for _, p := range pairs(hit.RawQuery) {
		if name, value, _ := strings.Cut(p, "="); name == "state" {
			values = append(values, value)
		}
	}
	if len(values) == 0 {
		t.Note("deviation", "at least one large provider does not return state; services that work with it put a token into the path of their redirect_uri")
	}
	t.Require(id, values, gomega.HaveLen(1), expected)
	plain, err := url.PathUnescape(values[0])
	if form, formErr := url.QueryUnescape(values[0]); plain != state && formErr == nil && form == state {
		t.Note("reading", "a space in state comes back as a plus sign, the form encoding of RFC 6749")
		plain, err = form, nil
	}
	t.Require(id, err == nil && plain == state, gomega.BeTrue(), expected)
}
