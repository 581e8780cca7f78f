package state

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/instance"
	"github.com/dcconform/dcconform/mockprovider/registration"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// Format and Version stand in every state file. New members raise the version,
// so that a program that would lose them refuses the file. Version 2 has
// template state; a file of version 1 is read as one without.
const (
	Format  = "dcconform-state"
	Version = 2
)

// File is what a state file holds. It has passwords: the mock's are published,
// and shown when it starts.
type File struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	// Authority was the mock's own host:port. What _domainconnect said of it is
	// brought up to date when the mock comes back at another.
	Authority string   `json:"authority"`
	Tenants   []Tenant `json:"tenants"`
	// Keys are the zones that public keys were published in.
	Keys []Zone `json:"keys"`
}

// Tenant is a tenant without its faults and scripts, which are what a run is
// told and no state.
type Tenant struct {
	Name                string `json:"name"`
	ProviderID          string `json:"providerId,omitzero"`
	ProviderName        string `json:"providerName,omitzero"`
	ProviderDisplayName string `json:"providerDisplayName,omitzero"`
	// Discovery is what _domainconnect says; "" is the mock itself.
	Discovery string `json:"discovery,omitzero"`
	Edition   string `json:"edition"`
	// Stateful is set when the tenant keeps track of what is applied.
	Stateful bool `json:"stateful,omitzero"`
	// Query is a store.QueryMode.
	Query     store.QueryMode `json:"query,omitzero"`
	Users     []User          `json:"users"`
	Zones     []Zone          `json:"zones"`
	Templates []Template      `json:"templates"`
	// Clients have the digests of their secrets. What users have granted to
	// them is not kept, as sessions are not.
	Clients []registration.Client `json:"clients,omitzero"`
	// Testing are the templates that are being onboarded. A program that does
	// not know them refuses a file that has some.
	Testing []Testing `json:"testing,omitzero"`
}

// Testing is a template that nobody but one user can try yet.
type Testing struct {
	ProviderID string `json:"providerId"`
	ServiceID  string `json:"serviceId"`
	Account    string `json:"account"`
}

// User is somebody who can sign in.
type User struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// Zone is a zone with its records.
type Zone struct {
	// Name is absolute.
	Name  string `json:"name"`
	Owner string `json:"owner,omitzero"`
	// Records are in presentation format, names absolute, the SOA with them.
	Records []string `json:"records"`
	// Instances are the templates that are applied to the zone, in the order in
	// which they were.
	Instances []instance.Instance `json:"instances,omitzero"`
}

// Template is a template as it was read, octet by octet, since its digest and
// what a template query answers are made of these.
type Template struct {
	File string `json:"file"`
	Text string `json:"text"`
}

// take makes a file of a store.
func take(s *store.Store, authority string) *File {
	f := &File{Format: Format, Version: Version, Authority: authority, Tenants: []Tenant{}, Keys: []Zone{}}
	for _, t := range s.Tenants() {
		f.Tenants = append(f.Tenants, takeTenant(t, authority))
	}
	for _, z := range s.KeyZones() {
		f.Keys = append(f.Keys, takeZone(z, ""))
	}
	return f
}

func takeTenant(t *store.Tenant, authority string) Tenant {
	c := t.Plain()
	taken := Tenant{Name: t.Name(), ProviderID: c.ProviderID, ProviderName: c.ProviderName, ProviderDisplayName: c.ProviderDisplayName,
		Discovery: c.Discovery, Edition: c.Rules.Edition.String(), Stateful: c.Rules.Stateful, Query: c.Query, Users: []User{}, Zones: []Zone{}, Templates: []Template{}}
	if c.Discovery == authority+t.Prefix() {
		taken.Discovery = ""
	}
	for _, u := range c.Users {
		taken.Users = append(taken.Users, User{u.Name, u.Password})
	}
	for _, z := range c.Zones {
		kept := takeZone(z.Zone, z.Owner)
		if len(z.Instances) > 0 {
			kept.Instances = instance.Of(z.Instances)
		}
		taken.Zones = append(taken.Zones, kept)
	}
	for _, t := range c.Templates {
		taken.Templates = append(taken.Templates, Template{t.File, string(t.Raw)})
		if account, testing := c.Testing[t.ID()]; testing {
			taken.Testing = append(taken.Testing, Testing{t.ProviderID, t.ServiceID, account})
		}
	}
	if len(c.Clients) > 0 {
		taken.Clients = registration.Of(c.Clients)
	}
	return taken
}

func takeZone(z *zone.Zone, owner string) Zone {
	taken := Zone{Name: z.Origin(), Owner: owner, Records: []string{}}
	for r := range z.Records() {
		taken.Records = append(taken.Records, r.String())
	}
	return taken
}

