package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// grantPage is what the page shows on which a user grants what a client may do
// later (async-00 section 6.3).
type grantPage struct {
	CSRF, Request, Notice string
	// Service is all that are asked for, as a title; Services are their names.
	Service                     string
	Services                    []string
	ServiceProvider             string
	ExtraService, ExtraProvider string
	// Client is the id of who asks, which may be another than who offers.
	Client, Domain string
	// Places are the names that templates may be applied at.
	Places   []string
	Warnings []store.Warning
	// Values are the variables that the link has.
	Values []linkValue
	// Lost, Ended, Former, Replaced and Added are what would happen to the zone
	// as it is now, over all templates and names that can be foreseen; as on the
	// consent page, Former are records of an earlier application of the same
	// template, and Replaced are SPF records that go into a merged one.
	Lost, Former, Replaced, Added []row
	Ended                         []ended
	// Unforeseen are the templates and names of which that cannot be said yet.
	Unforeseen []string
	// Successions are templates that take away what others of the grant have set
	// up; Unordered is set where there are too many orders to say so.
	Successions []succession
	Unordered   bool
	Open        bool
}

// showGrant asks the user for a grant. The caller holds p.mu.
func (x *exchange) showGrant(v session, p *pending) {
	s, f := x.grantable(v, p.request)
	if f != nil {
		x.conclude(p, x.failed(p.request, f))
		return
	}
	page := x.grantPage(v, p, s)
	x.show(http.StatusOK, "grant", "Allow "+page.Service, page, p.request.redirect)
}

// grantable returns the zone of a request for a grant when the client may still
// ask, and the user may grant anything about it, for all templates of the
// scope.
func (x *exchange) grantable(v session, req *request) (s store.Snapshot, f *failure) {
	if f := x.lookAgain(req); f != nil {
		return s, f
	}
	for _, pair := range req.grant.pairs {
		one := *req
		one.template = pair.template
		if s, f = x.zoneFor(v, &one); f != nil {
			return s, f
		}
	}
	return s, nil
}

func (x *exchange) grantPage(v session, p *pending, s store.Snapshot) grantPage {
	req, scope := p.request, p.request.grant.scope
	page := grantPage{
		CSRF: v.csrf, Request: p.id, ServiceProvider: req.template.ProviderName, ExtraService: req.serviceName, ExtraProvider: req.providerName,
		Client: scope.Client, Domain: readable(scope.Domain), Values: req.grant.values,
	}
	page.Services = req.grant.services()
	page.Service = strings.Join(page.Services, ", ")
	for _, host := range scope.Hosts {
		name := scope.Domain
		if host != "" {
			name = host + "." + scope.Domain
		}
		page.Places = append(page.Places, readable(name))
	}
	x.foresee(&page, req, s)
	page.Warnings = x.grantWarnings(req)
	told := store.Told{Service: page.Service, Provider: page.ServiceProvider, ExtraService: page.ExtraService, ExtraProvider: page.ExtraProvider, Warnings: page.Warnings, Grant: true}
	for _, tell := range x.config.Hooks.Told {
		tell(req.template, &told)
	}
	if told.Service != page.Service {
		page.Service, page.Services = told.Service, []string{told.Service}
	}
	page.ServiceProvider, page.ExtraService, page.ExtraProvider, page.Warnings = told.Provider, told.ExtraService, told.ExtraProvider, told.Warnings
	page.Open = len(page.Added) <= openRows
	return page
}

// services are the names of the services that are asked for, each once.
func (a *authorization) services() []string {
	var names []string
	for _, pair := range a.pairs {
		if !slices.Contains(names, pair.template.ServiceName) {
			names = append(names, pair.template.ServiceName)
		}
	}
	return names
}

