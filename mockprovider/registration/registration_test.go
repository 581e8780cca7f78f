package registration

import (
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/mockprovider/oauth"
)

func want(t *testing.T, name string, err error, text string) {
	t.Helper()
	got := "<nil>"
	if err != nil {
		got = err.Error()
	}
	if got != text {
		t.Errorf("%s:\ngot  %s\nwant %s", name, got, text)
	}
}

// What is written can be read, and has no secret in it.
func TestWrittenAndRead(t *testing.T) {
	clients := []oauth.Client{
		{ID: "sp.test", Secret: oauth.Hash("hush"), Redirects: []string{"https://sp.test/a,b", "https://sp.test/"}, Providers: []string{"sp.test", "x"},
			CodeLife: time.Minute, TokenLife: 90 * time.Second, RefreshLife: time.Hour, NoRefresh: true},
		{ID: "app", Redirects: []string{"http://127.0.0.1/"}},
	}
	text, err := json.Marshal(List{Of(clients)})
	if err != nil {
		t.Fatal(err)
	}
	const literal = `{"clients":[{"id":"sp.test","secretDigest":"dc8331bcb2283e89d275a1c2fe66f7bf5ac3163ec1967f149dd7e27906365f0c","redirects":["https://sp.test/a,b","https://sp.test/"],` +
		`"providers":["sp.test","x"],"codeLife":"1m0s","tokenLife":"1m30s","refreshLife":"1h0m0s","noRefresh":true},{"id":"app","redirects":["http://127.0.0.1/"]}]}`
	if string(text) != literal {
		t.Errorf("got  %s\nwant %s", text, literal)
	}
	read, err := ParseFile(text)
	if diff := cmp.Diff(clients, read); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

func TestParseFileRefuses(t *testing.T) {
	const form = `{"clients":[{"id":"…","secret":"…","redirects":["https://…"]}]}`
	for text, message := range map[string]string{
		``:                               "it is no JSON as " + form,
		`[]`:                             "it is no JSON as " + form,
		`{}`:                             "it has no client; write " + form,
		`{"clients":[{"ID":"a"}]}`:       "the member /clients/0/ID is not known",
		`{"clients":[{"id":1}]}`:         "the member /clients/0/id has the wrong type",
		`{"clients":[],"clients":[]}`:    "the member /clients stands there twice",
		`{"clients":[{"id":"a"}]}`:       "client a: it has no redirect URI: a code can be sent nowhere",
		`{"clients":[{"redirects":[]}]}`: "client 1 has no id: give it one, such as its providerId",
		`{"clients":[{"id":"a","secret":"x","secretDigest":"y"}]}`:             "client a: it has both secret and secretDigest; give one of them",
		`{"clients":[{"id":"a","secret":""}]}`:                                 "client a: secret is empty: give it a value, or leave it out",
		`{"clients":[{"id":"a","secretDigest":""}]}`:                           "client a: secretDigest is no SHA-256: it has 64 hexadecimal digits",
		`{"clients":[{"id":"a","secret":"","secretDigest":"y"}]}`:              "client a: it has both secret and secretDigest; give one of them",
		`{"clients":[{"id":"a","secretDigest":"00"}]}`:                         "client a: secretDigest is no SHA-256: it has 64 hexadecimal digits",
		`{"clients":[{"tokenLife":"soon"}]}`:                                   `client 1: tokenLife: "soon" is no duration: write it as 10m or 1h30m`,
		`{"clients":[{"id":"a","codeLife":"-1s","redirects":["https://a/"]}]}`: "client a: a lifetime of -1s: it is longer than nothing, or 0 for the default",
	} {
		_, err := ParseFile([]byte(text))
		want(t, text, err, message)
	}
}

func TestParseLine(t *testing.T) {
	got, err := ParseLine("id=sp.test,secret=hush=,redirect=https://sp.test/cb?a=b,redirect=https://sp.test/,provider=a,provider=b,code-life=1m,token-life=2s,refresh-life=1h,no-refresh")
	wanted := oauth.Client{ID: "sp.test", Secret: oauth.Hash("hush="), Redirects: []string{"https://sp.test/cb?a=b", "https://sp.test/"}, Providers: []string{"a", "b"},
		CodeLife: time.Minute, TokenLife: 2 * time.Second, RefreshLife: time.Hour, NoRefresh: true}
	if diff := cmp.Diff(wanted, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	for line, message := range map[string]string{
		"id=a":                                  "client a: it has no redirect URI: a code can be sent nowhere",
		"id=a,redirect=x":                       `client a: redirect URI "x" is no absolute https or http URI: write it as https://host/path`,
		"redirect=https://a/":                   "client 1 has no id: give it one, such as its providerId",
		"id=a,secrets=b":                        "member 2 is none of id, secret, redirect, provider, code-life, token-life, refresh-life and no-refresh; a value with a comma in it needs a file",
		"id=a,":                                 "member 2 is none of id, secret, redirect, provider, code-life, token-life, refresh-life and no-refresh; a value with a comma in it needs a file",
		"id=a,secret=top,hush":                  "member 3 is none of id, secret, redirect, provider, code-life, token-life, refresh-life and no-refresh; a value with a comma in it needs a file",
		"id=a,secret=top,hush=":                 "member 3 is none of id, secret, redirect, provider, code-life, token-life, refresh-life and no-refresh; a value with a comma in it needs a file",
		"id=a,secret=":                          "secret is empty: give it a value, or leave it out",
		"id=a,id=b":                             "id is given twice",
		"id=a,redirect=https://a/,token-life=x": `client a: tokenLife: "x" is no duration: write it as 10m or 1h30m`,
	} {
		_, err := ParseLine(line)
		want(t, line, err, message)
	}
}
