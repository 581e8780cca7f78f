package consent_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/target"
)

// today is when the files of these tests were exported.
var today = time.Date(2026, 10, 7, 12, 0, 0, 0, time.UTC)

const cookiesTXT = "# Netscape HTTP Cookie File\r\n# https://curl.se/docs/http-cookies.html\r\n\r\n" +
	"panel.provider.test\tFALSE\t/\tTRUE\t0\tsid\tcanary-of-sid\r\n" +
	"#HttpOnly_.provider.test\tTRUE\t/dns\tTRUE\t4102444800\tdevice\tcanary-of-device\r\n" +
	"provider.test\tFALSE\t/\tFALSE\t1700000000\told\tcanary-of-old\r\n"

const cookiesJSON = `[
  {"domain": "panel.provider.test", "hostOnly": true, "httpOnly": false, "name": "sid", "path": "/", "sameSite": "lax",
   "secure": true, "session": true, "storeId": "0", "value": "canary-of-sid", "id": 1},
  {"domain": ".provider.test", "expirationDate": 4102444800.25, "hostOnly": false, "httpOnly": true, "name": "device",
   "path": "/dns", "sameSite": "no_restriction", "secure": true, "session": false, "storeId": null, "value": "canary-of-device"},
  {"domain": "provider.test", "expires": 1700000000, "name": "old", "value": "canary-of-old", "sameSite": null, "partitionKey": {"topLevelSite": "x"}}
]
`

// Both formats say the same, and the same requests get the same cookies.
func TestImportSession(t *testing.T) {
	for name, data := range map[string]string{"cookies.txt": cookiesTXT, "cookies.json": cookiesJSON, "bom.txt": "\ufeff" + cookiesTXT, "bom.json": "\ufeff" + cookiesJSON} {
		s, err := consent.ImportSession(name, []byte(data), today)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want := "session with 2 cookies (sid of panel.provider.test/, device of provider.test/dns)"; s.String() != want || !s.Open() {
			t.Errorf("%s: %s, open %v", name, s, s.Open())
		}
		for where, want := range map[string]string{
			"https://panel.provider.test/":    "sid=canary-of-sid",
			"https://panel.provider.test/dns": "device=canary-of-device sid=canary-of-sid",
			"https://www.provider.test/dns/x": "device=canary-of-device",
			"https://www.provider.test/":      "",
			"http://panel.provider.test/":     "",
		} {
			u, err := url.Parse(where)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range s.Cookies(u) {
				got = append(got, c.Name+"="+c.Value)
			}
			if g := strings.Join(got, " "); g != want {
				t.Errorf("%s: %s gets %q, want %q", name, where, g, want)
			}
		}
		if diff := cmp.Diff([]string{"canary-of-sid", "canary-of-device"}, s.Secrets()); diff != "" {
			t.Error(diff)
		}
	}
}

