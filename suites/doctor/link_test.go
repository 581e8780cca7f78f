package doctor

import (
	"slices"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/fixtures/keys"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/sign"
	"github.com/dcconform/dcconform/suites/client"
)

const shopTemplate = `{"providerId": "shop.example.net", "providerName": "Shop", "serviceId": "site", "serviceName": "Site", "version": 1,
"syncPubKeyDomain": "keys.example.net", "hostRequired": true,
"records": [
 {"type": "A", "groupId": "web", "host": "@", "pointsTo": "%ip%", "ttl": 600},
 {"type": "TXT", "groupId": "mail", "host": "@", "data": "v=%text%", "ttl": 600}
]}`

func template(t *testing.T, from, to string) *dc.Template {
	t.Helper()
	parsed, err := dc.Parse("shop.json", []byte(strings.Replace(shopTemplate, from, to, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// A sound link, changed before it is signed: what a provider refuses beside
// the signature is found, and the signature verifies.
func TestParametersAreJudged(t *testing.T) {
	sound := "domain=example.com&groupId=web&host=shop&ip=192.0.2.7"
	tests := []struct {
		name, text string
		errors     []string
		warnings   []string
	}{
		{"sound", sound, nil, nil},
		{"no domain", "groupId=web&host=shop&ip=192.0.2.7", []string{"domain-missing"}, nil},
		{"a domain that is none", "domain=https%3A%2F%2Fexample.com&groupId=web&host=shop&ip=192.0.2.7", []string{"domain"}, nil},
		{"no host", "domain=example.com&groupId=web&ip=192.0.2.7", []string{"host-required"}, nil},
		{"host is @", "domain=example.com&groupId=web&host=%40&ip=192.0.2.7", nil, []string{"host-at"}},
		{"host with the domain", "domain=example.com&groupId=web&host=shop.example.com&ip=192.0.2.7", nil, []string{"host-absolute"}},
		{"a host that is none", "domain=example.com&groupId=web&host=a..b&ip=192.0.2.7", []string{"host"}, nil},
		{"a missing variable", "domain=example.com&groupId=web&host=shop", []string{"variable-missing"}, nil},
		{"no group: every variable", "domain=example.com&host=shop&ip=192.0.2.7", []string{"variable-missing"}, nil},
		{"an unknown group", "domain=example.com&groupId=WEB&host=shop&ip=192.0.2.7", []string{"group-unknown"}, nil},
		{"one unknown group", "domain=example.com&groupId=web%2Cold&host=shop&ip=192.0.2.7", nil, []string{"group-unknown"}},
		{"an empty group", "domain=example.com&groupId=&host=shop&ip=192.0.2.7&text=x", []string{"group"}, []string{"fragile-empty"}},
		{"an unknown parameter", sound + "&utm=1", nil, []string{"parameter-unknown"}},
		{"an extension", sound + "&vnd.example.x=1", nil, nil},
		{"repeated", sound + "&ip=192.0.2.8", []string{"repeated"}, nil},
		{"a redirect to nowhere", "domain=example.com&groupId=web&host=shop&ip=192.0.2.7&redirect_uri=app", []string{"redirect-uri"}, []string{"redirect-unlisted"}},
		{"not encoded", "domain=example.com&groupId=web&host=shop&ip=192.0.2.7&zone=%zz", []string{"encoding"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := examine(t, Question{Link: signedLink(t, endpoint, test.text), Template: template(t, "", ""), Keys: testKey(t)})
			if !r.Signature.Verifies {
				t.Fatalf("%+v", r.Signature)
			}
			if got := found(r, Error); !slices.Equal(got, test.errors) {
				t.Errorf("errors %q, want %q", got, test.errors)
			}
			if got := found(r, Warning); !slices.Equal(got, test.warnings) && test.name != "not encoded" {
				t.Errorf("warnings %q, want %q", got, test.warnings)
			}
			want := Verifies
			if test.errors != nil {
				want = Refused
			}
			if r.Verdict != want {
				t.Errorf("verdict %s, want %s", r.Verdict, want)
			}
		})
	}
}

func signedLink(t *testing.T, prefix, text string) string {
	t.Helper()
	pair, err := keys.Load(keys.Second)
	if err != nil {
		t.Fatal(err)
	}
	return prefix + text + "&key=_dck1&sig=" + client.Encode(signature(t, text, pair.Private))
}

func testKey(t *testing.T) *File {
	t.Helper()
	pair, err := keys.Load(keys.Second)
	if err != nil {
		t.Fatal(err)
	}
	return file(t, "p=1,a=RS256,d="+pair.Data)
}

func TestEndpointAndTemplateAreJudged(t *testing.T) {
	const text = "domain=example.com&groupId=web&host=shop&ip=192.0.2.7"
	tests := []struct {
		name, prefix, from, to string
		errors                 []string
	}{
		{"another service", strings.Replace(endpoint, "/site/", "/Site/", 1), "", "", []string{"template"}},
		{"another path", strings.Replace(endpoint, "/v2/", "/v1/", 1), "", "", []string{"path"}},
		{"http", strings.Replace(endpoint, "https", "http", 1), "", "", []string{"scheme"}},
		{"syncBlock", endpoint, `"hostRequired": true`, `"syncBlock": true`, []string{"sync-block"}},
		{"a prefix with a path", strings.Replace(endpoint, "/v2", "/client/v4//v2", 1), "", "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := examine(t, Question{Link: signedLink(t, test.prefix, text), Template: template(t, test.from, test.to), Keys: testKey(t)})
			if got := found(r, Error); !slices.Equal(got, test.errors) {
				t.Errorf("errors %q, want %q", got, test.errors)
			}
		})
	}
}

// A link that verifies as it is written and not as a browser sends it is
// refused: nobody follows it otherwise.
func TestLinkThatDoesNotSurviveABrowser(t *testing.T) {
	r := examine(t, Question{Link: signedLink(t, endpoint, "domain=example.com&name=O'Brien"), Keys: testKey(t)})
	if !r.Signature.Verifies || r.Verdict != Refused || r.ExitCode() != ExitRefused {
		t.Errorf("verifies %v, verdict %s", r.Signature.Verifies, r.Verdict)
	}
	if got := found(r, Error); !slices.Equal(got, []string{"fragile-browser"}) {
		t.Errorf("errors %q", got)
	}
	if want := "the link holds characters that a browser encodes on the way, and its signature does not survive that (sent as name=O%27Brien)"; r.Findings[0].What != want {
		t.Errorf("it says %q, want %q", r.Findings[0].What, want)
	}
}

func TestLinksWithoutVerdictOfTheKey(t *testing.T) {
	const text = "domain=example.com&groupId=web&host=shop&ip=192.0.2.7"
	open := template(t, `"syncPubKeyDomain": "keys.example.net", `, "")
	tests := []struct {
		name     string
		q        Question
		verdict  Verdict
		code     int
		warnings []string
	}{
		{"unsigned, template unknown", Question{Link: endpoint + text}, Unsigned, ExitUnknown, nil},
		{"unsigned, and need not be", Question{Link: endpoint + text, Template: open}, Unsigned, ExitSound, nil},
		{"signed in vain", Question{Link: signedLink(t, endpoint, text), Template: open}, Unsigned, ExitSound, []string{"sig-ignored"}},
		{"unsigned, and has to be", Question{Link: endpoint + text, Template: template(t, "", ""), Keys: testKey(t)}, Refused, ExitRefused, nil},
		{"signed, no key given", Question{Link: signedLink(t, endpoint, text), Template: template(t, "", "")}, Unknown, ExitUnknown, nil},
		{"unsigned, has to be, no key given", Question{Link: endpoint + text, Template: template(t, "", "")}, Refused, ExitRefused, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := examine(t, test.q)
			if r.Verdict != test.verdict || r.ExitCode() != test.code {
				t.Errorf("verdict %s, exit code %d, want %s, %d", r.Verdict, r.ExitCode(), test.verdict, test.code)
			}
			if got := found(r, Warning); !slices.Equal(got, test.warnings) {
				t.Errorf("warnings %q, want %q", got, test.warnings)
			}
		})
	}
}

// With the key that the signer holds, another published key is told from a
// damaged signature.
func TestOwnKeyTellsAnotherPublishedKey(t *testing.T) {
	second, err := keys.Load(keys.Second)
	if err != nil {
		t.Fatal(err)
	}
	third, err := keys.Load(keys.Third)
	if err != nil {
		t.Fatal(err)
	}
	link := signedLink(t, endpoint, "domain=example.com")
	published := file(t, "p=1,a=RS256,d="+third.Data)
	for _, test := range []struct {
		name string
		q    Question
		want sign.Mistake
	}{
		{"own key given", Question{Link: link, Keys: published, Own: &second.Private.PublicKey}, sign.WrongKeyNamed},
		{"damaged", Question{Link: strings.Replace(link, "sig=", "sig=AAAA", 1), Keys: published, Own: &third.Private.PublicKey}, sign.SigCut},
		{"own key not given", Question{Link: link, Keys: published}, sign.WrongKey},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := examine(t, test.q)
			if len(r.Signature.Facts) != 1 || r.Signature.Facts[0].Code != string(test.want) {
				t.Errorf("facts %+v, want %s", r.Signature.Facts, test.want)
			}
		})
	}
}

