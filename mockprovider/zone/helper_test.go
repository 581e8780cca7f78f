package zone

import (
	"errors"
	"iter"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// apex is what every test zone has, so that a real name server would load it.
const apex = `
@ 3600 IN SOA ns1.provider.test. hostmaster.provider.test. 1 7200 1800 1209600 3600
@ 3600 IN NS ns1.provider.test.
@ 3600 IN NS ns2.provider.test.
`

// zoneOf parses a zone of example.com.
func zoneOf(t testing.TB, text string) *Zone {
	t.Helper()
	z, err := Parse("example.com", strings.NewReader(text), "test.zone")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// template makes new records of example.com from lines "owner ttl type data".
// A TXT has its mode behind a slash: TXT/All, TXT/Prefix=ms=.
func template(t testing.TB, lines ...string) []dc.Resolved {
	t.Helper()
	return resolved(t, lines...)
}

// resolved is template for tests of properties too.
func resolved(t interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}, lines ...string) []dc.Resolved {
	t.Helper()
	var list []dc.Resolved
	for i, line := range lines {
		f := strings.SplitN(line, " ", 4)
		if len(f) != 4 {
			t.Fatalf("%q is not: owner ttl type data", line)
		}
		ttl, err := strconv.ParseUint(f[1], 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		owner := f[0] + ".example.com."
		if f[0] == "@" {
			owner = "example.com."
		}
		typ, mode, _ := strings.Cut(f[2], "/")
		r := dc.Resolved{Index: i, Owner: owner, Type: typ, TTL: uint32(ttl)}
		mode, r.TXTPrefix, _ = strings.Cut(mode, "=")
		r.TXTMode = map[string]dc.TXTMode{"": dc.TXTNone, "All": dc.TXTAll, "Prefix": dc.TXTPrefix}[mode]
		if typ == dc.TypeSPFM || extension(typ) {
			r.Value = f[3]
		} else if r.RR, err = dns.NewRR(owner + " " + f[1] + " IN " + typ + " " + f[3]); err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	return list
}

// plan plans under zero rules and fails on an error.
func plan(t testing.TB, z *Zone, records []dc.Resolved) (Change, []Conflict) {
	t.Helper()
	change, conflicts, err := Plan(z, records, nil, dc.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	return change, conflicts
}

// apply applies and fails on an error.
func apply(t testing.TB, z *Zone, c Change) *Zone {
	t.Helper()
	next, err := c.Apply(z)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// text writes records as a zone file would, with example.com taken off and
// without what apex puts in.
func text(records iter.Seq[Record]) []string {
	var list []string
	for r := range records {
		if strings.Contains(r.Data, "provider.test.") {
			continue
		}
		list = append(list, short(r))
	}
	return list
}

func short(r Record) string {
	owner := strings.TrimSuffix(r.Owner, ".example.com.")
	if r.Owner == "example.com." {
		owner = "@"
	}
	return strings.Replace(r.String(), r.Owner+" ", owner+" ", 1)
}

// complaints writes conflicts as "owner type data: reason".
func complaints(conflicts []Conflict) []string {
	var list []string
	for _, c := range conflicts {
		f := strings.SplitN(short(c.Record), " ", 5)
		list = append(list, f[0]+" "+f[3]+" "+f[4]+": "+string(c.Reason))
	}
	return list
}

// same compares lists, nil and empty alike.
func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// refused checks class and whole text of an error.
func refused(t testing.TB, err error, class dc.ErrorClass, message string) {
	t.Helper()
	if !errors.Is(err, &dc.Error{Class: class}) || err.Error() != message {
		t.Errorf("error: got %v\nwant class %s: %s", err, class, message)
	}
}
