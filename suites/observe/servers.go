package observe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/suites/target"
)

// MaxInterval is how far the pauses between two looks of a wait grow: a
// provider's name servers are not asked fifty times a second for a minute.
const MaxInterval = time.Second

// Servers are all the name servers at which a target's zones are observed:
// its authoritative servers, or one resolver. Each is asked, at the same time,
// and their answers are compared. The zero value has none, and every method
// returns an error.
type Servers struct {
	// List are the servers, in the order that reports name them.
	List []Server
	// Ceiling bounds a wait; 0 is DefaultCeiling.
	Ceiling time.Duration
	// Interval is the first pause between two looks; 0 is DefaultInterval. It
	// doubles up to MaxInterval.
	Interval time.Duration
	// Settled, where it is given, returns when the target has done all that it
	// is going to do: a wait then looks once more, and that look decides. It
	// is called once for each wait, and returns when its context ends. An error
	// of it is an error of the wait.
	Settled func(ctx context.Context) error
}

// Of are the servers that a target.yaml names: dns.servers, or else its
// resolver. Connections are opened by dial; nil is net.Dialer.
func Of(c *target.Config, dial func(ctx context.Context, network, addr string) (net.Conn, error)) Servers {
	s := Servers{Ceiling: c.Limits.Propagation}
	// Who waits for a page no longer than that waits for no packet longer.
	timeout := min(or(c.Limits.Request, DefaultTimeout), DefaultTimeout)
	for _, addr := range c.DNS.Servers {
		s.List = append(s.List, Server{Addr: addr, Dial: dial, Timeout: timeout, Ceiling: c.Limits.Propagation})
	}
	if len(s.List) == 0 && c.DNS.Resolver != "" {
		s.List = append(s.List, Server{Addr: c.DNS.Resolver, Recursive: true, Dial: dial, Timeout: timeout, Ceiling: c.Limits.Propagation})
	}
	return s
}

// DisagreementError says that the servers do not have the same records.
type DisagreementError struct {
	// Question is what was asked, for people.
	Question string
	// Views are what each server has, in the order of Servers.List.
	Views []View
}

// View is what one server has: records in presentation form, sorted.
type View struct {
	Server string
	Lines  []string
}

// Error has what all servers have in common left out, and names the rest by
// server.
func (e *DisagreementError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the name servers disagree on %s:", e.Question)
	for _, v := range e.Views {
		var own []string
		for _, line := range v.Lines {
			if !slices.ContainsFunc(e.Views, func(o View) bool { return !slices.Contains(o.Lines, line) }) {
				continue
			}
			own = append(own, line)
		}
		if len(own) == 0 {
			own = []string{"(none of what others have)"}
		}
		fmt.Fprintf(&b, "\n  %s has %s", v.Server, strings.Join(own, "\n    and "))
	}
	return b.String()
}

var errNoServer = errors.New("no name server is given to observe the zones at")

// each runs ask for every server at once and joins the errors.
func each[T any](s Servers, ask func(Server) (T, error)) ([]T, error) {
	if len(s.List) == 0 {
		return nil, errNoServer
	}
	out, errs := make([]T, len(s.List)), make([]error, len(s.List))
	if len(s.List) == 1 {
		out[0], errs[0] = ask(s.List[0])
		return out, errs[0]
	}
	var group sync.WaitGroup
	for i, server := range s.List {
		group.Go(func() { out[i], errs[i] = ask(server) })
	}
	group.Wait()
	return out, errors.Join(errs...)
}

// AskAll asks every server one question. The answers are in the order of List;
// the error joins those of servers that gave none, and is a
// *DisagreementError where all answered and not alike.
func (s Servers) AskAll(ctx context.Context, name string, rrtype uint16) ([]Answer, error) {
	answers, err := each(s, func(server Server) (Answer, error) { return server.Ask(ctx, name, rrtype) })
	if err != nil {
		return answers, err
	}
	views := make([]View, len(answers))
	for i, a := range answers {
		views[i] = View{Server: a.Server, Lines: lines(a.Records, !s.List[i].Recursive)}
		if len(a.Records) == 0 {
			// NXDOMAIN here and NODATA there is a disagreement too.
			views[i].Lines = []string{rcode(a.Rcode) + " without records"}
		}
	}
	return answers, disagreement(question(name, rrtype), views)
}

