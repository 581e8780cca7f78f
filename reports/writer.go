package reports

import (
	"io"
	"slices"
)

// Writer turns a finished run into one file. A new format is a file of its own
// with such a value, and its name in the list below.
type Writer struct {
	// Name is what people call the format: json, junit.
	Name string
	// File is the name of the file in the report's folder.
	File string
	// Write writes the whole file. It must not keep or change the run.
	Write func(io.Writer, *Run) error
}

// writers are written in this order. report.json is the last one: when it says
// that the run is finished, every other file is there.
var writers = []Writer{
	junitWriter,
	jsonWriter,
}

var jsonWriter = Writer{Name: "json", File: ReportFile, Write: WriteJSON}

// Writers lists the formats that a run leaves behind.
func Writers() []Writer { return slices.Clone(writers) }
