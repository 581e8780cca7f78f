package async

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/oauthclient"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/target"
	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 6.5 and 6.6: a template is applied with a token.
var applying = []trial.Case{
	{Key: "async-apply", Title: "a template is applied by a POST with a token",
		Requirements: []string{"DC-ASYNC-APPLY-ENDPOINT"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			g := t.Granted(t.Authorization("plain"))
			r := t.Writes("DC-ASYNC-APPLY-ENDPOINT", g.Apply("plain"), plain("")...)
			t.Note("reading", fmt.Sprintf("an apply call that is carried out is answered with status %d", r.Status))
		}},
	{Key: "async-apply-places", Title: "the parameters of an apply call stand in the query or in a JSON body",
		Requirements: []string{"DC-ASYNC-APPLY-PARAM-PLACES"}, Templates: []string{"three-texts"}, Names: []string{"body", "mixed"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-APPLY-PARAM-PLACES"
			g := t.Granted(t.Authorization("three-texts").With("host", t.Hosts("", "body", "mixed")))
			works(t, g.Apply("three-texts").Below("mixed"))
			call := g.Apply("three-texts").With("one", "a%2Bb").With("two", "x y").With("three", "c+d")
			of := func(dot string) []string {
				return []string{"one" + dot + ` 600 TXT "a%2Bb"`, "two" + dot + ` 600 TXT "x y"`, "three" + dot + ` 600 TXT "c+d"`}
			}
			wholly := func(c trial.Call, dot string) {
				r := t.Accepts(id, c)
				for _, record := range of(dot) {
					t.Includes(id, check.About{Sent: r.Sent()}, record)
				}
			}
			wholly(call.In(oauthclient.InQuery), "")
			// A value in JSON is not percent-encoded, and not decoded either.
			wholly(call.Below("body").In(oauthclient.InJSON), ".body")
			// Names in the query are decoded as well.
			mixed := call.Below("mixed").Without("two").Raw("tw%6F=x%20%79")
			t.Includes(id, check.About{Sent: mixed.Send().Sent()}, of(".mixed")[1])
		}},
	{Key: "async-apply-unreferenced", Title: "parameters that the template does not use are ignored",
		Requirements: []string{"DC-ASYNC-APPLY-IGNORE-UNREFERENCED"}, Templates: []string{"plain"}, Names: []string{"body", "note.body"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-APPLY-IGNORE-UNREFERENCED"
			g := t.Granted(t.Authorization("plain").With("host", t.Hosts("", "body", "once", "again")))
			works(t, g.Apply("plain").Below("once"))
			more := g.Apply("plain").With("foo", "bar").With("vnd.example.x", "1")
			t.Writes(id, more.With("ip", "192.0.2.7"), "@ 600 A 192.0.2.7", `note 600 TXT "v=plain"`)
			if r := g.Apply("plain").Below("again").In(oauthclient.InJSON).Send(); !r.Good() {
				t.Note("reading", "a JSON body is not taken, which has a case of its own")
				return
			}
			t.Writes(id, more.Below("body").In(oauthclient.InJSON), append(plain("body"), "@ 600 A 192.0.2.7", `note 600 TXT "v=plain"`)...)
		}},
	{Key: "async-variables-later", Title: "variables may come with the apply call alone, and are those of the call",
		Requirements: []string{"DC-ASYNC-APPLY-ENDPOINT"}, Templates: []string{"plain"}, Names: []string{"twin", "note.twin"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-APPLY-ENDPOINT"
			g := t.Granted(t.Authorization("plain").With("host", t.Hosts("", "twin")).With("text", "at consent"))
			t.Writes(id, g.Apply("plain").With("text", "now"), "@ 600 A 192.0.2.1", `note 600 TXT "v=now"`)
			t.Writes(id, g.Apply("plain").Below("twin").With("text", "later"), "@ 600 A 192.0.2.1", `note 600 TXT "v=now"`, "twin 600 A 192.0.2.1", `note.twin 600 TXT "v=later"`)
		}},
	{Key: "async-at-once", Title: "calls that come at the same time are each carried out whole, or not at all",
		Requirements: []string{"DC-ASYNC-APPLY-ENDPOINT"}, Templates: []string{"plain"}, Body: atOnce},
	{Key: "async-locks", Title: "what bars a template from links does not bar it from calls",
		Requirements: []string{"DC-ASYNC-SYNC-LOCKS-NOT-APPLIED"}, Templates: []string{"sync-block", "signed", "text"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-SYNC-LOCKS-NOT-APPLIED"
			if t.Settings().URLSyncUX != "" {
				for what, link := range map[string]trial.Request{"with a template that has syncBlock": t.Request("sync-block"),
					"without a signature, with a template that has syncPubKeyDomain": t.Request("signed").Unsigned()} {
					if e := t.Look(link); e.Asked() {
						t.Inconclusive("control-twin", "a link "+what+", is not refused, which has a case of its own: "+e.String())
					}
				}
			}
			works(t, t.Granted(t.Authorization("text").With("host", t.Hosts("signed"))).Apply("text").Below("signed"))
			t.Writes(id, t.Granted(t.Authorization("sync-block")).Apply("sync-block"), "@ 600 A 192.0.2.68", `note 600 TXT "v=sync-block"`)
			unsigned(t, id)
		}},
	{Key: "async-instance-and-names", Title: "a call may name its instance, and the names of a shared template",
		Requirements: []string{"DC-ASYNC-INSTANCE-AND-NAMES"}, Templates: []string{"state-flags", "shared-provider"}, Names: []string{"shared", "note.shared"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-INSTANCE-AND-NAMES"
			g := t.Granted(t.Authorization("state-flags", "shared-provider").With("host", t.Hosts("", "shared")))
			shared := []string{"shared 600 A 192.0.2.64", `note.shared 600 TXT "v=shared-provider"`}
			t.Wrote(g.Apply("shared-provider").Below("shared"), shared...)
			for _, call := range []trial.Call{g.Apply("state-flags").With("instanceId", "i1"), g.Apply("state-flags").Without("instanceId").With("ip", "192.0.2.51"),
				g.Apply("shared-provider").Below("shared").With("providerName", "Quillfeather Resale")} {
				r := call.With("force", "1").Send()
				t.Abuse(id, !r.Good(), check.About{Sent: r.Sent(), Expected: []string{"a status of 2xx"}, Actual: r.String()})
			}
			want := append(shared, "@ 600 A 192.0.2.51", `once 600 TXT "set up"`)
			t.Settle(want...)
			missing := t.Missing(want...)
			t.Abuse(id, len(missing) > 0, check.About{Sent: "calls with instanceId, without, and with providerName", Expected: t.Records(want...),
				Actual: "missing: " + strings.Join(missing, ", ")})
		}},
	{Key: "async-status", Title: "a call with a mistake in it is answered with status 400, or another 4xx where it is not malformed",
		Requirements: []string{"DC-ASYNC-STATUS-CODES"}, Templates: []string{"plain"}, Names: []string{"twin", "note.twin"},
		Body: func(t *trial.Trial) {
			g := t.Allowed("plain")
			call := g.Apply("plain")
			malformed := func(what string, c trial.Call) trial.Attempt {
				return trial.Attempt{What: what, Send: c.Send, Good: func(r trial.Reply) bool { return r.Status == 400 }}
			}
			wrong := func(what string, c trial.Call) trial.Attempt {
				return trial.Attempt{What: what + ", by any status of 4xx", Send: c.Send, Good: func(r trial.Reply) bool { return r.Status >= 400 && r.Status < 500 }}
			}
			attempts := []trial.Attempt{
				malformed("a variable missing", call.Without("text")),
				malformed("a variable missing from a JSON body", call.Without("ip").In(oauthclient.InJSON)),
				malformed("a body that is no JSON", call.In(oauthclient.InJSON).Broken()),
				wrong("a variable that is no address", call.With("ip", "300.1.1.1")),
			}
			if t.World.Edition != register.DCSpec23 {
				// That a group which nothing carries is an error is new.
				attempts = append(attempts, wrong("a group of no template", call.With("groupId", "a b")))
			}
			t.Rejects("DC-ASYNC-STATUS-CODES", call.Below("twin"), plain("twin"), "status 400", attempts...)
		}},
}

