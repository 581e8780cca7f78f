package web

import (
	"fmt"
	"net/http"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// reviewPage shows what a user's own change of a zone would do, before it is
// done.
type reviewPage struct {
	CSRF, Plan, Notice, Title string
	// Action is the page below /ux/ that takes the answer, with the Fields that
	// asked for the change.
	Action string
	Fields []field
	// Ended are services that go with the change.
	Ended                   []application
	Removed, Added, Retimed []row
	// ByHand is set when records were named, not a service.
	ByHand bool
	// Nothing is set when nothing would change.
	Nothing bool
}

// field is a hidden field of a form.
type field struct{ Name, Value string }

// review makes the page of a change.
func (x *exchange) review(v session, action, title string, fields []field, c zone.Change) reviewPage {
	page := reviewPage{
		CSRF: v.csrf, Plan: digest(c), Title: title, Action: action, Fields: fields,
		Removed: rowsOf(c.Remove), Added: rowsOf(c.Add), Retimed: rowsOf(c.Retime),
		Nothing: c.Empty() && len(c.InstancesRemoved) == 0,
	}
	for _, gone := range c.InstancesRemoved {
		page.Ended = append(page.Ended, applicationOf(x.config, gone.Instance))
	}
	return page
}

// showReview asks the user; notice says why again.
func (x *exchange) showReview(page reviewPage, notice string) {
	status := http.StatusOK
	if page.Notice = notice; notice != "" {
		status = http.StatusConflict
	}
	x.show(status, "review", page.Title, page, "")
}

// changedSince is what a user reads whose page is out of date.
const changedSince = "Your domain has changed since you opened this page. Please look at the changes again."

// agreed is for a change that the user may have seen: nil when it is the one of
// the form, else errChanged, or errAsked where nothing was shown yet. seen
// gets the change.
func (x *exchange) agreed(seen *zone.Change) func(zone.Change) error {
	return func(c zone.Change) error {
		*seen = c
		switch {
		case x.r.PostFormValue("action") != "confirm":
			return errAsked
		case digest(c) != x.r.PostFormValue("plan"):
			return errChanged
		}
		return nil
	}
}

// mine returns the zone of a domain when the user may change it; otherwise the
// request is answered. That it is not hosted here looks alike.
func (x *exchange) mine(v session, domain string) (store.Snapshot, bool) {
	s, owner, ok := x.tenant.Snapshot(domain)
	if ok && (owner != "" && owner == v.user || x.config.Faults.AnyZone) {
		return s, true
	}
	x.problem(http.StatusForbidden, "This domain is not in your account",
		fmt.Sprintf("You are signed in as %s, and this is not a domain that you can change. Nothing has been changed.", v.user))
	return store.Snapshot{}, false
}

// member is the session of a signed-in user; others are sent to sign in, or
// told that their form is no longer valid.
func (x *exchange) member() (session, bool) {
	v, ok := x.session()
	if x.r.Method != http.MethodPost {
		if !ok || v.user == "" {
			x.see(x.tenant.Prefix() + "/ux/sign-in")
			return v, false
		}
		return v, true
	}
	if !x.readForm() {
		return v, false
	}
	if !ok || v.user == "" || !x.genuine(v) {
		x.forged()
		return v, false
	}
	return v, true
}
