package async

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

var isTrue = gomega.BeTrue()

// Sections 1 and 5: what a provider with the flow has.
var offered = []trial.Case{
	{Key: "async-advertised", Title: "a provider with the asynchronous flow says in its settings where it begins",
		Requirements: []string{"DC-ASYNC-URL-ADVERTISED"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			d := t.Document(t.Place())
			t.Require("DC-ASYNC-URL-ADVERTISED", t.Settings().URLAsyncUX, gomega.Not(gomega.BeEmpty()), check.About{Sent: d.Reply.Sent(),
				Expected: []string{"urlAsyncUX, an https URL, since the target claims async"}, Actual: "the settings are " + d.Object.String()})
		}},
	{Key: "async-base", Title: "a provider with the asynchronous flow answers the template query",
		Requirements: []string{"DC-ASYNC-BASE-IMPLEMENTED"}, Templates: []string{"plain", "sync-block"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-BASE-IMPLEMENTED"
			// One template is for the asynchronous flow alone.
			for _, service := range []string{"plain", "sync-block"} {
				known := t.Get(t.QueryURL(service))
				t.Require(id, known.Good(), isTrue, check.About{Sent: known.Sent(), Expected: []string{"a status of 2xx: the template is supported"}, Actual: known.String()})
			}
			unknown := t.Get(strings.Replace(t.QueryURL("plain"), "/plain", "/there-is-no-such-service", 1))
			t.Require(id, unknown.Good(), gomega.BeFalse(), check.About{Sent: unknown.Sent(), Expected: []string{"status 404"}, Actual: unknown.String()})
		}},
}

// Section 6.3: who is asked, and by whom.
var permission = []trial.Case{
	{Key: "async-endpoint", Title: "the user is asked at v2/domainTemplates/providers below urlAsyncUX",
		Requirements: []string{"DC-ASYNC-AUTHZ-ENDPOINT"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			e := t.Look(t.Authorization("plain"))
			t.Registered(e)
			expected := about(e, "the user is asked for permission",
				"the flow begins at the path of urlAsyncUX followed by /v2/domainTemplates/providers/{providerId}, with no service in it")
			expected.Mend = "see first that the client and the redirect URI under oauth in target.yaml are registered at the target, for the conformance templates' providerId"
			t.Require("DC-ASYNC-AUTHZ-ENDPOINT", e.Asked() || e.Code() != "", isTrue, expected)
		}},
	{Key: "async-client-registered", Title: "a client that is not registered gets no code, and its users are sent nowhere",
		Requirements: []string{"DC-ASYNC-CLIENT-REGISTERED"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-CLIENT-REGISTERED"
			good := t.Authorization("plain")
			t.Coded(good)
			for _, bad := range []trial.Request{
				good.With("client_id", "no-such-client"), good.Without("client_id"), good.With("client_id", ""),
				good.With("client_id", "no-such-client").With("redirect_uri", "https://elsewhere.dcconform.example/"+t.Host()),
			} {
				nowhere(t, id, t.Allow(bad))
			}
		}},
	{Key: "async-signs-in", Title: "the user signs in and confirms before there is a code",
		Requirements: []string{"DC-ASYNC-USER-AND-ZONE"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-USER-AND-ZONE"
			t.User()
			r := t.Authorization("plain")
			t.Coded(r)
			// Signed in already, who only looks has allowed nothing.
			t.SignedIn(r)
			looked := t.Look(r)
			codeless(t, id, looked, "the user has confirmed nothing")
			t.Require(id, looked.Asked(), isTrue, about(looked, "the user is asked for permission"))
			t.SignedOut()
			fresh := t.Allow(r)
			t.Require(id, fresh.AskedToSignIn(), isTrue, about(fresh, "the user is asked to sign in"))
			if fresh.Code() == "" {
				t.Inconclusive("control-twin", "the user who signs in and confirms does not come back with a code: "+fresh.String())
			}
		}},
	{Key: "async-foreign-zone", Title: "nobody can allow anything in a zone that is not his",
		Requirements: []string{"DC-ASYNC-USER-AND-ZONE"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-USER-AND-ZONE"
			good := t.Authorization("plain")
			t.Coded(good)
			codeless(t, id, t.Allow(good.With("domain", t.Other("foreign").Name)), "an error")
		}},
	{Key: "async-redirect-registered", Title: "no code goes to a redirect URI that is not the registered one",
		Requirements: []string{"DC-ASYNC-REDIRECT-REGISTERED"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			good := t.Authorization("plain")
			t.Coded(good)
			registered := good.Value("redirect_uri")
			for _, uri := range lookalikes(registered) {
				astray(t, "DC-ASYNC-REDIRECT-REGISTERED", t.Allow(good.With("redirect_uri", uri)), registered)
			}
		}},
	{Key: "async-bad-redirect-ends", Title: "without a redirect URI that is good the flow ends on a page",
		Requirements: []string{"DC-ASYNC-BAD-REDIRECT-ENDS"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-BAD-REDIRECT-ENDS"
			good := t.Authorization("plain")
			t.Coded(good)
			for _, bad := range []trial.Request{good.Without("redirect_uri"), good.With("redirect_uri", ""), good.With("redirect_uri", "/dcconform/authorized"),
				good.With("redirect_uri", "https://elsewhere.dcconform.example/"+t.Host()), good.With("redirect_uri", "javascript:alert(1)"),
				// Errors go nowhere else either.
				good.With("redirect_uri", "https://elsewhere.dcconform.example/"+t.Host()).With("scope", "there-is-no-such-service")} {
				e := t.Allow(bad)
				nowhere(t, id, e)
				last, ok := e.Outcome.Last()
				t.Require(id, ok && last.Status < 500, isTrue, about(e, "a page that says what is wrong, with a status below 500"))
			}
		}},
	{Key: "async-response-type", Title: "response_type is code, or absent",
		Requirements: []string{"DC-ASYNC-RESPONSE-TYPE"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-RESPONSE-TYPE"
			r := t.Authorization("plain")
			t.Coded(r)
			e := t.Allow(r.Without("response_type"))
			t.Require(id, e.Code(), gomega.Not(gomega.BeEmpty()), about(e, "the user comes back with a code"))
			e = t.Allow(r.With("response_type", "token"))
			codeless(t, id, e, "unsupported_response_type or invalid_request", "an error page")
			t.Require(id, strings.Contains(e.SentTo(), "access_token"), gomega.BeFalse(), about(e, "no token"))
			if code := e.ErrorCode(); code != "" {
				t.Require(id, code, gomega.BeElementOf("unsupported_response_type", "invalid_request"), about(e, "unsupported_response_type or invalid_request"))
			}
		}},
}

