package certify

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/resolve"
)

// Exposure is one thing that whoever makes an unsigned link can choose.
type Exposure struct {
	// Record counts from 1.
	Record int
	Type   string
	// Field is the member of the record that the variable stands in.
	Field string
	// Variable is its name.
	Variable string
	// Whole is set when the variable is the whole field: any value, or any
	// name in the zone.
	Whole bool
}

// Exposures lists what the variables open, in order of first use.
func Exposures(variables []resolve.Variable) []Exposure {
	var all []Exposure
	for _, v := range variables {
		for _, u := range v.Uses {
			all = append(all, Exposure{Record: u.Record + 1, Type: u.Type, Field: u.Field, Variable: v.Name, Whole: u.Whole || unbounded(u)})
		}
	}
	return all
}

var expressions = regexp.MustCompile(`%[A-Za-z0-9_-]+%`)

// unbounded reports whether the field holds nothing beside variables: then
// whoever chooses them all chooses the whole of it. The dots of an address are
// no bound.
func unbounded(u resolve.Use) bool {
	rest := expressions.ReplaceAllString(u.Before+u.After, "")
	if u.Type == "A" || u.Type == "AAAA" {
		rest = strings.Trim(rest, ".:")
	}
	return rest == ""
}

// String is the exposure in a sentence.
func (e Exposure) String() string {
	return fmt.Sprintf("record %d (%s): %%%s%% chooses %s", e.Record, e.Type, e.Variable, e.what())
}

func (e Exposure) what() string {
	name := e.Field == "host" || e.Field == "name"
	switch {
	case name && e.Whole:
		return "the whole name, anywhere in the zone"
	case name:
		return "a part of the name"
	case e.Whole:
		return "the whole " + e.Field
	}
	return "a part of " + e.Field
}

// summary names the widest first, at most three.
func summary(list []Exposure) string {
	var first, rest []string
	for _, e := range list {
		if e.Whole {
			first = append(first, e.String())
		} else {
			rest = append(rest, e.String())
		}
	}
	first = append(first, rest...)
	if more := len(first) - 3; more > 0 {
		return strings.Join(first[:3], "; ") + fmt.Sprintf("; and %d more", more)
	}
	return strings.Join(first, "; ")
}
