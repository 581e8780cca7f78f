package mockprovider

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func started(tb testing.TB, p *Provider) *Provider {
	tb.Helper()
	if err := p.Start(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Errorf("Close: %v", err)
		}
	})
	return p
}

// tenant makes a tenant with one zone of alice's.
func tenant(tb testing.TB, p *Provider, name, origin string, records ...zone.Record) *store.Tenant {
	tb.Helper()
	z, err := zone.New(origin, records...)
	if err != nil {
		tb.Fatal(err)
	}
	t, err := p.NewTenant(store.TenantConfig{
		Name:  name,
		Users: []store.User{{Name: "alice", Password: "wonderland"}},
		Zones: []store.Hosted{{Zone: z, Owner: "alice"}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func get(tb testing.TB, c *http.Client, url string) (int, string) {
	tb.Helper()
	resp, err := c.Get(url)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func txt(tb testing.TB, addr, name string) []string {
	tb.Helper()
	m, err := dns.Exchange(new(dns.Msg).SetQuestion(name, dns.TypeTXT), addr)
	if err != nil {
		tb.Fatal(err)
	}
	lines := []string{dns.RcodeToString[m.Rcode]}
	for _, rr := range m.Answer {
		lines = append(lines, strings.Join(rr.(*dns.TXT).Txt, "|"))
	}
	return lines
}

func TestDiscoveryIsPublished(t *testing.T) {
	p := started(t, &Provider{})
	authority := strings.TrimPrefix(p.URL(), "https://")
	tenant(t, p, "one", "one.example")
	tenant(t, p, "", "default.example")
	tenant(t, p, "own", "own.example", zone.Record{Owner: "_domainconnect.own.example.", Type: "TXT", TTL: 60, Data: `"elsewhere.example"`})
	for name, c := range map[string]store.TenantConfig{
		"given.example": {Name: "given", Discovery: "dc.example.net:8443/path"},
		"none.example":  {Name: "none", Discovery: store.NoDiscovery},
	} {
		z, err := zone.New(name)
		if err != nil {
			t.Fatal(err)
		}
		keys, err := zone.New("keys." + name)
		if err != nil {
			t.Fatal(err)
		}
		c.Zones = []store.Hosted{{Zone: z, Owner: "alice"}, {Zone: keys}}
		if _, err := p.NewTenant(c); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string][]string{
		"_domainconnect.one.example.":        {"NOERROR", authority + "/t/one"},
		"_domainconnect.default.example.":    {"NOERROR", authority},
		"_domainconnect.own.example.":        {"NOERROR", "elsewhere.example"},
		"_domainconnect.given.example.":      {"NOERROR", "dc.example.net:8443/path"},
		"_domainconnect.keys.given.example.": {"NXDOMAIN"},
		"_domainconnect.none.example.":       {"NXDOMAIN"},
	} {
		if diff := cmp.Diff(want, txt(t, p.DNSAddr(), name)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestTenantsAreIsolated(t *testing.T) {
	p := started(t, &Provider{})
	one := tenant(t, p, "one", "one.example")
	tenant(t, p, "two", "two.example")
	for _, c := range []struct {
		path string
		want int
	}{
		{"/t/one/v2/one.example/settings", 200},
		{"/t/two/v2/two.example/settings", 200},
		{"/t/one/v2/two.example/settings", 404},
		{"/v2/one.example/settings", 404},
		{"/t/three/v2/one.example/settings", 404},
	} {
		if got, body := get(t, p.Client(), p.URL()+c.path); got != c.want {
			t.Errorf("%s: %d, want %d: %s", c.path, got, c.want, body)
		}
	}
	p.RemoveTenant(one)
	if got, _ := get(t, p.Client(), p.URL()+"/t/one/v2/one.example/settings"); got != 404 {
		t.Errorf("a removed tenant answers %d", got)
	}
	if diff := cmp.Diff([]string{"REFUSED"}, txt(t, p.DNSAddr(), "_domainconnect.one.example.")); diff != "" {
		t.Errorf("a removed tenant's zone (-want +got)\n%s", diff)
	}
	tenant(t, p, "again", "one.example")
}

func TestCertificate(t *testing.T) {
	p := started(t, &Provider{TLSNames: []string{"provider.test", "192.0.2.7"}})
	conn, err := tls.Dial("tcp", strings.TrimPrefix(p.URL(), "https://"), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	chain := conn.ConnectionState().PeerCertificates
	if len(chain) != 2 || !chain[1].Equal(p.CA()) {
		t.Fatalf("the server presents %d certificates; want its own and the CA's", len(chain))
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(p.CAPEM()) {
		t.Fatalf("CAPEM is not PEM: %s", p.CAPEM())
	}
	for _, name := range []string{"127.0.0.1", "::1", "localhost", "provider.test", "192.0.2.7"} {
		if _, err := chain[0].Verify(x509.VerifyOptions{Roots: roots, DNSName: name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := chain[0].Verify(x509.VerifyOptions{Roots: roots, DNSName: "other.test"}); err == nil {
		t.Error("the certificate is good for other.test")
	}
	sum := sha256.Sum256(chain[0].RawSubjectPublicKeyInfo)
	if want := base64.StdEncoding.EncodeToString(sum[:]); p.SPKIPin() != want {
		t.Errorf("SPKIPin %s, the server's key is %s", p.SPKIPin(), want)
	}
	if block, rest := pem.Decode(p.CAPEM()); block == nil || len(rest) != 0 || !bytes.Equal(block.Bytes, p.CA().Raw) {
		t.Error("CAPEM is not CA")
	}
	other := started(t, &Provider{})
	if other.CA().Equal(p.CA()) || other.SPKIPin() == p.SPKIPin() {
		t.Error("two providers share a key")
	}
	if _, err := other.Client().Get(p.URL()); err == nil {
		t.Error("the client of one provider trusts another")
	}
}

func TestClientFindsTLSNames(t *testing.T) {
	p := started(t, &Provider{TLSNames: []string{"provider.test"}})
	tenant(t, p, "one", "one.example")
	_, port, err := net.SplitHostPort(strings.TrimPrefix(p.URL(), "https://"))
	if err != nil {
		t.Fatal(err)
	}
	if code, body := get(t, p.Client(), "https://provider.test:"+port+"/t/one/v2/one.example/settings"); code != 200 {
		t.Errorf("%d %s", code, body)
	}
}

func TestLongURL(t *testing.T) {
	p := started(t, &Provider{})
	tenant(t, p, "one", "one.example")
	url := p.URL() + "/t/one/v2/one.example/settings?"
	for _, n := range []int{8000, 60000} {
		if code, body := get(t, p.Client(), url+strings.Repeat("x", n-len(url))); code == http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("a URL of %d octets does not reach the handler: %s", n, body)
		}
	}
}

func TestKeyResolver(t *testing.T) {
	p := started(t, &Provider{})
	cname := func(owner, target string) zone.Record {
		return zone.Record{Owner: owner, Type: "CNAME", TTL: 60, Data: target}
	}
	records := []zone.Record{
		cname("_dck1.sp.example.", "_dck1.keys.example."),
		cname("chain.sp.example.", "chain2.sp.example."),
		cname("chain2.sp.example.", "_dck1.keys.example."),
		cname("out.sp.example.", "nowhere.invalid."),
		cname("loop1.sp.example.", "loop2.sp.example."),
		cname("loop2.sp.example.", "loop1.sp.example."),
		cname("far.sp.example.", "far.other.example."),
		{Owner: "odd.sp.example.", Type: "TXT", TTL: 60, Data: `"a\"b\\c\200" "d"`},
		{Owner: "empty.sp.example.", Type: "A", TTL: 60, Data: "192.0.2.1"},
	}
	tenant(t, p, "sp", "sp.example", records...)
	tenant(t, p, "other", "other.example", zone.Record{Owner: "far.other.example.", Type: "TXT", TTL: 60, Data: `"over there"`})
	long := strings.Repeat("k", 2000)
	for name, text := range map[string]string{"_dck1.keys.example": "p=1,d=abc", "big.keys.example": long} {
		if err := p.PublishKey(name, []string{text}); err != nil {
			t.Fatal(err)
		}
	}
	resolve := resolver(p.DNSAddr())
	for _, c := range []struct {
		name string
		want [][]string
		err  string
	}{
		{"_dck1.keys.example", [][]string{{"p=1,d=abc"}}, ""},
		{"_DCK1.keys.EXAMPLE.", [][]string{{"p=1,d=abc"}}, ""},
		{"_dck1.sp.example", [][]string{{"p=1,d=abc"}}, ""},
		{"chain.sp.example", [][]string{{"p=1,d=abc"}}, ""},
		{"far.sp.example", [][]string{{"over there"}}, ""},
		{"odd.sp.example", [][]string{{"a\"b\\c\xc8", "d"}}, ""},
		{"big.keys.example", [][]string{{long[:255], long[:255], long[:255], long[:255], long[:255], long[:255], long[:255], long[:215]}}, ""},
		{"nothing.keys.example", nil, ""},
		{"empty.sp.example", nil, ""},
		{"nothing.example.org", nil, "the key at nothing.example.org. cannot be looked up: the name server answers REFUSED"},
		{"out.sp.example", nil, "the key at nowhere.invalid. cannot be looked up: the name server answers REFUSED"},
	} {
		got, err := resolve(t.Context(), c.name)
		if msg := fmt.Sprint(err); (err != nil || c.err != "") && msg != c.err {
			t.Errorf("%s: error %q, want %q", c.name, msg, c.err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
	if got, err := resolve(t.Context(), "loop1.sp.example"); len(got) > 0 {
		t.Errorf("a loop gives %v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := resolve(ctx, "_dck1.keys.example"); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled look-up: %v", err)
	}
}

func TestPublishKeyByMany(t *testing.T) {
	p := started(t, &Provider{})
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			// Four names in one domain, each published by four.
			if err := p.PublishKey(fmt.Sprintf("_dck%d.keys.example", i%4), []string{"p=1,d=a", "p=2,d=b"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for i := range 4 {
		if diff := cmp.Diff([]string{"NOERROR", "p=1,d=a", "p=2,d=b"}, txt(t, p.DNSAddr(), fmt.Sprintf("_dck%d.keys.example.", i))); diff != "" {
			t.Errorf("key %d (-want +got)\n%s", i, diff)
		}
	}
}

func TestPublicAddressesAreRefused(t *testing.T) {
	const why = " may be reached from other machines: this is a mock DNS provider for tests, with published passwords, a throw-away certificate and open zone transfers, and never for production; listen on 127.0.0.1, or set AllowPublic if the network is a test network"
	for _, c := range []struct {
		p    *Provider
		want string
	}{
		{&Provider{HTTPListen: "0.0.0.0:0"}, `HTTPListen "0.0.0.0:0"` + why},
		{&Provider{HTTPListen: ":0"}, `HTTPListen ":0"` + why},
		{&Provider{HTTPListen: "[::]:0"}, `HTTPListen "[::]:0"` + why},
		{&Provider{HTTPListen: "provider.test:0"}, `HTTPListen "provider.test:0"` + why},
		{&Provider{DNSListen: "192.0.2.1:53"}, `DNSListen "192.0.2.1:53"` + why},
		{&Provider{DNSListen: "53"}, `DNSListen "53" is not host:port: address 53: missing port in address`},
	} {
		err := c.p.Start(t.Context())
		if err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
		if err := c.p.Close(); err != nil {
			t.Error(err)
		}
	}
	started(t, &Provider{HTTPListen: "localhost:0", DNSListen: "127.0.0.2:0"})
}

func TestAllowPublic(t *testing.T) {
	p := started(t, &Provider{HTTPListen: ":0", DNSListen: "0.0.0.0:0", TLSNames: []string{"mock"}, AllowPublic: true})
	if !strings.HasPrefix(p.URL(), "https://mock:") {
		t.Errorf("URL %s, want the first TLS name", p.URL())
	}
	tenant(t, p, "one", "one.example")
	if code, body := get(t, p.Client(), p.URL()+"/t/one/v2/one.example/settings"); code != 200 {
		t.Errorf("%d %s", code, body)
	}
}

func TestPortTaken(t *testing.T) {
	p := started(t, &Provider{})
	http := strings.TrimPrefix(p.URL(), "https://")
	for _, c := range []struct {
		p          *Provider
		begin, end string
	}{
		{&Provider{HTTPListen: http}, "HTTPS cannot listen on " + http + ": ", "(when another program has the port, stop it or choose another; port 0 lets the system choose)"},
		{&Provider{DNSListen: p.DNSAddr()}, "DNS over TCP cannot listen on " + p.DNSAddr() + ": ", "(when another program has the port, stop it or choose another; port 0 lets the system choose)"},
	} {
		err := c.p.Start(t.Context())
		if err == nil || !strings.HasPrefix(err.Error(), c.begin) || !strings.HasSuffix(err.Error(), c.end) {
			t.Errorf("got %v, want %s… %s", err, c.begin, c.end)
		}
	}
}

func TestLifeCycle(t *testing.T) {
	var p Provider
	if p.URL() != "" || p.DNSAddr() != "" || p.CA() != nil || p.CAPEM() != nil || p.SPKIPin() != "" || p.Client() != nil || p.Journal() != nil {
		t.Error("a provider that does not run says that it does")
	}
	const down = "this mock provider does not run: call Start first, and nothing after Close"
	check := func(when string) {
		t.Helper()
		if _, err := p.NewTenant(store.TenantConfig{}); err == nil || err.Error() != down {
			t.Errorf("NewTenant %s: %v", when, err)
		}
		if err := p.PublishKey("a.b", nil); err == nil || err.Error() != down {
			t.Errorf("PublishKey %s: %v", when, err)
		}
		p.RemoveTenant(nil)
	}
	check("before Start")
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.Start(t.Context()); err == nil || err.Error() != "this mock provider runs already: Close it and start another, or use this one" {
		t.Errorf("Start twice: %v", err)
	}
	web, name := strings.TrimPrefix(p.URL(), "https://"), p.DNSAddr()
	for range 2 {
		if err := p.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	check("after Close")
	if err := p.Start(t.Context()); err == nil || err.Error() != "this mock provider was closed: use a new one" {
		t.Errorf("Start after Close: %v", err)
	}
	// No socket is left: another provider gets the very same addresses.
	started(t, &Provider{HTTPListen: web, DNSListen: name})
}

// TestCloseLeavesNothing closes a provider that has open connections of every
// kind, and looks for goroutines.
func TestCloseLeavesNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	var p Provider
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	tenant(t, &p, "one", "one.example")
	get(t, p.Client(), p.URL()+"/t/one/v2/one.example/settings") // Kept alive.
	idle, err := net.Dial("tcp", p.DNSAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	txt(t, p.DNSAddr(), "one.example.")
	if err := p.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	goleak.VerifyNone(t, before)
}

func TestCloseNamesWhatIsStuck(t *testing.T) {
	p := Provider{patience: 50 * time.Millisecond}
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{})
	stuck := tenantWithKeys(t, &p, func(ctx context.Context, _ string) ([][]string, error) {
		close(asked)
		<-ctx.Done() // A look-up that ends only when the request is cut.
		return nil, ctx.Err()
	})
	client := p.Client()
	var asking sync.WaitGroup
	defer asking.Wait()
	asking.Go(func() {
		if resp, err := client.Get(stuck); err == nil {
			resp.Body.Close()
		}
	})
	select {
	case <-asked:
	case <-time.After(10 * time.Second):
		t.Fatal("the request did not reach the key resolver")
	}
	err := p.Close()
	want := "HTTP requests were still being answered after 50ms and were cut: GET /t/stuck/ux/v2/domainTemplates/providers/sp.example/services/web/apply"
	if err == nil || err.Error() != want {
		t.Errorf("Close: %v\nwant: %s", err, want)
	}
}

// tenantWithKeys makes a tenant whose keys are found by a function, and
// returns an apply link that makes the provider look for one.
func tenantWithKeys(t *testing.T, p *Provider, keys store.KeyResolver) string {
	t.Helper()
	tmpl, err := dc.Parse("web.json", []byte(`{
		"providerId": "sp.example", "providerName": "SP", "serviceId": "web", "serviceName": "Web", "version": 1,
		"syncPubKeyDomain": "keys.example",
		"records": [{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 60}]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	z, err := zone.New("one.example")
	if err != nil {
		t.Fatal(err)
	}
	tn, err := p.NewTenant(store.TenantConfig{
		Name: "stuck", Templates: []*dc.Template{tmpl}, Keys: keys,
		Zones: []store.Hosted{{Zone: z, Owner: "alice"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p.URL() + tn.Prefix() + "/ux/v2/domainTemplates/providers/sp.example/services/web/apply?domain=one.example&key=_dck1&sig=AAAA"
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		var p Provider
		if err := p.Start(b.Context()); err != nil {
			b.Fatal(err)
		}
		z, err := zone.New("one.example")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := p.NewTenant(store.TenantConfig{Name: "one", Zones: []store.Hosted{{Zone: z, Owner: "alice"}}}); err != nil {
			b.Fatal(err)
		}
		if code, body := get(b, p.Client(), p.URL()+"/t/one/v2/one.example/settings"); code != 200 {
			b.Fatal(code, body)
		}
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