// nowhere states that a user was sent to no redirect URI, and so with no code
// either. Where the provider's own pages lead on to one another is its affair.
func nowhere(t *trial.Trial, id string, e *trial.Ending) {
	expected := about(e, "an error page, and no redirect")
	t.Require(id, e.SentTo(), gomega.BeEmpty(), expected)
	t.Require(id, e.Outcome.Returned, gomega.BeFalse(), expected)
}

// astray states that a user was sent to no other redirect URI than the
// registered one, and to that without a code: an error may be told there.
func astray(t *trial.Trial, id string, e *trial.Ending, registered string) {
	expected := about(e, "an error page", "an error at the redirect URI that is registered")
	codeless(t, id, e, expected.Expected...)
	if e.SentTo() == "" {
		t.Require(id, e.Outcome.Returned, gomega.BeFalse(), expected)
		return
	}
	t.Require(id, withoutError(e.SentTo()), gomega.Equal(registered), expected)
	t.Note("reading", "a redirect URI that is not registered is told at the one that is")
}

// withoutError is a URL without what tells of an error (RFC 6749, section
// 4.1.2.1) and the state beside it.
func withoutError(address string) string {
	before, query, _ := strings.Cut(address, "?")
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(pair, "="); name != "" && !slices.Contains([]string{"error", "error_description", "error_uri", "state", "iss"}, name) {
			kept = append(kept, pair)
		}
	}
	if len(kept) == 0 {
		return before
	}
	return before + "?" + strings.Join(kept, "&")
}

// lookalikes are redirect URIs that are easily taken for another one.
func lookalikes(uri string) []string {
	scheme, rest, _ := strings.Cut(uri, "://")
	host, path, _ := strings.Cut(rest, "/")
	name, _, _ := strings.Cut(host, ":")
	return []string{
		scheme + "://elsewhere.dcconform.example/" + path,
		scheme + "://www." + host + "/" + path,
		scheme + "://" + name + ".evil.example/" + path,
		scheme + "://" + host + "@evil.example/" + path,
		scheme + "://" + name + ":8444/" + path,
		"http://" + host + "/" + path,
		uri + "/more",
		uri + "more",
		uri + "?x=1",
		uri + "/../elsewhere",
		scheme + "://" + host + "/",
	}
}

