package fault

import (
	"slices"
	"sync"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// states are misbehaviours in keeping track of templates.
var states = []Fault{
	{"state-mixed", "Some templates are kept track of and some are not.",
		[]string{"DC-STATE-KEPT"}, tracking},
	{"host-not-in-key", "The same template at a second host replaces the first, which nobody is shown.",
		[]string{"DC-STATE-PER-HOST"}, remembered(movedTo, false)},
	{"essential-refused", "A template with multiInstance is refused.",
		[]string{"DC-STATE-FLAGS-INERT-STATELESS"},
		rendering(func(t *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
			if t.MultiInstance {
				return nil, &dc.Error{Class: dc.ErrUnsupported, Record: -1, Field: "multiInstance", Message: "multiInstance is not supported"}
			}
			return records, err
		})},
	{"onapply-skipped", "A record that is essential on apply only is taken for optional and left out.",
		[]string{"DC-STATE-ONAPPLY-WRITTEN", "DC-STATE-FLAGS-INERT-STATELESS"},
		keeping(func(_ resolve.Request, r dc.Resolved) bool { return !r.OnApply })},
}

// tracking keeps track of templates of one record, as a provider does that
// knows its instances: applied again at a host, what they have written there
// before is removed. Of templates with more records nothing is remembered.
func tracking(c *store.TenantConfig) {
	remembered(func(ask resolve.Request, records []dc.Resolved, host string) bool {
		return len(records) == 1 && records[0].RR != nil && host == ask.Host
	}, true)(c)
}

// movedTo reports whether a template was applied at another host before.
func movedTo(ask resolve.Request, _ []dc.Resolved, host string) bool { return host != ask.Host }

// applied is a record, and the host that its template was applied at.
type applied struct {
	host   string
	record zone.Record
}

// remembered remembers what each template has written in each zone, and removes
// what gone says yes to when the template is applied there again. Where it is
// not shown, it is removed behind the user's back.
func remembered(gone func(ask resolve.Request, records []dc.Resolved, host string) bool, shown bool) func(*store.TenantConfig) {
	var mu sync.Mutex
	written := map[string][]applied{}
	// Of the last plan for each zone: its template, its host, what goes with it.
	type last struct {
		key, host string
		gone      []zone.Record
	}
	planned := map[string]last{}
	return both(
		planning(func(z *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
			mu.Lock()
			defer mu.Unlock()
			now := last{key: p.Template.ID().String() + " " + z.Origin(), host: p.Ask.Host}
			for _, a := range written[now.key] {
				old := a.record
				if err == nil && gone(p.Ask, records, a.host) && slices.Contains(slices.Collect(z.At(old.Owner)), old) &&
					!rendered(old, records) && !slices.Contains(append(now.gone, p.Change.Remove...), old) {
					now.gone = append(now.gone, old)
				}
			}
			planned[z.Origin()] = now
			if shown {
				p.Change.Remove = append(slices.Clone(p.Change.Remove), now.gone...)
			}
			return err
		}),
		writing(func(z *zone.Zone, change zone.Change) zone.Change {
			mu.Lock()
			defer mu.Unlock()
			now := planned[z.Origin()]
			for _, r := range change.Add {
				written[now.key] = append(written[now.key], applied{now.host, r})
			}
			if !shown {
				change.Remove = append(slices.Clone(change.Remove), now.gone...)
			}
			return change
		}),
	)
}
