package seed

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
	"pgregory.net/rapid"

	"github.com/dcconform/dcconform/suites/target"
)

// recorder is a writer that remembers what reaches it.
type recorder struct {
	mu             sync.Mutex
	added, cleared []string
	types          map[string][]uint16
	fail           error
}

func (r *recorder) add(_ context.Context, zone string, records []dns.RR) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for line := range strings.Lines(recordLines(records)) {
		r.added = append(r.added, zone+" "+strings.TrimSpace(line))
	}
	return r.fail
}

func (r *recorder) clear(_ context.Context, zone string, names []clearing) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for line := range strings.Lines(nameLines(names)) {
		r.cleared = append(r.cleared, zone+" "+strings.TrimSpace(line))
	}
	r.types = map[string][]uint16{}
	for _, n := range names {
		r.types[n.name] = n.types
	}
	return r.fail
}

// domains are those of the tests: an ordinary one, one with its apex
// permitted and a zone below it, and one that the provider does not hold.
var domains = []target.Domain{
	{Name: "customer.test"},
	{Name: "open.test", Apex: true},
	{Name: "child.open.test", Role: target.RoleChild},
	{Name: "xn--bcher-kva.test", Role: target.RoleIDN},
	{Name: "gone.test", Role: target.RoleAbsent},
}

