package admin

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/instance"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

func (a *api) createZone(t *store.Tenant, r *http.Request) (any, error) {
	var n NewZone
	if err := read(r, &n); err != nil {
		return nil, err
	}
	h, err := n.hosted(t.Config().Users)
	if err != nil {
		return nil, err
	}
	if err := t.AddZone(h); err != nil {
		if _, taken := errors.AsType[*store.ZoneTakenError](err); taken {
			return nil, problem(http.StatusConflict, "%v", err)
		}
		return nil, err
	}
	z, err := find(t, n.Name)
	return created{z}, err
}

func (a *api) showZone(t *store.Tenant, r *http.Request) (any, error) {
	return find(t, r.PathValue("zone"))
}

// find reads a zone of a tenant.
func find(t *store.Tenant, name string) (Zone, error) {
	s, owner, ok := t.Snapshot(name)
	if !ok {
		return Zone{}, noZone(t, name)
	}
	return zoneOf(s, owner), nil
}

func noZone(t *store.Tenant, name string) *Error {
	return problem(http.StatusNotFound, "tenant %q hosts no zone %s", t.Name(), dns.CanonicalName(name))
}

func zoneOf(s store.Snapshot, owner string) Zone {
	var text strings.Builder
	for r := range s.Zone.Records() {
		text.WriteString(r.String() + "\n")
	}
	z := Zone{Name: s.Zone.Origin(), Owner: owner, Serial: s.Zone.Serial(), Text: text.String()}
	if len(s.Instances) > 0 {
		z.Instances = instance.Of(s.Instances)
	}
	return z
}

// changed returns a zone after a change of it.
func changed(t *store.Tenant, name string, err error) (any, error) {
	if errors.Is(err, store.ErrNoZone) {
		return nil, noZone(t, name)
	}
	if err != nil {
		return nil, conflict(err)
	}
	return find(t, name)
}

// conflict is the error of a change that the zone does not take.
func conflict(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return problem(http.StatusConflict, "%v", err)
}

// putZone begins a zone anew with other records, and with the instances that
// the body has. SOA and NS of the apex stay where the text has none.
func (a *api) putZone(t *store.Tenant, r *http.Request) (any, error) {
	var body struct {
		Text      string              `json:"text"`
		Instances []instance.Instance `json:"instances"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	name := r.PathValue("zone")
	next, err := zone.Parse(name, strings.NewReader(body.Text), "zone "+name)
	if err != nil {
		return nil, err
	}
	instances, err := instance.Read(body.Instances, next.Origin())
	if err != nil {
		return nil, err
	}
	return changed(t, name, t.Reset(name, instances, func(now *zone.Zone) (*zone.Zone, error) {
		var kept zone.Change
		for r := range now.At(now.Origin()) {
			if r.Type == "SOA" && next.RRset(now.Origin(), dns.TypeSOA) == nil || r.Type == "NS" && next.RRset(now.Origin(), dns.TypeNS) == nil {
				kept.Add = append(kept.Add, r)
			}
		}
		return kept.Apply(next)
	}))
}

func (a *api) changeRecords(t *store.Tenant, r *http.Request) (any, error) {
	var body Records
	if err := read(r, &body); err != nil {
		return nil, err
	}
	name := r.PathValue("zone")
	add, err := records(name, "add", body.Add)
	if err != nil {
		return nil, err
	}
	remove, err := records(name, "remove", body.Remove)
	if err != nil {
		return nil, err
	}
	_, err = t.Edit(name, func(z *zone.Zone) (*zone.Zone, error) {
		for _, r := range remove {
			if !has(z, r) {
				return nil, fmt.Errorf("zone %s has no record %q to remove", z.Origin(), r)
			}
		}
		next, err := zone.Change{Remove: remove}.Apply(z)
		if err != nil {
			return nil, err
		}
		for _, r := range add {
			if has(next, r) {
				return nil, fmt.Errorf("zone %s has the record %q already", z.Origin(), r)
			}
		}
		return zone.Change{Add: add}.Apply(next)
	})
	return changed(t, name, err)
}

// records reads records of a zone, one a line.
func records(origin, member string, lines []string) ([]zone.Record, error) {
	var all []zone.Record
	for i, line := range lines {
		place := fmt.Sprintf("%s[%d]", member, i)
		z, err := zone.Parse(origin, strings.NewReader(line), place)
		if err != nil {
			return nil, err
		}
		found := slices.Collect(z.Records())
		if len(found) != 1 {
			return nil, fmt.Errorf("%s holds %d records: give one each", place, len(found))
		}
		if slices.ContainsFunc(all, func(r zone.Record) bool { return same(r, found[0]) }) {
			return nil, fmt.Errorf("%s stands there twice: %q", place, found[0])
		}
		all = append(all, found[0])
	}
	return all, nil
}

func has(z *zone.Zone, want zone.Record) bool {
	for r := range z.At(want.Owner) {
		if same(r, want) {
			return true
		}
	}
	return false
}

// same compares records as DNS does, TTLs aside.
func same(a, b zone.Record) bool {
	a, b = a.Canonical(), b.Canonical()
	a.TTL, b.TTL = 0, 0
	return a == b
}
