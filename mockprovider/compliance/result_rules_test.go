package compliance

import (
	"slices"
	"strings"
)

// resultRules change which records go and which TTL they have. Each is one
// reason of a small model of the conflict rules (ietf-05 section 10.4), which
// is held against what the other engine did with every record of the zone.
var resultRules = []rule{
	{
		name:    "apexcname-stands-at-the-host",
		clause:  "ietf-05 9.3.2: APEXCNAME stands at the applied name; there host is ignored and it stands at the apex.",
		predict: moveAPEXCNAME,
	},
	{
		name:    "identical-records-are-shared",
		clause:  "ietf-05 10.4.1.3: a record that is there already is no conflict, and stays; there it is removed and written again.",
		predict: shareIdentical,
	},
	conflictRule("cname-conflicts-with-every-type", "ietf-05 10.4: a CNAME conflicts with every other type; there SRV, CAA and NS stay beside it."),
	conflictRule("ns-conflicts-with-every-type", "ietf-05 10.4: an NS conflicts with every type at its name and below, and they with it; there with some."),
	conflictRule("srv-conflicts-by-full-owner", "ietf-05 10.4, RFC 2782: SRV conflict at their full owner, service and protocol included; there at the name."),
	conflictRule("extension-types-replace-addresses", "dcspec-2.3, Extensions: APEXCNAME and REDIR take the place of addresses, of each other and of nothing else."),
	{
		name:    "rrsets-have-one-ttl",
		clause:  "ietf-05 10.2 (8b), RFC 2181 5.2: the records of an RRset have one TTL, the lowest; there each has its own.",
		predict: oneTTL,
	},
}

func moveAPEXCNAME(q question, o outcome) outcome {
	if o.class != "" || q.host == "" {
		return o
	}
	o = o.clone()
	for _, f := range q.fresh() {
		if f.typ != "APEXCNAME" {
			continue
		}
		apex := f.entry
		apex.name = "@"
		i := slices.IndexFunc(o.records, apex.sameData)
		if i < 0 {
			continue
		}
		o.records[i].name = f.name
		// What it pushed out at the apex comes back.
		for _, r := range q.Input.ZoneRecords {
			if e := q.zoneEntry(r); e.name == "@" && !slices.ContainsFunc(o.records, e.sameData) && !q.pushedOut(e) {
				o.records = append(o.records, e)
				o.delete--
			}
		}
	}
	return o
}

// pushedOut reports whether any new record conflicts with one of the zone.
func (q question) pushedOut(old entry) bool {
	for _, f := range q.fresh() {
		if _, conflict := clash(f, old); conflict {
			return true
		}
	}
	return false
}

// shareIdentical undoes the removal of records that are written again: as many
// as the other engine counts beyond those that are really new.
func shareIdentical(q question, o outcome) outcome {
	if o.class != "" {
		return o
	}
	o = o.clone()
	var zone, added []entry
	for _, r := range q.Input.ZoneRecords {
		zone = append(zone, q.zoneEntry(r))
	}
	shared := 0
	for _, f := range q.fresh() {
		e := f.entry
		if f.rules != "" { // what the merge made of it
			i := slices.IndexFunc(o.records, func(r entry) bool { return r.name == f.name && r.typ == "TXT" && isSPF(r.data) })
			if i < 0 {
				continue
			}
			e = o.records[i]
		}
		switch {
		case slices.ContainsFunc(zone, e.sameData):
			shared++
		case !slices.ContainsFunc(added, e.sameData):
			added = append(added, e)
		}
	}
	o = onlyOnce(o, zone)
	if twice := min(o.new-len(added), o.delete); twice > 0 && twice <= shared {
		o.new -= twice
		o.delete -= twice
	}
	// What stays had its TTL before; the other engine may have given it another.
	for i, e := range o.records {
		if at := slices.IndexFunc(zone, e.sameData); at >= 0 && slices.ContainsFunc(q.fresh(), func(f fresh) bool { return f.sameData(e) }) {
			o.records[i].ttl = zone[at].ttl
		}
	}
	return o
}

