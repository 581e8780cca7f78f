package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dcconform/dcconform/reports"
)

// A command starts a child process; tests replace it.
type command func(ctx context.Context) *exec.Cmd

// childGrace is how long a child may take to end after its input was closed.
const childGrace = 10 * time.Second

// minSilence is the least time that a child may be silent.
const minSilence = 30 * time.Second

// pool runs jobs in child processes and collects their results.
type pool struct {
	start command
	// jobs is how many children there are at a time at most; 0 is 1.
	jobs int
	// finished is told of each result and lost of each child that ended
	// without a complete record; neither is called by two goroutines at once.
	finished func(reports.Result)
	lost     func(loss)
	// say is told what a child has for the person at the terminal; nil drops
	// it. answers leads what the person types to the child; nil is nobody.
	say     func(string)
	answers *relay
	// grace is how long a child may take to end after its input was closed, 0
	// is childGrace; silence how long it may say nothing, 0 is twice what one
	// case may take.
	grace, silence time.Duration

	// children is how many there are at a time.
	children int

	mu sync.Mutex
}

// loss is what a child that ended without a complete record leaves.
type loss struct {
	// err says how it ended.
	err error
	// ids are the cases that nobody will run: the one that was running, or
	// when the job had been handed on once already, all that were owed.
	ids []string
	// handed are the cases that it had not begun and another child runs.
	handed []string
}

// String is one line for the terminal.
func (l loss) String() string {
	text := firstLine(l.err.Error())
	if n := len(l.handed); n > 0 {
		text += fmt.Sprintf("; another child process runs %s that it had not begun", cases(n))
	}
	return text
}

// note is what the report says of the hand-over.
func (l loss) note() reports.Note {
	text := fmt.Sprintf("%s that it had not begun went to another child process", cases(len(l.handed)))
	if len(l.ids) == 0 {
		text = firstLine(l.err.Error()) + "; " + text
	}
	return reports.Note{Code: "restarted", Text: text}
}

func cases(n int) string {
	if n == 1 {
		return "the case"
	}
	return fmt.Sprintf("the %d cases", n)
}

func (p *pool) limits(j *job) (grace, silence time.Duration) {
	grace, silence = p.grace, p.silence
	if grace == 0 {
		grace = childGrace
	}
	if silence == 0 {
		silence = max(2*time.Duration(j.CaseSeconds*float64(time.Second)), minSilence)
	}
	return grace, silence
}

// run runs every job in a child of its own and returns when all have ended.
func (p *pool) run(ctx context.Context, jobs []job) {
	queue := make(chan *job, len(jobs))
	for i := range jobs {
		queue <- &jobs[i]
	}
	close(queue)
	var wg sync.WaitGroup
	p.children = min(max(p.jobs, 1), len(jobs))
	for range p.children {
		wg.Go(func() {
			for j := range queue {
				p.job(ctx, j)
			}
		})
	}
	wg.Wait()
}

// job runs one job. When its child dies, the case that was running is lost,
// and what it had not begun goes to another child, once: with a child that
// always dies there is no end otherwise. A child that says itself why it
// cannot go on would say so again.
func (p *pool) job(ctx context.Context, j *job) {
	for last := false; ; last = true {
		b := newBook(j)
		err := p.child(ctx, j, b)
		if err == nil {
			return
		}
		l := loss{err: err}
		if last || b.fatal != "" || ctx.Err() != nil {
			l.ids = b.owed()
		} else {
			if b.running != "" {
				l.ids = []string{b.running}
			}
			l.handed = b.notBegun()
		}
		p.mu.Lock()
		p.lost(l)
		p.mu.Unlock()
		if len(l.handed) == 0 {
			return
		}
		next := j.rest(l.handed, l.ids)
		j = &next
	}
}

// child runs one child process; nil means that its record is complete.
func (p *pool) child(ctx context.Context, j *job, b *book) error {
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted: %w", ctx.Err())
	}
	// The child ends by the end of its input; the kill is for one that hangs.
	killCtx, kill := context.WithCancel(context.Background())
	defer kill()
	grace, silence := p.limits(j)
	cmd := p.start(killCtx)
	divide(cmd, p.children)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	last := &tail{}
	cmd.Stderr = last
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("a child process cannot be started: %w", err)
	}
	stopWatch := context.AfterFunc(ctx, func() {
		_ = stdin.Close()
		time.AfterFunc(grace, kill)
	})
	defer stopWatch()
	if err := sendJob(stdin, j); err != nil && ctx.Err() == nil {
		kill()
		_ = cmd.Wait()
		return fmt.Errorf("a child process did not take its job: %w: %s", err, last)
	}
	if p.answers != nil {
		p.answers.attach(stdin)
		defer p.answers.attach(nil)
	}
	// A child that says nothing for longer than any case may take hangs.
	var silent atomic.Bool
	hung := time.AfterFunc(silence, func() { silent.Store(true); kill() })
	defer hung.Stop()
	readErr := receive(stdout, func(m message) {
		hung.Reset(silence)
		if m.Say != "" && p.say != nil {
			p.say(m.Say)
		}
		if b.enter(m) {
			p.mu.Lock()
			p.finished(*m.Result)
			p.mu.Unlock()
		}
	}, func(noise []byte) { _, _ = last.Write(noise) })
	if readErr != nil {
		kill()
	}
	_ = stdin.Close()
	waitErr := cmd.Wait()
	if silent.Load() && !b.done {
		return fmt.Errorf("a child process hung%s: it said nothing for %s and was ended", b.where(), silence)
	}
	return obituary(ctx, b, last.String(), errors.Join(readErr, waitErr))
}

// divide gives a child its part of the processors: children that have all of
// them each spend a fifth of their time on waking threads. What the user has
// set stands.
func divide(cmd *exec.Cmd, children int) {
	const variable = "GOMAXPROCS"
	if os.Getenv(variable) != "" {
		return
	}
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%d", variable, max(1, runtime.GOMAXPROCS(0)/max(children, 1))))
}

func sendJob(stdin io.Writer, j *job) error {
	data, err := json.Marshal(j)
	if err != nil {
		return err
	}
	_, err = stdin.Write(append(data, '\n'))
	return err
}

// obituary says how a child ended: nil when its record is complete.
func obituary(ctx context.Context, b *book, last string, err error) error {
	switch {
	case b.done:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted: %w", ctx.Err())
	case b.fatal != "":
		return errors.New(b.fatal)
	}
	text := "a child process ended without a complete record" + b.where()
	if err != nil {
		text += ": " + err.Error()
	}
	if last != "" {
		text += "; it last printed: " + last
	}
	return errors.New(text)
}
