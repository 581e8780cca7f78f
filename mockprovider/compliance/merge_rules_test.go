package compliance

import (
	"slices"
	"strings"
)

// mergeRules say what is written where the other engine leaves a record out, or
// makes another of it.
var mergeRules = []rule{
	{
		name:    "ungrouped-records-are-active",
		clause:  "ietf-05 10.3: a record without groupId is always active; there it is left out when groups are named.",
		predict: addUngrouped,
	},
	{
		name:    "spf-terms-are-merged",
		clause:  "ietf-05 9.4, A.7: new terms come behind the old ones, compared as terms, and a changed record ends in the least restrictive of ~all and its own; there they come in front, compared as text, and -all stays. An SPFM has no ttl: a new record takes the lowest TTL of the TXT beside it, else 3600; there the ttl of the template or 6000.",
		predict: mergeSPF,
	},
}

// addUngrouped writes what has no group, and pushes out what that conflicts
// with. An SPFM that has nothing to merge with begins a record.
func addUngrouped(q question, o outcome) outcome {
	if o.class != "" || len(q.Input.GroupIDs) == 0 {
		return o
	}
	o = o.clone()
	for _, f := range q.fresh() {
		if group, _ := f.old["groupId"].(string); group != "" {
			continue
		}
		begun := slices.ContainsFunc(o.records, func(e entry) bool { return e.name == f.name && e.typ == "TXT" && isSPF(e.data) })
		if f.rules != "" {
			f.data = "v=spf1 ~all"
		}
		if f.rules != "" && begun || slices.ContainsFunc(o.records, f.sameData) {
			continue
		}
		for _, r := range q.Input.ZoneRecords {
			old := q.zoneEntry(r)
			at := slices.IndexFunc(o.records, old.sameData)
			if _, conflict := clash(f, old); conflict && at >= 0 {
				o.records = slices.Delete(o.records, at, at+1)
				o.delete++
			}
		}
		o.records = append(o.records, f.entry)
		o.new++
	}
	return o
}

// mergeSPF merges the rules of every name that has an SPFM.
func mergeSPF(q question, o outcome) outcome {
	if o.class != "" {
		return o
	}
	rules := map[string][]string{}
	for _, f := range q.fresh() {
		if f.rules != "" {
			rules[f.name] = append(rules[f.name], strings.Fields(q.back.Replace(f.rules))...)
		}
	}
	o = o.clone()
	for name, terms := range rules {
		o = q.mergeAt(name, terms, o)
	}
	return o
}

func (q question) mergeAt(name string, terms []string, o outcome) outcome {
	old, ttl := q.spfAt(name)
	merged, policy, changed := []string{}, "~all", true
	if len(old) == 1 && !strings.Contains(old[0].data, "redirect=") {
		ttl = old[0].ttl
		words := strings.Fields(old[0].data)[1:]
		changed = len(words) == 0 || !strings.HasSuffix(words[len(words)-1], "all")
		for _, term := range words {
			switch term {
			case "-all":
			case "all", "+all":
				policy = "+all"
			case "?all", "~all":
				policy = term
			default:
				merged = append(merged, term)
			}
		}
	}
	for _, term := range terms {
		if !slices.Contains(merged, term) {
			merged, changed = append(merged, term), true
		}
	}
	o = q.oneSPF(name, old, o)
	i := slices.IndexFunc(o.records, func(e entry) bool { return e.name == name && e.typ == "TXT" && isSPF(e.data) })
	if i < 0 {
		return o
	}
	if !changed {
		o.records[i] = old[0] // that it is counted is for identical-records-are-shared
		return o
	}
	if slices.ContainsFunc(old, o.records[i].sameData) && o.new <= q.unknown(o) {
		o.new, o.delete = o.new+1, o.delete+1 // there it stayed as it was
	}
	o.records[i].data = strings.Join(append(append([]string{"v=spf1"}, merged...), policy), " ")
	o.records[i].ttl = ttl
	return o
}

// spfAt is the SPF records of a name before, and the lowest TTL of its TXT.
func (q question) spfAt(name string) (old []entry, ttl int64) {
	ttl = 3600
	first := true
	for _, r := range q.Input.ZoneRecords {
		e := q.zoneEntry(r)
		if e.name != name || e.typ != "TXT" {
			continue
		}
		if first || e.ttl < ttl {
			ttl, first = e.ttl, false
		}
		if isSPF(e.data) {
			old = append(old, e)
		}
	}
	return old, ttl
}

// oneSPF takes out the SPF records beside the first: old ones that the other
// engine left, and the new one that it wrote beside an old one.
func (q question) oneSPF(name string, old []entry, o outcome) outcome {
	var kept []entry
	first := true
	for _, e := range o.records {
		switch {
		case e.name != name || e.typ != "TXT" || !isSPF(e.data):
		case first:
			first = false
		case slices.ContainsFunc(old, e.sameData):
			o.delete++
			continue
		default:
			o.new--
			continue
		}
		kept = append(kept, e)
	}
	o.records = kept
	return o
}

// unknown counts the records that were not in the zone before.
func (q question) unknown(o outcome) int {
	n := 0
	for _, e := range o.records {
		if !slices.ContainsFunc(q.Input.ZoneRecords, func(r record) bool { return q.zoneEntry(r).sameData(e) }) {
			n++
		}
	}
	return n
}