func TestSeedRefuses(t *testing.T) {
	for _, c := range []struct{ zone, record, want string }{
		{"customer.test", "www.other.test. 60 IN A 192.0.2.1", `seed of customer.test.: record "www.other.test. 60 IN A 192.0.2.1": it is outside customer.test.: nothing else is touched`},
		{"customer.test", "www.evilcustomer.test. 60 IN A 192.0.2.1", `seed of customer.test.: record "www.evilcustomer.test. 60 IN A 192.0.2.1": it is outside customer.test.: nothing else is touched`},
		{"customer.test", `www\.customer.test. 60 IN A 192.0.2.1`, `seed of customer.test.: record "www\\.customer.test. 60 IN A 192.0.2.1": it is outside customer.test.: nothing else is touched`},
		{"customer.test", "test. 60 IN A 192.0.2.1", `seed of customer.test.: record "test. 60 IN A 192.0.2.1": it is outside customer.test.: nothing else is touched`},
		{"customer.test", ". 60 IN A 192.0.2.1", `seed of customer.test.: record ". 60 IN A 192.0.2.1": it is outside customer.test.: nothing else is touched`},
		{"customer.test", "a.open.test. 60 IN A 192.0.2.1", `seed of customer.test.: record "a.open.test. 60 IN A 192.0.2.1": it is outside customer.test.: nothing else is touched`},
		{"customer.test", "customer.test. 60 IN A 192.0.2.1", `seed of customer.test.: record "customer.test. 60 IN A 192.0.2.1": the apex of customer.test. is not permitted: set apex: true for the domain in target.yaml`},
		{"open.test", "www.child.open.test. 60 IN A 192.0.2.1", `seed of open.test.: record "www.child.open.test. 60 IN A 192.0.2.1": it belongs to child.open.test., a zone of its own`},
		{"open.test", "open.test. 60 IN NS ns.open.test.", `seed of open.test.: record "open.test. 60 IN NS ns.open.test.": the SOA and NS records at the apex stay as they are`},
		{"open.test", "open.test. 60 IN SOA a. b. 1 2 3 4 5", `seed of open.test.: record "open.test. 60 IN SOA a. b. 1 2 3 4 5": the SOA and NS records at the apex stay as they are`},
		{"open.test", "a.open.test. 60 CH A 192.0.2.1", `seed of open.test.: record "a.open.test. 60 CH A 192.0.2.1": its class is CH, not IN`},
		{"open.test", `a.open.test. 60 IN TYPE250 \# 1 00`, `seed of open.test.: record "a.open.test. 60 IN TYPE250 \\# 1 00": TSIG is no type that a zone holds`},
		{"open.test", "a.open.test. 60 IN A 192.0.2.1\nb.evil.test. 60 IN A 192.0.2.1", `seed of open.test.: record "a.open.test. 60 IN A 192.0.2.1\nb.evil.test. 60 IN A 192.0.2.1": it is more than one line`},
		{"open.test", "$ORIGIN evil.test.", `seed of open.test.: record "$ORIGIN evil.test.": it is no record`},
		{"open.test", "$GENERATE 1-2 a$.open.test. 60 IN A 192.0.2.$", `seed of open.test.: record "$GENERATE 1-2 a$.open.test. 60 IN A 192.0.2.$": it is more than one record`},
		{"open.test", "$INCLUDE /etc/hosts", `seed of open.test.: record "$INCLUDE /etc/hosts": it is no record in presentation format, absolute and with TTL: dns: $INCLUDE directive not allowed: "/etc/hosts" at line: 1:19`},
		{"open.test", "; nothing", `seed of open.test.: record "; nothing": it is no record`},
		{"open.test", "", `seed of open.test.: record "": it is no record`},
		{"open.test", "www 60 IN A 192.0.2.1", `seed of open.test.: record "www 60 IN A 192.0.2.1": it is no record in presentation format, absolute and with TTL: dns: bad owner name: "www" at line: 1:4`},
		{"open.test", "a.open.test. IN A 192.0.2.1", `seed of open.test.: record "a.open.test. IN A 192.0.2.1": it has no TTL`},
		{"gone.test", "a.gone.test. 60 IN A 192.0.2.1", `seed: the provider does not hold gone.test: its role is absent`},
		{"other.test", "a.other.test. 60 IN A 192.0.2.1", `seed: "other.test" is none of the target's domains: nothing else is touched`},
		{"a.customer.test", "a.customer.test. 60 IN A 192.0.2.1", `seed: "a.customer.test" is none of the target's domains: nothing else is touched`},
		{"", "a.customer.test. 60 IN A 192.0.2.1", `seed: "" is none of the target's domains: nothing else is touched`},
	} {
		r := &recorder{}
		err := newGuard(domains, r).Seed(t.Context(), c.zone, []string{"ok." + c.zone + ". 60 IN A 192.0.2.9", c.record})
		if err == nil || err.Error() != c.want {
			t.Errorf("%q: %v\nwant %s", c.record, err, c.want)
		}
		if len(r.added) != 0 {
			t.Errorf("%q: %q was written all the same", c.record, r.added)
		}
	}
	if err := newGuard(domains, &recorder{}).Seed(t.Context(), "customer.test", nil); err == nil || err.Error() != "seed of customer.test.: there is no record to add" {
		t.Errorf("%v", err)
	}
}

func TestResetRefuses(t *testing.T) {
	for _, c := range []struct{ zone, name, want string }{
		{"customer.test", "www.other.test", `reset of customer.test.: name "www.other.test": it is outside customer.test.: nothing else is touched`},
		{"customer.test", "customer.test", `reset of customer.test.: name "customer.test": the apex of customer.test. is not permitted: set apex: true for the domain in target.yaml`},
		{"open.test", "child.open.test", `reset of open.test.: name "child.open.test": it belongs to child.open.test., a zone of its own`},
		{"open.test", "", `reset of open.test.: name "": it is empty`},
		{"open.test", "a..open.test", `reset of open.test.: name "a..open.test": it is no domain name`},
		{"open.test", "www", `reset of open.test.: name "www": it is outside open.test.: nothing else is touched`},
		{"other.test", "www.other.test", `reset: "other.test" is none of the target's domains: nothing else is touched`},
	} {
		r := &recorder{}
		err := newGuard(domains, r).Reset(t.Context(), c.zone, []string{"ok." + c.zone, c.name})
		if err == nil || err.Error() != c.want || len(r.cleared) != 0 {
			t.Errorf("%q: %v, cleared %q\nwant %s", c.name, err, r.cleared, c.want)
		}
	}
	if err := newGuard(domains, &recorder{}).Reset(t.Context(), "customer.test", nil); err == nil || err.Error() != "reset of customer.test.: there is no name to clear" {
		t.Errorf("%v", err)
	}
}

