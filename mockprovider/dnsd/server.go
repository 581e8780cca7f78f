// Package dnsd is the mock provider's authoritative DNS server. It answers
// from the zones of a store, over UDP and TCP on one port: negative answers
// (RFC 2308), referrals with glue, wildcards (RFC 4592), CNAME and DNAME
// (RFC 6672) chains, EDNS (RFC 6891), truncation, unknown types (RFC 3597) and
// zone transfers (RFC 5936, RFC 1995). With keys it signs transactions (TSIG, RFC
// 8945) and takes dynamic updates (RFC 2136). It does not recurse, and its
// zones are not signed.
package dnsd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// Config describes a server.
type Config struct {
	// Store holds the zones. Required.
	Store *store.Store
	// Addr is host:port to listen on, over TCP and UDP alike. Empty is
	// 127.0.0.1:0; port 0 lets the system choose.
	Addr string
	// Logger gets what goes wrong inside; nil discards it.
	Logger *slog.Logger
	// TSIG are secrets in base64 by key name. Who holds one may change every
	// zone by dynamic update (RFC 2136), signed with hmac-sha256 or
	// hmac-sha512. Without keys there are no updates, and a signature is not
	// looked at.
	TSIG map[string]string
	// Forward is the address that names with a REDIR301 or REDIR302 have; the
	// zero value is none.
	Forward netip.Addr
}

// Server is a running name server. See Listen.
type Server struct {
	store   *store.Store
	journal *store.Journal
	log     *slog.Logger
	addr    string
	tcp     *listener
	udp     net.PacketConn
	servers []*dns.Server
	running sync.WaitGroup
	pool    sync.Pool
	// forward is the address of redirected names.
	forward netip.Addr
	// keys is nil without keys.
	keys tsigKeys
	// stopping ends when the server begins to stop.
	stopping context.Context
	stop     context.CancelFunc

	closing sync.Once
	result  error
}

const (
	// udpSize is the EDNS buffer size that the server offers and the most
	// that it sends over UDP: what passes every path unfragmented.
	udpSize = 1232
	// queryBuffer is the longest query that is read over UDP.
	queryBuffer = 4096
	// idleTime is how long a TCP connection may stay without a query.
	idleTime = 10 * time.Second
	// graceTime is how long Close waits for answers that are being written.
	graceTime = 2 * time.Second
	// portTries is how often a port that TCP got and UDP cannot have is given
	// up for another.
	portTries = 16
)

