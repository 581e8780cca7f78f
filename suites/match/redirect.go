package match

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/onsi/gomega/types"
)

// The matchers of this file look at the URL, a string, that a user agent was
// sent to at the end of a flow (ietf-05 sections 8.3.5 and 8.3.6), each at one
// side of it. Further parameters are allowed everywhere.

// SentTo matches a redirect to the address of redirectURI, whatever its query.
func SentTo(redirectURI string) types.GomegaMatcher {
	return &redirect{uri: redirectURI, judge: func(want, got *url.URL, _ url.Values) string {
		if !strings.EqualFold(got.Scheme, want.Scheme) || !strings.EqualFold(got.Host, want.Host) || got.EscapedPath() != want.EscapedPath() {
			return "it is another address than " + want.String()
		}
		return ""
	}}
}

// QueryKept matches when the query of redirectURI itself is still there.
func QueryKept(redirectURI string) types.GomegaMatcher {
	return &redirect{uri: redirectURI, judge: func(want, _ *url.URL, query url.Values) string {
		for name, values := range want.Query() {
			for _, v := range values {
				if query.Get(name) != v {
					return fmt.Sprintf("its query lost %s=%s of the redirect_uri", name, v)
				}
			}
		}
		return ""
	}}
}

// StateKept matches when state stands there exactly once with the given value,
// and not at all when it is empty.
func StateKept(redirectURI, state string) types.GomegaMatcher {
	return &redirect{uri: redirectURI, judge: func(_, _ *url.URL, query url.Values) string {
		switch {
		case state == "" && query.Has("state"):
			return "it carries a state although none was sent"
		case state != "" && len(query["state"]) != 1:
			return fmt.Sprintf("it carries state %d times", len(query["state"]))
		case state != "" && query.Get("state") != state:
			return fmt.Sprintf("its state is %q, sent was %q", query.Get("state"), state)
		}
		return ""
	}}
}

// WithoutError matches when there is no error parameter.
func WithoutError(redirectURI string) types.GomegaMatcher {
	return &redirect{uri: redirectURI, judge: func(_, _ *url.URL, query url.Values) string {
		if query.Has("error") {
			return fmt.Sprintf("it carries error=%s (%s)", query.Get("error"), query.Get("error_description"))
		}
		return ""
	}}
}

type redirect struct {
	uri string
	// judge says what is wrong, "" for nothing.
	judge func(want, got *url.URL, query url.Values) string
	why   string
}

// Match implements types.GomegaMatcher.
func (m *redirect) Match(actual any) (bool, error) {
	text, ok := actual.(string)
	if !ok {
		return false, fmt.Errorf("redirects are compared as strings, not as %T", actual)
	}
	want, err := url.Parse(m.uri)
	if err != nil {
		return false, fmt.Errorf("the redirect_uri %q does not parse: %w", m.uri, err)
	}
	m.why = ""
	got, err := url.Parse(text)
	if err != nil {
		m.why = "it is not a URL: " + err.Error()
		return false, nil
	}
	// A client reads a redirect as a form-encoded query (RFC 6749), but a
	// state must survive whatever it holds.
	query, err := url.ParseQuery(got.RawQuery)
	if err != nil {
		m.why = "its query does not parse: " + err.Error()
		return false, nil
	}
	m.why = m.judge(want, got, query)
	return m.why == "", nil
}

// FailureMessage implements types.GomegaMatcher.
func (m *redirect) FailureMessage(actual any) string {
	return fmt.Sprintf("the user agent was sent to %v: %s", actual, m.why)
}

// NegatedFailureMessage implements types.GomegaMatcher.
func (m *redirect) NegatedFailureMessage(actual any) string {
	return fmt.Sprintf("the user agent was sent to %v, as it should not", actual)
}
