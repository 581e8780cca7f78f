package compliance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// fresh is a new record, rendered by a few lines of our own: predictions must
// not come from the core.
type fresh struct {
	entry
	// old is the template record.
	old          map[string]any
	mode, prefix string
	// rules are those of an SPFM.
	rules string
}

var expression = regexp.MustCompile(`%([A-Za-z0-9_-]+)%`)

// text renders a template field.
func (q question) text(fields map[string]any, name string) string {
	value, ok := fields[name]
	if !ok || value == nil {
		return ""
	}
	return expression.ReplaceAllStringFunc(fmt.Sprint(value), func(match string) string {
		switch name := strings.Trim(match, "%"); name {
		case "domain":
			return strings.ToLower(q.Input.Domain)
		case "host":
			return strings.ToLower(q.host)
		case "fqdn":
			return strings.ToLower(strings.TrimPrefix(q.host+"."+q.Input.Domain, "."))
		default:
			return q.params[name]
		}
	})
}

// owner renders host or name, relative to the domain; ok is false when it is
// outside.
func (q question) owner(value string) (string, bool) {
	value = strings.ToLower(value)
	domain, host := strings.ToLower(q.Input.Domain), strings.ToLower(q.host)
	switch {
	case strings.HasSuffix(value, "."):
		name := strings.TrimSuffix(value, ".")
		if name == domain {
			return "@", true
		}
		return strings.CutSuffix(name, "."+domain)
	case value == "@" || value == "":
		value = host
	case host != "":
		value += "." + host
	}
	return ownerText(value), true
}

// active are the template records that a group filter leaves.
func (q question) active() []map[string]any {
	var list []map[string]any
	for _, r := range q.Input.TemplateRecords {
		group, _ := r["groupId"].(string)
		if len(q.Input.GroupIDs) == 0 || group == "" || slices.Contains(q.Input.GroupIDs, group) {
			list = append(list, r)
		}
	}
	return list
}

// fresh renders the new records.
func (q question) fresh() []fresh {
	var list []fresh
	for _, r := range q.active() {
		list = append(list, q.freshOf(r))
	}
	return list
}

func (q question) freshOf(r map[string]any) fresh {
	get := func(name string) string { return q.text(r, name) }
	f := fresh{old: r, mode: get("txtConflictMatchingMode")}
	f.prefix, _ = r["txtConflictMatchingPrefix"].(string) // holds no variables
	f.typ = strings.ToUpper(get("type"))
	field := "host"
	if f.typ == "SRV" {
		field = "name"
	}
	f.name, _ = q.owner(get(field))
	_, _ = fmt.Sscan(get("ttl"), &f.ttl)
	switch f.typ {
	case "MX":
		f.data = get("priority") + " " + q.target(get("pointsTo"))
	case "SRV":
		f.data = fmt.Sprintf("%s %s %s %s [%s]", get("priority"), get("weight"), get("port"), q.target(get("target")), q.serviceOf(r))
	case "TXT":
		f.data = decodeText(get("data"))
	case "CNAME", "NS", "APEXCNAME":
		f.data = q.target(get("pointsTo"))
	case "A", "AAAA":
		f.data = canonicalData(f.typ, get("pointsTo"))
	case "REDIR301", "REDIR302":
		f.data, f.ttl = get("target"), 0
	case "SPFM":
		f.typ, f.rules, f.ttl = "TXT", get("spfRules"), 0
	default:
		f.data = canonicalData(f.typ, get("data"))
	}
	return f
}

// target renders a name that is always absolute.
func (q question) target(value string) string {
	if value == "@" {
		return strings.ToLower(strings.TrimPrefix(q.host+"."+q.Input.Domain, "."))
	}
	return nameText(value)
}

// serviceOf is the key of an SRV's service and protocol as the case has them,
// whatever stands for them.
func (q question) serviceOf(r map[string]any) string {
	service, protocol := q.text(r, "service"), q.text(r, "protocol")
	for key, labels := range q.services {
		if labels == service+"."+protocol {
			return key
		}
	}
	return serviceKey(service, protocol)
}

// plain is our outcome where nothing of the zone is in the way: the zone and
// the new records. Rules that know more change it.
func (q question) plain() outcome {
	o := outcome{}
	for _, r := range q.Input.ZoneRecords {
		o.records = append(o.records, q.zoneEntry(r))
	}
	for _, f := range q.fresh() {
		if !slices.ContainsFunc(o.records, func(e entry) bool { return f.sameData(e) }) {
			o.records = append(o.records, f.entry)
			o.new++
		}
	}
	return o
}

// zoneEntry is a record of the zone before, as the case wrote it.
func (q question) zoneEntry(r record) entry {
	e := entryOf(r)
	e.data = q.back.Replace(e.data)
	return e
}

// sameData reports whether two records are identical, TTL aside.
func (e entry) sameData(other entry) bool {
	return e.name == other.name && e.typ == other.typ && e.data == other.data
}

// below reports whether a name is at or under another.
func below(name, top string) bool {
	return name == top || top == "@" || strings.HasSuffix(name, "."+top)
}
