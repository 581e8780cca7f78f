package profile

import (
	"errors"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/fixtures/profiles"
)

// All is the word for every profile that there is.
const All = "all"

// Choose finds the profiles of a list of names, each of which may be a list
// with commas, in the order given and each once. The error of an unknown name
// is a *profiles.UnknownError.
func Choose(names []string) ([]*profiles.Profile, error) {
	var chosen []*profiles.Profile
	for _, list := range names {
		for name := range strings.SplitSeq(list, ",") {
			name = strings.TrimSpace(name)
			if name == "" {
				return nil, errors.New(`a name is empty; write names with commas between them, or "all"`)
			}
			found, err := named(name)
			if err != nil {
				return nil, err
			}
			for _, p := range found {
				if !slices.Contains(chosen, p) {
					chosen = append(chosen, p)
				}
			}
		}
	}
	return chosen, nil
}

func named(name string) ([]*profiles.Profile, error) {
	if name == All {
		return profiles.All()
	}
	p, err := profiles.Named(name)
	return []*profiles.Profile{p}, err
}
