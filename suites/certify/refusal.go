package certify

import (
	"errors"
	"slices"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/suites/check"
)

// requirementByClass says which requirement a template misses when the
// reference refuses it for a class of error.
var requirementByClass = map[dc.ErrorClass]string{
	dc.ErrUnsupported: "DC-EXT-TEMPLATE-CRIT-REFUSED",
	dc.ErrRecordType:  "DC-RT-UNSUPPORTED-WHOLE",
	dc.ErrName:        "DC-HOST-VALID-NAME",
	dc.ErrOutOfZone:   "DC-HOST-OUT-OF-ZONE",
	dc.ErrNumber:      "DC-VAR-NUMERIC-RANGE",
	dc.ErrData:        "DC-RT-GENERIC-CHECKED",
	dc.ErrSPF:         "DC-TMPL-SPFRULES-TERMS",
	dc.ErrCoexist:     "DC-CONFLICT-ZONE-APPLICABILITY",
}

// requirementOf picks the requirement for a refusal, if the case announced it.
// The same class means different clauses in different members.
func (f *flow) requirementOf(e *dc.Error, announced []string, otherwise string) string {
	id := requirementByClass[e.Class]
	switch {
	case e.Class == dc.ErrNumber && e.Field == "ttl":
		id = "DC-TMPL-TTL-SYNTAX"
	case e.Field == "pointsTo" && f.apexMark(e):
		id = "DC-TMPL-POINTSTO-NO-AT-ADDRESS"
	case e.Class == dc.ErrName && (e.Field == "pointsTo" || e.Field == "target"):
		id = "DC-TMPL-POINTSTO-SYNTAX"
	}
	if slices.Contains(announced, id) {
		return id
	}
	return otherwise
}

// apexMark reports whether the record's pointsTo is @ in a type where it must
// not be.
func (f *flow) apexMark(e *dc.Error) bool {
	if e.Record < 0 || e.Record >= len(f.t.Records) || f.t.Records[e.Record].PointsTo != "@" {
		return false
	}
	switch f.t.Records[e.Record].Type {
	case "A", "AAAA", "NS":
		return true
	}
	return false
}

// refused ends a case, or warns, because the reference refuses the template
// and the mock has been seen to refuse it, too.
func (f *flow) refused(c *check.Case, err error) {
	var e *dc.Error
	if !errors.As(err, &e) {
		c.Broken(err)
		return
	}
	about := check.About{Sent: "the template applied to " + f.fqdn(),
		Expected: []string{"a template that can be applied"}, Actual: e.Error(), Mend: mendOf(e)}
	if e.Record >= 0 && e.Record < len(f.t.Records) {
		r := &f.t.Records[e.Record]
		at := r.Position(e.Field)
		if at.Line == 0 {
			at = r.Pos
		}
		c.At(f.t.File, at.Line, at.Column, e.Record+1)
	}
	if f.unfitForApex(e) {
		c.Require(apexRule(&f.t.Records[e.Record]), false, isTrue, check.About{Sent: about.Sent, Actual: about.Actual,
			Expected: []string{"hostRequired true in the template", "a record that can stand at the apex of a zone"},
			Mend:     "set hostRequired to true, or do not put this type at the root of the template's scope"})
		return
	}
	result := c.Result()
	c.Fail(f.requirementOf(e, result.Requirements, result.Requirements[0]), about)
}

// unfitForApex recognises a template that works below a host and not at the
// apex of a zone, where CNAME and NS cannot stand: the record that is refused
// is of such a type and its own name is the apex.
func (f *flow) unfitForApex(e *dc.Error) bool {
	if e.Class != dc.ErrCoexist || f.place.host != "" {
		return false
	}
	records, err := resolve.Resolve(f.t, f.resolveRequest(), f.o.rules())
	if err != nil {
		return false
	}
	for _, r := range records {
		if r.Index == e.Record {
			return r.Owner == f.domain+"." && (r.Type == "CNAME" || r.Type == "NS")
		}
	}
	return false
}

func apexRule(r *dc.Record) string {
	if r.Type == "NS" {
		return "DC-TMPL-APEX-NS-HOSTREQUIRED"
	}
	return "DC-TMPL-APEX-CNAME-HOSTREQUIRED"
}

func mendOf(e *dc.Error) string {
	switch e.Class {
	case dc.ErrCoexist:
		return "give records that exclude each other different groupId values, or different hosts"
	case dc.ErrUnsupported:
		return "take the member out of crit, or do without it"
	case dc.ErrRecordType:
		return "use a record type that providers support"
	case dc.ErrSPF:
		return "write SPF mechanisms alone, without v=spf1 and without all"
	}
	return ""
}
