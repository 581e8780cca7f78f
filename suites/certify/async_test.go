package certify

import (
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/fixtures/profiles"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/profile"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/register"
)

// blockedText is a template that only the asynchronous flow can apply, with
// groups that add to each other.
const blockedText = `{"providerId":"cornel.example.net","providerName":"Cornel","serviceId":"agent","serviceName":"Agent","version":1,
	"syncPubKeyDomain":"cornel.example.net","syncBlock":true,"records":[
	{"type":"A","host":"www","pointsTo":"192.0.2.81","ttl":600,"groupId":"web"},
	{"type":"TXT","host":"agent","data":"token=%token%","ttl":600,"groupId":"proof"},
	{"type":"SPFM","host":"@","spfRules":"include:cornel.example.net","groupId":"mail"}]}`

func blockedSource() Source {
	s := []Source{{File: "agent.json", Data: []byte(blockedText)}}
	Name(s)
	return s[0]
}

// What goes wrong in the asynchronous flow must not be green: as in
// TestABrokenMockIsSeen, each row breaks one thing at one moment.
func TestABrokenAsynchronousFlowIsSeen(t *testing.T) {
	drop := func(h *store.Hooks) {
		h.Reverting = append(h.Reverting, func(s store.Snapshot, _ zone.Identity, _ *dc.Template, _ store.Revert) (store.Snapshot, error) {
			return s, nil
		})
	}
	for _, c := range []struct {
		name, scenario, when string
		breakIt              func(t *testing.T, f *flow)
		seenBy, says         string
	}{
		{"nothing", "async-apex", "", nil, "", ""},
		{"nothing below a host", "async-host", "", nil, "", ""},
		{"nothing in a lived-in zone", "async-hosting-zone", "", nil, "", ""},
		{"nothing, group by group", "group-orders", "", nil, "", ""},
		{"the settings do not offer it", "async-apex", "authorize", func(_ *testing.T, f *flow) { f.settings.URLAsyncUX = "" },
			"authorize", `urlAsyncUX is ""`},
		{"nobody knows the client", "async-apex", "authorize", func(t *testing.T, f *flow) {
			bend(t, f, func(c *store.TenantConfig) { c.Clients[0].ID = "another" })
		}, "authorize", "client_id names no client"},
		{"the redirect has no code", "async-apex", "authorize", func(t *testing.T, f *flow) {
			lead(t, f, func(to string) string { return strings.Replace(to, "code=", "cede=", 1) })
		}, "authorize", "the redirect has no code"},
		{"the state does not come back", "async-apex", "authorize", func(t *testing.T, f *flow) {
			lead(t, f, func(to string) string { return to[:strings.LastIndex(to, "&state=")] })
		}, "authorize", "state is "},
		{"the code is good for nothing", "async-apex", "token", func(_ *testing.T, f *flow) { f.party.code = "x" }, "token", "status 400"},
		{"no token in the reply", "async-apex", "token", func(t *testing.T, f *flow) {
			bend(t, f, func(c *store.TenantConfig) {
				c.Hooks.Tokens = append(c.Hooks.Tokens, func(reply map[string]any) { delete(reply, "access_token") })
			})
		}, "token", "missing access_token"},
		{"the token is refused", "async-apex", "apply-granted", func(_ *testing.T, f *flow) { f.party.access = "x" }, "apply-granted", "status 401"},
		{"a conflict is not seen", "async-hosting-zone", "apply-granted", func(t *testing.T, f *flow) {
			bend(t, f, func(c *store.TenantConfig) {
				c.Hooks.Plan = append(c.Hooks.Plan, func(_ *zone.Zone, _ []dc.Resolved, p *store.Planned, err error) error {
					p.Conflicts = nil
					return err
				})
			})
		}, "apply-granted", "status 200"},
		{"force is not heard", "async-hosting-zone", "apply-granted", func(t *testing.T, f *flow) {
			f.party.client.Recorder.Transport = unforced{f.party.client.Recorder.Transport}
		}, "apply-granted", "status 409"},
		{"a record is not written", "async-apex", "read-back", func(t *testing.T, f *flow) { change(t, f, without("192.0.2.81")) }, "read-back", ""},
		{"a record too many", "async-apex", "nothing-else", func(t *testing.T, f *flow) {
			change(t, f, func(l []string) []string { return append(l, "extra."+f.domain+". 300 IN A 192.0.2.9") })
		}, "nothing-else", "192.0.2.9"},
		{"reverting does nothing", "async-apex", "revert", func(t *testing.T, f *flow) { bend(t, f, func(c *store.TenantConfig) { drop(&c.Hooks) }) },
			"revert", "192.0.2.81"},
		{"reverting is not offered", "async-apex", "revert", func(t *testing.T, f *flow) {
			bend(t, f, func(c *store.TenantConfig) { c.Rules.Stateful = false })
		}, "revert", "status 501"},
		{"a second revert succeeds", "async-apex", "revert", func(t *testing.T, f *flow) {
			bend(t, f, func(c *store.TenantConfig) {
				c.Hooks.Reverting = append(c.Hooks.Reverting, func(s store.Snapshot, which zone.Identity, _ *dc.Template, next store.Revert) (store.Snapshot, error) {
					if len(s.Instances) == 0 {
						return s, nil
					}
					return next(s, which)
				})
			})
		}, "revert", "status 200"},
		{"a group is left out", "group-orders", "group-orders", func(t *testing.T, f *flow) {
			bend(t, f, func(c *store.TenantConfig) {
				c.Hooks.Records = append(c.Hooks.Records, func(_ *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
					if slices.Contains(ask.Groups, "proof") {
						return nil, err
					}
					return records, err
				})
			})
		}, "group-orders", "token="},
		{"a group takes away another that came before it", "group-orders", "group-orders", func(t *testing.T, f *flow) {
			bend(t, f, func(c *store.TenantConfig) { c.Hooks.Written = append(c.Hooks.Written, proofGoesWithWeb) })
		}, "group-orders", "the groups proof, web, mail one after another"},
		{"a group is refused", "group-orders", "group-orders", func(_ *testing.T, f *flow) { f.party.access = "x" }, "group-orders", "status 401"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := start(t, Options{Seed: 1})
			sc, f := flowOf(t, w, blockedSource(), c.scenario)
			results := play(t, sc, func(key string) {
				if key == c.when {
					c.breakIt(t, f)
				}
			})
			if r := results[c.seenBy]; c.seenBy != "" && (r.Outcome != reports.HarnessError || !strings.Contains(told(t, r), c.says)) {
				t.Errorf("%s is %s (%s), and should say %q", c.seenBy, r.Outcome, r.Message, c.says)
			}
			for key, r := range results {
				if c.seenBy == "" && r.Outcome != reports.Pass {
					t.Errorf("%s is %s although nothing is broken: %s", key, r.Outcome, r.Message)
				}
			}
			if denied := w.Denied(); len(denied) > 0 {
				t.Errorf("something asked for addresses outside: %q", denied)
			}
		})
	}
}

