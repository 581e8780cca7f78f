package resolve

import (
	"regexp"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// specVersion is the templateSpecVersion that is understood; every edition
// has this one.
const specVersion = 1

// Supported says whether a provider with these rules can take the template at
// all: critical members that are understood, and record types that are
// supported, in inactive records too (6.1.1, 6.2.1, 10.7). The error is a
// *dc.Error of class dc.ErrUnsupported or dc.ErrRecordType. Resolve checks it
// first; a provider asks it when a template is installed or queried.
func Supported(t *dc.Template, rules dc.Rules) error {
	if rules.Edition == dc.IETF05 { // 2.3 knows neither of them
		if err := understood(t); err != nil {
			return err
		}
	}
	for i := range t.Records {
		sh, err := shapeOf(&t.Records[i])
		if err == nil && rules.NoExtensionTypes && sh.code == 0 && sh.name != dc.TypeSPFM {
			err = fail(dc.ErrRecordType, i, "type", "%s is not supported by this provider", sh.name)
		}
		if err != nil {
			err.Record = i
			return err
		}
	}
	return nil
}

func understood(t *dc.Template) error {
	if t.SpecVersion != specVersion && (t.SpecVersion != 0 || t.Has("templateSpecVersion")) {
		return fail(dc.ErrUnsupported, -1, "templateSpecVersion", "version %d is not supported; this is version %d", t.SpecVersion, specVersion)
	}
	if err := critForm(t.Has("crit"), t.Crit, -1); err != nil {
		return err
	}
	for _, name := range t.Crit {
		// A name that is absent, or that the specification defines, counts as
		// understood: only unknown members are kept.
		if _, present := t.Unknown[name]; present {
			return fail(dc.ErrUnsupported, -1, "crit", "the critical member %s is not understood", quote(name))
		}
	}
	for i := range t.Records {
		r := &t.Records[i]
		if err := critForm(r.Has("crit"), r.Crit, i); err != nil {
			return err
		}
		for _, name := range r.Crit {
			if _, present := r.Unknown[name]; present {
				return fail(dc.ErrUnsupported, i, "crit", "the critical member %s is not understood", quote(name))
			}
		}
	}
	return nil
}

// propertyName is what a crit may list (ietf-05 section 3): a name of the
// specification, or vnd. and dc. names of dot-separated alphabetic labels.
var propertyName = regexp.MustCompile(`^([A-Za-z0-9]+|(vnd|dc)(\.[A-Za-z]+)+)$`)

// critForm refuses a crit that is empty or lists what is no property name:
// nobody can tell what such a template demands.
func critForm(present bool, crit []string, record int) *dc.Error {
	if present && crit != nil && len(crit) == 0 {
		return fail(dc.ErrTemplate, record, "crit", "crit is empty; leave it out, or list the members that must be understood")
	}
	for _, name := range crit {
		if !propertyName.MatchString(name) {
			return fail(dc.ErrTemplate, record, "crit", "%s is no name of a member; vendor names are vnd. and letters, divided by dots", quote(name))
		}
	}
	return nil
}

// shape is how a record of a type is written.
type shape struct {
	// name is the canonical type, code its number, 0 outside DNS.
	name string
	code uint16
	// generic is set when the value is in data.
	generic bool
	// fields are the members that mean something and may hold variables.
	fields []string
}

func (s shape) has(field string) bool { return slices.Contains(s.fields, field) }

// ownMembers are the members of the types that have some, in the order in
// which they are resolved.
var ownMembers = map[string][]string{
	"A":              {"host", "ttl", "pointsTo"},
	"AAAA":           {"host", "ttl", "pointsTo"},
	"CNAME":          {"host", "ttl", "pointsTo"},
	"NS":             {"host", "ttl", "pointsTo"},
	"MX":             {"host", "ttl", "pointsTo", "priority"},
	"TXT":            {"host", "ttl", "data"},
	"SRV":            {"service", "protocol", "name", "ttl", "priority", "weight", "port", "target"},
	dc.TypeSPFM:      {"host", "spfRules"},
	dc.TypeAPEXCNAME: {"host", "ttl", "pointsTo"},
	dc.TypeREDIR301:  {"host", "target"},
	dc.TypeREDIR302:  {"host", "target"},
}

var genericMembers = []string{"host", "ttl", "data"}

// shapeOf reads the type of a record. A type by number is what it is by name:
// TYPE5 is CNAME, whether its value stands in pointsTo or in data.
func shapeOf(r *dc.Record) (shape, *dc.Error) {
	name, code, ok := dc.CanonicalType(r.Type)
	if !ok {
		return shape{}, fail(dc.ErrRecordType, r.Index, "type", "%s is not a record type; write an upper-case mnemonic or TYPE and a number", quote(r.Type))
	}
	if why := keptOut(name, code); why != "" {
		return shape{}, fail(dc.ErrRecordType, r.Index, "type", "%s %s", r.Type, why)
	}
	s := shape{name: name, code: code}
	s.fields, ok = ownMembers[name]
	s.generic = !ok || r.Type != name && r.PointsTo == "" && r.Target == ""
	if s.generic {
		s.fields = genericMembers
	}
	return s, nil
}

// protocolTypes are written by the server or its signer and never by a
// template (dcspec-2.3, General information).
var protocolTypes = []uint16{
	dns.TypeSOA, dns.TypeSIG, dns.TypeRRSIG, dns.TypeNXT, dns.TypeNSEC, dns.TypeNSEC3, dns.TypeNSEC3PARAM,
	dns.TypeDNSKEY, dns.TypeCDNSKEY, dns.TypeCDS, dns.TypeZONEMD,
}

// keptOut says why a type cannot be in a template; "" when it can.
func keptOut(name string, code uint16) string {
	switch {
	case slices.Contains(protocolTypes, code):
		return "is written by the name server and not open to templates"
	case strings.HasPrefix(name, "REDIR"), name == dc.TypeSPFM, name == dc.TypeAPEXCNAME:
		return ""
	case code == 0, code == dns.TypeOPT, code >= 128 && code <= 255, code == dns.TypeReserved, code == dns.TypeNULL:
		return "is no type of zone data"
	}
	return ""
}
