package zone

import (
	"fmt"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// Revert takes an applied template out of the zone again (async-00 section
// 6.7): with an ID that instance alone, without one all instances at the
// domain and host. What goes is what they wrote and is still there; what a user
// has changed, what was there before and what other instances need stays, and
// SPF records are merged again. Change.Instances are those that are left.
//
// A template that is not applied there is an error of class dc.ErrNotApplied:
// nothing is guessed from records that look like its own.
func Revert(z *Zone, instances []Instance, which Identity) (Change, error) {
	b, err := open(z, instances)
	if err != nil {
		return Change{}, err
	}
	found := false
	for i := range b.all {
		l := &b.all[i]
		if l.template(which) && (which.ID == "" || which.ID == l.ID) {
			l.gone, found = WhyReverted, true
		}
	}
	if !found {
		return Change{}, &dc.Error{Class: dc.ErrNotApplied, Record: -1,
			Message: fmt.Sprintf("%s is not applied; nothing is reverted", which)}
	}
	after, err := b.without()
	if err != nil {
		return Change{}, err
	}
	change := between(z, after, b.owners())
	b.record(&change)
	return change, nil
}
