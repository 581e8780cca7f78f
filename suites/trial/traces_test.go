package trial

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/suites/target"
)

// A request for another zone of the target is noted there.
func TestElsewhere(t *testing.T) {
	domains := []target.Domain{{Name: "target.test"}, {Name: "child.target.test", Role: "child"}, {Name: "xn--bcher-kva.test", Role: "idn"},
		{Name: "foreign.test", Role: "foreign"}, {Name: "absent.test", Role: "absent"}}
	home := target.Creation{Domain: "target.test", Host: "dcc7", Names: []string{"dcc7.target.test.", "note.dcc7.target.test."}}
	away := func(names ...string) target.Creation {
		c := home
		c.Names = append(c.Names, names...)
		return c
	}
	for _, c := range []struct {
		name  string
		home  target.Creation
		query string
		want  map[string][]string
	}{
		{"its own zone", home, "domain=target.test&host=dcc7", map[string][]string{}},
		{"another", home, "domain=FOREIGN.test.&host=dcc7", map[string][]string{"foreign.test": {"dcc7.foreign.test.", "note.dcc7.foreign.test."}}},
		{"the second of two", home, "domain=target.test&d%6Fmain=foreign.test", map[string][]string{"foreign.test": {"dcc7.foreign.test.", "note.dcc7.foreign.test."}}},
		{"a child", home, "domain=child.target.test", map[string][]string{"child.target.test": {"dcc7.child.target.test.", "note.dcc7.child.target.test."}}},
		{"U-labels", home, "domain=b%C3%BCcher.test", map[string][]string{"xn--bcher-kva.test": {"dcc7.xn--bcher-kva.test.", "note.dcc7.xn--bcher-kva.test."}}},
		{"a name that is not held", home, "domain=absent.test", map[string][]string{}},
		{"a zone that is not the target's", home, "domain=other.test", map[string][]string{}},
		{"a broken escape", home, "domain=%zz", map[string][]string{}},
		{"names that are looked at", away("dcc7.foreign.test."), "", map[string][]string{"foreign.test": {"dcc7.foreign.test."}}},
		{"an apex", target.Creation{Domain: "target.test", Names: []string{"target.test."}}, "domain=foreign.test", map[string][]string{}},
	} {
		got := map[string][]string{}
		for _, e := range elsewhere(c.home, domains, c.query) {
			got[e.Domain] = e.Names
			if e.Host != "dcc7" {
				t.Errorf("%s: host %q", c.name, e.Host)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.name, diff)
		}
	}
}