// Section 6.3: what is asked for.
var scopes = []trial.Case{
	{Key: "async-scope-list", Title: "one permission is for several templates, divided by a space",
		Requirements: []string{"DC-ASYNC-SCOPE-REQUIRED"}, Templates: []string{"plain", "text"}, Names: []string{"once", "note.once"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-SCOPE-REQUIRED"
			t.Wrote(t.Granted(t.Authorization("plain").With("host", t.Hosts("once"))).Apply("plain").Below("once"), plain("once")...)
			both := t.Authorization("plain", "text")
			e := t.Allow(both)
			t.Require(id, e.Code(), gomega.Not(gomega.BeEmpty()), about(e, "the user comes back with a code"))
			g := t.Granted(both)
			t.Accepts(id, g.Apply("plain"))
			t.Writes(id, g.Apply("text"), slices.Concat(plain("once"), plain(""), []string{`@ 600 TXT "plain"`})...)
		}},
	{Key: "async-scope-plus", Title: "a plus divides templates as a space does, so that a stock library can ask for several",
		Requirements: []string{"DC-ASYNC-SCOPE-REQUIRED"}, Editions: []register.Edition{register.DCSpec23}, Templates: []string{"text", "address"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-SCOPE-REQUIRED"
			c := t.ServiceProvider()
			t.Coded(t.Authorization("text", "address"))
			e := t.Allow(fromLibrary(t, c, "text", "address"))
			t.Require(id, e.Code(), gomega.Not(gomega.BeEmpty()), about(e, "a code, as for the same templates divided by %20"))
			g := t.Granted(fromLibrary(t, c, "text", "address"))
			t.Accepts(id, g.Apply("text"), "both templates were asked for")
			t.Writes(id, g.Apply("address"), `@ 600 TXT "plain"`, "@ 600 A 192.0.2.10")
		}},
	{Key: "async-scope-required", Title: "no template, or one that is not known, gets no code",
		Requirements: []string{"DC-ASYNC-SCOPE-REQUIRED"}, Templates: []string{"plain", "text"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-SCOPE-REQUIRED"
			good := t.Authorization("plain")
			t.Coded(good)
			for _, bad := range []trial.Request{good.Without("scope"), good.With("scope", ""), good.With("scope", "there-is-no-such-service"),
				good.With("scope", "plain there-is-no-such-service"), good.With("scope", "plain,text")} {
				e := t.Allow(bad)
				codeless(t, id, e, "invalid_scope or invalid_request", "an error page")
				if code := e.ErrorCode(); code != "" {
					t.Require(id, code, gomega.BeElementOf("invalid_scope", "invalid_request"), about(e, "invalid_scope or invalid_request"))
				}
			}
		}},
	{Key: "async-hosts", Title: "a permission is for the hosts that were named, and no other",
		Requirements: []string{"DC-ASYNC-HOST-LIST", trial.StatusCodes}, Templates: []string{"text"}, Names: []string{"s1", "s2", "s3"},
		Body: func(t *trial.Trial) {
			bounded(t, t.Authorization("text").With("host", t.Hosts("s1")), t.Hosts("s1"), t.Hosts("s2"))
			t.ResetHost()
			for _, raw := range []bool{false, true} {
				r := t.Authorization("text").With("host", t.Hosts("s1", "first", "s2"))
				if raw {
					r = r.Raw(func(query string) string { return strings.ReplaceAll(query, "%2C", ",") })
				}
				only(t, t.Granted(r), []string{"s1", "s2"}, []string{"", "s3"})
				t.ResetHost()
			}
		}},
	{Key: "async-host-apex", Title: "without a host, and by a blank one, the domain itself is meant",
		Requirements: []string{"DC-ASYNC-HOST-LIST", trial.StatusCodes}, Templates: []string{"text"}, Where: trial.AtApex, Names: []string{"dcc-s1"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-HOST-LIST"
			bounded(t, t.Authorization("text").With("host", "dcc-s1"), "dcc-s1", "a.dcc-s1")
			t.ResetHost()
			absent := t.Granted(t.Authorization("text"))
			t.Writes(id, absent.Apply("text").With("text", "absent"), `@ 600 TXT "absent"`)
			t.Rejects(id, absent.Apply("text").With("text", "absent"), nil, "status 4xx: the host was not named",
				trial.Refusal("a host", absent.Apply("text").With("host", "dcc-s2")))
		}},
	{Key: "async-host-blank", Title: "a blank member of the hosts is the domain itself, or refused",
		Requirements: []string{"DC-ASYNC-HOST-LIST"}, Templates: []string{"text"}, Where: trial.AtApex, Names: []string{"dcc-s1"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-HOST-LIST"
			t.Wrote(t.Granted(t.Authorization("text").With("host", "dcc-s1")).Apply("text").With("host", "dcc-s1").With("text", "s1"), `dcc-s1 600 TXT "s1"`)
			r := t.Authorization("text").With("host", "dcc-s1,")
			e := t.Allow(r)
			if e.Code() == "" {
				t.Note("reading", "a blank member among the hosts is refused")
				t.Require(id, e.Refused() && t.World.Edition == "ietf-05", isTrue, about(e, "a code for the host and the domain itself"))
				return
			}
			t.Note("reading", "a blank member among the hosts is the domain itself")
			g := t.Granted(r)
			t.Accepts(id, g.Apply("text").With("text", "apex"))
			t.Writes(id, g.Apply("text").With("text", "s1").With("host", "dcc-s1"), `@ 600 TXT "apex"`, `dcc-s1 600 TXT "s1"`)
		}},
	{Key: "async-permutations", Title: "the user is told of every conflict that may come",
		Requirements: []string{"DC-ASYNC-CONFLICT-PERMUTATIONS"}, Templates: []string{"text", "address"}, Seeds: true, Names: []string{"s1", "s2"},
		Body: func(t *trial.Trial) {
			const old = "203.0.113.45"
			needsDetection(t)
			r := t.Authorization("text", "address").With("host", t.Hosts("s1", "s2")).With("text", "x").With("ip", "192.0.2.10")
			if calm := t.Twin(r); strings.Contains(said(calm), old) {
				t.Inconclusive("control-twin", "the page names an address that is not there: "+said(calm))
			}
			t.Seed("s2 600 A " + old)
			e := t.Twin(r)
			t.Require("DC-ASYNC-CONFLICT-PERMUTATIONS", said(e), gomega.ContainSubstring(old), check.About{Sent: "GET " + e.Link,
				Expected: []string{"the page names " + old + ", which the second template would replace at the second host"}, Actual: "the page says: " + said(e)})
		}},
	{Key: "async-consent-decoded", Title: "variables that come with the request are percent-decoded",
		Requirements: []string{"DC-ASYNC-CONSENT-DECODE"}, Templates: []string{"address-at"}, Seeds: true, Names: []string{"www"},
		Body: func(t *trial.Trial) {
			const old = "203.0.113.46"
			r := t.Authorization("address-at").With("label", "www").With("ip", "192.0.2.10")
			t.Seed("www 600 A " + old)
			if twin := t.Twin(r); !strings.Contains(said(twin), old) {
				t.NotApplicable("no-warning", "the user is not told of conflicts at a host that a variable names: "+said(twin))
			}
			e := t.Twin(r.Raw(func(query string) string {
				return strings.Replace(strings.Replace(query, "label=www", "l%61bel=%77ww", 1), "192.0.2.10", "192%2E0.2.10", 1)
			}))
			t.Require("DC-ASYNC-CONSENT-DECODE", said(e), gomega.ContainSubstring(old), check.About{Sent: "GET " + e.Link,
				Expected: []string{"the page names " + old + ", as it does without the escapes"}, Actual: "the page says: " + said(e)})
		}},
	{Key: "async-names", Title: "names that the request gives stand beside those of the template",
		Requirements: []string{"DC-ASYNC-NAMES-AUGMENT"}, Templates: []string{"shared-provider"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			const own, added = "Conformance Reseller Provider", "Quillfeather Resale"
			if twin := t.Twin(t.Authorization("shared-provider")); !strings.Contains(said(twin), own) || strings.Contains(said(twin), added) {
				t.Inconclusive("control-twin", "without a name in the request the page does not say "+own+": "+said(twin))
			}
			e := t.Twin(t.Authorization("shared-provider").With("providerName", added))
			t.Require("DC-ASYNC-NAMES-AUGMENT", strings.Contains(said(e), own) && strings.Contains(said(e), added), isTrue, check.About{Sent: "GET " + e.Link,
				Expected: []string{"both " + own + " and " + added}, Actual: "the page says: " + said(e)})
		}},
}

