package certify

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/match"
)

// An attack is a link that somebody without the service provider's key could
// make, or change on its way. The signed link of the apply case is the control
// twin of them all: that nothing was written shows when the twin's own change
// is in the zone, and nothing else.
type attack struct {
	key, title, requirement string
	// link makes the URL; "" means that this template gives no room for it.
	link func(f *flow, token string) (string, error)
}

// foreignHost is where no template may send a user unasked.
const foreignHost = "attacker.dcconform.invalid"

var attackList = []attack{
	{"attack-unsigned", "a link without signature is refused", "DC-SIG-REQUIRED",
		func(f *flow, token string) (string, error) {
			r := f.applyRequest(token)
			r.Key = nil
			return urlOf(r)
		}},
	{"attack-tampered", "a link that was changed after signing is refused", "DC-SIG-TAMPER-VALUE",
		func(f *flow, token string) (string, error) {
			for _, how := range []client.Tamper{client.TamperValue, client.TamperAppend} {
				r := f.applyRequest(token)
				r.Options.Tamper = how
				url, err := urlOf(r)
				if !errors.Is(err, client.ErrNotTamperable) {
					return url, err
				}
			}
			return "", nil
		}},
	{"attack-other-key", "a link that was signed by somebody else is refused", "DC-SIG-ANY-FAILURE-REJECTS",
		func(f *flow, token string) (string, error) {
			r := f.applyRequest(token)
			r.Options.Tamper = client.TamperWrongKey
			return urlOf(r)
		}},
	{"attack-foreign-redirect", "a link without signature sends nobody to a foreign host", "DC-REDIR-OPEN-REDIRECT",
		func(f *flow, token string) (string, error) {
			r := f.applyRequest(token)
			r.Key, r.RedirectURI, r.State = nil, f.w.callback.URL(foreignHost, token), "x"
			return urlOf(r)
		}},
	{"attack-other-host", "a signed link cannot be turned to another host", "DC-SIG-TAMPER-VALUE",
		func(f *flow, token string) (string, error) { return turned(f, token, "host", "elsewhere") }},
	{"attack-other-group", "a signed link cannot be turned to another group", "DC-SIG-TAMPER-VALUE",
		func(f *flow, token string) (string, error) {
			for _, g := range f.t.Groups() {
				if !slices.Contains(f.place.groups, g) {
					return turned(f, token, "groupId", g)
				}
			}
			return "", nil
		}},
}

func urlOf(r client.ApplyRequest) (string, error) {
	link, err := r.Link()
	return link.URL, err
}

// turned takes a signed link and puts another value for a parameter into it.
func turned(f *flow, token, name, value string) (string, error) {
	url, err := urlOf(f.applyRequest(token))
	if err != nil {
		return "", err
	}
	path, query, _ := strings.Cut(url, "?")
	pairs := strings.Split(query, "&")
	kept := pairs[:0]
	for _, p := range pairs {
		if !strings.HasPrefix(p, name+"=") {
			kept = append(kept, p)
		}
	}
	return path + "?" + name + "=" + client.Encode(value) + "&" + strings.Join(kept, "&"), nil
}

// attacks are the checks of the list: controls, since it is the mock that
// refuses.
func (f *flow) attacks(needs []string) []check.Check {
	checks := make([]check.Check, 0, len(attackList))
	for _, a := range attackList {
		checks = append(checks, check.Check{Key: a.key, Title: a.title, Subject: reports.SubjectHarness,
			Requirements: []string{a.requirement}, Needs: needs,
			Body: func(c *check.Case) { f.attack(c, a) }})
	}
	return checks
}

func (f *flow) attack(c *check.Case, a attack) {
	if f.t.SyncPubKeyDomain == "" && a.key != "attack-foreign-redirect" {
		c.NotApplicable("unsigned-template", "the template has no syncPubKeyDomain: its links are not signed")
	}
	if f.blocked() {
		c.NotApplicable("sync-block", "the template forbids the synchronous flow")
	}
	if a.key == "attack-foreign-redirect" && f.behaviour != nil && f.behaviour.FollowsAny() {
		c.NotApplicable("profile", f.o.Profile+" sends users to any redirect_uri, signed or not")
	}
	// A token of its own: an error redirect is not the twin's return.
	token := f.w.callback.NewToken()
	defer f.w.callback.Forget(token)
	url, err := a.link(f, token)
	c.Broken(err)
	if url == "" {
		c.NotApplicable("no-room", "the template gives no room for this attack")
	}
	c.Record("link", a.title, []byte(url+"\n"))
	// The user who follows such a link does everything right and cancels.
	out, err := f.w.driver(false).Cancel(c.Context(), url, f.user(), consent.Options{})
	f.recordOutcome(c, out)
	c.Interrupted(err)
	c.Broken(err)
	about := check.About{Sent: "GET " + url, Expected: []string{"an error page", "an error redirect to a listed host"}}
	if a.key == "attack-foreign-redirect" {
		about.Actual = "the user was sent to " + foreignHost
		c.Require(a.requirement, len(f.w.callback.Hits(token)), gomega.BeZero(), about)
		return
	}
	_, asked := out.Page(consent.Consent)
	about.Actual = "the user was asked for consent"
	c.Require(a.requirement, asked, gomega.BeFalse(), about)
	about.Actual = "what came was no refusal: " + lastText(out)
	c.Require(a.requirement, f.wasRefused(out, token), gomega.BeTrue(), about)
	f.refusedAttacks++
}

