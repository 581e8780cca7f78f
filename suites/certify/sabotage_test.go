package certify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/register"
)

// source finds an embedded template by the beginning of its name.
func source(t *testing.T, prefix string) Source {
	t.Helper()
	files, err := fixtures.Templates()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasPrefix(f.Name, prefix) {
			s := []Source{{File: f.Name, Data: f.Data}}
			Name(s)
			return s[0]
		}
	}
	t.Fatalf("no embedded template begins with %s", prefix)
	return Source{}
}

func start(t *testing.T, o Options) *World {
	t.Helper()
	if o.Edition == "" {
		o.Edition = register.IETF05
	}
	if o.Consent == "" {
		o.Consent = ConsentForm
	}
	w, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("closing the world: %v", err)
		}
	})
	return w
}

// play runs a scenario's checks in order, as package run does, and returns
// the results by key. before is called ahead of each check.
func play(t *testing.T, sc *check.Scenario, before func(key string)) map[string]reports.Result {
	t.Helper()
	reg, err := register.Load()
	if err != nil {
		t.Fatal(err)
	}
	results := map[string]reports.Result{}
	planned := sc.Planned(register.IETF05, reg)
	for i := range sc.Checks {
		planned[i].Exemplar = true
		c := check.New(t.Context(), planned[i], register.IETF05, reg, nil)
		var broke error
		func() {
			defer func() {
				switch v := recover().(type) {
				case nil, check.Stop:
				default:
					broke = fmt.Errorf("panic: %v", v)
				}
			}()
			if i == 0 && sc.Setup != nil {
				if err := sc.Setup(c); err != nil {
					t.Fatal(err)
				}
			}
			before(sc.Checks[i].Key)
			sc.Checks[i].Body(c)
		}()
		results[sc.Checks[i].Key] = c.Close(broke)
	}
	if sc.Teardown != nil {
		sc.Teardown()
	}
	return results
}

// flowOf is the named scenario of a source, with its flow.
func flowOf(t *testing.T, w *World, s Source, name string) (*check.Scenario, *flow) {
	t.Helper()
	for _, sc := range w.Scenarios([]Source{s}) {
		if sc.Name == name {
			return sc, sc.World.(*flow)
		}
	}
	t.Fatalf("no scenario %s", name)
	return nil, nil
}

// change edits the flow's zone behind everybody's back.
func change(t *testing.T, f *flow, edit func(lines []string) []string) {
	t.Helper()
	_, err := f.tenant.Update(f.domain, func(z *zone.Zone) (*zone.Zone, error) {
		var lines []string
		for r := range z.Records() {
			lines = append(lines, r.String())
		}
		return zone.Parse(f.domain, strings.NewReader(strings.Join(edit(lines), "\n")), "sabotaged")
	})
	if err != nil {
		t.Fatal(err)
	}
}

func without(part string) func([]string) []string {
	return func(lines []string) []string {
		var kept []string
		for _, l := range lines {
			if !strings.Contains(l, part) {
				kept = append(kept, l)
			}
		}
		return kept
	}
}

