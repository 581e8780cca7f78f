package trial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/suites/oauthclient"
)

// refusals are the words of RFC 6749 (sections 4.1.2.1 and 5.2) by which a
// provider says that it is the client that it refuses, and not the request.
var refusals = []string{"unauthorized_client", "invalid_client"}

// clientRefused is the reason of cases that such a word ends.
const clientRefused = "client-refused"

// Registered ends the case where the provider says of a request for permission
// which has to work that its client may not make it: how the run is registered
// is a matter between whoever runs it and the provider, and no requirement is
// judged by it. It is never a pass.
func (t *Trial) Registered(e *Ending) {
	if word := e.clientRefused(); word != "" {
		t.Inconclusive(clientRefused, fmt.Sprintf(
			"the target says that the client %s may not do this (%s): have it registered there for the templates of %s, with the redirect URI %s, or give another one under oauth in target.yaml; %s",
			e.Request.Value("client_id"), word, t.World.identity().ProviderID, e.Request.Value("redirect_uri"), e))
	}
}

// clientRefused is the word by which a request for permission ended as one that
// its client may not make, "" for none: in the redirect, or on a page where the
// user was not asked.
func (e *Ending) clientRefused() string {
	if word := e.ErrorCode(); word != "" {
		return only(word)
	}
	last, ok := e.Outcome.Last()
	if !ok || e.Asked() || e.Outcome.Returned {
		return ""
	}
	for _, word := range refusals {
		if strings.Contains(last.Text, word) {
			return word
		}
	}
	return ""
}

// only is a word that is one of the refusals, "" for another.
func only(word string) string {
	if slices.Contains(refusals, word) {
		return word
	}
	return ""
}

// ClientRefused is the word by which the token end-point refuses the client, and
// not what it asks for; "" for none.
func ClientRefused(r Reply) string {
	if object, err := ParseObject(r.Body); err == nil && !r.Good() {
		word, _ := object.Text("error")
		return only(word)
	}
	return ""
}

// Known ends the case where all of several answers to token requests that have
// to work say that the client is refused, as Registered does.
func (t *Trial) Known(c oauthclient.Client, replies ...Reply) {
	for _, r := range replies {
		if ClientRefused(r) == "" {
			return
		}
	}
	if len(replies) > 0 {
		t.Inconclusive(clientRefused, fmt.Sprintf("the target does not take the client %s with its secret (%s): see that both are under oauth in target.yaml as it has given them, since where they are it does not take client_secret as a parameter; %s",
			c.ID, ClientRefused(replies[0]), replies[0]))
	}
}
