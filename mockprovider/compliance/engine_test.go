package compliance

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/batch"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// run asks our core.
func (q question) run() outcome {
	o, _ := q.plan()
	return o
}

// plan asks our core, and keeps the plan as well.
func (q question) plan() (outcome, batch.Plan) {
	template := maps.Clone(q.top)
	template["records"] = q.Input.TemplateRecords
	if q.Input.MultiAware && q.Input.ProviderID != "" && q.Input.TemplateRecords != nil {
		template["providerId"], template["serviceId"] = q.Input.ProviderID, q.Input.ServiceID
		if q.Input.MultiInstance {
			template["multiInstance"] = true
		}
	}
	text, err := json.Marshal(template)
	if err != nil {
		return outcome{class: "unusable: " + err.Error()}, batch.Plan{}
	}
	c := batch.Case{Template: text, Zone: q.zoneText(), Domain: q.Input.Domain, Host: q.host, Variables: q.params}
	if len(q.Input.GroupIDs) > 0 {
		c.Groups = q.Input.GroupIDs
	}
	if q.Input.MultiAware {
		if c, err = q.stateful(c); err != nil {
			return outcome{class: "unusable: " + err.Error()}, batch.Plan{}
		}
	}
	plan, err := batch.Work(c)
	if refused, ok := errors.AsType[*dc.Error](err); ok {
		return outcome{class: string(refused.Class)}, batch.Plan{}
	}
	if err != nil {
		return outcome{class: "unusable: " + err.Error()}, batch.Plan{}
	}
	o := outcome{new: len(plan.Change.Add), delete: len(plan.Change.Remove)}
	for r := range plan.After.Records() {
		o.records = append(o.records, q.entry(r, plan.After.Origin()))
	}
	return o, plan
}

// entry is a record of our zone.
func (q question) entry(r zone.Record, origin string) entry {
	e := entry{name: strings.TrimSuffix(r.Owner, "."+origin), typ: r.Type, data: r.Data, ttl: int64(r.TTL)}
	if r.Owner == origin {
		e.name = "@"
	}
	switch r.Type {
	case "MX":
		priority, name, _ := strings.Cut(r.Data, " ")
		e.data = priority + " " + nameText(name)
	case "SRV":
		e.data = nameText(r.Data)
		for key, labels := range q.services {
			if owner, ok := strings.CutPrefix(r.Owner, labels+"."); ok {
				e.data += " [" + key + "]"
				e.name = strings.TrimSuffix(owner, "."+origin)
				if owner == origin {
					e.name = "@"
				}
			}
		}
	case "TXT":
		e.data = decodeText(r.Data)
	default:
		e.data = canonicalData(r.Type, r.Data)
	}
	if isPseudo(r.Type) && r.Type != "APEXCNAME" {
		e.ttl = 0
	}
	e.data = q.back.Replace(e.data)
	return e
}

// zoneText is the zone before as a master file.
func (q question) zoneText() string { return q.textOf(q.Input.ZoneRecords) }

func (q question) textOf(records []record) string {
	var b strings.Builder
	for _, r := range records {
		owner := r.Name + "." + q.Input.Domain + "."
		if r.Name == "@" || r.Name == "" {
			owner = q.Input.Domain + "."
		}
		typ, data := strings.ToUpper(r.Type), r.Data
		switch typ {
		case "MX":
			data = fmt.Sprintf("%d %s", r.Priority, absolute(data))
		case "SRV":
			owner = q.services[serviceKey(r.Service, r.Protocol)] + "." + owner
			data = fmt.Sprintf("%d %d %d %s", r.Priority, r.Weight, r.Port, absolute(data))
		case "CNAME", "NS", "PTR", "DNAME", "APEXCNAME":
			data = absolute(data)
		case "TXT":
			if !strings.HasPrefix(data, `"`) {
				data = quoteText(data)
			}
		}
		ttl := int64(0)
		if r.TTL != nil {
			ttl = *r.TTL
		}
		fmt.Fprintf(&b, "%s %d IN %s %s\n", owner, ttl, typ, data)
	}
	return b.String()
}

func absolute(name string) string { return strings.TrimSuffix(name, ".") + "." }

// quoteText is text as character-strings.
func quoteText(text string) string {
	var strs []string
	for chunk := range slices.Chunk([]byte(text), 255) {
		var b strings.Builder
		for _, c := range chunk {
			switch {
			case c == '"' || c == '\\':
				b.WriteByte('\\')
				b.WriteByte(c)
			case c < ' ' || c > '~':
				fmt.Fprintf(&b, `\%03d`, c)
			default:
				b.WriteByte(c)
			}
		}
		strs = append(strs, `"`+b.String()+`"`)
	}
	if strs == nil {
		return `""`
	}
	return strings.Join(strs, " ")
}
