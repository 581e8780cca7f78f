package trial

import (
	"net/url"
	"slices"
	"strings"

	"github.com/miekg/dns"
	"golang.org/x/net/idna"

	"github.com/dcconform/dcconform/suites/target"
)

// traces are the names at which this run may have written. Cases at an apex
// share it, so that what one leaves is before the next, and is nobody else's.
// The zero value has written nothing.
type traces struct {
	// free were seen to hold nothing before a case began.
	free map[string]bool
	// written are those of them that a case then went on to write at.
	written map[string]bool
}

// found enters names that hold nothing.
func (r *traces) found(free []string) {
	if r.free == nil {
		r.free, r.written = map[string]bool{}, map[string]bool{}
	}
	for _, name := range free {
		r.free[name] = true
	}
}

// unused are the names that own none of the lines.
func unused(names, lines []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, name+" ") })
	})
}

// wrote enters names that a case is about to write at.
func (r *traces) wrote(names []string) {
	for _, name := range names {
		if r.free[name] {
			r.written[name] = true
		}
	}
}

// foreign are the lines that this run cannot have made.
func (r *traces) foreign(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(l string) bool {
		owner, _, _ := strings.Cut(l, " ")
		return r.written[owner]
	})
}

// clean makes sure that nothing is at the case's names yet.
func (t *Trial) clean() {
	for _, service := range t.spec.Templates {
		t.watchRecords(t.World.Templates[service].Records)
	}
	t.Watch(t.spec.Names...)
	if t.World.Fresh && t.spec.Where == AtHost {
		return
	}
	found := t.Zone()
	if len(found) > 0 && t.World.Seeder.Available() {
		t.Broken(t.World.Seeder.Reset(t.Context(), t.Domain(), t.watched))
		found, _ = t.World.wait(t, func(lines []string) bool { return len(lines) == 0 })
	}
	if len(found) > 0 {
		t.dirty(found)
	}
	if t.host == "" {
		t.World.traces.found(t.watched)
	}
}

// dirty ends a case that finds records in its way.
func (t *Trial) dirty(found []string) {
	foreign := t.World.traces.foreign(found)
	switch {
	case t.World.Seeder.Available():
		t.Inconclusive("dirty-zone", "records are in the way that the target's hook does not remove: "+strings.Join(found, ", "))
	case len(foreign) > 0:
		t.Inconclusive("dirty-zone", "records are in the way that this run did not make; remove them, or choose another hosts.prefix: "+strings.Join(foreign, ", "))
	}
	t.Lacking("no-seed", "an earlier case has left records at "+t.Root()+", and the target has no hook that removes them: give hooks.reset or hooks.update")
}

// created notes what is about to be written, and where: in the case's zone, and
// in others of the target that the query of a request names. Names at an apex
// are the run's own only where they held nothing.
func (w *World) created(t *Trial, template, query string) error {
	c := target.Creation{Domain: t.Domain(), Host: t.Host(), Template: template, Case: t.Result().ID, Names: slices.Clone(t.watched)}
	if t.host == "" {
		if slices.ContainsFunc(c.Names, func(name string) bool { return !w.traces.free[name] }) {
			w.traces.found(unused(t.watched, t.Zone()))
		}
		c.Names = slices.DeleteFunc(c.Names, func(name string) bool { return !w.traces.free[name] })
		w.traces.wrote(c.Names)
	}
	t.noted = append(t.noted, c)
	if w.Created == nil {
		return nil
	}
	for _, c := range elsewhere(c, w.Target.Domains, query) {
		if err := w.Created(c); err != nil {
			return err
		}
	}
	return w.Created(c)
}

// elsewhere are the creations in other zones of the target that go with one in
// the case's: in those that hold names of it, and in those that a query names,
// where the names are the same but for the zone. At an apex, which is not the
// run's alone there either, there are none.
func elsewhere(home target.Creation, domains []target.Domain, query string) []target.Creation {
	var all []target.Creation
	apex := dns.CanonicalName(home.Domain)
	for _, d := range domains {
		zone := dns.CanonicalName(d.Name)
		if home.Host == "" || zone == apex || d.Role == "absent" {
			continue
		}
		c := home
		c.Domain, c.Names = d.Name, nil
		named := names(query, zone)
		for _, name := range home.Names {
			below, inside := strings.CutSuffix(name, "."+apex)
			switch {
			case dns.IsSubDomain(zone, name):
				c.Names = append(c.Names, name)
			case inside && named:
				c.Names = append(c.Names, below+"."+zone)
			}
		}
		if len(c.Names) > 0 {
			all = append(all, c)
		}
	}
	return all
}

// names reports whether a query asks for a zone, canonical, by any of the
// domains that it has.
func names(query, zone string) bool {
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, nameErr := url.QueryUnescape(name)
		value, valueErr := url.QueryUnescape(value)
		if nameErr != nil || valueErr != nil || !strings.EqualFold(name, "domain") {
			continue
		}
		if ascii, err := idna.ToASCII(value); err == nil {
			value = ascii
		}
		if dns.CanonicalName(value) == zone {
			return true
		}
	}
	return false
}

// leave notes the names that a case with a host has come to know after it
// wrote: what it looked for there may have come.
func (t *Trial) leave() {
	if len(t.noted) == 0 || t.host == "" {
		return
	}
	last := t.noted[len(t.noted)-1]
	unknown := func(name string) bool { return !slices.Contains(last.Names, name) }
	if last.Domain != t.Domain() || last.Host != t.Host() || !slices.ContainsFunc(t.watched, unknown) {
		return
	}
	// An error here is one that the announcement would have met with too; what
	// was announced stands.
	_ = t.World.created(t, last.Template, "")
}