// onlyOnce takes out what the other engine wrote beside an identical record,
// one of the zone or of the same template.
func onlyOnce(o outcome, zone []entry) outcome {
	var once []entry
	for _, e := range o.records {
		if !slices.ContainsFunc(once, e.sameData) {
			once = append(once, e)
			continue
		}
		before := 0
		for _, z := range zone {
			if z.sameData(e) {
				before++
			}
		}
		if before < 2 && o.new > 0 { // a zone that says a thing twice has it once
			o.new--
		}
	}
	o.records = once
	return o
}

// conflictRule enforces one reason of the model.
func conflictRule(name, clause string) rule {
	return rule{name: name, clause: clause, predict: func(q question, o outcome) outcome {
		if o.class != "" {
			return o
		}
		o = o.clone()
		list := q.fresh()
		for _, r := range q.Input.ZoneRecords {
			old := q.zoneEntry(r)
			if slices.ContainsFunc(list, func(f fresh) bool { return f.sameData(old) }) {
				continue
			}
			at := slices.IndexFunc(o.records, old.sameData)
			ours, reason := false, ""
			for _, f := range list {
				why, conflict := clash(f, old)
				if conflict {
					ours, reason = true, why
					break
				}
				if why != "" {
					reason = why
				}
			}
			switch {
			case reason != name || ours == (at < 0):
			case ours:
				o.records = slices.Delete(o.records, at, at+1)
				o.delete++
			default:
				o.records = append(o.records, old)
				o.delete--
			}
		}
		return o
	}}
}

// clash is the model: does a new record push out one of the zone? The reason
// is the name of the rule where the other engine sees it otherwise, "" where
// both agree. A reason without conflict says that the other engine may remove
// what we keep.
func clash(f fresh, old entry) (reason string, conflict bool) {
	if old.name == "@" && (old.typ == "NS" || old.typ == "SOA") {
		return "", false
	}
	switch {
	case old.typ == "NS" && below(f.name, old.name), f.typ == "NS" && f.name != "@" && below(old.name, f.name):
		return "ns-conflicts-with-every-type", true
	case f.name != old.name:
		return "", false
	case (f.typ == "SRV") != (old.typ == "SRV"):
		// The owner of an SRV has two more labels than the name says.
		return "srv-conflicts-by-full-owner", false
	case f.typ == "CNAME" || old.typ == "CNAME":
		return "cname-conflicts-with-every-type", true
	case f.typ == "SRV" && old.typ == "SRV":
		return "srv-conflicts-by-full-owner", f.data[strings.Index(f.data, "["):] == old.data[strings.Index(old.data, "["):]
	case isPseudo(f.typ) || isPseudo(old.typ):
		takes := func(typ string) bool { return typ == "A" || typ == "AAAA" || isPseudo(typ) }
		return "extension-types-replace-addresses", takes(f.typ) && takes(old.typ)
	case strings.HasPrefix(f.typ, "A") && (f.typ == "A" || f.typ == "AAAA"):
		return "", old.typ == "A" || old.typ == "AAAA"
	case f.typ == "MX":
		return "", old.typ == "MX"
	case f.typ == "TXT" && old.typ == "TXT":
		return "", f.mode == "All" || f.mode == "Prefix" && strings.HasPrefix(old.data, f.prefix)
	}
	return "", false
}

// oneTTL gives every RRset that a new record belongs to one TTL.
func oneTTL(q question, o outcome) outcome {
	if o.class != "" {
		return o
	}
	o = o.clone()
	for _, f := range q.fresh() {
		lowest := int64(1 << 40)
		if f.rules == "" && !isPseudo(f.typ) {
			lowest = f.ttl
		}
		for _, e := range o.records {
			if e.name == f.name && e.typ == f.typ && e.serviceOf() == f.serviceOf() {
				lowest = min(lowest, e.ttl)
			}
		}
		for i, e := range o.records {
			if e.name == f.name && e.typ == f.typ && e.serviceOf() == f.serviceOf() {
				o.records[i].ttl = lowest
			}
		}
	}
	return o
}

// serviceOf is the service of an SRV, which is part of its owner.
func (e entry) serviceOf() string {
	if i := strings.Index(e.data, "["); e.typ == "SRV" && i >= 0 {
		return e.data[i:]
	}
	return ""
}
