package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
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
	start    command
	finished func(reports.Result)
	// grace is how long a child may take to end after its input was closed, 0
	// is childGrace; silence how long it may say nothing, 0 is twice what one
	// case may take.
	grace, silence time.Duration
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

// run runs one child per job and returns when all have ended. A child that
// ends without a complete record leaves an error; what it owed is the
// caller's to find out.
func (p *pool) run(ctx context.Context, jobs []job) []error {
	errs := make([]error, len(jobs))
	var wg sync.WaitGroup
	var mu sync.Mutex
	for i := range jobs {
		wg.Go(func() {
			errs[i] = p.child(ctx, &jobs[i], func(r reports.Result) {
				mu.Lock()
				defer mu.Unlock()
				p.finished(r)
			})
		})
	}
	wg.Wait()
	return errs
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

func (p *pool) child(ctx context.Context, j *job, finished func(reports.Result)) error {
	// The child ends by the end of its input; the kill is for one that hangs.
	killCtx, kill := context.WithCancel(context.Background())
	defer kill()
	grace, silence := p.limits(j)
	cmd := p.start(killCtx)
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
	var done bool
	var fatal, current string
	// A child that says nothing for longer than any case may take hangs.
	var silent atomic.Bool
	hung := time.AfterFunc(silence, func() { silent.Store(true); kill() })
	defer hung.Stop()
	readErr := receive(stdout, func(m message) {
		hung.Reset(silence)
		switch {
		case m.Result != nil:
			finished(*m.Result)
		case m.Started != "":
			current = m.Started
		case m.Fatal != "":
			fatal = m.Fatal
		case m.Done:
			done = true
		}
	}, func(noise []byte) { _, _ = last.Write(noise) })
	if readErr != nil {
		kill()
	}
	_ = stdin.Close()
	waitErr := cmd.Wait()
	if silent.Load() {
		fatal = fmt.Sprintf("a child process hung while it ran %s: it said nothing for %s and was ended", current, silence)
	}
	return obituary(ctx, done, fatal, current, last.String(), errors.Join(readErr, waitErr))
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
func obituary(ctx context.Context, done bool, fatal, current, last string, err error) error {
	switch {
	case done:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted: %w", ctx.Err())
	case fatal != "":
		return errors.New(fatal)
	}
	text := "a child process ended without a complete record"
	if current != "" {
		text += " while it ran " + current
	}
	if err != nil {
		text += ": " + err.Error()
	}
	if last != "" {
		text += "; it last printed: " + last
	}
	return errors.New(text)
}
