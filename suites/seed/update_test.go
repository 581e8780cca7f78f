package seed

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/suites/target"
)

const secret = "c2VlZCB0ZXN0IHNlY3JldCBvZiAzMiBvY3RldHMgIQ=="

// primary is a name server that takes updates of open.test, as RFC 2136
// section 3.4.2 has it for what a Seeder sends.
type primary struct {
	addr string

	mu      sync.Mutex
	records []string
	// updates counts messages.
	updates int
	// answer changes the answer before it is signed.
	answer func(*dns.Msg)
}

func newPrimary(t *testing.T) *primary {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &primary{addr: listener.Addr().String(), records: []string{
		"open.test. 60 SOA ns.open.test. h.open.test. 1 2 3 4 5", "open.test. 60 NS ns.open.test.", "keep.open.test. 60 A 192.0.2.7"}}
	started, ended := make(chan struct{}), make(chan error, 1)
	server := &dns.Server{
		Listener: listener, TsigSecret: map[string]string{"seed.key.": secret}, Handler: dns.HandlerFunc(p.serve),
		MsgAcceptFunc:     func(dns.Header) dns.MsgAcceptAction { return dns.MsgAccept },
		NotifyStartedFunc: func() { close(started) },
	}
	go func() { ended <- server.ActivateAndServe() }()
	<-started
	t.Cleanup(func() {
		if err := errors.Join(server.Shutdown(), <-ended); err != nil {
			t.Error(err)
		}
	})
	return p
}

func (p *primary) serve(w dns.ResponseWriter, q *dns.Msg) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.updates++
	m := new(dns.Msg).SetReply(q)
	t := q.IsTsig()
	switch err := w.TsigStatus(); {
	case t == nil:
		m.Rcode = dns.RcodeRefused
	case err != nil:
		m.Rcode = dns.RcodeNotAuth
		m.Extra = append(m.Extra, &dns.TSIG{Hdr: t.Hdr, Algorithm: t.Algorithm, TimeSigned: t.TimeSigned, Fudge: t.Fudge, OrigId: q.Id,
			Error: map[error]uint16{dns.ErrSecret: dns.RcodeBadKey, dns.ErrTime: dns.RcodeBadTime, dns.ErrSig: dns.RcodeBadSig}[err]})
		// Such an answer is not signed; the library would try.
		if packed, err := m.Pack(); err == nil {
			_, _ = w.Write(packed)
		}
		return
	case q.Question[0].Name != "open.test.":
		m.Rcode = dns.RcodeNotAuth
	default:
		for _, rr := range q.Ns {
			p.apply(rr)
		}
	}
	if t != nil {
		m.SetTsig(t.Hdr.Name, t.Algorithm, 300, time.Now().Unix())
	}
	if p.answer != nil {
		p.answer(m)
	}
	_ = w.WriteMsg(m)
}

func (p *primary) apply(rr dns.RR) {
	h := rr.Header()
	if h.Class == dns.ClassANY {
		p.records = slices.DeleteFunc(p.records, func(line string) bool {
			f := strings.Fields(line)
			apex := f[0] == "open.test." && (f[2] == "SOA" || f[2] == "NS")
			return f[0] == h.Name && !apex && (h.Rrtype == dns.TypeANY || dns.Type(h.Rrtype).String() == f[2])
		})
		return
	}
	p.records = append(p.records, fmt.Sprintf("%s %d %s %s", h.Name, h.Ttl, dns.Type(h.Rrtype), strings.TrimPrefix(rr.String(), h.String())))
}

func updating(addr string) *target.Config {
	return &target.Config{Domains: domains, Hooks: target.Hooks{Update: &target.Update{
		Server: addr, Key: "seed.key", Algorithm: "hmac-sha256", Secret: target.NewSecret(secret)}}}
}

