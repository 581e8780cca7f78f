package target

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Problem is one thing that is wrong with a target.yaml.
type Problem struct {
	// File is as it was given to Load; Line and Column count from 1 and are 0
	// for what is missing from the whole file.
	File         string
	Line, Column int
	// Path is the place in the configuration: "domains[0].account".
	Path string
	// Message says what is wrong and how it is mended. It never holds a secret.
	Message string
	// Placeholder is set when the value is one that Init left to be edited.
	Placeholder bool
}

// Error is the problem on one line:
// "target.yaml:12:5: domains[0].account: …".
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// Problems are all that is wrong with a target.yaml, in the order of the file;
// what is missing comes last. It is never empty where it is returned.
type Problems []Problem

// Error has one problem a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Error()
	}
	return strings.Join(lines, "\n")
}

// nearest is the known word that takes the fewest edits to get to from word,
// or "" when none is near enough to be a slip of the pen.
func nearest(word string, known []string) string {
	best, fewest := "", len(word)/2+1
	for _, k := range known {
		if d := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(k)); d < fewest {
			best, fewest = k, d
		}
	}
	return best
}

// suggest words the known words for a message: the nearest, or all of them.
func suggest(word string, known []string) string {
	if near := nearest(word, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "known are " + strings.Join(known, ", ")
}
