package target

import (
	"errors"
	"testing"

	"github.com/dcconform/dcconform/suites/register"
)

// A profile names the edition; who knows it is for the caller to say.
func TestProfileNamesTheEdition(t *testing.T) {
	known := WithProfiles(func(name string) (register.Edition, error) {
		if name != "known" {
			return "", errors.New("nobody knows " + name)
		}
		return register.DCSpec23, nil
	})
	set := WithEnv(func(string) (string, bool) { return "set", true })
	for edit, want := range map[string]string{
		"profile: known":                      "",
		"edition: dcspec-2.3\nprofile: known": "",
		"edition: ietf-05\nprofile: known":    "target.yaml:2:10: profile: known follows dcspec-2.3, and the edition given is ietf-05: remove one of them",
		"profile: other":                      "target.yaml:1:10: profile: nobody knows other",
	} {
		c, err := Parse("target.yaml", []byte(put("edition: ietf-05", edit)(sound)), known, set)
		switch {
		case want == "" && err != nil, want != "" && (err == nil || err.Error() != want):
			t.Errorf("%s: %v, want %s", edit, err, want)
		case want == "" && c.Edition != register.DCSpec23:
			t.Errorf("%s: judged by %q", edit, c.Edition)
		}
	}
}
