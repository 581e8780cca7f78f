package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// application says on whose behalf the request applies its template.
func (req *request) application() zone.Application {
	return zone.Application{Identity: req.identity(), Groups: req.ask.Groups, Multi: req.template.MultiInstance}
}

// identity is what the request applies, by canonical names.
func (req *request) identity() zone.Identity {
	id := req.template.ID()
	host := strings.TrimSuffix(strings.TrimSuffix(req.fqdn, req.apex), ".")
	return zone.Identity{Provider: id.Provider, Service: id.Service, Domain: strings.TrimSuffix(req.apex, "."), Host: host, ID: req.instance}
}

// application is an applied template as a user reads of it.
type application struct {
	// Service and Provider are its display names, or its ids when the template
	// is not here any more.
	Service, Provider string
	// Place is the name that it is applied at, ID the caller's name for it.
	Place, ID string
}

func applicationOf(c store.TenantConfig, i zone.Instance) application {
	a := application{Service: i.Service, Provider: i.Identity.Provider, Place: readable(i.Domain), ID: i.ID}
	if i.Host != "" {
		a.Place = readable(i.Host + "." + i.Domain)
	}
	if t, ok := c.Template(dc.TemplateID{Provider: i.Identity.Provider, Service: i.Service}); ok {
		a.Service, a.Provider = t.ServiceName, t.ProviderName
	}
	return a
}

// ended is a service that goes, with the records that go with it.
type ended struct {
	application
	Records []row
}

// servicesOf names the services that a record belongs to. TTLs do not count:
// they may have changed since it was written. A merged SPF record belongs to all
// that contributed to it (ietf-05 section 9.4).
func servicesOf(c store.TenantConfig, applied []zone.Instance, r zone.Record) []string {
	var names []string
	for _, i := range applied {
		for _, w := range i.Records {
			same := w.Record.Type == r.Type && w.Record.Data == r.Data || w.Record.Type == dc.TypeSPFM && mail(r)
			if name := applicationOf(c, i).Service; same && w.Record.Owner == r.Owner && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// appliedPage shows what is set up for a user's domains.
type appliedPage struct {
	CSRF string
	// Remembers is set when the provider keeps template state.
	Remembers bool
	Applied   []appliedRow
}

// appliedRow is an applied template with the form that removes it.
type appliedRow struct {
	application
	Groups  string
	Records []row
	Fields  []field
}

// applied shows the services that are set up for the user's domains, which he
// can remove there.
func (x *exchange) applied() {
	v, ok := x.member()
	if !ok {
		return
	}
	switch action := x.r.PostFormValue("action"); {
	case x.r.Method != http.MethodPost, action == "back":
		x.showApplied(v)
	case action == "review", action == "confirm":
		x.removeService(v)
	default:
		x.problem(http.StatusBadRequest, "This form could not be read", "Please go back and choose Remove.")
	}
}

// removeService takes an applied template away, or asks about it first.
func (x *exchange) removeService(v session) {
	which := zone.Identity{Provider: x.r.PostFormValue("provider"), Service: x.r.PostFormValue("service"),
		Domain: x.r.PostFormValue("domain"), Host: x.r.PostFormValue("host"), ID: x.r.PostFormValue("instance")}
	if _, ok := x.mine(v, which.Domain); !ok {
		return
	}
	var change zone.Change
	err := x.takeOut(which, x.agreed(&change))
	service := applicationOf(x.config, zone.Instance{Identity: which}).Service
	var refused *dc.Error
	switch {
	case errors.Is(err, errAsked):
		x.showReview(x.review(v, "applied", "Remove "+service, identityFields(which), change), "")
	case errors.Is(err, errChanged):
		x.showReview(x.review(v, "applied", "Remove "+service, identityFields(which), change), changedSince)
	case errors.Is(err, store.ErrStateless):
		x.problem(http.StatusNotImplemented, "Services are not remembered here", "Their records are among those of your domains, where you can remove them. Nothing has been changed.")
	case errors.As(err, &refused) && refused.Class == dc.ErrNotApplied:
		x.problem(http.StatusGone, "This service is not set up any more", "Nothing has been changed by this page.")
	case err != nil:
		x.internal(err)
	default:
		x.note("revert", "%s by %s: %d added, %d removed", which, v.user, len(change.Add), len(change.Remove))
		x.see(x.tenant.Prefix() + "/ux/applied")
	}
}

// takeOut takes an applied template away as its user has agreed. What goes
// around doing so for a client goes around this, too, since it is one act: but
// who reverts nothing for clients lets users remove what is remembered, and of a
// template that is not here any more nobody knows what to do otherwise.
func (x *exchange) takeOut(which zone.Identity, agreed func(zone.Change) error) error {
	around := x.config.Hooks.Reverting
	t, ok := x.config.Template(dc.TemplateID{Provider: which.Provider, Service: which.Service})
	if !ok || len(around) == 0 || !x.config.Rules.Stateful {
		_, err := x.tenant.Revert(which, agreed)
		return err
	}
	_, err := x.tenant.Replace(which.Domain, func(s store.Snapshot) (store.Snapshot, error) {
		change, err := zone.Revert(s.Zone, s.Instances, which)
		if err == nil {
			err = agreed(change)
		}
		if err != nil {
			return store.Snapshot{}, err
		}
		after, err := x.reverting(t, around)(s, which)
		if errors.Is(err, store.ErrStateless) {
			return s.After(change)
		}
		return after, err
	})
	return err
}

func identityFields(i zone.Identity) []field {
	return []field{{"provider", i.Provider}, {"service", i.Service}, {"domain", i.Domain}, {"host", i.Host}, {"instance", i.ID}}
}

func (x *exchange) showApplied(v session) {
	page := appliedPage{CSRF: v.csrf, Remembers: x.config.Rules.Stateful}
	for _, hosted := range x.config.Zones {
		if hosted.Owner != v.user || !page.Remembers {
			continue
		}
		for _, i := range hosted.Instances {
			shown := appliedRow{application: applicationOf(x.config, i), Groups: strings.Join(i.Groups, ", "), Fields: identityFields(i.Identity)}
			for _, w := range i.Records {
				shown.Records = append(shown.Records, rowOf(w.Record))
			}
			page.Applied = append(page.Applied, shown)
		}
	}
	x.show(http.StatusOK, "applied", "Your services", page, "")
}
