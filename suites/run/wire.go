package run

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/register"
)

// A job is what a child process is told on the first line of its standard
// input. The input then stays open: its end tells the child to stop.
type job struct {
	// Kind says which worlds to build.
	Kind string `json:"kind"`
	// Edition is what is judged by.
	Edition register.Edition `json:"edition"`
	// Seed orders the cases.
	Seed uint64 `json:"seed"`
	// Shares are done one after the other, each in a world of its own.
	Shares []share `json:"shares"`
	// Exemplars are cases whose evidence is kept in full although they pass.
	Exemplars []string `json:"exemplars,omitempty"`
	// Out is the report's folder, for evidence; "" keeps none.
	Out string `json:"out,omitempty"`
	// Brief asks for results with no more than how a case ended and for what.
	Brief bool `json:"brief,omitempty"`
	// CaseSeconds is the ceiling of one case.
	CaseSeconds float64 `json:"caseSeconds"`
}

// A share is cases in one world.
type share struct {
	// World is what the kind builds it from; the child plans the same
	// scenarios from it as the parent did.
	World json.RawMessage `json:"world"`
	// Edition stands in for the job's where shares differ.
	Edition register.Edition `json:"edition,omitempty"`
	// Prefix stands before the ids of the cases in messages, where two worlds
	// have the same.
	Prefix string `json:"prefix,omitempty"`
	// Owes are the ids of the cases to run; everything else is left out.
	Owes []string `json:"owes"`
	// Lost are cases that another child died of: what needs one is blocked.
	Lost []string `json:"lost,omitempty"`
}

// rest is the job with what is left of it. Both lists have ids with prefix.
func (j *job) rest(left, lost []string) job {
	set := func(ids []string) map[string]bool {
		m := make(map[string]bool, len(ids))
		for _, id := range ids {
			m[id] = true
		}
		return m
	}
	isLeft, isLost := set(left), set(lost)
	next := *j
	next.Shares = nil
	for _, s := range j.Shares {
		owes := s.Owes
		s.Owes = nil
		for _, id := range owes {
			switch {
			case isLeft[s.Prefix+id]:
				s.Owes = append(s.Owes, id)
			case isLost[s.Prefix+id]:
				s.Lost = append(slices.Clip(s.Lost), id)
			}
		}
		if len(s.Owes) > 0 {
			next.Shares = append(next.Shares, s)
		}
	}
	return next
}

// brief leaves of a result how the case ended and for what.
func brief(r reports.Result) reports.Result {
	short := reports.Result{Planned: reports.Planned{ID: r.ID}, Outcome: r.Outcome, Reason: r.Reason, Message: cut(firstLine(r.Message))}
	if r.Failure != nil {
		short.Failure = &reports.Failure{Requirement: r.Failure.Requirement}
	}
	return short
}

// longestBrief is how many octets of a message a brief result keeps.
const longestBrief = 300

func cut(text string) string {
	if len(text) <= longestBrief {
		return text
	}
	return strings.ToValidUTF8(text[:longestBrief], "") + "…"
}

// A message is one line from a child: a JSON text sequence (RFC 7464), so that
// whatever else is printed to the same stream cannot be mistaken for one.
type message struct {
	// Started is the id of a case that begins.
	Started string `json:"started,omitempty"`
	// Result is a finished case.
	Result *reports.Result `json:"result,omitempty"`
	// Say is a text for the person at the terminal.
	Say string `json:"say,omitempty"`
	// Fatal is why the child cannot go on.
	Fatal string `json:"fatal,omitempty"`
	// Done is the last message of a child that finished its job.
	Done bool `json:"done,omitempty"`
}

const recordSeparator = 0x1e

// sender writes messages; it is safe for concurrent use.
type sender struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *sender) send(m message) error {
	data, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encoding a result: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err = s.w.Write(append(append([]byte{recordSeparator}, data...), '\n'))
	return err
}

// receive calls each for every message of r until it ends, and hands every
// other line to noise. A message that does not parse is an error: a child that
// writes garbage has crashed.
func receive(r io.Reader, each func(message), noise func([]byte)) error {
	br := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := br.ReadBytes('\n')
		// Ginkgo may have written the beginning of the line.
		if at := bytes.IndexByte(line, recordSeparator); at >= 0 && line[len(line)-1] == '\n' {
			if at > 0 {
				noise(line[:at])
			}
			var m message
			if jsonErr := json.Unmarshal(line[at+1:], &m); jsonErr != nil {
				return fmt.Errorf("a child process sent a broken message: %w", jsonErr)
			}
			each(m)
		} else if len(line) > 0 {
			noise(line)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
