// Package redirect judges where a DNS provider sends the user at the end of the
// synchronous flow, and what it says there (ietf-05 sections 8.3.5 and 8.3.6).
package redirect

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "redirect", Title: "The way back", Cases: slices.Concat(success, appended, states, lists, strangers, failures, pages)}
}

// stranger is a host that no template lists.
const stranger = "stranger.example"

// home is the host that the plain template lists.
func home(t *trial.Trial) string { return t.World.Target.Templates.RedirectDomain }

// approved is a flow that the user confirms, and that is carried out. When it
// is not, where he would have been sent, and with what, is not known.
func approved(t *trial.Trial, r trial.Request) *trial.Ending {
	e := confirmed(t, r)
	if e.ErrorCode() != "" {
		t.Inconclusive("error-came-back", "a request that has to be carried out came back with an error, so the way back after success does not show: "+e.String())
	}
	return e
}

// confirmed is a flow that the user confirms, however it ends.
func confirmed(t *trial.Trial, r trial.Request) *trial.Ending {
	e := t.Approve(r)
	if !e.Outcome.Pressed {
		t.Inconclusive("control-twin", "a request that has to be asked about and approved was not: "+e.String())
	}
	return e
}

// cancelled is a flow that the user cancels.
func cancelled(t *trial.Trial, r trial.Request) *trial.Ending {
	e := t.Cancel(r)
	if !e.Outcome.Pressed {
		t.Inconclusive("control-twin", "a request that has to be asked about was not: "+e.String())
	}
	return e
}

// redirected makes sure that a control twin is redirected.
func redirected(t *trial.Trial, e *trial.Ending) {
	if _, ok := e.Back(); !ok {
		t.Inconclusive("control-twin", "the control twin, a request whose redirect_uri has a listed host, does not lead back: "+e.String())
	}
}

// hostOf is the host of an address in lower case, without its port and without
// a dot at the end; "" where there is none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
}

// leadsTo reports whether an address is a redirect_uri, with or without what a
// provider appends to its query: the same scheme, host, port and path, and the
// redirect_uri's own query in front.
func leadsTo(address, uri string) bool {
	got, err := url.Parse(address)
	if err != nil {
		return false
	}
	want, err := url.Parse(uri)
	if err != nil {
		return false
	}
	return got.Scheme == want.Scheme && got.User == nil && hostOf(address) == hostOf(uri) && port(got) == port(want) &&
		strings.TrimSuffix(got.EscapedPath(), "/") == strings.TrimSuffix(want.EscapedPath(), "/") &&
		(want.RawQuery == "" || strings.HasPrefix(got.RawQuery+"&", want.RawQuery+"&"))
}

func port(u *url.URL) string {
	switch p := u.Port(); {
	case p != "":
		return p
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}

// atPort is an address at another port.
func atPort(address, port string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.Host = net.JoinHostPort(u.Hostname(), port)
	return u.String()
}

// pairs are the raw pairs of a query.
func pairs(query string) []string {
	return strings.FieldsFunc(query, func(r rune) bool { return r == '&' })
}

// count is how often a name stands in a query, whatever its value.
func count(query, name string) int {
	n := 0
	for _, p := range pairs(query) {
		if key, _, _ := strings.Cut(p, "="); key == name {
			n++
		}
	}
	return n
}

// about begins the description of a statement about a flow.
func about(e *trial.Ending, expected ...string) check.About {
	return check.About{Sent: "GET " + e.Link, Expected: expected, Actual: e.String()}
}