func TestSeedAndReset(t *testing.T) {
	r := &recorder{}
	g := newGuard(domains, r)
	if err := g.Seed(t.Context(), "Open.TEST.", []string{
		"WWW.open.test. 300 IN A 192.0.2.1", `x.www.open.test. 60 IN TXT "a b" "c"`, "open.test. 60 IN MX 10 mail.open.test.",
		`open.test. 60 IN TYPE65280 \# 1 00`, "*.www.open.test. 60 IN CNAME open.test.", `\119w2.open.test. 60 IN A 192.0.2.2`,
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"open.test. www.open.test. 300 IN A 192.0.2.1", `open.test. x.www.open.test. 60 IN TXT "a b" "c"`, "open.test. open.test. 60 IN MX 10 mail.open.test.",
		`open.test. open.test. 60 IN TYPE65280 \# 1 00`, "open.test. *.www.open.test. 60 IN CNAME open.test.", "open.test. ww2.open.test. 60 IN A 192.0.2.2",
	}
	if diff := cmp.Diff(want, r.added); diff != "" {
		t.Errorf("added, -want +got\n%s", diff)
	}
	// A failed reset forgets nothing.
	r.fail = errors.New("no")
	if err := g.Reset(t.Context(), "open.test", []string{"www.open.test"}); !errors.Is(err, r.fail) {
		t.Errorf("%v", err)
	}
	r.fail, r.cleared = nil, nil
	if err := g.Reset(t.Context(), "open.test", []string{"www.open.test", "never.open.test"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"open.test. *.www.open.test.", "open.test. never.open.test.", "open.test. www.open.test.", "open.test. x.www.open.test."}, r.cleared); diff != "" {
		t.Errorf("cleared, -want +got\n%s", diff)
	}
	// The apex: what is left below it, and its own types without SOA and NS.
	r.cleared = nil
	if err := g.Reset(t.Context(), "open.test", []string{"open.test"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"open.test. open.test.", "open.test. ww2.open.test."}, r.cleared); diff != "" {
		t.Errorf("cleared, -want +got\n%s", diff)
	}
	types := r.types["open.test."]
	if !slices.Contains(types, dns.TypeMX) || !slices.Contains(types, 65280) || slices.Contains(types, dns.TypeNS) || slices.Contains(types, dns.TypeSOA) {
		t.Errorf("types cleared at the apex: %v", types)
	}
}

// label and name make names around the domains: spelled in other ways, ending
// like them, with escapes in them.
func aroundDomains() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{
		"customer", "test", "open", "child", "evil", "www", "*", "_dmarc", "evilcustomer", "CUSTOMER", `\.`, `a\.b`, `\099ustomer`, `\046`, `\010`, " ", "", "xn--bcher-kva", "gone", "\n", ";", "(", `"`, "$ORIGIN",
	})
	return rapid.OneOf(
		rapid.SampledFrom([]string{"www.customer.test", "a.b.open.test.", "open.test", `\099.Open.TEST`, "x.child.open.test", "customer.test", "www.evilcustomer.test", `a\.customer.test`}),
		rapid.Custom(func(t *rapid.T) string {
			name := strings.Join(rapid.SliceOfN(piece, 0, 5).Draw(t, "labels"), rapid.SampledFrom([]string{".", ".", "", `\.`}).Draw(t, "dot"))
			return name + rapid.SampledFrom([]string{"", ".", ".customer.test", ".customer.test.", "customer.test.", ".open.test.", ".CHILD.open.test.", ".customer.test.evil.", ".customer\\.test."}).Draw(t, "end")
		}),
		rapid.String(),
	)
}

