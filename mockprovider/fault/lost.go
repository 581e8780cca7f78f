package fault

import (
	"net/http"
	"slices"
	"sync"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// lostUpdate has a call see the zone as it was when its header fields had come,
// and write it so after its body has: what other calls have written in between
// goes. Calls that come one after another lose nothing.
func lostUpdate(c *store.TenantConfig) {
	// one is for a call from its body on, so that what is written meanwhile is
	// its own; mu is for the rest.
	var one, mu sync.Mutex
	// written is what calls have added, in turn; since is how much of it the
	// present call has seen, -1 while there is none.
	var written []zone.Record
	since := -1
	serving(applyCallPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		mu.Lock()
		found := len(written)
		mu.Unlock()
		body := bodyOf(r)
		one.Lock()
		defer one.Unlock()
		set := func(to int) {
			mu.Lock()
			since = to
			mu.Unlock()
		}
		set(found)
		defer set(-1)
		next.ServeHTTP(w, withBody(r, body))
	})(c)
	writing(func(z *zone.Zone, change zone.Change) zone.Change {
		mu.Lock()
		defer mu.Unlock()
		if since < 0 {
			return change
		}
		change.Remove = slices.Clone(change.Remove)
		for _, lost := range written[since:] {
			there := slices.Contains(slices.Collect(z.At(lost.Owner)), lost)
			if there && !slices.Contains(change.Remove, lost) && !slices.Contains(change.Add, lost) {
				change.Remove = append(change.Remove, lost)
			}
		}
		written = append(written, change.Add...)
		return change
	})(c)
}
