package observe

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// What a trusted server denies is asked for once; behind an alias that leads
// nowhere the same answer is about something else.
func TestSnapshotOfNothing(t *testing.T) {
	z := newZone(t, "alias.example.com. 60 IN CNAME nowhere.example.com.", `alias.example.com. 60 IN TXT "beside"`)
	z.on(func(q, m *dns.Msg) {
		if len(m.Answer) > 0 && q.Question[0].Qtype != dns.TypeTXT {
			m.Rcode, m.Answer = dns.RcodeNameError, m.Answer[:1]
		}
	})
	list := servers(z)
	list.List[0].TrustNXDOMAIN = true
	snap, err := list.Snapshot(t.Context(), []string{"alias.example.com", "no.example.com"}, nine)
	want := []string{"alias.example.com. 60 IN CNAME nowhere.example.com.", `alias.example.com. 60 IN TXT "beside"`}
	if diff := cmp.Diff(want, snap.Lines()); err != nil || diff != "" {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
	if n := z.count(); n != len(nine)+1 {
		t.Errorf("%d questions", n)
	}
}

// A server that denies names with records of another type does not hide them
// from who was not told to trust it.
func TestSnapshotDoubtsADenial(t *testing.T) {
	z := newZone(t, `hidden.example.com. 60 IN TXT "here"`)
	z.on(func(q, m *dns.Msg) {
		if len(m.Answer) == 0 {
			m.Rcode = dns.RcodeNameError
		}
	})
	snap, err := servers(z).Snapshot(t.Context(), []string{"hidden.example.com"}, nine)
	if diff := cmp.Diff([]string{`hidden.example.com. 60 IN TXT "here"`}, snap.Lines()); err != nil || diff != "" {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
}
