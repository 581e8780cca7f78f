package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// ways are the ends of a flow at which a redirect may be due, or must not be.
var ways = []struct {
	name string
	// edit changes the query; end drives the flow from the apply link on.
	edit func(string) string
	end  func(b *browser, address string) page
	// failed is set when the redirect has to carry an error.
	failed bool
}{
	{"success", nil, func(b *browser, a string) page { return b.answer(b.open(a), "confirm") }, false},
	{"cancel", nil, func(b *browser, a string) page { return b.answer(b.open(a), "cancel") }, true},
	{"cancel at sign-in", nil, func(b *browser, a string) page {
		form := b.get(a).form("/ux/sign-in")
		form.Set("action", "cancel")
		return b.post("/ux/sign-in", form)
	}, true},
	{"missing variable", func(q string) string { return strings.Replace(q, "ip=", "no=", 1) }, (*browser).get, true},
	{"foreign zone", func(q string) string { return strings.Replace(q, "example.com", "other.test", 1) }, (*browser).open, true},
	{"unhosted zone", func(q string) string { return strings.Replace(q, "example.com", "nowhere.test", 1) }, (*browser).open, true},
	{"repeated domain", func(q string) string { return q + "&domain=example.com" }, (*browser).get, true},
	{"critical parameter", func(q string) string { return q + "&vnd.example.x=1&crit=vnd.example.x" }, (*browser).get, true},
}

// siteWithList is the open template with another syncRedirectDomain; "" takes
// the member out.
func siteWithList(list string) string {
	if list == "" {
		return strings.Replace(openTemplate, `"syncRedirectDomain": "sp.test, Second.test",`, "", 1)
	}
	return strings.Replace(openTemplate, "sp.test, Second.test", list, 1)
}

func TestRedirectTargets(t *testing.T) {
	for _, c := range []struct {
		list, uri string
		follow    bool
	}{
		{"sp.test", "https://sp.test/cb?x=1", true},
		{"a.test , B.test", "https://b.test/cb", true},
		{"a.test , B.test", "https://A.test/cb", true},
		{"a.test,B.test , c.test", "https://c.test/cb", true},
		{"app.sp.test", "https://app.sp.test/", true},
		{"sp.test", "https://app.sp.test/", true},
		{"sp.test", "https://sp.test:8443/", true},
		{"sp.test", "http://sp.test/", true},
		{"sp.test", "https://sp.test./", true},
		{"bücher.example", "https://xn--bcher-kva.example/", true},
		{"192.0.2.9", "https://192.0.2.9/", true},
		{"app.sp.test", "https://sp.test/", false},
		{"app.sp.test", "https://www.sp.test/", false},
		{"sp.test", "https://evil.test/", false},
		{"sp.test", "https://EVIL.TEST/", false},
		{"sp.test", "https://evil.test./", false},
		{"sp.test", "https://evilsp.test/", false},
		{"sp.test", "https://sp.test.evil.test/", false},
		{"sp.test", "https://sp.test@evil.test/", false},
		{"sp.test", "https://sp.test:pw@evil.test/", false},
		{"sp.test", "https://evil.test@sp.test/", false},
		{"sp.test", `https://evil.test\@sp.test`, false},
		{"sp.test", `https://evil.test\.sp.test/`, false},
		{"sp.test", `https://sp.test/a\b`, false},
		{"sp.test", `https://sp.test/\evil.test`, false},
		{"sp.test", "https://evil.test/#sp.test", false},
		{"sp.test", "https://evil.test?sp.test", false},
		{"sp.test", "https://evil.test/sp.test", false},
		{"sp.test", "https://xn--s-0ia.test/", false},
		{"sp.test", "https://ѕp.test/", false},
		{"sp.test", "https://sp。test/", false},
		{"sp.test", "https://evil.test%2f.sp.test/", false},
		{"sp.test", "https://evil.test%00.sp.test/", false},
		{"sp.test", "//evil.test", false},
		{"sp.test", "//sp.test/cb", false},
		{"sp.test", "/cb", false},
		{"sp.test", "sp.test/cb", false},
		{"sp.test", "https:sp.test", false},
		{"sp.test", "https:///sp.test", false},
		{"sp.test", "https://", false},
		{"sp.test", "https://.sp.test/", false},
		{"sp.test", "javascript://sp.test/%0aalert(1)", false},
		{"sp.test", "javascript:alert(1)", false},
		{"sp.test", "data:text/html,x", false},
		{"sp.test", "ftp://sp.test/", false},
		{"sp.test", " https://sp.test/", false},
		{"sp.test", "https://sp.test/a b", false},
		{"sp.test", "https://sp.test/\r\nX-Injected: 1", false},
		{"sp.test", "", false},
		{"", "https://sp.test/cb", false},
		{",", "https://sp.test/cb", false},
		{"*.sp.test", "https://a.sp.test/cb", false},
		{"test", "https://sp.test/cb", true},
		{"https://sp.test", "https://sp.test/cb", false},
	} {
		t.Run(c.list+" "+c.uri, func(t *testing.T) {
			for _, way := range ways {
				w := newWorld(t, withTemplates(siteWithList(c.list)))
				query := "domain=example.com&ip=192.0.2.7&v=x&redirect_uri=" + escape(c.uri)
				if way.edit != nil {
					query = way.edit(query)
				}
				b := w.browser()
				address := w.apply("site", query)
				if !c.follow {
					// A URI that is none ends the flow before the sign-in.
					if p := b.get(address); p.path != "/ux/sign-in" {
						if p.away != "" || p.status/100 != 4 {
							t.Errorf("%s: sent to %q with status %d", way.name, p.away, p.status)
						}
						continue
					}
				}
				p := way.end(b, address)
				if followed := p.away != ""; followed != c.follow {
					t.Errorf("%s: sent to %q, want a redirect: %t", way.name, p.away, c.follow)
					continue
				}
				if c.follow && (!strings.HasPrefix(p.away, c.uri) || strings.Contains(p.away, "error=") != way.failed) {
					t.Errorf("%s: sent to %q", way.name, p.away)
				}
			}
		})
	}
}