func TestLinksThatCannotBeTakenApart(t *testing.T) {
	tests := []struct{ link, want string }{
		{"", "the link is empty; give an apply link such as https://dns.example.com/v2/domainTemplates/providers/P/services/S/apply?domain=example.net"},
		{"https://dns.example.org/v2/apply", "the link has no query (nothing behind a question mark); give it whole, in quotation marks where a shell reads it, since & means something there"},
		{"dns.example.org?domain=x", "the link does not begin as a URL does; it should be https://HOST/v2/domainTemplates/providers/P/services/S/apply and a query"},
		{"https://dns.example.org/?domain=x\n&sig=y", "the link has a line break or a tab at character 34; give it in one piece"},
	}
	for _, test := range tests {
		_, err := Examine(t.Context(), Question{Link: test.link})
		if err == nil || err.Error() != test.want {
			t.Errorf("%q: %v\nwant %s", test.link, err, test.want)
		}
	}
	_, err := Examine(t.Context(), Question{Link: endpoint + "domain=x&sig=a&key=b", Keys: file(t, `_dck1.example.net. IN TXT "p=1,d=AAAA"`)})
	if want := "where the key stands is key and syncPubKeyDomain together: give the template with --template, or the domain with --key-domain"; err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
}

func TestKeyFiles(t *testing.T) {
	tests := []struct {
		name, data string
		// want is what stands at k.example.net.
		want string
		err  string
	}{
		{"text", "p=1,a=RS256,d=AAAA\n\n; a remark\np=2,a=RS256,d=BBBB\r\n", "p=1,a=RS256,d=AAAA|p=2,a=RS256,d=BBBB", ""},
		{"as dig prints it", "\"p=1,a=RS256,\" \"d=AAAA\"\n", "p=1,a=RS256,+d=AAAA", ""},
		{"quotation marks in the data", `"\"p=1,d=AA\\A\""`, `"p=1,d=AA\A"`, ""},
		{"zone file", "k.example.net. 3600 IN TXT \"p=1,d=AAAA\"\nK.example.net TXT p=2,d=BBBB\nother.example.net. IN TXT x\n", "p=1,d=AAAA|p=2,d=BBBB", ""},
		{"empty", "\n; nothing\n", "", "key.txt: there is no TXT record in it; write one a line, as p=1,a=RS256,d=... or as dig prints them"},
		{"both ways", "p=1,d=AAAA\nk.example.net. IN TXT x\n", "", "key.txt: some lines have a name and others have none; write all in one way"},
		{"open quotation mark", "p=1,d=A\n\"p=2\n", "", "key.txt:2: the quotation marks of this line do not go together: "},
		{"no zone line", "k.example.net. x TXT p=1\n", "", "key.txt:1: this looks like a line of a zone file and is none: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, err := ParseFile("key.txt", []byte(test.data))
			if test.err != "" {
				if err == nil || !strings.HasPrefix(err.Error(), test.err) {
					t.Fatalf("error %v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			txt, err := f.TXT(t.Context(), "K.example.net")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, parts := range txt {
				got = append(got, strings.Join(parts, "+"))
			}
			if joined := strings.Join(got, "|"); joined != test.want {
				t.Errorf("read %s, want %s", joined, test.want)
			}
		})
	}
}
