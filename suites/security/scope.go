package security

import (
	"net/url"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 4.2: a link changes what its template covers, and nothing else.
var scope = []trial.Case{
	{Key: "security-template-scope", Title: "parameters named as fields of records change nothing",
		Requirements: []string{"DC-SEC-TEMPLATE-SCOPE-ONLY"}, Templates: []string{"address"},
		Body: func(t *trial.Trial) {
			const id = "DC-SEC-TEMPLATE-SCOPE-ONLY"
			more := "type=NS&ttl=1&pointsTo=192.0.2.66&data=evil&name=evil&records%5B0%5D%5Bhost%5D=evil" +
				"&records%5B0%5D%5BpointsTo%5D=192.0.2.66&records.0.ttl=1&records=%5B%5D&template%5Brecords%5D=&syncRedirectDomain=stranger.example"
			t.Watch("evil")
			r := t.Request("address")
			const want = "@ 600 A 192.0.2.9"
			e := t.Approve(repeated(r.With("ip", "192.0.2.9"), more))
			if e.Asked() {
				t.Require(id, e.Succeeded(), gomega.BeTrue(), about(e, "the template is applied as it stands", "an error"))
				t.HoldsTTL(id, check.About{Sent: "GET " + e.Link + ", then Confirm",
					Mend: "take records from the template, and from the request the values of its variables alone"}, want)
				return
			}
			t.Note("reading", "a request with parameters named as fields of records is refused")
			t.Require(id, e.Refused(), gomega.BeTrue(), about(e, "an error"))
			t.Given(r.With("ip", "192.0.2.9"), want)
		}},
}

// Sections 8.3.2 and 8.3.5: nothing is said of parameters that come twice. What
// was checked, or shown, has to be what is used.
var repeats = []trial.Case{
	{Key: "security-redirect-uri-twice", Title: "of two redirect_uris none is checked in the other's place",
		Requirements: []string{"DC-SEC-DUPLICATE-PARAMS"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain").Without("redirect_uri")
			good, bad := url.QueryEscape(t.Callback(t.World.Target.Templates.RedirectDomain)), url.QueryEscape(t.Callback("stranger.example"))
			for _, pair := range []string{
				"redirect_uri=" + good + "&redirect_uri=" + bad,
				"redirect_uri=" + bad + "&redirect_uri=" + good,
				"redirect_uri=" + good + "&redirect%5Furi=" + bad,
			} {
				e := t.Approve(repeated(r, pair))
				reading(t, e, "redirect_uri")
				expected := about(e, "an error page", "the way back to the host that the template lists")
				expected.Mend = "read each parameter once, and refuse one that comes twice"
				t.Require("DC-SEC-DUPLICATE-PARAMS", within(e.SentTo(), "stranger.example"), gomega.BeFalse(), expected)
			}
			if _, back := t.Approve(repeated(r, "redirect_uri="+good)).Back(); !back {
				t.Inconclusive("control-twin", "the same request with one redirect_uri did not lead back")
			}
		}},
	{Key: "security-domain-twice", Title: "of two domains none is checked in the other's place",
		Requirements: []string{"DC-SEC-DUPLICATE-PARAMS"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			foreign := t.Other("foreign").Name
			r := t.Request("plain").With("text", "twice")
			one := r.Without("domain")
			other := []string{t.Host() + "." + foreign + ". 600 A 192.0.2.1", "note." + t.Host() + "." + foreign + `. 600 TXT "v=twice"`}
			t.Watch(t.Host()+"."+foreign+".", "note."+t.Host()+"."+foreign+".")
			first := t.Approve(repeated(one, "domain="+t.Domain()+"&domain="+foreign))
			second := t.Approve(repeated(one, "domain="+foreign+"&domain="+t.Domain()))
			works(t, t.Approve(below(t.Request("plain"), "twin")), "twin 600 A 192.0.2.1", `note.twin 600 TXT "v=plain"`)
			for _, e := range []*trial.Ending{first, second} {
				reading(t, e, "domain")
			}
			came := t.Present(other...)
			t.Require("DC-SEC-DUPLICATE-PARAMS", came, gomega.BeEmpty(), check.About{Sent: "GET " + first.Link + " and GET " + second.Link + ", and Confirm where it was asked for",
				Expected: []string{"an error", "a change in the user's own zone"}, Actual: "another user's zone has changed: " + strings.Join(came, ", ")})
		}},
	{Key: "security-host-twice", Title: "of two hosts the one that is shown is the one that is used",
		Requirements: []string{"DC-SEC-DUPLICATE-PARAMS"}, Templates: []string{"address"},
		Body: func(t *trial.Trial) {
			r := t.Request("address").Without("host")
			shownIsUsed(t, "host", repeated(r, "host=first."+t.Host()+"&host=second."+t.Host()),
				place{"first." + t.Root(), "first 600 A 192.0.2.10"}, place{"second." + t.Root(), "second 600 A 192.0.2.10"})
		}},
	{Key: "security-variable-twice", Title: "of two values the one that is shown is the one that is used",
		Requirements: []string{"DC-SEC-DUPLICATE-PARAMS"}, Templates: []string{"address"},
		Body: func(t *trial.Trial) {
			r := t.Request("address").Without("ip")
			shownIsUsed(t, "a variable", repeated(r, "ip=192.0.2.161&ip=192.0.2.162"),
				place{"192.0.2.161", "@ 600 A 192.0.2.161"}, place{"192.0.2.162", "@ 600 A 192.0.2.162"})
		}},
}

// reading notes what became of a parameter that came twice.
func reading(t *trial.Trial, e *trial.Ending, what string) {
	if e.Asked() {
		t.Note("reading", what+" twice: one of the two is used")
	} else {
		t.Note("reading", what+" twice: refused")
	}
}

// place is one of two values: how a consent page shows it, and its record.
type place struct{ text, record string }

// shownIsUsed applies a request with two values for one parameter. A page that
// shows one of them shows the one that is written.
func shownIsUsed(t *trial.Trial, what string, r trial.Request, first, second place) {
	const id = "DC-SEC-DUPLICATE-PARAMS"
	e := t.Approve(r)
	reading(t, e, what)
	works(t, t.Approve(below(t.Request("address"), "twin")), "twin 600 A 192.0.2.10")
	page, asked := e.Page()
	for _, pair := range [][2]place{{first, second}, {second, first}} {
		came := t.Present(pair[0].record)
		fair := len(came) == 0 || asked && (strings.Contains(page.Text, pair[0].text) || !strings.Contains(page.Text, pair[1].text))
		expected := about(e, "an error", "what the consent page shows is written")
		expected.Actual = "written: " + strings.Join(came, ", ") + "; the consent page says: " + page.Text
		t.Require(id, fair, gomega.BeTrue(), expected)
	}
	t.Require(id, e.Asked() || e.Refused(), gomega.BeTrue(), about(e, "an error", "the user is asked"))
}

// within reports whether an address is at a host or below it. One that cannot
// be read counts where it names the host at all: what a browser makes of it is
// anybody's guess.
func within(address, host string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return strings.Contains(strings.ToLower(address), host)
	}
	at := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	return at == host || strings.HasSuffix(at, "."+host)
}
