package hostname

import (
	"strings"

	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 6.2 and 10.2 (4a): names that are none, or are elsewhere.
var refused = []trial.Case{
	{Key: "hostname-out-of-zone", Title: "a record outside the zone is not written, though the user has that zone too",
		Requirements: []string{"DC-HOST-OUT-OF-ZONE"}, Templates: []string{"anywhere"},
		Body: func(t *trial.Trial) {
			other := t.Other("idn").Name
			t.Watch("dcc-stray." + other + ".")
			r := t.Request("anywhere")
			t.Refuses("DC-HOST-OUT-OF-ZONE", r.With("name", "dcc-stray."+other+"."), r, `www 600 TXT "anywhere"`)
		}},
	{Key: "hostname-long-label", Title: "a label of more than 63 octets is refused",
		Requirements: []string{"DC-HOST-VALID-NAME"}, Templates: []string{"anywhere"},
		Body: func(t *trial.Trial) {
			r := t.Request("anywhere")
			most := strings.Repeat("l", 63)
			t.Refuses("DC-HOST-VALID-NAME", r.With("name", most+"l"), r.With("name", most), most+` 600 TXT "anywhere"`)
		}},
	bad("hostname-long-name", "a name of more than 255 octets is refused", strings.Repeat(strings.Repeat("n", 60)+".", 4)+"n"),
	bad("hostname-empty-label", "a name with an empty label is refused", "a..b"),
	bad("hostname-space", "a name with a space is refused", "a b"),
}

// bad is the case of a name that is none.
func bad(key, title, name string) trial.Case {
	return trial.Case{Key: key, Title: title, Requirements: []string{"DC-HOST-VALID-NAME"}, Templates: []string{"anywhere"},
		Body: func(t *trial.Trial) {
			r := t.Request("anywhere")
			t.Refuses("DC-HOST-VALID-NAME", r.With("name", name), r, `www 600 TXT "anywhere"`)
		}}
}