// What is wrong is named with its place, and a value is never shown.
func TestImportSessionIsStrict(t *testing.T) {
	line := func(l string) string { return "# Netscape HTTP Cookie File\n" + l + "\n" }
	for data, want := range map[string]string{
		"":                                "c: no cookie in it; export the cookies of the provider's pages while signed in",
		"# Netscape HTTP Cookie File\n\n": "c: no cookie in it; export the cookies of the provider's pages while signed in",
		"[]":                              "c: no cookie in it; export the cookies of the provider's pages while signed in",
		line("p.test\tFALSE\t/\tTRUE\t1700000000\tsid\tcanary"):                                 "c: every cookie has ended; sign in and export the cookies again",
		line("p.test FALSE / TRUE 0 sid canary"):                                                "c:2:1: want 7 fields parted by tabs (domain, subdomains, path, secure, expires, name, value), got 1",
		line("p.test\tFALSE\t/\tTRUE\t0\tsid\tcanary\tcanary"):                                  "c:2:1: want 7 fields parted by tabs (domain, subdomains, path, secure, expires, name, value), got 8",
		line("p.test\tno\t/\tTRUE\t0\tsid\tcanary"):                                             "c:2:8: subdomains is neither TRUE nor FALSE",
		line("#HttpOnly_p.test\tFALSE\t/\tyes\t0\tsid\tcanary"):                                 "c:2:26: secure is neither TRUE nor FALSE",
		line("p.test\tFALSE\t/\tTRUE\tsoon\tsid\tcanary"):                                       "c:2:21: expires is no number of seconds since 1970",
		line("p.test\tFALSE\tdns\tTRUE\t0\tsid\tcanary"):                                        "c:2:14: path does not begin with a slash",
		line("p.test\tFALSE\t/\tTRUE\t0\t\tcanary"):                                             "c:2:23: the cookie has no name",
		line(".p.test\tFALSE\t/\tTRUE\t0\tsid\tcanary"):                                         "c:2:1: domain begins with a dot, and subdomains is FALSE",
		line("\tFALSE\t/\tTRUE\t0\tsid\tcanary"):                                                "c:2:1: cookie sid has no domain",
		line("p.test\tFALSE\t/\tTRUE\t0\tsid\tcan;ary"):                                         "c:2:1: cookie sid of p.test/ is none that a browser would send",
		line("com\tTRUE\t/\tTRUE\t0\tsid\tcanary"):                                              "c:2:1: cookie sid is for all of com, which no browser allows",
		line("p.test\tFALSE\t/\tTRUE\t0\tsid\tcanary\np.test\tFALSE\t/\tTRUE\t0\tsid\tcanary2"): "c:3:1: cookie sid of p.test/ stands twice, first in line 2; keep the one that is good",
		`{"cookies": []}`: "c:1:1: want an array of cookies, as browser extensions export it",
		"[1]":             "c:1:2: want an object for each cookie",
		"[\n {\"name\": \"sid\", \"domian\": \"canary\"}]":                     `c:2:18: unknown member "domian"; did you mean "domain"?`,
		"[\n {\"name\": \"sid\", \"Secure\": true}]":                           `c:2:18: unknown member "Secure"; did you mean "secure"?`,
		`[{"frobnicate": 1}]`:                                                  `c:1:3: unknown member "frobnicate"`,
		`[{"name": 7}]`:                                                        "c:1:11: name is no string",
		`[{"secure": "canary"}]`:                                               "c:1:13: secure is no true or false",
		`[{"expires": "canary"}]`:                                              "c:1:14: expires is no number of seconds since 1970",
		`[{"expirationDate": 1700000000000}]`:                                  "c:1:21: expirationDate is no time in seconds since 1970",
		`[{"sameSite": "canary"}]`:                                             "c:1:15: sameSite is no word of exporters (no_restriction, none, lax, strict, unspecified)",
		`[{"name": "sid", "value": "canary"}]`:                                 "c:1:2: the cookie has no domain",
		`[{"name": "", "value": "canary", "domain": "p"}]`:                     "c:1:2: the cookie has an empty name",
		`[{"name": "sid", "name": "canary"}]`:                                  "c:1:18: a member stands twice",
		"[\n{\"name\": \"canary}]":                                             "c:2:19: not JSON",
		`[{"name": "sid", "value": "v", "domain": "p.test"}] canary`:           "c:1:53: something stands behind the array",
		`[{"name": "s", "value": "v", "domain": ".p.test", "hostOnly": true}]`: "c:1:2: domain begins with a dot, and hostOnly is true",
	} {
		s, err := consent.ImportSession("c", []byte(data), today)
		if err == nil || err.Error() != want {
			t.Errorf("%q:\ngot  %v\nwant %s", data, err, want)
		}
		if s != nil {
			t.Errorf("%q: a session beside the error", data)
		}
		if err != nil {
			mustNotContain(t, "the error", err.Error(), "canary")
		}
	}
	var at *consent.ImportError
	if _, err := consent.ImportSession("c", []byte("x"), today); !errors.As(err, &at) || at.Line != 1 || at.Column != 1 {
		t.Errorf("no place in %v", err)
	}
}

// An imported session signs in with both drivers, and needs no user.
func TestImportedSessionIsUsed(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		host := s.Listener.Addr().String()
		host = host[:strings.LastIndexByte(host, ':')]
		for _, data := range []string{
			host + "\tFALSE\t/\tTRUE\t0\tsid\t" + s.sid() + "\n",
			`[{"domain": "` + host + `", "hostOnly": true, "name": "sid", "value": "` + s.sid() + `", "path": "/", "secure": true}]`,
		} {
			session, err := consent.ImportSession("c", []byte(data), today)
			if err != nil {
				t.Fatal(err)
			}
			o, err := d.Approve(ctxFor(t), s.link("domain=example.com"), target.Credentials{}, consent.Options{Session: session})
			if err != nil || o.SignedIn || !o.Pressed || s.sessions != 0 {
				t.Errorf("signed in %v, pressed %v, %d sessions, %v", o.SignedIn, o.Pressed, s.sessions, err)
			}
		}
	})
}

// Any file is a session or an error without its content.
func FuzzImportSession(f *testing.F) {
	for _, seed := range []string{cookiesTXT, cookiesJSON, "", "[", "[{}]", "a\tTRUE\t/\tTRUE\t0\tn\tv", "\ufeff#", "[{\"expires\":1e99}]", "[::1]\tFALSE\t/\tTRUE\t0\tn\tv"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := consent.ImportSession("c", data, today)
		if (s == nil) == (err == nil) {
			t.Fatalf("session %v, error %v", s, err)
		}
		if err == nil && (s.Len() == 0 || !s.Open()) {
			t.Fatalf("an empty session: %v", s)
		}
	})
}
