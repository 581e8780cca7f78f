package batch

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	strict "github.com/go-json-experiment/json"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/instance"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

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
	var list []instance.Instance
	err := strict.Unmarshal(raw, &list, strict.RejectUnknownMembers(true))
	if wrong, ok := errors.AsType[*strict.SemanticError](err); ok && wrong.JSONPointer != "" {
		return errInput("%s; what is wrong is at %s", instancesAre, wrong.JSONPointer)
	}
	if err != nil {
		return errInput("%s", instancesAre)
	}
	c.Instances, err = instance.Read(list, c.Domain)
	return err
}

// instancesOf writes instances down, names in lower case.
func instancesOf(instances []zone.Instance) []instance.Instance {
	plain := make([]zone.Instance, 0, len(instances))
	for _, i := range instances {
		i.Records = slices.Clone(i.Records)
		for n := range i.Records {
			i.Records[n].Record = lowerNames(i.Records[n].Record)
		}
		plain = append(plain, i)
	}
	return instance.Of(plain)
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
