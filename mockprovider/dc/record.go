package dc

import (
	"cmp"
	"fmt"
	"slices"
)

// records reads the array of records.
func (r *reader) records(m member) []Record {
	if m.value.kind != '[' {
		r.mismatch(m, "/records", "an array", "write [ … ] around the records")
		return nil
	}
	records := make([]Record, 0, len(m.value.elements))
	for i, n := range m.value.elements {
		at := fmt.Sprintf("/records/%d", i)
		if n.kind != '{' {
			r.report(n.start, at, ProblemType, fmt.Sprintf("record %d is %s where an object is expected", i+1, kindName(n)), "a record is a JSON object: write { … }")
			continue
		}
		records = append(records, r.record(n, i, at))
	}
	return records
}

func (r *reader) record(n *node, index int, at string) Record {
	rec := Record{Index: index, Pos: r.position(n.start), members: map[string]member{}, reader: r}
	recordType := ""
	if m, ok := n.find("type"); ok && m.value.kind == '"' {
		recordType = m.value.text
	}
	means := relevant(recordType)
	texts, numbers := rec.textMembers(), rec.numberMembers()
	for _, m := range n.members {
		if _, again := rec.members[m.name]; again {
			continue // reported already
		}
		rec.members[m.name] = m
		if m.value.kind == 'n' {
			continue
		}
		at := at + "/" + escapePointer(m.name)
		switch {
		case texts[m.name] != nil && (m.value.kind == '"' || means[m.name]):
			r.text(m, at, texts[m.name])
		case numbers[m.name] != nil && (m.value.kind == '"' || m.value.kind == '0'):
			*numbers[m.name] = m.value.text
		case numbers[m.name] != nil && means[m.name]:
			r.mismatch(m, at, "a number or a string", "write digits, or one variable in double quotes")
		case m.name == "crit":
			rec.Crit = r.strings(m, at)
		default:
			keep(&rec.Unknown, m, r.src)
		}
	}
	r.requiredOf(n, recordType, index, at)
	return rec
}

func (r *Record) textMembers() map[string]*string {
	return map[string]*string{
		"type": &r.Type, "groupId": &r.GroupID, "essential": &r.Essential,
		"host": &r.Host, "name": &r.Name,
		"pointsTo": &r.PointsTo, "target": &r.Target, "data": &r.Data, "spfRules": &r.SPFRules,
		"protocol": &r.Protocol, "service": &r.Service,
		"txtConflictMatchingMode": &r.TXTMode, "txtConflictMatchingPrefix": &r.TXTPrefix,
	}
}

func (r *Record) numberMembers() map[string]*string {
	return map[string]*string{"ttl": &r.TTL, "priority": &r.Priority, "weight": &r.Weight, "port": &r.Port}
}

// requiredOf checks the members that the record's type needs.
func (r *reader) requiredOf(n *node, recordType string, index int, at string) {
	m, ok := n.find("type")
	if !ok || m.value.kind == '"' && recordType == "" {
		r.report(n.start, at, ProblemMissing, fmt.Sprintf("record %d has no type", index+1), `add the member "type"`)
		return
	}
	miss := func(name, mend string) {
		r.report(n.start, at, ProblemMissing, fmt.Sprintf("record %d, %s, has no %s", index+1, recordType, name), mend)
	}
	for _, name := range Required(recordType) {
		if _, ok := n.find(name); !ok {
			miss(name, fmt.Sprintf("add the member %q", name))
		}
	}
	if name, _, _ := CanonicalType(recordType); name != recordType && valueFields[name] != nil {
		r.valueByNumber(n, name, miss)
	}
}

// valueByNumber checks a record that writes a type with own members by its
// number: it has either those, or data and host.
func (r *reader) valueByNumber(n *node, name string, miss func(name, mend string)) {
	has := func(f string) bool {
		_, ok := n.find(f)
		return ok
	}
	needed := []string{"host", "data"}
	if has("pointsTo") || has("target") {
		needed = slices.Clone(valueFields[name])
		if name != "SRV" {
			needed = append(needed, "host")
		}
	}
	for _, f := range needed {
		if !has(f) {
			miss(f, fmt.Sprintf("add the member %q", f))
		}
	}
}

// sortProblems puts problems in the order of the file.
func sortProblems(ps Problems) {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
