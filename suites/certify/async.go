package certify

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/oauthclient"
	"github.com/dcconform/dcconform/suites/observe"
	"github.com/dcconform/dcconform/suites/target"
)

// redirectHost is where users come back to with a code. It is registered, and
// no template has a say in it.
const redirectHost = "oauth.dcconform.example"

// party is the service provider in the asynchronous flow (async-00): a client
// that the mock's authorization server knows, and what has become of it.
type party struct {
	client       oauthclient.Client
	code, access string
	// applied are the templates in the zone, as the reference remembers them.
	applied []zone.Instance
}

// register makes the tenant one that knows the client and keeps template
// state, without which nothing can be taken back.
func (p *party) register(f *flow, config *store.TenantConfig) {
	p.client = oauthclient.Client{ID: "client-" + invented(f.o.Seed, "client"), Secret: ClientSecret(f.o.Seed),
		RedirectURI: f.w.callback.URL(redirectHost, f.token),
		Recorder:    &target.Recorder{Transport: f.w.transport, Redactor: f.w.redactor}}
	config.Rules.Stateful = true
	config.Clients = []oauth.Client{{ID: p.client.ID, Secret: oauth.Hash(p.client.Secret),
		Redirects: []string{p.client.RedirectURI}, Providers: []string{f.t.ProviderID}}}
}

// ClientSecret is that of the OAuth client, made from the seed, so that the
// parent process can keep it out of every file.
func ClientSecret(seed uint64) string { return "secret-" + invented(seed, "client-secret") }

// asynchronous are the flows of a template by the asynchronous flow: those of
// one that has no other, or of every one on request, and the order of groups,
// which is tried by it because it asks the user once for all of them.
func asynchronous(o Options, s Source, t *dc.Template, w *World, first *flow) []*check.Scenario {
	var all []*check.Scenario
	of := func(p placement) *flow {
		return &flow{w: w, o: o, t: t, key: s.Key, place: p, first: first, party: &party{}}
	}
	if t.SyncBlock || o.Async {
		for _, p := range placements(t, o, s.Key) {
			if p.brief && p.zone == "" {
				continue
			}
			p.name = "async-" + p.name
			f := of(p)
			f.inBrowser = len(all) == 0 && o.Consent == ConsentBrowser
			all = append(all, f.byGrant(s))
		}
	}
	if len(t.Groups()) > 1 {
		p := placement{name: "group-orders", host: first.place.host}
		all = append(all, of(p).byGroup(s))
	}
	return all
}

// permitted are the checks that end with an access token.
func (f *flow) permitted() []check.Check {
	return []check.Check{
		{Key: "authorize", Title: "the user is asked, and comes back with a code", Subject: reports.SubjectTemplate,
			Requirements: union([]string{"DC-ASYNC-URL-ADVERTISED", "DC-ASYNC-AUTHZ-ENDPOINT", "DC-ASYNC-CODE-REDIRECT", "DC-ASYNC-STATE-RETURNED"}, variableRequirements),
			Reference:    true, Body: f.authorize},
		{Key: "token", Title: "the code is good for an access token", Subject: reports.SubjectHarness,
			Requirements: []string{"DC-ASYNC-TOKEN-ENDPOINT", "DC-ASYNC-TOKEN-RESPONSE"}, Needs: []string{"authorize"}, Body: f.redeem},
	}
}

// byGrant lists the checks of one placement in the asynchronous flow.
func (f *flow) byGrant(s Source) *check.Scenario {
	checks := append(f.permitted(),
		check.Check{Key: "apply-granted", Title: "the template is applied with the token, and over conflicts only by force", Subject: reports.SubjectTemplate,
			Requirements: union([]string{"DC-ASYNC-APPLY-ENDPOINT", "DC-ASYNC-CONFLICT-ERROR", "DC-ASYNC-FORCE"}, applyRequirements),
			Needs:        []string{"token"}, Reference: true, Body: f.applyGranted},
		check.Check{Key: "read-back", Title: "every record of the template is in DNS", Subject: reports.SubjectTemplate,
			Requirements: []string{"DC-APPLY-ALL-WRITTEN"}, Needs: []string{"apply-granted"}, Reference: true, Body: f.readBack},
		check.Check{Key: "nothing-else", Title: "nothing else in the zone has changed", Subject: reports.SubjectTemplate,
			Requirements: []string{"DC-CONFLICT-NOTHING-ELSE-REMOVED"}, Needs: []string{"apply-granted"}, Reference: true, Body: f.nothingElse},
		check.Check{Key: "revert", Title: "the template can be taken back, and the zone is as before", Subject: reports.SubjectTemplate,
			Requirements: []string{"DC-REVERT-ACTIVE-RECORDS", "DC-REVERT-ENDPOINT", "DC-REVERT-NOT-APPLIED-410", "DC-REVERT-OPTIONAL-501"},
			Needs:        []string{"nothing-else"}, Reference: true, Body: f.revert})
	return &check.Scenario{Name: f.place.name, Template: f.key, File: s.File,
		Setup: f.setupBriefly, Teardown: f.teardown, World: f, Checks: checks}
}

