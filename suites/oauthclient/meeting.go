package oauthclient

import (
	"context"
	"io"
	"net/http"
	"sync"
)

// Meeting makes requests meet at the provider: each waits with its body until
// all of them have begun there. They say so by Expect: 100-continue (RFC 9110
// section 10.1.1), which a server answers when it begins to read the body. One
// that is answered at once, or not asked for its body within
// target.ContinueCeiling, keeps nobody waiting. In front of a server that buffers
// bodies the requests still end within moments of one another.
type Meeting struct {
	all  chan struct{}
	mu   sync.Mutex
	left int
}

// NewMeeting is a meeting of n requests, each of them by a Client whose Meeting
// it is. Those that have no body are not part of one.
func NewMeeting(n int) *Meeting {
	m := &Meeting{all: make(chan struct{}), left: n}
	if n <= 0 {
		close(m.all)
	}
	return m
}

// arrive counts one request in.
func (m *Meeting) arrive() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left--; m.left == 0 {
		close(m.all)
	}
}

// join makes a request part of the meeting. The caller calls done when it was
// answered, or failed.
func (m *Meeting) join(req *http.Request) (done func()) {
	done = sync.OnceFunc(m.arrive)
	req.Header.Set("Expect", "100-continue")
	req.Body = &waiting{ReadCloser: req.Body, ctx: req.Context(), arrive: done, all: m.all}
	return done
}

// waiting is a body that is sent when all are there.
type waiting struct {
	io.ReadCloser
	ctx    context.Context
	arrive func()
	all    <-chan struct{}
}

// Read implements io.Reader. The transport reads when the server has asked.
func (w *waiting) Read(p []byte) (int, error) {
	w.arrive()
	select {
	case <-w.all:
	case <-w.ctx.Done():
		return 0, context.Cause(w.ctx)
	}
	return w.ReadCloser.Read(p)
}
