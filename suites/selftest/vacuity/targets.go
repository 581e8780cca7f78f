package vacuity

import (
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/selftest"
	"github.com/dcconform/dcconform/suites/target"
)

// Targets are the providers that are none, sorted by what they get wrong.
func Targets() []Target {
	return slices.Concat(plain(), kept())
}

// plain are targets without the asynchronous flow.
func plain() []Target {
	return []Target{
		{Name: "refuses-everything", Sentence: "Every request is answered with 403.",
			Want: reports.NonConformant, Because: "The settings of domains that it says it serves are refused.",
			misses: []string{"DC-SET-JSON-OBJECT"}, vain: flows, prepare: web("", refuse)},
		{Name: "refuses-to-apply", Sentence: "Settings and template queries are answered well, and every apply request with an error page.",
			Want: reports.NonConformant, Because: "Requests that have to be asked about are not; that bad ones are not either counts for nothing.",
			misses: []string{"DC-REQ-ENDPOINT", "DC-SET-URLSYNC-MEANS-SUPPORT", "DC-APPLY-ALL-WRITTEN"}, vain: flows, prepare: web(applies, refuseWell)},
		{Name: "accepts-everything", Sentence: "Every apply request is asked about and applied, however bad.",
			Want: reports.NonConformant, Because: "Bad signatures, foreign zones and broken parameters are asked about.",
			misses: []string{"DC-SIG-REQUIRED", "DC-SIG-TAMPER-VALUE", "DC-KEY-NO-RECORD-REJECTS", "DC-CONS-ZONE-OWNERSHIP", "DC-REDIR-OPEN-REDIRECT",
				"DC-REQ-DOMAIN-REQUIRED", "DC-REQ-MISSING-VARIABLE", "DC-REQ-SYNCBLOCK", "DC-REQ-VALIDATE-BEFORE-CONSENT",
				"DC-EXT-TEMPLATE-CRIT-REFUSED", "DC-EXT-RECORD-CRIT-REFUSED", "DC-EXT-PARAM-CRIT-REFUSED", "DC-EXT-SPECVERSION-UNSUPPORTED",
				"DC-GRP-NO-MATCH-ERROR", "DC-HOST-OUT-OF-ZONE", "DC-HOST-VALID-NAME", "DC-VAR-TYPE-CHECK", "DC-VAR-NUMERIC-RANGE", "DC-SPF-RULES-VALIDATED"},
			prepare: tenant(acceptAll)},
		{Name: "empty-200", Sentence: "Every request is answered with 200 and an empty body.",
			Want: reports.NonConformant, Because: "An empty body is no settings document.",
			misses: []string{"DC-SET-JSON-OBJECT"}, vain: flows, prepare: web("", func(http.ResponseWriter, *http.Request) {})},
		{Name: "hangs", Sentence: "Connections are taken, and nothing is ever said on them.",
			Want: reports.VerdictInconclusive, Because: "Whether it is the provider or the way to it cannot be told; no case can be judged that needs an answer.",
			vain: flows, limit: unanswered, prepare: listening(hang)},
		{Name: "hangs-at-apply", Sentence: "Settings are answered well, and apply requests never.",
			Want: reports.VerdictInconclusive, Because: "A request without an answer was neither taken nor refused.",
			vain: flows, limit: unanswered, prepare: web(applies, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })},
		{Name: "closes-connections", Sentence: "Every connection is closed at once.",
			Want: reports.VerdictInconclusive, Because: "It is as good as nobody there.",
			vain: flows, prepare: listening(func(context.Context, net.Conn) {})},
		{Name: "dns-silent", Sentence: "The name servers of the zones do not answer.",
			Want: reports.VerdictInconclusive, Because: "What the zones hold cannot be seen, before or after.",
			limit: unanswered, prepare: tenant(func(c *store.TenantConfig) {
				c.Hooks.Drop = append(c.Hooks.Drop, func(string, dns.Question) bool { return true })
			})},
		{Name: "dns-still", Sentence: "Users are told of success, and the zones stay as they are.",
			Want: reports.NonConformant, Because: "Success is told, and the records are not there.",
			misses: []string{"DC-VAR-BUILTINS", "DC-HOST-APEX-BY-DOMAIN"}, vain: zones, limit: unseen, prepare: tenant(still)},
		// What earlier cases wrote at the apex comes to light during later ones, on
		// a slow machine in the midst of one about the apex: only names that one
		// case has for itself tell for sure.
		{Name: "dns-late", Sentence: "What is new in a zone shows 20 seconds later, which is more than target.yaml grants.",
			Want: reports.NonConformant, Because: "Success is told, and the records are not there within the limit that target.yaml itself gives; the failure says which to raise.",
			misses: []string{"DC-VAR-BUILTINS"}, vain: zones, limit: unseen, prepare: tenant(late(20 * time.Second))},
		{Name: "applies-before-consent", Sentence: "The records are written when the consent page is shown.",
			Want: reports.NonConformant, Because: "Nothing may be written before the user has consented.",
			misses: []string{"DC-CONS-EXPLICIT-APPROVAL", "DC-CONS-NO-APPROVAL-NO-CHANGE"}, prepare: tenant(func(c *store.TenantConfig) {
				c.Hooks.Unapproved = append(c.Hooks.Unapproved, func(at store.Moment, write func()) {
					if at == store.Shown {
						write()
					}
				})
			})},
		{Name: "applies-another", Sentence: "The consent page shows the template's records, and others are written.",
			Want: reports.NonConformant, Because: "The zone has to hold what the template says.",
			misses: []string{"DC-APPLY-ALL-WRITTEN", "DC-RT-CORE", "DC-CONS-SHOWN-IS-WRITTEN"}, limit: unseen, prepare: tenant(func(c *store.TenantConfig) { c.Hooks.Written = append(c.Hooks.Written, another) })},
		{Name: "shows-another", Sentence: "The template's records are written, and the consent page shows others.",
			Want: reports.NonConformant, Because: "The user has to be shown what happens to the zone.",
			misses: []string{"DC-CONS-SHOWN-IS-WRITTEN"}, prepare: tenant(func(c *store.TenantConfig) {
				c.Hooks.Shown = append(c.Hooks.Shown, func(z *zone.Zone, p *store.Planned) { p.Change = another(z, p.Change) })
			})},
	}
}

