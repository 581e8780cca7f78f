package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// openRows is up to how many records are shown unfolded without being asked.
const openRows = 12

// consentPage is what the consent page shows. The description members of a
// template are for developers and not in it (ietf-05 section 6.1).
type consentPage struct {
	CSRF, Request, Plan, Notice string
	Logo                        string
	Service, ServiceProvider    string
	ExtraService, ExtraProvider string
	// Name is the full name when there is a host, in A-labels.
	Domain, Host, Name string
	Warnings           []store.Warning
	// Lost are conflicts; Replaced are old SPF records that go into the new
	// one; Former are records of an earlier application of the template; Kept
	// are records of the template that are there already.
	Lost, Replaced, Former, Added, Retimed, Kept []row
	// Ended are other services that go with an essential record of theirs.
	Ended []ended
	// Summary says in one line how much changes.
	Summary string
	// Nothing is set when confirming changes nothing, Open when long lists
	// are to be unfolded.
	Nothing, Open bool
}

// row is one record in a table.
type row struct {
	Name, Type, Value, Why string
	// Of is the service that the record belongs to, "" for the user's own.
	Of  string
	TTL uint32
}

func rowOf(r zone.Record) row {
	return row{Name: strings.TrimSuffix(r.Owner, "."), Type: r.Type, Value: r.Data, TTL: r.TTL}
}

func rowsOf(records []zone.Record) []row {
	rows := make([]row, 0, len(records))
	for _, r := range records {
		rows = append(rows, rowOf(r))
	}
	return rows
}

// consentPage gathers what the user has to know.
func (x *exchange) consentPage(v session, p *pending, s store.Snapshot, proposed proposal) consentPage {
	req, t := p.request, p.request.template
	page := consentPage{
		CSRF: v.csrf, Request: p.id, Plan: proposed.digest(),
		Service: t.ServiceName, ServiceProvider: t.ProviderName,
		ExtraService: req.serviceName, ExtraProvider: req.providerName,
		Domain: readable(req.apex),
		Added:  rowsOf(proposed.change.Add), Retimed: rowsOf(proposed.change.Retime),
		Warnings: x.warnings(req, proposed),
	}
	if req.fqdn != req.apex {
		page.Name = strings.TrimSuffix(req.fqdn, ".")
		page.Host = readable(strings.TrimSuffix(req.fqdn, "."+req.apex))
	}
	// Another site's logo would tell it who is about to consent.
	if strings.HasPrefix(t.LogoURL, x.BaseURL+"/") {
		page.Logo = t.LogoURL
	}
	page.tell(t, x.config.Hooks.Told)
	page.sortRemoved(x.config, proposed.applied(), proposed)
	page.Kept = kept(s.Zone, proposed)
	page.Summary = page.summary()
	page.Nothing = proposed.change.Empty()
	page.Open = len(page.Warnings) > 0 || len(page.Added) <= openRows
	return page
}

// tell lets a misbehaviour change what the page says.
func (page *consentPage) tell(t *dc.Template, change []func(*dc.Template, *store.Told)) {
	told := store.Told{
		Service: page.Service, Provider: page.ServiceProvider, ExtraService: page.ExtraService, ExtraProvider: page.ExtraProvider,
		Logo: page.Logo, Warnings: page.Warnings,
	}
	for _, f := range change {
		f(t, &told)
	}
	page.Service, page.ServiceProvider, page.ExtraService, page.ExtraProvider = told.Service, told.Provider, told.ExtraService, told.ExtraProvider
	page.Logo, page.Warnings = told.Logo, told.Warnings
}

// summary counts the changes, so that long lists need not be counted.
func (page *consentPage) summary() string {
	removed := len(page.Lost) + len(page.Replaced) + len(page.Former)
	for _, e := range page.Ended {
		removed += len(e.Records)
	}
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{len(page.Added), "to add"}, {removed, "to remove"}, {len(page.Retimed), "to keep for another time"}} {
		if p.n > 0 {
			parts = append(parts, strconv.Itoa(p.n)+" "+p.what)
		}
	}
	return strings.Join(parts, ", ")
}

