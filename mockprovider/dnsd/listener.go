package dnsd

import (
	"net"
	"slices"
	"sync"
	"time"
)

// writeTime bounds one write, so that a reader that has stopped reading in
// the middle of a transfer holds nothing for ever.
const writeTime = 10 * time.Second

// listener knows its connections, to be able to cut them.
type listener struct {
	net.Listener
	mu    sync.Mutex
	conns map[*conn]struct{}
}

func newListener(l net.Listener) *listener {
	return &listener{Listener: l, conns: map[*conn]struct{}{}}
}

// Accept waits for the next connection.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	wrapped := &conn{Conn: c, listener: l}
	l.mu.Lock()
	l.conns[wrapped] = struct{}{}
	l.mu.Unlock()
	return wrapped, nil
}

// cut closes all connections and names their remote ends.
func (l *listener) cut() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var remotes []string
	for c := range l.conns {
		remotes = append(remotes, c.RemoteAddr().String())
		c.Conn.Close()
	}
	clear(l.conns)
	slices.Sort(remotes)
	return remotes
}

type conn struct {
	net.Conn
	listener *listener
}

// Write bounds every write.
func (c *conn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// Close closes the connection and forgets it.
func (c *conn) Close() error {
	c.listener.mu.Lock()
	delete(c.listener.conns, c)
	c.listener.mu.Unlock()
	return c.Conn.Close()
}
