package doctor

import (
	"crypto/rsa"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/fixtures/keys"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/suites/client"
)

const endpoint = "https://dns.example.org/v2/domainTemplates/providers/shop.example.net/services/site/apply?"

// What every dialect is asked to make a link of.
var (
	asked = []client.Param{
		{Name: "domain", Value: "example.com"}, {Name: "host", Value: "shop"}, {Name: "redirect_uri", Value: "https://app.example.net/cb?x=1"},
		{Name: "state", Value: "s 1"}, {Name: "groupId", Value: "mail,web"}, {Name: "Zone", Value: "eu"}, {Name: "ip", Value: "192.0.2.7"}, {Name: "text", Value: "a+b c~d"},
	}
	variables = []client.Param{asked[0], asked[1], asked[5], asked[6], asked[7]}
)

// dialect is a client library, by what it signs and sends.
type dialect struct {
	name string
	link func(t *testing.T, key *rsa.PrivateKey) string
	// pkcs1 has the key published as the library exports it.
	pkcs1 bool
	// verifies is the verdict; causes and warnings are codes.
	verifies bool
	causes   []string
	warnings []string
}

func signature(t *testing.T, text string, key *rsa.PrivateKey) string {
	t.Helper()
	sig, err := client.Sign(text, key)
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

// form writes parameters as an HTML form does, in their order.
func form(params []client.Param) string {
	pairs := make([]string, len(params))
	for i, p := range params {
		pairs[i] = url.QueryEscape(p.Name) + "=" + url.QueryEscape(p.Value)
	}
	return strings.Join(pairs, "&")
}

func plain(params []client.Param) string {
	pairs := make([]string, len(params))
	for i, p := range params {
		pairs[i] = p.Name + "=" + p.Value
	}
	return strings.Join(pairs, "&")
}

func ordered(params []client.Param, key func(string) string) []client.Param {
	out := slices.Clone(params)
	slices.SortStableFunc(out, func(a, b client.Param) int { return strings.Compare(key(a.Name), key(b.Name)) })
	return out
}

func same(s string) string { return s }

var dialects = []dialect{
	{name: "domainconnect_python: sorted, + for a space, sig before key",
		link: func(t *testing.T, key *rsa.PrivateKey) string {
			text := form(ordered(asked, same))
			return text + "&sig=" + url.QueryEscape(signature(t, text, key)) + "&key=_dck1"
		}, verifies: true, warnings: []string{"sig-not-last", "fragile-plus"}},
	{name: "railwayapp/domainconnect-go: unencoded text without what is not a variable, an unsigned time stamp, base64url",
		link: func(t *testing.T, key *rsa.PrivateKey) string {
			octets, err := base64.StdEncoding.DecodeString(signature(t, plain(ordered(variables, same)), key))
			if err != nil {
				t.Fatal(err)
			}
			sent := ordered(append(slices.Clone(asked), client.Param{Name: "sigts", Value: "1700000000"}, client.Param{Name: "key", Value: "_dck1"}), same)
			return form(sent) + "&sig=" + base64.RawURLEncoding.EncodeToString(octets)
		}, causes: []string{"link-added", "sig-base64url", "sig-unpadded", "text-decoded", "text-left-out"}},
	{name: "spoofcanary/dns-entree: sorted, %20, key before sig",
		link: func(t *testing.T, key *rsa.PrivateKey) string {
			text := client.Canonical(asked)
			return text + "&key=_dck1&sig=" + url.QueryEscape(signature(t, text, key))
		}, verifies: true},
	{name: "domain-connect-ts: URLSearchParams, sorted",
		link: func(t *testing.T, key *rsa.PrivateKey) string {
			text := strings.ReplaceAll(form(ordered(asked, same)), "~", "%7E")
			return text + "&sig=" + url.QueryEscape(signature(t, text, key)) + "&key=_dck1"
		}, verifies: true, warnings: []string{"sig-not-last", "fragile-plus", "fragile-spelling"}},
	{name: "shiny/domainconnect: key signed along, unsorted, PKCS#1 published", pkcs1: true,
		link: func(t *testing.T, key *rsa.PrivateKey) string {
			text := form(asked) + "&key=_dck1"
			return text + "&sig=" + url.QueryEscape(signature(t, text, key))
		}, causes: []string{"key-pkcs1", "text-key"}, warnings: []string{"fragile-plus", "fragile-order"}},
	{name: "php-ext-domain-connect: sorted without case",
		link: func(t *testing.T, key *rsa.PrivateKey) string {
			text := strings.ReplaceAll(form(ordered(asked, strings.ToLower)), "+", "%20")
			return text + "&key=_dck1&sig=" + url.QueryEscape(signature(t, text, key))
		}, verifies: true, warnings: []string{"fragile-order"}},
	{name: "a mail service: unsorted, a name with its dot",
		link: func(t *testing.T, key *rsa.PrivateKey) string {
			text := "domain=example.com&host=&target=mx.example.net.&a=b"
			return text + "&key=_dck1&sig=" + url.QueryEscape(signature(t, text, key))
		}, verifies: true, warnings: []string{"fragile-order", "fragile-empty"}},
}

func TestDialectsOfClientLibraries(t *testing.T) {
	pair, err := keys.Load(keys.Second)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dialects {
		t.Run(d.name, func(t *testing.T) {
			data := pair.Data
			if d.pkcs1 {
				data = pair.PKCS1
			}
			r := examine(t, Question{Link: endpoint + d.link(t, pair.Private), Keys: file(t, "p=1,a=RS256,d="+data)})
			if r.Signature.Verifies != d.verifies {
				t.Fatalf("verifies: %v, %+v", r.Signature.Verifies, r.Signature)
			}
			if !d.verifies {
				wantCauses(t, r, d.causes)
			}
			if got := found(r, Warning); !slices.Equal(got, d.warnings) {
				t.Errorf("warnings %q, want %q", got, d.warnings)
			}
			if got := found(r, Error); len(got) > 0 {
				t.Errorf("errors %q", got)
			}
		})
	}
}

func examine(t *testing.T, q Question) *Report {
	t.Helper()
	q.Edition = dc.IETF05
	r, err := Examine(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func file(t *testing.T, lines ...string) *File {
	t.Helper()
	f, err := ParseFile("key.txt", []byte(strings.Join(lines, "\n")+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// wantCauses states that there is one cause, of these codes.
func wantCauses(t *testing.T, r *Report, want []string) {
	t.Helper()
	if len(r.Signature.Causes) != 1 {
		t.Fatalf("%d causes: %+v, facts %+v", len(r.Signature.Causes), r.Signature.Causes, r.Signature.Facts)
	}
	var got []string
	for _, m := range r.Signature.Causes[0] {
		got = append(got, m.Code)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("causes %q, want %q", got, want)
	}
	if r.Verdict != Refused || r.ExitCode() != ExitRefused {
		t.Errorf("verdict %s, exit code %d", r.Verdict, r.ExitCode())
	}
}

func found(r *Report, severity Severity) []string {
	var codes []string
	for _, f := range r.Findings {
		if f.Severity == severity {
			codes = append(codes, f.Code)
		}
	}
	return codes
}
