package zone

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// seeds reads the lines of a seed file; an empty one fails.
func seeds(t testing.TB, name string) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "seeds", name))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for block := range strings.SplitSeq(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n--\n") {
		if strings.TrimSpace(block) != "" {
			list = append(list, strings.TrimSuffix(block, "\n"))
		}
	}
	if len(list) < 5 {
		t.Fatalf("testdata/seeds/%s has %d seeds; a fuzz target needs some to start from", name, len(list))
	}
	return list
}

func TestSeeds(t *testing.T) {
	for _, name := range []string{"spf.txt", "zone.txt", "plan.txt"} {
		seeds(t, name)
	}
	good := 0
	for _, s := range seeds(t, "zone.txt") {
		if _, err := Parse("example.com", strings.NewReader(s), ""); err == nil {
			good++
		}
	}
	if good < 3 {
		t.Errorf("%d zone seeds parse, want at least 3", good)
	}
}

// FuzzParseSPF: a record that parses merges with itself without a change in
// its terms, and what a merge writes parses again and ends in one all.
func FuzzParseSPF(f *testing.F) {
	for _, s := range seeds(f, "spf.txt") {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, old, rules string) {
		terms, err := parseSPFRules(rules)
		if err != nil {
			return
		}
		base := parseSPFSet(old)
		if base.err != nil {
			base = &spfSet{}
		}
		text, lookups, _, err := mergeSPF(base, terms)
		if err != nil {
			return
		}
		rest, ok := spfRecord(text)
		if !ok {
			t.Fatalf("%q is no SPF record", text)
		}
		again := parseSPFSet(rest)
		if again.err != nil || !again.clean || again.all == 0 || !strings.HasSuffix(text, "all") {
			t.Fatalf("%q: %+v", text, again)
		}
		for _, term := range slices.Concat(base.terms, terms) {
			if !slices.ContainsFunc(again.terms, func(m spfTerm) bool {
				return m.key == term.key && restriction(m.qualifier) <= restriction(term.qualifier)
			}) {
				t.Fatalf("%q lost %s", text, term)
			}
		}
		if _, more, changed, err := mergeSPF(again, terms); changed || err != nil || more != lookups {
			t.Fatalf("%q merged once more: changed %v, %d and %d look-ups, %v", text, changed, lookups, more, err)
		}
	})
}

// FuzzParseZone: whatever parses is printed and read back the same, and every
// error is a zone error with file and line.
func FuzzParseZone(f *testing.F) {
	for _, s := range seeds(f, "zone.txt") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		z, err := Parse("example.com", strings.NewReader(text), "f")
		if err != nil {
			if !errors.Is(err, &dc.Error{Class: dc.ErrZone}) || !strings.HasPrefix(err.Error(), "f:") {
				t.Fatalf("%v", err)
			}
			return
		}
		list := slices.Collect(z.Records())
		again, err := Parse("example.com", strings.NewReader(strings.Join(textOf(list), "\n")), "f")
		if err != nil {
			t.Fatalf("%v\n%s", err, strings.Join(textOf(list), "\n"))
		}
		if got := slices.Collect(again.Records()); !slices.Equal(got, list) {
			t.Fatalf("printed and read back:\n%s\n%s", strings.Join(textOf(list), "\n"), strings.Join(textOf(got), "\n"))
		}
		for _, r := range list {
			if !z.Exists(r.Owner) || !slices.Contains(slices.Collect(z.At(r.Owner)), r) {
				t.Fatalf("%s is not found at its owner", r)
			}
		}
	})
}

// FuzzPlan: two texts of records, the second taken as a template; a plan that
// is made can be applied, and then has nothing more to do.
func FuzzPlan(f *testing.F) {
	for _, s := range seeds(f, "plan.txt") {
		zone, template, _ := strings.Cut(s, "\n=>\n")
		f.Add(zone, template, "a include:x.test")
	}
	f.Fuzz(func(t *testing.T, zone, template, rules string) {
		z, err := Parse("example.com", strings.NewReader(zone), "")
		if err != nil {
			return
		}
		from, err := Parse("example.com", strings.NewReader(template), "")
		if err != nil {
			return
		}
		var records []dc.Resolved
		for r := range from.Records() {
			res := dc.Resolved{Index: len(records), Owner: r.Owner, Type: r.Type, TTL: r.TTL, Value: r.Data}
			res.TXTMode, res.TXTPrefix = dc.TXTMode(len(r.Data)%3), r.Data[:min(len(r.Data), 2)]
			if e, err := newEntry(r); err == nil && e.rr != nil {
				res.RR = e.rr
			}
			records = append(records, res)
		}
		if rules != "" {
			records = append(records, dc.Resolved{Index: len(records), Owner: "example.com.", Type: dc.TypeSPFM, Value: rules})
		}
		change, _, err := Plan(z, records, nil, dc.Rules{})
		if err != nil {
			return
		}
		after, err := change.Apply(z)
		if err != nil {
			t.Fatal(err)
		}
		if again, conflicts, err := Plan(after, records, nil, dc.Rules{}); err != nil || !again.Empty() || len(conflicts) > 0 {
			t.Fatalf("applied once more: %+v, %v, %v", again, conflicts, err)
		}
		if got := len(after.RRset("example.com.", dns.TypeNS)); got != len(z.RRset("example.com.", dns.TypeNS)) {
			t.Fatalf("%d NS at the apex, before %d", got, len(z.RRset("example.com.", dns.TypeNS)))
		}
	})
}