// TestNothingOutsideIsTouched: whatever is asked, what reaches the writer is
// in the zone that was named, that zone is one of the target's, and the apex
// keeps its SOA and NS. The oracle compares octets of the wire form and shares
// no code with the guard.
func TestNothingOutsideIsTouched(t *testing.T) {
	added, cleared := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		r := &recorder{}
		g := newGuard(domains, r)
		for range rapid.IntRange(20, 60).Draw(t, "steps") {
			zone := rapid.OneOf(rapid.SampledFrom([]string{"customer.test", "open.test.", "CHILD.open.test", "gone.test"}), aroundDomains()).Draw(t, "zone")
			below := rapid.Map(rapid.SampledFrom([]string{"", "a.", "*.b.", `\099.`, `x\.`, "evil", "child."}), func(label string) string { return label + zone })
			names := rapid.SliceOfN(rapid.OneOf(below, below, aroundDomains()), 1, 2).Draw(t, "names")
			rest := rapid.SampledFrom([]string{" 60 IN A 192.0.2.1", " 60 IN A 192.0.2.2", ". 60 IN A 192.0.2.3", ". 60 IN A 192.0.2.4", " 60 IN NS ns.evil.", " 60 IN SOA a. b. 1 2 3 4 5", ` 60 IN TXT "a"`, "",
				" 60 IN TXT ( a\nevil. 60 IN A 192.0.2.1 )", " 60 IN A 192.0.2.1\nevil. 60 IN A 192.0.2.1"}).Draw(t, "data")
			var records []string
			for _, name := range names {
				records = append(records, name+rest)
			}
			before := len(r.added)
			if err := g.Seed(t.Context(), zone, records); err == nil && len(r.added) != before+len(records) {
				t.Fatalf("%d records became %q", len(records), r.added[before:])
			}
			_ = g.Reset(t.Context(), zone, names)
		}
		added, cleared = added+len(r.added), cleared+len(r.cleared)
		for _, line := range slices.Concat(r.added, r.cleared) {
			in, rest, _ := strings.Cut(line, " ")
			owner, kind := splitOwner(rest)
			inside(t, in, owner, kind)
		}
	})
	if added < 20 || cleared < 20 {
		t.Errorf("the property saw %d records added and %d names cleared only", added, cleared)
	}
}

// splitOwner takes the owner off a line; a blank behind a backslash is in it.
func splitOwner(line string) (owner, rest string) {
	for i := range len(line) {
		if line[i] == ' ' && (i == 0 || line[i-1] != '\\') {
			return line[:i], line[i+1:]
		}
	}
	return line, ""
}

func inside(t *rapid.T, zone, owner, rest string) {
	t.Helper()
	var allowed bool
	for _, d := range []string{"customer.test.", "open.test.", "child.open.test.", "xn--bcher-kva.test."} {
		allowed = allowed || zone == d
	}
	z, o := wire(t, zone), wire(t, owner)
	if !allowed || !bytes.HasSuffix(o, z) || !boundary(o, len(o)-len(z)) {
		t.Fatalf("%q in zone %q is touched", owner, zone)
	}
	if c := wire(t, "child.open.test."); zone == "open.test." && bytes.HasSuffix(o, c) && boundary(o, len(o)-len(c)) {
		t.Fatalf("%q of the child zone is touched through its parent", owner)
	}
	if bytes.Equal(o, z) && (zone != "open.test." || strings.Contains(rest, " NS ") || strings.Contains(rest, " SOA ")) {
		t.Fatalf("the apex of %q is touched by %q", zone, rest)
	}
}

// wire is the wire form in lower case.
func wire(t *rapid.T, name string) []byte {
	t.Helper()
	buf := make([]byte, 300)
	n, err := dns.PackDomainName(name, buf, 0, nil, false)
	if err != nil {
		t.Fatalf("%q reached the writer: %v", name, err)
	}
	return bytes.ToLower(buf[:n])
}

// boundary reports whether a label begins at an offset.
func boundary(name []byte, offset int) bool {
	at := 0
	for at < offset {
		at += int(name[at]) + 1
	}
	return at == offset
}
