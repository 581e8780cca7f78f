package trial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
)

// Twin sends the user along with a control twin: a request that has to reach
// consent and differs from the one that is judged only in the tested point.
// When it does not, the case cannot be judged, and is inconclusive; what is
// wrong with it has cases of its own.
func (t *Trial) Twin(r Request) *Ending {
	e := t.Look(r)
	if !e.Asked() {
		t.twinEnded("a request that has to work, and differs only in the tested point", e)
	}
	return e
}

// Variant is one of several requests that are judged alike.
type Variant struct {
	// What says in a few words what is special about it.
	What    string
	Request Request
}

// ReachesEach states that the user is asked for consent about every variant.
// It returns what became of them.
func (t *Trial) ReachesEach(id string, variants ...Variant) []*Ending {
	var endings []*Ending
	var wrong, links []string
	for _, v := range variants {
		e := t.Look(v.Request)
		endings = append(endings, e)
		if !e.Asked() {
			wrong, links = append(wrong, v.What+": "+e.String()), append(links, "GET "+e.Link)
		}
	}
	t.Require(id, wrong, gomega.BeEmpty(), check.About{Sent: strings.Join(links, " and "),
		Expected: []string{"the user is asked for consent"}, Actual: strings.Join(wrong, "; ")})
	return endings
}

// RefusesEach is Refuses for several requests with one control twin.
func (t *Trial) RefusesEach(id string, good Request, records []string, variants ...Variant) []*Ending {
	b := t.barrier(good, records)
	var endings []*Ending
	var asked, disorderly, links []string
	for _, v := range variants {
		e := t.Approve(v.Request)
		endings = append(endings, e)
		switch {
		case e.Asked():
			asked = append(asked, v.What+": "+e.String())
		case !e.Refused():
			disorderly = append(disorderly, v.What+": "+e.String())
		default:
			continue
		}
		links = append(links, "GET "+e.Link)
	}
	about := check.About{Sent: strings.Join(links, " and "), Expected: []string{"an error page", "an error redirect, where one is permitted"}}
	after := t.Zone()
	twin := t.Approve(b.request)
	if !twin.Succeeded() {
		about.Actual = strings.Join(asked, "; ")
		t.twinFailed(id, len(asked) > 0, about, twin)
	}
	wrong := slices.Concat(asked, disorderly)
	about.Actual = strings.Join(wrong, "; ")
	t.Require(id, wrong, gomega.BeEmpty(), about)
	about.Sent = fmt.Sprintf("%d requests that differ from the control twin in one point each", len(variants))
	about.Expected, about.Actual = []string{"the zone stays as it was"}, "the zone has changed: "+difference(b.before, after)
	t.Require(id, after, gomega.Equal(b.before), about)
	t.held(id, check.About{Sent: about.Sent + ", then the control twin " + twin.Link}, b)
	return endings
}
