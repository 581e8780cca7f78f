package run

import (
	"bytes"
	"regexp"
	"sync"
)

// book is what the parent knows of one child: what it owes, and how far it is.
type book struct {
	owes []string
	open map[string]bool
	// running is the owed case that has begun and not ended, "" when there is
	// none; at is the last case that was heard of, and ended says that it had.
	running, at string
	ended       bool
	done        bool
	fatal       string
}

func newBook(j *job) *book {
	b := &book{open: map[string]bool{}}
	for _, s := range j.Shares {
		for _, id := range s.Owes {
			b.owes = append(b.owes, s.Prefix+id)
			b.open[s.Prefix+id] = true
		}
	}
	return b
}

// enter takes a message down; true asks to hand its result on.
func (b *book) enter(m message) bool {
	switch {
	case m.Result != nil:
		delete(b.open, m.Result.ID)
		if b.running == m.Result.ID {
			b.running = ""
		}
		b.at, b.ended = m.Result.ID, true
		return true
	case m.Started != "":
		b.at, b.ended = m.Started, false
		b.running = ""
		if b.open[m.Started] {
			b.running = m.Started
		}
	case m.Fatal != "":
		b.fatal = m.Fatal
	case m.Done:
		b.done = true
	}
	return false
}

// where is part of a sentence on how far the child had come.
func (b *book) where() string {
	switch {
	case b.at == "":
		return ""
	case b.ended:
		return " after " + b.at
	}
	return " while it ran " + b.at
}

// owed lists the cases without a result, in their order.
func (b *book) owed() []string {
	var ids []string
	for _, id := range b.owes {
		if b.open[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

// notBegun lists the owed cases without the one that was running.
func (b *book) notBegun() []string {
	var ids []string
	for _, id := range b.owed() {
		if id != b.running {
			ids = append(ids, id)
		}
	}
	return ids
}

// tail keeps the end of what a child printed, for its obituary.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

// ansi matches colours, which have no place in a report.
var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

const tailBytes = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if len(t.buf) > tailBytes {
		t.buf = append(t.buf[:0], t.buf[len(t.buf)-tailBytes:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(ansi.ReplaceAll(t.buf, nil)))
}