func TestUpdate(t *testing.T) {
	p := newPrimary(t)
	dials := 0
	s := New(updating(p.addr), func(ctx context.Context, network, addr string) (net.Conn, error) {
		dials++
		return new(net.Dialer).DialContext(ctx, network, addr)
	})
	if !s.Available() {
		t.Fatal("it is not available")
	}
	if err := s.Seed(t.Context(), "open.test", []string{
		"www.open.test. 300 IN A 192.0.2.1", "www.open.test. 300 IN A 192.0.2.2", `a.www.open.test. 60 IN TXT "x"`, "open.test. 60 IN MX 10 www.open.test.", "other.open.test. 60 IN A 192.0.2.3",
	}); err != nil {
		t.Fatal(err)
	}
	initial := []string{"open.test. 60 SOA ns.open.test. h.open.test. 1 2 3 4 5", "open.test. 60 NS ns.open.test.", "keep.open.test. 60 A 192.0.2.7"}
	want := slices.Concat(initial, []string{"www.open.test. 300 A 192.0.2.1", "www.open.test. 300 A 192.0.2.2", `a.www.open.test. 60 TXT "x"`, "open.test. 60 MX 10 www.open.test.", "other.open.test. 60 A 192.0.2.3"})
	if diff := cmp.Diff(want, p.records); diff != "" {
		t.Errorf("seeded, -want +got\n%s", diff)
	}
	if err := s.Reset(t.Context(), "open.test", []string{"www.open.test"}); err != nil {
		t.Fatal(err)
	}
	want = slices.Concat(initial, []string{"open.test. 60 MX 10 www.open.test.", "other.open.test. 60 A 192.0.2.3"})
	if diff := cmp.Diff(want, p.records); diff != "" {
		t.Errorf("reset, -want +got\n%s", diff)
	}
	if err := s.Reset(t.Context(), "open.test", []string{"open.test"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(initial, p.records); diff != "" {
		t.Errorf("reset of the apex, -want +got\n%s", diff)
	}
	if dials != p.updates || dials < 3 {
		t.Errorf("%d updates and %d dials", p.updates, dials)
	}
}

func TestUpdateInParts(t *testing.T) {
	p := newPrimary(t)
	var records []string
	for i := range 500 {
		records = append(records, fmt.Sprintf("t.open.test. 60 IN TXT \"%03d%s\"", i, strings.Repeat("x", 240)))
	}
	if err := New(updating(p.addr), nil).Seed(t.Context(), "open.test", records); err != nil {
		t.Fatal(err)
	}
	if len(p.records) != 503 || p.updates != 3 {
		t.Errorf("%d records by %d updates", len(p.records), p.updates)
	}
}

func TestUpdateRefused(t *testing.T) {
	p := newPrimary(t)
	a := []string{"www.open.test. 300 IN A 192.0.2.1"}
	for want, change := range map[string]func(*target.Update, *updater){
		`the server does not know the key "sead.key" (BADKEY): give its name in hooks as the server has it`:              func(u *target.Update, _ *updater) { u.Key = "sead.key" },
		`the server cannot verify the key "seed.key" (BADSIG): give the secret and the algorithm as the server has them`: func(u *target.Update, _ *updater) { u.Secret = target.NewSecret("b3RoZXI=") },
		"the server's clock differs from ours by more than five minutes (BADTIME): set one of them":                      func(_ *target.Update, u *updater) { u.now = func() time.Time { return time.Now().Add(-time.Hour) } },
		"the server answers REFUSED: permit the key to update the zone, and name the server that holds it":               func(u *target.Update, _ *updater) { u.Key = "" },
		"dns: bad key algorithm": func(u *target.Update, _ *updater) { u.Algorithm = "hmac-nothing" },
	} {
		c := updating(p.addr)
		to := &updater{now: time.Now}
		change(c.Hooks.Update, to)
		to.update = *c.Hooks.Update
		err := newGuard(domains, to).Seed(t.Context(), "open.test", a)
		if want = "update of open.test. at " + p.addr + ": " + want; err == nil || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	if len(p.records) != 3 {
		t.Errorf("written all the same: %q", p.records)
	}
	// A zone that the server does not hold, and answers that are none.
	s := New(updating(p.addr), nil)
	err := s.Seed(t.Context(), "customer.test", []string{"a.customer.test. 60 IN A 192.0.2.1"})
	if want := "update of customer.test. at " + p.addr + ": the server answers NOTAUTH: permit the key to update the zone, and name the server that holds it"; err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	for want, answer := range map[string]func(*dns.Msg){
		"what came back is no answer to the update":        func(m *dns.Msg) { m.Opcode = dns.OpcodeQuery },
		"the answer to a signed update is not signed":      func(m *dns.Msg) { m.Extra = nil },
		"the server answers SERVFAIL":                      func(m *dns.Msg) { m.Rcode = dns.RcodeServerFailure },
		"the answer's TSIG does not verify: dns: bad time": func(m *dns.Msg) { m.IsTsig().TimeSigned -= 3600 },
	} {
		p.mu.Lock()
		p.answer = answer
		p.mu.Unlock()
		if err := s.Seed(t.Context(), "open.test", a); err == nil || err.Error() != "update of open.test. at "+p.addr+": "+want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the run is stopped"))
	silent := New(updating(p.addr), func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		t.Cleanup(func() { far.Close() })
		return near, nil
	})
	if err := silent.Seed(ctx, "open.test", a); err == nil || err.Error() != "update of open.test. at "+p.addr+": the run is stopped" {
		t.Errorf("%v", err)
	}
}
