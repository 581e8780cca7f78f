// Package resolve turns the active records of a template into concrete DNS
// records for one domain and host: groups, variables, host names and typed
// validation (ietf-05 sections 6.2, 9 and 10.3). It is pure.
package resolve

import "github.com/dcconform/dcconform/mockprovider/dc"

// Request is what an apply request says beside the template.
type Request struct {
	// Domain is the zone apex, with or without trailing dot, as U-label or
	// A-label.
	Domain string
	// Host is the sub-domain below it; empty is the apex.
	Host string
	// Groups is the groupId list; nil means that the parameter is absent and
	// every record is active.
	Groups []string
	// Variables are the values, decoded once; built-ins in it are ignored.
	Variables map[string]string
}

// Resolve returns the active records of t in order. The error is a *dc.Error.
func Resolve(t *dc.Template, req Request, rules dc.Rules) ([]dc.Resolved, error) {
	panic("contract only")
}

// Use is one place where a template uses a variable.
type Use struct {
	// Record is the index in Template.Records, Field the JSON member.
	Record int
	Field  string
	// Whole is set when the variable is the field's entire value.
	Whole bool
}

// Variable is a variable that active records need, built-ins left out.
type Variable struct {
	Name string
	Uses []Use
}

// Variables lists what the records of the given groups need (nil: all
// records), in order of first use.
func Variables(t *dc.Template, groups []string) []Variable { panic("contract only") }

// FQDN is [host.]domain in lower case and A-labels, with trailing dot.
func FQDN(domain, host string) (string, error) { panic("contract only") }
