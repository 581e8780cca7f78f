package store

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

func TestScriptIsConsumedInOrder(t *testing.T) {
	s := New(nil)
	tn, err := s.NewTenant(TenantConfig{Name: "a"})
	if err != nil {
		t.Fatal(err)
	}
	other, err := s.NewTenant(TenantConfig{Name: "b"})
	if err != nil {
		t.Fatal(err)
	}
	for i, step := range []Step{
		{Kind: RequestSettings, Match: "*.example", Left: 2, Reaction: Reaction{Status: 503, Body: "no"}},
		{Kind: RequestSettings, Left: 1, Reaction: Reaction{Delay: 2 * time.Second, Close: true}},
		{Kind: RequestDNS, Match: "_domainconnect.* txt", Left: 1, Reaction: Reaction{Rcode: dns.RcodeServerFailure}},
		{Kind: RequestApply, Left: 1, Reaction: Reaction{Fault: &Misbehaviour{Name: "open-redirector"}}},
	} {
		added, err := tn.AddStep(step)
		if err != nil || added.ID != i+1 {
			t.Fatalf("step %d got number %d, %v", i+1, added.ID, err)
		}
	}
	ask := func(tn *Tenant, kind, subject, want string) {
		t.Helper()
		r, ok := tn.NextStep(kind, subject)
		got := r.String()
		if !ok {
			got = ""
		}
		if got != want {
			t.Errorf("%s %s: %q, want %q", kind, subject, got, want)
		}
	}
	ask(other, RequestSettings, "a.example", "")
	ask(tn, RequestQuery, "a.example", "")
	ask(tn, RequestSettings, "A.Example", "status 503")
	ask(tn, RequestSettings, "a.test", "after 2s: connection closed")
	ask(tn, RequestSettings, "a.test", "")
	ask(tn, RequestDNS, "www.a.example TXT", "")
	ask(tn, RequestDNS, "_domainconnect.a.example TXT", "SERVFAIL")
	var left []int
	for _, step := range tn.Steps() {
		left = append(left, step.ID, step.Left)
	}
	if diff := cmp.Diff([]int{1, 1, 4, 1}, left); diff != "" {
		t.Errorf("number and times left: %s", diff)
	}
	ask(tn, RequestSettings, "a.example", "status 503")
	ask(tn, RequestSettings, "a.example", "")
	ask(tn, RequestApply, "p/s", "fault open-redirector")
	if s.Scripted() || len(tn.Steps()) != 0 {
		t.Error("steps are left")
	}
	var journal []string
	for _, e := range s.Journal().EventsOf("a") {
		journal = append(journal, e.Kind+" "+e.Summary)
	}
	if diff := cmp.Diff([]string{
		"script settings A.Example: step 1, status 503 (1 left)",
		"script settings a.test: step 2, after 2s: connection closed (0 left)",
		"script dns _domainconnect.a.example TXT: step 3, SERVFAIL (0 left)",
		"script settings a.example: step 1, status 503 (0 left)",
		"script apply p/s: step 4, fault open-redirector (0 left)",
	}, journal); diff != "" {
		t.Error(diff)
	}
}

func TestStepsAreCleared(t *testing.T) {
	s := New(nil)
	tn, err := s.NewTenant(TenantConfig{Name: "a"})
	if err != nil {
		t.Fatal(err)
	}
	step := Step{Kind: RequestDNS, Left: 1, Reaction: Reaction{Close: true}}
	add := func() error { _, err := tn.AddStep(step); return err }
	if err := add(); err != nil || !s.Scripted() {
		t.Fatal(err)
	}
	tn.ClearSteps()
	if s.Scripted() || len(tn.Steps()) != 0 {
		t.Error("steps are left after clearing")
	}
	for range MaxSteps {
		if err := add(); err != nil {
			t.Fatal(err)
		}
	}
	const full = "1000 steps wait already, which is as many as may: let requests come, or clear the script"
	if err := add(); err == nil || err.Error() != full {
		t.Errorf("got  %v\nwant %s", err, full)
	}
	s.Remove(tn)
	if s.Scripted() {
		t.Error("steps are left after their tenant was removed")
	}
	const gone = `tenant "a" was removed: no step can be added to its script`
	if err := add(); err == nil || err.Error() != gone {
		t.Errorf("got  %v\nwant %s", err, gone)
	}
}

// TestOneStepPerRequest lets many ask at once for few times.
func TestOneStepPerRequest(t *testing.T) {
	s := New(nil)
	tn, err := s.NewTenant(TenantConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := tn.AddStep(Step{Kind: RequestQuery, Left: 5, Reaction: Reaction{Status: 500}}); err != nil {
			t.Fatal(err)
		}
	}
	var met atomic.Int64
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, ok := tn.NextStep(RequestQuery, "p/s"); ok {
				met.Add(1)
			}
		})
	}
	all.Wait()
	if met.Load() != 10 {
		t.Errorf("%d requests were met, want 10", met.Load())
	}
}