// Listen binds the address and starts to answer. The server runs until Close;
// the context bounds the binding alone.
func Listen(ctx context.Context, c Config) (*Server, error) {
	if c.Store == nil {
		return nil, errors.New("dnsd: Config.Store is nil; give the store whose zones are to be served")
	}
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	keys, err := newTSIGKeys(c.TSIG)
	if err != nil {
		return nil, err
	}
	tcp, udp, err := bind(ctx, c.Addr)
	if err != nil {
		return nil, err
	}
	s := &Server{
		store: c.Store, journal: c.Store.Journal(), log: c.Logger,
		addr: tcp.Addr().String(), tcp: newListener(tcp), udp: udp, keys: keys, forward: c.Forward,
	}
	s.stopping, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.pool.New = func() any { return new(work) }
	if err := s.serve(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// bind gets one port for TCP and UDP. TCP goes first, since there the system
// hands out only ports that are free of its own kind; when UDP cannot have
// the number and the system chose it, another is taken, while the unfit ones
// are held so that they do not come again.
func bind(ctx context.Context, addr string) (net.Listener, net.PacketConn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, nil, fmt.Errorf("DNS address %q is not host:port: %w", addr, err)
	}
	var lc net.ListenConfig
	var unfit []io.Closer
	defer func() {
		for _, l := range unfit {
			l.Close()
		}
	}()
	for {
		tcp, err := lc.Listen(ctx, "tcp", addr)
		if err != nil {
			return nil, nil, taken("TCP", addr, err)
		}
		chosen := strconv.Itoa(tcp.Addr().(*net.TCPAddr).Port)
		udp, err := lc.ListenPacket(ctx, "udp", net.JoinHostPort(host, chosen))
		if err == nil {
			return tcp, udp, nil
		}
		unfit = append(unfit, tcp)
		if port != "0" || len(unfit) == portTries {
			return nil, nil, taken("UDP", net.JoinHostPort(host, chosen), err)
		}
	}
}

func taken(network, addr string, err error) error {
	return fmt.Errorf("DNS over %s cannot listen on %s: %w (when another program has the port, stop it or choose another; port 0 lets the system choose)", network, addr, err)
}

// serve starts one miekg server per transport and waits until both run.
func (s *Server) serve(ctx context.Context) error {
	ready := make(chan struct{}, 2)
	failed := make(chan error, 2)
	for _, server := range []*dns.Server{{Listener: s.tcp}, {PacketConn: s.udp}} {
		s.configure(server)
		server.NotifyStartedFunc = func() { ready <- struct{}{} }
		s.servers = append(s.servers, server)
		s.running.Go(func() {
			if err := server.ActivateAndServe(); err != nil {
				failed <- err
				if ctx.Err() == nil { // else it was told to, before it ran
					s.log.Error("the DNS server stopped", "addr", s.addr, "error", err)
				}
			}
		})
	}
	for range s.servers {
		select {
		case <-ready:
		case err := <-failed:
			return errors.Join(fmt.Errorf("DNS on %s cannot start: %w", s.addr, err), s.Close())
		case <-ctx.Done():
			return errors.Join(ctx.Err(), s.Close())
		}
	}
	return nil
}

// configure has a miekg server answer what this server answers.
func (s *Server) configure(server *dns.Server) {
	server.Handler = s
	server.UDPSize = queryBuffer
	server.MaxTCPQueries = -1
	server.ReadTimeout = idleTime
	server.IdleTimeout = func() time.Duration { return idleTime }
	server.MsgAcceptFunc = accept
	server.MsgInvalidFunc = s.malformed
	if s.keys != nil {
		server.TsigProvider = s.keys
	}
}

// malformed enters what could not be read. miekg has answered it with FORMERR
// when there was a whole header.
func (s *Server) malformed(m []byte, err error) {
	s.journal.Add(store.Event{Kind: store.KindDNS, Summary: fmt.Sprintf("a message of %d octets that cannot be read: %v", len(m), err)})
}

// accept lets everything through to the handler that is a query of any kind,
// so that the journal sees it; answers are dropped, or two servers could talk
// to each other for ever.
func accept(h dns.Header) dns.MsgAcceptAction {
	const response = 1 << 15
	if h.Bits&response != 0 {
		return dns.MsgIgnore
	}
	return dns.MsgAccept
}

// Addr is host:port of the server, with the port that was chosen.
func (s *Server) Addr() string { return s.addr }

// Close stops the server and waits for it: answers that are being written get
// two seconds, then their connections are cut, which the error says. Closing
// twice returns the same.
func (s *Server) Close() error {
	s.closing.Do(func() { s.result = s.shutdown() })
	return s.result
}

func (s *Server) shutdown() error {
	s.stop()
	ctx, cancel := context.WithTimeout(context.Background(), graceTime)
	defer cancel()
	var stuck []string
	for _, server := range s.servers {
		if err := server.ShutdownContext(ctx); err != nil && ctx.Err() != nil {
			stuck = append(stuck, s.tcp.cut()...)
		}
	}
	// A server that never started has not closed what it was given.
	s.tcp.Close()
	s.udp.Close()
	s.running.Wait()
	if len(stuck) > 0 {
		return fmt.Errorf("DNS connections were still busy after %v and were cut: %s", graceTime, strings.Join(stuck, ", "))
	}
	return nil
}