// sortRemoved tells what is lost from what goes with another service, with the
// service's own earlier records, and from what is merged into something new.
func (page *consentPage) sortRemoved(c store.TenantConfig, applied []zone.Instance, proposed proposal) {
	lost := map[zone.Record]bool{}
	for _, conflict := range proposed.conflicts {
		lost[conflict.Record] = true
		r := rowOf(conflict.Record)
		r.Why, r.Of = reasons[conflict.Reason], strings.Join(servicesOf(c, applied, conflict.Record), ", ")
		page.Lost = append(page.Lost, r)
	}
	with := map[zone.Record]int{}
	for _, gone := range proposed.change.InstancesRemoved {
		if gone.Why != zone.WhyConflict {
			continue
		}
		for _, r := range gone.Gone {
			with[r] = len(page.Ended)
		}
		page.Ended = append(page.Ended, ended{applicationOf(c, gone.Instance), nil})
	}
	for _, r := range proposed.change.Remove {
		at, other := with[r]
		switch {
		case lost[r]:
		case other:
			page.Ended[at].Records = append(page.Ended[at].Records, rowOf(r))
		case slices.ContainsFunc(proposed.change.Add, func(next zone.Record) bool { return mail(next) && next.Owner == r.Owner }) && mail(r):
			page.Replaced = append(page.Replaced, rowOf(r))
		case len(applied) > 0:
			page.Former = append(page.Former, rowOf(r))
		default:
			page.Replaced = append(page.Replaced, rowOf(r))
		}
	}
}

// mail reports whether a record is an SPF record. Of two of them the new one is
// merged from the old one.
func mail(r zone.Record) bool { return r.Type == "TXT" && strings.HasPrefix(r.Data, `"v=spf1`) }

// reasons words why a record is in the way.
var reasons = map[zone.Reason]string{
	zone.ReasonAddress:   "The service brings its own address for this name.",
	zone.ReasonSameType:  "The service brings its own records of this type for this name.",
	zone.ReasonCNAME:     "A CNAME cannot stand beside other records of its name.",
	zone.ReasonNSAbove:   "It hands this part of the domain to other name servers.",
	zone.ReasonNSBelow:   "The service takes this part of the domain to its own name servers.",
	zone.ReasonTXTAll:    "The service wants to be alone with its text at this name.",
	zone.ReasonTXTPrefix: "The service replaces its earlier text at this name.",
	zone.ReasonSPF:       "It cannot be merged with the mail rules of the service.",
	zone.ReasonExtension: "The service brings its own target for this name.",
}

// kept lists the records of the template that the zone has already.
func kept(z *zone.Zone, proposed proposal) []row {
	type key struct{ owner, kind, data string }
	changing := map[key]bool{}
	for _, r := range append(append([]zone.Record{}, proposed.change.Add...), proposed.change.Retime...) {
		changing[key{r.Owner, r.Type, r.Data}] = true
	}
	var rows []row
	for _, resolved := range proposed.records {
		if resolved.RR == nil {
			continue
		}
		wanted, err := zone.FromRR(resolved.RR)
		if err != nil || changing[key{wanted.Owner, wanted.Type, wanted.Data}] {
			continue
		}
		for r := range z.At(wanted.Owner) {
			if r.Type == wanted.Type && r.Data == wanted.Data {
				rows = append(rows, rowOf(r))
			}
		}
	}
	return rows
}

// warnings are what the user should think about before consenting.
func (x *exchange) warnings(req *request, proposed proposal) []store.Warning {
	var list []store.Warning
	if x.phishable(req) {
		list = append(list, store.Warning{Phishing: true, Title: "Check where you came from",
			Text: "Nothing proves that this link was made by " + req.template.ProviderName +
				". Confirm only if you started this yourself, on a page that you trust, and if the records below are what you expect."})
	}
	if host := strings.TrimSuffix(req.fqdn, req.apex); strings.HasPrefix(host, "_") || strings.Contains(host, "._") {
		list = append(list, store.Warning{Special: strings.TrimSuffix(req.fqdn, "."), Title: "This changes a special name",
			Text: "The name " + strings.TrimSuffix(req.fqdn, ".") +
				" has a part that begins with an underscore. Such names prove who controls a domain, or say how its mail is handled. Confirm only if you know what this record is for."})
	}
	for _, text := range proposed.change.Warnings {
		list = append(list, store.Warning{Title: "This may not work as meant", Text: text})
	}
	if names := elsewhere(req, proposed); len(names) > 0 {
		list = append(list, store.Warning{Title: "Some records are elsewhere in your domain",
			Text: "Besides " + strings.TrimSuffix(req.fqdn, ".") + ", this changes " + strings.Join(names, ", ") + "."})
	}
	return list
}

// elsewhere lists the names outside of the host that the link names: absolute
// names in a template reach the whole zone.
func elsewhere(req *request, proposed proposal) []string {
	const enough = 5
	var names []string
	for _, r := range proposed.change.Add {
		name := strings.TrimSuffix(r.Owner, ".")
		if r.Owner != req.fqdn && !strings.HasSuffix(r.Owner, "."+req.fqdn) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > enough {
		names = append(names[:enough], "and other names")
	}
	return names
}

// phishable reports whether somebody else may have made the link. ietf-05
// section 11 says so of every unsigned request; dcspec-2.3 leaves it to the
// template's warnPhishing.
func (x *exchange) phishable(req *request) bool {
	if x.config.Rules.Edition == dc.DCSpec23 {
		return req.template.WarnPhishing
	}
	return !req.signed
}