// elsewhere is a call at another domain, which has to be refused.
func elsewhere(t *trial.Trial, what string, c trial.Call, d target.Domain) trial.Attempt {
	t.Watch(t.Host()+"."+d.Name+".", "note."+t.Host()+"."+d.Name+".")
	return trial.Refusal(what, c.With("domain", d.Name))
}

// allowedThere is the control of calls at another domain: a permission for it is
// good there. Where nothing can be applied at all, a refusal tells nothing.
func allowedThere(t *trial.Trial, d target.Domain, ask func(trial.Request) *trial.Grant) {
	g := ask(t.Authorization("plain").With("domain", d.Name).With("host", t.Hosts("", "first")))
	works(t, g.Apply("plain").Below("first").With("domain", d.Name))
}

// works is a call that has to be carried out before others can be judged. It is
// made at a name of its own: a call that is made again may find its own records
// in its way, by the older text (dcspec-2.3 knows no rule for equal records).
func works(t *trial.Trial, c trial.Call) {
	if r := c.Send(); !r.Good() {
		t.Inconclusive("control-twin", "a call that has to work did not: "+r.Sent()+": "+r.String())
	}
}

// Sections 6.5 and 6.6: what a token is good for.
var bounds = []trial.Case{
	{Key: "async-token-validated", Title: "a call without a good token is answered with status 401",
		Requirements: []string{"DC-ASYNC-TOKEN-VALIDATED"}, Templates: []string{"plain"}, Names: []string{"twin", "note.twin"},
		Body: func(t *trial.Trial) {
			g := t.Allowed("plain")
			call := g.Apply("plain")
			attempts := []trial.Attempt{
				t.Unauthorized("no token", call.As("")),
				t.Unauthorized("a token that nobody gave", call.As("no-such-token-at-all")),
				t.Unauthorized("a token with a letter more", call.As(g.Access+"x")),
				t.Unauthorized("a token without its last letter", call.As(g.Access[:len(g.Access)-1])),
			}
			if g.Refresh != "" && g.Refresh != g.Access {
				attempts = append(attempts, t.Unauthorized("a refresh token", call.As(g.Refresh)))
			}
			t.Rejects("DC-ASYNC-TOKEN-VALIDATED", call.Below("twin"), plain("twin"), "status 401", attempts...)
		}},
	{Key: "async-token-expires", Title: "a token is good for as long as was said, and no longer",
		Requirements: []string{"DC-ASYNC-TOKEN-VALIDATED"}, Templates: []string{"plain"}, Names: []string{"twin", "note.twin"},
		Body: func(t *trial.Trial) {
			brief := t.BriefServiceProvider()
			old := t.GrantedTo(brief, t.AuthorizationFor(brief, "plain").With("host", t.Hosts("", "once", "again")))
			works(t, old.Apply("plain").Below("once"))
			t.Expire(old, func() bool { return old.Apply("plain").Below("again").Send().Good() })
			g := t.Allowed("plain")
			t.Rejects("DC-ASYNC-TOKEN-VALIDATED", g.Apply("plain").Below("twin"), plain("twin"), "status 401",
				t.Unauthorized("a token that has expired", old.Apply("plain")))
		}},
	{Key: "async-bearer", Title: "a token counts in the Authorization field, and not in the query",
		Requirements: []string{"DC-ASYNC-BEARER-HEADER"}, Templates: []string{"plain"}, Names: []string{"twin", "note.twin"},
		Body: func(t *trial.Trial) {
			g := t.Granted(t.Authorization("plain").With("host", t.Hosts("", "once", "first", "twin")))
			call := g.Apply("plain")
			works(t, call.Below("once"))
			if r := call.As("").Send(); r.Good() {
				t.Inconclusive("control-twin", "a call without any token is carried out, which has a case of its own: "+r.String())
			}
			t.Rejects("DC-ASYNC-BEARER-HEADER", call.Below("twin"), plain("twin"), "status 401",
				t.Unauthorized("access_token in the query", call.As("").With("access_token", g.Access)),
				t.Unauthorized("access_token in a JSON body", call.As("").With("access_token", g.Access).In(oauthclient.InJSON)))
		}},
	{Key: "async-bound-domain", Title: "a token is for one domain, and for no other of its user",
		Requirements: []string{"DC-ASYNC-TOKEN-BOUND-DOMAIN", trial.StatusCodes}, Templates: []string{"plain"}, Names: []string{"twin", "note.twin"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-TOKEN-BOUND-DOMAIN"
			g := t.Allowed("plain")
			call := g.Apply("plain")
			var attempts []trial.Attempt
			var domains []target.Domain
			for _, role := range []string{"idn", "child"} {
				if d, ok := t.Has(role); ok && t.Owns(d) {
					attempts, domains = append(attempts, elsewhere(t, "a domain of the role "+role, call, d)), append(domains, d)
				}
			}
			if len(attempts) == 0 {
				t.Lacking("no-other-domain", "the target names no second domain of the run's user: give one of the role idn or child")
			}
			t.Rejects(id, call.Below("twin"), plain("twin"), "status 4xx: the domain was not the one of the permission", attempts...)
			for _, d := range domains {
				allowedThere(t, d, t.Granted)
			}
			t.Writes(id, call.With("domain", strings.ToUpper(t.Domain())), append(plain("twin"), plain("")...)...)
		}},
	{Key: "async-bound-foreign", Title: "a token is for no domain of another user",
		Requirements: []string{"DC-ASYNC-TOKEN-BOUND-DOMAIN", trial.StatusCodes}, Templates: []string{"plain"}, Names: []string{"twin", "note.twin"},
		Body: func(t *trial.Trial) {
			other := t.Other("foreign")
			g := t.Allowed("plain")
			t.Rejects("DC-ASYNC-TOKEN-BOUND-DOMAIN", g.Apply("plain").Below("twin"), plain("twin"), "status 4xx: the domain is another user's",
				elsewhere(t, "a domain of the role foreign", g.Apply("plain"), other))
			owner := t.Owner(other)
			allowedThere(t, other, func(r trial.Request) *trial.Grant { return t.GrantedBy(owner, r) })
		}},
	{Key: "async-domain-missing", Title: "a call without a domain is for that of its token, or an error",
		Requirements: []string{trial.StatusCodes}, Templates: []string{"plain"}, Names: []string{"first", "note.first"},
		Body: func(t *trial.Trial) {
			g := t.Allowed("plain")
			t.Wrote(g.Apply("plain").Below("first"), plain("first")...)
			r := g.Apply("plain").Without("domain").Send()
			if !r.Good() {
				t.Note("reading", "a call without a domain is refused")
				t.Require(trial.StatusCodes, r.Status >= 400 && r.Status < 500, isTrue, check.About{Sent: r.Sent(),
					Expected: []string{"a status of 4xx", "a status of 2xx: the domain is that of the token"}, Actual: r.String()})
				return
			}
			t.Note("reading", "a call without a domain is for that of its token")
			t.Holds(trial.StatusCodes, check.About{Sent: r.Sent() + ", which was answered with success"}, append(plain("first"), plain("")...)...)
		}},
	{Key: "async-bound-user", Title: "a token is for what its own user has allowed, and for nothing that another has",
		Requirements: []string{"DC-ASYNC-TOKEN-BOUND-DOMAIN", trial.StatusCodes}, Templates: []string{"plain"}, Names: []string{"twin", "note.twin"},
		Body: func(t *trial.Trial) {
			other := t.Other("foreign")
			owner := t.Owner(other)
			t.Watch(t.Host()+"."+other.Name+".", "note."+t.Host()+"."+other.Name+".")
			g := t.Allowed("plain")
			// The same client, template and hosts: the domain and its user are all
			// that tells the two permissions apart.
			theirs := t.GrantedBy(owner, t.Authorization("plain").With("domain", other.Name).With("host", t.Hosts("", "first", "twin")))
			t.Rejects("DC-ASYNC-TOKEN-BOUND-DOMAIN", g.Apply("plain").Below("twin"), plain("twin"), "status 4xx: the user of the token has not allowed this",
				trial.Refusal("a domain that another user has allowed", g.Apply("plain").With("domain", other.Name)),
				trial.Refusal("the token of another user", theirs.Apply("plain")))
			works(t, theirs.Apply("plain").Below("first").With("domain", other.Name))
		}},
	{Key: "async-bound-host", Title: "a token is for the hosts that the user has seen",
		Requirements: []string{"DC-ASYNC-TOKEN-BOUND-HOST", trial.StatusCodes}, Templates: []string{"text"}, Names: []string{"s2", "a", "twin"},
		Body: func(t *trial.Trial) {
			g := t.Allowed("text")
			call := g.Apply("text")
			t.Rejects("DC-ASYNC-TOKEN-BOUND-HOST", call.Below("twin"), []string{`twin 600 TXT "plain"`}, "status 4xx: the host was not named",
				trial.Refusal("another host", call.Below("s2")),
				trial.Refusal("a name below the host", call.Below("a")),
				trial.Refusal("both hosts at once", call.With("host", t.Hosts("", "twin"))))
		}},
	{Key: "async-bound-template", Title: "a token is for the templates that the user has seen",
		Requirements: []string{"DC-ASYNC-TOKEN-BOUND-TEMPLATE", trial.StatusCodes}, Templates: []string{"text", "address"}, Names: []string{"twin"},
		Body: func(t *trial.Trial) {
			g := t.Allowed("text")
			provider := t.World.Target.Templates.ProviderID
			t.Rejects("DC-ASYNC-TOKEN-BOUND-TEMPLATE", g.Apply("text").Below("twin"), []string{`twin 600 TXT "plain"`}, "status 4xx: the template was not allowed",
				trial.Refusal("another template", g.Apply("address")),
				trial.Refusal("a template that is not known", g.Apply("text").Of(provider, "there-is-no-such-service")),
				trial.Refusal("another provider", g.Apply("text").Of("other.dcconform.example", "text")))
		}},
	{Key: "async-revoked", Title: "a permission that the user takes back is good for nothing",
		Requirements: []string{"DC-ASYNC-REVOKED", tokenStatus}, Templates: []string{"text"}, Names: []string{"twin"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-REVOKED"
			if t.World.Revoke == nil {
				t.Lacking("no-revoke", "the run has no means to take a permission back: give hooks.revoke in target.yaml")
			}
			g := t.Allowed("text")
			t.Wrote(g.Apply("text"), `@ 600 TXT "plain"`)
			t.Broken(t.World.Revoke(t.Context(), t.User().User))
			attempts := []trial.Attempt{t.Unauthorized("the access token", g.Apply("text").With("text", "again"))}
			var renewed trial.Reply
			if g.Refresh != "" {
				attempts = append(attempts, trial.Attempt{What: "the refresh token", Good: func(r trial.Reply) bool { return !yields(r) }, Send: func() trial.Reply {
					renewed = refresh(t.TokenRequest(g.Client, ""), g.Refresh).Send()
					return renewed
				}})
			}
			anew := t.Allowed("text")
			t.Rejects(id, anew.Apply("text").Below("twin"), []string{`twin 600 TXT "plain"`}, "status 401, and no new token for a refresh token", attempts...)
			if g.Refresh != "" {
				atFault(t, renewed)
			}
		}},
}

