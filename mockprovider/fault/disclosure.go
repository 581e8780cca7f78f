package fault

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// disclosures are misbehaviours in what a consent page tells.
var disclosures = []Fault{
	{"domain-only-consent", "The consent page names the domain, and neither service nor provider.",
		[]string{"DC-CONS-NAMES-SERVICE", "DC-CONS-SHOWS-TEMPLATE-NAMES"},
		telling(func(_ *dc.Template, told *store.Told) { told.Service, told.Provider = "a service", "" })},
	{"provider-id-shown", "The consent page shows the id of the service provider instead of its name.",
		[]string{"DC-CONS-SHOWS-TEMPLATE-NAMES"},
		telling(func(t *dc.Template, told *store.Told) {
			told.Provider = t.ProviderID
			told.Warnings = slices.Clone(told.Warnings)
			for i, w := range told.Warnings {
				told.Warnings[i].Text = strings.ReplaceAll(w.Text, t.ProviderName, t.ProviderID)
			}
		})},
	{"shared-name-dropped", "Names that a request may add are not shown.",
		[]string{"DC-CONS-SHARED-NAME-AUGMENTS"},
		telling(func(_ *dc.Template, told *store.Told) { told.ExtraService, told.ExtraProvider = "", "" })},
	{"shared-name-replaces", "Names that a request may add take the place of the template's.",
		[]string{"DC-CONS-SHARED-NAME-KEEPS-ORIGINAL"}, telling(replaceNames)},
	{"ungated-provider-name", "The name that a request gives for the provider is shown, whether the template lets it or not.",
		[]string{"DC-CONS-SHARED-NAME-GATED"}, template(func(t *dc.Template) { t.SharedProviderName = true })},
	{"ungated-service-name", "The name that a request gives for the service is shown, whether the template lets it or not.",
		[]string{"DC-CONS-SHARED-NAME-GATED"}, template(func(t *dc.Template) { t.SharedService = true })},
	{"template-host-shown", "The consent page shows the first label of a record's owner, and not the whole.",
		[]string{"DC-CONS-RECORDS-AVAILABLE"}, showing(func(_ *zone.Zone, p *store.Planned) {
			p.Change.Add = slices.Clone(p.Change.Add)
			for i, r := range p.Change.Add {
				p.Change.Add[i].Owner, _, _ = strings.Cut(r.Owner, ".")
			}
		})},
	{"part-of-changes-shown", "The consent page shows the first of several records.",
		[]string{"DC-CONS-SHOWN-IS-WRITTEN", "DC-CONS-RECORDS-AVAILABLE"},
		showing(func(_ *zone.Zone, p *store.Planned) { p.Change.Add = p.Change.Add[:min(1, len(p.Change.Add))] })},
	{"silent-overwrite", "Records in the way are removed without a word on the consent page.",
		[]string{"DC-CONS-CONFLICTS-SHOWN"}, showing(func(_ *zone.Zone, p *store.Planned) { p.Change.Remove, p.Conflicts = nil, nil })},
	{"conflict-dead-end", "With a single address in the way of another one the user cannot go on.",
		[]string{"DC-CONS-CONFLICT-OVERRIDE"}, planning(func(_ *zone.Zone, _ []dc.Resolved, p *store.Planned, err error) error {
			if err == nil && len(p.Conflicts) == 1 && p.Conflicts[0].Record.Type == "A" && p.Conflicts[0].Reason == zone.ReasonAddress {
				return errors.New("an address is in the way")
			}
			return err
		})},
	{"warnphishing-gated-warning", "Only a template with warnPhishing makes the consent page warn.",
		[]string{"DC-CONS-UNSIGNED-IS-PHISHABLE", "DC-CONS-PHISHING-WARNING"}, telling(func(t *dc.Template, told *store.Told) {
			if !t.WarnPhishing {
				told.Warnings = withoutPhishing(told.Warnings)
			}
		})},
	{"signed-unsigned-same-page", "No consent page warns of links that somebody else may have made.",
		[]string{"DC-CONS-UNSIGNED-IS-PHISHABLE", "DC-CONS-PHISHING-WARNING"},
		telling(func(_ *dc.Template, told *store.Told) { told.Warnings = withoutPhishing(told.Warnings) })},
	{"broken-logo-breaks-page", "The consent page ends at a logo that cannot be loaded.",
		[]string{"DC-CONS-LOGO"}, both(
			telling(func(t *dc.Template, told *store.Told) { told.Logo = t.LogoURL }),
			paging("consent", func(document []byte) []byte {
				before, _, _ := bytes.Cut(document, []byte(`<img class="logo"`))
				return before
			}))},
	{"history-back-instead", "The last page goes back in the window's history, and does not close it.",
		[]string{"DC-CONS-TAB-CLOSE"}, paging("outcome", func(document []byte) []byte {
			return bytes.ReplaceAll(document, []byte("window.close()"), []byte("window.history.back()"))
		})},
}

