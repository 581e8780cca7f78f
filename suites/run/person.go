package run

import (
	"io"
	"sync"
)

// speaker sends what is written to it to the person at the terminal.
type speaker struct{ send *sender }

func (s speaker) Write(p []byte) (int, error) {
	if err := s.send.send(message{Say: string(p)}); err != nil {
		return 0, err
	}
	return len(p), nil
}

// lines is a pipe without a limit: whoever writes never waits, so that the end
// of a child's input is seen even when nobody reads the answers in it.
type lines struct {
	mu     sync.Mutex
	cond   *sync.Cond
	buf    []byte
	closed bool
}

func newLines() *lines {
	l := &lines{}
	l.cond = sync.NewCond(&l.mu)
	return l
}

// Write implements io.Writer; it never fails.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf = append(l.buf, p...)
	l.cond.Broadcast()
	return len(p), nil
}

// Read implements io.Reader; it waits for something to read, or the end.
func (l *lines) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.buf) == 0 && !l.closed {
		l.cond.Wait()
	}
	if len(l.buf) == 0 {
		return 0, io.EOF
	}
	n := copy(p, l.buf)
	l.buf = l.buf[n:]
	return n, nil
}

// Close ends reading when everything has been read.
func (l *lines) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.cond.Broadcast()
	return nil
}

// relay hands what the person types to the child that runs; of several, to the
// one that began last. What is typed while none runs is for the next one.
type relay struct {
	mu    sync.Mutex
	to    io.Writer
	early []byte
}

// from reads until the end of r. It is for one goroutine, which ends with r.
func (a *relay) from(r io.Reader) {
	buf := make([]byte, 4<<10)
	for {
		n, err := r.Read(buf)
		a.mu.Lock()
		a.early = append(a.early, buf[:n]...)
		a.flush()
		a.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// attach names the child that answers go to; nil is none.
func (a *relay) attach(w io.Writer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.to = w
	a.flush()
}

// flush hands on what is there; the caller holds the lock.
func (a *relay) flush() {
	if a.to != nil && len(a.early) > 0 {
		_, _ = a.to.Write(a.early) // a child that is gone needs no answer
		a.early = nil
	}
}
