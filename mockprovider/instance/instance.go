// Package instance writes down applied templates, as a batch plan, a state
// file and the management API have them: what one says another can read.
package instance

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// Instance is an applied template.
type Instance struct {
	Provider string `json:"provider"`
	Service  string `json:"service"`
	// Domain and Host say where; to be read, the domain may be left out.
	Domain string `json:"domain,omitzero"`
	Host   string `json:"host,omitzero"`
	// ID is the instanceId that it was applied with, if any.
	ID string `json:"id,omitzero"`
	// Groups are those that were applied; absent for all.
	Groups  []string  `json:"groups,omitzero"`
	Records []Written `json:"records"`
}

// Written is a record of an instance.
type Written struct {
	// Record is in presentation format. An SPFM has its rules as data:
	// "example.com. 0 IN SPFM include:spf.example.net".
	Record string `json:"record"`
	Group  string `json:"group,omitzero"`
	// Essential is "Always" or "OnApply"; absent is Always.
	Essential string `json:"essential,omitzero"`
	// Before is set when the record was the user's before it was the template's.
	Before bool `json:"before,omitzero"`
	// Base is for an SPFM: the data of the SPF record without any template.
	Base string `json:"base,omitzero"`
}

// Of writes instances down, none as an empty list.
func Of(instances []zone.Instance) []Instance {
	list := make([]Instance, 0, len(instances))
	for _, i := range instances {
		next := Instance{Provider: i.Provider, Service: i.Service, Domain: i.Domain, Host: i.Host, ID: i.ID, Groups: i.Groups, Records: []Written{}}
		for _, w := range i.Records {
			record := Written{Record: w.Record.String(), Group: w.Group, Before: w.Before, Base: w.Base}
			if w.OnApply {
				record.Essential = "OnApply"
			}
			next.Records = append(next.Records, record)
		}
		list = append(list, next)
	}
	return list
}

// Read reads instances of a zone. What cannot be read is a *dc.Error of class
// dc.ErrInput that says which record of which instance it is, and so is what
// cannot be true, such as a record of a group that was not applied; whether the
// zone has the records, or can have them, is not looked at.
func Read(list []Instance, domain string) ([]zone.Instance, error) {
	var instances []zone.Instance
	domain = strings.TrimSuffix(domain, ".")
	for n, i := range list {
		if i.Provider == "" || i.Service == "" {
			return nil, bad("instance %d has no provider or no service", n+1)
		}
		next := zone.Instance{Identity: zone.Identity{Provider: i.Provider, Service: i.Service, Domain: i.Domain, Host: i.Host, ID: i.ID}, Groups: i.Groups}
		if next.Domain == "" {
			next.Domain = domain
		}
		for m, w := range i.Records {
			written, err := w.read(domain)
			if err == nil && len(i.Groups) > 0 && w.Group != "" && !slices.Contains(i.Groups, w.Group) {
				err = bad("its group %q is not among those that were applied: %s", w.Group, strings.Join(i.Groups, ", "))
			}
			if err != nil {
				return nil, bad("record %d of instance %d: %v", m+1, n+1, err)
			}
			next.Records = append(next.Records, written)
		}
		instances = append(instances, next)
	}
	return instances, nil
}

func (w Written) read(domain string) (zone.Written, error) {
	out := zone.Written{Group: w.Group, Before: w.Before, Base: w.Base}
	switch w.Essential {
	case "", "Always":
	case "OnApply":
		out.OnApply = true
	default:
		return out, bad("essential is %q; there are Always and OnApply", w.Essential)
	}
	if words := strings.SplitN(w.Record, " ", 5); len(words) == 5 && words[3] == dc.TypeSPFM {
		ttl, err := strconv.ParseUint(words[1], 10, 31)
		if err != nil || words[2] != "IN" {
			return out, bad("%q is no record; an SPFM is written like %q", w.Record, "example.com. 0 IN SPFM include:spf.example.net")
		}
		out.Record = zone.Record{Owner: words[0], Type: dc.TypeSPFM, TTL: uint32(ttl), Data: words[4]}
		return out, nil
	}
	z, err := zone.Parse(domain, strings.NewReader(w.Record), "record")
	if err != nil {
		return out, err
	}
	if z.Len() != 1 {
		return out, bad("%q holds %d records; one is expected", w.Record, z.Len())
	}
	for r := range z.Records() {
		out.Record = r
	}
	if w.Base != "" {
		return out, bad("only an SPFM has a base, and %q is none", w.Record)
	}
	return out, nil
}

func bad(format string, args ...any) *dc.Error {
	return &dc.Error{Class: dc.ErrInput, Record: -1, Message: fmt.Sprintf(format, args...)}
}
