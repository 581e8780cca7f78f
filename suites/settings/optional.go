package settings

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/dcconform/dcconform/suites/trial"
)

// Section 7.2: members that may be there.
var optional = []trial.Case{
	{Key: "settings-name-servers", Title: "nameServers is an array of domain names",
		Requirements: []string{"DC-SET-NAMESERVERS-FORM"}, Where: trial.ReadOnly,
		Body: rule{id: "DC-SET-NAMESERVERS-FORM", member: "nameServers", expected: `an array of domain names, as ["ns1.provider.example"]`,
			problems: values("nameServers", func(v jsontext.Value) string {
				return elements(v, func(s string) string {
					if !domainName(s) {
						return fmt.Sprintf("%q is no domain name", s)
					}
					return ""
				})
			})}.judge},
	{Key: "settings-reserved-members", Title: "width, height, urlControlPanel and urlAsyncUX have their old meaning and type",
		Requirements: []string{"DC-SET-RESERVED-MEANING"}, Where: trial.ReadOnly,
		Body: reserved},
	{Key: "settings-control-panel-token", Title: "urlControlPanel has no token beside %domain%",
		Requirements: []string{"DC-SET-CONTROLPANEL-SINGLE-TOKEN"}, Where: trial.ReadOnly,
		Body: rule{id: "DC-SET-CONTROLPANEL-SINGLE-TOKEN", member: "urlControlPanel", expected: "no token but %domain%",
			problems: texts("urlControlPanel", strayToken)}.judge},
}

// elements is what is wrong with an array of strings.
func elements(v jsontext.Value, problem func(s string) string) string {
	items, ok := trial.Items(v)
	if !ok {
		return "it is no array"
	}
	for _, item := range items {
		s, ok := trial.Text(item)
		if !ok {
			return string(item) + " is no string"
		}
		if what := problem(s); what != "" {
			return what
		}
	}
	return ""
}

// reserved judges the members that ietf-05 reserves. Their null says nothing,
// as absence does; it is noted.
func reserved(t *trial.Trial) {
	rules := map[string]func(d trial.Document, v jsontext.Value) string{
		"width": pixels, "height": pixels, "urlControlPanel": panel, "urlAsyncUX": panel,
	}
	found := false
	for _, d := range t.Documents() {
		for name := range rules {
			for _, v := range d.Object.All(name) {
				found = true
				if v.Kind() == 'n' {
					t.Note("null-member", name+" is null; leave it out")
				}
			}
		}
	}
	if !found {
		t.NotApplicable("absent", "the settings have none of width, height, urlControlPanel and urlAsyncUX")
	}
	rule{id: "DC-SET-RESERVED-MEANING", expected: "width and height as numbers above 0, urlControlPanel and urlAsyncUX as absolute URLs",
		mend: "send numbers of pixels without quotes and without a unit; leave out what there is not",
		problems: func(d trial.Document) []string {
			var all []string
			for _, name := range []string{"width", "height", "urlControlPanel", "urlAsyncUX"} {
				all = append(all, values(name, func(v jsontext.Value) string {
					if v.Kind() == 'n' {
						return ""
					}
					return rules[name](d, v)
				})(d)...)
			}
			return all
		}}.judge(t)
}

func pixels(_ trial.Document, v jsontext.Value) string {
	if v.Kind() != '0' {
		return "it is no number"
	}
	if n, err := strconv.ParseFloat(string(v), 64); err != nil || n <= 0 {
		return "it is not above 0"
	}
	return ""
}

func panel(d trial.Document, v jsontext.Value) string {
	s, ok := trial.Text(v)
	if !ok {
		return "it is no string"
	}
	u, err := url.Parse(strings.ReplaceAll(s, "%domain%", d.Domain.Name))
	if err != nil {
		// A token that is no escape is for settings-control-panel-token.
		u, err = url.Parse(stray.ReplaceAllString(s, "x"))
	}
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "it is no absolute URL"
	}
	return ""
}

var (
	escape = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	stray  = regexp.MustCompile(`%[A-Za-z_]+%|\{[A-Za-z_]+\}`)
)

// strayToken finds a token that is not %domain%.
func strayToken(s string) string {
	rest := strings.ReplaceAll(s, "%domain%", "")
	if m := regexp.MustCompile(`\{[^{}]*\}`).FindString(rest); m != "" {
		return m + " is no token"
	}
	if rest = escape.ReplaceAllString(rest, ""); strings.Contains(rest, "%") {
		return "a % in it belongs to no %domain% and to no escape"
	}
	return ""
}
