package fault

import (
	"slices"
	"strings"
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
	{"host-not-in-key", "The same template at a second host replaces the first.",
		[]string{"DC-STATE-PER-HOST"}, planning(elsewhere)},
	{"essential-refused", "A template with essential or multiInstance is refused.",
		[]string{"DC-STATE-FLAGS-INERT-STATELESS", "DC-STATE-ONAPPLY-WRITTEN"},
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

// tracking remembers what templates of one record have written, and removes it
// when they are applied again, as a provider does that knows its instances; of
// templates with more records it remembers nothing.
func tracking(c *store.TenantConfig) {
	var mu sync.Mutex
	written := map[string][]string{}
	planning(func(z *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
		if len(records) != 1 || err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for old := range z.At(records[0].Owner) {
			mine := slices.Contains(written[p.Template.ServiceID+" "+old.Owner], old.Data)
			if mine && old.Type == records[0].Type && !rendered(old, records) && !slices.Contains(p.Change.Remove, old) {
				p.Change.Remove = append(p.Change.Remove, old)
			}
		}
		return nil
	})(c)
	c.Hooks.Written = append(c.Hooks.Written, func(_ *zone.Zone, change zone.Change) zone.Change {
		mu.Lock()
		defer mu.Unlock()
		for _, r := range change.Add {
			if len(change.Add) == 1 {
				key := "text " + r.Owner
				written[key] = append(written[key], r.Data)
			}
		}
		return change
	})
}

// elsewhere removes records that look like the template's at other hosts.
func elsewhere(z *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
	if strings.Count(p.Ask.Host, ".") == 0 || err != nil {
		return err
	}
	_, parent, _ := strings.Cut(p.Ask.Host, ".")
	for old := range z.Below(parent + "." + z.Origin()) {
		for _, r := range records {
			if old.Type == r.Type && old.Owner != r.Owner && !slices.Contains(p.Change.Remove, old) {
				p.Change.Remove = append(p.Change.Remove, old)
			}
		}
	}
	return err
}
