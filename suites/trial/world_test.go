package trial

import (
	"testing"

	"github.com/dcconform/dcconform/suites/target"
)

// The further hosts of one case count as those of others do.
func TestHostsAreBounded(t *testing.T) {
	w := World{Target: &target.Config{Hosts: target.Hosts{Prefix: "dcc", Limit: 3}}}
	if _, err := w.host(3); err == nil || err.Error() != "hosts.limit of the target is 3, and this case would be host 4: raise the limit" {
		t.Errorf("beyond the limit: %v", err)
	}
	for range 2 { // the same case again uses no other
		if name, err := w.host(1); name != "dcc2" || err != nil {
			t.Fatalf("%s, %v", name, err)
		}
	}
	for _, turn := range []string{"dcc2-2", "dcc2-3"} {
		if err := w.use(turn); err != nil {
			t.Fatal(err)
		}
	}
	const full = "hosts.limit of the target is 3, and that many are used, further hosts of one case counted: raise the limit"
	if err := w.use("dcc2-4"); err == nil || err.Error() != full {
		t.Errorf("a turn too many: %v", err)
	}
	if _, err := w.host(0); err == nil || err.Error() != full {
		t.Errorf("a case after it: %v", err)
	}
}