// only states that a permission can be used at some names below the case's own,
// and at no other.
func only(t *trial.Trial, g *trial.Grant, allowed, denied []string) {
	const id = "DC-ASYNC-HOST-LIST"
	var records []string
	at := func(name string) trial.Call {
		return g.Apply("text").With("host", t.Hosts(name)).With("text", "at "+name)
	}
	for _, name := range allowed[:len(allowed)-1] {
		records = append(records, name+fmt.Sprintf(` 600 TXT "at %s"`, name))
		t.Writes(id, at(name), records...)
	}
	last := allowed[len(allowed)-1]
	var attempts []trial.Attempt
	for _, name := range denied {
		attempts = append(attempts, trial.Refusal("host "+t.Hosts(name), at(name)))
	}
	attempts = append(attempts, trial.Refusal("the domain itself", at("").With("host", "")), trial.Refusal("no host", at("").Without("host")))
	t.Rejects(id, at(last), []string{last + fmt.Sprintf(` 600 TXT "at %s"`, last)}, "status 4xx: the host was not named", attempts...)
}

// bounded is the control of cases about which hosts a permission has: it can be
// used at the one that was named, and not at another, which has a case of its
// own.
func bounded(t *trial.Trial, r trial.Request, named, other string) {
	g := t.Granted(r)
	if reply := g.Apply("text").With("host", named).Send(); !reply.Good() {
		t.Inconclusive("control-twin", "a call that has to work did not: "+reply.Sent()+": "+reply.String())
	}
	if reply := g.Apply("text").With("host", other).Send(); reply.Good() {
		t.Inconclusive("control-twin", "a permission for "+named+" is good at "+other+", which has a case of its own: "+reply.String())
	}
}

