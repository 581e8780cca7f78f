package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// call is a call of the API that its token permits.
type call struct {
	parameters
	grant oauth.Grant
	req   *request
}

// authorized looks through what apply and revert have in common (async-00
// sections 6.5 to 6.7): the token, and that it is for this template, domain
// and host, whose user still has the zone.
func (x *exchange) authorized(name templateName) (*call, *callError) {
	grant, refused := x.bearer()
	if refused != nil {
		return nil, refused
	}
	p, refused := x.readCall(false)
	if refused != nil {
		return nil, refused
	}
	c := &call{parameters: p, grant: grant, req: &request{}}
	if name.provider != grant.Provider || !slices.Contains(grant.Services, name.service) {
		if refused := x.outside(oauth.GuardTemplate, grant, name.provider+"/"+name.service, "the access token is not for this template"); refused != nil {
			return nil, refused
		}
	}
	t, ok := x.template(name)
	if !ok {
		return nil, &callError{status: http.StatusNotFound, message: "this template is not supported; see that providerId and serviceId are spelt as in the template, with case"}
	}
	c.req.template = t
	if err := c.place(); err != nil {
		return nil, malformed(err)
	}
	for _, bound := range []struct {
		guard   oauth.Guard
		ok      bool
		wanted  string
		message string
	}{
		{oauth.GuardDomain, c.req.apex == grant.Domain, c.req.apex, "the access token is not for this domain"},
		{oauth.GuardHost, slices.Contains(grant.Hosts, c.req.ask.Host), c.req.ask.Host, "the access token is not for this host"},
		{oauth.GuardOwner, x.owns(grant.User, c.req.apex), c.req.apex, "the domain does not belong to the user who has granted the access"},
	} {
		if bound.ok {
			continue
		}
		if refused := x.outside(bound.guard, grant, bound.wanted, bound.message); refused != nil {
			return nil, refused
		}
	}
	if _, _, ok := x.tenant.Zone(c.req.apex); !ok {
		return nil, &callError{status: http.StatusNotFound, message: "the domain is not hosted here"}
	}
	return c, nil
}

// bearer reads the access token from the header (RFC 6750 section 2.1), and
// from nowhere else.
func (x *exchange) bearer() (oauth.Grant, *callError) {
	scheme, token, _ := strings.Cut(x.r.Header.Get("Authorization"), " ")
	if token = strings.TrimSpace(token); !strings.EqualFold(scheme, "Bearer") || token == "" {
		return oauth.Grant{}, &callError{status: http.StatusUnauthorized, challenge: `Bearer realm="Domain Connect"`,
			message: "the access token is missing; send it as Authorization: Bearer, in the header"}
	}
	grant, err := x.tenant.Grants().Bearer(token, x.config.Clients, x.object)
	if err != nil {
		message := err.Error()
		if said, ok := errors.AsType[*oauth.Error](err); ok {
			message = said.Description
		}
		return oauth.Grant{}, &callError{status: http.StatusUnauthorized, message: message, challenge: challenge(oauth.InvalidToken, message)}
	}
	return grant, nil
}

func challenge(code, description string) string {
	return fmt.Sprintf(`Bearer realm="Domain Connect", error="%s", error_description="%s"`, code, description)
}

// outside refuses what the grant does not cover; nil lets it pass. The status
// is 401, as the draft has it for all that a caller is not authorized for.
func (x *exchange) outside(guard oauth.Guard, grant oauth.Grant, wanted, message string) *callError {
	said := x.object(oauth.Refusal{Guard: guard, Grant: &grant, Wanted: wanted, Client: oauth.Find(x.config.Clients, grant.Client),
		Err: &oauth.Error{Code: oauth.InsufficientScope, Description: message}})
	if said == nil {
		return nil
	}
	return &callError{status: http.StatusUnauthorized, message: said.Description, challenge: challenge(said.Code, said.Description)}
}

// owns reports whether a user has a zone.
func (x *exchange) owns(user, apex string) bool {
	_, owner, ok := x.tenant.Zone(apex)
	return ok && owner != "" && owner == user
}

// place reads domain and host, in canonical form.
func (c *call) place() error {
	var domain, host string
	err := c.text(map[string]*string{"domain": &domain, "host": &host, "instanceId": &c.req.instance})
	if err == nil && domain == "" {
		err = errors.New("domain is missing; it is the zone that was authorized")
	}
	if err == nil {
		c.req.apex, err = resolve.FQDN(domain, "")
	}
	if err == nil {
		c.req.fqdn, err = resolve.FQDN(domain, host)
	}
	if err != nil {
		return err
	}
	if c.Has("instanceId") {
		if ids, err := dc.ParseGroupList(c.req.instance); err != nil || len(ids) != 1 {
			return errors.New("instanceId is one id: letters, digits, hyphens, underscores and dots, at most 63")
		}
	}
	c.req.ask.Domain = strings.TrimSuffix(c.req.apex, ".")
	c.req.ask.Host = strings.TrimSuffix(strings.TrimSuffix(c.req.fqdn, c.req.apex), ".")
	return nil
}

// applyCall applies a template on behalf of the user who has granted it
// (async-00 section 6.6). syncBlock and syncPubKeyDomain are about links and
// have no say here.
func (x *exchange) applyCall(name templateName) {
	c, refused := x.authorized(name)
	if refused == nil {
		refused = x.applyGranted(c)
	}
	if refused != nil {
		x.refuseCall(refused)
		return
	}
	x.done("applied", c.req)
}