// decode reads a file strictly. What it is, and from when, is looked at first:
// of a stranger's file nothing else is worth a message.
func decode(text []byte) (*File, error) {
	var head struct {
		Format  jsontext.Value `json:"format"`
		Version jsontext.Value `json:"version"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, unreadable(err)
	}
	var version int
	switch {
	case string(head.Format) != `"`+Format+`"`:
		return nil, fmt.Errorf("it is no state of a mock provider: there is no \"format\":%q in it", Format)
	case json.Unmarshal(head.Version, &version) != nil || version < 1:
		return nil, errors.New("it has no version that could be read")
	case version > Version:
		return nil, fmt.Errorf("a newer dcconform has written it, in version %d; this one reads versions up to %d", version, Version)
	}
	var f File
	if err := json.Unmarshal(text, &f, json.RejectUnknownMembers(true)); err != nil {
		return nil, unreadable(err)
	}
	return &f, nil
}

// unreadable words an error of the JSON library.
func unreadable(err error) error {
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		if errors.Is(e, json.ErrUnknownName) {
			return fmt.Errorf("the member %s is not known", e.JSONPointer)
		}
		if e.JSONPointer == "" {
			return errors.New("it is no JSON object")
		}
		return fmt.Errorf("the member %s cannot be used", e.JSONPointer)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errors.New("it ends too early, as if its writer had been stopped half-way")
	}
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Errorf("it is not JSON at octet %d: %s", e.ByteOffset, strings.TrimPrefix(e.Err.Error(), "jsontext: "))
	}
	return err
}

// tenant is what the store makes a tenant from. authority was the mock's own
// when the file was written, now is the present one.
func (t *Tenant) config(authority, now string) (store.TenantConfig, error) {
	c := store.TenantConfig{Name: t.Name, ProviderID: t.ProviderID, ProviderName: t.ProviderName,
		ProviderDisplayName: t.ProviderDisplayName, Discovery: t.Discovery, Query: t.Query}
	var err error
	if c.Rules.Edition, err = dc.ParseEdition(t.Edition); err != nil {
		return c, err
	}
	c.Rules.Stateful = t.Stateful
	for _, u := range t.Users {
		c.Users = append(c.Users, store.User{Name: u.Name, Password: u.Password})
	}
	for i := range t.Zones {
		z, err := t.Zones[i].parse()
		if err != nil {
			return c, err
		}
		if t.Discovery == "" {
			if z, err = moved(z, authority+c.Prefix(), now+c.Prefix()); err != nil {
				return c, err
			}
		}
		instances, err := instance.Read(t.Zones[i].Instances, z.Origin())
		if err != nil {
			return c, fmt.Errorf("zone %s: %w", z.Origin(), err)
		}
		c.Zones = append(c.Zones, store.Hosted{Zone: z, Owner: t.Zones[i].Owner, Instances: instances})
	}
	for _, text := range t.Templates {
		parsed, err := dc.Parse(text.File, []byte(text.Text))
		if err != nil {
			return c, err
		}
		c.Templates = append(c.Templates, parsed)
	}
	if c.Clients, err = registration.Read(t.Clients); err != nil {
		return c, err
	}
	return c, t.test(&c)
}

// test puts the templates under test again. One that is not there is no state
// that a mock has ever had.
func (t *Tenant) test(c *store.TenantConfig) error {
	for _, one := range t.Testing {
		id := dc.TemplateID{Provider: one.ProviderID, Service: one.ServiceID}
		if _, ok := c.Template(id); !ok {
			return fmt.Errorf("testing: there is no template with providerId %s and serviceId %s", one.ProviderID, one.ServiceID)
		}
		if c.Testing == nil {
			c.Testing = map[dc.TemplateID]string{}
		}
		c.Testing[id] = one.Account
	}
	return nil
}

func (z *Zone) parse() (*zone.Zone, error) {
	return zone.Parse(z.Name, strings.NewReader(strings.Join(z.Records, "\n")+"\n"), "zone "+z.Name)
}

// moved has the _domainconnect record of a zone say where the mock is now,
// where it said where the mock was.
func moved(z *zone.Zone, from, to string) (*zone.Zone, error) {
	if from == to {
		return z, nil
	}
	var c zone.Change
	for r := range z.At("_domainconnect." + z.Origin()) {
		if r.Type == "TXT" && r.Data == `"`+from+`"` {
			c.Remove = append(c.Remove, r)
			r.Data = `"` + to + `"`
			c.Add = append(c.Add, r)
		}
	}
	if c.Empty() {
		return z, nil
	}
	next, err := c.Apply(z)
	if err != nil {
		return nil, err
	}
	return next.WithSerial(z.Serial() + 1), nil
}
