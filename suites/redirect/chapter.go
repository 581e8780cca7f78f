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

// approved is a flow that the user confirms. When he cannot, where he would
// have been sent is not known.
func approved(t *trial.Trial, r trial.Request) *trial.Ending {
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