// What goes wrong at the mock must not be green. Each row breaks one thing at
// one moment and names the case that has to see it; the first row is the
// control that breaks nothing.
func TestABrokenMockIsSeen(t *testing.T) {
	for _, c := range []struct {
		name, template, when string
		breakIt              func(*testing.T, *flow)
		seenBy               string
		outcome              reports.Outcome
	}{
		{"nothing", "alder", "", nil, "", ""},
		{"a record is not written", "alder", "read-back", func(t *testing.T, f *flow) { change(t, f, without("www."+f.domain)) }, "read-back", reports.HarnessError},
		{"a record has another TTL", "alder", "read-back", func(t *testing.T, f *flow) {
			change(t, f, func(l []string) []string {
				for i := range l {
					l[i] = strings.Replace(l[i], " 600 IN A ", " 601 IN A ", 1)
				}
				return l
			})
		}, "read-back", reports.HarnessError},
		{"a neighbour is lost", "alder", "read-back", func(t *testing.T, f *flow) { change(t, f, without("not yours")) }, "nothing-else", reports.HarnessError},
		{"a record too many", "alder", "read-back", func(t *testing.T, f *flow) {
			change(t, f, func(l []string) []string { return append(l, "extra."+f.domain+". 300 IN A 192.0.2.9") })
		}, "nothing-else", reports.HarnessError},
		{"the domain is not discovered", "alder", "discovery", func(t *testing.T, f *flow) { change(t, f, without("_domainconnect")) }, "discovery", reports.HarnessError},
		{"the discovery record is no prefix", "alder", "discovery", func(t *testing.T, f *flow) {
			change(t, f, func(l []string) []string {
				for i := range l {
					l[i] = strings.Replace(l[i], `"127.`, `"https://127.`, 1)
				}
				return l
			})
		}, "discovery", reports.HarnessError},
		{"the key is not published", "alder", "apply", func(t *testing.T, f *flow) {
			if err := f.w.provider.PublishKey(f.w.key.Label+"."+f.t.SyncPubKeyDomain, nil); err != nil {
				t.Fatal(err)
			}
		}, "apply", reports.HarnessError},
		{"the template is not supported", "alder", "template-query", func(t *testing.T, f *flow) { replaceTenant(t, f, func(c *store.TenantConfig) { c.Templates = nil }) },
			"template-query", reports.HarnessError},
		{"the signature is not asked for", "alder", "attack-unsigned", func(t *testing.T, f *flow) {
			open := *f.t
			open.SyncPubKeyDomain = ""
			replaceTenant(t, f, func(c *store.TenantConfig) { c.Templates[0] = &open })
		}, "attack-unsigned", reports.HarnessError},
		{"a foreign redirect is followed", "willow", "attack-foreign-redirect", func(t *testing.T, f *flow) {
			replaceTenant(t, f, func(c *store.TenantConfig) { c.Faults.OpenRedirect = true })
		}, "attack-foreign-redirect", reports.HarnessError},
		{"a changed link is taken", "alder", "attack-tampered", func(t *testing.T, f *flow) {
			open := *f.t
			open.SyncPubKeyDomain = ""
			replaceTenant(t, f, func(c *store.TenantConfig) { c.Templates[0] = &open })
		}, "attack-tampered", reports.HarnessError},
		{"cancelling writes all the same", "alder", "cancel", func(t *testing.T, f *flow) {
			change(t, f, func(l []string) []string { return append(l, "www."+f.domain+". 300 IN A 192.0.2.9") })
		}, "cancel", reports.HarnessError},
		{"the state is spoilt on a cancel", "alder", "cancel", func(t *testing.T, f *flow) {
			replaceTenant(t, f, func(c *store.TenantConfig) { c.Faults.RawState = true })
		}, "cancel", reports.HarnessError},
		{"a cancel ends in another error", "alder", "cancel", func(t *testing.T, f *flow) {
			if err := f.w.provider.PublishKey(f.w.key.Label+"."+f.t.SyncPubKeyDomain, nil); err != nil {
				t.Fatal(err)
			}
		}, "cancel", reports.HarnessError},
		{"the user may not change the zone", "alder", "apply", func(t *testing.T, f *flow) {
			replaceTenant(t, f, func(c *store.TenantConfig) { c.Zones[0].Owner = "somebody" })
		},
			"apply", reports.HarnessError},
		{"the user comes back to another place", "alder", "apply", func(t *testing.T, f *flow) {
			other := *f.t
			other.SyncPubKeyDomain, other.SyncRedirectDomain = "", "elsewhere.example"
			replaceTenant(t, f, func(c *store.TenantConfig) { c.Templates[0] = &other })
		}, "return", reports.Fail},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := start(t, Options{Seed: 1})
			sc, f := flowOf(t, w, source(t, c.template), "apex")
			results := play(t, sc, func(key string) {
				if key == c.when {
					c.breakIt(t, f)
				}
			})
			if _, said := results[c.seenBy]; c.seenBy != "" && !said {
				t.Fatalf("the flow has no case %s", c.seenBy)
			}
			for key, r := range results {
				switch {
				case key == c.seenBy && r.Outcome != c.outcome:
					t.Errorf("%s is %s (%s), want %s", key, r.Outcome, r.Message, c.outcome)
				case c.seenBy == "" && r.Outcome != reports.Pass && r.Reason != "no-room":
					t.Errorf("%s is %s although nothing is broken: %s", key, r.Outcome, r.Message)
				}
			}
			if denied := w.Denied(); len(denied) > 0 {
				t.Errorf("something asked for addresses outside: %q", denied)
			}
		})
	}
}

// replaceTenant makes the flow's tenant anew with another configuration.
func replaceTenant(t *testing.T, f *flow, edit func(*store.TenantConfig)) {
	t.Helper()
	c := f.tenant.Config()
	f.w.provider.RemoveTenant(f.tenant)
	edit(&c)
	var err error
	if f.tenant, err = f.w.provider.NewTenant(c); err != nil {
		t.Fatal(err)
	}
}

// Nothing leaves the machine, and the test would notice.
func TestNothingLeavesTheMachine(t *testing.T) {
	w := start(t, Options{Seed: 1})
	for _, s := range []string{"alder", "dogwood", "willow"} {
		for _, sc := range w.Scenarios([]Source{source(t, s)}) {
			for key, r := range play(t, sc, func(string) {}) {
				if r.Outcome == reports.HarnessError || r.Outcome == reports.Fail {
					t.Errorf("%s %s: %s", s, key, r.Message)
				}
			}
		}
	}
	if denied, outside := w.Denied(), w.dialer.Outside(); len(denied)+len(outside) > 0 || w.dialer.Dials() == 0 {
		t.Errorf("denied %q, outside %q, dials %d", denied, outside, w.dialer.Dials())
	}
	// The counter counts: an address outside is denied and remembered.
	conn, err := w.dialer.DialContext(context.Background(), "tcp", "192.0.2.1:443")
	if err == nil {
		conn.Close()
	}
	if err == nil || len(w.Denied()) != 1 || errors.Is(err, context.Canceled) {
		t.Errorf("an address outside: %v, denied %q", err, w.Denied())
	}
}
