// Package values invents values for the variables of a template, so that a
// template can be tried without asking anybody what to fill in. What a value
// has to be follows from where its variable stands: an address in an A record,
// a host name in the target of a CNAME, a number in a TTL, a token in a text.
//
// Values are stable for a seed, and differ between templates and variables, so
// that a record read back from DNS proves that the value came through.
package values

import (
	"fmt"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
)

// Set is a value for each variable, by name.
type Set map[string]string

// Impossible is why a template has no values.
type Impossible struct {
	// Variable is the name of the variable without a value; "" when the
	// record fails whatever its variables are.
	Variable string
	// Record is the index in Template.Records, or -1 when no record is meant.
	Record int
	// Type and Field name the place, Text is the field as the template has it.
	Type, Field, Text string
	// Value is what was tried, "" when nothing could be; Given is set when it
	// was not invented but given.
	Value string
	Given bool
	// Constraint is one sentence: what stands against it.
	Constraint string
	// Err is the refusal of the core, if that is where the constraint is from.
	Err error
}

// Error names variable, field and constraint.
func (e *Impossible) Error() string {
	if e.Record < 0 && e.Variable == "" {
		return "no values would help: " + e.Constraint
	}
	what := "no values would help"
	switch {
	case e.Variable != "" && e.Given:
		what = fmt.Sprintf("the value %q given for variable %q does not fit", e.Value, e.Variable)
	case e.Variable != "":
		what = fmt.Sprintf("no value for variable %q", e.Variable)
	}
	where := ""
	if e.Record >= 0 {
		where = fmt.Sprintf("record %d (%s)", e.Record+1, e.Type)
		if e.Field != "" {
			where += fmt.Sprintf(", %s %q", e.Field, e.Text)
		}
		where += ": "
	}
	tried := ""
	if e.Variable != "" && e.Value != "" && !e.Given {
		tried = fmt.Sprintf(" (tried %q, among others)", e.Value)
	}
	return what + ": " + where + e.Constraint + tried
}

// Unwrap returns the refusal of the core.
func (e *Impossible) Unwrap() error { return e.Err }

// Invent returns values for the variables that the records of the given groups
// need (nil: all records), when the template is applied to host.domain. The
// result is empty, not nil, when no variable is needed. The error is an
// *Impossible.
func Invent(t *dc.Template, groups []string, domain, host string, seed uint64) (Set, error) {
	return Complete(t, groups, domain, host, seed, nil)
}

// Complete is Invent where some values are given: those are taken as they are
// or refused, the rest is invented. Given values that the groups do not need
// are left out.
func Complete(t *dc.Template, groups []string, domain, host string, seed uint64, given Set) (Set, error) {
	variables := resolve.Variables(t, groups)
	for _, v := range variables {
		if why := Reserved(v.Name); why != "" {
			return nil, reservedError(t, v, why)
		}
	}
	s := &search{
		t: t, groups: groups, domain: domain, host: host, given: given,
		variables: variables,
		source:    source{seed: seed, template: t.ID().String(), zone: strings.TrimSuffix(domain, ".")},
	}
	set, err := s.run(true)
	if err == nil && encodedLen(set) > roomForValues {
		set, err = s.run(false)
	}
	return set, err
}

// roomForValues is how long all values together may be in a query, in octets.
// Providers accept at least 8,000 for the whole URL (ietf-05 section 8.3.2),
// and the signature and the redirect have to fit too.
const roomForValues = 5000

// Reserved says why a variable of this name cannot be given a value by a
// synchronous apply request, or "" when it can. The names are parameters of
// the protocol itself (ietf-05 section 9.1.2): a value would be taken for the
// parameter.
func Reserved(name string) string {
	switch name {
	case "sig", "key":
		return fmt.Sprintf("%q is the name of a protocol parameter that is cut from a query before its signature is verified and its values are read, so that a signed request can never carry it: rename the variable", name)
	case "groupId", "redirect_uri", "state", "crit", "providerName", "serviceName", "instanceId", "force":
		return fmt.Sprintf("%q is the name of a protocol parameter, for which its value would be taken: rename the variable", name)
	}
	return ""
}

func reservedError(t *dc.Template, v resolve.Variable, why string) *Impossible {
	e := &Impossible{Variable: v.Name, Record: -1, Constraint: why}
	if len(v.Uses) > 0 {
		u := v.Uses[0]
		r := &t.Records[u.Record]
		e.Record, e.Type, e.Field, e.Text = u.Record, r.Type, u.Field, r.Text(u.Field)
	}
	return e
}

// encodedLen is the room that the set takes in a query when every octet beyond
// the unreserved ones becomes three.
func encodedLen(set Set) int {
	n := 0
	for name, value := range set {
		n += len(name) + 2
		for i := range len(value) {
			n++
			if !unreserved(value[i]) {
				n += 2
			}
		}
	}
	return n
}

func unreserved(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return c == '-' || c == '.' || c == '_' || c == '~'
}
