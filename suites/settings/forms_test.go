package settings

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/dcconform/dcconform/suites/trial"
)

func compare(t *testing.T, judge func(string) string, want map[string]string) {
	t.Helper()
	for in, w := range want {
		if got := judge(in); got != w {
			t.Errorf("%q: got %q, want %q", in, got, w)
		}
	}
}

func TestURI(t *testing.T) {
	compare(t, uriText, map[string]string{
		"https://provider.example":          "",
		"https://provider.example:8443/a/b": "",
		"https://provider.example/":         "",
		"https://[2001:db8::1]/x":           "",
		"http://provider.example":           "its scheme is not https",
		"/api":                              "its scheme is not https",
		"provider.example/api":              "its scheme is not https",
		"https:///api":                      "it has no host",
		"https://:8443/api":                 "it has no host",
		"https://provider.example/?":        "it has a query",
		"https://provider.example/?x=1":     "it has a query",
		"https://provider.example/#":        "it has a fragment",
		"https://provider.example/#/sync":   "it has a fragment",
		"https://provider.example/a b":      "it has a character that a URI cannot have",
		"https://provider.example/{domain}": "it has a character that a URI cannot have",
		"https://provider.example/é":        "it has a character that a URI cannot have",
		"https://provider.example/%zz":      "it is no URI",
		"https://provider.example/\n":       "it is no URI",
	})
	if got := uri(jsontext.Value("null")); got != "it is no string" {
		t.Errorf("null: %q", got)
	}
}

func TestDisplayName(t *testing.T) {
	judge := func(s string) string {
		v, err := jsontext.AppendQuote(nil, s)
		if err != nil {
			t.Fatal(err)
		}
		return displayName(v)
	}
	compare(t, judge, map[string]string{
		"Virtucon Domains, Inc.\r\n\t": "",
		strings.Repeat("é", 255):       "",
		strings.Repeat("é", 256):       "it has 256 characters",
		"":                             "it is empty",
		"a\x00":                        "U+0000 cannot be assigned to a character",
		"\u0085":                       "U+0085 cannot be assigned to a character",
		"\x7f":                         "U+007F cannot be assigned to a character",
		"\ufdd0":                       "U+FDD0 cannot be assigned to a character",
		"\ufffe":                       "U+FFFE cannot be assigned to a character",
		"\U0001ffff":                   "U+1FFFF cannot be assigned to a character",
		"\ufffd 🦊":                     "",
	})
	if got := displayName(jsontext.Value("null")); got != "it is no string" {
		t.Errorf("null: %q", got)
	}
}

func TestDomainName(t *testing.T) {
	compare(t, func(s string) string { return strconv.FormatBool(domainName(s)) }, map[string]string{
		"ns1.provider.example": "true", "ns1.provider.example.": "true", "ns_1.example": "true", "xn--bcher-kva.test": "true", "8017.example": "true", "localhost": "true",
		"": "false", ".": "false", "192.0.2.53": "false", "8017": "false", "2001:db8::53": "false", "a,b.example": "false", "a b.example": "false",
		"-a.example": "false", "a-.example": "false", "a..example": "false", "bücher.test": "false", strings.Repeat("a", 64) + ".example": "false",
	})
}

func TestStrayToken(t *testing.T) {
	compare(t, strayToken, map[string]string{
		"https://p.example/%domain%/x?d=%domain%&s=%2F%c3%a9": "",
		"https://p.example/{domain}":                          "{domain} is no token",
		"https://p.example/{}":                                "{} is no token",
		"https://p.example/%DOMAIN%":                          "a % in it belongs to no %domain% and to no escape",
		"https://p.example/%domain%?h=%host%":                 "a % in it belongs to no %domain% and to no escape",
		"https://p.example/%face%":                            "a % in it belongs to no %domain% and to no escape",
	})
}

func TestMemberName(t *testing.T) {
	compare(t, memberName, map[string]string{
		"market": "", "redirectSupported": "", "x2": "", "vnd.example.contact": "", "vnd.example.euSyncUX": "",
		"x-market":    `"x-market" has something else than letters and digits, and does not begin with vnd.`,
		"foo_bar":     `"foo_bar" has something else than letters and digits, and does not begin with vnd.`,
		"":            `"" has something else than letters and digits, and does not begin with vnd.`,
		"vnd.dc2.x":   `"vnd.dc2.x" has something else than letters behind vnd.`,
		"vnd.":        `"vnd." has something else than letters behind vnd.`,
		"vnd.my-co.x": `"vnd.my-co.x" has something else than letters behind vnd.`,
	})
}

func sent(t *testing.T, body string) trial.Document {
	t.Helper()
	o, err := trial.ParseObject([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return trial.Document{Object: o}
}

func TestMembers(t *testing.T) {
	for _, c := range []struct {
		judge func(trial.Document) []string
		body  string
		want  []string
	}{
		{required, `{"providerId":"a","providerName":"b","urlAPI":"c"}`, nil},
		{required, `{"providerID":"a","providerName":null,"urlAPI":""}`, []string{
			"providerId is missing, and providerID is another name",
			"providerName is null: it is no string with something in it",
			`urlAPI is "": it is no string with something in it`}},
		{required, `{"providerId":7,"providerName":"b","providerName":["c"],"urlAPI":"c"}`, []string{
			"providerId is 7: it is no string with something in it",
			`providerName is ["c"]: it is no string with something in it`}},
		{colliding, `{"providerId":"a","vnd.example.x":1,"market":2}`, nil},
		{colliding, `{"providerID":"a"}`, nil},
		{colliding, `{"width":1,"Width":2,"urlAPI":"a","urlAPI":"b"}`, []string{"urlAPI stands 2 times", "Width stands beside width"}},
	} {
		if got := c.judge(sent(t, c.body)); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.body, got, c.want)
		}
	}
}

func TestValues(t *testing.T) {
	for value, want := range map[string]string{
		"750": "", "0.5": "", "0": "it is not above 0", "-1": "it is not above 0", `"800"`: "it is no number", "true": "it is no number",
	} {
		if got := pixels(trial.Document{}, jsontext.Value(value)); got != want {
			t.Errorf("%s pixels: got %q, want %q", value, got, want)
		}
	}
	for value, want := range map[string]string{
		`"https://p.example/%domain%"`: "", `"http://p.example/%host%/{x}"`: "", `"/x"`: "it is no absolute URL", `""`: "it is no absolute URL",
		`"ftp://p.example"`: "it is no absolute URL", "7": "it is no string",
	} {
		if got := panel(trial.Document{}, jsontext.Value(value)); got != want {
			t.Errorf("panel %s: got %q, want %q", value, got, want)
		}
	}
	for value, want := range map[string]string{
		`["a"]`: "", "[]": "", `"a"`: "it is no array", `["a",1]`: "1 is no string", "{}": "it is no array", "null": "it is no array",
	} {
		if got := elements(jsontext.Value(value), func(string) string { return "" }); got != want {
			t.Errorf("elements %s: got %q, want %q", value, got, want)
		}
	}
}