// authorize sends the user to the authorization end-point and has him agree
// (async-00 section 6.3).
func (f *flow) authorize(c *check.Case) {
	if resolve.Supported(f.t, f.o.rules()) != nil {
		c.Blocked(f.key + "/" + f.first.place.name + "/template-query")
	}
	offered := f.behaviour == nil || f.behaviour.Asynchronous()
	c.Control("DC-ASYNC-URL-ADVERTISED", f.settings.URLAsyncUX != "", gomega.Equal(offered), check.About{Sent: "the settings of " + f.domain,
		Expected: []string{fmt.Sprintf("a urlAsyncUX: %v", offered)}, Actual: fmt.Sprintf("urlAsyncUX is %q", f.settings.URLAsyncUX)})
	if !offered {
		c.NotApplicable("no-async-flow", f.o.Profile+" does not have the asynchronous flow")
	}
	f.variables(c)
	f.party.client.URLAsyncUX, f.party.client.URLAPI = f.settings.URLAsyncUX, f.settings.URLAPI
	state := "st-" + invented(f.o.Seed, "state", f.key, f.place.name) + " +&=%41#"
	f.link = client.Link{URL: f.authorizationLink(state)}
	c.Record("link", "authorization link", []byte(f.link.URL+"\n"))
	f.outcome = f.drive(c, true)
	f.noteSent(c)
	sent := "GET " + f.link.URL
	c.Control("DC-ASYNC-AUTHZ-ENDPOINT", f.outcome.Pressed && f.outcome.Returned, isTrue, check.About{Sent: sent,
		Expected: []string{"a page that asks the user, and a redirect once he agrees"}, Actual: lastText(f.outcome)})
	ctx, cancel := context.WithTimeout(c.Context(), observe.DefaultCeiling)
	defer cancel()
	hit, err := f.w.callback.Wait(ctx, f.token)
	c.Interrupted(err)
	c.Broken(err)
	code := hit.Query().Get("code")
	c.Control("DC-ASYNC-CODE-REDIRECT", code, gomega.Not(gomega.BeEmpty()), check.About{Sent: sent,
		Expected: []string{"a code in the redirect"}, Actual: "the redirect has no code"})
	if !f.dropsState() {
		c.Control("DC-ASYNC-STATE-RETURNED", hit.Query().Get("state"), gomega.Equal(state), check.About{Sent: sent,
			Expected: []string{"state=" + client.Encode(state)}, Actual: "state is " + client.Encode(hit.Query().Get("state"))})
	}
	f.party.code = code
}

// authorizationLink asks for the template at the flow's host, with the values
// that will be used, so that the user is told of conflicts.
func (f *flow) authorizationLink(state string) string {
	params := []client.Param{{Name: "client_id", Value: f.party.client.ID}, {Name: "redirect_uri", Value: f.party.client.RedirectURI},
		{Name: "response_type", Value: "code"}, {Name: "scope", Value: f.t.ServiceID}, {Name: "state", Value: state}}
	var pairs []string
	for _, p := range append(params, f.parameters(f.place.groups)...) {
		pairs = append(pairs, client.Encode(p.Name)+"="+client.Encode(p.Value))
	}
	return f.party.client.Authorization(f.t.ProviderID) + "?" + strings.Join(pairs, "&")
}

// parameters say where the template is applied, which groups of it, and with
// what values.
func (f *flow) parameters(groups []string) []client.Param {
	params := []client.Param{{Name: "domain", Value: f.domain}, {Name: "host", Value: f.place.host}}
	if groups != nil {
		params = append(params, client.Param{Name: "groupId", Value: strings.Join(groups, ",")})
	}
	for _, name := range slices.Sorted(maps.Keys(f.values)) {
		params = append(params, client.Param{Name: name, Value: f.values[name]})
	}
	return params
}

// redeem turns the code into a token, by a client library in wide use.
func (f *flow) redeem(c *check.Case) {
	answer := f.party.client.Exchange(c.Context(), f.party.code, oauthclient.InJSON)
	c.Interrupted(answer.Err)
	recordExchange(c, "token request", answer.Exchange)
	c.Broken(answer.Err)
	sent := "POST " + f.party.client.TokenEndpoint()
	c.Control("DC-ASYNC-TOKEN-ENDPOINT", answer.Status(), gomega.Equal(200), check.About{Sent: sent,
		Expected: []string{"status 200"}, Actual: fmt.Sprintf("status %d", answer.Status())})
	c.Control("DC-ASYNC-TOKEN-RESPONSE", answer.Refused, gomega.BeNil(), check.About{Sent: sent,
		Expected: []string{"a reply in which golang.org/x/oauth2 finds a token"}, Actual: text(answer.Refused)})
	f.party.access = answer.Token.AccessToken
}