// proofGoesWithWeb takes the proof away from a zone that has it already as soon
// as the address is written: nothing is amiss in the orders in which that comes
// first, such as that of the template.
func proofGoesWithWeb(z *zone.Zone, change zone.Change) zone.Change {
	if slices.ContainsFunc(change.Add, func(r zone.Record) bool { return r.Data == "192.0.2.81" }) {
		for r := range z.Records() {
			if strings.HasPrefix(r.Data, `"token=`) {
				change.Remove = append(slices.Clone(change.Remove), r)
			}
		}
	}
	return change
}

// A provider that has the asynchronous flow and does not take templates back
// is asked once, and has to say so with 501. No known one is like that, so
// that it is made up of one that is.
func TestAProviderWithoutRevert(t *testing.T) {
	text, err := os.ReadFile("../../fixtures/profiles/ietf-05.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const because = "keeper does not take a template back on request: its users have to remove the records themselves"
	for _, c := range []struct {
		name, state string
		lies        bool
		outcome     reports.Outcome
		reason      string
		says        string
	}{
		{"keeps state", "true", false, reports.NotApplicable, "no-revert", because},
		{"keeps none", "false", false, reports.NotApplicable, "no-revert", because},
		{"does all the same", "true", true, reports.HarnessError, "control-failed", "status 200"},
	} {
		t.Run(c.name, func(t *testing.T) {
			edited := strings.NewReplacer("revert: null", "revert: {is: false, source: draft}", "state: null", "state: {is: "+c.state+", source: draft}").Replace(string(text))
			p, err := profiles.Parse("keeper", []byte(edited))
			if err != nil {
				t.Fatal(err)
			}
			w := start(t, Options{Seed: 1})
			sc, f := flowOf(t, w, blockedSource(), "async-apex")
			results := play(t, sc, func(key string) {
				if key != "authorize" {
					return
				}
				b := profile.Of(p, profile.Options{})
				f.behaviour, f.o.Profile = &b, "keeper"
				if !c.lies {
					bend(t, f, b.Set)
				}
			})
			for key, r := range results {
				if key != "revert" && r.Outcome != reports.Pass {
					t.Errorf("%s is %s: %s", key, r.Outcome, r.Message)
				}
			}
			if r := results["revert"]; r.Outcome != c.outcome || r.Reason != c.reason || !strings.Contains(told(t, r), c.says) {
				t.Errorf("revert is %s (%s), want %s (%s) with %q:\n%s", r.Outcome, r.Reason, c.outcome, c.reason, c.says, told(t, r))
			}
		})
	}
}

// bend changes the flow's tenant where it stands.
func bend(t *testing.T, f *flow, edit func(*store.TenantConfig)) {
	t.Helper()
	if err := f.tenant.Reconfigure(edit); err != nil {
		t.Fatal(err)
	}
}

// lead changes where the user is sent.
func lead(t *testing.T, f *flow, to func(string) string) {
	t.Helper()
	bend(t, f, func(c *store.TenantConfig) {
		c.Hooks.Location = append(c.Hooks.Location, func(location string, _ store.Redirect, _ bool) string { return to(location) })
	})
}

// unforced takes force out of every request.
type unforced struct{ next http.RoundTripper }

func (u unforced) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "force=1", "force=0", 1)
	return u.next.RoundTrip(r)
}