// unsigned asks for a template with syncPubKeyDomain. async-00 leaves open
// whether it may be had without a signature, which this flow has no place for,
// and so whether the page or the call says no.
func unsigned(t *trial.Trial, id string) {
	open := t.World.Edition == register.IETF05
	ask := t.Authorization("signed").With("host", t.Hosts("signed"))
	if e := t.Look(ask); !e.Asked() {
		t.Note("reading", "nobody is asked to allow a template with syncPubKeyDomain without a signature")
		t.Require(id, open, isTrue, check.About{Sent: "GET " + e.Link, Expected: []string{"the user is asked: the flow has no signatures"}, Actual: e.String()})
		return
	}
	r := t.Granted(ask).Apply("signed").Below("signed").Send()
	if r.Good() {
		t.Note("reading", "a template with syncPubKeyDomain is applied without a signature")
		return
	}
	t.Note("reading", "a template with syncPubKeyDomain is not applied without a signature")
	t.Require(id, open && r.Status >= 400 && r.Status < 500, isTrue, check.About{Sent: r.Sent(),
		Expected: []string{"a status of 2xx: the flow has no signatures"}, Actual: r.String()})
}

// Section 6.6: what is in the way at the time of the call.
var conflicts = []trial.Case{
	{Key: "async-conflict", Title: "what has come in the way since the user was asked is an error",
		Requirements: []string{"DC-ASYNC-CONFLICT-ERROR"}, Templates: []string{"plain"}, Seeds: true, Names: []string{"twin", "note.twin"},
		Body: func(t *trial.Trial) {
			if !detects(t) {
				deniedConflict(t)
				return
			}
			g := t.Allowed("plain")
			t.Seed("@ 600 A 203.0.113.50")
			conflict := func(what string, c trial.Call) trial.Attempt {
				return trial.Attempt{What: what, Send: c.Send, Good: func(r trial.Reply) bool { return r.Status == 409 }}
			}
			t.Rejects("DC-ASYNC-CONFLICT-ERROR", g.Apply("plain").Below("twin"), plain("twin"), "status 409",
				conflict("without force", g.Apply("plain")))
		}},
	{Key: "async-conflict-body", Title: "the error names the records that are in the way",
		Requirements: []string{"DC-ASYNC-CONFLICT-BODY", "DC-ASYNC-CONFLICT-BODY-FORM"}, Templates: []string{"plain"}, Seeds: true,
		Body: conflictBody},
	{Key: "async-own-records", Title: "a template is not in its own way",
		Requirements: []string{"DC-STATE-REAPPLY-NO-SELF-CONFLICT"}, Templates: []string{"plain"}, Needs: flow, Seeds: true, Names: []string{"twin", "note.twin"},
		Body: func(t *trial.Trial) {
			const id = "DC-STATE-REAPPLY-NO-SELF-CONFLICT"
			g := t.Allowed("plain")
			if detects(t) {
				t.Seed("twin 600 A 203.0.113.51")
				if r := g.Apply("plain").Below("twin").Send(); r.Status != 409 {
					t.Inconclusive("control-twin", "an address of another origin is no conflict: "+r.String())
				}
			}
			t.Wrote(g.Apply("plain"), plain("")...)
			t.Accepts(id, g.Apply("plain").With("ip", "192.0.2.2"), "what is there is the template's own")
		}},
}

