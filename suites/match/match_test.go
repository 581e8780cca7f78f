package match_test

import (
	"slices"
	"testing"

	"github.com/onsi/gomega/types"

	"github.com/dcconform/dcconform/suites/match"
)

func TestRecords(t *testing.T) {
	a, b := "a.test. 300 IN A 192.0.2.1", "b.test. 300 IN A 192.0.2.1"
	for _, c := range []struct {
		name      string
		want, got []string
		message   string
	}{
		{"equal in another order", []string{a, b}, []string{b, a}, ""},
		{"missing", []string{a, b}, []string{a}, "missing: " + b},
		{"surplus", []string{a}, []string{a, b}, "not expected: " + b},
		{"twice is not once", []string{a}, []string{a, a}, "not expected: " + a},
		{"other TTL", []string{a}, []string{"a.test. 60 IN A 192.0.2.1"},
			"missing: " + a + "; not expected: a.test. 60 IN A 192.0.2.1"},
	} {
		m := match.Records(c.want...)
		ok, err := m.Match(c.got)
		if err != nil {
			t.Fatal(err)
		}
		if ok != (c.message == "") {
			t.Errorf("%s: matched %v", c.name, ok)
		}
		if !ok && m.FailureMessage(c.got) != c.message {
			t.Errorf("%s: message %q, want %q", c.name, m.FailureMessage(c.got), c.message)
		}
	}
	if _, err := match.Records().Match("text"); err == nil {
		t.Error("a string is not a list of records")
	}
}

func TestRedirect(t *testing.T) {
	const uri = "https://sp.test/cb?x=1"
	for _, c := range []struct {
		name, state, got, why string
	}{
		{"plain", "s", "https://sp.test/cb?x=1&state=s", ""},
		{"further parameters", "s", "https://sp.test/cb?x=1&state=s&vnd=1", ""},
		{"encoded state", "a b+&=%", "https://sp.test/cb?x=1&state=a%20b%2B%26%3D%25", ""},
		{"no state sent", "", "https://sp.test/cb?x=1", ""},
		{"state invented", "", "https://sp.test/cb?x=1&state=s", "it carries a state although none was sent"},
		{"state lost", "s", "https://sp.test/cb?x=1", "it carries state 0 times"},
		{"state twice", "s", "https://sp.test/cb?x=1&state=s&state=s", "it carries state 2 times"},
		{"state changed", "a+b", "https://sp.test/cb?x=1&state=a+b", `its state is "a b", sent was "a+b"`},
		{"query lost", "s", "https://sp.test/cb?state=s", "its query lost x=1 of the redirect_uri"},
		{"error", "s", "https://sp.test/cb?x=1&state=s&error=access_denied&error_description=no", "it carries error=access_denied (no)"},
		{"other host", "s", "https://sp.test.evil.test/cb?x=1&state=s", "it is another address than https://sp.test/cb?x=1"},
		{"other path", "s", "https://sp.test/?x=1&state=s", "it is another address than https://sp.test/cb?x=1"},
		{"other scheme", "s", "http://sp.test/cb?x=1&state=s", "it is another address than https://sp.test/cb?x=1"},
	} {
		var why []string
		for _, m := range []types.GomegaMatcher{match.SentTo(uri), match.QueryKept(uri), match.WithoutError(uri), match.StateKept(uri, c.state)} {
			ok, err := m.Match(c.got)
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				why = append(why, m.FailureMessage(c.got))
			}
		}
		want := []string(nil)
		if c.why != "" {
			want = []string{"the user agent was sent to " + c.got + ": " + c.why}
		}
		if !slices.Equal(why, want) {
			t.Errorf("%s: %q, want %q", c.name, why, want)
		}
	}
}
