package reports

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Baseline is a list of known failures. A pipeline that runs with one goes on
// while exactly these fail, stops when something else does, and stops as well
// when an entry no longer fits, so that the list cannot rot.
//
// A run is conformant or not whatever its baseline says: the outcome of a
// known failure stays fail, and the verdict stays non-conformant. What a
// baseline changes is the exit code; see ExitCode.
type Baseline struct {
	// File is the name that messages and reports give it.
	File string
	// SHA256 is the digest of the file in hexadecimal.
	SHA256 string
	// Entries are in the order of the file.
	Entries []KnownFailure
}

// KnownFailure is one entry of a Baseline.
type KnownFailure struct {
	// Case is the id of a result, or a pattern: * stands for any text within
	// one segment between slashes, \* and \\ for themselves. At least one
	// segment of a pattern is without *.
	Case string
	// Matches is how many results a pattern covers, no more and no fewer;
	// AtMost how many at the most. A pattern has one of the two, an id neither.
	Matches, AtMost int
	// Outcome is Fail or Warning.
	Outcome Outcome
	// Reason is what the failure has to be about.
	Reason KnownReason
	// Owner is who mends it; never empty.
	Owner string
	// Link is where it is discussed; may be empty.
	Link string
	// Expires is the last day, in UTC, on which the entry holds; at most
	// BaselineLife after the day on which the file is read.
	Expires time.Time
	// Note is for people.
	Note string
	// Line is where the entry starts in the file; 0 in one that was not read.
	Line int

	pattern *regexp.Regexp // nil for an id
}

// KnownReason is matched against a failure, so that a case which fails for
// another reason than the known one is seen.
type KnownReason struct {
	// Requirement is the id that was missed, or the static rule; see Missed.
	Requirement string
	// Actual is a text that what came back holds, white space folded; "" is
	// any. Pattern is a regular expression (RE2) for the same.
	Actual  string
	Pattern *regexp.Regexp
}

// BaselineLife is how far ahead an entry may expire: a known failure is a
// promise to mend it, and a promise without an end is a pardon.
const BaselineLife = 366 * 24 * time.Hour

// BaselineSchema is the JSON Schema (2020-12) of a baseline file. The reader
// refuses what the schema refuses, and dates that are no days or too far away,
// regular expressions that do not compile and entries that stand twice.
//
//go:embed schema/baseline.schema.json
var BaselineSchema []byte

// Known ties a result to the entry of a baseline that names it.
type Known struct {
	// Line is where the entry stands in the baseline's file.
	Line  int    `json:"line"`
	Owner string `json:"owner"`
	Link  string `json:"link,omitempty"`
	// Expires is the last day of the entry: 2026-12-31.
	Expires string `json:"expires"`
	Note    string `json:"note,omitempty"`
	// Lapsed says why the entry does not cover the result although it names
	// it: LapsedExpired or LapsedReason. Such a result is not known; "" on
	// one that is.
	Lapsed string `json:"lapsed,omitempty"`
}

// Why an entry that names a failure does not cover it.
const (
	LapsedExpired = "expired"
	LapsedReason  = "other-reason"
)

// BaselineUse is what a report says of the baseline that a run was held
// against.
type BaselineUse struct {
	File string `json:"file"`
	// SHA256 is the digest of the file in hexadecimal.
	SHA256 string `json:"sha256"`
	// Entries is the number of entries in it.
	Entries int `json:"entries"`
	// Known counts the results that entries cover, by outcome.
	Known Counts `json:"known"`
}

// String says who owns a known failure until when, and where.
func (k *Known) String() string {
	text := fmt.Sprintf("entry in line %d, owner %s, until %s", k.Line, k.Owner, k.Expires)
	if k.Link != "" {
		text += ", " + k.Link
	}
	if k.Note != "" {
		text += " (" + oneLine(k.Note) + ")"
	}
	switch k.Lapsed {
	case LapsedExpired:
		text += "; it has expired"
	case LapsedReason:
		text += "; it knows another reason"
	}
	return text
}

// known reports whether a baseline covers the result.
func (res *Result) known() bool { return res.Known != nil && res.Known.Lapsed == "" }

// covers compares the reason of an entry with that of a failure.
func (k *KnownReason) covers(res *Result) bool {
	if Missed(res) != k.Requirement {
		return false
	}
	actual := gotText(res)
	return strings.Contains(actual, oneLine(k.Actual)) && (k.Pattern == nil || k.Pattern.MatchString(actual))
}

// gotText is what came back in one line, or what a failure without that says.
func gotText(res *Result) string {
	if res.Failure != nil && res.Failure.Actual != "" {
		return oneLine(res.Failure.Actual)
	}
	return Headline(res)
}

func (e *KnownFailure) names(id string) bool {
	if e.pattern == nil {
		return id == unescaped(e.Case)
	}
	return e.pattern.MatchString(id)
}

// most is how many results the entry may cover.
func (e *KnownFailure) most() int {
	if e.pattern == nil {
		return 1
	}
	return max(e.Matches, e.AtMost)
}

// expired reports whether the entry's last day lies before that of now.
func (e *KnownFailure) expired(now time.Time) bool {
	return !now.UTC().Before(e.Expires.AddDate(0, 0, 1))
}

func (e *KnownFailure) tie(lapsed string) *Known {
	return &Known{Line: e.Line, Owner: e.Owner, Link: e.Link, Expires: e.Expires.Format(time.DateOnly), Note: e.Note, Lapsed: lapsed}
}

// casePattern is the regular expression of a case with wildcards, nil for an
// id, and what is wrong with it, or "".
func casePattern(text string) (*regexp.Regexp, string) {
	var b strings.Builder
	wild, written := false, false
	for _, segment := range strings.SplitAfter(text, "/") {
		stars := 0
		escaped := false
		for _, c := range segment {
			switch {
			case escaped && c != '*' && c != '\\':
				return nil, `\` + string(c) + ` means nothing: write \\ for a backslash and \* for an asterisk`
			case !escaped && c == '\\':
				escaped = true
				continue
			case !escaped && c == '*':
				stars++
				b.WriteString("[^/]*")
			default:
				b.WriteString(regexp.QuoteMeta(string(c)))
			}
			escaped = false
		}
		if escaped {
			return nil, `the \ before a slash or the end means nothing: write \\ for a backslash`
		}
		wild = wild || stars > 0
		written = written || stars == 0 && strings.Trim(segment, "/") != ""
	}
	switch {
	case !wild:
		return nil, ""
	case !written:
		return nil, "a pattern is too wide when every segment has a *: write at least one segment out"
	}
	return regexp.MustCompile("^" + b.String() + "$"), "" // every part of it is quoted
}

// unescaped is the id that a case without wildcards stands for.
func unescaped(text string) string { return strings.NewReplacer(`\\`, `\`, `\*`, `*`).Replace(text) }

// escaped is the case of an entry for an id.
func escaped(id string) string { return strings.NewReplacer(`\`, `\\`, `*`, `\*`).Replace(id) }
