package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// maxRows bounds how many records the page of a zone shows.
const maxRows = 1000

// zonePage shows the records of a zone, for the user to change by hand.
type zonePage struct {
	CSRF, Problem string
	// Name is the domain as forms have it, Domain as a person reads it.
	Name, Domain string
	Records      []zoneRow
	// More counts the records that are not shown.
	More int
	// Services is set when records belong to services.
	Services bool
	// Add is what the user has written.
	Add string
}

// zoneRow is a record that can be removed, unless it is Fixed.
type zoneRow struct {
	row
	// Text is the record in presentation format.
	Text          string
	Fixed, Ticked bool
}

// errAsked says that the user has been asked, and nothing was done.
var errAsked = errors.New("the user has not agreed yet")

// zone shows the records of one of the user's domains and takes changes of
// them. A change is shown with its consequences before it is made (ietf-05
// section 10.4.1.2).
func (x *exchange) zone() {
	v, ok := x.member()
	if !ok {
		return
	}
	domain := x.r.FormValue("domain")
	s, ok := x.mine(v, domain)
	if !ok {
		return
	}
	switch action := x.r.PostFormValue("action"); {
	case x.r.Method != http.MethodPost:
		x.showZone(http.StatusOK, v, s, "")
	case action == "review", action == "confirm":
		x.editZone(v, s)
	case action == "back":
		x.showZone(http.StatusOK, v, s, "")
	default:
		x.problem(http.StatusBadRequest, "This form could not be read", "Please go back and choose Review.")
	}
}

// editZone carries out a change by hand, or asks about it first.
func (x *exchange) editZone(v session, s store.Snapshot) {
	origin := s.Zone.Origin()
	remove, err := namedRecords(origin, strings.Join(x.r.PostForm["remove"], "\n"))
	var add []zone.Record
	if err == nil {
		add, err = namedRecords(origin, x.r.PostFormValue("add"))
	}
	if err == nil && slices.ContainsFunc(slices.Concat(remove, add), func(r zone.Record) bool { return r.Type == "NS" && strings.EqualFold(r.Owner, origin) }) {
		err = errors.New("the name servers of the domain itself are ours; they stay as they are")
	}
	var change zone.Change
	if err == nil {
		_, err = x.tenant.EditRecords(origin, remove, add, x.agreed(&change))
	}
	ask := func(notice string) {
		page := x.review(v, "zone", "Change records of "+readable(origin), x.editFields(s), change)
		page.ByHand = true
		x.showReview(page, notice)
	}
	switch {
	case errors.Is(err, errAsked):
		ask("")
	case errors.Is(err, errChanged):
		ask(changedSince)
	case err != nil:
		x.showZone(http.StatusBadRequest, v, s, "Nothing has been changed: "+message(err)+".")
	default:
		x.note("edit", "%s by %s: %d added, %d removed, %d with another TTL, %d services ended", origin, v.user,
			len(change.Add), len(change.Remove), len(change.Retime), len(change.InstancesRemoved))
		x.see(x.tenant.Prefix() + "/ux/zone?domain=" + url.QueryEscape(strings.TrimSuffix(origin, ".")))
	}
}

// message is the sentence of an error of the core.
func message(err error) string {
	if e, ok := errors.AsType[*dc.Error](err); ok {
		return e.Message
	}
	return err.Error()
}

// namedRecords reads records that a user has named, one a line.
func namedRecords(origin, text string) ([]zone.Record, error) {
	z, err := zone.Parse(origin, strings.NewReader(strings.ReplaceAll(text, "\r\n", "\n")), "line")
	if err != nil {
		return nil, err
	}
	return slices.Collect(z.Records()), nil
}

// editFields are the fields that a change was asked for with.
func (x *exchange) editFields(s store.Snapshot) []field {
	fields := []field{{"domain", strings.TrimSuffix(s.Zone.Origin(), ".")}, {"add", x.r.PostFormValue("add")}}
	for _, r := range x.r.PostForm["remove"] {
		fields = append(fields, field{"remove", r})
	}
	return fields
}

// showZone shows the records, with what the form had.
func (x *exchange) showZone(status int, v session, s store.Snapshot, problem string) {
	origin := s.Zone.Origin()
	page := zonePage{CSRF: v.csrf, Problem: problem, Name: strings.TrimSuffix(origin, "."), Domain: readable(origin),
		Services: len(s.Instances) > 0, Add: x.r.PostFormValue("add")}
	for r := range s.Zone.Records() {
		if r.Type == "SOA" { // Nothing that a user could do anything with.
			continue
		}
		if len(page.Records) == maxRows {
			page.More++
			continue
		}
		shown := zoneRow{row: rowOf(r), Text: r.String()}
		shown.Fixed = r.Type == "NS" && r.Owner == origin
		shown.Ticked = slices.Contains(x.r.PostForm["remove"], shown.Text)
		shown.Of = strings.Join(servicesOf(x.config, s.Instances, r), ", ")
		page.Records = append(page.Records, shown)
	}
	x.show(status, "zone", "Records of "+page.Domain, page, "")
}
