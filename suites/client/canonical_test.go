package client_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/dcconform/dcconform/suites/client"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func testKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	k, err := client.ParseKey("key.pkcs8.pem", read(t, "key.pkcs8.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestEncode(t *testing.T) {
	for in, want := range map[string]string{
		"":                   "",
		"a b":                "a%20b",
		"a+b":                "a%2Bb",
		"~":                  "~",
		"é":                  "%C3%A9",
		"!'()*":              "%21%27%28%29%2A",
		"a&b=c":              "a%26b%3Dc",
		"AZaz09-._~":         "AZaz09-._~",
		"%41":                "%2541",
		"/?#[]@:;,$":         "%2F%3F%23%5B%5D%40%3A%3B%2C%24",
		"\x00\x7f\xff\"<>\\": "%00%7F%FF%22%3C%3E%5C",
	} {
		if got := client.Encode(in); got != want {
			t.Errorf("Encode(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCanonicalSortsByBytesOfEncodedNames(t *testing.T) {
	var params []client.Param
	for _, n := range []string{"b", "a", "B", "a-1", "a_1", "a1", "aB", "domain", "crit", "vnd.x.y", "host"} {
		params = append(params, client.Param{Name: n})
	}
	want := "B=&a=&a-1=&a1=&aB=&a_1=&b=&crit=&domain=&host=&vnd.x.y="
	if got := client.Canonical(params); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Parameters of one name keep their order, however many there are.
func TestCanonicalKeepsTheOrderOfEqualNames(t *testing.T) {
	var params []client.Param
	var as, vs []string
	for i := range 60 {
		params = append(params, client.Param{Name: "v", Value: itoa(i)}, client.Param{Name: "a", Value: itoa(i)})
		as, vs = append(as, "a="+itoa(i)), append(vs, "v="+itoa(i))
	}
	if got, want := client.Canonical(params), strings.Join(append(as, vs...), "&"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The vectors were made with OpenSSL: RS256 is deterministic, so signatures
// are compared byte for byte.
func TestSignatureVectors(t *testing.T) {
	var file struct {
		Vectors []struct {
			Name      string
			Params    [][2]string
			Text, Sig string
		}
	}
	if err := json.Unmarshal(read(t, "signing.json"), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) < 8 {
		t.Fatalf("only %d vectors", len(file.Vectors))
	}
	key := testKey(t)
	for _, v := range file.Vectors {
		t.Run(v.Name, func(t *testing.T) {
			var params []client.Param
			for _, p := range v.Params {
				params = append(params, client.Param{Name: p[0], Value: p[1]})
			}
			if got := client.Canonical(params); got != v.Text {
				t.Errorf("text\n got %s\nwant %s", got, v.Text)
			}
			got, err := client.Sign(v.Text, key)
			if err != nil {
				t.Fatal(err)
			}
			if got != v.Sig {
				t.Errorf("signature\n got %s\nwant %s", got, v.Sig)
			}
		})
	}
}

// What is signed says the same however the parameters came in, and decodes to
// what went in.
func TestCanonicalProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "values")
		delete(values, "sig")
		delete(values, "key")
		var params, reversed []client.Param
		for n, v := range values {
			params = append(params, client.Param{Name: n, Value: v})
		}
		for _, p := range params {
			reversed = append([]client.Param{p}, reversed...)
		}
		text := client.Canonical(params)
		if other := client.Canonical(reversed); other != text {
			t.Fatalf("order of input matters:\n%s\n%s", text, other)
		}
		if strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%=&") != "" {
			t.Fatalf("reserved bytes in %q", text)
		}
		hit := client.Hit{RawQuery: text}
		for n, v := range values {
			if got := hit.Query()[n]; len(got) != 1 || got[0] != v {
				t.Fatalf("%q came back as %q, want %q", n, got, v)
			}
		}
	})
}

func TestParseKeyForms(t *testing.T) {
	one, err := client.ParseKey("a", read(t, "key.pkcs8.pem"))
	if err != nil {
		t.Fatal(err)
	}
	two, err := client.ParseKey("b", append([]byte("Bag Attributes\n"+string(read(t, "public.pem"))), read(t, "key.pkcs1.pem")...))
	if err != nil {
		t.Fatal(err)
	}
	if !one.Equal(two) {
		t.Error("PKCS#8 and PKCS#1 give different keys")
	}
}

func TestParseKeyErrors(t *testing.T) {
	junk := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("junk")}))
	for name, c := range map[string]struct{ in, want string }{
		"empty":     {"", "k.pem: no PEM block; want a file that holds -----BEGIN PRIVATE KEY-----"},
		"public":    {string(read(t, "public.pem")), `k.pem: no RSA private key in PEM; found only ["PUBLIC KEY"]`},
		"encrypted": {string(read(t, "key.encrypted.pem")), "k.pem: the private key is encrypted; write it out without a passphrase: openssl pkey -in k.pem -out plain.pem"},
		"EC":        {string(read(t, "key.ec.pem")), "k.pem: the key is a *ecdsa.PrivateKey; Domain Connect signs with RS256, which needs an RSA key"},
		"short":     {string(read(t, "key.768.pem")), "k.pem: the RSA key has 768 bits; want at least 1024"},
		"old encryption": {"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AA\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
			"k.pem: the private key is encrypted; write it out without a passphrase: openssl pkey -in k.pem -out plain.pem"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client.ParseKey("k.pem", []byte(c.in))
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
	if _, err := client.ParseKey("k.pem", []byte(junk)); err == nil || !strings.HasPrefix(err.Error(), "k.pem: PRIVATE KEY: asn1: ") {
		t.Errorf("junk: %v", err)
	}
}

func TestKeyRecords(t *testing.T) {
	block, _ := pem.Decode(read(t, "public.pem"))
	want := base64.StdEncoding.EncodeToString(block.Bytes)
	for _, c := range []struct {
		max, records, longest int
	}{{0, 2, 255}, {255, 2, 255}, {200, 3, 200}, {100, 5, 100}, {32, 23, 32}} {
		records, err := client.KeyRecords(&testKey(t).PublicKey, c.max)
		if err != nil {
			t.Fatal(err)
		}
		joined, longest := "", 0
		for i, r := range records {
			head, data, ok := strings.Cut(r, ",d=")
			if wantHead := "p=" + itoa(i+1) + ",a=RS256"; !ok || head != wantHead {
				t.Errorf("record %d begins %q, want %q", i+1, head, wantHead)
			}
			joined += data
			longest = max(longest, len(r))
		}
		if len(records) != c.records || longest != c.longest || joined != want {
			t.Errorf("max %d: %d records, longest %d, joined right %v; want %d, %d", c.max, len(records), longest, joined == want, c.records, c.longest)
		}
	}
	_, err := client.KeyRecords(&testKey(t).PublicKey, 31)
	if want := "key records of 31 octets: want at least 32, or 0 for 255"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func itoa(n int) string {
	if n > 9 {
		return itoa(n/10) + itoa(n%10)
	}
	return string(rune('0' + n))
}

// verifies checks a raw query as a provider does, with nothing of the signer.
func verifies(t *testing.T, rawQuery string) bool {
	t.Helper()
	var text []string
	sig := ""
	for _, pair := range strings.Split(rawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		switch name {
		case "sig":
			sig = strings.NewReplacer("%2B", "+", "%2F", "/", "%3D", "=").Replace(value)
		case "key":
		default:
			text = append(text, pair)
		}
	}
	raw, err := base64.StdEncoding.DecodeString(sig)
	if err != nil {
		return false
	}
	block, _ := pem.Decode(read(t, "public.pem"))
	pub, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(strings.Join(text, "&")))
	return rsa.VerifyPKCS1v15(pub.(*rsa.PublicKey), crypto.SHA256, sum[:], raw) == nil
}

func request(t *testing.T) client.ApplyRequest {
	return client.ApplyRequest{
		URLSyncUX: "https://dp.example/sync", ProviderID: "shop.example", ServiceID: "site_1",
		Domain: "example.com", Host: "bar", Groups: []string{"a", "b"},
		Variables:   map[string]string{"ip": "192.0.2.7", "text": "a+b c"},
		RedirectURI: "https://shop.example/cb?x=1", State: "s/1",
		Key: &client.SigningKey{Private: testKey(t), Label: "_dcpubkeyv1"},
	}
}

const requestText = "domain=example.com&groupId=a%2Cb&host=bar&ip=192.0.2.7&redirect_uri=https%3A%2F%2Fshop.example%2Fcb%3Fx%3D1&state=s%2F1&text=a%2Bb%20c"

func TestLink(t *testing.T) {
	const path = "https://dp.example/sync/v2/domainTemplates/providers/shop.example/services/site_1/apply?"
	for name, c := range map[string]struct {
		change func(*client.ApplyRequest)
		want   string
	}{
		"unsigned":       {func(r *client.ApplyRequest) { r.Key = nil }, path + requestText},
		"signed":         {func(r *client.ApplyRequest) {}, path + requestText + "&sig=SIG&key=_dcpubkeyv1"},
		"sig last":       {func(r *client.ApplyRequest) { r.Options.SigLast = true }, path + requestText + "&key=_dcpubkeyv1&sig=SIG"},
		"trailing slash": {func(r *client.ApplyRequest) { r.URLSyncUX += "/"; r.Key = nil }, path + requestText},
		"empty host": {func(r *client.ApplyRequest) {
			*r = client.ApplyRequest{URLSyncUX: "https://dp.example:8443", ProviderID: "p", ServiceID: "s", Domain: "example.com", Options: client.LinkOptions{EmptyHost: true}}
		}, "https://dp.example:8443/v2/domainTemplates/providers/p/services/s/apply?domain=example.com&host="},
		"no host": {func(r *client.ApplyRequest) {
			*r = client.ApplyRequest{URLSyncUX: "https://dp.example", ProviderID: "p", ServiceID: "s", Domain: "example.com"}
		}, "https://dp.example/v2/domainTemplates/providers/p/services/s/apply?domain=example.com"},
		"names, extras, empty variable": {func(r *client.ApplyRequest) {
			*r = client.ApplyRequest{URLSyncUX: "https://dp.example", ProviderID: "p", ServiceID: "s", Domain: "example.com", ProviderName: "P & Q", ServiceName: "S",
				Variables: map[string]string{"v": ""}, Extra: []client.Param{{Name: "vnd.example.dryRun", Value: "1"}, {Name: "crit", Value: "vnd.example.dryRun"}}}
		}, "https://dp.example/v2/domainTemplates/providers/p/services/s/apply?crit=vnd.example.dryRun&domain=example.com&providerName=P%20%26%20Q&serviceName=S&v=&vnd.example.dryRun=1"},
		"order kept": {func(r *client.ApplyRequest) { r.Options.KeepOrder = true; r.Key = nil },
			path + "domain=example.com&host=bar&redirect_uri=https%3A%2F%2Fshop.example%2Fcb%3Fx%3D1&state=s%2F1&groupId=a%2Cb&ip=192.0.2.7&text=a%2Bb%20c"},
		"hostile ids": {func(r *client.ApplyRequest) {
			*r = client.ApplyRequest{URLSyncUX: "https://dp.example", ProviderID: "../x", ServiceID: "a/b?", Domain: "example.com"}
		}, "https://dp.example/v2/domainTemplates/providers/..%2Fx/services/a%2Fb%3F/apply?domain=example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(t)
			c.change(&r)
			l, err := r.Link()
			if err != nil {
				t.Fatal(err)
			}
			got := l.URL
			if l.Sig != "" {
				got = strings.Replace(got, client.Encode(l.Sig), "SIG", 1)
				if _, q, _ := strings.Cut(l.URL, "?"); !verifies(t, q) {
					t.Error("it does not verify")
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLinkErrors(t *testing.T) {
	for want, change := range map[string]func(*client.ApplyRequest){
		"urlSyncUX is empty": func(r *client.ApplyRequest) { r.URLSyncUX = "" },
		`urlSyncUX "http://dp.example": want an https URL`:                                                                            func(r *client.ApplyRequest) { r.URLSyncUX = "http://dp.example" },
		`urlSyncUX "https://dp.example?x=1": query and fragment are not allowed`:                                                      func(r *client.ApplyRequest) { r.URLSyncUX = "https://dp.example?x=1" },
		`urlSyncUX "https://u@dp.example": a user name is not allowed`:                                                                func(r *client.ApplyRequest) { r.URLSyncUX = "https://u@dp.example" },
		`urlSyncUX "https:///x": no host`:                                                                                             func(r *client.ApplyRequest) { r.URLSyncUX = "https:///x" },
		`apply link: provider id "", service id "site_1", domain "example.com": none of them may be empty`:                            func(r *client.ApplyRequest) { r.ProviderID = "" },
		`apply link: extra parameter "sig": it is made from Key`:                                                                      func(r *client.ApplyRequest) { r.Extra = []client.Param{{Name: "sig"}} },
		`apply link: key label "": want 1 to 63 characters`:                                                                           func(r *client.ApplyRequest) { r.Key.Label = "" },
		`apply link: key label "a.b": character '.' is not a letter, digit, hyphen or underscore; want one label such as _dcpubkeyv1`: func(r *client.ApplyRequest) { r.Key.Label = "a.b" },
		`apply link: sign: no private key`:                                                                                            func(r *client.ApplyRequest) { r.Key.Private = nil },
		`apply link: variable "state" has the name of a protocol parameter (domain, host, redirect_uri, state, groupId, providerName, serviceName, sig, key, crit, force, instanceId); rename it in the template`: func(r *client.ApplyRequest) {
			r.Variables["state"] = "x"
		},
		`apply link: tamper "no-sig": the link cannot be broken in this way: it is not signed`: func(r *client.ApplyRequest) { r.Key = nil; r.Options.Tamper = client.TamperNoSig },
	} {
		r := request(t)
		change(&r)
		if _, err := r.Link(); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// Each tampering breaks the link, and differs from its sound twin where it
// says that it does.
func TestTampers(t *testing.T) {
	sound, err := request(t).Link()
	if err != nil {
		t.Fatal(err)
	}
	_, good, _ := strings.Cut(sound.URL, "?")
	sig := "sig=" + client.Encode(sound.Sig)
	want := map[client.Tamper]string{
		client.TamperValue:     strings.Replace(good, "groupId=a%2Cb", "groupId=a%2CA", 1),
		client.TamperAppend:    good + "&utm=1",
		client.TamperOrder:     strings.Replace(good, "domain=example.com&groupId=a%2Cb", "groupId=a%2Cb&domain=example.com", 1),
		client.TamperCase:      strings.Replace(good, "a%2Cb", "a%2cb", 1),
		client.TamperNoSig:     strings.Replace(good, "&"+sig, "", 1),
		client.TamperNoKey:     strings.Replace(good, "&key=_dcpubkeyv1", "", 1),
		client.TamperBase64URL: strings.Replace(good, sig, strings.NewReplacer("%2B", "-", "%2F", "_", "%3D", "").Replace(sig), 1),
	}
	if n := len(client.Tampers()); n != 12 {
		t.Fatalf("%d tamperings, want 12", n)
	}
	for _, how := range client.Tampers() {
		t.Run(string(how), func(t *testing.T) {
			r := request(t)
			r.Options.Tamper = how
			l, err := r.Link()
			if err != nil {
				t.Fatal(err)
			}
			_, query, _ := strings.Cut(l.URL, "?")
			if how != client.TamperNoKey && verifies(t, query) {
				t.Error("it verifies")
			}
			if w, ok := want[how]; ok {
				if diff := cmp.Diff(w, query); diff != "" {
					t.Error(diff)
				}
				return
			}
			// The others change the signature alone.
			if cut(query) != cut(good) || query == good {
				t.Errorf("more or less than the signature changed: %s", query)
			}
		})
	}
}

// cut takes the value of sig out.
func cut(query string) string {
	before, rest, _ := strings.Cut(query, "&sig=")
	_, after, _ := strings.Cut(rest, "&")
	return before + "&" + after
}

func TestTamperNeedsSomethingToBreak(t *testing.T) {
	for _, how := range []client.Tamper{client.TamperValue, client.TamperOrder, client.TamperCase, client.TamperDecoded} {
		r := client.ApplyRequest{URLSyncUX: "https://dp.example", ProviderID: "p", ServiceID: "s", Domain: "example.com",
			Key: &client.SigningKey{Private: testKey(t), Label: "k"}, Options: client.LinkOptions{Tamper: how}}
		if l, err := r.Link(); err == nil {
			t.Errorf("%s: %s", how, l.URL)
		}
	}
	r := request(t)
	r.Options.Tamper = "nonsense"
	want := `apply link: tamper "nonsense" is not one of ["value" "append" "order" "case" "no-sig" "no-key" "sig" "base64url" "pss" "key-in-text" "decoded-text" "wrong-key"]`
	if _, err := r.Link(); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
