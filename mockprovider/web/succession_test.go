package web_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// Two templates that cannot stand side by side at one name, one that is in
// nobody's way, and one beside which nothing can be below its name.
var rivals = []string{
	`{"providerId":"sp.test","providerName":"Sorrel Pages","serviceId":"pages","serviceName":"Pages","version":1,
	  "records":[{"type":"A","host":"@","pointsTo":"192.0.2.1","ttl":600},{"type":"TXT","host":"note","data":"pages","ttl":600}]}`,
	`{"providerId":"sp.test","providerName":"Sorrel Pages","serviceId":"shop","serviceName":"Shop","version":1,
	  "records":[{"type":"A","host":"@","pointsTo":"%ip%","ttl":600}]}`,
	`{"providerId":"sp.test","providerName":"Sorrel Pages","serviceId":"proof","serviceName":"Proof","version":1,
	  "records":[{"type":"TXT","host":"@","data":"proof","ttl":600}]}`,
	`{"providerId":"sp.test","providerName":"Sorrel Pages","serviceId":"alias","serviceName":"Alias","version":1,
	  "records":[{"type":"DNAME","host":"@","data":"else.sp.test","ttl":600}]}`,
}

const rivalry = "Not all of this can stand side by side Whichever of these is set up later takes away what is in its way."

// Templates of one grant that would take one another's records are told of,
// each way, at the name where they meet and at no other.
func TestTheGrantPageTellsOfRivals(t *testing.T) {
	for _, tc := range []struct {
		name     string
		stateful bool
		ask      []string
		want     []string
	}{
		{"two that meet", false, []string{"scope=pages%20shop", "host=s1,s2", "ip=192.0.2.2"}, []string{rivalry,
			"Shop at s1.seeded.test would take from Pages at s1.seeded.test: s1.seeded.test A 192.0.2.1 ",
			"Shop at s2.seeded.test would take from Pages at s2.seeded.test: s2.seeded.test A 192.0.2.1 ",
			"Pages at s1.seeded.test would take from Shop at s1.seeded.test: s1.seeded.test A 192.0.2.2 ",
			"Pages at s2.seeded.test would take from Shop at s2.seeded.test: s2.seeded.test A 192.0.2.2 "}},
		{"with the whole template", true, []string{"scope=pages%20shop", "host=s1", "ip=192.0.2.2"}, []string{rivalry,
			"Shop at s1.seeded.test would take from Pages at s1.seeded.test, which would be removed as a whole: s1.seeded.test A 192.0.2.1 ",
			"Pages at s1.seeded.test would take from Shop at s1.seeded.test, which would be removed as a whole: s1.seeded.test A 192.0.2.2 "}},
		// The address was there before, and is the template's all the same.
		{"with what is shared", true, []string{"scope=pages%20shop", "host=own", "ip=192.0.2.2"}, []string{rivalry, "1 record would be removed",
			"Shop at own.seeded.test would take from Pages at own.seeded.test, which would be removed as a whole: own.seeded.test A 192.0.2.1 ",
			"Pages at own.seeded.test would take from Shop at own.seeded.test, which would be removed as a whole: own.seeded.test A 192.0.2.2 "}},
		{"one that is refused beside another", false, []string{"scope=alias%20proof", "host=s1,below.s1"}, []string{rivalry,
			"Alias at below.s1.seeded.test could not be set up beside Alias at s1.seeded.test. ",
			"Proof at below.s1.seeded.test could not be set up beside Alias at s1.seeded.test. ",
			"Alias at s1.seeded.test could not be set up beside Alias at below.s1.seeded.test. ",
			"Alias at s1.seeded.test could not be set up beside Proof at below.s1.seeded.test. "}},
		{"the same record of two", false, []string{"scope=pages%20shop", "host=s1", "ip=192.0.2.1"}, nil},
		{"in nobody's way", false, []string{"scope=pages%20proof", "host=s1,s2"}, nil},
		{"one alone", true, []string{"scope=pages", "host=s1"}, nil},
		{"one that is not known yet", false, []string{"scope=pages%20shop", "host=s1"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newAsync(t, withTemplates(rivals...), withZone("seeded.test", "alice", "own 600 A 192.0.2.1\n"),
				func(c *store.TenantConfig) { c.Rules.Stateful = tc.stateful })
			said := w.browser().open(w.link(append(tc.ask, "domain=seeded.test")...)).text() + " "
			// The text of a page has a space where an element ends.
			said = strings.NewReplacer(" :", ":", " ,", ",", " .", ".").Replace(said)
			contains(t, said, tc.want...)
			n := 0
			for _, want := range tc.want {
				n += strings.Count(want, "would take from") + strings.Count(want, "could not be set up")
			}
			if got := strings.Count(said, "would take from") + strings.Count(said, "could not be set up"); got != n || strings.Contains(said, "side by side") != (n > 0) {
				t.Errorf("%d are told of, want %d: %s", got, n, said)
			}
		})
	}
}

// What is planned for a page is bounded, and the page says so.
func TestTheGrantPageIsBounded(t *testing.T) {
	w := newAsync(t, withTemplates(rivals...))
	hosts := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("h%d", i)
		}
		return "host=" + strings.Join(list, ",")
	}
	const bounded = "There are too many services and names here to say which of them would be in the way of others."
	for n, many := range map[int]bool{11: false, 12: true} {
		said := w.browser().open(w.link("scope=pages%20shop", "ip=192.0.2.2", hosts(n))).text()
		if strings.Contains(said, bounded) != many || strings.Contains(said, "side by side") == many {
			t.Errorf("%d hosts: %s", n, said)
		}
	}
}
