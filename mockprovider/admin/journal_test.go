package admin

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/mockprovider/store"
)

func TestJournal(t *testing.T) {
	m := manage(t)
	ctx := t.Context()
	journal := m.store.Journal()
	for i, e := range []store.Event{
		{Kind: store.KindHTTP, Tenant: "a", Summary: "GET /"},
		{Kind: store.KindDNS, DNS: store.DNSExchange{Network: "udp", Name: "a.example.", Type: 16, Class: 1, Rcode: 16, Answers: 2}},
		{Kind: store.KindDNS, Tenant: "a", DNS: store.DNSExchange{Network: "tcp", Name: "b.example.", Type: 1, Class: 1, Opcode: 5, Unanswered: true}},
	} {
		e.Time = time.Date(2026, 10, 7, 12, 0, i, 0, time.UTC)
		journal.Add(e)
	}
	at := func(n int) time.Time { return time.Date(2026, 10, 7, 12, 0, n, 0, time.UTC) }
	all := []Event{
		{0, at(0), "http", "a", "GET /", nil},
		{1, at(1), "dns", "", "udp invalid AddrPort a.example. IN TXT: BADVERS, 2 records", &DNS{"udp", "invalid AddrPort", "QUERY", "a.example.", "TXT", "BADVERS", 2}},
		{2, at(2), "dns", "a", "tcp invalid AddrPort UPDATE b.example. IN A: no answer", &DNS{"tcp", "invalid AddrPort", "UPDATE", "b.example.", "A", "", 0}},
	}
	for _, c := range []struct {
		q    JournalQuery
		want Journal
	}{
		{JournalQuery{}, Journal{all, 3, 0}},
		{JournalQuery{Since: 2}, Journal{all[2:], 3, 0}},
		{JournalQuery{Since: 3}, Journal{[]Event{}, 3, 0}},
		{JournalQuery{Since: 9}, Journal{[]Event{}, 3, 0}},
		{JournalQuery{Limit: 2}, Journal{all[:2], 2, 0}},
		{JournalQuery{Tenant: "a"}, Journal{[]Event{all[0], all[2]}, 3, 0}},
		{JournalQuery{Tenant: "@"}, Journal{all[1:2], 3, 0}},
		{JournalQuery{Kind: "dns"}, Journal{all[1:], 3, 0}},
		{JournalQuery{Kind: "dns", Limit: 1}, Journal{all[1:2], 2, 0}},
	} {
		got, err := m.Journal(ctx, c.q)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%+v: %v\n%s", c.q, err, diff)
		}
	}
}

// TestJournalWaits holds the answer back until there is what was asked for.
func TestJournalWaits(t *testing.T) {
	m := manage(t)
	type result struct {
		Journal
		error
	}
	got := make(chan result, 1)
	go func() {
		j, err := m.Journal(t.Context(), JournalQuery{Kind: "apply", Wait: time.Minute})
		got <- result{j, err}
	}()
	journal := m.store.Journal()
	journal.Add(store.Event{Kind: "http", Summary: "not this"})
	select {
	case r := <-got:
		t.Fatalf("%+v", r)
	default:
	}
	journal.Add(store.Event{Kind: "apply", Summary: "this"})
	if r := <-got; r.error != nil || len(r.Events) != 1 || r.Events[0].Summary != "this" || r.Next != 2 {
		t.Errorf("%+v", r)
	}
	if j, err := m.Journal(t.Context(), JournalQuery{Since: 2, Wait: time.Millisecond}); err != nil || len(j.Events) != 0 || j.Next != 2 {
		t.Errorf("%v, %+v", err, j)
	}
}

// TestSettled is the barrier: it opens when the last activity has ended.
func TestSettled(t *testing.T) {
	m := manage(t)
	journal := m.store.Journal()
	if next, err := m.Settled(t.Context(), time.Millisecond, 0); err != nil || next != 0 {
		t.Errorf("%d, %v", next, err)
	}
	end := journal.Begin("GET /slow")
	_, err := m.Settled(t.Context(), 0, time.Millisecond)
	refused(t, err, 504, "after 1ms: the journal has not settled, still running: GET /slow: context deadline exceeded")
	done := make(chan error, 1)
	var next int
	go func() {
		var err error
		next, err = m.Settled(t.Context(), 0, time.Minute)
		done <- err
	}()
	journal.Add(store.Event{Kind: "apply", Summary: "its work"})
	select {
	case err := <-done:
		t.Fatalf("settled while something runs: %v", err)
	default:
	}
	end()
	if err := <-done; err != nil || next != 1 {
		t.Errorf("%d, %v", next, err)
	}
}
