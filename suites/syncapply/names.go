package syncapply

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/trial"
)

// Section 8.3.2: domain, the zone.
var domains = []trial.Case{
	{Key: "syncapply-domain-required", Title: "a request without a domain name in domain is not processed",
		Requirements: []string{"DC-REQ-DOMAIN-REQUIRED"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			bad := []trial.Variant{{What: "without domain", Request: r.Without("domain")}}
			for _, v := range []string{"", "-a.example", "a b", "*.x", "a..b.example", ".", "{domain}/"} {
				bad = append(bad, trial.Variant{What: "domain=" + v, Request: r.With("domain", v)})
			}
			t.RefusesEach("DC-REQ-DOMAIN-REQUIRED", r, r.Records(), bad...)
		}},
	{Key: "syncapply-domain-is-apex", Title: "a name inside a zone is no domain to apply at",
		Requirements: []string{"DC-REQ-DOMAIN-IS-APEX"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			t.Refuses("DC-REQ-DOMAIN-IS-APEX", r.Without("host").With("domain", "{root}"), r, r.Records()...)
		}},
	{Key: "syncapply-domain-delegated", Title: "a delegated zone that the user holds is a domain to apply at",
		Requirements: []string{"DC-REQ-DOMAIN-IS-APEX"}, Templates: []string{"plain"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			r := t.Request("plain").With("host", "dcconform")
			t.Twin(r)
			t.Reaches("DC-REQ-DOMAIN-IS-APEX", r.With("domain", t.Other("child").Name))
		}},
}

// Section 8.3.2: host, a name below the zone.
var hosts = []trial.Case{
	{Key: "syncapply-host-labels", Title: "host may have several labels, and is one name",
		Requirements: []string{"DC-REQ-HOST-SINGLE"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			good := below(t.Request("plain"), "a.b")
			t.Watch("a", "b", "note.a", "note.b")
			bad := func(host string) trial.Variant {
				return trial.Variant{What: "host=" + host, Request: good.With("host", host)}
			}
			t.RefusesEach("DC-REQ-HOST-SINGLE", good, []string{"a.b 600 A 192.0.2.1", `note.a.b 600 TXT "v=plain"`},
				bad("a.{host},b.{host}"), bad("a..b.{host}"), bad(".a.{host}"), bad(strings.Repeat("a", 64)+".{host}"), bad("a b.{host}"))
		}},
	{Key: "syncapply-host-underscore-idn", Title: "a host may have labels with an underscore, and A-labels",
		Requirements: []string{"DC-REQ-HOST-SINGLE"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-REQ-HOST-SINGLE"
			r := t.Request("plain")
			t.Twin(below(r, "ordinary"))
			t.ReachesEach(id,
				trial.Variant{What: "host=_service._tcp", Request: below(r, "_service._tcp")},
				trial.Variant{What: "host=xn--bcher-kva", Request: below(r, "xn--bcher-kva")})
		}},
	{Key: "syncapply-host-empty", Title: "an empty host is the same as none",
		Requirements: []string{"DC-REQ-HOST-SINGLE"}, Templates: []string{"text"}, Where: trial.AtApex,
		Body: func(t *trial.Trial) {
			const id = "DC-REQ-HOST-SINGLE"
			r := t.Request("text")
			t.Given(r.With("text", "absent"), `@ 600 TXT "absent"`)
			includes(t, id, r.With("host", "").With("text", "empty"), `@ 600 TXT "empty"`)
			// Requests have no @ for the domain itself.
			e := t.Approve(r.With("host", "@").With("text", "at"))
			if !e.Asked() {
				t.Note("reading", "host=@ is refused")
				t.Require(id, e.Refused(), gomega.BeTrue(), about(e, "an error", "host=@ is the domain itself"))
				return
			}
			t.Note("reading", "host=@ is the domain itself")
			t.Includes(id, about(e, "an error", "host=@ is the domain itself"), `@ 600 TXT "at"`)
		}},
	{Key: "syncapply-host-dot", Title: "a host with a dot at its end is the same name, or refused",
		Requirements: []string{"DC-REQ-HOST-SINGLE"}, Templates: []string{"address"},
		Body: func(t *trial.Trial) {
			r := t.Request("address")
			t.RefusesOr("DC-REQ-HOST-SINGLE", r.With("host", "{host}."), "host with a dot at its end is the name without it", r, "@ 600 A 192.0.2.10")
		}},
}

