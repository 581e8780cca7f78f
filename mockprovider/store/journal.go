package store

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// The kinds of events.
const (
	KindDNS       = "dns"
	KindHTTP      = "http"
	KindApply     = "apply"
	KindSignature = "signature"
	KindScript    = "script"
)

// Event is one journal entry.
type Event struct {
	// Time is when it was added, by the store's clock, unless it was set.
	Time time.Time
	// Kind is dns, http, apply, signature or script.
	Kind string
	// Tenant is the tenant's name when it is known.
	Tenant string
	// Summary is one line: what was asked, what was answered.
	Summary string
	// DNS is the exchange of an event of kind dns, else zero.
	DNS DNSExchange
}

// DNSExchange is one DNS query and how it was answered.
type DNSExchange struct {
	// Client asked; Network is udp or tcp.
	Client  netip.AddrPort
	Network string
	// Name has the case of the question; "" when there was no question that
	// could be read.
	Name        string
	Type, Class uint16
	Opcode      int
	// Rcode is the extended response code; Answers counts the records of the
	// answer section, for a transfer those of all messages.
	Rcode, Answers int
	// Truncated is set when the answer had TC.
	Truncated bool
	// Unanswered is set when there was no answer, on purpose.
	Unanswered bool
}

// RcodeName is the name of the response code; "" without an answer.
func (x DNSExchange) RcodeName() string {
	if x.Unanswered {
		return ""
	}
	return rcode(x.Rcode)
}

// String is one line: "udp 127.0.0.1:4321 www.example.com. IN A: NOERROR, 1 record".
func (x DNSExchange) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s ", x.Network, x.Client)
	if x.Opcode != dns.OpcodeQuery {
		fmt.Fprintf(&b, "%s ", named(dns.OpcodeToString[x.Opcode], "OPCODE", x.Opcode))
	}
	if x.Name == "" {
		b.WriteString("no question")
	} else {
		fmt.Fprintf(&b, "%s %s %s", x.Name, dns.Class(x.Class), dns.Type(x.Type))
	}
	if x.Unanswered {
		return b.String() + ": no answer"
	}
	fmt.Fprintf(&b, ": %s, %d record", rcode(x.Rcode), x.Answers)
	if x.Answers != 1 {
		b.WriteByte('s')
	}
	if x.Truncated {
		b.WriteString(", truncated")
	}
	return b.String()
}

// rcode names a response code. 16 is BADVERS in an answer and BADSIG only
// inside a TSIG record; miekg knows it by the latter.
func rcode(code int) string {
	if code == dns.RcodeBadVers {
		return "BADVERS"
	}
	return named(dns.RcodeToString[code], "RCODE", code)
}

func named(name, prefix string, code int) string {
	if name == "" {
		return fmt.Sprintf("%s%d", prefix, code)
	}
	return name
}

// journalSize is how many events a journal remembers.
const journalSize = 16384

// Journal remembers what happened, bounded: the oldest events make room. It
// is safe for concurrent use.
type Journal struct {
	clock func() time.Time
	limit int

	mu sync.Mutex
	// ring holds the newest events; event number n stands at n % limit.
	ring  []Event
	total int
	// busy are the activities that have begun and not ended.
	busy map[*activity]struct{}
	// changed is closed on the next change; nil while nobody waits.
	changed chan struct{}
}

type activity struct {
	what  string
	begun time.Time
}

func newJournal(clock func() time.Time, limit int) *Journal {
	return &Journal{clock: clock, limit: limit, busy: map[*activity]struct{}{}}
}

// Add appends an event.
func (j *Journal) Add(e Event) {
	if e.Time.IsZero() {
		e.Time = j.clock()
	}
	j.mu.Lock()
	if len(j.ring) < j.limit {
		j.ring = append(j.ring, e)
	} else {
		j.ring[j.total%j.limit] = e
	}
	j.total++
	j.signal()
	j.mu.Unlock()
}

// signal wakes everybody who waits. The caller holds mu.
func (j *Journal) signal() {
	if j.changed != nil {
		close(j.changed)
		j.changed = nil
	}
}

// wait returns a channel that is closed on the next change. The caller holds mu.
func (j *Journal) wait() <-chan struct{} {
	if j.changed == nil {
		j.changed = make(chan struct{})
	}
	return j.changed
}

