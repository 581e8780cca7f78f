package dnsd

import (
	"context"
	"net"
	"time"

	"github.com/miekg/dns"
)

// Pipe is a connection to the server that needs no socket: what is written is
// answered as if it had come over UDP. Whoever asks a million questions from
// inside the process saves the better part of what they cost. It is a
// net.PacketConn as well, by which libraries know that messages have no length
// before them. The caller closes it; when the server stops, it is closed.
func (s *Server) Pipe() net.Conn {
	theirs, ours := net.Pipe()
	server := &dns.Server{PacketConn: serverEnd{datagrams{ours}}}
	s.configure(server)
	stop := context.AfterFunc(s.stopping, func() { ours.Close() })
	s.running.Go(func() {
		defer stop()
		_ = server.ActivateAndServe() // it ends with the pipe, and by nothing else
	})
	return datagrams{theirs}
}

// datagrams is one end of a pipe: each write is one read at the other end.
type datagrams struct{ net.Conn }

// ReadFrom reads one message.
func (d datagrams) ReadFrom(b []byte) (int, net.Addr, error) {
	n, err := d.Read(b)
	return n, inside, err
}

// WriteTo writes one message to the other end, whatever the address.
func (d datagrams) WriteTo(b []byte, _ net.Addr) (int, error) { return d.Write(b) }

// serverEnd is read until it is closed: a deadline for each message, which the
// miekg server sets, would be a timer for each.
type serverEnd struct{ datagrams }

// SetReadDeadline closes the pipe where the time is over.
func (e serverEnd) SetReadDeadline(t time.Time) error {
	if time.Until(t) > 0 {
		return nil
	}
	return e.Close()
}

// inside is the address of who asks over a pipe.
var inside = &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1).To4()}
