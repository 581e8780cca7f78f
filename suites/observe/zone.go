package observe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/miekg/dns"
)

// Transfer reads a whole zone by AXFR (RFC 5936) over TCP. The SOA comes first
// and once. What is not a complete transfer is an error: one that was refused,
// cut, or does not end with the SOA that it began with.
func (s Server) Transfer(ctx context.Context, zone string) ([]Record, error) {
	zone = dns.CanonicalName(zone)
	records, err := s.transfer(ctx, zone)
	if err != nil {
		if ctx.Err() != nil {
			err = errors.Join(ctx.Err(), err)
		}
		return nil, fmt.Errorf("transfer of %s from %s after %d records: %w", zone, s.Addr, len(records), err)
	}
	return records, nil
}

func (s Server) transfer(ctx context.Context, zone string) ([]Record, error) {
	conn, done, err := s.open(ctx, "tcp", or(s.Ceiling, DefaultCeiling))
	if err != nil {
		return nil, err
	}
	defer done()
	q := new(dns.Msg).SetAxfr(zone)
	if err := conn.WriteMsg(q); err != nil {
		return nil, err
	}
	var records []Record
	for first := true; ; first = false {
		m, err := conn.ReadMsg()
		if err != nil {
			return records, err
		}
		if err := part(m, q, first); err != nil {
			return records, err
		}
		for i, rr := range m.Answer {
			soa, isSOA := rr.(*dns.SOA)
			switch {
			case len(records) == 0 && !isSOA:
				return records, errors.New("it does not begin with a SOA record")
			case len(records) == 0 || !isSOA:
				records = append(records, FromRR(rr))
			case FromRR(soa) != records[0]:
				return records, fmt.Errorf("it began with %s and ends with %s", records[0], FromRR(soa))
			case i != len(m.Answer)-1:
				return records, errors.New("records follow the SOA record that ends it")
			default:
				return records, nil
			}
		}
	}
}

// part checks one message of a transfer; those after the first may leave the
// question out.
func part(m, q *dns.Msg, first bool) error {
	switch {
	case m.Rcode != dns.RcodeSuccess:
		return fmt.Errorf("the server answers %s", rcode(m.Rcode))
	case !first && len(m.Question) == 0 && m.Id == q.Id:
	default:
		if err := answers(m, q); err != nil {
			return err
		}
	}
	if len(m.Answer) == 0 {
		return errors.New("a message of it has no records")
	}
	return nil
}

// WaitFor asks until the server gives an answer that accept takes, at once and
// then every Interval, at most for Ceiling. When the time is up the error says
// what was seen last; the last answer is returned with it.
func (s Server) WaitFor(ctx context.Context, name string, rrtype uint16, accept func(Answer) bool) (Answer, error) {
	ceiling := or(s.Ceiling, DefaultCeiling)
	ctx, cancel := context.WithTimeoutCause(ctx, ceiling, fmt.Errorf("the ceiling of %v is reached", ceiling))
	defer cancel()
	ticker := time.NewTicker(or(s.Interval, DefaultInterval))
	defer ticker.Stop()
	var last Answer
	seen := "no answer"
	for {
		a, err := s.Ask(ctx, name, rrtype)
		switch {
		case err == nil && accept(a):
			return a, nil
		case err == nil:
			last, seen = a, a.Observation().String()
		case last.Server == "":
			// An answer says more than an error after it, which may be our own
			// ceiling that cut a question short.
			seen = err.Error()
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return last, fmt.Errorf("waiting for %s at %s: %w; seen last: %s", question(name, rrtype), s.Addr, context.Cause(ctx), seen)
		}
	}
}
