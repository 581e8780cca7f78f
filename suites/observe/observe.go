// Package observe asks name servers, as a black box, what they have: single
// RRsets, whole zones, and the difference between before and after. It knows
// DNS and nothing of the provider under test.
package observe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// The ceilings of a server whose fields are zero.
const (
	DefaultTimeout  = 2 * time.Second
	DefaultTries    = 3
	DefaultCeiling  = 5 * time.Second
	DefaultInterval = 20 * time.Millisecond
)

// Server is a name server to ask. Only Addr is needed.
type Server struct {
	// Addr is host:port, for UDP and TCP.
	Addr string
	// Recursive says that it is a resolver: questions ask for recursion, and
	// answers need no authority.
	Recursive bool
	// Timeout bounds one try; 0 is DefaultTimeout.
	Timeout time.Duration
	// Tries is how often a question is sent over UDP before the server counts
	// as unreachable; 0 is DefaultTries. So Ask takes at most Timeout times
	// Tries, and once more Timeout when the answer needs TCP.
	Tries int
	// Ceiling bounds WaitFor and one Transfer; 0 is DefaultCeiling.
	Ceiling time.Duration
	// Interval is how often WaitFor asks; 0 is DefaultInterval.
	Interval time.Duration
	// TrustNXDOMAIN takes the server's word that nothing is at a name that does
	// not exist (RFC 8020), and asks for no further type there. It is for a
	// server that is known to be right: some real ones deny names that have
	// records of another type, and what was written there would not be seen.
	TrustNXDOMAIN bool
	// Dial opens connections; nil is net.Dialer. A run that talks to this
	// machine only gives its denying dialer here.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Answer is what a server said to one question.
type Answer struct {
	// Name and Type are what was asked.
	Name string
	Type uint16
	// Rcode is the extended response code.
	Rcode int
	// Authoritative is the AA bit.
	Authoritative bool
	// Records are the answer section, Authority the authority section, in the
	// order of the message.
	Records, Authority []Record
	// Network is udp or tcp, whichever brought the answer; Tries counts the
	// questions that were sent.
	Network string
	Tries   int
	// Server was asked.
	Server string
}

// Of returns the records of the type that was asked for, at whatever name a
// chain of aliases led to.
func (a Answer) Of(rrtype uint16) []Record {
	var records []Record
	for _, r := range a.Records {
		if r.Type == dns.Type(rrtype).String() {
			records = append(records, r)
		}
	}
	return records
}

// Observation is an answer as it goes into the evidence.
type Observation struct {
	Server   string `json:"server"`
	Question string `json:"question"`
	Network  string `json:"network"`
	Rcode    string `json:"rcode"`
	AA       bool   `json:"aa"`
	// Answer and Authority are records in presentation form.
	Answer    []string `json:"answer"`
	Authority []string `json:"authority,omitempty"`
}

// Observation returns the answer for the evidence. Answer is never nil, so
// that "nothing" is written down too.
func (a Answer) Observation() Observation {
	return Observation{
		Server: a.Server, Question: question(a.Name, a.Type), Network: a.Network,
		Rcode: rcode(a.Rcode), AA: a.Authoritative,
		Answer: Lines(a.Records), Authority: Lines(a.Authority),
	}
}

// String is the observation on a few lines, for failure messages.
func (o Observation) String() string {
	aa := ""
	if o.AA {
		aa = ", authoritative"
	}
	lines := append([]string{fmt.Sprintf("%s at %s over %s: %s%s", o.Question, o.Server, o.Network, o.Rcode, aa)}, o.Answer...)
	return strings.Join(lines, "\n  ")
}

func question(name string, rrtype uint16) string {
	return dns.CanonicalName(name) + " IN " + dns.Type(rrtype).String()
}

func rcode(code int) string {
	if code == dns.RcodeBadVers {
		return "BADVERS" // miekg knows 16 as BADSIG, which it is inside a TSIG only.
	}
	if s, ok := dns.RcodeToString[code]; ok {
		return s
	}
	return fmt.Sprintf("RCODE%d", code)
}

// Ask asks for the records of a name (with or without trailing dot). It sends
// the question over UDP up to Tries times and goes on over TCP when the answer
// was cut. Every response code is an answer; an error means that there was
// none, or none to this question.
func (s Server) Ask(ctx context.Context, name string, rrtype uint16) (Answer, error) {
	a := Answer{Name: dns.Fqdn(name), Type: rrtype, Server: s.Addr}
	if _, ok := dns.IsDomainName(a.Name); !ok {
		return a, fmt.Errorf("%q is not a domain name that can be asked for", name)
	}
	m, err := s.overUDP(ctx, &a)
	switch {
	case err != nil:
		return a, a.failed(err)
	case m.Truncated:
		err = s.overTCP(ctx, &a)
		return a, err
	}
	a.fill(m)
	return a, nil
}

func (a *Answer) fill(m *dns.Msg) {
	a.Rcode, a.Authoritative = m.Rcode, m.Authoritative
	for _, rr := range m.Answer {
		a.Records = append(a.Records, FromRR(rr))
	}
	for _, rr := range m.Ns {
		a.Authority = append(a.Authority, FromRR(rr))
	}
}

func (a *Answer) failed(err error) error {
	return fmt.Errorf("%s at %s over %s, try %d: %w", question(a.Name, a.Type), a.Server, a.Network, a.Tries, err)
}

// overTCP asks over TCP.
func (s Server) overTCP(ctx context.Context, a *Answer) error {
	a.Network = "tcp"
	a.Tries++
	m, err := s.exchange(ctx, "tcp", a.Name, a.Type)
	if err == nil && m.Truncated {
		err = errors.New("the answer is cut over TCP too")
	}
	if err != nil {
		return a.failed(err)
	}
	a.fill(m)
	return nil
}

// AskTCP is Ask over TCP alone.
func (s Server) AskTCP(ctx context.Context, name string, rrtype uint16) (Answer, error) {
	a := Answer{Name: dns.Fqdn(name), Type: rrtype, Server: s.Addr}
	if _, ok := dns.IsDomainName(a.Name); !ok {
		return a, fmt.Errorf("%q is not a domain name that can be asked for", name)
	}
	err := s.overTCP(ctx, &a)
	return a, err
}

// query is the question as it is sent: with EDNS, and asking for recursion of
// a resolver only.
func (s Server) query(name string, rrtype, id uint16) *dns.Msg {
	q := new(dns.Msg).SetQuestion(name, rrtype)
	q.Id = id
	q.RecursionDesired = s.Recursive
	q.SetEdns0(1232, false)
	return q
}

func (s Server) overUDP(ctx context.Context, a *Answer) (m *dns.Msg, err error) {
	a.Network = "udp"
	for range or(s.Tries, DefaultTries) {
		a.Tries++
		if m, err = s.exchange(ctx, "udp", a.Name, a.Type); err == nil || ctx.Err() != nil {
			return m, err
		}
	}
	return nil, err
}

// exchange sends one question and returns the answer to it. Over UDP, what is
// not an answer to it is passed over until the time is up.
func (s Server) exchange(ctx context.Context, network, name string, rrtype uint16) (*dns.Msg, error) {
	conn, done, err := s.open(ctx, network, or(s.Timeout, DefaultTimeout))
	if err != nil {
		return nil, err
	}
	defer done()
	q := s.query(name, rrtype, dns.Id())
	if err := conn.WriteMsg(q); err != nil {
		return nil, err
	}
	for {
		m, err := conn.ReadMsg()
		if err == nil {
			err = answers(m, q)
		}
		switch {
		case err == nil:
			return m, nil
		case network == "tcp" || expired(err):
			return nil, err
		}
	}
}

// expired reports whether an error ends the reading, unlike a packet that
// could not be read or was for somebody else.
func expired(err error) bool {
	var n net.Error
	return errors.As(err, &n) || errors.Is(err, net.ErrClosed)
}

// answers checks that m answers q.
func answers(m, q *dns.Msg) error {
	switch {
	case !m.Response:
		return errors.New("what came back is not a response")
	case m.Id != q.Id:
		return fmt.Errorf("what came back has the identifier %d, the question had %d", m.Id, q.Id)
	case len(m.Question) == 0 && m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError:
		return nil // A refusal may leave the question out.
	case len(m.Question) != 1:
		return fmt.Errorf("what came back repeats %d questions, not one", len(m.Question))
	}
	want, got := q.Question[0], m.Question[0]
	if !strings.EqualFold(got.Name, want.Name) || got.Qtype != want.Qtype || got.Qclass != want.Qclass {
		return fmt.Errorf("what came back answers %s, the question was %s", question(got.Name, got.Qtype), question(want.Name, want.Qtype))
	}
	return nil
}

// open dials with a deadline that the context can bring forward.
func (s Server) open(ctx context.Context, network string, limit time.Duration) (*dns.Conn, func(), error) {
	dialing, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	dial := s.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	c, err := dial(dialing, network, s.Addr)
	if err != nil {
		return nil, nil, err
	}
	if deadline, ok := dialing.Deadline(); ok {
		if err := c.SetDeadline(deadline); err != nil {
			return nil, nil, errors.Join(err, c.Close())
		}
	}
	stop := context.AfterFunc(ctx, func() { c.Close() })
	return &dns.Conn{Conn: c, UDPSize: 4096}, func() { stop(); c.Close() }, nil
}

func or[T int | time.Duration](v, standard T) T {
	if v == 0 {
		return standard
	}
	return v
}
