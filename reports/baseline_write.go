package reports

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
)

// BaselineDefaults is what the entries of a new baseline say beyond what the
// run shows.
type BaselineDefaults struct {
	// Owner is who mends the failures. Without one the entries have an empty
	// owner, which ReadBaseline refuses until somebody fills it in.
	Owner string
	// Link is where they are discussed; may be empty.
	Link string
	// Expires is the last day of the entries.
	Expires time.Time
	// Warnings takes in warnings beside failures.
	Warnings bool
}

// MakeBaseline lists what fails in a finished run as known failures, one entry
// for each result about the run's own subject. Where the run was held against
// a baseline (HoldAgainst), entries that still cover something stay as they
// are, and stale ones are left out.
//
// A run that was filtered or interrupted is refused: what it left out would
// look like mended.
func (r *Run) MakeBaseline(d BaselineDefaults) (*Baseline, error) {
	switch {
	case r.State != StateFinished:
		return nil, errors.New("the run did not come to its end: a baseline of it would leave out what was not tried")
	case r.Scope != ScopeFull:
		return nil, errors.New("the run was filtered: a baseline of it would leave out what was not tried; run the whole plan")
	}
	b := &Baseline{Entries: r.keep()}
	for i := range r.Results {
		res := &r.Results[i]
		if res.Subject != r.Subject || res.known() || res.Outcome != Fail && (res.Outcome != Warning || !d.Warnings) {
			continue
		}
		b.Entries = append(b.Entries, KnownFailure{Case: escaped(res.ID), Outcome: res.Outcome,
			Reason: KnownReason{Requirement: Missed(res), Actual: lasting(gotText(res))},
			Owner:  d.Owner, Link: d.Link, Expires: d.Expires})
	}
	return b, nil
}

// keep lists the entries of the baseline that the run was held against which
// still cover something.
func (r *Run) keep() []KnownFailure {
	if r.hold == nil {
		return nil
	}
	used := map[int]bool{}
	for i := range r.Results {
		if r.Results[i].known() {
			used[r.Results[i].Known.Line] = true
		}
	}
	var kept []KnownFailure
	for _, e := range r.hold.baseline.Entries {
		if used[e.Line] {
			kept = append(kept, e)
		}
	}
	return kept
}

// passing is what differs between two runs that fail for one reason: beside
// what a projection leaves out any port, digest, date and time of day, and
// what is hard to write.
var passing = regexp.MustCompile(`:[0-9]{2,5}\b|\b[0-9a-f]{16,}\b|[0-9]{4}-[0-9]{2}-[0-9]{2}\S*|\b[0-9.]+ ?(ms|s|µs)\b|[^\x20-\x7e]`)

const (
	lastingLeast = 6   // octets: less says nothing
	lastingMost  = 100 // octets: more is nothing that anybody reads
)

// lasting is the longest part of a text that another run would have, too, or
// "" when there is little of it.
func lasting(text string) string {
	const cut = "\x00"
	for _, v := range volatile {
		text = v.pattern.ReplaceAllString(text, cut)
	}
	text = passing.ReplaceAllString(text, cut)
	best := ""
	for part := range strings.SplitSeq(text, cut) {
		if part = strings.TrimSpace(part); len(part) > len(best) {
			best = part
		}
	}
	if len(best) > lastingMost {
		best = best[:lastingMost]
		if at := strings.LastIndexByte(best, ' '); at > lastingMost/2 {
			best = best[:at]
		}
	}
	if len(best) < lastingLeast {
		return ""
	}
	return strings.TrimSpace(best)
}

// Write writes b as a file that ReadBaseline reads.
func (b *Baseline) Write(w io.Writer) error {
	var out bytes.Buffer
	out.WriteString("# Known failures. A run with --baseline and this file goes on while exactly\n" +
		"# these fail, and ends in exit code 4 when an entry no longer fits.\n")
	fmt.Fprintf(&out, "version: %d\nknown:", BaselineVersion)
	if len(b.Entries) == 0 {
		out.WriteString(" []")
	}
	out.WriteString("\n")
	for i := range b.Entries {
		b.Entries[i].write(&out)
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("%s: %w", cmp.Or(b.File, "baseline"), err)
	}
	return nil
}

func (e *KnownFailure) write(out *bytes.Buffer) {
	fmt.Fprintf(out, "- case: %s\n", yamlText(e.Case))
	if e.Matches > 0 {
		fmt.Fprintf(out, "  matches: %d\n", e.Matches)
	}
	if e.AtMost > 0 {
		fmt.Fprintf(out, "  at-most: %d\n", e.AtMost)
	}
	fmt.Fprintf(out, "  outcome: %s\n  reason:\n    requirement: %s\n", e.Outcome, yamlText(e.Reason.Requirement))
	if e.Reason.Actual != "" {
		fmt.Fprintf(out, "    actual: %s\n", yamlText(e.Reason.Actual))
	}
	if e.Reason.Pattern != nil {
		fmt.Fprintf(out, "    pattern: %s\n", yamlText(e.Reason.Pattern.String()))
	}
	if e.Owner == "" {
		out.WriteString("  owner: \"\" # who mends it? The file is refused until this is filled in.\n")
	} else {
		fmt.Fprintf(out, "  owner: %s\n", yamlText(e.Owner))
	}
	if e.Link != "" {
		fmt.Fprintf(out, "  link: %s\n", yamlText(e.Link))
	}
	fmt.Fprintf(out, "  expires: %q\n", e.Expires.Format(time.DateOnly))
	if e.Note != "" {
		fmt.Fprintf(out, "  note: %s\n", yamlText(e.Note))
	}
}

var yamlPlain = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./,=-]*$`)

// yamlText writes a text so that every YAML reader takes it for that text: a
// word as it is, anything else in quotation marks, as JSON writes it.
func yamlText(s string) string {
	if yamlPlain.MatchString(s) && !slices.Contains([]string{"true", "false", "yes", "no", "on", "off", "y", "n", "null"}, strings.ToLower(s)) {
		return s
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return `""` // a string always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}
