// Package compliance holds the protocol core against compliance cases of
// independent authors, who wrote them for another engine. It has no code of
// its own: the tests read YAML files of the suite types process_records and
// apply_template from the folder that DC_VECTORS names, run every case, and
// compare counts and records.
//
// Where our core answers otherwise, a named deviation rule says why, in which
// clause of the specification, and predicts our answer. A prediction that is
// wrong, a difference that no rule explains, and a rule that explains nothing
// all fail. Rules look at what a case contains, never at its id.
package compliance
