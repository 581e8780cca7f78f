package web_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
)

func withHooks(h store.Hooks) option { return func(c *store.TenantConfig) { c.Hooks = h } }

// A hook decides about a redirect after the provider has, and knows on what.
func TestHookRedirect(t *testing.T) {
	var seen []store.Redirect
	w := newWorld(t, withHooks(store.Hooks{Redirect: []func(store.Redirect) bool{func(r store.Redirect) bool {
		seen = append(seen, r)
		return !r.Permitted
	}}}))
	for _, c := range []struct{ service, uri, away string }{
		{"site", "https://sp.test/cb", ""},
		{"site", "https://evil.test/cb", "https://evil.test/cb?error=invalid_request"},
		{"nothing", "https://evil.test/cb", "https://evil.test/cb?error=invalid_request"},
	} {
		p := w.browser().get(w.apply(c.service, "v=x&redirect_uri="+c.uri))
		if !strings.HasPrefix(p.away, c.away) || c.away == "" && p.away != "" {
			t.Errorf("%s for %s: sent to %q, want %q", c.uri, c.service, p.away, c.away)
		}
	}
	want := []struct{ known, listed, permitted bool }{{true, true, true}, {true, false, false}, {false, false, false}}
	for i, r := range seen {
		if (r.Template != nil) != want[i].known || r.Listed != want[i].listed || r.Permitted != want[i].permitted || r.Signed {
			t.Errorf("redirect %d: %+v", i, r)
		}
	}
	if len(seen) != len(want) {
		t.Errorf("%d decisions, want %d", len(seen), len(want))
	}
}

// A hook may change what a refusal says, for the user and for the service.
func TestHookRefuse(t *testing.T) {
	var owners []string
	w := newWorld(t, withHooks(store.Hooks{Refuse: []func(store.Guard, error) error{func(g store.Guard, err error) error {
		var r *store.Refusal
		if !errors.As(err, &r) || g != store.GuardZone {
			t.Errorf("guard %s refuses with %v", g, err)
			return err
		}
		owners = append(owners, r.Owner)
		return &store.Refusal{Code: "server_error", Description: "changed", Detail: "changed, too"}
	}}}))
	b := w.browser()
	for _, domain := range []string{"other.test", "nowhere.test"} {
		p := b.open(w.apply("site", "domain="+domain+"&ip=192.0.2.7&v=x"+listed))
		if want := "https://sp.test/cb?error=server_error&error_description=changed"; p.away != want {
			t.Errorf("%s: sent to %q, want %q", domain, p.away, want)
		}
	}
	if strings.Join(owners, ",") != "bob," {
		t.Errorf("owners %q", owners)
	}
	// Without a zone there is nothing to let the request through to.
	w = newWorld(t, withHooks(store.Hooks{Refuse: []func(store.Guard, error) error{func(store.Guard, error) error { return nil }}}))
	if p := w.browser().open(w.apply("site", "domain=nowhere.test&ip=192.0.2.7&v=x")); p.heading() != "This domain is not in your account" {
		t.Errorf("a zone that is not here: %s", p.heading())
	}
}

// A hook changes what the page says, in every place.
func TestHookTold(t *testing.T) {
	w := newWorld(t, withHooks(store.Hooks{Told: []func(*dc.Template, *store.Told){func(_ *dc.Template, told *store.Told) {
		if len(told.Warnings) != 1 || !told.Warnings[0].Phishing || told.Service != "Web Site" || told.Provider != "Sorrel Pages" {
			t.Errorf("told %+v", told)
		}
		told.Service, told.Provider, told.ExtraService, told.ExtraProvider = "Told Service", "Told Provider", "Told Extra", "Told Other"
		told.Logo, told.Warnings = "/told.png", []store.Warning{{Title: "Told Warning", Text: "Told Text"}}
	}}}))
	p := w.browser().open(w.apply("site", site))
	contains(t, p.body, "<title>Set up Told Service", "Told Provider", "Told Extra", "Told Other", `src="/told.png"`, "Told Warning", "Told Text")
	for _, gone := range []string{"Web Site", "Sorrel Pages", "Check where you came from"} {
		if strings.Contains(p.body, gone) {
			t.Errorf("the page still says %q", gone)
		}
	}
}

// A hook may write at moments that are not the user's approval, once it is
// asked to.
func TestHookUnapproved(t *testing.T) {
	for _, moment := range []store.Moment{store.Shown, store.Cancelled, "never"} {
		var moments []store.Moment
		w := newWorld(t, withHooks(store.Hooks{Unapproved: []func(store.Moment, func()){func(at store.Moment, write func()) {
			moments = append(moments, at)
			if at == moment {
				write()
			}
		}}}))
		before := w.zoneAt("example.com")
		b := w.browser()
		p := b.open(w.apply("site", site))
		if written := w.zoneAt("example.com") != before; written != (moment == store.Shown) {
			t.Errorf("%s: written when shown: %v", moment, written)
		}
		if p = b.answer(p, "cancel"); p.heading() != "Cancelled" {
			t.Errorf("%s: %s", moment, p.heading())
		}
		if written := w.zoneAt("example.com") != before; written != (moment != "never") {
			t.Errorf("%s: written in the end: %v", moment, written)
		}
		if len(moments) != 2 || moments[0] != store.Shown || moments[1] != store.Cancelled {
			t.Errorf("moments %v", moments)
		}
	}
}

// A hook sees where the user is sent, and may leave him with nothing.
func TestHookLocation(t *testing.T) {
	var failures []bool
	w := newWorld(t, withHooks(store.Hooks{Location: []func(string, store.Redirect, bool) string{func(at string, r store.Redirect, failed bool) string {
		if !strings.HasPrefix(at, r.URI) || !r.Listed || !r.Permitted || r.Template.ServiceID != "site" {
			t.Errorf("sent to %q: %+v", at, r)
		}
		if failures = append(failures, failed); failed {
			return at + "&more=1\r\nX-Split: 1"
		}
		return ""
	}}}))
	b := w.browser()
	done := b.answer(b.open(w.apply("site", site+listed)), "confirm")
	if done.away != "" || done.status != 200 || done.heading() != "" {
		t.Errorf("sent to %q, status %d, heading %q", done.away, done.status, done.heading())
	}
	failed := b.answer(b.open(w.apply("site", site+listed)), "cancel")
	if !strings.HasSuffix(failed.away, "&more=1") || failed.header.Get("X-Split") != "1" {
		t.Errorf("sent to %q, header %v", failed.away, failed.header)
	}
	if len(failures) != 2 || failures[0] || !failures[1] {
		t.Errorf("failed: %v", failures)
	}
}
