package redirect

import (
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/trial"
)

// Section 8.3.5: what is appended to a redirect_uri leaves it as it is.
var appended = []trial.Case{
	{Key: "redirect-query-kept", Title: "parameters are appended to the query of the redirect_uri, before its fragment",
		Requirements: []string{"DC-REDIR-QUERY-PRESERVED"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			for _, tail := range []struct{ uri, own, fragment string }{
				{"?x=1", "x=1", ""},
				{"?", "", ""},
				{"?x=%2F%20", "x=%2F%20", ""},
				{"#f", "", "#f"},
				{"?x=1#f", "x=1", "#f"},
			} {
				keepsQuery(t, tail.uri, tail.own, tail.fragment)
			}
		}},
	{Key: "redirect-extra-parameters", Title: "what the provider adds of its own takes no parameter of the redirect_uri away",
		Requirements: []string{"DC-REDIR-EXTRA-PARAMS"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			e := approved(t, t.Request("plain").With("redirect_uri", t.Callback(home(t))+"?code=own&success=0&id=7").With("state", "s"))
			redirected(t, e)
			hit, _ := e.Back()
			for _, own := range []string{"code=own", "success=0", "id=7"} {
				name, _, _ := strings.Cut(own, "=")
				t.Permits("DC-REDIR-EXTRA-PARAMS", slices.Contains(pairs(hit.RawQuery), own) && count(hit.RawQuery, name) == 1,
					about(e, own+" as the redirect_uri has it, and no other "+name))
			}
			for _, p := range pairs(hit.RawQuery) {
				if !slices.Contains([]string{"code=own", "success=0", "id=7", "state=s"}, p) {
					t.Note("reading", "the provider appends "+p)
				}
			}
		}},
}

// keepsQuery states that a redirect_uri with this tail comes back with its own
// query byte for byte, state as a parameter of its own, and its fragment last.
func keepsQuery(t *trial.Trial, tail, own, fragment string) {
	const id = "DC-REDIR-QUERY-PRESERVED"
	e := approved(t, t.Request("plain").With("redirect_uri", t.Callback(home(t))+tail).With("state", "s"))
	redirected(t, e)
	hit, _ := e.Back()
	expected := about(e, "the redirect_uri with state=s appended to its query, before its fragment")
	expected.Mend = "append with & where the redirect_uri has a query, else with ?, in front of #, and change nothing of what is there"
	t.Require(id, strings.Count(hit.RawQuery, "?"), gomega.BeZero(), expected)
	// Whether state comes back at all has a case of its own.
	if strings.Contains(e.Location()+hit.URL, "state=") {
		t.Require(id, pairs(hit.RawQuery), gomega.ContainElement("state=s"), expected)
	}
	if own != "" {
		t.Require(id, hit.RawQuery+"&", gomega.HavePrefix(own+"&"), expected)
	}
	if at := e.Location(); at != "" && fragment != "" {
		expected.Actual = "Location: " + at
		t.Require(id, at, gomega.HaveSuffix(fragment), expected)
	}
}