// said is what the page that asks for permission says, on one line.
func said(e *trial.Ending) string {
	page, _ := e.Page()
	return strings.Join(strings.Fields(page.Title+" "+page.Text), " ")
}

// Section 6.3: how the user comes back.
var returning = []trial.Case{
	{Key: "async-code-in-query", Title: "the user comes back with the code in the query",
		Requirements: []string{"DC-ASYNC-CODE-REDIRECT"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-CODE-REDIRECT"
			r := t.Authorization("plain")
			t.Twin(r)
			e := t.Allow(r)
			hit, back := e.Back()
			codes := hit.Query()["code"]
			t.Require(id, back && len(codes) == 1 && codes[0] != "", isTrue, about(e, "the user comes back to the redirect URI with code= in its query, once"))
			before, _, _ := strings.Cut(hit.URL, "?")
			t.Require(id, before, gomega.Equal(r.Value("redirect_uri")), about(e, "the redirect URI as it was given, but for the query"))
		}},
	{Key: "async-state-returned", Title: "state comes back as it was sent, with a code and with an error",
		Requirements: []string{"DC-ASYNC-STATE-RETURNED"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-STATE-RETURNED"
			if e := t.Allow(t.Authorization("plain")); e.AnyCode() == "" {
				t.Registered(e)
				t.Inconclusive("control-twin", "a request for permission that has to work did not: "+e.String())
			}
			for _, state := range []string{"plain", "a b+c&d=e%41#f", "!\"$'()*,-./:;<=>?@[]^_`{|}~", strings.Repeat("long", 100)} {
				r := t.Authorization("plain").With("state", state)
				same := func(e *trial.Ending) {
					hit, _ := e.Back()
					t.Require(id, hit.Query()["state"], gomega.Equal([]string{state}), about(e, "the user comes back with state="+state+", percent-encoded, once"))
				}
				same(t.Allow(r))
				e := t.Cancel(r)
				if _, back := e.Back(); !back {
					t.Note("reading", "a user who cancels is not sent back")
					continue
				}
				same(e)
			}
			e := t.Allow(t.Authorization("plain").With("scope", "there-is-no-such-service").With("state", "of an error"))
			if hit, back := e.Back(); back {
				t.Require(id, hit.Query()["state"], gomega.Equal([]string{"of an error"}), about(e, "state=of%20an%20error"))
			}
		}},
	{Key: "async-cancel", Title: "a user who cancels comes back without a code, and with an error of OAuth if any",
		Requirements: []string{"DC-ASYNC-ERROR-REDIRECT"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-ERROR-REDIRECT"
			t.Coded(t.Authorization("plain"))
			e := t.Cancel(t.Authorization("plain"))
			if !e.Outcome.Pressed {
				t.Inconclusive("control-twin", "the user could not cancel: "+e.String())
			}
			t.Abuse(id, e.AnyCode() != "", about(e, "no code: the user has refused"))
			if code := e.ErrorCode(); code != "" {
				t.Abuse(id, !slices.Contains(errorCodes, code), about(e, "an error of RFC 6749, section 4.1.2.1: "+strings.Join(errorCodes, ", ")))
			}
		}},
}
