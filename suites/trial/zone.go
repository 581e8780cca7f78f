package trial

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"
	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/match"
	"github.com/dcconform/dcconform/suites/observe"
)

// observed are the types that are asked for at every name of a case, beside
// those of the records that it is about.
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

// Observe adds types to what is observed: mnemonics, or TYPEnnn. Those of the
// records of the case's templates, and of records that a statement names, are
// observed anyway.
func (t *Trial) Observe(types ...string) {
	for _, name := range types {
		code, known := dns.StringToType[name]
		if digits, numbered := strings.CutPrefix(name, "TYPE"); !known && numbered {
			n, err := strconv.ParseUint(digits, 10, 16)
			t.Broken(err)
			code = uint16(n)
		}
		if code == 0 {
			t.Broken(fmt.Errorf("%q is no record type that can be observed", name))
		}
		if !slices.Contains(t.types, code) {
			t.types = append(slices.Clip(t.types), code)
		}
	}
}

func (t *Trial) watchRecords(records []string) {
	for _, r := range records {
		if f := strings.Fields(r); len(f) > 2 {
			t.Watch(f[0])
			t.Observe(f[2])
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
	seen, err := t.World.snapshot(t)
	t.unobserved(err)
	t.seen = t.without(seen.Lines())
	return t.seen
}

// unobserved ends the case when the name servers cannot tell.
func (t *Trial) unobserved(err error) {
	var split *observe.DisagreementError
	t.Interrupted(err)
	t.spared(err)
	switch {
	case err == nil:
	case errors.As(err, &split):
		t.Inconclusive("servers-disagree", err.Error())
	default:
		t.Inconclusive("no-dns", "the target's name servers cannot be asked: "+err.Error())
	}
}

// without leaves out what every zone has at its apex.
func (t *Trial) without(lines []string) []string {
	apex := strings.ToLower(t.Domain()) + "."
	return slices.DeleteFunc(lines, func(l string) bool {
		f := strings.Fields(l)
		return f[0] == apex && f[3] == "NS"
	})
}

// compare waits for the wanted lines in the form that shape gives, and states
// that they came.
func (t *Trial) compare(id string, about check.About, want []string, shape func([]string) []string) {
	got, problem := t.World.await(t, wayJudged, func(lines []string) bool { return slices.Equal(shape(lines), want) })
	t.Record("zone", "the zone at "+strings.Join(t.watched, ", "), []byte(strings.Join(got, "\n")+"\n"))
	about.Expected = append(about.Expected, want...)
	if len(want) == 0 {
		about.Expected = append(about.Expected, "no records")
	}
	if slices.Equal(shape(got), want) && problem != nil {
		about.Actual = problem.Error()
		t.Require(id, problem, gomega.BeNil(), about)
		return
	}
	if problem != nil && about.Mend == "" && t.World.Zones.Settled == nil {
		about.Mend = fmt.Sprintf("The name servers were watched for %s. Where changes are published later than that, raise limits.propagation in target.yaml.", t.World.Target.Limits.Propagation)
	}
	t.Require(id, shape(got), match.Records(want...), about)
}

// Holds states that the watched names come to hold exactly the records, TTLs
// aside. It waits for them, up to the target's limit for propagation.
func (t *Trial) Holds(id string, about check.About, records ...string) {
	t.watchRecords(records)
	t.compare(id, about, withoutTTL(t.Records(records...)), withoutTTL)
}

// HoldsTTL is Holds with TTLs compared.
func (t *Trial) HoldsTTL(id string, about check.About, records ...string) {
	t.watchRecords(records)
	t.compare(id, about, t.Records(records...), slices.Clone[[]string])
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
	t.Broken(t.World.created(t, "seed", ""))
	t.Broken(t.World.Seeder.Seed(t.Context(), t.Domain(), t.verbatim(records)))
	want := withoutTTL(lines)
	got, _ := t.World.wait(t, func(lines []string) bool { return len(match.Missing(want, withoutTTL(lines))) == 0 })
	if missing := match.Missing(want, withoutTTL(got)); len(missing) > 0 {
		t.Inconclusive("seed-not-seen", "records that were seeded do not show: "+strings.Join(missing, ", "))
	}
}

// verbatim are records with absolute owners and their data as it was written:
// into which strings a text is cut may be what a case is about.
func (t *Trial) verbatim(records []string) []string {
	lines := make([]string, 0, len(records))
	for _, r := range records {
		owner, rest, _ := strings.Cut(strings.TrimSpace(t.expand(r)), " ")
		ttl, data, _ := strings.Cut(strings.TrimSpace(rest), " ")
		lines = append(lines, t.absolute(owner)+" "+ttl+" IN "+strings.TrimSpace(data))
	}
	return lines
}

// difference words what changed between two lists of records.
func difference(before, after []string) string {
	return "missing: " + strings.Join(match.Missing(before, after), ", ") + "; not expected: " + strings.Join(match.Missing(after, before), ", ")
}

// Settle waits until the records are seen, TTLs aside, whatever else there is;
// it states nothing, and returns when the time is up.
func (t *Trial) Settle(records ...string) {
	t.watchRecords(records)
	want := withoutTTL(t.Records(records...))
	_, _ = t.World.wait(t, func(lines []string) bool { return len(match.Missing(want, withoutTTL(lines))) == 0 })
}

// Missing are those of the records that are not seen now, TTLs aside.
func (t *Trial) Missing(records ...string) []string {
	t.watchRecords(records)
	return match.Missing(withoutTTL(t.Records(records...)), withoutTTL(t.Zone()))
}

// Present are those of the records that are seen now, TTLs aside.
func (t *Trial) Present(records ...string) []string {
	missing := t.Missing(records...)
	return slices.DeleteFunc(withoutTTL(t.Records(records...)), func(l string) bool { return slices.Contains(missing, l) })
}

// Remaining waits until the records are no longer there, TTLs aside, and returns
// those that are there in the end.
func (t *Trial) Remaining(records ...string) []string {
	t.watchRecords(records)
	want := withoutTTL(t.Records(records...))
	lines, _ := t.World.wait(t, func(lines []string) bool { return len(match.Missing(want, withoutTTL(lines))) == len(want) })
	missing := match.Missing(want, withoutTTL(lines))
	return slices.DeleteFunc(want, func(l string) bool { return slices.Contains(missing, l) })
}

// Gone states that the records are no longer there, TTLs aside, and waits for
// it.
func (t *Trial) Gone(id string, about check.About, records ...string) {
	if len(records) == 0 {
		return
	}
	t.watchRecords(records)
	want := withoutTTL(t.Records(records...))
	lines, problem := t.World.wait(t, func(lines []string) bool { return len(match.Missing(want, withoutTTL(lines))) == len(want) })
	missing := match.Missing(want, withoutTTL(lines))
	left := slices.DeleteFunc(slices.Clone(want), func(l string) bool { return slices.Contains(missing, l) })
	about.Expected = append(about.Expected, "these records are taken away: "+strings.Join(want, ", "))
	about.Actual = "still there: " + strings.Join(left, ", ")
	t.Require(id, left, gomega.BeEmpty(), about)
	if problem != nil {
		about.Actual = problem.Error() // One name server has taken them away, and another has not.
		t.Require(id, problem, gomega.BeNil(), about)
	}
}

// Stays states that the records are still there, TTLs aside.
func (t *Trial) Stays(id string, about check.About, records ...string) {
	missing := t.Missing(records...)
	about.Expected = append(about.Expected, "these records stay: "+strings.Join(withoutTTL(t.Records(records...)), ", "))
	about.Actual = "no longer there: " + strings.Join(missing, ", ")
	t.Require(id, missing, gomega.BeEmpty(), about)
}

// Answers asks every name server for the name and type of a record.
func (t *Trial) Answers(record string) []observe.Answer {
	seen, err := observe.Parse(t.Records(record)[0])
	t.Broken(err)
	answers, err := t.World.Zones.AskAll(t.Context(), seen.Owner, dns.StringToType[seen.Type])
	t.unobserved(err)
	return answers
}

// NameServers are the NS records at the apex of the case's zone, without a dot
// at the end, sorted.
func (t *Trial) NameServers() []string {
	answers, err := t.World.Zones.AskAll(t.Context(), t.Domain(), dns.TypeNS)
	t.unobserved(err)
	var names []string
	for _, r := range answers[0].Of(dns.TypeNS) {
		names = append(names, strings.TrimSuffix(r.Data, "."))
	}
	slices.Sort(names)
	return names
}
