// Package resolve turns the active records of a template into concrete DNS
// records for one domain and host: groups, variables, host names and typed
// validation (ietf-05 sections 6.2, 9 and 10.3). It is pure.
package resolve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

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
// The template is refused as a whole: records are returned only when all
// active ones are right.
func Resolve(t *dc.Template, req Request, rules dc.Rules) ([]dc.Resolved, error) {
	if err := Supported(t, rules); err != nil {
		return nil, err
	}
	s, err := newScope(req)
	if err != nil {
		return nil, err
	}
	if t.HostRequired && req.Host == "" {
		return nil, fail(dc.ErrHostRequired, -1, "host", "the template is for sub-domains only (hostRequired); name one in the host parameter")
	}
	active, err := activeRecords(t, req.Groups)
	if err != nil {
		return nil, err
	}
	if err := s.missing(t, active); err != nil {
		return nil, err
	}
	resolved := make([]dc.Resolved, 0, len(active))
	for _, i := range active {
		r := recordResolver{scope: s, record: &t.Records[i], index: i, edition: rules.Edition}
		out, err := r.resolve()
		if err != nil {
			return nil, err
		}
		resolved = append(resolved, out)
	}
	return resolved, nil
}

// fail makes an error; record is -1 when no record is meant.
func fail(class dc.ErrorClass, record int, field, format string, args ...any) *dc.Error {
	return &dc.Error{Class: class, Record: record, Field: field, Message: fmt.Sprintf(format, args...)}
}

// quote shows a value in a message, shortened.
func quote(s string) string {
	const limit = 100
	if len(s) > limit {
		return fmt.Sprintf("%q…", s[:limit])
	}
	return fmt.Sprintf("%q", s)
}

// activeRecords filters by group (10.3): records without group are always
// active, and a list of which nothing matches is an error even then.
func activeRecords(t *dc.Template, groups []string) ([]int, error) {
	if groups != nil {
		if len(groups) == 0 || slices.Contains(groups, "") {
			return nil, fail(dc.ErrRequest, -1, "groupId", "the list has an empty member; leave the parameter out to apply every group")
		}
		if !slices.ContainsFunc(t.Records, func(r dc.Record) bool { return slices.Contains(groups, r.GroupID) }) {
			have := "no record of the template has a group"
			if all := t.Groups(); len(all) > 0 {
				have = "the template has " + strings.Join(all, ", ")
			}
			return nil, fail(dc.ErrGroup, -1, "groupId", "no record is in group %s; %s (compared with case)", strings.Join(groups, ", "), have)
		}
	}
	return selected(t, groups), nil
}

func selected(t *dc.Template, groups []string) []int {
	active := make([]int, 0, len(t.Records))
	for i := range t.Records {
		g := t.Records[i].GroupID
		if groups == nil || g == "" || slices.Contains(groups, g) {
			active = append(active, i)
		}
	}
	return active
}

// scope is where a template is applied, and the values of its variables.
type scope struct {
	// domain and host are in lower case and A-labels without trailing dot,
	// fqdn is [host.]domain in the same form.
	domain, host, fqdn string
	values             map[string]string
}

func newScope(req Request) (*scope, error) {
	domain, err := requestName("domain", strings.TrimSuffix(req.Domain, "."))
	if err != nil {
		return nil, err
	}
	s := &scope{domain: domain, fqdn: domain, values: req.Variables}
	if req.Host != "" {
		if s.host, err = requestName("host", req.Host); err != nil {
			return nil, err
		}
		s.fqdn = s.host + "." + domain
	}
	if err := checkLength(s.fqdn); err != nil {
		return nil, fail(dc.ErrRequest, -1, "host", "the name of host and domain %v", err)
	}
	return s, nil
}

// lookup returns the value of a variable. The built-ins cannot be given from
// outside (9.1.2).
func (s *scope) lookup(name string) (string, bool) {
	switch name {
	case "domain":
		return s.domain, true
	case "host":
		return s.host, true
	case "fqdn":
		return s.fqdn, true
	}
	v, ok := s.values[name]
	return v, ok
}

// missing reports the variables without value, all of them in one error.
func (s *scope) missing(t *dc.Template, active []int) error {
	var absent []Variable
	for _, v := range variables(t, active) {
		if _, ok := s.lookup(v.Name); !ok {
			absent = append(absent, v)
		}
	}
	if len(absent) == 0 {
		return nil
	}
	message := fmt.Sprintf("the variable %%%s%% has no value; give it in the request", absent[0].Name)
	if len(absent) > 1 {
		names := make([]string, len(absent))
		for i, v := range absent {
			names[i] = "%" + v.Name + "%"
		}
		message = fmt.Sprintf("the variables %s have no values; give them in the request", strings.Join(names, ", "))
	}
	use := absent[0].Uses[0]
	return fail(dc.ErrVariable, use.Record, use.Field, "%s", message)
}

// FQDN is [host.]domain in lower case and A-labels, with trailing dot. The
// error is a *dc.Error of class dc.ErrRequest.
func FQDN(domain, host string) (string, error) {
	s, err := newScope(Request{Domain: domain, Host: host})
	if err != nil {
		return "", err
	}
	return s.fqdn + ".", nil
}