func TestBadSteps(t *testing.T) {
	s := New(nil)
	tn, err := s.NewTenant(TenantConfig{})
	if err != nil {
		t.Fatal(err)
	}
	fault := &Misbehaviour{Name: "f"}
	for _, c := range []struct {
		step Step
		want string
	}{
		{Step{Kind: "http", Left: 1, Reaction: Reaction{Status: 500}}, `unknown kind of request "http": the kinds are dns, settings, query, apply, authorize, token, call`},
		{Step{Kind: RequestDNS, Reaction: Reaction{Close: true}}, "a step is for 1 to 1000000 requests, not for 0"},
		{Step{Kind: RequestDNS, Left: 1_000_001, Reaction: Reaction{Close: true}}, "a step is for 1 to 1000000 requests, not for 1000001"},
		{Step{Kind: RequestDNS, Left: 1, Reaction: Reaction{Delay: 61 * time.Second}}, "a delay of 1m1s: it is between 0 and 1m0s"},
		{Step{Kind: RequestDNS, Left: 1, Reaction: Reaction{Delay: -1}}, "a delay of -1ns: it is between 0 and 1m0s"},
		{Step{Kind: RequestDNS, Left: 1}, "the step does nothing: give it a delay, a status, an rcode, a fault, or let it close the connection"},
		{Step{Kind: RequestApply, Left: 1, Reaction: Reaction{Fault: fault, Close: true}}, "a step does one thing: a status, an rcode, a fault, or closing the connection; a delay may come before it"},
		{Step{Kind: RequestDNS, Left: 1, Reaction: Reaction{Status: 503}}, "a DNS answer has no HTTP status: give the step an rcode, such as SERVFAIL"},
		{Step{Kind: RequestApply, Left: 1, Reaction: Reaction{Rcode: 2}}, "only a DNS answer has an rcode: give the step a status, such as 503"},
		{Step{Kind: RequestDNS, Left: 1, Reaction: Reaction{Rcode: 4096}}, "rcode 4096: it is between 0 and 4095"},
		{Step{Kind: RequestApply, Left: 1, Reaction: Reaction{Status: 199}}, "status 199: it is between 200 and 599"},
		{Step{Kind: RequestApply, Left: 1, Reaction: Reaction{Status: 600}}, "status 600: it is between 200 and 599"},
		{Step{Kind: RequestApply, Left: 1, Reaction: Reaction{Close: true, Body: "x"}}, "a body needs a status that it is sent with"},
		{Step{Kind: RequestApply, Left: 1, Reaction: Reaction{Status: 200, Body: strings.Repeat("x", 65537)}}, "a body of 65537 octets: at most 65536"},
	} {
		if _, err := tn.AddStep(c.step); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	for _, good := range []Step{
		{Kind: RequestApply, Left: 1_000_000, Reaction: Reaction{Status: 200, Body: strings.Repeat("x", 65536), Delay: time.Minute}},
		{Kind: RequestSettings, Left: 1, Reaction: Reaction{Status: 599}},
		{Kind: RequestDNS, Left: 1, Reaction: Reaction{Rcode: 4095}},
		{Kind: RequestQuery, Left: 1, Reaction: Reaction{Delay: 1}},
	} {
		if _, err := tn.AddStep(good); err != nil {
			t.Errorf("%v", err)
		}
	}
	if len(tn.Steps()) != 4 {
		t.Errorf("%d steps wait, want the 4 good ones", len(tn.Steps()))
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, subject string
		want             bool
	}{
		{"", "", true}, {"", "a", true},
		{"a", "A", true}, {"a", "ab", false}, {"b", "ab", false},
		{"*", "", true}, {"*", "p/s", true}, {"**", "x", true},
		{"?", "", false}, {"?", "x", true}, {"a?c", "abc", true}, {"a?c", "ac", false},
		{"*.example txt", "www.a.example TXT", true}, {"*.example txt", "www.example.org TXT", false},
		{"a*b*c", "aXbYbZc", true}, {"a*b*c", "aXbYbZ", false}, {"*ab", "aab", true}, {"a*", "ba", false},
	} {
		if got := fits(c.pattern, c.subject); got != c.want {
			t.Errorf("%q on %q: %v", c.pattern, c.subject, got)
		}
	}
}

func TestDNSSubject(t *testing.T) {
	for want, q := range map[string]dns.Question{
		"_domainconnect.Example.com TXT": {Name: "_domainconnect.Example.com.", Qtype: dns.TypeTXT},
		". TYPE65280":                    {Name: ".", Qtype: 65280},
	} {
		if got := DNSSubject(q); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestJournalByNumber(t *testing.T) {
	j := newJournal(time.Now, 3)
	for _, s := range []string{"0", "1", "2", "3", "4"} {
		j.Add(Event{Summary: s})
	}
	for _, c := range []struct {
		from int
		want string
	}{{-1, "234"}, {0, "234"}, {2, "234"}, {3, "34"}, {4, "4"}, {5, ""}, {99, ""}} {
		events, next := j.Since(c.from)
		got := ""
		for _, e := range events {
			got += e.Summary
		}
		if got != c.want || next != 5 {
			t.Errorf("since %d: %q and %d, want %q and 5", c.from, got, next, c.want)
		}
	}
}
