package batch

import (
	"encoding/json"
	"strconv"
	"strings"

	strict "github.com/go-json-experiment/json"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// Instance is an applied template, in a question and in an answer: what an
// answer says can be put into the next question.
type Instance struct {
	Provider string `json:"provider"`
	Service  string `json:"service"`
	// Domain and Host say where; in a question the domain may be left out.
	Domain string `json:"domain,omitempty"`
	Host   string `json:"host,omitempty"`
	ID     string `json:"id,omitempty"`
	// Groups are those that were applied; absent for all.
	Groups  []string  `json:"groups,omitzero"`
	Records []Written `json:"records"`
}

// Written is a record of an instance.
type Written struct {
	// Record is in presentation format. An SPFM has its rules as data:
	// "example.com. 0 IN SPFM include:spf.example.net".
	Record string `json:"record"`
	Group  string `json:"group,omitempty"`
	// Essential is "Always" or "OnApply"; absent is Always.
	Essential string `json:"essential,omitempty"`
	// Before is set when the record was the user's before it was the template's.
	Before bool `json:"before,omitempty"`
	// Base is for an SPFM: the data of the SPF record without any template.
	Base string `json:"base,omitempty"`
}

// RemovedInstance is an instance that goes.
type RemovedInstance struct {
	Provider string `json:"provider"`
	Service  string `json:"service"`
	Domain   string `json:"domain,omitempty"`
	Host     string `json:"host,omitempty"`
	ID       string `json:"id,omitempty"`
	// Why is one word of package zone.
	Why zone.Why `json:"why"`
	// Cause are its essential records in conflict, Gone its records that leave
	// the zone.
	Cause []string `json:"cause"`
	Gone  []string `json:"gone"`
}

// state is what the plan has to know beside the zone; nil without state. Names
// are spelt as the zone spells them.
func (c Case) state(template *dc.Template, origin string) (*zone.State, error) {
	if !c.Rules.Stateful {
		return nil, nil
	}
	by, err := placed(zone.Identity{Provider: template.ProviderID, Service: template.ServiceID, Domain: c.Domain, Host: c.Host, ID: c.InstanceID}, origin)
	if err != nil {
		return nil, err
	}
	s := &zone.State{By: zone.Application{Identity: by, Groups: c.Groups, Multi: template.MultiInstance}}
	for n, i := range c.Instances {
		if i.Identity, err = placed(i.Identity, origin); err != nil {
			return nil, errInput("instance %d: %v", n+1, err)
		}
		s.Instances = append(s.Instances, i)
	}
	return s, nil
}

// placed is an identity with domain and host in lower case and A-labels. It is
// an error when its zone is another.
func placed(i zone.Identity, origin string) (zone.Identity, error) {
	domain, err := resolve.FQDN(i.Domain, "")
	if err != nil {
		return i, err
	}
	if domain != origin {
		return i, errInput("the domain is %s; the zone is %s", i.Domain, strings.TrimSuffix(origin, "."))
	}
	fqdn, err := resolve.FQDN(i.Domain, i.Host)
	if err != nil {
		return i, err
	}
	i.Domain = strings.TrimSuffix(origin, ".")
	if i.Host != "" {
		i.Host = relative(fqdn, origin)
	}
	return i, nil
}

// instancesAre is what the member has to be, for messages.
const instancesAre = `the member instances has to be an array of instances as answers have them: {"provider","service","host","id","groups","records":[{"record","group","essential","before","base"}]}`

// readInstances reads the instances of a question. Their domain is that of the
// question, unless they name it.
func (c *Case) readInstances(raw json.RawMessage) error {
	if raw == nil {
		return nil
	}
	var list []Instance
	if strict.Unmarshal(raw, &list, strict.RejectUnknownMembers(true)) != nil {
		return errInput("%s", instancesAre)
	}
	for n, i := range list {
		if i.Provider == "" || i.Service == "" {
			return errInput("instance %d has no provider or no service", n+1)
		}
		next := zone.Instance{Identity: zone.Identity{Provider: i.Provider, Service: i.Service, Domain: i.Domain, Host: i.Host, ID: i.ID}, Groups: i.Groups}
		if next.Domain == "" {
			next.Domain = strings.TrimSuffix(c.Domain, ".")
		}
		for m, w := range i.Records {
			written, err := w.written(c.Domain)
			if err != nil {
				return errInput("record %d of instance %d: %v", m+1, n+1, err)
			}
			next.Records = append(next.Records, written)
		}
		c.Instances = append(c.Instances, next)
	}
	return nil
}

// written reads the record.
func (w Written) written(domain string) (zone.Written, error) {
	out := zone.Written{Group: w.Group, Before: w.Before, Base: w.Base}
	switch w.Essential {
	case "", "Always":
	case "OnApply":
		out.OnApply = true
	default:
		return out, errInput("essential is %q; there are Always and OnApply", w.Essential)
	}
	if words := strings.SplitN(w.Record, " ", 5); len(words) == 5 && words[3] == dc.TypeSPFM {
		ttl, err := strconv.ParseUint(words[1], 10, 31)
		if err != nil || words[2] != "IN" {
			return out, errInput("%q is no record; an SPFM is written like %q", w.Record, "example.com. 0 IN SPFM include:spf.example.net")
		}
		out.Record = zone.Record{Owner: words[0], Type: dc.TypeSPFM, TTL: uint32(ttl), Data: words[4]}
		return out, nil
	}
	z, err := zone.Parse(domain, strings.NewReader(w.Record), "record")
	if err != nil {
		return out, err
	}
	if z.Len() != 1 {
		return out, errInput("%q holds %d records; one is expected", w.Record, z.Len())
	}
	for r := range z.Records() {
		out.Record = r
	}
	return out, nil
}

// instancesOf writes instances down.
func instancesOf(instances []zone.Instance) []Instance {
	list := make([]Instance, 0, len(instances))
	for _, i := range instances {
		next := Instance{Provider: i.Provider, Service: i.Service, Domain: i.Domain, Host: i.Host, ID: i.ID, Groups: i.Groups, Records: []Written{}}
		for _, w := range i.Records {
			record := Written{Record: lowerNames(w.Record).String(), Group: w.Group, Before: w.Before, Base: w.Base}
			if w.OnApply {
				record.Essential = "OnApply"
			}
			next.Records = append(next.Records, record)
		}
		list = append(list, next)
	}
	return list
}

// removedOf writes the instances that go down.
func removedOf(removed []zone.Removed) []RemovedInstance {
	list := make([]RemovedInstance, 0, len(removed))
	for _, r := range removed {
		next := RemovedInstance{Provider: r.Provider, Service: r.Service, Domain: r.Domain, Host: r.Host, ID: r.ID, Why: r.Why, Cause: []string{}, Gone: []string{}}
		for _, record := range r.Cause {
			next.Cause = append(next.Cause, lowerNames(record).String())
		}
		for _, record := range r.Gone {
			next.Gone = append(next.Gone, lowerNames(record).String())
		}
		list = append(list, next)
	}
	return list
}
