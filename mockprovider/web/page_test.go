package web_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Every page can be read and used without looking at it, without a script,
// and without anything from elsewhere.
func TestPagesAreAccessible(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	signIn := b.get(w.apply("site", site+"&host=bar"))
	wrong := b.signIn(signIn, "alice", "wrong")
	consent := b.signIn(wrong, "alice", "wonder")
	for name, p := range map[string]page{
		"sign-in": signIn, "wrong password": wrong, "consent": consent,
		"conflict":  b.open(w.apply("site", site)),
		"done":      b.answer(consent, "confirm"),
		"cancelled": b.answer(b.open(w.apply("site", site)), "cancel"),
		"error":     b.get(w.apply("site", "domain=example.com")),
		"account":   b.get("/ux/"), "not found": b.get("/ux/nothing"),
		"zone": b.get("/ux/zone?domain=example.com"), "applied": b.get("/ux/applied"), "review": b.change("review", "new 60 A 192.0.2.1"),
		"zone with a problem": b.change("review", "new"),
	} {
		t.Run(name, func(t *testing.T) {
			if p.heading() == "" {
				t.Error("there is no heading")
			}
			root, err := html.Parse(strings.NewReader(p.body))
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]int{}
			labels := map[string]bool{}
			for n := range root.Descendants() {
				if n.Type == html.ElementNode {
					seen[n.Data]++
				}
				if n.Data == "label" {
					labels[attr(n, "for")] = true
				}
			}
			for n := range root.Descendants() {
				if n.Type == html.ElementNode {
					checkElement(t, n, labels)
				}
			}
			for _, once := range []string{"html", "title", "main", "header", "footer"} {
				if seen[once] != 1 {
					t.Errorf("%d elements %s, want 1", seen[once], once)
				}
			}
		})
	}
}

func checkElement(t *testing.T, n *html.Node, labels map[string]bool) {
	t.Helper()
	switch n.Data {
	case "html":
		if attr(n, "lang") != "en" {
			t.Error("the page does not name its language")
		}
	case "input":
		if attr(n, "type") != "hidden" && !labels[attr(n, "id")] {
			t.Errorf("the field %s has no label", attr(n, "name"))
		}
	case "button":
		if n.FirstChild == nil || strings.TrimSpace(n.FirstChild.Data) == "" || attr(n, "type") != "submit" {
			t.Errorf("the button %s has no name, or does not submit", attr(n, "value"))
		}
	case "form":
		if attr(n, "method") != "post" || !strings.HasPrefix(attr(n, "action"), "/ux/") {
			t.Errorf("a form goes to %s by %s", attr(n, "action"), attr(n, "method"))
		}
	case "table", "tr", "th", "td":
		if attr(n, "role") == "" {
			t.Errorf("a %s has no role: as a block on a phone it would mean nothing", n.Data)
		}
	}
	for _, a := range n.Attr {
		if (a.Key == "src" || a.Key == "href") && !strings.HasPrefix(a.Val, "/ux/") {
			t.Errorf("%s refers to %s", n.Data, a.Val)
		}
		if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
			t.Errorf("%s has the attribute %s, which the policy forbids", n.Data, a.Key)
		}
	}
}

// A logo is shown when it is our own, since another site would learn who is
// about to consent.
func TestLogo(t *testing.T) {
	for _, c := range []struct {
		url  string
		want bool
	}{
		{"https://sp.test/logo.png", false},
		{"{base}/logo.png", true},
		{"{base}.evil.test/logo.png", false},
		{"{base}@evil.test/logo.png", false},
		{"/logo.png", false},
		{"", false},
	} {
		w := newWorld(t)
		logo := strings.Replace(c.url, "{base}", w.server.URL, 1)
		// The address is known only now, so the template goes to a new tenant.
		tenant := w.tenant.Config()
		w.store.Remove(w.tenant)
		withTemplates(edited(`"logoUrl": "` + logo + `"`))(&tenant)
		var err error
		if w.tenant, err = w.store.NewTenant(tenant); err != nil {
			t.Fatal(err)
		}
		p := w.browser().open(w.apply("site", site))
		if p.path != "/ux/consent" {
			t.Fatalf("ended with %d %q", p.status, p.heading())
		}
		if got := strings.Contains(p.body, `<img class="logo" src="`+logo+`"`); got != c.want {
			t.Errorf("%s: shown: %t, want %t", c.url, got, c.want)
		}
		if !c.want && strings.Contains(p.body, "<img") {
			t.Errorf("%s: there is an image", c.url)
		}
	}
}
