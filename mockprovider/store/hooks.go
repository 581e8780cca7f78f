package store

import (
	"net/http"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// Hooks are the points at which a deliberate misbehaviour takes hold, in the
// order in which a request passes them. Every list is empty by default; its
// functions are called one after another, from several goroutines at once.
// What can be said as a switch of the core is said in dc.Rules instead.
type Hooks struct {
	// Web wraps whatever answers the tenant's requests. The path still has
	// the tenant's prefix.
	Web []func(next http.Handler) http.Handler
	// Settings changes the settings document of a domain (without a dot at its
	// end) before it is sent.
	Settings []func(domain string, doc map[string]any)
	// Template stands in for a template that was looked up for a query or an
	// apply request; nil is "not supported". The template is shared: a changed
	// one is a copy. It is called with nil where none was found.
	Template []func(t *dc.Template) *dc.Template
	// Query rewrites the query string of an apply request before anything
	// reads it.
	Query []func(raw string) string
	// Signed goes around everything that is done about a signature, of every
	// apply request; next is the real thing, for the query that it is given,
	// and reports whether the request counts as signed.
	Signed []func(t *dc.Template, raw string, next func(raw string) (bool, error)) (bool, error)
	// KeyName goes around making the name that a key is looked up at from the
	// key parameter; next is the real thing.
	KeyName []func(key string, t *dc.Template, next func(key string) (string, error)) (string, error)
	// Keys changes the TXT data found at a key name, one element per record.
	Keys []func(name string, txt [][]string) [][]string
	// Verify goes around the verification of a signature by the TXT data that
	// was found; next is the real one.
	Verify []func(raw string, txt [][]string, next func(raw string, txt [][]string) error) error
	// Parameters rewrites the query string behind the verification, before
	// its parameters are read.
	Parameters []func(raw string) string
	// Ask changes what was read from the parameters.
	Ask []func(t *dc.Template, ask *resolve.Request)
	// Redirect decides whether the user may be sent to a redirect_uri, after
	// the provider has.
	Redirect []func(r Redirect) bool
	// Refuse is told of every refusal of an apply request, with the guard that
	// refused; nil lets the request pass it. The error is a *Refusal; a changed
	// copy of it changes what the user and the service are told.
	Refuse []func(guard Guard, err error) error
	// Records changes the records that the template was rendered to, or the
	// error that stood in the way; what it returns counts.
	Records []func(t *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error)
	// Plan changes what is going to happen to the zone, and with it what the
	// user is shown, or the error that stood in the way.
	Plan []func(z *zone.Zone, records []dc.Resolved, p *Planned, err error) error
	// Shown changes what the user is shown, and nothing else.
	Shown []func(z *zone.Zone, p *Planned)
	// Told changes what the consent page says beside the records.
	Told []func(t *dc.Template, told *Told)
	// Unapproved is called when a request has come to a moment without the
	// user's approval; write carries it out all the same.
	Unapproved []func(at Moment, write func())
	// Written changes what is written, and nothing else.
	Written []func(z *zone.Zone, change zone.Change) zone.Change
	// Editing goes around working out what a change of a zone by hand does to
	// applied templates; next is the real thing.
	Editing []func(templates []*dc.Template, s Snapshot, next Edit) (zone.Change, error)
	// Edited changes what becomes of a zone that its user, or somebody else for
	// him, has changed by other means than a template; an error refuses the
	// change.
	Edited []func(before, after *zone.Zone) (*zone.Zone, error)
	// OAuth is told of every refusal in the asynchronous flow, one after another;
	// see oauth.Refuse. What one lets pass the others do not hear of.
	OAuth []func(r oauth.Refusal) *oauth.Error
	// Granting changes what a user is asked to grant, before the page shows it;
	// raw is the query of the authorization request.
	Granting []func(raw string, scope *oauth.Scope)
	// Foreseen changes what a user is told that a grant may do; there is one
	// element for each template and host of which it can be said.
	Foreseen []func(list []Planned) []Planned
	// Tokens changes the reply of the token end-point before it is sent.
	Tokens []func(reply map[string]any)
	// Reverting goes around taking a template out of a zone, for a client
	// (async-00 section 6.7) and, once he has agreed, for the user; next is the
	// real thing. ErrStateless refuses it to clients, and to nobody else.
	Reverting []func(s Snapshot, which zone.Identity, t *dc.Template, next Revert) (Snapshot, error)
	// Location changes where the user is sent at the end of the flow: to the
	// redirect_uri, failed or not; "" is a page with nothing on it.
	Location []func(location string, r Redirect, failed bool) string
	// Page changes a page's document before it is sent; kind is consent, grant,
	// sign-in, outcome, account, zone, review or applied.
	Page []func(kind string, document []byte) []byte
	// Drop reports that a question to one of the tenant's zones gets no answer
	// over a network, "udp" or "tcp"; a connection is closed.
	Drop []func(network string, q dns.Question) bool
	// Answer changes a DNS answer from one of the tenant's zones before it is
	// written. The records are shared: a changed one is a copy.
	Answer []func(q dns.Question, m *dns.Msg)
}

// Revert takes an applied template out of a zone.
type Revert func(s Snapshot, which zone.Identity) (Snapshot, error)

// Planned is what applying a template does to a zone, and the conflicts that
// are behind it.
type Planned struct {
	Change    zone.Change
	Conflicts []zone.Conflict
	// Template and Ask are what was planned; to read, not to change.
	Template *dc.Template
	Ask      resolve.Request
	// State is what was known of applied templates; nil where nothing is kept.
	// What Shown makes of it is what the consent page knows.
	State *zone.State
}

// Redirect is a redirect_uri, and what is known of the request that has it.
type Redirect struct {
	// Template is nil when the request names none that is here.
	Template *dc.Template
	// URI is as the request has it.
	URI string
	// Listed says that the template lists its host, Signed that the request's
	// signature was verified.
	Listed, Signed bool
	// Permitted is what was decided until now.
	Permitted bool
	// Grant is set in the asynchronous flow, whose redirect_uri is registered.
	Grant bool
}

// Refusal says why an apply request is refused.
type Refusal struct {
	// Code and Description are the error of RFC 6749 in the redirect.
	Code, Description string
	// Detail is for the developers of the service; it stands on the page.
	Detail string
	// Owner has the zone that the user may not change; "" is nobody, which a
	// zone that is not hosted here has, too.
	Owner string
}

// Error is the detail.
func (r *Refusal) Error() string { return r.Detail }

// Told is what a consent page says beside the records.
type Told struct {
	Service, Provider string
	// ExtraService and ExtraProvider are what the link adds.
	ExtraService, ExtraProvider string
	// Logo is the address of a picture, "" for none.
	Logo     string
	Warnings []Warning
	// Grant is set when the page asks for a grant.
	Grant bool
}

// Warning is something that a user should read.
type Warning struct {
	Title, Text string
	// Phishing marks the one that nothing proves who made the link.
	Phishing bool
	// Special is the name with an underscore that one is about, without a dot at
	// its end; "" in others.
	Special string
}

// Moment is a point of a flow that is not the user's approval.
type Moment string

// The moments.
const (
	// Shown is when the consent page was sent.
	Shown Moment = "shown"
	// Cancelled is when the user has cancelled.
	Cancelled Moment = "cancelled"
)

// Guard names a check of an apply request.
type Guard string

// The guards, in the order in which a request passes them.
const (
	GuardQuery     Guard = "query"     // the query string can be read
	GuardEnding    Guard = "ending"    // state and redirect_uri can be used
	GuardSignature Guard = "signature" // the signature verifies
	GuardRedirect  Guard = "redirect"  // the user may be sent to redirect_uri
	GuardCritical  Guard = "critical"  // critical parameters are understood
	GuardSyncBlock Guard = "sync-block"
	GuardParameter Guard = "parameter" // parameters can be used
	GuardRecords   Guard = "records"   // the template can be rendered
	GuardZone      Guard = "zone"      // the user may change the zone
	GuardPlan      Guard = "plan"      // the zone can take the records
)