// A signature lifts the list; its mere presence, or one that is wrong, does
// not.
func TestRedirectOfSignedRequests(t *testing.T) {
	noList := strings.Replace(closedTemplate, `, "syncRedirectDomain": "sp.test"`, "", 1)
	const away = "https://elsewhere.test/cb"
	query := "domain=example.com&v=x&redirect_uri=" + escape(away)
	for _, c := range []struct {
		name, template, service, query string
		follow                         bool
	}{
		{"signed, no list", noList, "mail", signed(query), true},
		{"signed, another list", closedTemplate, "mail", signed(query), true},
		{"signed, but to a user part", closedTemplate, "mail", signed("domain=example.com&v=x&redirect_uri=" + escape("https://u@elsewhere.test/cb")), false},
		{"signed, but to a script", closedTemplate, "mail", signed("domain=example.com&v=x&redirect_uri=javascript%3Aalert(1)"), false},
		{"badly signed, no list", noList, "mail", signed(query) + "&utm=1", false},
		{"badly signed, another list", closedTemplate, "mail", signed(query) + "&utm=1", false},
		{"unsigned, no list", noList, "mail", query, false},
		{"sig on an open template", siteWithList("sp.test"), "site", query + "&ip=192.0.2.7&sig=AAAA&key=_k1", false},
		{"valid sig on an open template", siteWithList(""), "site", signed(query + "&ip=192.0.2.7"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, action := range []string{"confirm", "cancel"} {
				w := newWorld(t, withTemplates(c.template))
				b := w.browser()
				p := b.open(w.apply(c.service, c.query))
				if p.path == "/ux/consent" && p.away == "" && p.status == http.StatusOK {
					p = b.answer(p, action)
				}
				if got := p.away != ""; got != c.follow {
					t.Errorf("%s: sent to %q", action, p.away)
				}
				if c.follow && !strings.HasPrefix(p.away, away) {
					t.Errorf("%s: sent to %q", action, p.away)
				}
			}
		})
	}
}

// A badly signed request is told so at a listed redirect_uri, and only there.
func TestErrorRedirectOfABadSignature(t *testing.T) {
	w := newWorld(t)
	p := w.browser().get(w.apply("mail", signed("domain=example.com&v=x&state=s&redirect_uri=https%3A%2F%2Fsp.test%2Fcb")+"&utm=1"))
	want := "https://sp.test/cb?error=unauthorized_client&error_description=the%20signature%20of%20the%20request%20could%20not%20be%20verified&state=s"
	if p.away != want {
		t.Errorf("sent to %q, want %q", p.away, want)
	}
}