// approvals are misbehaviours in who approves what.
var approvals = []Fault{
	{"approval-without-session", "The approval is taken from whoever knows the id of the request, signed in or not.",
		[]string{"DC-CONS-USER-AUTHENTICATED", "DC-CONS-NO-APPROVAL-NO-CHANGE"}, approvalByID},
	{"session-of-the-last-user", "A visitor without a session is taken for the user who signed in last.",
		[]string{"DC-CONS-USER-AUTHENTICATED", "DC-CONS-NO-APPROVAL-NO-CHANGE"}, lastSession},
	{"auto-apply-on-get", "The template is applied as soon as a signed-in user opens the link.",
		[]string{"DC-CONS-EXPLICIT-APPROVAL", "DC-CONS-NO-APPROVAL-NO-CHANGE"}, unapproved(store.Shown)},
	{"staged-records-remain", "What was made ready for the user's approval stays in the zone when he cancels.",
		[]string{"DC-CONS-NO-APPROVAL-NO-CHANGE", "DC-APPLY-ERROR-NOT-PROOF"}, unapproved(store.Cancelled)},
	{"last-tab-wins", "What is approved is the request that was opened last, in whichever window.",
		[]string{"DC-CONS-SHOWN-IS-WRITTEN"}, lastTab},
}

// telling changes what the consent page says beside the records.
func telling(change func(t *dc.Template, told *store.Told)) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) { c.Hooks.Told = append(c.Hooks.Told, change) }
}

// showing changes which records the consent page shows.
func showing(change func(z *zone.Zone, p *store.Planned)) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) { c.Hooks.Shown = append(c.Hooks.Shown, change) }
}

// paging changes the documents of a kind.
func paging(kind string, change func(document []byte) []byte) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Page = append(c.Hooks.Page, func(k string, document []byte) []byte {
			if k == kind {
				return change(document)
			}
			return document
		})
	}
}

// template changes a copy of every template.
func template(change func(t *dc.Template)) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Template = append(c.Hooks.Template, func(t *dc.Template) *dc.Template {
			if t == nil {
				return nil
			}
			bent := *t
			change(&bent)
			return &bent
		})
	}
}

// unapproved writes at a moment that is not the user's approval.
func unapproved(moment store.Moment) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Unapproved = append(c.Hooks.Unapproved, func(at store.Moment, write func()) {
			if at == moment {
				write()
			}
		})
	}
}

func replaceNames(_ *dc.Template, told *store.Told) {
	if told.ExtraService != "" {
		told.Service, told.ExtraService = told.ExtraService, ""
	}
	if told.ExtraProvider != "" {
		told.Provider, told.ExtraProvider = told.ExtraProvider, ""
	}
}

func withoutPhishing(warnings []store.Warning) []store.Warning {
	return slices.DeleteFunc(slices.Clone(warnings), func(w store.Warning) bool { return w.Phishing })
}

// approvalByID answers an approval without cookies as if it had those with
// which the page was opened.
func approvalByID(c *store.TenantConfig) {
	var mu sync.Mutex
	opened := map[string]string{}
	web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		mu.Lock()
		cookies := r.Header.Get("Cookie")
		if id := r.URL.Query().Get("request"); id != "" && cookies != "" {
			opened[id] = cookies
		}
		if form, ok := approval(r); ok && cookies == "" {
			r.Header.Set("Cookie", opened[form.Get("request")])
		}
		mu.Unlock()
		next.ServeHTTP(w, r)
	})(c)
}

// lastSession lends the cookies of whoever signed in last.
func lastSession(c *store.TenantConfig) {
	var mu sync.Mutex
	last := ""
	answers(func(r *http.Request, a *answer) {
		if cookies := (&http.Response{Header: a.header}).Cookies(); len(cookies) > 0 && strings.HasSuffix(r.URL.Path, "/ux/sign-in") {
			mu.Lock()
			last = cookies[0].Name + "=" + cookies[0].Value
			mu.Unlock()
		}
	})(c)
	web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		mu.Lock()
		if r.Header.Get("Cookie") == "" && last != "" {
			r.Header.Set("Cookie", last)
		}
		mu.Unlock()
		next.ServeHTTP(w, r)
	})(c)
}

// lastTab keeps what is to be approved once for a session.
func lastTab(c *store.TenantConfig) {
	var mu sync.Mutex
	last := map[string]url.Values{}
	web(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		cookies := r.Header.Get("Cookie")
		if form, ok := approval(r); ok {
			mu.Lock()
			for name, values := range last[cookies] {
				form[name] = values
			}
			mu.Unlock()
			next.ServeHTTP(w, r)
			return
		}
		if !strings.HasSuffix(r.URL.Path, "/ux/consent") {
			next.ServeHTTP(w, r)
			return
		}
		a := answerOf(next, r)
		if shown := hiddenFields(a.body.Bytes()); shown.Has("plan") {
			mu.Lock()
			last[cookies] = shown
			mu.Unlock()
		}
		a.send(w)
	})(c)
}