// wasRefused reports whether a flow ended as a refusal does: in a redirect with
// an error, or on a page with a status of the 4xx kind. A provider that breaks
// down has refused nothing.
func (f *flow) wasRefused(out *consent.Outcome, token string) bool {
	if hits := f.w.callback.Hits(token); len(hits) > 0 {
		return hits[0].Query().Get("error") != "" && hits[0].Query().Get("error") != "server_error"
	}
	last, ok := out.Last()
	return ok && last.Status >= 400 && last.Status < 500
}

var cancelRequirements = []string{"DC-CONS-NO-APPROVAL-NO-CHANGE", "DC-REDIR-USER-CANCEL", "DC-REDIR-STATE-ERROR", "DC-REDIR-ERROR-PAGE"}

// cancel has the user say no. That nothing was written shows with the apply
// that follows.
func (f *flow) cancel(c *check.Case) {
	if f.blocked() {
		c.NotApplicable("sync-block", "the template forbids the synchronous flow")
	}
	if err := f.expect(f.before).err; err != nil {
		c.NotApplicable("not-applied", "the template cannot be applied here")
	}
	token := f.w.callback.NewToken()
	defer f.w.callback.Forget(token)
	r := f.applyRequest(token)
	link, err := r.Link()
	c.Broken(err)
	out, err := f.w.driver(false).Cancel(c.Context(), link.URL, f.user(), consent.Options{})
	f.recordOutcome(c, out)
	c.Interrupted(err)
	c.Broken(err)
	before, err := lines(f.before)
	c.Broken(err)
	c.Require("DC-CONS-NO-APPROVAL-NO-CHANGE", f.transferred(c), match.Records(before...), check.About{Sent: "GET " + link.URL + ", then Cancel"})
	if r.RedirectURI == "" {
		c.Require("DC-REDIR-ERROR-PAGE", out.Returned, gomega.BeFalse(), check.About{Actual: "the user was sent to " + out.Final})
		return
	}
	hits := f.w.callback.Hits(token)
	c.Require("DC-REDIR-USER-CANCEL", len(hits), gomega.Equal(1), check.About{Actual: "the user did not come back"})
	q := hits[0].Query()
	c.Require("DC-REDIR-USER-CANCEL", q.Get("error")+" "+q.Get("error_description"), gomega.HavePrefix("access_denied user_cancel"),
		check.About{Actual: "the user came back with " + hits[0].RawQuery})
	if f.dropsState() {
		c.Require("DC-REDIR-STATE-ERROR", q.Has("state"), gomega.BeFalse(), check.About{Actual: "the user came back with " + hits[0].RawQuery})
		return
	}
	c.Require("DC-REDIR-STATE-ERROR", q.Get("state"), gomega.Equal(r.State), check.About{Actual: "the user came back with " + hits[0].RawQuery})
}

// exposure states what somebody without the key could do with the template:
// nothing where links are signed, and else what its variables allow.
func (f *flow) exposure(c *check.Case) {
	if f.blocked() {
		c.NotApplicable("sync-block", "the template forbids the synchronous flow")
	}
	if f.t.SyncPubKeyDomain != "" {
		c.Require("DC-TMPL-VARIABLE-MINIMAL", f.refusedAttacks, gomega.BeNumerically(">=", 2),
			check.About{Actual: fmt.Sprintf("%d attacks were tried and refused", f.refusedAttacks)})
		c.Note("exposure", fmt.Sprintf("links are signed: %d attacks without the key at %s were refused", f.refusedAttacks, f.t.SyncPubKeyDomain))
		return
	}
	where := "at the apex and at any sub-domain"
	if f.t.HostRequired {
		where = "at any sub-domain"
	}
	c.Note("exposure", "links are not signed: anybody can make one that asks for these records "+where+", in any choice of groups, and so for what they replace there")
	exposures := Exposures(resolve.Variables(f.t, nil))
	for _, e := range exposures {
		c.Note("exposure", e.String())
	}
	wide := 0
	for _, e := range exposures {
		if e.Whole {
			wide++
		}
	}
	c.Require("DC-TMPL-VARIABLE-MINIMAL", wide, gomega.BeZero(), check.About{
		Sent:     "a link that anybody can make, since the template has no syncPubKeyDomain",
		Expected: []string{"signed links", "variables that are a small part of a value, and never a whole name"},
		Actual:   fmt.Sprintf("whoever makes a link chooses %d of its values or names whole: %s", wide, summary(exposures)),
		Mend:     "set syncPubKeyDomain and sign the links"})
}
