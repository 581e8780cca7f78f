package batch

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// MaxLine is the longest question, in octets. A longer line is answered with
// an error and skipped.
const MaxLine = 64 << 20

// Summary counts what Run did.
type Summary struct {
	// Cases counts the answers, Refused those with an error, and Unreadable
	// those among them whose line was no question.
	Cases, Refused, Unreadable int
}

// Run reads one question a line and writes one answer a line, in the same
// order. It never stops at a bad question: the answer says what is wrong, with
// class dc.ErrInput and the line number when the line itself is no question.
// Lines that hold white space alone are passed over, and so is a byte order
// mark in front of the input. Questions are worked on
// in parallel; memory is bounded by a few of them. The error is that of the
// reader, after all that was read is answered, or that of the writer or the
// context, when a read that is under way is not waited for.
func Run(ctx context.Context, in io.Reader, out io.Writer) (Summary, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := runtime.GOMAXPROCS(0)
	work := make(chan task)
	queue := make(chan task, 16*workers) // tasks in order, for the writer
	for range workers {
		go func() {
			for t := range work {
				t.done <- t.answer()
			}
		}()
	}
	var readErr error // written before queue is closed
	go func() {
		defer close(work)
		defer close(queue)
		readErr = readTasks(ctx, in, queue, work)
	}()
	summary, err := writeAnswers(ctx, queue, out)
	if err == nil && readErr != nil {
		err = fmt.Errorf("reading cases: %w", readErr)
	}
	return summary, err
}

// task is one line on its way.
type task struct {
	number  int
	line    []byte
	tooLong bool
	// done gets the answer; it has room for it, so that no worker waits.
	done chan reply
}

type reply struct {
	text                []byte
	refused, unreadable bool
}

// readTasks hands every line to a worker, and to the writer in order.
func readTasks(ctx context.Context, in io.Reader, queue, work chan<- task) error {
	r := bufio.NewReaderSize(in, 64<<10)
	for number := 1; ; number++ {
		line, tooLong, err := readLine(r, MaxLine)
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff")) // some shells put it in front of a file
		}
		if len(bytes.TrimSpace(line)) > 0 || tooLong {
			t := task{number: number, line: line, tooLong: tooLong, done: make(chan reply, 1)}
			for _, to := range []chan<- task{queue, work} {
				select {
				case to <- t:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// readLine reads up to the next line feed. Of a line longer than most only
// the fact comes back.
func readLine(r *bufio.Reader, most int) (line []byte, tooLong bool, err error) {
	for {
		piece, err := r.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(piece) > most; tooLong {
			line = nil
		} else {
			line = append(line, piece...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, tooLong, err
		}
	}
}

// answer works on one line.
func (t task) answer() reply {
	var a Answer
	unreadable := true
	if t.tooLong {
		a.Error = describe(errInput("the line is longer than %d octets", MaxLine))
	} else if c, err := ParseCase(t.line); err != nil {
		a.ID, a.Error = c.ID, describe(err)
	} else {
		a, unreadable = Decide(c), false
	}
	if unreadable {
		a.Error.Line = t.number
		a.Error.Message = fmt.Sprintf("line %d: %s", t.number, a.Error.Message)
	}
	text, err := encode(a)
	if err != nil { // an id that cannot be written again
		text, _ = encode(Answer{Error: &Error{Class: dc.ErrInput, Line: t.number, Message: fmt.Sprintf("line %d: %v", t.number, err)}})
		unreadable = true
	}
	return reply{text: text, refused: !a.OK, unreadable: unreadable}
}

// encode writes an answer as one line. URLs and markup stay readable.
func encode(a Answer) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(a)
	return b.Bytes(), err
}

// writeAnswers writes the answers in the order of the queue. It flushes
// whenever it would have to wait, so that a caller that asks one question at
// a time gets its answer.
func writeAnswers(ctx context.Context, queue <-chan task, out io.Writer) (s Summary, err error) {
	w := bufio.NewWriterSize(out, 64<<10)
	for {
		var t task
		var open bool
		select {
		case t, open = <-queue:
		default:
			if err := w.Flush(); err != nil {
				return s, fmt.Errorf("writing answers: %w", err)
			}
			select {
			case t, open = <-queue:
			case <-ctx.Done():
				return s, ctx.Err()
			}
		}
		if !open {
			break
		}
		var r reply
		select {
		case r = <-t.done:
		case <-ctx.Done():
			return s, ctx.Err()
		}
		s.Cases++
		if r.refused {
			s.Refused++
		}
		if r.unreadable {
			s.Unreadable++
		}
		if _, err := w.Write(r.text); err != nil {
			return s, fmt.Errorf("writing answers: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return s, fmt.Errorf("writing answers: %w", err)
	}
	return s, nil
}
