package mockprovider

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/admin"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// managed starts a provider with its management API.
func managed(t *testing.T) (*Provider, *admin.Client) {
	t.Helper()
	p := started(t, &Provider{AdminListen: "127.0.0.1:0", TSIG: map[string]string{"seed.test": "c2VlZA=="}})
	c := admin.NewClient(p.AdminURL())
	t.Cleanup(c.Close)
	return p, c
}

func status(t *testing.T, p *Provider, path string) string {
	t.Helper()
	resp, err := p.Client().Get(p.URL() + path)
	if err != nil {
		return "no answer"
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Error(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	return fmt.Sprint(resp.StatusCode)
}

// TestManaged drives a mock from outside: a tenant, a script, the journal
// after the barrier.
func TestManaged(t *testing.T) {
	p, c := managed(t)
	ctx := t.Context()
	made, err := c.CreateTenant(ctx, admin.NewTenant{Name: "a", Users: []admin.User{{Name: "alice", Password: "x"}}, Zones: []admin.NewZone{{Name: "a.example"}}})
	if err != nil {
		t.Fatal(err)
	}
	if made.URL != p.URL()+"/t/a" {
		t.Errorf("URL %s", made.URL)
	}
	z, err := c.Zone(ctx, "a", "a.example")
	if want := `_domainconnect.a.example. 3600 IN TXT "` + strings.TrimPrefix(p.URL(), "https://") + `/t/a"`; err != nil || !strings.Contains(z.Text, want) {
		t.Errorf("%v: no %s in\n%s", err, want, z.Text)
	}
	for _, s := range []admin.Step{{Kind: "settings", Status: 503}, {Kind: "settings", Delay: admin.Duration(time.Nanosecond)}} {
		if _, err := c.AddStep(ctx, "a", s); err != nil {
			t.Fatal(err)
		}
	}
	since, err := c.Settled(ctx, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for range 2 {
		got = append(got, status(t, p, "/t/a/v2/a.example/settings"))
	}
	if diff := cmp.Diff([]string{"503", "200"}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := c.Settled(ctx, 0, 0); err != nil {
		t.Fatal(err)
	}
	j, err := c.Journal(ctx, admin.JournalQuery{Since: since, Tenant: "a", Kind: "http"})
	if err != nil {
		t.Fatal(err)
	}
	got = nil
	for _, e := range j.Events {
		got = append(got, e.Summary)
	}
	const get = "GET /t/a/v2/a.example/settings -> "
	if diff := cmp.Diff([]string{get + "503", get + "200"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestSeededByUpdate changes a zone as any client of RFC 2136 does.
func TestSeededByUpdate(t *testing.T) {
	p, _ := managed(t)
	tn := tenant(t, p, "", "example.com")
	m := new(dns.Msg).SetUpdate("example.com.")
	rr, err := dns.NewRR(`seed.example.com. 60 TXT "a" "b"`)
	if err != nil {
		t.Fatal(err)
	}
	m.Insert([]dns.RR{rr})
	m.SetTsig("seed.test.", dns.HmacSHA256, 300, time.Now().Unix())
	client := dns.Client{TsigSecret: map[string]string{"seed.test.": "c2VlZA=="}}
	if answer, _, err := client.ExchangeContext(t.Context(), m, p.DNSAddr()); err != nil || answer.Rcode != dns.RcodeSuccess {
		t.Fatalf("%v %v", err, answer)
	}
	z, _, _ := tn.Zone("example.com")
	for r := range z.At("seed.example.com.") {
		if r.String() == `seed.example.com. 60 IN TXT "a" "b"` {
			return
		}
	}
	t.Error("the record is not there")
}

// TestCloseEndsWaiting closes a mock while the management API waits for an
// event and a web request is delayed by its script.
func TestCloseEndsWaiting(t *testing.T) {
	p, c := managed(t)
	tenant(t, p, "", "example.com")
	if _, err := c.AddStep(t.Context(), "", admin.Step{Kind: "settings", Delay: admin.Duration(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	waited, asked, scripted := make(chan error, 1), make(chan string, 1), make(chan error, 1)
	go func() {
		_, err := p.Journal().Await(t.Context(), func(e store.Event) bool { return e.Kind == store.KindScript })
		scripted <- err
	}()
	written := make(chan struct{})
	go func() {
		trace := &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { close(written) }}
		_, err := c.Journal(httptrace.WithClientTrace(t.Context(), trace), admin.JournalQuery{Kind: "apply", Wait: time.Minute})
		waited <- err
	}()
	<-written
	go func() {
		client := p.Client()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL()+"/v2/example.com/settings", nil)
		if err == nil {
			_, err = client.Transport.RoundTrip(r) // There is no answer.
		}
		asked <- fmt.Sprint(err != nil)
	}()
	if err := <-scripted; err != nil {
		t.Fatal(err)
	}
	// By the time that others were answered, the first one waits.
	for range 3 {
		if _, err := c.Tenants(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if got := <-asked; got != "true" {
		t.Error("the delayed request was answered")
	}
	<-waited // With an answer or without, but not after a minute.
}

func TestManagementAddress(t *testing.T) {
	var none Provider
	if none.AdminURL() != "" || started(t, &none).AdminURL() != "" {
		t.Error("there is an address without an API")
	}
	const public = `AdminListen "0.0.0.0:0" may be reached from other machines: `
	if err := (&Provider{AdminListen: "0.0.0.0:0"}).Start(t.Context()); err == nil || !strings.HasPrefix(err.Error(), public) {
		t.Errorf("got  %v\nwant %s…", err, public)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}()
	want := "the management API cannot listen on " + l.Addr().String() + ": "
	if err := (&Provider{AdminListen: l.Addr().String()}).Start(t.Context()); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got  %v\nwant %s…", err, want)
	}
	const key = `TSIG key "seed": the secret is not base64; make one with: openssl rand -base64 32`
	if err := (&Provider{TSIG: map[string]string{"seed": "?"}}).Start(t.Context()); err == nil || err.Error() != key {
		t.Errorf("got  %v\nwant %s", err, key)
	}
}
