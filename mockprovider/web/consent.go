package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/net/idna"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// consent shows what a waiting request would change, and takes the answer.
func (x *exchange) consent() {
	if x.r.Method == http.MethodPost {
		x.takeConsent()
		return
	}
	v, ok := x.session()
	if !ok {
		x.expired()
		return
	}
	p := x.waiting(v, x.r.URL.Query().Get("request"))
	if p == nil {
		x.expired()
		return
	}
	if v.user == "" {
		x.see(x.address("sign-in", p.id))
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.end != nil {
		x.answered()
		return
	}
	if p.request.grant != nil {
		x.showGrant(v, p)
		return
	}
	x.showConsent(http.StatusOK, v, p, "")
}

// zoneFor returns the zone of a request when the user may change it. That it
// is not hosted here and that it is somebody else's look alike.
func (x *exchange) zoneFor(v session, req *request) (store.Snapshot, *failure) {
	if account, testing := x.config.Testing[req.template.ID()]; testing && account != v.user {
		x.note("apply", "refused: %s is under test by another account", req.template.ID())
		return store.Snapshot{}, notKnown()
	}
	s, owner, ok := x.tenant.Snapshot(req.apex)
	if ok && (owner != "" && owner == v.user || x.config.Faults.AnyZone) {
		return s, nil
	}
	refused := &failure{
		status: http.StatusForbidden, code: "access_denied", description: "the domain cannot be changed by this user",
		title: "This domain is not in your account",
		text:  fmt.Sprintf("You are signed in as %s, and %s is not a domain that you can change. Nothing has been changed.", v.user, strings.TrimSuffix(req.apex, ".")),
	}
	if ok {
		refused.owner = owner
	}
	heard := x.refuse(store.GuardZone, refused)
	switch {
	case heard != nil:
		return store.Snapshot{}, heard
	case ok:
		return s, nil
	}
	return store.Snapshot{}, refused
}

// proposal is what a request would do to a zone.
type proposal struct {
	records   []dc.Resolved
	change    zone.Change
	conflicts []zone.Conflict
	// state is what was known of applied templates; nil where nothing is kept.
	state *zone.State
}

// applied are the templates that are applied until now.
func (p proposal) applied() []zone.Instance {
	if p.state == nil {
		return nil
	}
	return p.state.Instances
}

// propose renders the template and plans it for a zone, with the templates
// that are applied to it where they are kept track of.
func (x *exchange) propose(req *request, s store.Snapshot) (proposal, error) {
	records, err := x.render(req)
	if err != nil {
		return proposal{}, err
	}
	var state *zone.State
	if x.config.Rules.Stateful {
		state = s.State(req.application())
	}
	change, conflicts, err := zone.Plan(s.Zone, records, state, x.config.Rules)
	planned := store.Planned{Change: change, Conflicts: conflicts, Template: req.template, Ask: req.ask, State: state}
	for _, bend := range x.config.Hooks.Plan {
		err = bend(s.Zone, records, &planned, err)
	}
	return proposal{records, planned.Change, planned.Conflicts, state}, err
}

// shown is a proposal as the user sees it.
func (x *exchange) shown(req *request, s store.Snapshot, p proposal) proposal {
	planned := store.Planned{Change: p.change, Conflicts: p.conflicts, Template: req.template, Ask: req.ask, State: p.state}
	for _, bend := range x.config.Hooks.Shown {
		bend(s.Zone, &planned)
	}
	return proposal{p.records, planned.Change, planned.Conflicts, planned.State}
}

// digest names what a proposal would write and take away. It goes through the
// form, so that the page that the user answered is the one that counts,
// however many are open.
func (p proposal) digest() string { return digest(p.change) }

// digest names what a change would write and take away, templates included.
func digest(c zone.Change) string {
	h := sha256.New()
	for _, part := range [][]zone.Record{c.Add, c.Remove, c.Retime} {
		for _, r := range part {
			_, _ = fmt.Fprintln(h, r)
		}
		_, _ = fmt.Fprintln(h)
	}
	for _, r := range c.InstancesRemoved {
		_, _ = fmt.Fprintln(h, r.Why, r.Instance)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// showConsent asks the user. The caller holds p.mu.
func (x *exchange) showConsent(status int, v session, p *pending, notice string) {
	s, f := x.zoneFor(v, p.request)
	if f != nil {
		x.conclude(p, x.failed(p.request, f))
		return
	}
	proposed, err := x.propose(p.request, s)
	if err != nil {
		x.conclude(p, x.failed(p.request, coreFailure(err)))
		return
	}
	page := x.consentPage(v, p, s, x.shown(p.request, s, proposed))
	page.Plan = proposed.digest()
	page.Notice = notice
	x.show(status, "consent", "Set up "+page.Service, page, p.request.redirect)
	x.unapproved(store.Shown, p.request)
}

// unapproved lets a misbehaviour write what nobody has approved.
func (x *exchange) unapproved(at store.Moment, req *request) {
	for _, tempt := range x.config.Hooks.Unapproved {
		tempt(at, func() {
			if _, err := x.applyTo(req, func(proposal) bool { return true }); err != nil {
				x.note("apply", "not written without approval: %v", err)
			}
		})
	}
}

// conclude ends a request for good. The caller holds p.mu.
func (x *exchange) conclude(p *pending, e ending) {
	p.end = &e
	x.finish(e)
}

// errChanged says that the zone is no longer the one that was shown.
var errChanged = errors.New("the zone has changed since it was shown")

// takeConsent takes the user's answer. Only here is anything written.
func (x *exchange) takeConsent() {
	if !x.readForm() {
		return
	}
	v, ok := x.session()
	if !ok || v.user == "" || !x.genuine(v) {
		x.forged()
		return
	}
	p := x.waiting(v, x.r.PostFormValue("request"))
	if p == nil {
		x.expired()
		return
	}
	switch x.r.PostFormValue("action") {
	case "cancel":
		x.cancel(p)
	case "confirm":
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.request.grant != nil {
			x.allow(v, p)
			return
		}
		x.confirm(v, p)
	default:
		x.problem(http.StatusBadRequest, "This form could not be read", "Please go back and choose Confirm or Cancel.")
	}
}

// confirm applies a waiting request. The caller holds p.mu.
func (x *exchange) confirm(v session, p *pending) {
	if p.end != nil {
		x.finish(*p.end)
		return
	}
	if _, f := x.zoneFor(v, p.request); f != nil {
		x.conclude(p, x.failed(p.request, f))
		return
	}
	seen := x.r.PostFormValue("plan")
	written, err := x.applyTo(p.request, func(now proposal) bool { return now.digest() == seen })
	switch {
	case errors.Is(err, errChanged):
		x.showConsent(http.StatusConflict, v, p, "Your domain has changed since you opened this page. Please look at the changes again.")
		return
	case err != nil:
		x.conclude(p, x.failed(p.request, coreFailure(err)))
		return
	}
	x.note("apply", "%s at %s by %s: %d added, %d removed, %d with another TTL", p.request.template.ID(), p.request.fqdn, v.user,
		len(written.change.Add), len(written.change.Remove), len(written.change.Retime))
	x.conclude(p, x.succeeded(p.request))
}

// applyTo applies the template in one step, provided that the user has agreed
// to what this does.
func (x *exchange) applyTo(req *request, agreed func(proposal) bool) (proposal, error) {
	var written proposal
	_, err := x.tenant.Replace(req.apex, func(s store.Snapshot) (store.Snapshot, error) {
		proposed, err := x.propose(req, s)
		if err != nil {
			return store.Snapshot{}, err
		}
		if !agreed(proposed) {
			return store.Snapshot{}, errChanged
		}
		written = proposed
		for _, bend := range x.config.Hooks.Written {
			written.change = bend(s.Zone, written.change)
		}
		if x.config.Rules.Stateful {
			return s.After(written.change)
		}
		return s.Stateless(written.change)
	})
	return written, err
}

// succeeded is the end of a flow that was carried out.
func (x *exchange) succeeded(req *request) ending {
	if req.redirect != "" {
		return ending{location: x.location(req, nil)}
	}
	return ending{page: outcomePage{
		Status: http.StatusOK, Title: "Done",
		Text: fmt.Sprintf("%s by %s is set up for %s. You can close this window and go back to the service.",
			req.template.ServiceName, req.template.ProviderName, readable(req.fqdn)),
	}}
}

// readable is a name as a person writes it: no dot at the end, and the U-label
// form beside the A-label form where they differ.
func readable(name string) string {
	name = strings.TrimSuffix(name, ".")
	if unicode, err := idna.Display.ToUnicode(name); err == nil && unicode != name {
		return unicode + " (" + name + ")"
	}
	return name
}
