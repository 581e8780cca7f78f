package zone_test

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

func ExamplePlan() {
	z, err := zone.Parse("example.com", strings.NewReader(`
@   3600 A   192.0.2.1
@   3600 TXT "v=spf1 a -all"
`), "example.com.zone")
	if err != nil {
		fmt.Println(err)
		return
	}
	a, err := dns.NewRR("example.com. 600 IN A 203.0.113.1")
	if err != nil {
		fmt.Println(err)
		return
	}
	change, conflicts, err := zone.Plan(z, []dc.Resolved{
		{Index: 0, Owner: "example.com.", Type: "A", TTL: 600, RR: a},
		{Index: 1, Owner: "example.com.", Type: dc.TypeSPFM, Value: "include:spf.example.net"},
	}, nil, dc.Rules{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range conflicts {
		fmt.Println("conflict:", c.Record, "by record", c.By+1, "because of", c.Reason)
	}
	after, err := change.Apply(z)
	if err != nil {
		fmt.Println(err)
		return
	}
	for r := range after.Records() {
		fmt.Println(r)
	}
	// Output:
	// conflict: example.com. 3600 IN A 192.0.2.1 by record 1 because of address
	// example.com. 600 IN A 203.0.113.1
	// example.com. 3600 IN TXT "v=spf1 a include:spf.example.net ~all"
}
