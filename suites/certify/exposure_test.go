package certify

import (
	"slices"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
)

// A field that holds nothing beside variables is chosen whole, however many
// they are.
func TestExposures(t *testing.T) {
	template, err := dc.Parse("t.json", []byte(`{"providerId":"a.example","providerName":"A","serviceId":"s","serviceName":"S","records":[
		{"type":"TXT","host":"%a%%b%","data":"x=%c%","ttl":600},
		{"type":"A","host":"www","pointsTo":"%d%.%e%.%f%.%g%","ttl":600},
		{"type":"A","host":"app","pointsTo":"192.0.2.%h%","ttl":600},
		{"type":"CNAME","host":"%i%","pointsTo":"%j%.a.example","ttl":600}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range Exposures(resolve.Variables(template, nil)) {
		got = append(got, e.String())
	}
	want := []string{
		"record 1 (TXT): %a% chooses the whole name, anywhere in the zone",
		"record 1 (TXT): %b% chooses the whole name, anywhere in the zone",
		"record 1 (TXT): %c% chooses a part of data",
		"record 2 (A): %d% chooses the whole pointsTo",
		"record 2 (A): %e% chooses the whole pointsTo",
		"record 2 (A): %f% chooses the whole pointsTo",
		"record 2 (A): %g% chooses the whole pointsTo",
		"record 3 (A): %h% chooses a part of pointsTo",
		"record 4 (CNAME): %i% chooses the whole name, anywhere in the zone",
		"record 4 (CNAME): %j% chooses a part of pointsTo",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}
