package probe_test

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/probe"
)

// world is a resolver and a provider that say what a test tells them to.
type world struct {
	// mu holds requests back while a test changes what is said.
	mu      sync.Mutex
	records map[string][]string // "name TYPE" to RDATA
	handler http.HandlerFunc
	resolver,
	provider string
	roots *x509.CertPool
}

const settings = `{"providerId":"dns.example","providerName":"DNS","urlSyncUX":"https://ux.example","urlAPI":"https://%s/api","nameServers":["ns1.dns.example"]}`

// newWorld has a sound domain, shop.example, at a provider that knows nothing
// of templates.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{}
	server := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		handler := w.handler
		w.mu.Unlock()
		handler(rw, r)
	}))
	t.Cleanup(server.Close)
	w.provider = server.Listener.Addr().String()
	w.roots = x509.NewCertPool()
	w.roots.AddCert(server.Certificate())
	w.records = map[string][]string{"_domainconnect.shop.example. TXT": {`"` + w.provider + `"`}, "shop.example. NS": {"NS1.dns.example."}}
	w.mu.Lock()
	w.serve(nil)
	w.mu.Unlock()
	packets, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.resolver = packets.LocalAddr().String()
	resolver := &dns.Server{PacketConn: packets, Handler: dns.HandlerFunc(w.answer)}
	go func() { _ = resolver.ActivateAndServe() }()
	t.Cleanup(func() { _ = resolver.Shutdown() })
	return w
}

func (w *world) answer(rw dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg).SetReply(q)
	name, kind := dns.CanonicalName(q.Question[0].Name), dns.Type(q.Question[0].Qtype).String()
	w.mu.Lock()
	found := w.records[name+" "+kind]
	w.mu.Unlock()
	for _, data := range found {
		rr, err := dns.NewRR(name + " 60 IN " + kind + " " + data)
		if err != nil {
			m.Rcode = dns.RcodeServerFailure
			break
		}
		m.Answer = append(m.Answer, rr)
	}
	_ = rw.WriteMsg(m)
}

// say has the provider answer anew.
func (w *world) say(handler http.HandlerFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.handler = handler
}

// serve has the provider answer the paths given, and the settings as above
// where they are not.
func (w *world) serve(paths map[string]string) {
	w.handler = func(rw http.ResponseWriter, r *http.Request) {
		body, ok := paths[r.URL.Path]
		if !ok && strings.HasSuffix(r.URL.Path, "/settings") {
			body, ok = fmt.Sprintf(settings, w.provider), true
		}
		if !ok {
			http.NotFound(rw, r)
			return
		}
		if status, location, ok := strings.Cut(body, " to "); ok && status == "302" {
			http.Redirect(rw, r, location, http.StatusFound)
			return
		}
		rw.Header().Set("Content-Type", "application/json")
		_, _ = rw.Write([]byte(body))
	}
}

func (w *world) probe() *probe.Probe {
	return &probe.Probe{Domain: "shop.example", Resolver: w.resolver, Roots: w.roots, AllowPrivate: true}
}

// lines are findings in short, with ports taken out.
func (w *world) lines(r probe.Result) []string {
	var all []string
	for _, f := range r.Findings {
		l := fmt.Sprintf("%s %s: %s", f.Step, f.Status, f.Message)
		if f.Mend != "" {
			l += " -> " + f.Mend
		}
		all = append(all, strings.NewReplacer(w.provider, "PROVIDER", w.resolver, "RESOLVER").Replace(l))
	}
	return all
}

const found = "discovery ok: _domainconnect.shop.example. leads to PROVIDER"

var sound = []string{
	found,
	"settings ok: the provider is DNS (dns.example)",
	"settings ok: the synchronous flow is at https://ux.example",
	"settings note: no asynchronous flow is offered",
	"settings ok: the domain is delegated to the provider's name servers",
}

const queryPath = "/api/v2/domainTemplates/providers/mail.example/services/box"

