package seed

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/suites/target"
)

const (
	// UpdateCeiling bounds one update, from dial to answer.
	UpdateCeiling = 10 * time.Second
	// fudge is by how many seconds the clocks of both sides may differ
	// (RFC 8945 section 10).
	fudge = 300
	// most is how many octets of records go into one update; a message has
	// 65,535.
	most = 48 << 10
)

// updater writes by dynamic update (RFC 2136), signed with TSIG (RFC 8945)
// where there is a key.
type updater struct {
	update target.Update
	dial   Dial
	now    func() time.Time
}

func (u *updater) add(ctx context.Context, zone string, records []dns.RR) error {
	return u.send(ctx, zone, records, (*dns.Msg).Insert)
}

func (u *updater) clear(ctx context.Context, zone string, names []clearing) error {
	var whole, sets []dns.RR
	for _, n := range names {
		if len(n.types) == 0 {
			whole = append(whole, &dns.ANY{Hdr: dns.RR_Header{Name: n.name}})
		}
		for _, t := range n.types {
			sets = append(sets, &dns.ANY{Hdr: dns.RR_Header{Name: n.name, Rrtype: t}})
		}
	}
	if err := u.send(ctx, zone, whole, (*dns.Msg).RemoveName); err != nil {
		return err
	}
	return u.send(ctx, zone, sets, (*dns.Msg).RemoveRRset)
}

// send puts the records into as many updates as they need.
func (u *updater) send(ctx context.Context, zone string, records []dns.RR, put func(*dns.Msg, []dns.RR)) error {
	for len(records) > 0 {
		n, size := 0, 0
		for n < len(records) && (n == 0 || size+dns.Len(records[n]) <= most) {
			size += dns.Len(records[n])
			n++
		}
		m := new(dns.Msg).SetUpdate(zone)
		put(m, records[:n])
		if err := u.exchange(ctx, m); err != nil {
			return fmt.Errorf("update of %s at %s: %w", zone, u.update.Server, err)
		}
		records = records[n:]
	}
	return nil
}

func (u *updater) exchange(ctx context.Context, m *dns.Msg) error {
	ctx, cancel := context.WithTimeoutCause(ctx, UpdateCeiling, fmt.Errorf("no answer within %v", UpdateCeiling))
	defer cancel()
	dial := u.dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	// Over TCP: an update that is sent twice for a lost answer is not the same
	// as one.
	c, err := dial(ctx, "tcp", u.update.Server)
	if err != nil {
		return err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	conn := &dns.Conn{Conn: c}
	if u.update.Key != "" {
		key := dns.CanonicalName(u.update.Key)
		conn.TsigSecret = map[string]string{key: u.update.Secret.Reveal()}
		m.SetTsig(key, dns.CanonicalName(u.update.Algorithm), fudge, u.now().Unix())
	}
	if err := conn.WriteMsg(m); err != nil {
		return cause(ctx, err)
	}
	answer, err := conn.ReadMsg()
	if answer != nil && answer.Id == m.Id && answer.Rcode != dns.RcodeSuccess {
		return refused(answer, u.update.Key)
	}
	switch {
	case errors.Is(err, dns.ErrSig), errors.Is(err, dns.ErrTime), errors.Is(err, dns.ErrKey), errors.Is(err, dns.ErrSecret):
		return fmt.Errorf("the answer's TSIG does not verify: %w", err)
	case err != nil:
		return cause(ctx, err)
	case answer.Id != m.Id || !answer.Response || answer.Opcode != dns.OpcodeUpdate:
		return errors.New("what came back is no answer to the update")
	case u.update.Key != "" && answer.IsTsig() == nil:
		return errors.New("the answer to a signed update is not signed")
	}
	return nil
}

// cause says whose time was up where one was.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// refused words a response code, with the mend.
func refused(answer *dns.Msg, key string) error {
	code := dns.RcodeToString[answer.Rcode]
	if code == "" {
		code = fmt.Sprintf("RCODE%d", answer.Rcode)
	}
	if t := answer.IsTsig(); t != nil && t.Error != dns.RcodeSuccess {
		switch t.Error {
		case dns.RcodeBadKey:
			return fmt.Errorf("the server does not know the key %q (BADKEY): give its name in hooks as the server has it", key)
		case dns.RcodeBadSig:
			return fmt.Errorf("the server cannot verify the key %q (BADSIG): give the secret and the algorithm as the server has them", key)
		case dns.RcodeBadTime:
			return errors.New("the server's clock differs from ours by more than five minutes (BADTIME): set one of them")
		}
	}
	switch answer.Rcode {
	case dns.RcodeRefused, dns.RcodeNotAuth:
		return fmt.Errorf("the server answers %s: permit the key to update the zone, and name the server that holds it", code)
	}
	return fmt.Errorf("the server answers %s", strings.ToUpper(code))
}
