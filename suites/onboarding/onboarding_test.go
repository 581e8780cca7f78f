package onboarding

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/fixtures/profiles"
)

func named(t *testing.T, name string) *profiles.Profile {
	t.Helper()
	p, err := profiles.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const good = `{"providerId":"Shop.example","providerName":"Shop","serviceId":"store","serviceName":"Store","version":3,
	"logoUrl":"https://shop.example/logo.SVG?v=2","syncPubKeyDomain":"keys.shop.example","syncRedirectDomain":"shop.example",
	"records":[{"type":"CNAME","host":"www","pointsTo":"edge.shop.example","ttl":300},{"type":"TXT","host":"@","data":"x","ttl":300}]}`

func prepare(t *testing.T, o Options, files ...string) []string {
	t.Helper()
	for i := 0; i < len(files); i += 2 {
		o.Templates = append(o.Templates, Template{files[i], []byte(files[i+1])})
	}
	p, err := Prepare(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, c := range p.Checks {
		lines = append(lines, c.String())
	}
	if p.Sound() == strings.Contains(strings.Join(lines, "\n"), "problem ") {
		t.Errorf("sound is %t for %q", p.Sound(), lines)
	}
	return lines
}

func TestChecks(t *testing.T) {
	const file = "shop.example.store.json"
	change := func(from, to string) string {
		if !strings.Contains(good, from) {
			t.Fatalf("no %s", from)
		}
		return strings.Replace(good, from, to, 1)
	}
	key := func(problem string) func(context.Context, string) (string, error) {
		return func(_ context.Context, name string) (string, error) {
			if name != "keys.shop.example" {
				t.Errorf("the key is looked for at %s", name)
			}
			return problem, nil
		}
	}
	const (
		nameOK  = "ok       shop.example.store.json: file name: shop.example.store.json"
		blockOK = "ok       shop.example.store.json: syncBlock: false or absent"
		keyOK   = "ok       shop.example.store.json: syncPubKeyDomain: keys.shop.example"
		foundOK = "ok       shop.example.store.json: public key: _dck1.keys.shop.example has a key that a strict provider takes"
		logoOK  = "ok       shop.example.store.json: logo: https://shop.example/logo.SVG?v=2"
		proxyOK = "ok       shop.example.store.json: proxy status: DNS only: CNAME at www"
	)
	for name, c := range map[string]struct {
		file, text string
		o          Options
		want       []string
	}{
		"all is well": {file, good, Options{Key: key("")}, []string{nameOK, blockOK, keyOK, foundOK, logoOK, proxyOK}},
		"another name": {"dir/Shop.example.store.json", good, Options{Key: key("")}, []string{
			"problem  dir/Shop.example.store.json: file name: it is Shop.example.store.json, and the ids make it shop.example.store.json; rename it",
			strings.ReplaceAll(blockOK, "shop.example.store.json:", "dir/Shop.example.store.json:"), strings.Replace(keyOK, "shop.example.store.json:", "dir/Shop.example.store.json:", 1),
			strings.Replace(foundOK, "shop.example.store.json:", "dir/Shop.example.store.json:", 1), strings.Replace(logoOK, "shop.example.store.json:", "dir/Shop.example.store.json:", 1),
			strings.Replace(proxyOK, "shop.example.store.json:", "dir/Shop.example.store.json:", 1)}},
		"syncBlock": {file, change(`"version":3`, `"version":3,"syncBlock":true`), Options{Key: key("")}, []string{nameOK,
			"problem  shop.example.store.json: syncBlock: it is true, and Cloudflare has the synchronous flow alone; delete it", keyOK, foundOK, logoOK, proxyOK}},
		"no key domain": {file, change(`"syncPubKeyDomain":"keys.shop.example",`, ""), Options{Key: key("")}, []string{nameOK, blockOK,
			"problem  shop.example.store.json: syncPubKeyDomain: it is missing, and Cloudflare takes signed links alone; publish a public key and name its domain", logoOK, proxyOK}},
		"a key that nobody can read": {file, good, Options{Key: key("there is no TXT record")}, []string{nameOK, blockOK, keyOK,
			"problem  shop.example.store.json: public key: _dck1.keys.shop.example: there is no TXT record", logoOK, proxyOK}},
		"no look-up": {file, good, Options{}, []string{nameOK, blockOK, keyOK,
			"open     shop.example.store.json: public key: _dck1.keys.shop.example was not looked up; give a name server with --dns", logoOK, proxyOK}},
		"no logo": {file, change(`"logoUrl":"https://shop.example/logo.SVG?v=2",`, ""), Options{Key: key("")}, []string{nameOK, blockOK, keyOK, foundOK,
			"problem  shop.example.store.json: logo: the template has no logoUrl; attach one to the mail, and name it in the template", proxyOK}},
		"another picture": {file, change("logo.SVG?v=2", "logo.png"), Options{Key: key("")}, []string{nameOK, blockOK, keyOK, foundOK,
			"open     shop.example.store.json: logo: https://shop.example/logo.png is not called .svg, which is preferred", proxyOK}},
		"a picture without TLS": {file, change("https://shop.example/logo", "http://shop.example/logo"), Options{Key: key("")}, []string{nameOK, blockOK, keyOK, foundOK,
			"problem  shop.example.store.json: logo: http://shop.example/logo.SVG?v=2 is no https address", proxyOK}},
		"a type that is not taken": {file, change(`"type":"TXT","host":"@","data":"x"`, `"type":"APEXCNAME","pointsTo":"x.example"`), Options{Key: key("")}, []string{nameOK, blockOK,
			"problem  shop.example.store.json: support: APEXCNAME in record 2: Cloudflare does not write APEXCNAME", keyOK, foundOK, logoOK, proxyOK}},
		"proxied": {file, good, Options{Key: key(""), Proxied: true}, []string{nameOK, blockOK, keyOK, foundOK, logoOK,
			"open     shop.example.store.json: proxy status: proxied: CNAME at www; no verification of yours may look for these records themselves"}},
		"nothing to proxy": {file, change(`{"type":"CNAME","host":"www","pointsTo":"edge.shop.example","ttl":300},`, ""), Options{Key: key(""), Proxied: true}, []string{nameOK, blockOK, keyOK, foundOK, logoOK,
			"problem  shop.example.store.json: proxy status: nothing in it can be proxied: it has no A, AAAA or CNAME; leave --proxied away, or ask for this template by itself"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.Profile, c.o.KeyHost = named(t, "cloudflare"), "_dck1"
			want := append(c.want, "open     links: whether the templates are published where the mail says was not looked up: open the links before you send it")
			if diff := cmp.Diff(want, prepare(t, c.o, c.file, c.text)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestMail(t *testing.T) {
	second := strings.NewReplacer(`"serviceId":"store"`, `"serviceId":"mail"`, `"providerName":"Shop"`, `"providerName":"Shop\nBcc: x@example.net"`, `"logoUrl":"https://shop.example/logo.SVG?v=2",`, "",
		`{"type":"CNAME","host":"www","pointsTo":"edge.shop.example","ttl":300},`, "").Replace(good)
	p, err := Prepare(t.Context(), Options{Profile: named(t, "cloudflare"), KeyHost: "_dck1", Account: "0123", Proxied: true,
		Templates: []Template{{"a.json", []byte(good)}, {"b.json", []byte(second)}}})
	if err != nil {
		t.Fatal(err)
	}
	want := `To: domain-connect@cloudflare.com
Subject: Domain Connect: onboarding of 2 templates by Shop, Shop Bcc: x@example.net

Hello,

please onboard 2 templates of Shop, Shop Bcc: x@example.net.

Templates
  - Shop.example.store, version 3
    https://github.com/Domain-Connect/Templates/blob/master/shop.example.store.json
  - Shop.example.mail, version 3
    https://github.com/Domain-Connect/Templates/blob/master/shop.example.mail.json

Public keys (TXT records)
  - _dck1.keys.shop.example

Logo
  - https://shop.example/logo.SVG?v=2
  - (attach the logo of Shop Bcc: x@example.net)

Proxy status by default (A, AAAA and CNAME)
  - Shop.example.store: proxied
  - Shop.example.mail: nothing to proxy

Account for a test
  - 0123
    Please show the templates to this account alone until we have confirmed that they work.

Thank you.
`
	if diff := cmp.Diff(want, p.Mail); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	// Another provider is told what it asks for, and no more.
	p, err = Prepare(t.Context(), Options{Profile: named(t, "vercel"), KeyHost: "_dck1", Account: "0123", Templates: []Template{{"a.json", []byte(good)}}})
	if err != nil {
		t.Fatal(err)
	}
	want = `To: domainconnect@vercel.com
Subject: Domain Connect: onboarding of 1 template by Shop

Hello,

please onboard 1 template of Shop.

Templates
  - Shop.example.store, version 3
    https://github.com/Domain-Connect/Templates/blob/master/shop.example.store.json

Public keys (TXT records)
  - _dck1.keys.shop.example

Video
  - (add a link to a short video of the flow in your product)

Thank you.
`
	if diff := cmp.Diff(want, p.Mail); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Profile: named(t, "squarespace")}, "no source says that Squarespace takes templates by mail; ask it how it does"},
		{Options{Profile: named(t, "powerdns-admin")}, "no source says that PowerDNS-Admin takes templates by mail; ask it how it does"},
		{Options{Profile: named(t, "cloudflare"), Templates: []Template{{"x.json", []byte("{")}}}, "none of the files is a template, so there is nothing to ask for"},
		{Options{Profile: named(t, "cloudflare"), Templates: []Template{{"x.json", []byte(good)}, {"y.json", []byte(strings.ReplaceAll(good, `"providerId":"`, `"providerId":"a.`))}}},
			"the templates are of 2 service providers, Shop.example, a.Shop.example, and a mail speaks for one; prepare each by itself"},
		{Options{Profile: named(t, "cloudflare"), KeyHost: "k", Templates: []Template{{"x.json", []byte(good)}},
			Key: func(context.Context, string) (string, error) { return "", errors.New("no answer") }}, "the public key at k.keys.shop.example: no answer"},
	} {
		if _, err := Prepare(t.Context(), c.o); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	got := prepare(t, Options{Profile: named(t, "cloudflare")}, "x.json", "{", "shop.example.store.json", good)
	if want := "problem  x.json: template: "; !strings.HasPrefix(got[0], want) || len(got) != 8 {
		t.Errorf("%q", got)
	}
}

// Nothing is overwritten.
func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "mail")
	p := Prepared{Mail: "To: x\n", Checks: []Check{{"", "a", OK, "b"}, {"f", "c", Problem, "d"}}}
	if err := p.Write(dir); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"mail.txt": "To: x\n", "checks.txt": "ok       a: b\nproblem  f: c: d\n"} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if err := p.Write(dir); err == nil || err.Error() != dir+" is not empty; name another folder, so that nothing is overwritten" {
		t.Errorf("a second time: %v", err)
	}
	file := filepath.Join(dir, "mail.txt")
	if err := Free(file); err == nil {
		t.Error("a file is taken for a folder")
	}
	if err := Free(t.TempDir()); err != nil {
		t.Error(err)
	}
}
