// Package profile makes the mock behave as a named provider does, as far as
// fixtures/profiles knows: what is said there of links, templates and answers
// becomes hooks of a tenant. A profile is no fault: it is what a provider does
// on purpose, so that a service provider can see it before its customers do.
package profile

import (
	"errors"
	"strings"

	"github.com/dcconform/dcconform/fixtures/profiles"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// Options are what a provider agrees on with a service provider.
type Options struct {
	// Proxied is the default proxy status: A, AAAA and CNAME of templates are
	// answered with addresses of the provider's edge. It takes hold where the
	// provider may do so at all.
	Proxied bool
}

// Behaviour is what a provider does otherwise than the specification.
type Behaviour struct {
	p *profiles.Profile
	o Options
}

// Of is the behaviour of a profile.
func Of(p *profiles.Profile, o Options) Behaviour { return Behaviour{p, o} }

func (b Behaviour) yes(f profiles.Fact) bool { return b.p.Own(f).Is == profiles.Yes }
func (b Behaviour) no(f profiles.Fact) bool  { return b.p.Own(f).Is == profiles.No }

// Proxies reports whether addresses and aliases of templates are answered with
// those of the edge.
func (b Behaviour) Proxies() bool { return b.o.Proxied && b.yes(profiles.Proxied) }

// Flattens reports whether a CNAME at the apex is served as addresses.
func (b Behaviour) Flattens() bool { return b.yes(profiles.ApexCNAMEFlattened) }

// SigLast reports whether sig has to be the last parameter of a link.
func (b Behaviour) SigLast() bool { return b.yes(profiles.SigLast) }

// DropsState reports whether state does not come back.
func (b Behaviour) DropsState() bool { return b.no(profiles.StateReturned) }

// FollowsAny reports whether users are sent to every redirect_uri, signed or
// not.
func (b Behaviour) FollowsAny() bool {
	return b.no(profiles.RedirectChecked) && !b.yes(profiles.SignedAlways)
}

// Asynchronous reports whether the provider may have the asynchronous flow: it
// is not known that it does not.
func (b Behaviour) Asynchronous() bool { return !b.no(profiles.Async) }

// Forgets reports whether the provider keeps no template state. One that takes
// templates back does, even where no source says so.
func (b Behaviour) Forgets() bool { return b.no(profiles.State) && !b.yes(profiles.Revert) }

// KeepsApplied reports whether a template cannot be taken back on request.
func (b Behaviour) KeepsApplied() bool { return b.no(profiles.Revert) || b.Forgets() }

// Edged reports whether the provider answers for such a record with addresses
// of its own, in place of what was written.
func (b Behaviour) Edged(recordType string) bool {
	switch recordType {
	case "A", "AAAA", "CNAME":
		return b.Proxies()
	case dc.TypeAPEXCNAME:
		return b.Flattens()
	}
	return false
}

// Onboards reports whether the provider would have the template at all.
func (b Behaviour) Onboards(t *dc.Template) bool {
	switch {
	case t.SyncPubKeyDomain == "" && (b.yes(profiles.SignedOnly) || b.yes(profiles.SignedAlways)):
		return false
	case t.SyncBlock && b.yes(profiles.SyncBlockAbsent):
		return false
	case t.SyncRedirectDomain == "" && b.yes(profiles.RedirectRequired) && b.yes(profiles.RedirectChecked):
		return false
	}
	for i := range t.Records {
		name, _, ok := dc.CanonicalType(t.Records[i].Type)
		if ok && b.no(profiles.Type(name)) {
			return false
		}
	}
	return true
}

// Template is the template as the provider reads it: without what it leaves
// out of account. What is not changed is shared.
func (b Behaviour) Template(t *dc.Template) *dc.Template {
	read := *t
	for _, m := range []struct {
		name string
		set  *bool
	}{
		{"syncBlock", &read.SyncBlock}, {"hostRequired", &read.HostRequired}, {"multiInstance", &read.MultiInstance}, {"shared", &read.Shared},
		{"sharedProviderName", &read.SharedProviderName}, {"sharedServiceName", &read.SharedService}, {"warnPhishing", &read.WarnPhishing},
	} {
		if b.no(profiles.Member(m.name)) {
			*m.set = false
		}
	}
	read.Records = append([]dc.Record(nil), t.Records...)
	for i := range read.Records {
		r := &read.Records[i]
		for _, f := range []struct {
			name string
			text *string
		}{
			{"essential", &r.Essential}, {"txtConflictMatchingMode", &r.TXTMode}, {"txtConflictMatchingPrefix", &r.TXTPrefix},
		} {
			if b.no(profiles.Field(f.name)) {
				*f.text = ""
			}
		}
	}
	return &read
}

// Records are the rendered records as the provider writes them.
func (b Behaviour) Records(domain string, records []dc.Resolved) []dc.Resolved {
	apex, err := resolve.FQDN(domain, "")
	if err != nil || !b.Flattens() {
		return records
	}
	written := append([]dc.Resolved(nil), records...)
	for i := range written {
		if r := &written[i]; r.Type == "CNAME" && r.Owner == apex {
			// What the mock calls APEXCNAME is what this provider makes of it.
			*r = dc.Resolved{Index: r.Index, GroupID: r.GroupID, Owner: r.Owner, Type: dc.TypeAPEXCNAME, TTL: r.TTL, Value: aliasTarget(r), OnApply: r.OnApply}
		}
	}
	return written
}

// errSigLast and errNoRedirect are told to the service's developers.
var (
	errSigLast    = errors.New("sig is not the last parameter of the link, which this provider wants; put key before it, and nothing behind it")
	errNoRedirect = errors.New("the link has no redirect_uri, which this provider wants in every link")
)

// Set makes a tenant behave so. It fits store.Misbehaviour, and a tenant that
// is yet to be made. A provider that does not have the asynchronous flow has
// no clients, whatever clients the tenant was to have.
func (b Behaviour) Set(c *store.TenantConfig) {
	switch {
	case b.yes(profiles.State), b.yes(profiles.Revert):
		c.Rules.Stateful = true
	case b.Forgets():
		c.Rules.Stateful = false
	}
	if !b.Asynchronous() {
		c.Clients = nil
	}
	h := &c.Hooks
	if b.KeepsApplied() {
		h.Reverting = append(h.Reverting, func(s store.Snapshot, _ zone.Identity, _ *dc.Template, _ store.Revert) (store.Snapshot, error) {
			return s, store.ErrStateless
		})
	}
	h.Template = append(h.Template, func(t *dc.Template) *dc.Template {
		if t == nil || !b.Onboards(t) {
			return nil
		}
		return b.Template(t)
	})
	h.Signed = append(h.Signed, func(_ *dc.Template, raw string, next func(string) (bool, error)) (bool, error) {
		if err := b.checkLink(raw); err != nil {
			return false, err
		}
		return next(raw)
	})
	if b.DropsState() {
		h.Parameters = append(h.Parameters, withoutState)
	}
	if b.no(profiles.RedirectChecked) {
		h.Redirect = append(h.Redirect, func(r store.Redirect) bool {
			return r.Permitted || r.Signed || b.FollowsAny()
		})
	}
	h.Records = append(h.Records, func(_ *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
		return b.Records(ask.Domain, records), err
	})
	if b.Proxies() || b.Flattens() {
		newEdge(b).set(h)
	}
}

// checkLink holds a link against what the provider wants of its form.
func (b Behaviour) checkLink(raw string) error {
	last := raw[strings.LastIndexByte(raw, '&')+1:]
	switch {
	case b.SigLast() && !strings.HasPrefix(last, "sig="):
		return errSigLast
	case b.yes(profiles.RedirectRequired) && !strings.HasPrefix(raw, "redirect_uri=") && !strings.Contains(raw, "&redirect_uri="):
		return errNoRedirect
	}
	return nil
}

// withoutState is a query without its state.
func withoutState(raw string) string {
	var kept []string
	for segment := range strings.SplitSeq(raw, "&") {
		if name, _, _ := strings.Cut(segment, "="); name != "state" {
			kept = append(kept, segment)
		}
	}
	return strings.Join(kept, "&")
}
