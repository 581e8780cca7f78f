package store

import (
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// QueryMode is how a tenant answers the template query (ietf-05 section 8.2).
type QueryMode uint8

// The answers to a template query. An Accept header with the template's media
// type gets the whole template in every mode.
const (
	QueryEmpty QueryMode = iota
	QueryVersion
	QueryTemplate
)

// User is somebody who can sign in.
type User struct{ Name, Password string }

// Hosted is a zone in a user's account.
type Hosted struct {
	// Zone is the zone's state. A zone without SOA or without NS at its apex
	// gets one when it is hosted, since DNS cannot serve it otherwise.
	Zone *zone.Zone
	// Owner is the name of the user who may change it; "" is a zone that no
	// user may (a service provider's key zone).
	Owner string
	// Instances are the templates that are applied to the zone already, in the
	// order in which they were; see Snapshot.
	Instances []zone.Instance
}

// Faults are deliberate misbehaviours of the layers above the core. The zero
// value is correct behaviour. Package fault gives them names.
type Faults struct {
	// Guards of the consent pages; each true takes one guard out, so that a
	// test can show that it sees the difference.
	NoCSRF, NoEscape, AllowFraming, OpenRedirect, KeepSessionID, AnyZone bool
	// RawState puts state into the redirect as decoded, and SplitHeader lets
	// its line breaks through into the header as well.
	RawState, SplitHeader bool
	// NoKeyAlias finds no public key behind a CNAME.
	NoKeyAlias bool
}

// NoDiscovery as TenantConfig.Discovery leaves the zones without a
// _domainconnect record.
const NoDiscovery = "-"

// TenantConfig describes a tenant. The zero value is a tenant without zones,
// users or templates.
type TenantConfig struct {
	// Name is part of every URL path of the tenant: /t/<name>/. Letters,
	// digits and hyphens, at most 63. Empty is the default tenant, at the root.
	Name string
	// ProviderID, ProviderName and ProviderDisplayName go into the settings.
	// Defaults: "dcconform.example", "dcconform mock provider", "".
	ProviderID, ProviderName, ProviderDisplayName string
	// Discovery is what _domainconnect says (ietf-05 section 5): a TXT record
	// with this text, an authority with an optional path, is added to each
	// zone with an owner that has nothing at that name. Provider.NewTenant
	// turns "" into its own authority and the tenant's path; a bare Store
	// adds nothing for "". NoDiscovery adds nothing anywhere.
	Discovery string
	Users     []User
	Zones     []Hosted
	Templates []*dc.Template
	// Testing are templates that are being onboarded, with the user who may
	// try each: the template query answers 404 for everybody, and nobody else
	// can apply them. Taking one out publishes it.
	Testing map[dc.TemplateID]string
	// Clients are the service providers that may use the asynchronous flow
	// (async-00 section 6.2); without any the tenant does not offer it.
	Clients []oauth.Client
	// Rules are the switches of the core. Rules.Stateful makes the tenant keep
	// template state: what is applied, and which records belong to what.
	Rules dc.Rules
	Query QueryMode
	// Keys resolves public keys; nil asks the mock's own DNS server.
	Keys KeyResolver
	// Terse refuses signatures without looking for the mistake that was made,
	// which costs more than all else that a request does.
	Terse  bool
	Faults Faults
	Hooks  Hooks
}