// unanswered is the limit of requests that are not answered, questions among
// them, and unseen that of changes that do not come.
func unanswered(l *target.Limits) { l.Request, l.Flow = short, 2*short }
func unseen(l *target.Limits)     { l.Propagation = short }

// applies is in the path of every apply request.
const applies = "/apply"

// flows reports whether a case is of those that cannot be judged without a flow
// that comes to its end: a pass there would be one by absence.
func flows(r reports.Result) bool {
	chapter, _, _ := strings.Cut(r.ID, "/")
	return !slices.Contains([]string{"discovery", "settings", "query", "claims"}, chapter)
}

// zones reports whether a case is of those that cannot be judged without a zone
// that changes.
func zones(r reports.Result) bool {
	chapter, _, _ := strings.Cut(r.ID, "/")
	return slices.Contains([]string{"hostname", "groups", "conflict", "state", "spf", "writing", "recordtypes"}, chapter)
}

// tenant is a mock with hooks.
func tenant(change func(*store.TenantConfig)) func(context.Context, *selftest.Options) error {
	return func(_ context.Context, o *selftest.Options) error {
		o.Prepare = change
		return nil
	}
}

// web is a mock that answers requests with part in their path by other means.
func web(part string, answer http.HandlerFunc) func(context.Context, *selftest.Options) error {
	return tenant(func(c *store.TenantConfig) {
		c.Hooks.Web = append(c.Hooks.Web, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.Path, part) {
					answer(w, r)
					return
				}
				next.ServeHTTP(w, r)
			})
		})
	})
}

func refuse(w http.ResponseWriter, _ *http.Request) { http.Error(w, "No.", http.StatusForbidden) }

// refuseWell refuses as it should be done: what is refused by it passes for
// refused, so that nothing but the control twin can tell that all is.
func refuseWell(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = io.WriteString(w, "<!doctype html><title>Error</title><h1>This cannot be done</h1><p>The request was refused, and nothing was changed.")
}

// listening is a mock whose settings are at a server of their own that does
// with every connection what serve says, and closes it then.
func listening(serve func(context.Context, net.Conn)) func(context.Context, *selftest.Options) error {
	return func(ctx context.Context, o *selftest.Options) error {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		context.AfterFunc(ctx, func() { _ = listener.Close() })
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				go func() {
					serve(ctx, conn)
					_ = conn.Close()
				}()
			}
		}()
		before := o.Describe
		o.Describe = func(c *target.Config) {
			before(c)
			c.Settings = listener.Addr().String()
		}
		return nil
	}
}

