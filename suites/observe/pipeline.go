package observe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/miekg/dns"
)

// window is how many questions are under way at once: enough to hide the way
// there and back, few enough for any socket buffer.
const window = 64

// askMany asks for every type at every name over UDP, without waiting for one
// answer before the next question. What is not answered within Timeout is asked
// again, up to Tries times; what was cut is asked over TCP. With TrustNXDOMAIN
// the answer to the first type that the name does not exist stands for the
// others, too; the same answer behind an alias is about the alias's target (RFC
// 6604). Answers are by name, then by type, in the order given.
func (s Server) askMany(ctx context.Context, names []string, types []uint16) ([]Answer, error) {
	answers := make([]Answer, 0, len(names)*len(types))
	for _, name := range names {
		fqdn := dns.Fqdn(name)
		if _, ok := dns.IsDomainName(fqdn); !ok {
			return nil, fmt.Errorf("%q is not a domain name that can be asked for", name)
		}
		for _, t := range types {
			answers = append(answers, Answer{Name: fqdn, Type: t, Server: s.Addr, Network: "udp"})
		}
	}
	timeout, tries := or(s.Timeout, DefaultTimeout), or(s.Tries, DefaultTries)
	rounds := 1 + (len(answers)-1)/window + 1 // the last one is rarely full
	conn, done, err := s.open(ctx, "udp", timeout*time.Duration(tries*rounds))
	if err != nil {
		return nil, fmt.Errorf("%s over udp: %w", s.Addr, err)
	}
	defer done()
	if s.TrustNXDOMAIN {
		return answers, s.askTrusting(ctx, conn, answers, types)
	}
	all := make([]*Answer, len(answers))
	for i := range answers {
		all[i] = &answers[i]
	}
	return answers, s.askAll(ctx, conn, all)
}

// askTrusting asks for the first type at every name, and for the others where
// the name exists.
func (s Server) askTrusting(ctx context.Context, conn *dns.Conn, answers []Answer, types []uint16) error {
	var first, rest []*Answer
	for i := 0; i < len(answers); i += len(types) {
		first = append(first, &answers[i])
	}
	if err := s.askAll(ctx, conn, first); err != nil {
		return err
	}
	for i := range answers {
		lead := &answers[i-i%len(types)]
		switch a := &answers[i]; {
		case a == lead:
		case lead.Rcode == dns.RcodeNameError && len(lead.Records) == 0:
			*a = *lead
			a.Type = types[i%len(types)]
		default:
			rest = append(rest, a)
		}
	}
	return s.askAll(ctx, conn, rest)
}

// askAll asks the questions in answers, some at a time, and those that were cut
// over TCP.
func (s Server) askAll(ctx context.Context, conn *dns.Conn, answers []*Answer) error {
	for rest := answers; len(rest) > 0; {
		n := min(window, len(rest))
		if err := s.burst(ctx, conn, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	for _, a := range answers {
		if a.Network != "tcp" {
			continue
		}
		if err := s.overTCP(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// burst asks the questions in answers and fills them in. An answer that was
// cut is left empty, with tcp as its network.
func (s Server) burst(ctx context.Context, conn *dns.Conn, answers []*Answer) error {
	timeout, tries := or(s.Timeout, DefaultTimeout), or(s.Tries, DefaultTries)
	var err error
	queries := make(map[uint16]*dns.Msg, len(answers))
	open := make(map[uint16]*Answer, len(answers))
	for _, a := range answers {
		id := dns.Id()
		for open[id] != nil {
			id++
		}
		open[id], queries[id] = a, s.query(a.Name, a.Type, id)
	}
	for range tries {
		if err = s.send(conn, queries, open); err == nil {
			err = collect(conn, queries, open, timeout)
		}
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = errors.Join(context.Cause(ctx), err)
	}
	return unanswered(answers, open, err)
}

func (s Server) send(conn *dns.Conn, queries map[uint16]*dns.Msg, open map[uint16]*Answer) error {
	for id, a := range open {
		a.Tries++
		if err := conn.WriteMsg(queries[id]); err != nil {
			return err
		}
	}
	return nil
}

// collect reads answers until no question is open or the time is up. What is
// not an answer to an open question is passed over.
func collect(conn *dns.Conn, queries map[uint16]*dns.Msg, open map[uint16]*Answer, timeout time.Duration) error {
	if err := conn.SetReadDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	for len(open) > 0 {
		m, err := conn.ReadMsg()
		if err != nil {
			if expired(err) {
				return err
			}
			continue
		}
		a := open[m.Id]
		if a == nil || answers(m, queries[m.Id]) != nil {
			continue
		}
		delete(open, m.Id)
		if m.Truncated {
			a.Network = "tcp"
			continue
		}
		a.fill(m)
	}
	return nil
}

// unanswered names the first question in the order of asking that is open.
func unanswered(asked []*Answer, open map[uint16]*Answer, err error) error {
	for _, a := range asked {
		for _, o := range open {
			if o != a {
				continue
			}
			more := ""
			if len(open) > 1 {
				more = fmt.Sprintf(" and %d more", len(open)-1)
			}
			return fmt.Errorf("%s%s at %s over udp, try %d: %w", question(a.Name, a.Type), more, a.Server, a.Tries, err)
		}
	}
	return err
}