func TestProbe(t *testing.T) {
	mine := &probe.Template{ProviderID: "mail.example", ServiceID: "box", Version: "3", KeyDomain: "keys.example",
		JSON: []byte(`{"providerId":"mail.example","serviceId":"box","version":3,"records":[{"type":"A","ttl":60}]}`)}
	for _, tc := range []struct {
		name  string
		set   func(w *world, p *probe.Probe)
		after []string // behind sound
		want  []string // instead of sound and after
	}{
		{name: "sound"},
		{name: "no record", set: func(w *world, p *probe.Probe) { w.records = nil }, want: []string{
			"discovery problem: no usable TXT record at _domainconnect.shop.example.: the domain is not at a provider that offers Domain Connect -> give the customer the records to enter by hand"}},
		{name: "below the apex", set: func(w *world, p *probe.Probe) { p.Domain = "www.shop.example" }, want: []string{
			"discovery problem: no usable TXT record at _domainconnect.www.shop.example.: the domain is not at a provider that offers Domain Connect -> ask about shop.example: discovery is by the zone's apex, and what is below it goes into host"}},
		{name: "a scheme in the record", set: func(w *world, p *probe.Probe) {
			w.records["_domainconnect.shop.example. TXT"] = []string{`"https://dns.example"`}
		}, want: []string{
			`discovery problem: the TXT record "https://dns.example" at _domainconnect.shop.example. leads nowhere: it has a scheme; want the authority and an optional path alone -> the DNS provider has to publish host and path alone`,
			"discovery problem: no usable TXT record at _domainconnect.shop.example.: the domain is not at a provider that offers Domain Connect -> give the customer the records to enter by hand"}},
		{name: "not hosted there", set: func(w *world, p *probe.Probe) { w.handler = http.NotFound }, want: []string{found,
			"settings problem: settings of shop.example: the provider does not hold the domain: 404 from https://PROVIDER/v2/shop.example/settings -> the domain's DNS is answered by somebody else, or is new there: treat it as not supported"}},
		{name: "settings are a page", set: func(w *world, p *probe.Probe) {
			w.serve(map[string]string{"/v2/shop.example/settings": "<html>"})
		}, want: []string{found,
			"settings problem: settings of shop.example from https://PROVIDER/v2/shop.example/settings: not a JSON object: jsontext: invalid character '<' at start of value -> the DNS provider has to mend it: without settings no flow begins"}},
		{name: "the second record leads there", set: func(w *world, p *probe.Probe) {
			w.records["_domainconnect.shop.example. TXT"] = []string{`"` + w.provider + `/old"`, `"` + w.provider + `"`}
			w.serve(map[string]string{"/old/v2/shop.example/settings": "[]"})
		}, want: slices.Concat([]string{
			"discovery ok: _domainconnect.shop.example. leads to PROVIDER/old, PROVIDER",
			"discovery note: there are 2 such records: clients differ in which one they take",
			"settings problem: settings of shop.example from https://PROVIDER/old/v2/shop.example/settings: not a JSON object: [ -> the DNS provider has to mend it: without settings no flow begins"}, sound[1:])},
		{name: "a loop", set: func(w *world, p *probe.Probe) {
			w.serve(map[string]string{"/v2/shop.example/settings": "302 to /v2/shop.example/settings"})
		}, want: []string{found,
			"settings problem: settings of shop.example: more than 3 redirects from https://PROVIDER/v2/shop.example/settings -> the DNS provider has to mend it: without settings no flow begins"}},
		{name: "private", set: func(w *world, p *probe.Probe) { p.AllowPrivate = false }, want: []string{found,
			"settings unknown: settings of shop.example: dial tcp PROVIDER: PROVIDER is not a public address, and what DNS says of a stranger's domain may lead anywhere; allow it with --allow-private -> name --allow-private if you know the address"}},
		{name: "delegated elsewhere", set: func(w *world, p *probe.Probe) { w.records["shop.example. NS"] = []string{"ns.other.example."} },
			want: append(slices.Clone(sound[:4]), "settings problem: the settings name the name servers ns1.dns.example, and the domain has ns.other.example: what is applied there would not be seen -> the domain has to be delegated to the provider, or the settings are wrong")},
		{name: "the template is not known", set: func(w *world, p *probe.Probe) {
			p.Template = &probe.Template{ProviderID: "mail.example", ServiceID: "box"}
		}, after: []string{"template problem: the provider does not know mail.example/box -> ask the provider to onboard it; some answer 404 until a template is published"}},
		{name: "an empty answer", set: func(w *world, p *probe.Probe) {
			p.Template = &probe.Template{ProviderID: "mail.example", ServiceID: "box"}
			w.serve(map[string]string{queryPath: ""})
		}, after: []string{"template ok: the provider knows mail.example/box", "template note: the provider does not say which version it has"}},
		{name: "an older version", set: func(w *world, p *probe.Probe) {
			p.Template, p.KeyHost = mine, "_dck1"
			w.serve(map[string]string{queryPath: `{"version":"2"}`})
		}, after: []string{"template ok: the provider knows mail.example/box",
			"template problem: the provider has version 2, and your file is version 3 -> ask the provider to take the version that you mean, or compare with what you published",
			`key problem: there is no TXT record at _dck1.keys.example: no provider can verify your links -> publish the key there; "dcconform key txt" prints the records`}},
		{name: "the same template", set: func(w *world, p *probe.Probe) {
			p.Template = mine
			w.serve(map[string]string{queryPath: `{"version":3.0,"records":[{"ttl":6e1,"type":"A"}],"serviceId":"box","providerId":"mail.example"}`})
		}, after: []string{"template ok: the provider knows mail.example/box",
			"template ok: the provider has version 3, as your file",
			"template ok: the provider's template is the same as your file",
			"key unknown: the template is signed with a key below keys.example, and under which label was not said -> give --key-host LABEL, the value of the key parameter of your links"}},
		{name: "another template", set: func(w *world, p *probe.Probe) {
			p.Template, p.KeyHost = mine, "_dck1"
			p.JudgeKey = func(txt []string) []probe.Finding {
				return []probe.Finding{{Step: probe.StepKey, Status: probe.OK, Message: strings.Join(txt, "|")}}
			}
			w.records["_dck1.keys.example. TXT"] = []string{`"p=1," "d=x"`, `"p=2,d=y"`}
			w.serve(map[string]string{queryPath: `{"version":3,"records":[],"serviceId":"box","providerId":"mail.example","logoUrl":"x"}`})
		}, after: []string{"template ok: the provider knows mail.example/box",
			"template ok: the provider has version 3, as your file",
			"template problem: the provider's template differs from your file in logoUrl, records -> ask the provider to take your file; a changed template needs a changed version",
			"key ok: _dck1.keys.example: p=1,d=x|p=2,d=y"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			p := w.probe()
			if tc.set != nil {
				w.mu.Lock()
				tc.set(w, p)
				w.mu.Unlock()
			}
			want := tc.want
			if want == nil {
				want = append(slices.Clone(sound), tc.after...)
			}
			if diff := cmp.Diff(want, w.lines(p.Run(t.Context()))); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// What is asked is said, and the time for the whole is kept.
func TestBounds(t *testing.T) {
	w := newWorld(t)
	r := w.probe().Run(t.Context())
	if diff := cmp.Diff([]string{w.resolver, w.provider}, r.Dialed); diff != "" {
		t.Errorf("asked: -want +got\n%s", diff)
	}
	if r.Has(probe.Problem) || r.Has(probe.Unknown) || !r.Has(probe.OK) || r.Settings == nil || r.Prefix != w.provider {
		t.Errorf("a sound domain: %+v", r)
	}
	end := make(chan struct{})
	t.Cleanup(func() { close(end) })
	w.say(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-end:
		}
	})
	p := w.probe()
	p.Ceiling = 50 * time.Millisecond
	begun := time.Now()
	r = p.Run(t.Context())
	if took := time.Since(begun); took > client.SettingsCeiling/2 {
		t.Errorf("took %s", took)
	}
	if got := w.lines(r); len(got) != 2 || !strings.HasPrefix(got[1], "settings unknown: the time for the whole probe was up: ") {
		t.Errorf("%q", got)
	}
	w.say(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		for range 1024 {
			_, _ = rw.Write(make([]byte, 64<<10))
		}
	})
	if got := w.lines(w.probe().Run(t.Context())); len(got) != 2 || !strings.Contains(got[1], "is longer than") {
		t.Errorf("a body without end: %q", got)
	}
}

func TestOnlyPublicAddresses(t *testing.T) {
	for addr, public := range map[string]bool{
		"9.9.9.9": true, "2620:fe::fe": true, "172.32.0.1": true, "100.63.0.1": true,
		"127.0.0.1": false, "::1": false, "10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"100.64.0.1": false, "0.0.0.0": false, "::": false, "255.255.255.255": false, "224.0.0.1": false, "fe80::1": false, "fd00::1": false,
		"::ffff:10.0.0.1": false, "64:ff9b::a00:1": false, "2002:a00:1::": false, "192.0.2.1": false, "2001:db8::1": false,
	} {
		err := probe.Check(netip.AddrPortFrom(netip.MustParseAddr(addr), 443).String())
		var private *probe.PrivateError
		if (err == nil) != public || err != nil && !errors.As(err, &private) {
			t.Errorf("%s: %v", addr, err)
		}
	}
	if probe.Check("no address") == nil {
		t.Error("what is no address is let through")
	}
}
