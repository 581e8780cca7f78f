package fault

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-json-experiment/json"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// reverts are misbehaviours in taking an applied template out again.
var reverts = []Fault{
	{"revert-noop-200", "A provider that cannot revert a template says that it has.",
		[]string{"DC-REVERT-OPTIONAL-501"},
		bending(revertCallPath, func(_ *http.Request, a *answer) {
			if a.status == http.StatusNotImplemented {
				a.is(http.StatusOK, "application/json", `{"status":"reverted"}`)
			}
		})},
	{"revert-body-ignored", "Of the body of a call to revert a template the domain alone is read.",
		[]string{"DC-REVERT-ENDPOINT"}, serving(revertCallPath, domainAlone)},
	{"revert-unchecked", "A token for one template is good for reverting any of its service provider.",
		[]string{"DC-REVERT-TOKEN"}, pardoningReverts(oauth.GuardTemplate, ofProvider)},
	{"revert-domain-unchecked", "A token for one domain is good for reverting at any.",
		[]string{"DC-REVERT-TOKEN"}, pardoningReverts(oauth.GuardDomain, func(oauth.Refusal) bool { return true })},
	{"revert-by-rendering", "What looks like the records of a template is removed, applied or not.",
		[]string{"DC-REVERT-VERIFIES-APPLIED", "DC-REVERT-NOT-APPLIED-410", "DC-REVERT-ONE-INSTANCE", "DC-STATE-INSTANCE-RECORDED"}, reverting(byRendering)},
	{"second-revert-200", "A template that is not applied is reverted with success.",
		[]string{"DC-REVERT-NOT-APPLIED-410"}, reverting(func(s store.Snapshot, which zone.Identity, _ *dc.Template, next store.Revert) (store.Snapshot, error) {
			after, err := next(s, which)
			if notApplied(err) {
				return s, nil
			}
			return after, err
		})},
	{"unknown-instance-removes-all", "An instanceId that names nothing reverts all instances.",
		[]string{"DC-REVERT-ONE-INSTANCE"}, reverting(func(s store.Snapshot, which zone.Identity, _ *dc.Template, next store.Revert) (store.Snapshot, error) {
			after, err := next(s, which)
			if notApplied(err) && which.ID != "" {
				return next(s, withoutID(which))
			}
			return after, err
		})},
	{"unknown-instance-200", "An instanceId that names nothing is reverted with success where another instance is there.",
		[]string{"DC-REVERT-NOT-APPLIED-410"}, reverting(func(s store.Snapshot, which zone.Identity, _ *dc.Template, next store.Revert) (store.Snapshot, error) {
			after, err := next(s, which)
			if notApplied(err) && newest(s, withoutID(which)).ID != "" {
				return s, nil
			}
			return after, err
		})},
	{"newest-instance-only", "Without an instanceId the last instance is reverted, and the others stay.",
		[]string{"DC-REVERT-ALL-INSTANCES"}, reverting(func(s store.Snapshot, which zone.Identity, _ *dc.Template, next store.Revert) (store.Snapshot, error) {
			return next(s, newest(s, which))
		})},
	{"rrset-deleted", "With a record of the template all of its name and type are removed.",
		[]string{"DC-REVERT-ACTIVE-RECORDS", "DC-REVERT-ONE-INSTANCE", "DC-REVERT-SPF"}, reverting(wholeSets)},
	{"revert-drops-spf", "With the rules of the template the whole SPF record is removed.",
		[]string{"DC-REVERT-SPF"}, reverting(func(s store.Snapshot, which zone.Identity, _ *dc.Template, next store.Revert) (store.Snapshot, error) {
			after, err := next(s, which)
			if err != nil {
				return after, err
			}
			return dropped(after, func(r zone.Record) bool { return isSPF(r) && !holdsRecord(s.Zone, r) })
		})},
	{"revert-ignores-host", "A template is reverted at all hosts of the domain.",
		[]string{"DC-REVERT-OTHER-HOSTS"}, reverting(everywhere)},
}

// reverting goes around taking a template out.
func reverting(around func(s store.Snapshot, which zone.Identity, t *dc.Template, next store.Revert) (store.Snapshot, error)) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) { c.Hooks.Reverting = append(c.Hooks.Reverting, around) }
}