// foresee says what each template would do at each name, as the zone is now:
// all permutations, since the client may use any (async-00 section 6.3). What
// they would do to one another is told beside it.
func (x *exchange) foresee(page *grantPage, req *request, s store.Snapshot) {
	var foreseen []store.Planned
	for _, pair := range req.grant.pairs {
		if pair.template.HostRequired && pair.ask.Host == "" {
			continue // It cannot be applied there.
		}
		proposed, err := x.propose(pair, s)
		if err != nil {
			page.Unforeseen = append(page.Unforeseen, titleOf(pair))
			continue
		}
		foreseen = append(foreseen, store.Planned{Change: proposed.change, Conflicts: proposed.conflicts, Template: pair.template, Ask: pair.ask, State: proposed.state})
	}
	for _, bend := range x.config.Hooks.Foreseen {
		foreseen = bend(foreseen)
	}
	var all bool
	page.Successions, all = x.successions(req.grant.pairs, foreseen, s)
	page.Unordered = !all
	for _, planned := range foreseen {
		var one consentPage
		one.sortRemoved(x.config, s.Instances, proposal{change: planned.Change, conflicts: planned.Conflicts})
		page.Lost, page.Added = merged(page.Lost, one.Lost), merged(page.Added, rowsOf(planned.Change.Add))
		page.Former, page.Replaced = merged(page.Former, one.Former), merged(page.Replaced, one.Replaced)
		for _, e := range one.Ended {
			if !slices.ContainsFunc(page.Ended, func(o ended) bool { return o.application == e.application }) {
				page.Ended = append(page.Ended, e)
			}
		}
	}
}

// merged adds the rows that are not in the list.
func merged(list, more []row) []row {
	for _, r := range more {
		if !slices.Contains(list, r) {
			list = append(list, r)
		}
	}
	return list
}

// grantWarnings are what the user should think about. Who made the link is not
// proven, and what it says of variables is his; a template that says of itself
// that it can be misused is misused in this flow no less (async-00 section 8.2).
func (x *exchange) grantWarnings(req *request) []store.Warning {
	var list []store.Warning
	const title, trust = "Check where you came from", " Confirm only if you started this yourself, on a page that you trust."
	switch {
	case len(req.grant.values) > 0:
		list = append(list, store.Warning{Phishing: true, Title: title,
			Text: "Nothing proves that the values in this link were chosen by " + req.template.ProviderName + "." + trust})
	case slices.ContainsFunc(req.grant.pairs, func(p *request) bool { return p.template.WarnPhishing }):
		list = append(list, store.Warning{Phishing: true, Title: title,
			Text: "Nothing proves that this link was made by " + req.template.ProviderName + ", and what you allow can do harm in other hands." + trust})
	}
	for _, host := range req.grant.scope.Hosts {
		if name := strings.TrimSuffix(host+"."+req.apex, "."); strings.HasPrefix(host, "_") || strings.Contains(host, "._") {
			list = append(list, store.Warning{Special: name, Title: "This is about a special name",
				Text: "The name " + name + " has a part that begins with an underscore. Such names prove who controls a domain, or say how its mail is handled. Confirm only if you know what it is for."})
		}
	}
	return list
}

// allow grants what a waiting request asks for. The caller holds p.mu.
func (x *exchange) allow(v session, p *pending) {
	if p.end != nil {
		x.finish(*p.end)
		return
	}
	if _, f := x.grantable(v, p.request); f != nil {
		x.conclude(p, x.failed(p.request, f))
		return
	}
	auth := p.request.grant
	scope := auth.scope
	scope.User = v.user
	code, err := x.tenant.Grants().Authorize(auth.client, scope, auth.redirect, auth.challenge, x.token)
	if err != nil {
		x.internal(err)
		return
	}
	x.note("grant", "%s may apply %s of %s to %s of %s: granted by %s", scope.Client, strings.Join(scope.Services, ", "), scope.Provider,
		placesOf(scope.Hosts), strings.TrimSuffix(scope.Domain, "."), v.user)
	// What a second click gets has no code: that is with nobody but the client.
	p.end = &ending{page: outcomePage{Status: http.StatusGone, Title: "This request was answered already", Text: "There is nothing left to do here. You can close this window.", Stay: true}}
	x.finish(ending{location: x.location(p.request, nil, [2]string{"code", encode(code)})})
}

// placesOf words a list of hosts for the journal.
func placesOf(hosts []string) string {
	words := make([]string, len(hosts))
	for i, host := range hosts {
		words[i] = host
		if host == "" {
			words[i] = "@"
		}
	}
	return strings.Join(words, ", ")
}