func conflictBody(t *trial.Trial) {
	const listed, form = "DC-ASYNC-CONFLICT-BODY", "DC-ASYNC-CONFLICT-BODY-FORM"
	needsDetection(t)
	g := t.Granted(t.Authorization("plain"))
	t.Seed("@ 600 A 203.0.113.52")
	r := g.Apply("plain").Send()
	if r.Status != 409 {
		t.Inconclusive("control-twin", "a conflict is not answered with status 409, which has a case of its own: "+r.String())
	}
	about := check.About{Sent: r.Sent(), Expected: []string{"code, message, and records with type, host and data"}, Actual: r.String()}
	t.Require(listed, string(r.Body), gomega.ContainSubstring("203.0.113.52"), about)
	if len(strings.TrimSpace(string(r.Body))) == 0 {
		return
	}
	object, err := trial.ParseObject(r.Body)
	t.Require(form, err, gomega.BeNil(), about)
	message, _ := object.Text("message")
	t.Require(form, message, gomega.Not(gomega.BeEmpty()), about)
	t.Require(form, object.All("code"), gomega.HaveLen(1), about)
	t.Require(form, strings.Trim(string(object.All("code")[0]), `"`), gomega.Equal("409"), about)
	t.Require(form, object.All("records"), gomega.HaveLen(1), about)
	items, ok := trial.Items(object.All("records")[0])
	t.Require(form, ok && len(items) > 0, isTrue, about)
	found := false
	for _, item := range items {
		record, err := trial.ParseObject(item)
		t.Require(form, err, gomega.BeNil(), about)
		kind, one := record.Text("type")
		host, two := record.Text("host")
		data, three := record.Text("data")
		t.Require(form, one && two && three, isTrue, about)
		name := strings.TrimSuffix(strings.ToLower(host), ".")
		found = found || kind == "A" && data == "203.0.113.52" && (name == t.Host() || name == strings.ToLower(t.Root()))
	}
	about.Expected = []string{"the record that is in the way: type A, host " + t.Host() + ", data 203.0.113.52"}
	t.Require(listed, found, isTrue, about)
}