func TestRedirectIsAppended(t *testing.T) {
	for _, c := range []struct{ uri, state, want string }{
		{"https://sp.test/cb", "s", "https://sp.test/cb?state=s"},
		{"https://sp.test/cb?x=1", "s", "https://sp.test/cb?x=1&state=s"},
		{"https://sp.test/cb?x=1#f", "s", "https://sp.test/cb?x=1&state=s#f"},
		{"https://sp.test/cb?", "s", "https://sp.test/cb?state=s"},
		{"https://sp.test/cb#f", "s", "https://sp.test/cb?state=s#f"},
		{"https://sp.test/cb#f?x=1", "s", "https://sp.test/cb?state=s#f?x=1"},
		{"https://sp.test/cb#", "s", "https://sp.test/cb?state=s#"},
		{"https://sp.test/cb?x=1&", "s", "https://sp.test/cb?x=1&state=s"},
		{"https://sp.test/cb?x=%2F%20&x=%2f", "s", "https://sp.test/cb?x=%2F%20&x=%2f&state=s"},
		{"https://sp.test/cb?state=mine&error=0", "s", "https://sp.test/cb?state=mine&error=0&state=s"},
		{"https://sp.test", "s", "https://sp.test?state=s"},
		{"https://sp.test/a?b?c", "s", "https://sp.test/a?b?c&state=s"},
		{"https://sp.test/cb", "abc", "https://sp.test/cb?state=abc"},
		{"https://sp.test/cb", "a%20b", "https://sp.test/cb?state=a%20b"},
		{"https://sp.test/cb", "a%2Bb", "https://sp.test/cb?state=a%2Bb"},
		{"https://sp.test/cb", "a+b", "https://sp.test/cb?state=a%2Bb"},
		{"https://sp.test/cb", "a%26b%3Dc", "https://sp.test/cb?state=a%26b%3Dc"},
		{"https://sp.test/cb", "%2541", "https://sp.test/cb?state=%2541"},
		{"https://sp.test/cb", "%23x", "https://sp.test/cb?state=%23x"},
		{"https://sp.test/cb", "%C3%A9", "https://sp.test/cb?state=%C3%A9"},
		{"https://sp.test/cb", "", "https://sp.test/cb?state="},
		{"https://sp.test/cb", "-", "https://sp.test/cb"},
		{"https://sp.test/cb?", "-", "https://sp.test/cb?"},
		{"https://sp.test/cb?x=1#f", "-", "https://sp.test/cb?x=1#f"},
		{"https://sp.test/cb", strings.Repeat("x", 500), "https://sp.test/cb?state=" + strings.Repeat("x", 500)},
	} {
		t.Run(c.uri+" "+c.state[:min(len(c.state), 20)], func(t *testing.T) {
			w := newWorld(t)
			b := w.browser()
			query := "domain=example.com&ip=192.0.2.7&v=x&redirect_uri=" + escape(c.uri)
			if c.state != "-" { // "-" leaves the parameter out
				query += "&state=" + c.state
			}
			if p := b.answer(b.open(w.apply("site", query)), "confirm"); p.away != c.want {
				t.Errorf("success: sent to %q, want %q", p.away, c.want)
			}
			p := b.answer(b.open(w.apply("site", query)), "cancel")
			got, want := parseTarget(t, p.away), parseTarget(t, c.want)
			if got.Get("error") != "access_denied" && got["error"][len(got["error"])-1] != "access_denied" ||
				!strings.HasPrefix(got.Get("error_description"), "user_cancel") {
				t.Errorf("cancel: sent to %q", p.away)
			}
			if strings.Join(got["state"], "|") != strings.Join(want["state"], "|") {
				t.Errorf("cancel: state %q, want %q", got["state"], want["state"])
			}
		})
	}
}

// escape percent-encodes, a space as %20.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func parseTarget(t *testing.T, s string) url.Values {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

// In dcspec-2.3 a plus in the query is a space.
func TestStateWithPlusByEdition(t *testing.T) {
	for edition, want := range map[dc.Edition]string{
		dc.IETF05:   "https://sp.test/cb?state=a%2Bb",
		dc.DCSpec23: "https://sp.test/cb?state=a%20b",
	} {
		w := newWorld(t, withEdition(edition))
		b := w.browser()
		p := b.answer(b.open(w.apply("site", "domain=example.com&ip=192.0.2.7&v=a+b&state=a+b&redirect_uri=https%3A%2F%2Fsp.test%2Fcb")), "confirm")
		if p.away != want {
			t.Errorf("%s: sent to %q, want %q", edition, p.away, want)
		}
		text := map[dc.Edition]string{dc.IETF05: `TXT "a+b"`, dc.DCSpec23: `TXT "a b"`}[edition]
		contains(t, w.zoneAt("example.com"), text)
	}
}
