package dc_test

import (
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// Every text member answers by its own name, and no other does.
func TestRecordText(t *testing.T) {
	r := dc.Record{Type: "type", GroupID: "groupId", Essential: "essential", Host: "host", Name: "name", PointsTo: "pointsTo",
		Target: "target", Data: "data", SPFRules: "spfRules", TTL: "ttl", Priority: "priority", Weight: "weight", Port: "port",
		Protocol: "protocol", Service: "service", TXTMode: "txtConflictMatchingMode", TXTPrefix: "txtConflictMatchingPrefix"}
	for _, name := range []string{"type", "groupId", "essential", "host", "name", "pointsTo", "target", "data", "spfRules", "ttl",
		"priority", "weight", "port", "protocol", "service", "txtConflictMatchingMode", "txtConflictMatchingPrefix"} {
		if got := r.Text(name); got != name {
			t.Errorf("Text(%q) is %q", name, got)
		}
	}
	if got := r.Text("Host") + r.Text("crit") + r.Text("vnd.x"); got != "" {
		t.Errorf("a member that is none has the text %q", got)
	}
}
