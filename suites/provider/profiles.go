package provider

import (
	"fmt"

	"github.com/dcconform/dcconform/fixtures/profiles"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/target"
)

// Profiles lets a target.yaml name a provider whose edition is known, in the
// place of the edition.
func Profiles() target.Option {
	return target.WithProfiles(func(name string) (register.Edition, error) {
		p, err := profiles.Named(name)
		if err != nil {
			return "", err
		}
		if p.Edition == "" {
			return "", fmt.Errorf("no source says which edition %s follows: name the edition and remove the profile", p.Title)
		}
		return register.Edition(p.Edition), nil
	})
}