// Section 6.6: force.
var forced = []trial.Case{
	{Key: "async-force", Title: "with force=1 the template is applied, and what was in the way goes",
		Requirements: []string{"DC-ASYNC-FORCE", "DC-ASYNC-FORCE-NO-409"}, Templates: []string{"plain"}, Seeds: true, Names: []string{"twin", "note.twin"},
		Body: func(t *trial.Trial) {
			if !detects(t) {
				deniedForce(t)
				return
			}
			g := t.Allowed("plain")
			t.Seed("@ 600 A 203.0.113.53", "twin 600 A 203.0.113.54")
			if r := g.Apply("plain").Below("twin").With("force", "0").Send(); r.Status != 409 {
				t.Inconclusive("control-twin", "with force=0 the conflict is no error, which has a case of its own: "+r.String())
			}
			r := g.Apply("plain").With("force", "1").Send()
			about := check.About{Sent: r.Sent(), Expected: []string{"a status of 2xx"}, Actual: r.String()}
			t.Require("DC-ASYNC-FORCE-NO-409", r.Status, gomega.Not(gomega.Equal(409)), about)
			t.Require("DC-ASYNC-FORCE", r.Good(), isTrue, about)
			t.Holds("DC-ASYNC-FORCE", check.About{Sent: r.Sent()}, append(plain(""), "twin 600 A 203.0.113.54")...)
		}},
	{Key: "async-force-values", Title: "force is 1 or it is not",
		Requirements: []string{"DC-ASYNC-FORCE-VALUES"}, Templates: []string{"plain"}, Seeds: true, Names: []string{"twin", "note.twin"},
		Body: func(t *trial.Trial) {
			needsDetection(t)
			g := t.Allowed("plain")
			t.Seed("@ 600 A 203.0.113.55")
			if r := g.Apply("plain").Send(); r.Status != 409 {
				t.Inconclusive("control-twin", "a conflict is not answered with status 409, which has a case of its own: "+r.String())
			}
			bad := func(value string) trial.Attempt {
				return trial.Attempt{What: "force=" + value, Send: g.Apply("plain").With("force", value).Send,
					Good: func(r trial.Reply) bool { return r.Status >= 400 }}
			}
			t.Rejects("DC-ASYNC-FORCE-VALUES", g.Apply("plain").Below("twin"), plain("twin"), "status 409, or 400 where the value is none",
				bad("0"), bad("2"), bad(""), bad("false"), bad("01"))
			// By the same call force is seen to matter.
			t.Wrote(g.Apply("plain").With("force", "1"), append(plain(""), plain("twin")...)...)
		}},
}
