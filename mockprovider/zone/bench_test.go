package zone

import (
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// benchZone is a lived-in zone of ten records, filled up with other hosts.
func benchZone(b *testing.B, size int) *Zone {
	b.Helper()
	var text strings.Builder
	text.WriteString(apex + `
@ A 192.0.2.1
@ MX 10 mx1.example.net.
@ MX 20 mx2.example.net.
@ TXT "v=spf1 a include:spf.example.org ~all"
@ TXT "google-site-verification=abc"
www CNAME other.host.example.
mail A 192.0.2.3
`)
	for i := 10; i < size; i++ {
		fmt.Fprintf(&text, "h%d A 192.0.2.%d\n", i, i%250)
	}
	z := zoneOf(b, text.String())
	if z.Len() != size {
		b.Fatalf("%d records, want %d", z.Len(), size)
	}
	return z
}

// benchTemplate is what a hosting template does: a website and mail.
func benchTemplate(b *testing.B) []dc.Resolved {
	return template(b, "@ 1800 A 203.0.113.2", "www 1800 CNAME sites.example.net.", "@ 1800 TXT verify=123", "@ 0 SPFM include:spf.hoster.example")
}

var sizes = []int{10, 100_000}

func BenchmarkPlan(b *testing.B) {
	for _, size := range sizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			z, records := benchZone(b, size), benchTemplate(b)
			b.ReportAllocs()
			for b.Loop() {
				if _, conflicts, err := Plan(z, records, nil, dc.Rules{}); err != nil || len(conflicts) != 2 {
					b.Fatal(conflicts, err)
				}
			}
		})
	}
}

func BenchmarkApply(b *testing.B) {
	for _, size := range sizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			z := benchZone(b, size)
			change, _ := plan(b, z, benchTemplate(b))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := change.Apply(z); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRRset(b *testing.B) {
	for _, size := range sizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			z := benchZone(b, size)
			b.ReportAllocs()
			for b.Loop() {
				if len(z.RRset("mail.example.com.", dns.TypeA)) != 1 {
					b.Fatal("not found")
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		benchZone(b, 10)
	}
}
