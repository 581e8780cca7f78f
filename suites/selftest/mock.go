// Package selftest runs the provider suite against the mock with and without
// its faults, so that every case is seen to fail for what it is there to catch.
package selftest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/fixtures/keys"
	"github.com/dcconform/dcconform/mockprovider"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/fault"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/target"
	"github.com/dcconform/dcconform/suites/trial"
)

// World is the world of one tenant of the mock.
type World = trial.World

// Bench is a mock provider and the means to reach it, made once and used for
// one world after another.
type Bench struct {
	provider *mockprovider.Provider
	callback *client.Callback
	dialer   *target.Dialer
	recorder *target.Recorder
	form     *consent.Form
	key      *client.SigningKey
	keys     *client.KeyServer
	// asked is where tenants look keys up.
	asked atomic.Pointer[client.KeyServer]
	// revoke takes permissions back at the tenant that Stranger has made last.
	revoke    atomic.Pointer[func(context.Context, string) error]
	templates []fixtures.Conformance
	register  *register.Register
	// ahead is how far the mock's clock is before the real one, in nanoseconds.
	ahead atomic.Int64
}

// Options say which world is wanted.
type Options struct {
	Edition register.Edition
	// Kind is what the mock is beside.
	Kind Kind
	// Faults are names of misbehaviours that the mock has; none is correct.
	Faults []string
	// Below puts every end-point below a path, as many providers have them,
	// and is the tenant's name; "" is the root.
	Below string
	// Prepare changes the mock beyond its faults, and Describe what target.yaml
	// says of it; nil changes nothing.
	Prepare  func(*store.TenantConfig)
	Describe func(*target.Config)
}

// NewBench starts the mock. The caller ends it with Close.
func NewBench(ctx context.Context) (*Bench, error) {
	b := &Bench{provider: &mockprovider.Provider{ForwardListen: "127.0.0.1:0", TSIG: map[string]string{updateKey: updateSecret}}}
	b.provider.Clock = func() time.Time { return time.Now().Add(time.Duration(b.ahead.Load())) }
	if err := b.start(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *Bench) start(ctx context.Context) error {
	var err error
	if b.register, err = register.Load(); err != nil {
		return err
	}
	if b.templates, err = fixtures.ConformanceTemplates(); err != nil {
		return err
	}
	key, err := keys.Signing()
	if err != nil {
		return err
	}
	b.key = &client.SigningKey{Private: key.Private, Label: "_dck1"}
	if b.keys, err = client.NewKeyServer(ctx, "127.0.0.1:0", fixtures.DefaultIdentity.KeyDomain); err != nil {
		return err
	}
	if err := b.keys.PublishKey(ctx, b.key.Label+"."+fixtures.DefaultIdentity.KeyDomain, key.TXT); err != nil {
		return err
	}
	if b.callback, err = client.NewCallback(nil); err != nil {
		return err
	}
	if err := b.provider.Start(ctx); err != nil {
		return err
	}
	authority := strings.TrimPrefix(b.provider.URL(), "https://")
	b.dialer = &target.Dialer{Allow: []string{b.provider.DNSAddr(), authority}, Fallback: b.callback.Addr(),
		// Redirected names are at port 80 of their address, but not the mock's.
		Hosts: map[string]string{"127.0.0.1:80": b.provider.ForwardAddr()}}
	b.dialer.Dial = b.dial
	roots := b.callback.CAs()
	roots.AddCert(b.provider.CA())
	transport := target.NewTransport(b.dialer, roots)
	b.recorder = &target.Recorder{Transport: transport}
	b.form = &consent.Form{Transport: transport}
	return nil
}

// dial opens connections. Questions over UDP, of which a selftest asks millions,
// go to the mock's name server without a socket.
func (b *Bench) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if network == "udp" && addr == b.provider.DNSAddr() {
		return b.provider.DialDNS(), nil
	}
	return (&net.Dialer{Timeout: target.DialCeiling}).DialContext(ctx, network, addr)
}

// Close ends the mock.
func (b *Bench) Close() error {
	var errs []error
	if b.callback != nil {
		errs = append(errs, b.callback.Close())
	}
	if b.keys != nil {
		errs = append(errs, b.keys.Close())
	}
	return errors.Join(append(errs, b.provider.Close())...)
}

// The users of a world.
const (
	userName, userPassword   = "tester", "correct horse 7"
	otherName, otherPassword = "somebody", "battery staple 8"
)

