package dc

import "fmt"

// ErrorClass says in one word why a template, a request or a value is
// refused. The list is closed: plan --batch prints it, vectors name it, and
// callers in other languages switch on it.
type ErrorClass string

// The error classes.
const (
	// ErrTemplate: the template is not usable at all (shape, enumeration, ids).
	ErrTemplate ErrorClass = "invalid-template"
	// ErrUnsupported: a crit member or a templateSpecVersion that is not
	// understood; the template is refused as a whole (ietf-05 6.1.1, 6.2.1).
	ErrUnsupported ErrorClass = "unsupported-critical"
	// ErrRecordType: a record type that is unknown or kept out.
	ErrRecordType ErrorClass = "unsupported-type"
	// ErrRequest: domain, host or groupId of the request is malformed.
	ErrRequest ErrorClass = "invalid-request"
	// ErrHostRequired: a hostRequired template without host (6.1).
	ErrHostRequired ErrorClass = "host-required"
	// ErrGroup: no record carries any of the groups asked for (10.3).
	ErrGroup ErrorClass = "no-such-group"
	// ErrVariable: an active record needs a variable that was not given (9.2.2).
	ErrVariable ErrorClass = "missing-variable"
	// ErrName: an owner or target is not a legal domain name.
	ErrName ErrorClass = "invalid-name"
	// ErrOutOfZone: an owner name lies outside the zone (9.3.2).
	ErrOutOfZone ErrorClass = "out-of-zone"
	// ErrAddress: not an address of the record's family.
	ErrAddress ErrorClass = "invalid-address"
	// ErrNumber: ttl, priority, weight or port is not a number in range.
	ErrNumber ErrorClass = "invalid-number"
	// ErrText: TXT data cannot be written as character-strings.
	ErrText ErrorClass = "invalid-text"
	// ErrSPF: spfRules are not mechanisms and modifiers (6.2, 9.4).
	ErrSPF ErrorClass = "invalid-spf"
	// ErrService: SRV service or protocol is not a legal label.
	ErrService ErrorClass = "invalid-service"
	// ErrURL: the target of a REDIR301 or REDIR302 is not an http(s) URL.
	ErrURL ErrorClass = "invalid-url"
	// ErrData: RDATA of a generic type does not parse.
	ErrData ErrorClass = "invalid-data"
	// ErrCoexist: DNS cannot hold the result (CNAME with other data, CNAME
	// or NS at the apex; 10.4, 10.2 step 4a).
	ErrCoexist ErrorClass = "cannot-coexist"
	// ErrZone: the zone given is not a zone.
	ErrZone ErrorClass = "invalid-zone"
	// ErrNotApplied: the template to revert is not applied there (async-00 6.7).
	ErrNotApplied ErrorClass = "not-applied"
	// ErrInput: the input of the tool itself is malformed (plan --batch).
	ErrInput ErrorClass = "invalid-input"
)

// Error is a refusal by the core.
type Error struct {
	// Class is the reason in one word.
	Class ErrorClass
	// Record is the index in Template.Records, or -1 when no record is meant.
	Record int
	// Field is the member of the record or the parameter of the request, if any.
	Field string
	// Message is one sentence for a person: what was found and what is
	// expected instead.
	Message string
}

func (e *Error) Error() string {
	where := ""
	if e.Record >= 0 {
		where = fmt.Sprintf("record %d", e.Record+1)
		if e.Field != "" {
			where += ", " + e.Field
		}
		where += ": "
	} else if e.Field != "" {
		where = e.Field + ": "
	}
	return where + e.Message
}

// Is makes errors.Is match on the class alone:
// errors.Is(err, &dc.Error{Class: dc.ErrVariable}).
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Class == e.Class && t.Message == ""
}
