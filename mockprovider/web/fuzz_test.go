package web

import (
	"net/url"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// FuzzRedirect holds the redirect against a parser of its own: what is sent
// goes to the host that was checked, says what it has to say, and leaves the
// rest of redirect_uri alone.
func FuzzRedirect(f *testing.F) {
	for _, seed := range [][2]string{
		{"https://sp.test/cb", "s"}, {"https://sp.test/cb?x=1#f", "a&b=c"}, {"https://sp.test?", "%41"}, {"http://app.sp.test:8080/?&", "\r\nX: y"},
		{"https://sp.test@evil.test/", "s"}, {`https://evil.test\@sp.test`, "s"}, {"https://sp.test.evil.test", "é"}, {"//sp.test", ""},
		{"https://[::1]/", "+"}, {"https://sp%2etest/", "#"}, {"javascript://sp.test/%0a", "s"}, {"https://sp.test:80:80/", "s"},
	} {
		f.Add(seed[0], seed[1])
	}
	x := &exchange{}
	t := &dc.Template{SyncRedirectDomain: "sp.test"}
	f.Fuzz(func(tt *testing.T, raw, state string) {
		for _, signed := range []bool{false, true} {
			if !x.permitRedirect(t, raw, signed) {
				continue
			}
			before, err := url.Parse(raw)
			if err != nil {
				tt.Fatalf("%q is permitted and no URI: %v", raw, err)
			}
			host := strings.TrimSuffix(strings.ToLower(before.Hostname()), ".")
			if !signed && host != "sp.test" && !strings.HasSuffix(host, ".sp.test") {
				tt.Fatalf("%q is permitted, its host is %q", raw, host)
			}
			location := x.location(&request{redirect: raw, state: state, hasState: true}, nil)
			for _, r := range location {
				if r <= ' ' || r >= 0x7f {
					tt.Fatalf("%q goes to %q, which is no header value", raw, location)
				}
			}
			checkLocation(tt, before, location, state)
		}
	})
}

func checkLocation(t *testing.T, before *url.URL, location, state string) {
	t.Helper()
	after, err := url.Parse(location)
	if err != nil {
		t.Fatalf("%q goes to %q, which is no URI: %v", before, location, err)
	}
	if after.Scheme != before.Scheme || after.Host != before.Host || after.User != nil || after.EscapedPath() != before.EscapedPath() || after.EscapedFragment() != before.EscapedFragment() {
		t.Fatalf("%q goes to %q", before, location)
	}
	rest, last := "", after.RawQuery
	if i := strings.LastIndexByte(last, '&'); i >= 0 {
		rest, last = last[:i], last[i+1:]
	}
	if strings.TrimSuffix(before.RawQuery, "&") != strings.TrimSuffix(rest, "&") {
		t.Fatalf("the query %q became %q", before.RawQuery, after.RawQuery)
	}
	if got, err := url.PathUnescape(strings.TrimPrefix(last, "state=")); err != nil || got != state || !strings.HasPrefix(last, "state=") {
		t.Fatalf("state %q came back as %q: %v", state, last, err)
	}
}