// disagreement is nil when all views are alike.
func disagreement(about string, views []View) error {
	for _, v := range views[1:] {
		if !slices.Equal(v.Lines, views[0].Lines) {
			return &DisagreementError{Question: about, Views: views}
		}
	}
	return nil
}

// lines are records in presentation form, sorted; without their TTL, a
// resolver's countdown does not count.
func lines(records []Record, ttl bool) []string {
	out := make([]string, len(records))
	for i, r := range records {
		if ttl {
			out[i] = r.String()
		} else {
			out[i] = r.Owner + " IN " + r.Type + " " + r.Data
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// WaitFor asks all servers until they agree and accept takes each answer, at
// once, then after pauses, at most for Ceiling. With Settled it asks once more
// when that returns, and no longer. The error says what was seen last; the
// last answers are returned with it.
func (s Servers) WaitFor(ctx context.Context, name string, rrtype uint16, accept func(Answer) bool) ([]Answer, error) {
	var last []Answer
	err := s.wait(ctx, question(name, rrtype), func(ctx context.Context) (string, error) {
		answers, err := s.AskAll(ctx, name, rrtype)
		if err != nil {
			var unlike *DisagreementError
			if errors.As(err, &unlike) {
				last = answers
			}
			return "", err
		}
		last = answers
		for _, a := range answers {
			if !accept(a) {
				return a.Observation().String(), nil
			}
		}
		return "", nil
	})
	return last, err
}

// wait looks until look returns nothing to complain of. The error of a look
// that our own ceiling cut short does not replace what was seen before it.
func (s Servers) wait(ctx context.Context, about string, look func(context.Context) (string, error)) error {
	ceiling := or(s.Ceiling, DefaultCeiling)
	ctx, cancel := context.WithTimeoutCause(ctx, ceiling, fmt.Errorf("the ceiling of %v is reached", ceiling))
	defer cancel()
	settled := s.settle(ctx)
	pause := or(s.Interval, DefaultInterval)
	timer := time.NewTimer(pause)
	defer timer.Stop()
	seen, final := "nothing", false
	for {
		saw, err := look(ctx)
		switch {
		case err == nil && saw == "":
			return nil
		case err == nil:
			seen = saw
		case !over(ctx) || seen == "nothing":
			seen = err.Error()
		}
		if final {
			return fmt.Errorf("waiting for %s: the target has settled; seen last: %s", about, seen)
		}
		select {
		case err := <-settled:
			if err != nil {
				return fmt.Errorf("waiting for %s: the target does not settle: %w; seen last: %s", about, err, seen)
			}
			final = true
		case <-timer.C:
			pause = min(2*pause, MaxInterval)
			timer.Reset(pause)
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w; seen last: %s", about, context.Cause(ctx), seen)
		}
	}
}

// over reports whether a context has ended, or is about to: a connection's
// deadline, set from it, can come first.
func over(ctx context.Context) bool {
	deadline, bounded := ctx.Deadline()
	return ctx.Err() != nil || bounded && !time.Now().Before(deadline)
}

// settle calls Settled beside the wait; nil where there is none.
func (s Servers) settle(ctx context.Context) <-chan error {
	if s.Settled == nil {
		return nil
	}
	done := make(chan error, 1)
	go func() { done <- s.Settled(ctx) }()
	return done
}

// Holds checks that every server answers for a zone: its SOA, with authority
// unless it is a resolver. A server that does not hold the zone would say of
// everything that it is not there.
func (s Servers) Holds(ctx context.Context, zone string) error {
	_, err := each(s, func(server Server) (Answer, error) {
		a, err := server.Ask(ctx, zone, dns.TypeSOA)
		switch {
		case err != nil:
			return a, err
		case a.Rcode != dns.RcodeSuccess || len(a.Of(dns.TypeSOA)) == 0 || a.Of(dns.TypeSOA)[0].Owner != dns.CanonicalName(zone):
			return a, fmt.Errorf("%s does not hold the zone %s: asked for its SOA it answers %s", server.Addr, dns.CanonicalName(zone), a.Observation())
		case !a.Authoritative && !server.Recursive:
			return a, fmt.Errorf("%s is not authoritative for %s: give it as dns.resolver, or name the zone's own servers", server.Addr, dns.CanonicalName(zone))
		}
		return a, nil
	})
	return err
}
