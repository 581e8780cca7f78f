package web_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// What is signed is verified as it arrives, also when the user signs in
// between: no parser may touch it.
func TestRawQueryIsKept(t *testing.T) {
	for _, raw := range []string{
		"domain=example.com&v=x",
		"v=a%2bb&host=&domain=example.com&t2=~%7E:x",
		"v=x&&domain=example.com&",
		"z=1&domain=example.com&a=2&v=%41",
		"domain=example.com&v=x;y&apikey=K1&mysig=Z&key2=z",
		"domain=example.com&v=a=b&flag",
		"domain=example.com&v=!'()*,/?@$",
		"v=x&domain=%65xample.com",
	} {
		t.Run(raw, func(t *testing.T) {
			w := newWorld(t)
			b := w.browser()
			p := b.open(w.apply("mail", signed(raw)))
			if p.path != "/ux/consent" {
				t.Fatalf("ended with %d at %s:\n%s", p.status, p.path, p.text())
			}
			if p = b.answer(p, "confirm"); p.heading() != "Done" {
				t.Errorf("ended with %q", p.heading())
			}
			contains(t, w.zoneAt("example.com"), "example.com. 600 IN TXT ")
			for name, bad := range map[string]string{
				"case of an escape": strings.NewReplacer("%2b", "%2B", "%7E", "~", "%41", "A", "%65", "e").Replace(raw),
				"appended":          raw + "&utm=1",
				"empty pair":        strings.Replace(raw, "&", "&&", 1),
			} {
				link := strings.Replace(signed(raw), raw, bad, 1)
				if bad == raw {
					continue
				}
				if p := b.get(w.apply("mail", link)); p.status != http.StatusForbidden || p.heading() != "This link cannot be trusted" {
					t.Errorf("%s: %d %q", name, p.status, p.heading())
				}
			}
		})
	}
}

func TestSignaturePairsAnywhere(t *testing.T) {
	link := signed("domain=example.com&v=x")
	_, tail, _ := strings.Cut(link, "v=x&")
	sig, key, _ := strings.Cut(tail, "&")
	for _, query := range []string{
		link, key + "&" + sig + "&domain=example.com&v=x", sig + "&domain=example.com&" + key + "&v=x", "domain=example.com&v=x&" + key + "&" + sig,
	} {
		w := newWorld(t)
		if p := w.browser().open(w.apply("mail", query)); p.path != "/ux/consent" {
			t.Errorf("%s: ended with %d %q", query, p.status, p.heading())
		}
	}
}

func TestSignatureRefused(t *testing.T) {
	const text = "domain=example.com&v=x"
	good := signed(text)
	_, tail, _ := strings.Cut(good, "&sig=")
	sig, _, _ := strings.Cut(tail, "&")
	for _, c := range []struct {
		name, query string
		// said stands in what the page tells developers; asked are the names
		// that were looked up.
		said, asked string
		options     []option
		keys        map[string][][]string
		err         error
	}{
		{name: "unsigned", query: text, said: "the link has no sig or no key"},
		{name: "only sig", query: text + "&sig=" + sig, said: "the link has no sig or no key"},
		{name: "only key", query: text + "&key=_k1", said: "the link has no sig or no key"},
		{name: "empty sig", query: text + "&sig=&key=_k1", said: "the link has no sig or no key"},
		{name: "empty key", query: text + "&sig=" + sig + "&key=", said: "the link has no sig or no key"},
		{name: "escaped name of sig", query: strings.Replace(good, "&sig=", "&%73ig=", 1), said: "the link has no sig or no key"},
		{name: "repeated sig", query: good + "&sig=AAAA", said: "the query carries sig more than once"},
		{name: "repeated key", query: good + "&key=_k1", said: "the query carries key more than once"},
		{name: "garbage", query: text + "&sig=%21%21&key=_k1", said: "sig is no standard base64 with padding", asked: "_k1.keys.sp.test."},
		{name: "cut", query: text + "&sig=AAAA&key=_k1", said: "sig has 3 octets", asked: "_k1.keys.sp.test."},
		{name: "changed value", query: strings.Replace(good, "v=x", "v=y", 1), said: "does not verify over the query as received", asked: "_k1.keys.sp.test."},
		{name: "added host", query: good + "&host=evil", said: "What happened: parameters of the protocol are in the link and not in the signature: left out when signing, or added afterwards (host); mend: sign every parameter but sig and key, and add nothing afterwards", asked: "_k1.keys.sp.test."},
		{name: "other key", query: strings.Replace(good, "_k1", "_k2", 1), said: "there is no TXT record at _k2.keys.sp.test.", asked: "_k2.keys.sp.test."},
		{name: "absolute key", query: text + "&sig=AAAA&key=evil.test.", said: "key is"},
		{name: "dotted key", query: text + "&sig=AAAA&key=a.b", said: "key is"},
		{name: "absolute key in 2.3", query: text + "&sig=AAAA&key=evil.test.", said: "key is", options: []option{withEdition(dc.DCSpec23)}},
		{name: "dotted key in 2.3", query: text + "&sig=AAAA&key=a.b", said: "there is no TXT record at a.b.keys.sp.test.", asked: "a.b.keys.sp.test.", options: []option{withEdition(dc.DCSpec23)}},
		{name: "zero octet in key", query: text + "&sig=AAAA&key=_k1%00", said: "key is"},
		{name: "slash in key", query: text + "&sig=AAAA&key=_k1%2Fx", said: "key is"},
		{name: "no fragments", query: good, said: "none of the 1 TXT records", asked: "_k1.keys.sp.test.", keys: map[string][][]string{"_k1.keys.sp.test.": {{"v=spf1 -all"}}}},
		{name: "failed look-up", query: good, said: "looking up the public key at _k1.keys.sp.test.: no answer", asked: "_k1.keys.sp.test.", err: errors.New("no answer")},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.options...)
			if c.keys != nil {
				w.keys = c.keys
			}
			w.keyErr = c.err
			p := w.browser().get(w.apply("mail", c.query))
			if p.status != http.StatusForbidden || p.heading() != "This link cannot be trusted" {
				t.Errorf("ended with %d %q", p.status, p.heading())
			}
			contains(t, p.text(), "Nothing has been changed.", c.said)
			if got := strings.Join(w.asked, " "); got != c.asked {
				t.Errorf("looked up %q, want %q", got, c.asked)
			}
		})
	}
}

