package run

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/certify"
)

// A Job is what a child process is told on the first line of its standard
// input. The input then stays open: its end tells the child to stop.
type job struct {
	// Certify is the world to build; the child plans the same scenarios from
	// it as the parent did.
	Certify certify.Options `json:"certify"`
	// Sources are the templates of this child.
	Sources []certify.Source `json:"sources"`
	// Owes are the ids of the cases to run; everything else is left out.
	Owes []string `json:"owes"`
	// Exemplars are cases whose evidence is kept in full although they pass.
	Exemplars []string `json:"exemplars"`
	// Out is the report's folder, for evidence.
	Out string `json:"out"`
	// CaseSeconds is the ceiling of one case.
	CaseSeconds float64 `json:"caseSeconds"`
}

// A message is one line from a child: a JSON text sequence (RFC 7464), so that
// whatever else is printed to the same stream cannot be mistaken for one.
type message struct {
	// Started is the id of a case that begins.
	Started string `json:"started,omitempty"`
	// Result is a finished case.
	Result *reports.Result `json:"result,omitempty"`
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
