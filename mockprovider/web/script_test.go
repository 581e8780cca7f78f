package web_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/web"
)

// step adds a step to the script of the world's tenant.
func (w *world) step(kind, match string, times int, r store.Reaction) {
	w.t.Helper()
	if _, err := w.tenant.AddStep(store.Step{Kind: kind, Match: match, Left: times, Reaction: r}); err != nil {
		w.t.Fatal(err)
	}
}

const (
	settingsPath = "/v2/example.com/settings"
	queryPath    = "/api/v2/domainTemplates/providers/sp.test/services/site"
)

func TestScriptedAnswers(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	w.step(store.RequestSettings, "EXAMPLE.*", 2, store.Reaction{Status: 503, Body: "later"})
	w.step(store.RequestQuery, "sp.test/site", 1, store.Reaction{Status: 404, Delay: time.Nanosecond})
	w.step(store.RequestApply, "", 1, store.Reaction{Status: 418})
	var got []int
	for _, path := range []string{
		"/v2/other.test/settings", settingsPath, "//v2/Example.com./settings", settingsPath,
		"/api/v2/domainTemplates/providers/sp.test/services/mail", queryPath, queryPath,
		"/ux/sign-in", w.apply("site", "domain=example.com&ip=192.0.2.1&v=x"), w.apply("site", "domain=example.com&ip=192.0.2.1&v=x"),
	} {
		p := b.get(path)
		got = append(got, p.status)
		if p.status == 503 && p.body != "later" || p.status != 503 && strings.Contains(p.body, "later") {
			t.Errorf("%s: body %q", path, p.body)
		}
	}
	if want := []int{200, 503, 503, 200, 200, 404, 200, 200, 418, 200}; !slices.Equal(want, got) {
		t.Errorf("statuses %v, want %v", got, want)
	}
	if len(w.tenant.Steps()) != 0 {
		t.Errorf("steps are left: %v", w.tenant.Steps())
	}
}

// TestScriptsOfOtherTenants are not followed.
func TestScriptsOfOtherTenants(t *testing.T) {
	w := newWorld(t)
	other, err := w.store.NewTenant(store.TenantConfig{Name: "other"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.AddStep(store.Step{Kind: store.RequestSettings, Left: 1, Reaction: store.Reaction{Status: 500}}); err != nil {
		t.Fatal(err)
	}
	b := w.browser()
	if p := b.get(settingsPath); p.status != 200 {
		t.Errorf("the default tenant answers %d", p.status)
	}
	if p := b.get("/t/other" + settingsPath); p.status != 500 {
		t.Errorf("the other tenant answers %d", p.status)
	}
}

// TestScriptedFaultHoldsForTheFlow sets a fault whose effect is on a later
// page than the request that it was scripted for.
func TestScriptedFaultHoldsForTheFlow(t *testing.T) {
	w := newWorld(t)
	w.step(store.RequestApply, "", 1, store.Reaction{Fault: &store.Misbehaviour{Name: "framed-consent", Set: func(c *store.TenantConfig) {
		c.Faults.AllowFraming = true
	}}})
	b := w.browser()
	link := w.apply("site", "domain=example.com&ip=192.0.2.1&v=x")
	first := b.signIn(b.get(link), "alice", "wonder")
	second := b.get(link)
	if first.heading() != second.heading() || first.header.Get("X-Frame-Options") != "" || second.header.Get("X-Frame-Options") != "DENY" {
		t.Errorf("the pages are %q and %q, framing %q and %q", first.heading(), second.heading(),
			first.header.Get("X-Frame-Options"), second.header.Get("X-Frame-Options"))
	}
	if again := b.get("/ux/consent?request=" + first.form("consent").Get("request")); again.header.Get("X-Frame-Options") != "" {
		t.Error("the first flow's page no longer has the fault")
	}
}

func TestScriptedHangUp(t *testing.T) {
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		for _, known := range []bool{true, false} {
			w := newWorld(t)
			server := httptest.NewUnstartedServer(w.server.Config.Handler)
			server.EnableHTTP2 = protocol == "HTTP/2.0"
			server.Config.ErrorLog = w.server.Config.ErrorLog
			if known {
				server.Config.ConnContext = web.ConnContext
			}
			server.StartTLS()
			t.Cleanup(server.Close)
			w.step(store.RequestSettings, "", 1, store.Reaction{Close: true})
			w.step(store.RequestSettings, "", 1, store.Reaction{Delay: time.Nanosecond})
			got := fetch(t, server, settingsPath)
			if !known && protocol == "HTTP/2.0" {
				if got != "500" {
					t.Errorf("%s without ConnContext: %s, want 500", protocol, got)
				}
				continue
			}
			if got != "no answer" {
				t.Errorf("%s: %s, want no answer", protocol, got)
			}
			if got := fetch(t, server, settingsPath); got != "200 "+protocol {
				t.Errorf("the next request: %s, want 200 %s", got, protocol)
			}
			// The end of a connection is seen before the journal has it.
			w.await(store.KindHTTP, 2)
			if diff := cmp.Diff([]string{
				"GET " + settingsPath + " -> 200",
				"GET " + settingsPath + " -> no answer",
			}, slices.Sorted(slices.Values(requests(w)))); diff != "" {
				t.Error(diff)
			}
		}
	}
}

// fetch is the outcome of a request without retry.
func fetch(t *testing.T, server *httptest.Server, path string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+path, strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	r.Method = http.MethodGet // With a body, so that the transport does not try again.
	r.GetBody = nil
	resp, err := server.Client().Transport.RoundTrip(r)
	if err != nil {
		return "no answer"
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Error(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	if resp.StatusCode != 200 {
		return resp.Status[:3]
	}
	return "200 " + resp.Proto
}

// await waits until the journal has n events of a kind.
func (w *world) await(kind string, n int) {
	w.t.Helper()
	if _, err := w.store.Journal().Await(w.t.Context(), func(e store.Event) bool {
		if e.Kind == kind {
			n--
		}
		return n == 0
	}); err != nil {
		w.t.Fatal(err)
	}
}

// requests are the HTTP requests in the journal.
func requests(w *world) []string {
	var all []string
	for _, e := range w.store.Journal().Events() {
		if e.Kind == store.KindHTTP {
			all = append(all, e.Summary)
		}
	}
	return all
}

// TestDelayEnds when the client goes away and when the server stops; either
// would take a minute else.
func TestDelayEnds(t *testing.T) {
	w := newWorld(t)
	w.step(store.RequestSettings, "", 2, store.Reaction{Delay: time.Minute})
	ended := make(chan error, 1)
	get := func(ctx context.Context) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.server.URL+settingsPath, nil)
		if err == nil {
			_, err = w.server.Client().Transport.RoundTrip(r) // There is no answer.
		}
		ended <- err
	}
	ctx, cancel := context.WithCancel(t.Context())
	go get(ctx)
	w.await(store.KindScript, 1)
	cancel()
	if err := <-ended; err == nil {
		t.Error("the first request was answered")
	}
	w.await(store.KindHTTP, 1)
	go get(t.Context())
	w.await(store.KindScript, 2)
	close(w.stopping)
	if err := <-ended; err == nil {
		t.Error("the second request was answered")
	}
	w.await(store.KindHTTP, 2)
	if diff := cmp.Diff([]string{"GET " + settingsPath + " -> no answer", "GET " + settingsPath + " -> no answer"}, requests(w)); diff != "" {
		t.Error(diff)
	}
}
