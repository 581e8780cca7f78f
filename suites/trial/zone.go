package trial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/match"
	"github.com/dcconform/dcconform/suites/observe"
)

// observed are the types that are asked for at every name of a case.
var observed = []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeCNAME, dns.TypeMX, dns.TypeTXT, dns.TypeNS, dns.TypeSRV, dns.TypeCAA}

// Watch adds names to what is observed: relative to the case's root, or
// absolute with a dot at the end.
func (t *Trial) Watch(names ...string) {
	for _, n := range names {
		if n = t.absolute(t.expand(n)); !slices.Contains(t.watched, n) {
			t.watched = append(t.watched, n)
		}
	}
}

func (t *Trial) absolute(owner string) string {
	switch {
	case owner == "@":
		return strings.ToLower(t.Root()) + "."
	case strings.HasSuffix(owner, "."):
		return strings.ToLower(owner)
	}
	return strings.ToLower(owner + "." + t.Root() + ".")
}

func (t *Trial) watchRecords(records []string) {
	for _, r := range records {
		if owner, _, ok := strings.Cut(strings.TrimSpace(r), " "); ok {
			t.Watch(owner)
		}
	}
}

// Records are records of a case, absolute and canonical: "www 600 A 192.0.2.1"
// becomes "www.dcc7.example.com. 600 IN A 192.0.2.1". A record that cannot be
// read is a harness-error.
func (t *Trial) Records(records ...string) []string {
	lines := make([]string, 0, len(records))
	for _, r := range records {
		owner, rest, _ := strings.Cut(strings.TrimSpace(t.expand(r)), " ")
		seen, err := observe.Parse(t.absolute(owner) + " " + strings.TrimSpace(rest))
		t.Broken(err)
		lines = append(lines, seen.String())
	}
	slices.Sort(lines)
	return lines
}

// Zone is what the name servers have at the watched names now.
func (t *Trial) Zone() []string {
	lines, err := t.World.Zones.Snapshot(t.Context(), t.watched, observed)
	if err != nil {
		t.Interrupted(err)
		t.Inconclusive("no-dns", "the target's name servers cannot be asked: "+err.Error())
	}
	return lines
}

// wait takes snapshots until accept is content or the time is up.
func (w *World) wait(t *Trial, accept func([]string) bool) []string {
	lines, err := w.Zones.WaitFor(t.Context(), t.watched, observed, accept)
	if err != nil {
		t.Interrupted(err)
		t.Inconclusive("no-dns", "the target's name servers cannot be asked: "+err.Error())
	}
	return lines
}

// Holds states that the watched names come to hold exactly the records, TTLs
// aside. It waits for them, up to the target's limit for propagation.
func (t *Trial) Holds(id string, about check.About, records ...string) {
	t.watchRecords(records)
	want := withoutTTL(t.Records(records...))
	got := t.World.wait(t, func(lines []string) bool { return slices.Equal(withoutTTL(lines), want) })
	t.Record("zone", "the zone at "+strings.Join(t.watched, ", "), []byte(strings.Join(got, "\n")+"\n"))
	about.Expected = append(about.Expected, want...)
	t.Require(id, withoutTTL(got), match.Records(want...), about)
}

// HoldsTTL is Holds with TTLs compared.
func (t *Trial) HoldsTTL(id string, about check.About, records ...string) {
	t.watchRecords(records)
	want := t.Records(records...)
	got := t.World.wait(t, func(lines []string) bool { return slices.Equal(lines, want) })
	t.Record("zone", "the zone at "+strings.Join(t.watched, ", "), []byte(strings.Join(got, "\n")+"\n"))
	about.Expected = append(about.Expected, want...)
	t.Require(id, got, match.Records(want...), about)
}

// withoutTTL writes * for every TTL, keeping the order sorted.
func withoutTTL(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		parts := strings.SplitN(l, " ", 3)
		if len(parts) == 3 {
			l = parts[0] + " * " + parts[2]
		}
		out[i] = l
	}
	slices.Sort(out)
	return out
}

// Seed puts records into the zone by the provider's own means and waits until
// they are seen. The case has to say that it Seeds.
func (t *Trial) Seed(records ...string) {
	if !t.spec.Seeds {
		t.Broken(fmt.Errorf("case %s seeds without saying so", t.spec.Key))
	}
	t.watchRecords(records)
	lines := t.Records(records...)
	t.Broken(t.World.created(t, "seed"))
	t.Broken(t.World.Seeder.Seed(t.Context(), t.Domain(), lines))
	want := withoutTTL(lines)
	got := t.World.wait(t, func(lines []string) bool { return len(match.Missing(want, withoutTTL(lines))) == 0 })
	if missing := match.Missing(want, withoutTTL(got)); len(missing) > 0 {
		t.Inconclusive("seed-not-seen", "records that were seeded do not show: "+strings.Join(missing, ", "))
	}
}

// created notes what is about to be written.
func (w *World) created(t *Trial, template string) error {
	if w.Created == nil {
		return nil
	}
	return w.Created(t.Domain(), t.Host(), template, t.Result().ID)
}

// difference words what changed between two lists of records.
func difference(before, after []string) string {
	return "missing: " + strings.Join(match.Missing(before, after), ", ") + "; not expected: " + strings.Join(match.Missing(after, before), ", ")
}
