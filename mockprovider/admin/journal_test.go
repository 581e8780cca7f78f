package admin

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
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

// within calls the API without a network, in a bubble where time and waiting
// are known.
func within(t *testing.T, ctx context.Context, st *store.Store, path string) <-chan string {
	t.Helper()
	h, err := New(Config{Store: st})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	r.Host = "localhost"
	answer := make(chan string, 1)
	go func() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		answer <- fmt.Sprintf("%d %s", w.Code, w.Body)
	}()
	return answer
}

// still wants that there is no answer while everybody waits.
func still(t *testing.T, answer <-chan string) {
	t.Helper()
	synctest.Wait()
	select {
	case got := <-answer:
		t.Fatalf("it has not waited: %s", got)
	default:
	}
}

// TestJournalWaits holds the answer back until there is what was asked for.
func TestJournalWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := store.New(time.Now)
		answer := within(t, t.Context(), st, "/journal?kind=apply&wait=1m")
		still(t, answer)
		st.Journal().Add(store.Event{Kind: "http", Summary: "not this"})
		still(t, answer)
		st.Journal().Add(store.Event{Kind: "apply", Summary: "this"})
		const want = `200 {"events":[{"number":1,"time":"2000-01-01T00:00:00Z","kind":"apply","tenant":"","summary":"this"}],"next":2,"forgotten":0}` + "\n"
		if got := <-answer; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		begun := time.Now()
		answer = within(t, t.Context(), st, "/journal?since=2&wait=30s")
		still(t, answer)
		if got := <-answer; got != `200 {"events":[],"next":2,"forgotten":0}`+"\n" || time.Since(begun) != 30*time.Second {
			t.Errorf("after %v: %s", time.Since(begun), got)
		}
	})
}

// TestSettled is the barrier: it opens when the last activity has ended, and
// it has been quiet since for as long as was asked.
func TestSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := store.New(time.Now)
		journal := st.Journal()
		if got := <-within(t, t.Context(), st, "/settled"); got != "200 {\"next\":0}\n" {
			t.Error(got)
		}
		end := journal.Begin("GET /slow")
		begun := time.Now()
		const late = `504 {"error":"after 10s: the journal has not settled, still running: GET /slow: context deadline exceeded"}` + "\n"
		if got := <-within(t, t.Context(), st, "/settled"); got != late || time.Since(begun) != 10*time.Second {
			t.Errorf("after %v: %s", time.Since(begun), got)
		}
		answer := within(t, t.Context(), st, "/settled?quiet=2s&timeout=1m")
		still(t, answer)
		journal.Add(store.Event{Kind: "apply", Summary: "its work"})
		still(t, answer)
		begun = time.Now()
		end()
		if got := <-answer; got != "200 {\"next\":1}\n" || time.Since(begun) != 2*time.Second {
			t.Errorf("after %v: %s", time.Since(begun), got)
		}
	})
}

// TestWaitingEndsWithTheClient lets nothing behind when the client goes, or
// the server stops.
func TestWaitingEndsWithTheClient(t *testing.T) {
	for path, want := range map[string]string{
		"/journal?wait=1m":          `200 {"events":[],"next":0,"forgotten":0}` + "\n",
		"/settled?quiet=1s":         `503 {"error":"the journal has not settled, still running: GET /slow: context canceled"}` + "\n",
		"/settled?timeout=1m":       `503 {"error":"the journal has not settled, still running: GET /slow: context canceled"}` + "\n",
		"/journal?wait=1m&kind=dns": `200 {"events":[],"next":0,"forgotten":0}` + "\n",
	} {
		synctest.Test(t, func(t *testing.T) {
			st := store.New(time.Now)
			defer st.Journal().Begin("GET /slow")()
			ctx, cancel := context.WithCancel(t.Context())
			answer := within(t, ctx, st, path)
			still(t, answer)
			begun := time.Now()
			cancel()
			if got := <-answer; got != want || time.Since(begun) != 0 {
				t.Errorf("%s: after %v: %s", path, time.Since(begun), got)
			}
		})
	}
}

// TestSettledByClient asks over the network.
func TestSettledByClient(t *testing.T) {
	m := manage(t)
	if next, err := m.Settled(t.Context(), time.Millisecond, 0); err != nil || next != 0 {
		t.Errorf("%d, %v", next, err)
	}
	defer m.store.Journal().Begin("GET /slow")()
	_, err := m.Settled(t.Context(), 0, time.Millisecond)
	refused(t, err, 504, "after 1ms: the journal has not settled, still running: GET /slow: context deadline exceeded")
	if j, err := m.Journal(t.Context(), JournalQuery{Wait: time.Millisecond}); err != nil || len(j.Events) != 0 {
		t.Errorf("%v, %+v", err, j)
	}
}