func TestFailedKeyLookupIsTemporary(t *testing.T) {
	w := newWorld(t)
	w.keyErr = errors.New("no answer")
	p := w.browser().get(w.apply("mail", signed("domain=example.com&v=x&redirect_uri=https%3A%2F%2Fsp.test%2F")))
	if want := "https://sp.test/?error=temporarily_unavailable&error_description=the%20public%20key%20could%20not%20be%20looked%20up"; p.away != want {
		t.Errorf("sent to %q, want %q", p.away, want)
	}
}

// The signature is checked once, before the sign-in; what was verified is
// what is applied.
func TestKeyIsAskedBeforeSignIn(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	p := b.get(w.apply("mail", signed("domain=example.com&v=x")))
	if p.path != "/ux/sign-in" || len(w.asked) != 1 {
		t.Errorf("at %s with %d look-ups, want the sign-in page and 1", p.path, len(w.asked))
	}
}

// Without syncPubKeyDomain sig and key are ignored, whatever they hold, and
// the request stays unsigned.
func TestSignatureOnAnOpenTemplate(t *testing.T) {
	const text = "domain=example.com&ip=192.0.2.7&v=x"
	for _, query := range []string{signed(text), text + "&sig=AAAA&key=_k1", text + "&sig=%zz&key=a.b.", text + "&sig=a&sig=b&key=", text} {
		w := newWorld(t)
		b := w.browser()
		p := b.open(w.apply("site", query))
		if strings.Contains(query, "%zz") {
			// A link with a broken escape is no URI, whatever stands in it.
			if p.status != http.StatusBadRequest {
				t.Errorf("%s: status %d", query, p.status)
			}
			continue
		}
		if p.path != "/ux/consent" {
			t.Fatalf("%s: ended with %d %q", query, p.status, p.heading())
		}
		contains(t, p.text(), "Check where you came from")
		if len(w.asked) != 0 {
			t.Errorf("%s: looked up %q", query, w.asked)
		}
	}
}

func TestPhishingWarning(t *testing.T) {
	const warned = "Check where you came from"
	flagged := func(s string) string { return strings.Replace(s, `"records"`, `"warnPhishing": true, "records"`, 1) }
	for _, c := range []struct {
		name    string
		edition dc.Edition
		service string
		flag    bool
		warn    bool
	}{
		{"05 unsigned", dc.IETF05, "site", false, true},
		{"05 unsigned, flag", dc.IETF05, "site", true, true},
		{"05 signed", dc.IETF05, "mail", false, false},
		{"05 signed, flag", dc.IETF05, "mail", true, false},
		{"2.3 unsigned", dc.DCSpec23, "site", false, false},
		{"2.3 unsigned, flag", dc.DCSpec23, "site", true, true},
		{"2.3 signed", dc.DCSpec23, "mail", false, false},
		{"2.3 signed, flag", dc.DCSpec23, "mail", true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			open, closed := openTemplate, closedTemplate
			if c.flag {
				open, closed = flagged(open), flagged(closed)
			}
			w := newWorld(t, withTemplates(open, closed), withEdition(c.edition))
			query := "domain=example.com&ip=192.0.2.7&v=x"
			if c.service == "mail" {
				query = signed(query)
			}
			p := w.browser().open(w.apply(c.service, query))
			if got := strings.Contains(p.text(), warned); got != c.warn {
				t.Errorf("warning: %t, want %t, on\n%s", got, c.warn, p.text())
			}
		})
	}
}
