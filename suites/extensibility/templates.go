package extensibility

import "github.com/dcconform/dcconform/suites/trial"

// Sections 6.1.1 and 6.2.1: members of templates and fields of records.
var templates = []trial.Case{
	applied("extensibility-unknown-members", "unknown members of a template are passed over", "DC-EXT-TEMPLATE-UNKNOWN-IGNORED", "unknown-members"),
	kept("extensibility-critical-member", "a template with an unknown critical member is not applied", "DC-EXT-TEMPLATE-CRIT-REFUSED", "critical-member", "unknown-members"),
	applied("extensibility-critical-member-absent", "a critical member that is not there, or is known, does no harm", "DC-EXT-TEMPLATE-CRIT-ABSENT-NAME", "critical-absent"),
	applied("extensibility-unknown-fields", "unknown fields of a record are passed over", "DC-EXT-RECORD-UNKNOWN-IGNORED", "unknown-fields"),
	applied("extensibility-stray-fields", "fields of other record types are passed over", "DC-EXT-FIELD-WRONG-TYPE-IGNORED", "stray-fields"),
	kept("extensibility-critical-field", "a template with an unknown critical field is not applied, not even its other records", "DC-EXT-RECORD-CRIT-REFUSED", "critical-field", "unknown-fields"),
	applied("extensibility-critical-field-absent", "a critical field that is not there, or is known, does no harm", "DC-EXT-RECORD-CRIT-ABSENT-NAME", "critical-field-absent"),
	kept("extensibility-spec-version-unsupported", "a template of an unknown format version is not applied", "DC-EXT-SPECVERSION-UNSUPPORTED", "future-version", "first-version"),
	// A template without a version is of the first; both are the same.
	{Key: "extensibility-spec-version-default", Title: "a template without a format version is of the first",
		Requirements: []string{"DC-EXT-SPECVERSION-DEFAULT"}, Templates: []string{"first-version", "no-version"},
		Body: func(t *trial.Trial) {
			r := t.Request("no-version")
			t.Applies("DC-EXT-SPECVERSION-DEFAULT", r, r.Records()...)
			t.ResetHost()
			r = t.Request("first-version")
			t.Applies("DC-EXT-SPECVERSION-DEFAULT", r, r.Records()...)
		}},
}
