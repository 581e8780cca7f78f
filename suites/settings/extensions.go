package settings

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/dcconform/dcconform/suites/trial"
)

// Section 7.2.1: members of extensions.
var extensions = []trial.Case{
	{Key: "settings-crit", Title: "crit is a list of member names that is not empty",
		Requirements: []string{"DC-SET-CRIT-FORM"}, Where: trial.ReadOnly,
		Body: rule{id: "DC-SET-CRIT-FORM", member: "crit", expected: "an array of at least one member name, alphanumeric or beginning with vnd.",
			mend: "leave crit out where nothing is critical",
			problems: values("crit", func(v jsontext.Value) string {
				if items, ok := trial.Items(v); ok && len(items) == 0 {
					return "it is empty"
				}
				return elements(v, memberName)
			})}.judge},
	{Key: "settings-member-names", Title: "names of members are alphanumeric or begin with vnd.",
		Requirements: []string{"DC-SET-PROPERTY-NAMES"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			rule{id: "DC-SET-PROPERTY-NAMES", expected: "letters and digits, or vnd. with labels of letters, as vnd.example.market",
				mend: "begin a private name with vnd. and a label of yours",
				problems: func(d trial.Document) []string {
					var all []string
					for _, m := range d.Object {
						if what := memberName(m.Name); what != "" {
							all = append(all, what)
						}
					}
					return all
				}}.judge(t)
			for _, name := range unregistered(t) {
				if !strings.HasPrefix(name, "vnd.") {
					t.Note("reading", "an unprefixed name that nobody has registered is accepted: "+name)
				}
			}
		}},
	{Key: "settings-extra-members", Title: "additional members leave the registered names alone",
		Requirements: []string{"DC-SET-EXTRA-REGISTERED"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			if extra := unregistered(t); len(extra) > 0 {
				t.Note("extra-members", "members that nobody has registered: "+strings.Join(extra, ", "))
			}
			rule{id: "DC-SET-EXTRA-REGISTERED", expected: "each registered name once, and no other name that differs from it in letter case alone",
				problems: colliding}.judge(t)
		}},
}

// registered are the members that the specification defines or reserves.
var registered = []string{"providerId", "providerName", "providerDisplayName", "urlSyncUX", "urlAsyncUX", "urlAPI",
	"urlControlPanel", "width", "height", "nameServers", "crit"}

// The forms of member names (section 3).
var (
	plainName  = regexp.MustCompile(`^[A-Za-z0-9]+$`)
	vendorName = regexp.MustCompile(`^vnd(\.[A-Za-z]+)+$`)
)

func memberName(name string) string {
	switch {
	case plainName.MatchString(name), vendorName.MatchString(name):
		return ""
	case strings.HasPrefix(name, "vnd."):
		return fmt.Sprintf("%q has something else than letters behind vnd.", name)
	}
	return fmt.Sprintf("%q has something else than letters and digits, and does not begin with vnd.", name)
}

// unregistered are the names of members beyond the registry, sorted.
func unregistered(t *trial.Trial) []string {
	var all []string
	for _, d := range t.Documents() {
		for _, name := range d.Object.Names() {
			if !slices.Contains(registered, name) {
				all = append(all, name)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// colliding finds members that take a registered name for something else.
func colliding(d trial.Document) []string {
	var all []string
	for _, name := range registered {
		if n := len(d.Object.All(name)); n > 1 {
			all = append(all, fmt.Sprintf("%s stands %d times", name, n))
		}
		for _, m := range d.Object {
			if m.Name != name && strings.EqualFold(m.Name, name) && d.Object.Has(name) {
				all = append(all, fmt.Sprintf("%s stands beside %s", m.Name, name))
			}
		}
	}
	return all
}
