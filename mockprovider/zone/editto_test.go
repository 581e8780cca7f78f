package zone

import (
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// The change that leads from one zone to another is the user's part and what
// instances lose by it, with the SOA as it is then.
func TestEditTo(t *testing.T) {
	const before = apex + "@ 300 A 192.0.2.1\nwww 300 A 192.0.2.1\nmine 300 TXT a\nmine 300 TXT b\n"
	instances := []Instance{{Identity: webApp.Identity, Records: []Written{
		{Record: Record{"example.com.", "A", 300, "192.0.2.1"}}, {Record: Record{"www.example.com.", "A", 300, "192.0.2.1"}, OnApply: true},
	}}}
	for name, c := range map[string]struct {
		after string
		want  []string
		left  int
	}{
		"nothing":            {before, []string{"@ 300 IN A 192.0.2.1", `mine 300 IN TXT "a"`, `mine 300 IN TXT "b"`, "www 300 IN A 192.0.2.1"}, 1},
		"another TTL":        {apex + "@ 60 A 192.0.2.1\nwww 300 A 192.0.2.1\n", []string{"@ 60 IN A 192.0.2.1", "www 300 IN A 192.0.2.1"}, 1},
		"not essential":      {apex + "@ 300 A 192.0.2.1\nmine 300 TXT a\n", []string{"@ 300 IN A 192.0.2.1", `mine 300 IN TXT "a"`}, 1},
		"essential replaced": {apex + "@ 300 A 192.0.2.2\nwww 300 A 192.0.2.1\nmine 300 TXT c\n", []string{"@ 300 IN A 192.0.2.2", `mine 300 IN TXT "c"`}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			z, after := zoneOf(t, before), zoneOf(t, c.after).WithSerial(77)
			change, err := EditTo(z, after, instances)
			if err != nil {
				t.Fatal(err)
			}
			done := apply(t, z, change)
			same(t, "zone", text(done.Records()), c.want)
			if done.Serial() != 77 || len(change.Instances) != c.left {
				t.Errorf("serial %d, %d instances left, want %d", done.Serial(), len(change.Instances), c.left)
			}
		})
	}
	z := zoneOf(t, before)
	_, err := EditTo(z, zoneOf(t, before+"www 300 CNAME x.test.\n"), instances)
	refused(t, err, dc.ErrCoexist, "the CNAME at www.example.com. cannot stand beside other records (RFC 1034 section 3.6.2)")
}
