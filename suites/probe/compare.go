package probe

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// different names the members of two JSON objects that are not the same,
// whatever their spelling, order and white space; sorted.
func different(mine, theirs []byte) ([]string, error) {
	a, err := members(mine)
	if err != nil {
		return nil, fmt.Errorf("your file: %w", err)
	}
	b, err := members(theirs)
	if err != nil {
		return nil, fmt.Errorf("the provider's: %w", err)
	}
	var names []string
	for name, value := range a {
		if other, ok := b[name]; !ok || other != value {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// members are the members of an object in canonical form (RFC 8785).
func members(doc []byte) (map[string]string, error) {
	var raw map[string]jsontext.Value
	if err := json.Unmarshal(doc, &raw); err != nil {
		return nil, err
	}
	all := make(map[string]string, len(raw))
	for name, value := range raw {
		if err := value.Canonicalize(); err != nil {
			return nil, err
		}
		all[name] = string(value)
	}
	return all, nil
}