func (x *exchange) applyGranted(c *call) *callError {
	force, err := c.force(x.config.Rules.Edition)
	if err != nil {
		return malformed(err)
	}
	names := []string{"groupId", "providerName", "serviceName"}
	for _, v := range resolve.Variables(c.req.template, nil) {
		names = append(names, v.Name)
	}
	if err := c.flat(names...); err != nil {
		return malformed(err)
	}
	place := c.req.ask
	if f := x.readParameters(c.Query, c.req); f != nil {
		return &callError{status: f.status, message: f.detail}
	}
	c.req.ask.Domain, c.req.ask.Host = place.Domain, place.Host
	if _, err := x.render(c.req); err != nil {
		return x.failedCall(err)
	}
	var seen proposal
	written, err := x.applyTo(c.req, func(now proposal) bool {
		seen = now
		return force || len(now.conflicts) == 0
	})
	switch {
	case errors.Is(err, errChanged):
		return conflicting(c.req, seen.conflicts)
	case err != nil:
		return x.failedCall(err)
	}
	x.note("apply", "%s at %s by %s for %s: %d added, %d removed, %d with another TTL", c.req.template.ID(), c.req.fqdn, c.grant.Client, c.grant.User,
		len(written.change.Add), len(written.change.Remove), len(written.change.Retime))
	return nil
}

// force reads the parameter that overrides conflicts: 0 or 1, and in the older
// edition, one section of which writes it so, true.
func (c *call) force(edition dc.Edition) (bool, error) {
	var value string
	if err := c.text(map[string]*string{"force": &value}); err != nil {
		return false, err
	}
	switch {
	case !c.Has("force") || value == "0", value == "false" && edition == dc.DCSpec23:
		return false, nil
	case value == "1", value == "true" && edition == dc.DCSpec23:
		return true, nil
	}
	return false, errors.New("force is 0 or 1")
}

// failedCall words a refusal by the core, or a fault of ours.
func (x *exchange) failedCall(err error) *callError {
	if _, ok := errors.AsType[*dc.Error](err); ok {
		return malformed(err)
	}
	if errors.Is(err, store.ErrNoZone) {
		return &callError{status: http.StatusNotFound, message: "the domain is not hosted here"}
	}
	x.Logger.Error("call failed", "tenant", x.tenant.Name(), "path", x.r.URL.Path, "error", err)
	return &callError{status: http.StatusInternalServerError, message: "the call could not be carried out"}
}

// conflicting is the answer when records are in the way.
func conflicting(req *request, conflicts []zone.Conflict) *callError {
	e := &callError{status: http.StatusConflict, message: "Conflicting records"}
	for _, c := range conflicts {
		host := strings.TrimSuffix(strings.TrimSuffix(c.Record.Owner, req.apex), ".")
		if host == "" {
			host = "@"
		}
		e.records = append(e.records, conflictRecord{c.Record.Type, host, c.Record.Data})
	}
	return e
}

// done answers a call that was carried out: any 2xx is success, and the older
// edition says that it is normally 204.
func (x *exchange) done(what string, req *request) {
	x.w.Header().Set("Cache-Control", "no-store")
	if x.config.Rules.Edition == dc.DCSpec23 {
		x.w.WriteHeader(http.StatusNoContent)
		return
	}
	x.json(http.StatusOK, map[string]string{"status": what, "domain": req.ask.Domain, "host": req.ask.Host})
}

// revertCall takes a template out again (async-00 section 6.7): one instance,
// or all of them at the host. Without template state it cannot, and says so to
// everybody, whatever the token.
func (x *exchange) revertCall(name templateName) {
	if !x.config.Rules.Stateful {
		x.refuseCall(notKept)
		return
	}
	c, refused := x.authorized(name)
	if refused == nil {
		refused = x.revertGranted(c)
	}
	if refused != nil {
		x.refuseCall(refused)
		return
	}
	x.done("reverted", c.req)
}

var notKept = &callError{status: http.StatusNotImplemented, message: "this provider does not keep track of applied templates and cannot revert one"}

func (x *exchange) revertGranted(c *call) *callError {
	_, err := x.tenant.Replace(c.req.apex, func(s store.Snapshot) (store.Snapshot, error) {
		return x.reverting(c.req.template, x.config.Hooks.Reverting)(s, c.req.identity())
	})
	switch {
	case errors.Is(err, &dc.Error{Class: dc.ErrNotApplied}):
		return &callError{status: http.StatusGone, message: "the template is not applied at this domain and host, or not by this instanceId"}
	case errors.Is(err, store.ErrStateless):
		return notKept
	case err != nil:
		return x.failedCall(err)
	}
	x.note("revert", "%s at %s by %s for %s", c.req.template.ID(), c.req.fqdn, c.grant.Client, c.grant.User)
	return nil
}

// reverting is how a template is taken out, with what goes around it.
func (x *exchange) reverting(t *dc.Template, around []func(store.Snapshot, zone.Identity, *dc.Template, store.Revert) (store.Snapshot, error)) store.Revert {
	if len(around) == 0 {
		return func(s store.Snapshot, which zone.Identity) (store.Snapshot, error) {
			change, err := zone.Revert(s.Zone, s.Instances, which)
			if err != nil {
				return store.Snapshot{}, err
			}
			return s.After(change)
		}
	}
	last := len(around) - 1
	next := x.reverting(t, around[:last])
	return func(s store.Snapshot, which zone.Identity) (store.Snapshot, error) {
		return around[last](s, which, t, next)
	}
}