// Events returns a copy of what is remembered, oldest first.
func (j *Journal) Events() []Event {
	events, _ := j.since(0)
	return events
}

// EventsOf returns what is remembered of one tenant, oldest first.
func (j *Journal) EventsOf(tenant string) []Event {
	return slices.DeleteFunc(j.Events(), func(e Event) bool { return e.Tenant != tenant })
}

// Forgotten counts the events that were pushed out by newer ones. Who draws
// conclusions from the absence of an event looks here first.
func (j *Journal) Forgotten() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.total - len(j.ring)
}

// since copies the remembered events from number n on, and the next number.
func (j *Journal) since(n int) ([]Event, int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.sinceLocked(n), j.total
}

// Since returns what is remembered from event number n on, numbered from 0,
// and the number that the next event will have. Events that are forgotten are
// left out, so that the first one returned has the number next less the count.
func (j *Journal) Since(n int) (events []Event, next int) { return j.since(max(n, 0)) }

// AwaitNumber waits until event number n has been added. It ends with the
// context's error.
func (j *Journal) AwaitNumber(ctx context.Context, n int) error {
	for {
		j.mu.Lock()
		total, changed := j.total, j.wait()
		j.mu.Unlock()
		if total > n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("event number %d has not come, there are %d: %w", n, total, ctx.Err())
		}
	}
}

func (j *Journal) sinceLocked(n int) []Event {
	n = min(max(n, j.total-len(j.ring)), j.total)
	events := make([]Event, 0, j.total-n)
	for ; n < j.total; n++ {
		e := j.ring[n%j.limit]
		if e.Summary == "" && e.Kind == KindDNS {
			e.Summary = e.DNS.String()
		}
		events = append(events, e)
	}
	return events
}

// Await returns the first event, remembered or yet to come, that match
// accepts. It ends with the context's error.
func (j *Journal) Await(ctx context.Context, match func(Event) bool) (Event, error) {
	next := 0
	for {
		j.mu.Lock()
		events := j.sinceLocked(next)
		next = j.total
		changed := j.wait()
		j.mu.Unlock()
		for _, e := range events {
			if match(e) {
				return e, nil
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Event{}, fmt.Errorf("no such event among the %d in the journal: %w", next, ctx.Err())
		}
	}
}

// Begin notes that something has started that will end: an HTTP request, a
// zone transfer. what names it for Settled and InFlight. The function that it
// returns ends it; calling that twice does nothing.
func (j *Journal) Begin(what string) (end func()) {
	a := &activity{what: what, begun: j.clock()}
	j.mu.Lock()
	j.busy[a] = struct{}{}
	j.signal()
	j.mu.Unlock()
	return func() {
		j.mu.Lock()
		delete(j.busy, a)
		j.signal()
		j.mu.Unlock()
	}
}

// InFlight names what has begun and not ended, oldest first.
func (j *Journal) InFlight() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	running := make([]*activity, 0, len(j.busy))
	for a := range j.busy {
		running = append(running, a)
	}
	slices.SortFunc(running, func(a, b *activity) int {
		if c := a.begun.Compare(b.begun); c != 0 {
			return c
		}
		return strings.Compare(a.what, b.what)
	})
	names := make([]string, len(running))
	for i, a := range running {
		names[i] = a.what
	}
	return names
}

// Settled waits until nothing is in flight and nothing was added for the
// quiet time; with quiet 0 until nothing is in flight. When the context ends
// first, the error names what is still running.
func (j *Journal) Settled(ctx context.Context, quiet time.Duration) error {
	for {
		j.mu.Lock()
		busy := len(j.busy)
		changed := j.wait()
		j.mu.Unlock()
		if busy == 0 && quiet <= 0 {
			return nil
		}
		var silence <-chan time.Time
		if busy == 0 {
			silence = time.After(quiet)
		}
		select {
		case <-changed:
		case <-silence:
			return nil
		case <-ctx.Done():
			if running := j.InFlight(); len(running) > 0 {
				return fmt.Errorf("the journal has not settled, still running: %s: %w", strings.Join(running, ", "), ctx.Err())
			}
			return fmt.Errorf("the journal has not settled, events keep coming: %w", ctx.Err())
		}
	}
}
