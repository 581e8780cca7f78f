package consent

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/target"
)

// ManualCeiling bounds a flow of a person, unless Options has another.
const ManualCeiling = 10 * time.Minute

// ErrByHand says that a person did not do what he was asked for. It says
// nothing about the provider.
var ErrByHand = errors.New("not done by hand")

// Manual is the driver that asks a person: for providers with captchas, codes
// sent by message, or pages that no recipe leads through. It prints the link
// and what to do, and waits until the provider sends the user back, the person
// answers, or the ceiling ends. Flows wait for each other, as there is one
// person. Of an Outcome it fills Link, and Final, Returned and Pressed as far
// as it knows: no pages, no exchanges, and nothing of how the link was sent.
// Its fields are set before use.
type Manual struct {
	// Out is where it says what to do. Required.
	Out io.Writer
	// In is where answers come from, one a line: y, n or nothing. Nil has
	// none. It is read by a goroutine that ends with In, not with Close.
	In io.Reader
	// Back waits until the user of a link has come back, and says where to;
	// see CameBack. Nil does not know.
	Back func(ctx context.Context, link string) (string, error)

	turn    sync.Mutex
	start   sync.Once
	answers chan string
	// stray is set when a flow ended without its answer, which may come yet.
	stray bool
}

// CameBack is Manual.Back for links whose redirect_uri is one of the callback
// server's. The hit stays there for who judges it.
func CameBack(c *client.Callback) func(context.Context, string) (string, error) {
	return func(ctx context.Context, link string) (string, error) {
		u, err := url.Parse(link)
		if err != nil {
			return "", err
		}
		to, err := url.Parse(u.Query().Get("redirect_uri"))
		if err != nil {
			return "", err
		}
		hit, err := c.Seen(ctx, path.Base(to.Path))
		return hit.URL, err
	}
}

// Approve implements Driver.
func (m *Manual) Approve(ctx context.Context, link string, who target.Credentials, o Options) (*Outcome, error) {
	return m.ask(ctx, link, who, o, approving)
}

// Cancel implements Driver.
func (m *Manual) Cancel(ctx context.Context, link string, who target.Credentials, o Options) (*Outcome, error) {
	return m.ask(ctx, link, who, o, canceling)
}

// Read implements Driver. Nobody can tell what the person has read: the outcome
// has no pages.
func (m *Manual) Read(ctx context.Context, link string, who target.Credentials, o Options) (*Outcome, error) {
	return m.ask(ctx, link, who, o, reading)
}

// Close implements Driver; In and Out stay the caller's.
func (m *Manual) Close() error { return nil }

// tasks are what the person is asked for.
var tasks = map[intent]string{
	approving: "Open this link in a browser%s and APPROVE what it asks for:",
	canceling: "Open this link in a browser%s and CANCEL, by the page's own button:",
	reading:   "Open this link in a browser%s, LOOK at the page, and close it without pressing a button:",
}

func (m *Manual) ask(ctx context.Context, link string, who target.Credentials, o Options, what intent) (*Outcome, error) {
	out := &Outcome{Link: link}
	m.turn.Lock()
	defer m.turn.Unlock()
	o.Ceiling = cmp.Or(o.Ceiling, ManualCeiling)
	ctx, cancel := bounded(ctx, o)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return out, fmt.Errorf("%w: %w", ErrByHand, context.Cause(ctx))
	}
	m.listen()
	m.forget()
	as := ""
	if who.User != "" {
		as = " as " + who.User
	}
	if err := m.say(tasks[what]+"\n\n  %s\n\nThen type y and Enter; n if it cannot be done; Enter alone if you cannot tell.\n", as, link); err != nil {
		return out, err
	}
	back, stop := m.watch(ctx, link)
	defer stop()
	return out, m.await(ctx, out, what, back)
}

func (m *Manual) say(format string, args ...any) error {
	if _, err := fmt.Fprintf(m.Out, format, args...); err != nil {
		return fmt.Errorf("%w: the person cannot be asked: %w", ErrByHand, err)
	}
	return nil
}

// listen begins to read answers.
func (m *Manual) listen() {
	m.start.Do(func() {
		m.answers = make(chan string, 16)
		if m.In == nil {
			close(m.answers)
			return
		}
		go func() {
			defer close(m.answers)
			for lines := bufio.NewScanner(m.In); lines.Scan(); {
				m.answers <- lines.Text()
			}
		}()
	})
}

// forget drops an answer that came when nobody waited for it any more.
func (m *Manual) forget() {
	for m.stray {
		select {
		case _, open := <-m.answers:
			m.stray = open
		default:
			m.stray = false
		}
	}
}

// watch waits for the user's return, beside the answers. stop ends that.
func (m *Manual) watch(ctx context.Context, link string) (back <-chan string, stop func()) {
	if m.Back == nil {
		return nil, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	found := make(chan string, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		// An error is no news: the person can still answer.
		if at, err := m.Back(ctx, link); err == nil {
			found <- at
		}
	}()
	return found, func() { cancel(); <-done }
}

func (m *Manual) await(ctx context.Context, out *Outcome, what intent, back <-chan string) error {
	answers := m.answers
	for {
		if answers == nil && back == nil {
			return fmt.Errorf("%w: nobody is there to answer, and no callback to come", ErrByHand)
		}
		select {
		case <-ctx.Done():
			m.stray = true
			return fmt.Errorf("%w: %w", ErrByHand, context.Cause(ctx))
		case at := <-back:
			m.stray = true
			out.Final, out.Returned, out.Pressed = at, true, pressedBy(what, at)
			return m.say("The provider has sent you back; no answer is needed.\n")
		case line, open := <-answers:
			if !open {
				answers = nil
				continue
			}
			switch strings.ToLower(strings.TrimSpace(line)) {
			case "y", "yes":
				out.Pressed = what != reading
				return nil
			case "n", "no":
				return fmt.Errorf("%w: the person says that it cannot be done", ErrByHand)
			case "":
				return nil
			}
			if err := m.say("Please type y, n or nothing.\n"); err != nil {
				return err
			}
		}
	}
}

// pressedBy is what the way back shows of the button: it says access_denied
// to those who cancel and has no error for those who approve.
func pressedBy(what intent, at string) bool {
	u, err := url.Parse(at)
	if err != nil {
		return false
	}
	code := u.Query().Get("error")
	return what == approving && code == "" || what == canceling && code == "access_denied"
}
