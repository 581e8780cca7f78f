package instance_test

import (
	"errors"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/instance"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// What is written down is read as it was: of groups, none at all is another
// thing than an empty list.
func TestWrittenDown(t *testing.T) {
	instances := []zone.Instance{
		{Identity: zone.Identity{Provider: "a.test", Service: "s", Domain: "example.com", Host: "www", ID: "i1"}, Groups: []string{"g"}, Records: []zone.Written{
			{Record: zone.Record{Owner: "www.example.com.", Type: "A", TTL: 60, Data: "192.0.2.1"}, Group: "g", Before: true},
			{Record: zone.Record{Owner: "example.com.", Type: "SPFM", TTL: 0, Data: "include:a.test"}, OnApply: true, Base: `"v=spf1 -all"`},
		}},
		{Identity: zone.Identity{Provider: "a.test", Service: "t", Domain: "example.com"}, Groups: []string{}},
		{Identity: zone.Identity{Provider: "a.test", Service: "u", Domain: "example.com"}},
	}
	text, err := json.Marshal(instance.Of(instances))
	if err != nil {
		t.Fatal(err)
	}
	const want = `[{"provider":"a.test","service":"s","domain":"example.com","host":"www","id":"i1","groups":["g"],"records":[` +
		`{"record":"www.example.com. 60 IN A 192.0.2.1","group":"g","before":true},` +
		`{"record":"example.com. 0 IN SPFM include:a.test","essential":"OnApply","base":"\"v=spf1 -all\""}]},` +
		`{"provider":"a.test","service":"t","domain":"example.com","groups":[],"records":[]},{"provider":"a.test","service":"u","domain":"example.com","records":[]}]`
	if string(text) != want {
		t.Errorf("it is\n%s\nwant\n%s", text, want)
	}
	var list []instance.Instance
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	got, err := instance.Read(list, "Example.COM.")
	if diff := cmp.Diff(instances, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestUnreadable(t *testing.T) {
	for want, records := range map[string][]instance.Written{
		`record 1 of instance 1: essential is "Never"; there are Always and OnApply`: {{Record: "@ 60 IN A 192.0.2.1", Essential: "Never"}},
		`record 2 of instance 1: "" holds 0 records; one is expected`:                {{Record: "@ 60 IN A 192.0.2.1", Essential: "Always"}, {}},
		`record 1 of instance 1: "a 60 TXT x\nb 60 TXT y" holds 2 records; one is expected`: {
			{Record: "a 60 TXT x\nb 60 TXT y"}},
		`record 1 of instance 1: record:1: www.example.org. is outside the zone example.com.`: {{Record: "www.example.org. 60 IN A 192.0.2.1"}},
		`record 1 of instance 1: "@ -1 IN SPFM a" is no record; an SPFM is written like "example.com. 0 IN SPFM include:spf.example.net"`: {
			{Record: "@ -1 IN SPFM a"}},
	} {
		_, err := instance.Read([]instance.Instance{{Provider: "a", Service: "b", Records: records}}, "example.com")
		if e, ok := errors.AsType[*dc.Error](err); !ok || e.Class != dc.ErrInput || e.Message != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	for want, i := range map[string]instance.Instance{
		`record 2 of instance 1: its group "g3" is not among those that were applied: g1, g2`: {Groups: []string{"g1", "g2"},
			Records: []instance.Written{{Record: "@ 60 IN A 192.0.2.1"}, {Record: "@ 60 IN A 192.0.2.2", Group: "g3"}}},
		`record 1 of instance 1: only an SPFM has a base, and "@ 60 IN A 192.0.2.1" is none`: {Records: []instance.Written{{Record: "@ 60 IN A 192.0.2.1", Base: `"v=spf1 -all"`}}},
	} {
		i.Provider, i.Service = "a", "b"
		if _, err := instance.Read([]instance.Instance{i}, "example.com"); err == nil || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	for _, nameless := range []instance.Instance{{Service: "b"}, {Provider: "a"}} {
		if _, err := instance.Read([]instance.Instance{nameless}, "example.com"); err == nil || err.Error() != "instance 1 has no provider or no service" {
			t.Errorf("%v", err)
		}
	}
}
