package target

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// LedgerFile is the name of the ledger in a report folder.
const LedgerFile = "created.jsonl"

// Creation is one action that may create records at the target: applying a
// template, or seeding.
type Creation struct {
	// ID is given by Will.
	ID string `json:"id"`
	// Time is when it was about to happen; zero is now.
	Time time.Time `json:"time"`
	// Domain is the zone and Host the name below it, "" for the apex.
	Domain string `json:"domain"`
	Host   string `json:"host"`
	// Names are where records of it may come to stand, absolute; none are those
	// of the template.
	Names []string `json:"names,omitempty"`
	// Template is the serviceId; "" is the seed hook.
	Template string `json:"template,omitempty"`
	// Groups are the groups that were asked for; none are all.
	Groups []string `json:"groups,omitempty"`
	// Case is the id of the case that did it.
	Case string `json:"case,omitempty"`
}

// Ledger is the list of what a run creates at the target, so that a run that
// is stopped, or crashes, leaves behind what there is to clean up. Every line
// is handed to the operating system before the action that it announces. It is
// safe for concurrent use, and several processes may write one file as long as
// each has a writer's name of its own.
type Ledger struct {
	// Now is the clock; nil is time.Now.
	Now func() time.Time

	path, writer string
	mu           sync.Mutex
	file         *os.File
	last         int
}

// cleaning is the line that says that a creation is cleaned up.
type cleaning struct {
	Cleaned string    `json:"cleaned"`
	Time    time.Time `json:"time"`
}

// OpenLedger opens the ledger of a report folder for one writer, "parent" or
// "child-3", and goes on with what stands in it. The folder has to be there.
func OpenLedger(dir, writer string) (*Ledger, error) {
	l := &Ledger{path: filepath.Join(dir, LedgerFile), writer: writer}
	data, err := os.ReadFile(l.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("ledger: %s", plain(err))
	}
	created, _, err := l.parse(data)
	if err != nil {
		return nil, err
	}
	for _, c := range created {
		if number, ours := strings.CutPrefix(c.ID, writer+"-"); ours {
			if n, err := strconv.Atoi(number); err == nil {
				l.last = max(l.last, n)
			}
		}
	}
	if l.file, err = os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	if len(data) > 0 && data[len(data)-1] != '\n' {
		// A writer was killed in the middle of a line: keep ours off it.
		if _, err := l.file.WriteString("\n"); err != nil {
			return nil, errors.Join(fmt.Errorf("ledger: %w", err), l.file.Close())
		}
	}
	return l, nil
}

// Will writes down that something is about to be created, and returns the id by
// which it is told Cleaned later. After an error the action must not happen.
func (l *Ledger) Will(c Creation) (string, error) {
	if c.Domain == "" {
		return "", errors.New("ledger: a creation without its domain cannot be cleaned up")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	c.ID = fmt.Sprintf("%s-%d", l.writer, l.last+1)
	if c.Time.IsZero() {
		c.Time = l.now()
	}
	if err := l.write(c); err != nil {
		return "", err
	}
	l.last++
	return c.ID, nil
}

// Cleaned writes down that what was created is gone.
func (l *Ledger) Cleaned(ids ...string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		if err := l.write(cleaning{Cleaned: id, Time: l.now()}); err != nil {
			return err
		}
	}
	return nil
}

func (l *Ledger) now() time.Time {
	if l.Now != nil {
		return l.Now().UTC()
	}
	return time.Now().UTC()
}

// write appends one line by one call, which other writers do not get into.
func (l *Ledger) write(line any) error {
	data, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if _, err := l.file.Write(append(data, '\n')); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// Leftovers are what any writer created and nobody has cleaned, oldest first,
// as the file has it now.
func (l *Ledger) Leftovers() ([]Creation, error) { return l.leftovers() }

// Leftovers reads the ledger of a report folder: what was created and not
// cleaned, oldest first. A line that its writer did not get to the end of is
// passed over, since what it announces has not happened. An error names the
// line that is no line of a ledger, or says that there is no ledger.
func Leftovers(dir string) ([]Creation, error) {
	return (&Ledger{path: filepath.Join(dir, LedgerFile)}).leftovers()
}

func (l *Ledger) leftovers() ([]Creation, error) {
	data, err := os.ReadFile(l.path)
	if err != nil {
		return nil, fmt.Errorf("ledger: %s", plain(err))
	}
	created, cleaned, err := l.parse(data)
	if err != nil {
		return nil, err
	}
	var left []Creation
	for _, c := range created {
		if !cleaned[c.ID] {
			left = append(left, c)
		}
	}
	return left, nil
}

func (l *Ledger) parse(data []byte) ([]Creation, map[string]bool, error) {
	var created []Creation
	cleaned := map[string]bool{}
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var either struct {
			Creation
			Cleaned string `json:"cleaned"`
		}
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.DisallowUnknownFields()
		err := decoder.Decode(&either)
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF): // torn
		case err == nil && either.Cleaned != "":
			cleaned[either.Cleaned] = true
		case err == nil && either.ID != "" && either.Domain != "":
			created = append(created, either.Creation)
		default:
			if err == nil {
				err = errors.New("it names neither what was created nor what was cleaned")
			}
			return nil, nil, fmt.Errorf("%s:%d: no line of a ledger: %w", l.path, number, err)
		}
	}
	return created, cleaned, nil
}

// Close hands the file to the disk and closes it.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Join(l.file.Sync(), l.file.Close())
}
