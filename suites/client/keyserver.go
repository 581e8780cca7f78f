package client

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
)

// keyTTL is how long answers may be kept, in seconds; that nothing is there,
// too.
const keyTTL = 1

// KeyTrouble is how a question for a name goes wrong.
type KeyTrouble uint8

// The troubles of a name.
const (
	// NoTrouble answers.
	NoTrouble KeyTrouble = iota
	// KeyFails answers SERVFAIL.
	KeyFails
	// KeySilent does not answer, over UDP or TCP.
	KeySilent
	// KeyCut answers over UDP with a truncated message, and hangs up over TCP.
	KeyCut
)

// KeyQuestion is a question that was asked.
type KeyQuestion struct {
	// Name is as asked for, with its case; Type is such as TXT.
	Name, Type string
}

// keyEntry is what is at a name.
type keyEntry struct {
	txt     []string
	alias   string
	trouble KeyTrouble
}

// KeyServer is an authoritative name server for the domain that public keys
// are published below: the service provider's own DNS. A provider under test
// has to find it, by a delegation or a forwarder. It remembers what it was
// asked. It is safe for concurrent use.
type KeyServer struct {
	zone    string
	servers []*dns.Server
	addr    string

	mu    sync.Mutex
	names map[string]keyEntry
	asked []KeyQuestion
	// dropped are questions before those that are remembered.
	dropped int
	turn    int
}

// maxAsked is how many questions are remembered; the oldest go.
const maxAsked = 10_000

// NewKeyServer serves a domain at host:port over UDP and TCP; port 0 is one
// that the system chooses. The caller ends it with Close.
func NewKeyServer(ctx context.Context, listen, zone string) (*KeyServer, error) {
	s := &KeyServer{zone: dns.CanonicalName(zone), names: map[string]keyEntry{}}
	stream, packets, err := bind(ctx, listen)
	if err != nil {
		return nil, fmt.Errorf("the key zone cannot be served: %w", err)
	}
	s.addr = stream.Addr().String()
	for _, server := range []*dns.Server{{Listener: stream, Handler: s}, {PacketConn: packets, Handler: s}} {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		failed := make(chan error, 1)
		go func() { failed <- server.ActivateAndServe() }()
		select {
		case <-started:
		case err := <-failed:
			return nil, errors.Join(fmt.Errorf("the key zone cannot be served: %w", err), s.Close())
		}
		s.servers = append(s.servers, server)
	}
	return s, nil
}

// bind takes a port that is free for TCP and for UDP. A port of the system's
// choice may be taken for the other of the two; then another one is tried.
func bind(ctx context.Context, addr string) (net.Listener, net.PacketConn, error) {
	const tries = 10
	var lc net.ListenConfig
	var err error
	for range tries {
		var stream net.Listener
		var packets net.PacketConn
		if stream, err = lc.Listen(ctx, "tcp", addr); err != nil {
			return nil, nil, err
		}
		if packets, err = lc.ListenPacket(ctx, "udp", stream.Addr().String()); err == nil {
			return stream, packets, nil
		}
		err = errors.Join(err, stream.Close())
	}
	return nil, nil, err
}

// Addr is host:port of the server.
func (s *KeyServer) Addr() string { return s.addr }

// Close ends the server and waits for the answers that are being written, at
// most five seconds.
func (s *KeyServer) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var errs []error
	for _, server := range s.servers {
		errs = append(errs, server.ShutdownContext(ctx))
	}
	return errors.Join(errs...)
}

// PublishKey makes the TXT records at a name be exactly txt, one record per
// element, long ones in several character-strings. An empty txt takes the
// name away, with whatever else was at it.
func (s *KeyServer) PublishKey(_ context.Context, name string, txt []string) error {
	return s.set(name, keyEntry{txt: slices.Clone(txt)})
}

// Alias makes a name an alias of another one.
func (s *KeyServer) Alias(name, to string) error {
	return s.set(name, keyEntry{alias: dns.CanonicalName(to)})
}

// Disturb has questions for a name go wrong; NoTrouble publishes nothing there.
func (s *KeyServer) Disturb(name string, how KeyTrouble) error {
	return s.set(name, keyEntry{trouble: how})
}

func (s *KeyServer) set(name string, e keyEntry) error {
	name = dns.CanonicalName(name)
	if !dns.IsSubDomain(s.zone, name) {
		return fmt.Errorf("the key name %s is not below %s, which is what the key server serves", name, s.zone)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(e.txt) == 0 && e.alias == "" && e.trouble == NoTrouble {
		delete(s.names, name)
		return nil
	}
	s.names[name] = e
	return nil
}

// Troubled says how questions for a name go wrong.
func (s *KeyServer) Troubled(name string) KeyTrouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.names[dns.CanonicalName(name)].trouble
}

// Questions is how many questions there have been.
func (s *KeyServer) Questions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropped + len(s.asked)
}

// Asked are the questions for names that hold a label, in order, from the one
// of that number on; "" is all of them.
func (s *KeyServer) Asked(label string, from int) []KeyQuestion {
	label = strings.ToLower(label)
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []KeyQuestion
	for i, q := range s.asked {
		if i+s.dropped >= from && (label == "" || slices.Contains(dns.SplitDomainName(strings.ToLower(q.Name)), label)) {
			found = append(found, q)
		}
	}
	return found
}