// config is the target as a target.yaml would describe it.
func (b *Bench) config(edition register.Edition) *target.Config {
	id := fixtures.DefaultIdentity
	return &target.Config{
		Name: "mock", Edition: edition, File: "the mock",
		Domains: []target.Domain{
			{Name: "target.test", Apex: true},
			{Name: "child.target.test", Role: "child"},
			{Name: "xn--bcher-kva.test", Role: "idn"},
			{Name: "foreign.test", Role: "foreign", Account: otherName},
			{Name: "brand.test", Role: "brand"},
			{Name: "absent.test", Role: "absent"},
		},
		DNS: target.DNS{Servers: []string{b.provider.DNSAddr()}, AXFR: true},
		Accounts: []target.Account{
			{User: userName, Password: target.NewSecret(userPassword)},
			{User: otherName, Password: target.NewSecret(otherPassword)},
		},
		Templates: target.Templates{ProviderID: id.ProviderID, KeyDomain: id.KeyDomain, RedirectDomain: id.RedirectDomain},
		Claims: map[register.Need]bool{
			register.NeedStateless: true, register.NeedStateful: false, register.NeedAsync: false, register.NeedRevert: false,
			register.NeedSPFM: true, register.NeedNS: true, register.NeedGenericTypes: true, register.NeedNumericVariables: true,
			register.NeedSharedNames: true, register.NeedExtTypes: true, register.NeedOnboarding: true,
			target.ClaimAPEXCNAME: true, target.ClaimCAA: true, target.ClaimSRV: true,
			target.ClaimControlPanel: true, target.ClaimNameServers: true, target.ClaimWindowSize: true,
		},
		Hosts: target.Hosts{Prefix: "dcc", Limit: 5000},
	}
}

// described is the target of a world.
func (b *Bench) described(o Options) *target.Config {
	c := b.config(o.Edition)
	o.Kind.claim(c)
	return c
}

// World makes a tenant of its own and what the cases need to judge it. close
// takes it down; worlds of one bench follow one another.
func (b *Bench) World(o Options) (w *trial.World, closeWorld func(), err error) {
	c, err := b.tenantConfig(o)
	if err != nil {
		return nil, nil, err
	}
	tenant, err := b.provider.NewTenant(c)
	if err != nil {
		return nil, nil, err
	}
	b.asked.Store(b.keys)
	// Equal requests at every fault, so that each is signed once.
	b.callback.RepeatTokens("selftest")
	described := b.described(o)
	if o.Describe != nil {
		o.Describe(described)
	}
	w = &trial.World{
		Target: described, Edition: o.Edition, Register: b.register,
		Client: &client.Client{DNS: b.provider.DNSAddr(), Dialer: b.dialer, Transport: b.recorder.Transport},
		HTTP:   b.recorder, Driver: b.form, Form: b.form, Session: &consent.Session{}, Callback: b.callback,
		Zones: b.nameServers(), Dialer: b.dialer, Seeder: seeder{tenant, o.Kind == Stateful}, Keys: b.keys,
		Revoke: revoker(tenant), Pass: b.pass, Key: b.key, Fresh: true, Templates: map[string]fixtures.Conformance{},
	}
	for _, t := range b.templates {
		w.Templates[t.Service] = t
	}
	return w, func() { b.provider.RemoveTenant(tenant) }, nil
}

// pass has the mock's clock go on, so that nothing that expires is waited for.
func (b *Bench) pass(ctx context.Context, d time.Duration) error {
	b.ahead.Add(int64(d))
	return ctx.Err()
}

func (b *Bench) tenantConfig(o Options) (store.TenantConfig, error) {
	c := store.TenantConfig{
		Name: o.Below, ProviderDisplayName: "Mock Provider", Keys: b.lookUp, Terse: true,
		Users: []store.User{{Name: userName, Password: userPassword}, {Name: otherName, Password: otherPassword}},
	}
	c.Hooks.Settings = append(c.Hooks.Settings, extras)
	c.Hooks.Template = append(c.Hooks.Template, retire)
	var err error
	if c.Rules.Edition, err = dc.ParseEdition(string(o.Edition)); err != nil {
		return c, err
	}
	for _, d := range b.config(o.Edition).Domains {
		if d.Role == "absent" {
			continue
		}
		owner := userName
		if d.Account != "" {
			owner = d.Account
		}
		z, err := zone.Parse(d.Name, strings.NewReader("bystander 300 A 203.0.113.77\nbystander 300 TXT \"not yours\"\n"), d.Name)
		if err != nil {
			return c, err
		}
		c.Zones = append(c.Zones, store.Hosted{Zone: z, Owner: owner})
	}
	for _, t := range b.templates {
		parsed, err := dc.Parse(t.Service, t.Render(fixtures.DefaultIdentity))
		if err != nil {
			if t.Odd {
				continue // the mock refuses to onboard it
			}
			return c, fmt.Errorf("conformance template %s: %w", t.Service, err)
		}
		c.Templates = append(c.Templates, parsed)
	}
	o.Kind.set(&c)
	if err := fault.Apply(&c, o.Faults...); err != nil {
		return c, err
	}
	if o.Prepare != nil {
		o.Prepare(&c)
	}
	return c, nil
}

// extras has the settings carry one of everything that they may, so that the
// cases about it have something to judge.
func extras(domain string, doc map[string]any) {
	doc["urlControlPanel"] = "https://panel.dcconform.example/zones/%domain%?from=%domain%"
	doc["width"], doc["height"] = 800, 600
	doc["crit"] = []string{"nameServers"}
	doc["vnd.dcconform.contact"] = map[string]any{"mail": "dns@dcconform.example"}
	if domain == "brand.test" {
		doc["providerDisplayName"] = "Another Brand"
	}
}

// retire switches the template off that is there to be switched off.
func retire(t *dc.Template) *dc.Template {
	if t != nil && t.ServiceID == "retired" {
		return nil
	}
	return t
}
