package redirect

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/trial"
)

// provocation is a way to make a flow fail.
type provocation struct {
	key, what string
	template  string
	// flow goes through with it; request turns the ordinary request into the
	// one with the redirect_uri that the case wants.
	flow func(t *trial.Trial, request func(trial.Request) trial.Request) *trial.Ending
}

var provocations = []provocation{
	{"cancel", "the user cancels", "plain", func(t *trial.Trial, request func(trial.Request) trial.Request) *trial.Ending {
		return t.Cancel(request(t.Request("plain")))
	}},
	{"foreign-zone", "the zone is another user's", "plain", func(t *trial.Trial, request func(trial.Request) trial.Request) *trial.Ending {
		return t.Approve(request(t.Request("plain").With("domain", t.Other("foreign").Name)))
	}},
	{"missing-variable", "a variable is missing", "plain", func(t *trial.Trial, request func(trial.Request) trial.Request) *trial.Ending {
		return t.Approve(request(t.Request("plain").Without("text")))
	}},
	{"sync-block", "the template is not for this flow (syncBlock)", "sync-block", func(t *trial.Trial, request func(trial.Request) trial.Request) *trial.Ending {
		return t.Approve(request(t.Request("sync-block")))
	}},
	{"bad-signature", "the signature does not verify", "signed", func(t *trial.Trial, request func(trial.Request) trial.Request) *trial.Ending {
		return t.Approve(spoilt(request(t.Request("signed"))))
	}},
}

// end provokes the error. A provider that sees none gets as far as its consent
// page, which has cases of its own.
func (p provocation) end(t *trial.Trial, request func(trial.Request) trial.Request) *trial.Ending {
	e := p.flow(t, request)
	if e.Asked() && p.key != "cancel" {
		t.Inconclusive("no-error", "the provider takes for good that "+p.what+", so what it does with an error does not show: "+e.String())
	}
	return e
}

// spoilt changes a request after it was signed.
func spoilt(r trial.Request) trial.Request {
	return r.Raw(func(query string) string { return strings.Replace(query, "text=", "text=not-", 1) })
}

// asIs is the ordinary redirect_uri, whose host is listed.
func asIs(r trial.Request) trial.Request { return r }

// Section 8.3.6: the redirect after an error.
var failures = append(signalled(), []trial.Case{
	{Key: "redirect-cancel-code", Title: "a cancel is access_denied, described as user_cancel",
		Requirements: []string{"DC-REDIR-USER-CANCEL"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-REDIR-USER-CANCEL"
			r := t.Request("plain")
			e := cancelled(t, r)
			redirected(t, e)
			expected := about(e, "error=access_denied, with an error_description that begins with user_cancel", "error=access_denied")
			t.Require(id, e.ErrorCode(), gomega.Equal("access_denied"), expected)
			reading := "with a description that begins with user_cancel"
			if !strings.HasPrefix(description(e), "user_cancel") {
				reading = fmt.Sprintf("with the description %q", description(e))
			}
			t.Note("reading", "a cancel is told "+reading)
			twin := approved(t, r)
			redirected(t, twin)
			t.Require(id, twin.ErrorCode(), gomega.BeEmpty(), about(twin, "the approval of the same request redirects without error"))
		}},
	{Key: "redirect-description-plain", Title: "error_description is encoded text that takes nothing from the request",
		Requirements: []string{"DC-REDIR-ERROR-DESCRIPTION"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const markup = "<i>dcconform</i>"
			for _, r := range []trial.Request{t.Request("plain").With("ip", markup), t.Request("plain").Without("text").With("state", markup)} {
				e := t.ApproveAs(t.Forms(), r)
				redirected(t, e)
				expected := about(e, "no error_description", "an error_description in printable characters, percent-encoded, without the request's own markup")
				if raw := described.FindStringSubmatch(e.Location()); raw != nil {
					expected.Actual = "Location: " + e.Location()
					t.Permits("DC-REDIR-ERROR-DESCRIPTION", !unencoded.MatchString(raw[1]), expected)
				}
				text := description(e)
				expected.Actual = fmt.Sprintf("error_description decodes to %q", text)
				t.Permits("DC-REDIR-ERROR-DESCRIPTION", !unprintable.MatchString(text) && !strings.Contains(text, markup), expected)
			}
		}},
	{Key: "redirect-description-vague", Title: "error_description does not tell another user's zone from one that is not there",
		Requirements: []string{"DC-REDIR-DESCRIPTION-VAGUE"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			foreign, absent := t.Other("foreign").Name, t.Other("absent").Name
			one := t.Approve(t.Request("plain").With("domain", foreign))
			other := t.Approve(t.Request("plain").With("domain", absent))
			for _, e := range []*trial.Ending{one, other} {
				if e.Asked() {
					t.Inconclusive("no-error", "the provider lets the user change a zone that is not his, so what it says of one does not show: "+e.String())
				}
				redirected(t, e)
			}
			told := func(e *trial.Ending, domain string) string {
				return strings.ReplaceAll(e.ErrorCode()+": "+description(e), domain, "{domain}")
			}
			expected := about(other, fmt.Sprintf("the same text as for %s, which is another user's: %s", foreign, told(one, foreign)))
			expected.Actual = told(other, absent)
			t.Require("DC-REDIR-DESCRIPTION-VAGUE", told(other, absent), gomega.Equal(told(one, foreign)), expected)
		}},
}...)

