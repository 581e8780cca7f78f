package store

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

func summaries(events []Event) []string {
	var all []string
	for _, e := range events {
		all = append(all, e.Summary)
	}
	return all
}

func TestJournalIsBounded(t *testing.T) {
	now := time.Date(2026, 10, 7, 12, 0, 0, 0, time.UTC)
	j := newJournal(func() time.Time { return now }, 3)
	want := [][]string{{"0"}, {"0", "1"}, {"0", "1", "2"}, {"1", "2", "3"}, {"2", "3", "4"}, {"3", "4", "5"}, {"4", "5", "6"}}
	for i := range want {
		j.Add(Event{Summary: fmt.Sprint(i), Tenant: fmt.Sprint("t", i%2)})
		if diff := cmp.Diff(want[i], summaries(j.Events())); diff != "" {
			t.Errorf("after %d (-want +got)\n%s", i, diff)
		}
		if got, want := j.Forgotten(), max(0, i-2); got != want {
			t.Errorf("after %d: %d forgotten, want %d", i, got, want)
		}
	}
	if diff := cmp.Diff([]string{"4", "6"}, summaries(j.EventsOf("t0"))); diff != "" {
		t.Errorf("of t0 (-want +got)\n%s", diff)
	}
	if e := j.Events()[0]; e.Time != now {
		t.Errorf("time %v", e.Time)
	}
	j.Events()[0].Summary = "overwritten"
	if got := j.Events()[0].Summary; got != "4" {
		t.Errorf("Events is no copy: %s", got)
	}
	then := now.Add(-time.Hour)
	j.Add(Event{Time: then, Summary: "dated"})
	if got := j.Events()[2].Time; got != then {
		t.Errorf("a time that was set became %v", got)
	}
}

func TestDNSExchangeString(t *testing.T) {
	client := netip.MustParseAddrPort("127.0.0.1:4321")
	for want, x := range map[string]DNSExchange{
		"udp 127.0.0.1:4321 www.Example.com. IN A: NOERROR, 1 record":   {Client: client, Network: "udp", Name: "www.Example.com.", Type: dns.TypeA, Class: 1, Answers: 1},
		"tcp 127.0.0.1:4321 x. CH TYPE65400: REFUSED, 0 records":        {Client: client, Network: "tcp", Name: "x.", Type: 65400, Class: 3, Rcode: dns.RcodeRefused},
		"udp 127.0.0.1:4321 x. IN TXT: NOERROR, 4 records, truncated":   {Client: client, Network: "udp", Name: "x.", Type: dns.TypeTXT, Class: 1, Answers: 4, Truncated: true},
		"udp 127.0.0.1:4321 UPDATE x. IN SOA: NOTIMP, 0 records":        {Client: client, Network: "udp", Name: "x.", Type: dns.TypeSOA, Class: 1, Opcode: dns.OpcodeUpdate, Rcode: dns.RcodeNotImplemented},
		"udp 127.0.0.1:4321 OPCODE15 no question: RCODE3841, 0 records": {Client: client, Network: "udp", Opcode: 15, Rcode: 3841},
		"udp 127.0.0.1:4321 x. IN A: BADVERS, 0 records":                {Client: client, Network: "udp", Name: "x.", Type: dns.TypeA, Class: 1, Rcode: dns.RcodeBadVers},
	} {
		if got := x.String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal(time.Now, 2)
		is := func(s string) func(Event) bool { return func(e Event) bool { return e.Summary == s } }
		j.Add(Event{Summary: "past"})
		if e, err := j.Await(t.Context(), is("past")); err != nil || e.Summary != "past" {
			t.Errorf("a past event: %v, %v", e, err)
		}
		var waiting sync.WaitGroup
		for range 3 {
			waiting.Go(func() {
				if e, err := j.Await(t.Context(), is("future")); err != nil || e.Summary != "future" {
					t.Errorf("a future event: %v, %v", e, err)
				}
			})
		}
		synctest.Wait()
		for _, s := range []string{"a", "b", "c", "future"} {
			j.Add(Event{Summary: s})
		}
		waiting.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := j.Await(ctx, is("never"))
		if want := "no such event among the 5 in the journal: context deadline exceeded"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

func TestSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal(time.Now, 10)
		start := time.Now()
		if err := j.Settled(t.Context(), 0); err != nil || time.Since(start) != 0 {
			t.Errorf("with nothing in flight: %v after %v", err, time.Since(start))
		}
		end := j.Begin("GET /first")
		time.AfterFunc(2*time.Second, func() { j.Begin("GET /second") })
		if got := j.InFlight(); len(got) != 1 || got[0] != "GET /first" {
			t.Errorf("in flight: %v", got)
		}
		// Ends after 3 s; an event comes at 5 s; quiet for 4 s from then.
		time.AfterFunc(3*time.Second, func() { end(); end() })
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		err := j.Settled(ctx, 0)
		if want := "the journal has not settled, still running: GET /second: context deadline exceeded"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

func TestSettledAfterQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal(time.Now, 10)
		start := time.Now()
		end := j.Begin("GET /")
		time.AfterFunc(3*time.Second, end)
		time.AfterFunc(5*time.Second, func() { j.Add(Event{}) })
		if err := j.Settled(t.Context(), 4*time.Second); err != nil || time.Since(start) != 9*time.Second {
			t.Errorf("settled after %v (%v), want 9s", time.Since(start), err)
		}
		ticker := time.NewTicker(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		go func() {
			for {
				select {
				case <-ticker.C:
					j.Add(Event{})
				case <-ctx.Done(): // at a tick: waiting for the next one would outlast the test
					return
				}
			}
		}()
		err := j.Settled(ctx, 4*time.Second)
		if want := "the journal has not settled, events keep coming: context deadline exceeded"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

func TestJournalIsSafe(t *testing.T) {
	j := newJournal(time.Now, 100)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 500 {
				end := j.Begin("x")
				j.Add(Event{Summary: "x"})
				j.Events()
				end()
			}
		})
	}
	all.Go(func() {
		if _, err := j.Await(t.Context(), func(e Event) bool { return e.Summary == "x" }); err != nil {
			t.Error(err)
		}
	})
	all.Wait()
	if err := j.Settled(t.Context(), 0); err != nil || j.Forgotten() != 1900 {
		t.Errorf("%v, %d forgotten, want 1900", err, j.Forgotten())
	}
}
