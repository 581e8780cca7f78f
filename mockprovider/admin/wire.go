package admin

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/dcconform/dcconform/mockprovider/instance"
	"github.com/dcconform/dcconform/mockprovider/registration"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// Duration is a time.Duration that is written as in Go: "1m30s".
type Duration time.Duration

// MarshalText writes the duration.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads a duration.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is no duration: write it as 500ms or 2s", text)
	}
	*d = Duration(v)
	return nil
}

// User is somebody who can sign in.
type User struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// NewTenant describes a tenant that is to be made. All members may be left
// out; the defaults are those of store.TenantConfig.
type NewTenant struct {
	// Name is letters, digits and hyphens, at most 63; "" is the default
	// tenant.
	Name                string `json:"name,omitzero"`
	ProviderID          string `json:"providerId,omitzero"`
	ProviderName        string `json:"providerName,omitzero"`
	ProviderDisplayName string `json:"providerDisplayName,omitzero"`
	// Discovery is what _domainconnect says; "" is the mock itself, and "-"
	// leaves the zones without such a record.
	Discovery string `json:"discovery,omitzero"`
	// Edition is ietf-05, the default, or dcspec-2.3.
	Edition string `json:"edition,omitzero"`
	// Stateful makes the tenant keep track of which templates are applied.
	Stateful bool `json:"stateful,omitzero"`
	// Query is what a template query is answered with: empty, the default,
	// version or template.
	Query     string           `json:"query,omitzero"`
	Users     []User           `json:"users,omitzero"`
	Zones     []NewZone        `json:"zones,omitzero"`
	Templates []jsontext.Value `json:"templates,omitzero"`
	// Clients are the service providers that may use the asynchronous flow.
	Clients []registration.Client `json:"clients,omitzero"`
	// Faults are names of the catalogue.
	Faults []string `json:"faults,omitzero"`
}

// Tenant is a tenant as it is.
type Tenant struct {
	Name string `json:"name"`
	// URL is where its endpoints begin, without a slash at the end.
	URL        string   `json:"url"`
	ProviderID string   `json:"providerId"`
	Edition    string   `json:"edition"`
	Stateful   bool     `json:"stateful"`
	Users      []string `json:"users"`
	// Zones are the names, absolute.
	Zones []string `json:"zones"`
	// Templates are providerId/serviceId.
	Templates []string `json:"templates"`
	Faults    []string `json:"faults"`
}

// NewZone is a zone that is to be hosted.
type NewZone struct {
	Name string `json:"name"`
	// Owner is the user who may change it; "" is the tenant's first user, or
	// nobody when there are none.
	Owner string `json:"owner,omitzero"`
	// Text is the records in presentation format (RFC 1035 section 5), names
	// absolute or relative to the zone. A SOA, an NS and a _domainconnect
	// record that are missing are added.
	Text string `json:"text,omitzero"`
	// Instances are the templates that are applied to the zone already, as Zone
	// has them.
	Instances []instance.Instance `json:"instances,omitzero"`
}

// Zone is a zone as it is.
type Zone struct {
	// Name is absolute.
	Name   string `json:"name"`
	Owner  string `json:"owner"`
	Serial uint32 `json:"serial"`
	// Text is the records in canonical order, one a line, names absolute.
	Text string `json:"text"`
	// Instances are the templates that are applied, in the order in which they
	// were; nil where there are none, as at a tenant that is not stateful.
	Instances []instance.Instance `json:"instances,omitzero"`
}

// Records are records to add to a zone and to remove from it, in presentation
// format: all of them, or none when one to add is there already or one to
// remove is not. The TTL of a record to remove does not count. At a stateful
// tenant an essential record takes its template with it.
type Records struct {
	Add    []string `json:"add,omitzero"`
	Remove []string `json:"remove,omitzero"`
}

// Fault is an entry of the catalogue.
type Fault struct {
	Name string `json:"name"`
	// Sentence says what the provider does wrong.
	Sentence string `json:"sentence"`
	// Requirements are the ids of the requirements that it breaks.
	Requirements []string `json:"requirements"`
}

// Step says what happens to the next requests of a kind; see store.Step and
// store.Reaction.
type Step struct {
	// Kind is dns, settings, query or apply, or in the asynchronous flow
	// authorize, token or call.
	Kind string `json:"kind"`
	// Match is a pattern (* and ?) for the domain of a settings call, the
	// providerId/serviceId of a query and an apply request, and "name TYPE" of
	// a DNS question; "" fits all.
	Match string `json:"match,omitzero"`
	// Times is for how many requests; 0 is one.
	Times int `json:"times,omitzero"`
	// Delay comes before all else; at most a minute.
	Delay Duration `json:"delay,omitzero"`
	// Of the rest, one: an HTTP status with a body, a DNS response code by
	// name, a fault of the catalogue, or the end of the connection.
	Status int    `json:"status,omitzero"`
	Body   string `json:"body,omitzero"`
	Rcode  string `json:"rcode,omitzero"`
	Fault  string `json:"fault,omitzero"`
	Close  bool   `json:"close,omitzero"`
}

// Waiting is a step of a script that has requests left.
type Waiting struct {
	ID   int `json:"id"`
	Left int `json:"left"`
	Step `json:",inline"`
}

// Event is an entry of the journal.
type Event struct {
	// Number counts the entries from 0.
	Number  int       `json:"number"`
	Time    time.Time `json:"time"`
	Kind    string    `json:"kind"`
	Tenant  string    `json:"tenant"`
	Summary string    `json:"summary"`
	// DNS is nil for other kinds than dns, and where no question could be read.
	DNS *DNS `json:"dns,omitzero"`
}

// DNS is a DNS question and what it was answered with.
type DNS struct {
	Network string `json:"network"`
	Client  string `json:"client"`
	Opcode  string `json:"opcode"`
	Name    string `json:"name"`
	Type    string `json:"type"`
	Rcode   string `json:"rcode"`
	Answers int    `json:"answers"`
}

// Journal is a part of the journal.
type Journal struct {
	Events []Event `json:"events"`
	// Next is what to ask for next time.
	Next int `json:"next"`
	// Forgotten counts the oldest entries, which are no longer remembered.
	Forgotten int `json:"forgotten"`
}

// queryModes are the words for store.QueryMode.
var queryModes = map[string]store.QueryMode{
	"": store.QueryEmpty, "empty": store.QueryEmpty, "version": store.QueryVersion, "template": store.QueryTemplate,
}