// described finds the description in a redirect. unencoded is what no URI
// holds, unprintable what no description holds after it was decoded.
var (
	described   = regexp.MustCompile(`[?&]error_description=([^&#]*)`)
	unencoded   = regexp.MustCompile(`[^!#-;=?-Z\[\]_a-z~]`)
	unprintable = regexp.MustCompile(`[\x00-\x1f\x7f]`)
)

// description is the error_description that the user came back with, decoded
// as forms are (RFC 6749, appendix B).
func description(e *trial.Ending) string {
	hit, _ := e.Back()
	values, err := url.ParseQuery(hit.RawQuery)
	if err != nil {
		return hit.Query().Get("error_description")
	}
	return values.Get("error_description")
}

// codes are the errors of RFC 6749 section 4.1.2.1.
var codes = []string{"invalid_request", "unauthorized_client", "access_denied", "unsupported_response_type",
	"invalid_scope", "server_error", "temporarily_unavailable"}

// signalled are the cases about the redirect that a failed flow ends with, one
// for each provocation.
func signalled() []trial.Case {
	var cases []trial.Case
	for _, p := range provocations {
		cases = append(cases, trial.Case{
			Key: "redirect-error-" + p.key, Title: "the user comes back with a known error when " + p.what,
			Requirements: []string{"DC-REDIR-ERROR-SIGNALLED", "DC-REDIR-ERROR-CODES"}, Templates: templates(p, "plain"),
			Body: func(t *trial.Trial) {
				e := p.end(t, asIs)
				_, back := e.Back()
				expected := about(e, "the user is sent to the listed redirect_uri with error="+strings.Join(codes, ", error="))
				t.Require("DC-REDIR-ERROR-SIGNALLED", back && e.ErrorCode() != "", gomega.BeTrue(), expected)
				t.Require("DC-REDIR-ERROR-CODES", codes, gomega.ContainElement(e.ErrorCode()), expected)
				twin := approved(t, t.Request("plain"))
				redirected(t, twin)
				t.Require("DC-REDIR-ERROR-SIGNALLED", twin.ErrorCode(), gomega.BeEmpty(), about(twin, "the approval of a valid request redirects without error"))
			},
		})
	}
	return cases
}

func templates(p provocation, more string) []string {
	if p.template == more {
		return []string{more}
	}
	return []string{p.template, more}
}