// hang says nothing for as long as anybody listens.
func hang(ctx context.Context, conn net.Conn) {
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	buffer := make([]byte, 512)
	for {
		if _, err := conn.Read(buffer); err != nil {
			return
		}
	}
}

// acceptAll takes every request for a good one. What cannot be rendered or
// written is left out, and a zone that is not here stands for the first one:
// the user is asked all the same, and told of success.
func acceptAll(c *store.TenantConfig) {
	c.Hooks.Template = append(c.Hooks.Template, func(t *dc.Template) *dc.Template {
		if t == nil {
			return nil
		}
		open := *t
		open.Crit, open.SpecVersion, open.Records = nil, 1, slices.Clone(t.Records)
		for i := range open.Records {
			open.Records[i].Crit = nil
		}
		return &open
	})
	c.Hooks.Ask = append(c.Hooks.Ask, func(_ *dc.Template, ask *resolve.Request) {
		here := slices.ContainsFunc(c.Zones, func(h store.Hosted) bool { return dns.CanonicalName(ask.Domain) == h.Zone.Origin() })
		if !here {
			ask.Domain = strings.TrimSuffix(c.Zones[0].Zone.Origin(), ".")
		}
	})
	c.Hooks.Records = append(c.Hooks.Records, func(_ *dc.Template, _ resolve.Request, records []dc.Resolved, _ error) ([]dc.Resolved, error) {
		return records, nil
	})
	c.Hooks.Plan = append(c.Hooks.Plan, func(*zone.Zone, []dc.Resolved, *store.Planned, error) error { return nil })
	c.Hooks.Refuse = append(c.Hooks.Refuse, func(store.Guard, error) error { return nil })
	c.Hooks.Redirect = append(c.Hooks.Redirect, func(store.Redirect) bool { return true })
	c.Hooks.Signed = append(c.Hooks.Signed, func(*dc.Template, string, func(string) (bool, error)) (bool, error) { return true, nil })
}

// still leaves every zone as it is.
func still(c *store.TenantConfig) {
	c.Hooks.Written = append(c.Hooks.Written, func(*zone.Zone, zone.Change) zone.Change { return zone.Change{} })
	c.Hooks.Edited = append(c.Hooks.Edited, func(before, _ *zone.Zone) (*zone.Zone, error) { return before, nil })
}

// another is a change to other addresses.
func another(_ *zone.Zone, change zone.Change) zone.Change {
	add := change.Add
	change.Add = nil
	for _, r := range add {
		if r.Type == "A" {
			r.Data = "203.0.113.66"
		}
		change.Add = append(change.Add, r)
	}
	return change
}

// late hides records from answers until they were first asked for by so long.
func late(by time.Duration) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		h := &hiding{by: by, since: map[string]time.Time{}}
		for _, hosted := range c.Zones {
			for r := range hosted.Zone.Records() {
				h.since[keyOf(r.Owner, dns.StringToType[r.Type])] = time.Time{}
			}
		}
		c.Hooks.Answer = append(c.Hooks.Answer, h.answer)
	}
}

func keyOf(name string, rrtype uint16) string {
	return dns.CanonicalName(name) + " " + dns.Type(rrtype).String()
}

// hiding knows since when records are asked for.
type hiding struct {
	by    time.Duration
	mu    sync.Mutex
	since map[string]time.Time
}

func (h *hiding) answer(q dns.Question, m *dns.Msg) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(m.Answer) == 0 {
		delete(h.since, keyOf(q.Name, q.Qtype))
	}
	var shown []dns.RR
	for _, rr := range m.Answer {
		if h.old(rr) {
			shown = append(shown, rr)
		}
	}
	if len(shown) == 0 && len(m.Answer) > 0 {
		m.Rcode = dns.RcodeNameError
	}
	m.Answer = shown
}

func (h *hiding) old(rr dns.RR) bool {
	name, kind := dns.CanonicalName(rr.Header().Name), rr.Header().Rrtype
	if kind == dns.TypeSOA || kind == dns.TypeNS || strings.HasPrefix(name, "_domainconnect.") {
		return true
	}
	key := keyOf(name, kind)
	since, known := h.since[key]
	if !known {
		h.since[key] = time.Now()
		return false
	}
	return time.Since(since) >= h.by
}
