package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/dcconform/dcconform/mockprovider/fault"
	"github.com/dcconform/dcconform/mockprovider/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// managed is a store with its API.
type managed struct {
	t *testing.T
	*Client
	store  *store.Store
	server *httptest.Server
}

func manage(t *testing.T) managed {
	t.Helper()
	st := store.New(func() time.Time { return time.Date(2026, 10, 7, 12, 0, 0, 0, time.UTC) })
	h, err := New(Config{Store: st, URL: "https://mock.test:8443", Hosts: []string{"mock.test"}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	c := NewClient(server.URL + "/")
	t.Cleanup(func() {
		c.Close()
		server.Close()
	})
	return managed{t, c, st, server}
}

const siteTemplate = `{"providerId":"sp.test","providerName":"SP","serviceId":"site","serviceName":"Site","version":1,
	"records":[{"type":"A","host":"@","pointsTo":"%ip%","ttl":600}]}`

// create makes a tenant with one user and one zone.
func (m managed) create(name, zone string) Tenant {
	m.t.Helper()
	got, err := m.CreateTenant(m.t.Context(), NewTenant{
		Name: name, Users: []User{{"ann", "secret"}}, Zones: []NewZone{{Name: zone, Text: "www 300 A 192.0.2.1"}},
		Templates: []jsontext.Value{jsontext.Value(siteTemplate)},
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return got
}

// refused wants an error of a status and in full.
func refused(t *testing.T, err error, status int, want string) {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Status != status || e.Message != want {
		t.Errorf("got  %+v\nwant %d %s", err, status, want)
	}
}

// unknown is what the catalogue says to a name that it does not have.
func unknown(name string) string { return (&fault.UnknownError{Name: name}).Error() }

func TestTenants(t *testing.T) {
	m := manage(t)
	ctx := t.Context()
	got, err := m.CreateTenant(ctx, NewTenant{
		Name: "a", ProviderID: "p.test", ProviderName: "P", ProviderDisplayName: "The P", Discovery: "elsewhere.test/x",
		Edition: "dcspec-2.3", Query: "version", Users: []User{{"ann", "1"}, {"bob", "2"}},
		Zones:     []NewZone{{Name: "A.example", Text: "www 300 A 192.0.2.1"}, {Name: "b.example", Owner: "bob"}},
		Templates: []jsontext.Value{jsontext.Value(siteTemplate)}, Faults: []string{"any-zone"},
	})
	if err != nil {
		t.Fatal(err)
	}
	first := Tenant{
		Name: "a", URL: "https://mock.test:8443/t/a", ProviderID: "p.test", Edition: "dcspec-2.3", Users: []string{"ann", "bob"},
		Zones: []string{"a.example.", "b.example."}, Templates: []string{"sp.test/site"}, Faults: []string{"any-zone"},
	}
	if diff := cmp.Diff(first, got); diff != "" {
		t.Error(diff)
	}
	if _, err = m.CreateTenant(ctx, NewTenant{}); err != nil {
		t.Fatal(err)
	}
	bare := Tenant{URL: "https://mock.test:8443", Edition: "ietf-05", Users: []string{}, Zones: []string{}, Templates: []string{}, Faults: []string{}}
	all, err := m.Tenants(ctx)
	if diff := cmp.Diff([]Tenant{bare, first}, all); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if one, err := m.Tenant(ctx, ""); err != nil || cmp.Diff(bare, one) != "" {
		t.Errorf("%v, %+v", err, one)
	}
	held, _ := m.store.Tenant("a")
	c := held.Config()
	if c.Query != store.QueryVersion || c.ProviderName != "P" || c.ProviderDisplayName != "The P" || !c.Faults.AnyZone ||
		!held.Authenticate("bob", "2") || c.Zones[0].Owner != "ann" || c.Zones[1].Owner != "bob" {
		t.Errorf("the store has %+v", c)
	}
	if got, err = m.SetTemplates(ctx, "a"); err != nil || len(got.Templates) != 0 {
		t.Errorf("%v, %v", err, got.Templates)
	}
	if got, err = m.SetTemplates(ctx, "a", []byte(siteTemplate)); err != nil || cmp.Diff([]string{"sp.test/site"}, got.Templates) != "" {
		t.Errorf("%v, %v", err, got.Templates)
	}
	if err := m.DeleteTenant(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	_, err = m.Tenant(ctx, "a")
	refused(t, err, 404, `there is no tenant "a"`)
	refused(t, m.DeleteTenant(ctx, "a"), 404, `there is no tenant "a"`)
	if _, there := m.store.Zone("a.example"); there {
		t.Error("the zone of the tenant is still there")
	}
}

func TestTenantRefusals(t *testing.T) {
	m := manage(t)
	m.create("taken", "taken.example")
	for _, c := range []struct {
		n      NewTenant
		status int
		want   string
	}{
		{NewTenant{Name: "taken"}, 409, `tenant "taken" exists already: remove it first, or choose another name`},
		{NewTenant{Name: "@"}, 400, `tenant name "@": '@' is not allowed: it is part of a URL path; use letters, digits and hyphens`},
		{NewTenant{Edition: "v1"}, 400, `unknown edition "v1": the editions are ietf-05 and dcspec-2.3`},
		{NewTenant{Query: "all"}, 400, `unknown query mode "all": the modes are empty, version and template`},
		{NewTenant{Users: []User{{}}}, 400, `tenant "": user 1 has no name: an empty owner means a zone that no user may change, so every user needs a name`},
		{NewTenant{Zones: []NewZone{{}}}, 400, `a zone needs a name`},
		{NewTenant{Zones: []NewZone{{Name: "x.example", Text: "\nwww A 192.0.2.256"}}}, 400, `zone x.example:2: www.x.example. A: bad A A: "192.0.2.256"`},
		{NewTenant{Zones: []NewZone{{Name: "x.example", Owner: "eve"}}}, 400, `zone x.example: the tenant has no user "eve" who could own it`},
		{NewTenant{Zones: []NewZone{{Name: "taken.example"}}}, 400, `zone taken.example. is taken by tenant "taken": a DNS question names nothing but a zone, so zone names are unique in one mock; choose another name`},
		{NewTenant{Templates: []jsontext.Value{jsontext.Value(siteTemplate), jsontext.Value(strings.Replace(siteTemplate, `"records"`, `"record"`, 1))}}, 400, `templates[1]:1:1: the template has no records; add the member "records"`},
		{NewTenant{Faults: []string{"any-zoo"}}, 400, unknown("any-zoo")},
	} {
		_, err := m.CreateTenant(t.Context(), c.n)
		refused(t, err, c.status, c.want)
	}
	if all, err := m.Tenants(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%v, there are %v", err, all)
	}
}

func TestZones(t *testing.T) {
	m := manage(t)
	ctx := t.Context()
	m.create("", "a.example")
	const apex = `a.example. 3600 IN NS ns1.dcconform.example.
a.example. 3600 IN SOA ns1.dcconform.example. hostmaster.dcconform.example. %d 7200 900 1209600 60
`
	want := func(serial uint32, rest string) Zone {
		return Zone{Name: "a.example.", Owner: "ann", Serial: serial, Text: fmt.Sprintf(apex, serial) + rest}
	}
	expect := func(got Zone, err error, serial uint32, rest string) {
		t.Helper()
		if diff := cmp.Diff(want(serial, rest), got); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
	}
	z, err := m.Zone(ctx, "", "A.Example")
	expect(z, err, 1, "www.a.example. 300 IN A 192.0.2.1\n")
	z, err = m.ReplaceZone(ctx, "", "a.example.", "$TTL 60\nmail MX 5 mx.test.\nmail MX 10 mx2.test.\ntxt TXT \"a b\" \"c\"\n")
	const mail = "mail.a.example. 60 IN MX 10 mx2.test.\nmail.a.example. 60 IN MX 5 mx.test.\n"
	expect(z, err, 2, mail+"txt.a.example. 60 IN TXT \"a b\" \"c\"\n")
	z, err = m.ChangeRecords(ctx, "", "a.example", Records{
		Add:    []string{"new 60 A 192.0.2.9", "new.a.example. 60 AAAA 2001:db8::1"},
		Remove: []string{`txt TXT "a b" "c"`},
	})
	const added = mail + "new.a.example. 60 IN A 192.0.2.9\nnew.a.example. 60 IN AAAA 2001:db8::1\n"
	expect(z, err, 3, added)
	for _, c := range []struct {
		r      Records
		status int
		want   string
	}{
		{Records{Remove: []string{"new A 192.0.2.8"}}, 409, `zone a.example. has no record "new.a.example. 3600 IN A 192.0.2.8" to remove`},
		{Records{Add: []string{"x A 192.0.2.8", "mail MX 5 MX.test."}}, 409, `zone a.example. has the record "mail.a.example. 3600 IN MX 5 MX.test." already`},
		{Records{Add: []string{"x A 192.0.2.8", "x 5 A 192.0.2.8"}}, 400, `add[1] stands there twice: "x.a.example. 5 IN A 192.0.2.8"`},
		{Records{Add: []string{"x A 192.0.2.8\ny A 192.0.2.9"}}, 400, `add[0] holds 2 records: give one each`},
		{Records{Add: []string{""}}, 400, `add[0] holds 0 records: give one each`},
		{Records{Remove: []string{"x.b.example. A 192.0.2.8"}}, 400, `remove[0]:1: x.b.example. is outside the zone a.example.`},
		{Records{Remove: []string{"@ SOA ns1.dcconform.example. hostmaster.dcconform.example. 3 7200 900 1209600 60"}}, 409,
			`zone a.example.: the update took the SOA record out, without which a zone cannot be served`},
	} {
		_, err := m.ChangeRecords(ctx, "", "a.example", c.r)
		refused(t, err, c.status, c.want)
	}
	z, err = m.Zone(ctx, "", "a.example")
	expect(z, err, 3, added)
	// A record that is replaced: removed and added in one step.
	z, err = m.ChangeRecords(ctx, "", "a.example", Records{Remove: []string{"new A 192.0.2.9"}, Add: []string{"new 30 A 192.0.2.9"}})
	expect(z, err, 4, strings.Replace(added, "60 IN A ", "30 IN A ", 1))
	_, err = m.ReplaceZone(ctx, "", "a.example", "www A x")
	refused(t, err, 400, `zone a.example:1: www.a.example. A: bad A A: "x"`)
	_, err = m.ReplaceZone(ctx, "", "b.example", "")
	refused(t, err, 404, `tenant "" hosts no zone b.example.`)
	_, err = m.Zone(ctx, "", "www.a.example")
	refused(t, err, 404, `tenant "" hosts no zone www.a.example.`)
	// Its own SOA and NS count, when the text has them.
	z, err = m.ReplaceZone(ctx, "", "a.example", "@ 60 SOA ns. h. 40 1 1 1 1\n@ 60 NS ns.\n")
	if err != nil || z.Serial != 40 || z.Text != "a.example. 60 IN NS ns.\na.example. 60 IN SOA ns. h. 40 1 1 1 1\n" {
		t.Errorf("%v, %+v", err, z)
	}
}

func TestCreateZone(t *testing.T) {
	m := manage(t)
	m.create("a", "a.example")
	z, err := m.CreateZone(t.Context(), "a", NewZone{Name: "B.example", Text: "@ 60 NS ns.test.\n@ 60 SOA ns.test. h.test. 9 1 1 1 1"})
	want := Zone{Name: "b.example.", Owner: "ann", Serial: 9, Text: "b.example. 60 IN NS ns.test.\nb.example. 60 IN SOA ns.test. h.test. 9 1 1 1 1\n"}
	if diff := cmp.Diff(want, z); diff != "" || err != nil {
		t.Error(err, diff)
	}
	_, err = m.CreateZone(t.Context(), "a", NewZone{Name: "a.example"})
	refused(t, err, 409, `zone a.example. is taken by tenant "a": a DNS question names nothing but a zone, so zone names are unique in one mock; choose another name`)
	_, err = m.CreateZone(t.Context(), "a", NewZone{Name: "a..example"})
	refused(t, err, 400, `origin "a..example." is no domain name: labels have 1 to 63 octets, names at most 255`)
}

func TestFaults(t *testing.T) {
	m := manage(t)
	ctx := t.Context()
	m.create("a", "a.example")
	held, _ := m.store.Tenant("a")
	expect := func(framing, zones bool, want ...string) {
		t.Helper()
		got, err := m.Faults(ctx, "a")
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Error(err, diff)
		}
		if f := held.Config().Faults; f.AllowFraming != framing || f.AnyZone != zones {
			t.Errorf("in force: %+v", f)
		}
	}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	expect(false, false)
	do(m.SetFaults(ctx, "a", "framed-consent", "any-zone"))
	expect(true, true, "framed-consent", "any-zone")
	do(m.SwitchFault(ctx, "a", "framed-consent", false))
	do(m.SwitchFault(ctx, "a", "framed-consent", false))
	expect(false, true, "any-zone")
	do(m.SwitchFault(ctx, "a", "framed-consent", true))
	do(m.SwitchFault(ctx, "a", "framed-consent", true))
	expect(true, true, "any-zone", "framed-consent")
	refused(t, m.SetFaults(ctx, "a", "framed"), 400, unknown("framed"))
	refused(t, m.SwitchFault(ctx, "a", "framed", true), 400, unknown("framed"))
	refused(t, m.SwitchFault(ctx, "a", "framed", false), 400, unknown("framed"))
	expect(true, true, "any-zone", "framed-consent")
	do(m.SetFaults(ctx, "a"))
	expect(false, false)

	catalogue, err := m.Catalogue(ctx)
	if err != nil || len(catalogue) != len(fault.All()) {
		t.Fatalf("%v, %d faults, want %d", err, len(catalogue), len(fault.All()))
	}
	for i, f := range fault.All() {
		if diff := cmp.Diff(Fault{f.Name, f.Sentence, f.Requirements}, catalogue[i]); diff != "" || f.Sentence == "" {
			t.Error(diff)
		}
	}
}

func TestScript(t *testing.T) {
	m := manage(t)
	ctx := t.Context()
	m.create("", "a.example")
	var added []Waiting
	for _, s := range []Step{
		{Kind: "settings", Match: "a.*", Times: 2, Status: 503, Body: "later", Delay: Duration(1500 * time.Millisecond)},
		{Kind: "dns", Rcode: "servfail"},
		{Kind: "apply", Fault: "any-zone"},
		{Kind: "query", Close: true},
	} {
		w, err := m.AddStep(ctx, "", s)
		if err != nil {
			t.Fatal(err)
		}
		added = append(added, w)
	}
	want := []Waiting{
		{1, 2, Step{Kind: "settings", Match: "a.*", Status: 503, Body: "later", Delay: Duration(1500 * time.Millisecond)}},
		{2, 1, Step{Kind: "dns", Rcode: "SERVFAIL"}},
		{3, 1, Step{Kind: "apply", Fault: "any-zone"}},
		{4, 1, Step{Kind: "query", Close: true}},
	}
	if diff := cmp.Diff(want, added); diff != "" {
		t.Error(diff)
	}
	held, _ := m.store.Tenant("")
	if r, ok := held.NextStep("settings", "a.example"); !ok || r.Status != 503 || r.Delay != 1500*time.Millisecond || r.Body != "later" {
		t.Errorf("%v %+v", ok, r)
	}
	if r, ok := held.NextStep("apply", "x"); !ok || !held.Config().With(*r.Fault).Faults.AnyZone {
		t.Errorf("%v %+v", ok, r)
	}
	want[0].Left = 1
	left, err := m.Script(ctx, "")
	if diff := cmp.Diff([]Waiting{want[0], want[1], want[3]}, left); diff != "" || err != nil {
		t.Error(err, diff)
	}
	for _, c := range []struct {
		s    Step
		want string
	}{
		{Step{Kind: "settings"}, "the step does nothing: give it a delay, a status, an rcode, a fault, or let it close the connection"},
		{Step{Kind: "settings", Times: -1, Close: true}, "a step is for 1 to 1000000 requests, not for 0"},
		{Step{Kind: "dns", Rcode: "NOPE"}, `"NOPE" is no DNS response code that says no: SERVFAIL, REFUSED and NXDOMAIN are`},
		{Step{Kind: "dns", Rcode: "NOERROR"}, `"NOERROR" is no DNS response code that says no: SERVFAIL, REFUSED and NXDOMAIN are`},
		{Step{Kind: "dns", Fault: "any"}, unknown("any")},
	} {
		_, err := m.AddStep(ctx, "", c.s)
		refused(t, err, 400, c.want)
	}
	if err := m.ClearScript(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if left, err = m.Script(ctx, ""); err != nil || len(left) != 0 {
		t.Errorf("%v, %v", err, left)
	}
}

func TestKeys(t *testing.T) {
	m := manage(t)
	if err := m.PublishKey(t.Context(), "_dck1.keys.example", "p=1,a=RS256,d=abc", "p=2,d=def"); err != nil {
		t.Fatal(err)
	}
	z, _ := m.store.Zone("_dck1.keys.example")
	var got []string
	for r := range z.At("_dck1.keys.example.") {
		got = append(got, r.String())
	}
	if diff := cmp.Diff([]string{`_dck1.keys.example. 300 IN TXT "p=1,a=RS256,d=abc"`, `_dck1.keys.example. 300 IN TXT "p=2,d=def"`}, got); diff != "" {
		t.Error(diff)
	}
	refused(t, m.PublishKey(t.Context(), "example", "x"), 400,
		`key name "example.": a host label and the key domain are needed, as in _dck1.example.com`)
}

func TestNew(t *testing.T) {
	const want = "admin: Config.Store is nil; give the store that is to be managed"
	if _, err := New(Config{}); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestClientAgainstOthers is told what is wrong, where no API answers.
func TestClientAgainstOthers(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "@") {
			w.WriteHeader(http.StatusTeapot)
		}
		_, _ = io.WriteString(w, "hello")
	}))
	defer server.Close()
	c := NewClient(server.URL)
	defer c.Close()
	_, err := c.Tenant(context.Background(), "")
	refused(t, err, 418, "the management API answers with status 418 and no reason")
	_, err = c.Tenant(context.Background(), "a")
	if err == nil || !strings.HasPrefix(err.Error(), "GET /tenants/a: the answer is not what the management API answers: ") {
		t.Error(err)
	}
}
