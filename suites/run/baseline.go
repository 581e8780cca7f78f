package run

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/dcconform/dcconform/reports"
)

// BaselineFlags are those about known failures; the zero value is none.
type BaselineFlags struct {
	// Read is the file of known failures that the run is held against.
	Read string
	// Write is the file that takes what fails in this run as known failures;
	// "-" is standard output, and the summary then goes to standard error.
	Write string
	// Owner and Link are for the entries that are written. Without an owner
	// the file is refused until somebody has filled it in.
	Owner, Link string
	// Expires is the last day of those entries, 2026-12-31; empty is 90 days
	// from today.
	Expires string
}

// writtenLife is how long entries hold that do not say it: long enough for a
// release, short enough to be remembered.
const writtenLife = 90 * 24 * time.Hour

const toStdout = "-"

// check refuses what cannot be meant before anything is run.
func (b *BaselineFlags) check(f *Flags) error {
	if b.Write == "" {
		for _, flag := range [][2]string{{"--baseline-owner", b.Owner}, {"--baseline-link", b.Link}, {"--baseline-expires", b.Expires}} {
			if flag[1] != "" {
				return fmt.Errorf("%s goes with --write-baseline", flag[0])
			}
		}
		return nil
	}
	if len(f.Cases) > 0 {
		return errors.New("--write-baseline with --case: a baseline of a filtered run would leave out what was not tried; run the whole plan")
	}
	if f.Shard != "" {
		return errors.New("--write-baseline with --shard: a baseline of a shard would leave out what the others find; run the whole plan")
	}
	if _, err := b.defaults(f); err != nil {
		return err
	}
	if b.Write == toStdout {
		return nil
	}
	switch _, err := os.Stat(b.Write); {
	case err == nil && !sameFile(b.Write, b.Read):
		return fmt.Errorf("--write-baseline: %s is there already; give it with --baseline, too, and what still fits in it stays, or name a new file", b.Write)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("--write-baseline: %w", err)
	}
	if _, err := os.Stat(filepath.Dir(b.Write)); err != nil {
		return fmt.Errorf("--write-baseline: the folder is not there: %w", err)
	}
	return nil
}

func sameFile(a, b string) bool {
	x, errA := os.Stat(a)
	y, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(x, y)
}

// defaults are what the written entries say.
func (b *BaselineFlags) defaults(f *Flags) (reports.BaselineDefaults, error) {
	now := f.Now()
	d := reports.BaselineDefaults{Owner: b.Owner, Link: b.Link, Warnings: f.Strict, Expires: now.UTC().Add(writtenLife)}
	if b.Expires == "" {
		return d, nil
	}
	day, err := time.Parse(time.DateOnly, b.Expires)
	latest := now.UTC().Add(reports.BaselineLife)
	switch {
	case err != nil:
		return d, fmt.Errorf("--baseline-expires %s: no day in the form 2026-12-31", b.Expires)
	case day.After(latest):
		return d, fmt.Errorf("--baseline-expires %s: more than a year away; the latest day is %s", b.Expires, latest.Format(time.DateOnly))
	case !day.AddDate(0, 0, 1).After(now):
		return d, fmt.Errorf("--baseline-expires %s: the day is over", b.Expires)
	}
	d.Expires = day
	return d, nil
}

// holdAgainst reads the baseline. all is the plan without filters.
func (c *conduct) holdAgainst(all []reports.Planned) error {
	b := &c.flags.Baseline
	if err := b.check(&c.flags); err != nil {
		return usageError{err}
	}
	if b.Read == "" {
		return nil
	}
	data, err := os.ReadFile(b.Read)
	if err != nil {
		return usageError{fmt.Errorf("--baseline: %w", err)}
	}
	now := c.flags.Now()
	baseline, err := reports.ReadBaseline(b.Read, data, now)
	if err != nil {
		return usageError{fmt.Errorf("--baseline: %w", err)}
	}
	c.run.HoldAgainst(baseline, all, now)
	return nil
}

// writeBaseline writes what fails as known failures, when that was asked for.
func (c *conduct) writeBaseline() error {
	b := &c.flags.Baseline
	if b.Write == "" {
		return nil
	}
	d, err := b.defaults(&c.flags)
	if err != nil {
		return err
	}
	baseline, err := c.run.MakeBaseline(d)
	if err != nil {
		return fmt.Errorf("--write-baseline: %w", err)
	}
	var text bytes.Buffer
	if err := baseline.Write(&text); err != nil {
		return err
	}
	if b.Write == toStdout {
		_, err := c.flags.Stdout.Write(text.Bytes())
		return err
	}
	if err := replaceFile(b.Write, text.Bytes()); err != nil {
		return fmt.Errorf("--write-baseline: %w", err)
	}
	fmt.Fprintf(c.flags.Stdout, "Baseline %s: %s\n", b.Write, writtenText(baseline, d))
	return nil
}

func writtenText(b *reports.Baseline, d reports.BaselineDefaults) string {
	switch n := len(b.Entries); {
	case n == 0:
		return "nothing fails, so it is empty"
	case d.Owner == "":
		return fmt.Sprintf("entries: %d; fill in who mends each (owner) where it is empty, it is refused before", n)
	default:
		return fmt.Sprintf("entries: %d", n)
	}
}

// replaceFile writes a file in one step, so that a full disk leaves the old one.
func replaceFile(path string, data []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	_, err = temp.Write(data)
	err = errors.Join(err, temp.Chmod(0o644), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
	}
	return err
}
