package trial

import (
	"strings"
)

// Delete takes everything at names of the case down, as a user does by hand in
// the provider's own pages, and waits until it shows. The case has to say that
// it Seeds. A provider that guards its templates may have taken more down than
// that, or have kept everything: what there is then is for the case to judge.
func (t *Trial) Delete(names ...string) {
	owners := make([]string, len(names))
	for i, n := range names {
		owners[i] = t.absolute(t.expand(n))
	}
	t.Watch(names...)
	before := len(t.Zone())
	if err := t.World.Seeder.Reset(t.Context(), t.Domain(), owners); err != nil {
		t.Interrupted(err)
		// The provider may have refused to, which is one of the ways to guard.
		t.Note("by-hand", "the records at "+strings.Join(names, ", ")+" could not be deleted: "+err.Error())
		return
	}
	_, _ = t.World.wait(t, func(lines []string) bool { return len(lines) < before })
}
