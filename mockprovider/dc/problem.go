package dc

import (
	"fmt"
	"strings"
)

// The classes of a Problem. The list is closed.
const (
	// ProblemEmpty: the file holds nothing but white space.
	ProblemEmpty = "empty-file"
	// ProblemTooLarge: the file is larger than MaxFileSize.
	ProblemTooLarge = "too-large"
	// ProblemTooDeep: arrays and objects are nested deeper than MaxDepth.
	ProblemTooDeep = "too-deep"
	// ProblemNotJSON: the file is not JSON in UTF-8 (RFC 8259).
	ProblemNotJSON = "not-json"
	// ProblemTrailing: something follows the template.
	ProblemTrailing = "trailing-data"
	// ProblemDuplicate: an object has two members of one name, at any depth.
	ProblemDuplicate = "duplicate-key"
	// ProblemType: a member has the wrong JSON type.
	ProblemType = "wrong-type"
	// ProblemMissing: a member that the template or the record's type needs is
	// absent or null.
	ProblemMissing = "missing-field"
	// ProblemID: providerId or serviceId holds other characters than ASCII
	// letters, digits, hyphen, underscore and dot, or none (ietf-05 section 3,
	// dc-id).
	ProblemID = "id-syntax"
	// ProblemIDLength: providerId or serviceId is longer than MaxIDLength.
	ProblemIDLength = "id-too-long"
	// ProblemRange: an integer does not fit 64 bits.
	ProblemRange = "out-of-range"
)

// Problem is one thing that keeps a file from being a template.
type Problem struct {
	// File is the name that Parse was given.
	File string
	// Position is where it stands; zero when it stands nowhere, as with a
	// file that was not read.
	Position
	// Pointer is the place as a JSON pointer (RFC 6901); "" is the whole file.
	Pointer string
	// Class is one of the Problem constants.
	Class string
	// Message says what was found.
	Message string
	// Mend says what to write instead.
	Mend string
}

// String is "file:line:col: message; mend".
func (p Problem) String() string {
	where := p.File
	if where == "" {
		where = "template"
	}
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d:%d", where, p.Line, p.Column)
	}
	if p.Mend == "" {
		return where + ": " + p.Message
	}
	return where + ": " + p.Message + "; " + p.Mend
}

// maxPrinted bounds the text of Problems: a hostile file of one MiB can have
// tens of thousands.
const maxPrinted = 50

// Problems is everything that Parse has against a file, in the order of the
// file. It is an error when it is not empty.
type Problems []Problem

// Error is one problem a line; of very many only the first are printed.
func (ps Problems) Error() string {
	var b strings.Builder
	for i, p := range ps {
		if i == maxPrinted {
			fmt.Fprintf(&b, "\nand %d more problems", len(ps)-i)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.String())
	}
	return b.String()
}
