package web

import (
	"slices"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// maxSuccessions bounds how many orders of two are looked at for one page: each
// is planned, and the user has to read of it.
const maxSuccessions = 512

// succession is what becomes of one template of a grant when another one of it
// is set up later.
type succession struct {
	// First and Then are a service and a place each.
	First, Then string
	// Lost are the records of the first that are in the way.
	Lost []row
	// Whole says that it goes with them, Barred that the second cannot be set up
	// beside it at all.
	Whole, Barred bool
}

// successions says which templates of a grant would take away what others of it
// have set up: the client may use all of them, in any order, so that this is
// among the "possible consequences of the authorized change" of which users are
// to be told (async-00 section 6.3). Two are looked at at a time: a record that
// goes is in the way of one record of one template, whatever came between.
// all is false where there are too many to look at.
func (x *exchange) successions(pairs []*request, foreseen []store.Planned, s store.Snapshot) (list []succession, all bool) {
	if n := len(foreseen); n*(n-1) > maxSuccessions {
		return nil, false
	}
	for i, first := range foreseen {
		after, err := x.after(s, first.Change)
		if err != nil {
			continue // The change is another one than was planned, by a fault.
		}
		for j, then := range foreseen {
			one, two := requestOf(pairs, first), requestOf(pairs, then)
			if i == j || one == nil || two == nil {
				continue
			}
			if found, ok := x.succession(one, two, first.Change.Add, after); ok {
				list = append(list, found)
			}
		}
	}
	return list, true
}

// succession sets one template up where another one has written its records.
func (x *exchange) succession(first, then *request, written []zone.Record, s store.Snapshot) (found succession, ok bool) {
	found = succession{First: titleOf(first), Then: titleOf(then)}
	proposed, err := x.propose(then, s)
	if err != nil {
		found.Barred = true
		return found, true
	}
	for _, c := range proposed.conflicts {
		if slices.ContainsFunc(written, func(r zone.Record) bool { return sameData(r, c.Record) }) {
			found.Lost = append(found.Lost, rowOf(c.Record))
		}
	}
	for _, r := range proposed.change.InstancesRemoved {
		if r.Why == zone.WhyConflict && r.Identity == first.identity() {
			found.Whole = true
			// What was there before it is shared with the user, and in the way too.
			found.Lost = merged(found.Lost, rowsOf(r.Cause))
		}
	}
	return found, found.Whole || len(found.Lost) > 0
}

// after is a zone when a change was written to it.
func (x *exchange) after(s store.Snapshot, change zone.Change) (store.Snapshot, error) {
	if x.config.Rules.Stateful {
		return s.After(change)
	}
	return s.Stateless(change)
}

// requestOf is the pair that was planned.
func requestOf(pairs []*request, planned store.Planned) *request {
	at := slices.IndexFunc(pairs, func(p *request) bool { return p.template == planned.Template && p.ask.Host == planned.Ask.Host })
	if at < 0 {
		return nil
	}
	return pairs[at]
}

// titleOf is the service of a request and where it would be set up.
func titleOf(req *request) string { return req.template.ServiceName + " at " + readable(req.fqdn) }

// sameData reports whether two records are one but for their TTL.
func sameData(a, b zone.Record) bool {
	return a.Owner == b.Owner && a.Type == b.Type && a.Data == b.Data
}
