package match

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/onsi/gomega/types"
)

// Success matches the URL, a string, that a user agent was sent to after a
// successful apply (ietf-05 section 8.3.5): redirectURI with its own query
// kept, state exactly once with the given value (none when state is empty),
// and no error. Further parameters are allowed.
func Success(redirectURI, state string) types.GomegaMatcher {
	return &redirect{uri: redirectURI, state: state}
}

type redirect struct {
	uri, state string
	why        string
}

func (m *redirect) Match(actual any) (bool, error) {
	got, ok := actual.(string)
	if !ok {
		return false, fmt.Errorf("match.Success compares a string, not %T", actual)
	}
	want, err := url.Parse(m.uri)
	if err != nil {
		return false, fmt.Errorf("the redirect_uri %q does not parse: %w", m.uri, err)
	}
	m.why = differs(want, got, m.state)
	return m.why == "", nil
}

func differs(want *url.URL, got, state string) string {
	u, err := url.Parse(got)
	switch {
	case err != nil:
		return "it is not a URL: " + err.Error()
	case !strings.EqualFold(u.Scheme, want.Scheme) || !strings.EqualFold(u.Host, want.Host) || u.EscapedPath() != want.EscapedPath():
		return "it is another address than " + want.String()
	}
	// A client reads a redirect as a form-encoded query (RFC 6749), but a
	// state must survive whatever it holds.
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "its query does not parse: " + err.Error()
	}
	for name, values := range want.Query() {
		for _, v := range values {
			if query.Get(name) != v {
				return fmt.Sprintf("its query lost %s=%s of the redirect_uri", name, v)
			}
		}
	}
	switch {
	case query.Has("error"):
		return fmt.Sprintf("it carries error=%s (%s)", query.Get("error"), query.Get("error_description"))
	case state == "" && query.Has("state"):
		return "it carries a state although none was sent"
	case state != "" && len(query["state"]) != 1:
		return fmt.Sprintf("it carries state %d times", len(query["state"]))
	case state != "" && query.Get("state") != state:
		return fmt.Sprintf("its state is %q, sent was %q", query.Get("state"), state)
	}
	return ""
}

func (m *redirect) FailureMessage(actual any) string {
	return fmt.Sprintf("the user agent was sent to %v: %s", actual, m.why)
}

func (m *redirect) NegatedFailureMessage(actual any) string {
	return fmt.Sprintf("the user agent was sent to %v, a success", actual)
}