// Templates that have the synchronous flow are spared the other, unless it was
// asked for.
func TestWhoGoesTheAsynchronousWay(t *testing.T) {
	names := func(s Source, o Options) (list []string) {
		for _, sc := range Scenarios(o, []Source{s}, nil) {
			if strings.HasPrefix(sc.Name, "async-") || sc.Name == "group-orders" {
				list = append(list, sc.Name)
			}
		}
		return list
	}
	all := []string{"async-apex", "async-host", "async-hosting-zone", "async-mail-zone", "async-delegated-zone"}
	for _, c := range []struct {
		name  string
		s     Source
		async bool
		want  []string
	}{
		{"syncBlock", blockedSource(), false, append(slices.Clone(all), "group-orders")},
		{"without", source(t, "alder"), false, nil},
		{"on request", source(t, "alder"), true, all},
		{"groups", source(t, "tamarind"), false, []string{"group-orders"}},
	} {
		if got := names(c.s, Options{Edition: register.IETF05, Seed: 1, Async: c.async}); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestOrders(t *testing.T) {
	for _, c := range []struct{ groups, of, want string }{
		{"a b", "2", "a b|b a"},
		{"a b c", "6", "a b c|a c b|b a c|b c a|c a b|c b a"},
		{"a b c d", "4!", "a b c d|d c b a|b c d a|c d a b|d a b c"},
		{"a b c d e f", "6!", "a b c d e f|f e d c b a|b c d e f a|c d e f a b|d e f a b c|e f a b c d"},
	} {
		tried, of := orders(strings.Fields(c.groups))
		var got []string
		for _, order := range tried {
			got = append(got, strings.Join(order, " "))
		}
		if strings.Join(got, "|") != c.want || of != c.of {
			t.Errorf("%s: %q of %s", c.groups, got, of)
		}
	}
}

// A provider without the asynchronous flow is not asked for it, and one that
// does not take templates back is seen to say so.
func TestAsyncByProfile(t *testing.T) {
	for _, c := range []struct {
		profile, key string
		outcome      reports.Outcome
		reason       string
	}{
		{"powerdns-admin", "authorize", reports.NotApplicable, "no-async-flow"},
		{"godaddy", "revert", reports.Pass, ""},
	} {
		w := start(t, Options{Seed: 1, Profile: c.profile, Async: true})
		sc, _ := flowOf(t, w, source(t, "alder"), "async-host")
		if r := play(t, sc, func(string) {})[c.key]; r.Outcome != c.outcome || r.Reason != c.reason {
			t.Errorf("%s: %s is %s, %s: %s", c.profile, c.key, r.Outcome, r.Reason, r.Message)
		}
	}
}

// told is all that a result says, as text.
func told(t *testing.T, r reports.Result) string {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), `\"`, `"`)
}

// Groups that add up are not said to be in each other's way, and the bound is
// told.
func TestOrdersAreTold(t *testing.T) {
	w := start(t, Options{Seed: 1})
	sc, _ := flowOf(t, w, blockedSource(), "group-orders")
	r := play(t, sc, func(string) {})["group-orders"]
	if len(r.Notes) != 1 || r.Notes[0].Text != "the 3 groups were applied one by one in 6 of 6 orders" {
		t.Errorf("%+v", r.Notes)
	}
}
