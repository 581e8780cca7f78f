package settings

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/miekg/dns"
	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 7.2: who the provider is.
var identity = []trial.Case{
	{Key: "settings-required-members", Title: "providerId, providerName and urlAPI are there, as strings",
		Requirements: []string{"DC-SET-REQUIRED-MEMBERS"}, Where: trial.ReadOnly,
		Body: rule{id: "DC-SET-REQUIRED-MEMBERS", expected: "providerId, providerName and urlAPI as strings that are not empty",
			problems: required}.judge},
	{Key: "settings-provider-id-syntax", Title: "providerId is 1 to 63 letters, digits, - _ and ., and the same for every zone",
		Requirements: []string{"DC-SET-PROVIDERID-SYNTAX"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			rule{id: "DC-SET-PROVIDERID-SYNTAX", expected: "1 to 63 of the ASCII letters, digits, hyphen, underscore and dot",
				mend: "use a domain name of yours; what people read goes into providerName",
				problems: texts("providerId", func(s string) string {
					if !dcID.MatchString(s) {
						return "it is no identifier"
					}
					return ""
				})}.judge(t)
			t.Require("DC-SET-PROVIDERID-SYNTAX", ids(t), gomega.HaveLen(1), check.About{Sent: "the settings of every domain",
				Expected: []string{"one providerId"}, Actual: "providerId is " + strings.Join(ids(t), " and ")})
		}},
	{Key: "settings-provider-id-domain", Title: "providerId is a domain name",
		Requirements: []string{"DC-SET-PROVIDERID-DOMAIN"}, Where: trial.ReadOnly,
		Body: rule{id: "DC-SET-PROVIDERID-DOMAIN", expected: "a domain name of the provider, as provider.example",
			problems: texts("providerId", func(s string) string {
				if !domainName(s) || !strings.Contains(strings.Trim(s, "."), ".") {
					return "it is no domain name with a dot"
				}
				return ""
			})}.judge},
	{Key: "settings-names", Title: "providerName and providerDisplayName are 1 to 255 characters that text can have",
		Requirements: []string{"DC-SET-NAMES-SYNTAX"}, Where: trial.ReadOnly,
		Body: rule{id: "DC-SET-NAMES-SYNTAX", expected: "1 to 255 characters, none of them a control or no character",
			mend: "leave providerDisplayName out where there is none",
			problems: func(d trial.Document) []string {
				return append(values("providerName", displayName)(d), values("providerDisplayName", displayName)(d)...)
			}}.judge},
	{Key: "settings-brand", Title: "a brand has a display name of its own at most, and the provider's providerId",
		Requirements: []string{"DC-SET-DISPLAYNAME-PER-DOMAIN"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			brand := t.Document(t.Other("brand"))
			own, _ := t.Documents()[0].Object.Text("providerId")
			its, _ := brand.Object.Text("providerId")
			name, _ := brand.Object.Text("providerDisplayName")
			t.Note("brand", fmt.Sprintf("the domain of the brand has the providerDisplayName %q", name))
			t.Abuse("DC-SET-DISPLAYNAME-PER-DOMAIN", its != own, check.About{Sent: brand.Reply.Sent(),
				Expected: []string{"providerId " + own}, Actual: "providerId " + its,
				Mend: "tell brands apart by providerDisplayName; service providers know you by providerId"})
		}},
}

// dcID is the form of identifiers (section 3).
var dcID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,63}$`)

// required finds what is missing, and what may have been meant for it.
func required(d trial.Document) []string {
	var all []string
	for _, name := range []string{"providerId", "providerName", "urlAPI"} {
		if !d.Object.Has(name) {
			what := name + " is missing"
			for _, m := range d.Object {
				if strings.EqualFold(m.Name, name) {
					what += ", and " + m.Name + " is another name"
				}
			}
			all = append(all, what)
		}
		all = append(all, values(name, func(v jsontext.Value) string {
			if s, ok := trial.Text(v); !ok || s == "" {
				return "it is no string with something in it"
			}
			return ""
		})(d)...)
	}
	return all
}

// ids are the different providerIds of all domains.
func ids(t *trial.Trial) []string {
	var all []string
	for _, d := range t.Documents() {
		for _, v := range d.Object.All("providerId") {
			if !slices.Contains(all, string(v)) {
				all = append(all, string(v))
			}
		}
	}
	if len(all) == 0 {
		t.Blocked("settings/settings-required-members")
	}
	return all
}

// displayName is what is wrong with a value of the form dc-display-name
// (section 3): Unicode Assignables are all but surrogates, noncharacters and
// controls, of which TAB, LF and CR are in.
func displayName(v jsontext.Value) string {
	s, ok := trial.Text(v)
	switch n := utf8.RuneCountInString(s); {
	case !ok:
		return "it is no string"
	case n == 0:
		return "it is empty"
	case n > 255:
		return fmt.Sprintf("it has %d characters", n)
	}
	for _, r := range s {
		control := r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r >= 0x7f && r <= 0x9f
		if control || r >= 0xfdd0 && r <= 0xfdef || r&0xfffe == 0xfffe {
			return fmt.Sprintf("%U cannot be assigned to a character", r)
		}
	}
	return ""
}

// domainName reports whether text is a domain name as hosts have: labels of
// letters, digits, hyphens and underscores, and no IPv4 address.
func domainName(text string) bool {
	name := strings.TrimSuffix(text, ".")
	if _, ok := dns.IsDomainName(name); !ok || name == "" {
		return false
	}
	labels := strings.Split(name, ".")
	for _, l := range labels {
		if !label.MatchString(l) {
			return false
		}
	}
	return !number.MatchString(labels[len(labels)-1])
}

var (
	label  = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$`)
	number = regexp.MustCompile(`^[0-9]+$`)
)