// Section 8.3.2: parameters that are an address or a list.
var lists = []trial.Case{
	{Key: "syncapply-redirect-absolute", Title: "a redirect_uri that is not absolute is not followed",
		Requirements: []string{"DC-REQ-REDIRECT-URI-ABSOLUTE"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-REQ-REDIRECT-URI-ABSOLUTE"
			r := t.Request("plain")
			whole := r.Value("redirect_uri")
			relative := strings.TrimPrefix(whole, "https:")
			authority := strings.TrimPrefix(relative, "//")
			path := authority[strings.Index(authority, "/"):]
			for _, uri := range []string{path, relative, authority, ""} {
				e := t.Approve(r.With("redirect_uri", uri))
				expected := about(e, "an error page", "the redirect_uri is ignored and the flow ends on a page")
				expected.Mend = "take a redirect_uri for an absolute http or https URI, or for none"
				t.Require(id, e.SentTo(), gomega.BeEmpty(), expected)
				t.Require(id, led(e, path), gomega.BeEmpty(), expected)
				reading := "is refused"
				if e.Asked() {
					reading = "is ignored"
				}
				t.Note("reading", "a redirect_uri that is not absolute "+reading)
			}
			e := t.Given(r, r.Records()...)
			if _, back := e.Back(); !back {
				t.Inconclusive("control-twin", "the absolute redirect_uri of the same request was not followed: "+e.String())
			}
		}},
	// An escaped comma divides as well as a plain one.
	{Key: "syncapply-group-list", Title: "the members of groupId are divided by commas, escaped or not",
		Requirements: []string{"DC-REQ-GROUPID-LIST"}, Templates: []string{"groups"},
		Body: func(t *trial.Trial) {
			const id = "DC-REQ-GROUPID-LIST"
			r := t.Request("groups").Without("groupId")
			t.Settled(appended(below(r, "twin"), "groupId=g1"), `one.twin 600 TXT "one g"`)
			includes(t, id, appended(below(r, "plain"), "groupId=g1,g2"), `one.plain 600 TXT "one g"`, "two.plain 600 CNAME two.service.example.")
			includes(t, id, appended(below(r, "escaped"), "groupId=g1%2Cg2"), `one.escaped 600 TXT "one g"`, "two.escaped 600 CNAME two.service.example.")
		}},
	{Key: "syncapply-group-list-gap", Title: "an empty member of groupId does not select every group",
		Requirements: []string{"DC-REQ-GROUPID-LIST"}, Templates: []string{"groups"},
		Body: func(t *trial.Trial) {
			r := t.Request("groups").With("groupId", "g1,g2")
			t.RefusesOr("DC-REQ-GROUPID-LIST", r.With("groupId", "g1,,g2"), "an empty member is ignored", r,
				`base 600 TXT "base g"`, `one 600 TXT "one g"`, "two 600 CNAME two.service.example.")
		}},
	{Key: "syncapply-group-list-space", Title: "a malformed member of groupId does not select every group",
		Requirements: []string{"DC-REQ-GROUPID-LIST"}, Templates: []string{"groups"},
		Body: func(t *trial.Trial) { malformedGroup(t) },
	},
}

// led are the addresses on the way that a redirect to a path of the service
// provider led to.
func led(e *trial.Ending, path string) []string {
	var to []string
	for i, x := range e.Outcome.Exchanges {
		address, _, _ := strings.Cut(x.URL, "?")
		if i > 0 && strings.Contains(address, path) {
			to = append(to, x.URL)
		}
	}
	return to
}

// malformedGroup sends "g1 g2", which is no member of a list.
func malformedGroup(t *trial.Trial) {
	const id = "DC-REQ-GROUPID-LIST"
	r := t.Request("groups")
	e := t.Approve(r.With("groupId", "g1 g2"))
	expected := about(e, "an error", "the malformed member is ignored")
	if !e.Asked() {
		t.Note("reading", "a malformed member of groupId is refused")
		t.Require(id, e.Refused(), gomega.BeTrue(), expected)
	} else {
		t.Note("reading", "a malformed member of groupId is ignored")
	}
	twin := below(r, "twin").With("groupId", "g1")
	t.Settled(twin, `base.twin 600 TXT "base g"`, `one.twin 600 TXT "one g"`)
	others := t.Present("three 600 A 192.0.2.3", `upper 600 TXT "upper g"`, `ten 600 TXT "ten g"`)
	expected.Actual = "records of groups that nobody listed came: " + strings.Join(others, ", ")
	t.Require(id, others, gomega.BeEmpty(), expected)
}
