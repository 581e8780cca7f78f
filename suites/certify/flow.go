package certify

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/profile"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/observe"
	"github.com/dcconform/dcconform/suites/target"
	"github.com/dcconform/dcconform/suites/values"
)

// flow is one template on its way from discovery to verification, on a zone
// and with a user of its own.
type flow struct {
	w         *World
	o         Options
	t         *dc.Template
	key       string
	place     placement
	inBrowser bool
	// first is the template's first flow, nil in itself. What it found wrong
	// with the template itself is not found again in every other.
	first *flow

	domain string
	tenant *store.Tenant
	// party is the service provider as the mock's authorization server knows it;
	// nil in the synchronous flow.
	party *party
	// behaviour is how the mock differs from the specification; nil is not.
	behaviour *profile.Behaviour
	before    *zone.Zone
	values    values.Set
	settings  client.Settings
	request   client.ApplyRequest
	token     string
	link      client.Link
	want      expectation
	outcome   *consent.Outcome
	// applied is set when the provider took the confirmation.
	applied bool
	// impossible is why there are no values, refusedAttacks how many attacks
	// were refused.
	impossible string
	// unsupported is set when no provider could support the template, keyErr
	// why its key cannot be published.
	unsupported    bool
	keyErr         error
	refusedAttacks int
}

// setupBriefly is setup for a flow whose way to the provider has been judged
// elsewhere: it goes there without looking right and left.
func (f *flow) setupBriefly(c *check.Case) error {
	if err := f.setup(c); err != nil {
		return err
	}
	sp := f.w.serviceProvider()
	found, err := sp.Discover(c.Context(), f.domain)
	if err != nil {
		return err
	}
	if f.settings, _, err = sp.Settings(c.Context(), found.Prefixes[0], f.domain); err != nil {
		return err
	}
	return nil
}

// setup makes the tenant, its zone and the published key. What the reference
// starts from is the zone as made here, never what the mock says of it.
func (f *flow) setup(*check.Case) error {
	f.domain = domainOf(f.o.Seed, f.key, f.place.name)
	f.token = f.w.callback.NewToken()
	name := strings.TrimSuffix(f.domain, ".test")
	var err error
	if f.before, err = seededZone(f.place.zone, f.domain, f.w.authority()+"/t/"+name); err != nil {
		return err
	}
	if f.t.SyncPubKeyDomain != "" {
		// A domain that no key can be published in is the template's fault, and
		// has a case of its own.
		f.keyErr = f.w.publishKey(f.t.SyncPubKeyDomain)
	}
	config := store.TenantConfig{
		Name: name, Discovery: store.NoDiscovery, ProviderDisplayName: "Mock Provider",
		Users:     []store.User{{Name: userName, Password: Password(f.o.Seed)}},
		Zones:     []store.Hosted{{Zone: f.before, Owner: userName}},
		Templates: []*dc.Template{f.t}, Rules: f.o.rules(),
	}
	if f.behaviour, err = f.o.behaviour(f.t); err != nil {
		return err
	}
	if f.party != nil {
		f.party.register(f, &config)
	}
	if f.behaviour != nil {
		f.behaviour.Set(&config)
	}
	f.tenant, err = f.w.provider.NewTenant(config)
	return err
}

func (f *flow) teardown() {
	if f.tenant != nil {
		f.w.provider.RemoveTenant(f.tenant)
	}
	if f.token != "" {
		f.w.callback.Forget(f.token)
	}
}

// fqdn is the root of the applied scope without trailing dot.
func (f *flow) fqdn() string {
	if f.place.host == "" {
		return f.domain
	}
	return f.place.host + "." + f.domain
}

func (f *flow) resolveRequest() resolve.Request { return request(f.place, f.domain, f.values) }

// applyRequest is what the service provider asks for; token tells its
// redirects from those of other requests.
func (f *flow) applyRequest(token string) client.ApplyRequest {
	r := client.ApplyRequest{
		URLSyncUX:  f.settings.URLSyncUX,
		ProviderID: f.t.ProviderID, ServiceID: f.t.ServiceID,
		Domain: f.domain, Host: f.place.host, Groups: f.place.groups, Variables: f.values,
	}
	if host := firstRedirectHost(f.t); host != "" {
		r.RedirectURI = f.w.callback.URL(host, token) + "?from=dcconform"
		// Everything that a redirect could get wrong about a state.
		r.State = "st-" + invented(f.o.Seed, "state", f.key, f.place.name) + " +&=%41#"
	}
	if f.t.SyncPubKeyDomain != "" {
		r.Key = f.w.key
	}
	r.Options.SigLast = f.behaviour != nil && f.behaviour.SigLast()
	return r
}

// firstRedirectHost is the first member of syncRedirectDomain that a redirect
// can go to; "" when there is none.
func firstRedirectHost(t *dc.Template) string {
	for _, member := range strings.Split(t.SyncRedirectDomain, ",") {
		if member = strings.TrimSpace(member); isHostName(member) {
			return member
		}
	}
	return ""
}

// isHostName reports whether a browser could be sent to the name.
func isHostName(name string) bool {
	_, ok := dns.IsDomainName(name)
	return ok && name != "" && !strings.ContainsAny(name, "*:/@?#%\\ _")
}

func (f *flow) user() target.Credentials {
	return target.Credentials{User: userName, Password: Password(f.o.Seed)}
}

// lines are a zone's records as a name server shows them, without the SOA,
// whose serial is the provider's affair, and without the types that DNS does
// not know.
func lines(z *zone.Zone) ([]string, error) {
	var list []string
	for r := range z.Records() {
		if r.Type == "SOA" || isPseudo(r.Type) {
			continue
		}
		seen, err := observe.Parse(r.String())
		if err != nil {
			return nil, fmt.Errorf("the reference's record %q: %w", r, err)
		}
		list = append(list, seen.String())
	}
	return list, nil
}

func isPseudo(rrtype string) bool {
	switch rrtype {
	case dc.TypeAPEXCNAME, dc.TypeREDIR301, dc.TypeREDIR302:
		return true
	}
	return false
}

// transferred is the zone as the name server hands it over, without the SOA.
func (f *flow) transferred(c *check.Case) []string {
	records, err := f.w.nameServer().Transfer(c.Context(), f.domain)
	if err != nil {
		c.Interrupted(err)
		c.Broken(fmt.Errorf("zone transfer of %s: %w", f.domain, err))
	}
	var list []string
	for _, r := range records {
		if r.Type != "SOA" {
			list = append(list, r.String())
		}
	}
	c.Record("zone", "zone "+f.domain+" as transferred", []byte(strings.Join(list, "\n")+"\n"))
	return list
}
