package redirect

import (
	"fmt"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 8.3.5: which hosts a template lets in, and what a signature changes.
var lists = []trial.Case{
	{Key: "redirect-list-members", Title: "every member of syncRedirectDomain is usable, whatever its case and the spaces around it",
		Requirements: []string{"DC-REDIR-LIST-ALL-MEMBERS"}, Templates: []string{"redirect-list", "plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-REDIR-LIST-ALL-MEMBERS"
			redirected(t, approved(t, t.Request("plain")))
			r := t.Request("redirect-list")
			// The list is "one… , Two…,three…,FOUR…".
			for _, m := range []struct {
				label  string
				spaced bool
			}{{"three", false}, {"four", false}, {"one", true}, {"two", true}} {
				uri := t.Callback(m.label + "." + home(t))
				e := approved(t, r.With("redirect_uri", uri))
				if m.spaced && t.World.Edition == register.DCSpec23 {
					t.Note("reading", fmt.Sprintf("a member with spaces around it, %s: %s", m.label, e))
					continue
				}
				expected := about(e, "the user is sent to "+uri)
				expected.Mend = "split syncRedirectDomain at its commas, trim the members, and compare without case"
				t.Require(id, leadsTo(e.SentTo(), uri), gomega.BeTrue(), expected)
			}
			twin := t.Approve(r.With("redirect_uri", t.Callback(stranger)))
			t.Require(id, twin.SentTo(), gomega.BeEmpty(), about(twin, "no redirect to a host that is not in the list"))
		}},
	{Key: "redirect-sub-domains", Title: "a listed host below another domain is itself usable",
		Requirements: []string{"DC-REDIR-SUBDOMAIN-MATCH"}, Templates: []string{"redirect-list", "plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-REDIR-SUBDOMAIN-MATCH"
			redirected(t, approved(t, t.Request("plain")))
			r := t.Request("redirect-list")
			e := approved(t, r.With("redirect_uri", t.Callback("three."+home(t))))
			t.Permits(id, hostOf(e.SentTo()) == "three."+home(t), about(e, "the user is sent to the host, which the template lists as it is"))
			for _, between := range []struct{ what, uri string }{
				{"a sub-domain of a listed name", t.Callback("app.three." + home(t))},
				{"the parent of a listed name", t.Callback(home(t))},
				{"a sibling of a listed name", t.Callback("www." + home(t))},
				{"another port of a listed name", atPort(t.Callback("three."+home(t)), "8444")},
			} {
				e := t.Approve(r.With("redirect_uri", between.uri))
				reading := "is not let in"
				if e.SentTo() != "" {
					reading = "is let in"
				}
				t.Note("reading", between.what+" "+reading)
			}
			twin := t.Approve(r.With("redirect_uri", t.Callback(stranger)))
			t.Permits(id, twin.SentTo() == "", about(twin, "no redirect to a foreign registered domain, however the list is read"))
		}},
	{Key: "redirect-no-list", Title: "without syncRedirectDomain an unsigned flow ends without a redirect",
		Requirements: []string{"DC-REDIR-NO-LIST-UNSIGNED"}, Templates: []string{"no-list", "plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("no-list").With("redirect_uri", t.Callback(home(t)))
			for _, e := range []*trial.Ending{confirmed(t, r), cancelled(t, r), t.Approve(r.Without("text"))} {
				t.Require("DC-REDIR-NO-LIST-UNSIGNED", e.SentTo(), gomega.BeEmpty(), about(e, "no redirect: the template lists no host"))
			}
			redirected(t, approved(t, t.Request("plain")))
		}},
	{Key: "redirect-signed-unlisted", Title: "a valid signature lets any host in, an invalid one none",
		Requirements: []string{"DC-REDIR-SIGNED-UNLISTED"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			const id = "DC-REDIR-SIGNED-UNLISTED"
			redirected(t, approved(t, t.Request("signed")))
			uri := t.Callback(stranger)
			r := t.Request("signed").With("redirect_uri", uri)
			e := approved(t, r)
			if e.SentTo() == "" {
				t.Note("deviation", "at least one provider holds signed requests to the list, too")
			}
			t.Require(id, leadsTo(e.SentTo(), uri), gomega.BeTrue(), about(e, "the user is sent to "+uri+", as the request is signed"))
			twin := t.Approve(spoilt(r))
			if twin.Asked() {
				t.Inconclusive("no-error", "a signature that does not verify is taken, so what it lets in does not show: "+twin.String())
			}
			t.Require(id, twin.SentTo(), gomega.BeEmpty(), about(twin, "no redirect to an unlisted host before the signature is verified"))
		}},
	{Key: "redirect-signed-no-list", Title: "a signed flow without syncRedirectDomain comes to an end",
		Requirements: []string{"DC-REDIR-NO-LIST-SIGNED"}, Templates: []string{"signed-no-list", "signed"},
		Body: func(t *trial.Trial) {
			const id = "DC-REDIR-NO-LIST-SIGNED"
			uri := t.Callback(home(t))
			redirected(t, approved(t, t.Request("signed").With("redirect_uri", uri)))
			r := t.Request("signed-no-list").With("redirect_uri", uri)
			for _, e := range []*trial.Ending{approved(t, r), cancelled(t, r)} {
				t.Permits(id, e.SentTo() != "" || ends(e, 500), about(e, "the user is sent to "+uri, "a page that says how it ended"))
				if e.SentTo() == "" {
					t.Note("reading", "a signed request for a template without syncRedirectDomain is not redirected: "+e.String())
				}
				if t.World.Edition == register.DCSpec23 {
					t.Require(id, leadsTo(e.SentTo(), uri), gomega.BeTrue(), about(e, "the user is sent to "+uri+", as the request is signed"))
				}
			}
		}},
}
