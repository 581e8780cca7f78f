package reports

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/cwriter"
	"github.com/vbauerster/mpb/v8/decor"
)

// Progress is told how far a run has come. Its methods may be called from
// several goroutines.
type Progress interface {
	// Start is called once, with the number of planned cases.
	Start(total int)
	// Case is called for each result as it comes, redacted.
	Case(res Result)
	// Stop ends the display, also of a run that was cut short.
	Stop()
}

// ProgressOptions say how progress looks.
type ProgressOptions struct {
	// Plain asks for lines even on a terminal (TERM=dumb, a CI log).
	Plain bool
	// Label is what runs: certify, provider.
	Label string
}

// shownFailures is how many failures progress tells one by one; the summary
// and the report have all of them.
const shownFailures = 10

// NewProgress shows progress on w: a bar when w is a terminal, else a line for
// each tenth of the run. The first failures are told as they come.
func NewProgress(w io.Writer, o ProgressOptions) Progress {
	if o.Label == "" {
		o.Label = Tool
	}
	if f, ok := w.(*os.File); ok && !o.Plain && roomForBar(f) {
		return &barProgress{w: w, label: o.Label}
	}
	return &lineProgress{w: w, label: o.Label}
}

// roomForBar reports whether f is a terminal that can show a bar. The terminals
// of some CI systems and containers have no size; a bar on them is invisible.
func roomForBar(f *os.File) bool {
	fd := int(f.Fd())
	if !cwriter.IsTerminal(fd) {
		return false
	}
	width, height, err := cwriter.GetSize(fd)
	return err == nil && width >= 40 && height >= 2
}

// tally is what both displays count.
type tally struct {
	total, done    int
	failed, errors int
	shown          int
	stopped        bool
}

// take counts a result, and returns the line that tells of it, or "".
func (t *tally) take(res *Result) string {
	t.done++
	switch res.Outcome {
	case Fail:
		t.failed++
	case HarnessError:
		t.errors++
	default:
		return ""
	}
	t.shown++
	switch {
	case t.shown <= shownFailures:
		return printableLine(fmt.Sprintf("%s: %s: %s", res.Outcome, res.ID, Headline(res)))
	case t.shown == shownFailures+1:
		return "further failures are in the summary and the report"
	}
	return ""
}

func (t *tally) String() string {
	text := ""
	if t.failed > 0 {
		text += fmt.Sprintf(", %d failed", t.failed)
	}
	if t.errors > 0 {
		text += ", " + count(t.errors, "harness error", "harness errors")
	}
	return text
}

// lineProgress writes lines. What cannot be written is lost: a closed stderr
// must not end a run.
type lineProgress struct {
	w     io.Writer
	label string
	mu    sync.Mutex
	tally
	tenth int
}

func (p *lineProgress) Start(total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total = total
	p.say(fmt.Sprintf("%s: %s", p.label, cases(total)))
}

func (p *lineProgress) Case(res Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return
	}
	if line := p.take(&res); line != "" {
		p.say(line)
	}
	if p.total <= 0 {
		return
	}
	if tenth := p.done * 10 / p.total; tenth > p.tenth && tenth < 10 {
		p.tenth = tenth
		p.say(fmt.Sprintf("%s: %d of %d%s", p.label, p.done, p.total, &p.tally))
	}
}

func (p *lineProgress) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stopped {
		p.stopped = true
		p.say(fmt.Sprintf("%s: %d of %d done%s", p.label, p.done, p.total, &p.tally))
	}
}

func (p *lineProgress) say(line string) { _, _ = io.WriteString(p.w, line+"\n") }

// barProgress draws a bar and writes failures above it.
type barProgress struct {
	w       io.Writer
	label   string
	options []mpb.ContainerOption // the tests draw into a buffer
	mu      sync.Mutex
	tally
	screen *mpb.Progress
	bar    *mpb.Bar
}

func (p *barProgress) Start(total int) {
	screen := mpb.New(append([]mpb.ContainerOption{mpb.WithOutput(p.w), mpb.WithWidth(78)}, p.options...)...)
	bar := screen.AddBar(int64(total),
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(p.label+" "), decor.CountersNoUnit("%d/%d")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
			p.mu.Lock()
			defer p.mu.Unlock()
			return strings.TrimPrefix(p.tally.String(), ", ")
		})),
	)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total, p.screen, p.bar = total, screen, bar
}

func (p *barProgress) Case(res Result) {
	p.mu.Lock()
	if p.stopped || p.bar == nil {
		p.mu.Unlock()
		return
	}
	line := p.take(&res)
	p.mu.Unlock() // the bar asks for the counts while it draws
	if line != "" {
		_, _ = io.WriteString(p.screen, line+"\n")
	}
	p.bar.Increment()
}

func (p *barProgress) Stop() {
	p.mu.Lock()
	stopped := p.stopped || p.bar == nil
	p.stopped = true
	p.mu.Unlock()
	if stopped {
		return
	}
	p.bar.Abort(true)
	p.screen.Wait()
}
