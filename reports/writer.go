package reports

import (
	"io"
	"slices"
)

// Kept gives back the content of a piece of evidence that has a File.
type Kept func(Evidence) ([]byte, error)

// Writer turns a finished run into one file. A new format is a file of its own
// with such a value, and its name in the list below.
type Writer struct {
	// Name is what people call the format: json, junit, html, markdown.
	Name string
	// File is the name of the file in the report's folder.
	File string
	// Write writes the whole file. It must not keep or change the run. kept
	// reads evidence; a format that needs none ignores it.
	Write func(w io.Writer, r *Run, kept Kept) error
}

// writers are written in this order. report.json is the last one: when it says
// that the run is finished, every other file is there.
var writers = []Writer{
	junitWriter,
	htmlWriter,
	markdownWriter,
	jsonWriter,
}

// Writers lists the formats that a run leaves behind.
func Writers() []Writer { return slices.Clone(writers) }

// plain makes a writer of a format that shows no evidence.
func plain(write func(io.Writer, *Run) error) func(io.Writer, *Run, Kept) error {
	return func(w io.Writer, r *Run, _ Kept) error { return write(w, r) }
}