func notApplied(err error) bool { return errors.Is(err, &dc.Error{Class: dc.ErrNotApplied}) }

// holdsRecord reports whether a zone has a record.
func holdsRecord(z *zone.Zone, r zone.Record) bool {
	for other := range z.At(r.Owner) {
		if other.Type == r.Type && other.Data == r.Data {
			return true
		}
	}
	return false
}

// dropped is a snapshot without some records.
func dropped(s store.Snapshot, which func(zone.Record) bool) (store.Snapshot, error) {
	change := zone.Change{Instances: s.Instances}
	for r := range s.Zone.Records() {
		if r.Type != "SOA" && which(r) {
			change.Remove = append(change.Remove, r)
		}
	}
	return s.After(change)
}

// newest is the identity of the last instance that is meant.
func newest(s store.Snapshot, which zone.Identity) zone.Identity {
	if which.ID != "" {
		return which
	}
	for _, i := range slices.Backward(s.Instances) {
		if plain := (zone.Identity{Provider: i.Identity.Provider, Service: i.Service, Domain: i.Domain, Host: i.Host}); plain == which {
			return i.Identity
		}
	}
	return which
}

// withoutID is the identity of all instances at a place.
func withoutID(which zone.Identity) zone.Identity {
	which.ID = ""
	return which
}

// wholeSets removes what has name and type of a record that went.
func wholeSets(s store.Snapshot, which zone.Identity, _ *dc.Template, next store.Revert) (store.Snapshot, error) {
	after, err := next(s, which)
	if err != nil {
		return after, err
	}
	type set struct{ owner, kind string }
	gone := map[set]bool{}
	for r := range s.Zone.Records() {
		if r.Type != "SOA" && !holdsRecord(after.Zone, r) {
			gone[set{r.Owner, r.Type}] = true
		}
	}
	return dropped(after, func(r zone.Record) bool { return gone[set{r.Owner, r.Type}] })
}

// everywhere reverts a template at its host, and at all others then.
func everywhere(s store.Snapshot, which zone.Identity, _ *dc.Template, next store.Revert) (store.Snapshot, error) {
	after, err := next(s, which)
	for _, i := range s.Instances {
		if err != nil {
			break
		}
		if i.Identity.Provider == which.Provider && i.Service == which.Service && i.Host != which.Host && (which.ID == "" || i.ID == which.ID) {
			other := which
			other.Host = i.Host
			if again, gone := next(after, other); gone == nil {
				after = again
			}
		}
	}
	return after, err
}

// byRendering removes records by the names and types that the template has,
// where it is not applied.
func byRendering(s store.Snapshot, which zone.Identity, t *dc.Template, next store.Revert) (store.Snapshot, error) {
	after, err := next(s, which)
	if !notApplied(err) {
		return after, err
	}
	fqdn, err := resolve.FQDN(which.Domain, which.Host)
	if err != nil {
		return after, err
	}
	return dropped(s, func(r zone.Record) bool {
		for _, of := range t.Records {
			owner := fqdn
			if host := strings.ToLower(of.Host); host != "" && host != "@" {
				owner = host + "." + fqdn
			}
			if strings.EqualFold(of.Type, r.Type) && r.Owner == owner {
				return true
			}
		}
		return false
	})
}

// pardoningReverts forgives what a guard refuses while a revert is served.
func pardoningReverts(guard oauth.Guard, which func(oauth.Refusal) bool) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		var one sync.Mutex
		var now atomic.Bool
		serving(revertCallPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			one.Lock()
			defer one.Unlock()
			now.Store(true)
			defer now.Store(false)
			next.ServeHTTP(w, r)
		})(c)
		pardonIf(guard, func(r oauth.Refusal) bool { return now.Load() && which(r) })(c)
	}
}

// domainAlone moves the domain of a body into the query and drops the body.
func domainAlone(w http.ResponseWriter, r *http.Request, next http.Handler) {
	var members map[string]any
	if json.Unmarshal(bodyOf(r), &members) == nil && len(members) > 0 {
		domain, _ := members["domain"].(string)
		r = withBody(r, nil)
		if domain != "" {
			r.URL.RawQuery = strings.Trim(r.URL.RawQuery+"&domain="+url.QueryEscape(domain), "&")
		}
	}
	next.ServeHTTP(w, r)
}
