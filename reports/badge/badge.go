// Package badge draws the verdict of a run as a small picture for a README.
package badge

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/dcconform/dcconform/reports"
)

// File is the name of the file in a report's folder.
const File = "badge.svg"

// Writer is the format for a report's folder.
var Writer = reports.Writer{Name: "badge", File: File, Write: func(w io.Writer, r *reports.Run, _ reports.Kept) error { return Write(w, r) }}

// Colours on which white text has a contrast of at least 4.5 to 1.
const (
	green  = "#2e7d32"
	olive  = "#6b6b00"
	orange = "#b04a00"
	red    = "#b3261e"
	grey   = "#5f6368"
	label  = "#3c4043"
)

// Write draws r as an SVG of 20 pixels in height, in the style of shields.io,
// with a title that is read aloud. Green is only a run of the whole plan that
// is conformant and came to its end: part of a plan proves nothing.
func Write(w io.Writer, r *reports.Run) error {
	name, said, colour := "Domain Connect", words(r), colourOf(r)
	left, right := width(name), width(said)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="20" role="img" aria-label="%s">`+"\n", left+right, escape(title(r)))
	fmt.Fprintf(&b, "<title>%s</title>\n", escape(title(r)))
	fmt.Fprintf(&b, `<clipPath id="r"><rect width="%d" height="20" rx="3"/></clipPath>`+"\n", left+right)
	fmt.Fprintf(&b, `<g clip-path="url(#r)"><rect width="%d" height="20" fill="%s"/><rect x="%d" width="%d" height="20" fill="%s"/></g>`+"\n", left, label, left, right, colour)
	b.WriteString(`<g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">` + "\n")
	for _, t := range []struct {
		middle, length int
		text           string
	}{{left / 2, left - padding, name}, {left + right/2, right - padding, said}} {
		fmt.Fprintf(&b, `<text x="%d" y="14" textLength="%d" lengthAdjust="spacingAndGlyphs">%s</text>`+"\n", t.middle, t.length, escape(t.text))
	}
	b.WriteString("</g>\n</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

const padding = 12

// width is about what a text takes in pixels; textLength does the rest.
func width(s string) int { return padding + runewidth.StringWidth(s)*13/2 }

// words are the verdict, and the number that matters with it.
func words(r *reports.Run) string {
	verdict := strings.ReplaceAll(string(r.Verdict), "-with-warnings", "")
	said := verdict + " · " + number(r)
	if r.State != reports.StateFinished {
		return said + " (" + string(r.State) + ")"
	}
	if r.Scope != reports.ScopeFull {
		return said + " (" + string(r.Scope) + ")"
	}
	return said
}

func number(r *reports.Run) string {
	own := r.CountsBy[r.Subject]
	switch r.Verdict {
	case reports.NonConformant:
		if own[reports.Fail] == 0 && r.ProfileCounts()[r.Profile][reports.ProfileRefused] > 0 {
			return "refused by " + r.Profile
		}
		return fmt.Sprintf("%d failed", own[reports.Fail])
	case reports.ConformantWithWarnings:
		if n := own[reports.Warning]; n != 1 {
			return fmt.Sprintf("%d warnings", n)
		}
		return "1 warning"
	}
	return fmt.Sprintf("%d of %d passed", own[reports.Pass], total(own)-own[reports.NotApplicable])
}

func total(c reports.Counts) int {
	n := 0
	for _, m := range c {
		n += m
	}
	return n
}

// title is the whole of it, for whoever cannot see the picture or points at it.
func title(r *reports.Run) string {
	return fmt.Sprintf("Domain Connect conformance: %s, edition %s", words(r), r.Edition)
}

func colourOf(r *reports.Run) string {
	switch {
	case r.Verdict == reports.NonConformant:
		return red
	case r.Scope != reports.ScopeFull || r.State != reports.StateFinished:
		return grey
	case r.Verdict == reports.Conformant:
		return green
	case r.Verdict == reports.ConformantWithWarnings:
		return olive
	case r.Verdict == reports.Partial:
		return orange
	}
	return grey
}

// escape writes a text so that it is one in XML; strings.Builder never fails.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
