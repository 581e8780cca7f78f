package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/sign"
)

// The exit codes of an examination, beside that of a usage error.
const (
	ExitSound   = 0
	ExitRefused = 1
	ExitUnknown = 3
)

// ExitCode is the exit code of the verdict.
func (r *Report) ExitCode() int {
	switch r.Verdict {
	case Verifies:
		return ExitSound
	case Refused:
		return ExitRefused
	case Unsigned:
		if r.Template != "" {
			return ExitSound
		}
	case Unknown:
	}
	return ExitUnknown
}

// WriteJSON writes the report as one object.
func (r *Report) WriteJSON(w io.Writer) error { return writeJSON(w, r) }

func writeJSON(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(value)
}

// page collects lines; the first error of the writer is kept.
type page struct {
	w   io.Writer
	err error
}

func (p *page) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// WriteText writes the report for people.
func (r *Report) WriteText(w io.Writer) error {
	p := &page{w: w}
	r.head(p)
	p.line("")
	r.verdict(p)
	r.findings(p, Error, "Also wrong")
	if r.Signature != nil && !r.Signature.Verifies {
		r.findings(p, Warning, "Also fragile")
	} else {
		r.findings(p, Warning, "Fragile")
	}
	if len(r.Next) > 0 {
		p.line("")
		for _, n := range r.Next {
			p.line("%s", n)
		}
	}
	return p.err
}

// head says what was looked at.
func (r *Report) head(p *page) {
	p.line("Link      %s", r.Endpoint)
	if r.ProviderID != "" {
		checked := "no template given to hold it against"
		if r.Template != "" {
			checked = "held against the template"
		}
		p.line("Template  %s/%s, %s", r.ProviderID, r.ServiceID, checked)
	}
	if r.Key != nil {
		size := "no key can be read"
		if r.Key.Bits > 0 {
			size = fmt.Sprintf("RSA, %d bits", r.Key.Bits)
		}
		at := r.Key.Name
		if at == "" {
			at = "(the link names no key)"
		}
		p.line("Key       %s: %s in %s; %s", at, count(r.Key.Records, "TXT record"), r.Key.Source, size)
	}
}

// verdict says it, and why.
func (r *Report) verdict(p *page) {
	s := r.Signature
	switch {
	case r.Verdict == Unsigned:
		p.line("The link is not signed.")
	case s == nil:
		p.line("Nothing is known about the signature.")
	case s.Verifies && r.Verdict == Refused:
		p.line("The signature verifies as the link is written, and a provider refuses the link all the same.")
	case s.Verifies:
		p.line("The signature verifies.")
	case len(s.Causes) > 0:
		p.line("The signature does not verify, because")
		for i, c := range s.Causes {
			if i > 0 {
				p.line("or, which leads to the same text,")
			}
			list(p, c)
		}
		r.texts(p)
	default:
		p.line("The signature does not verify.")
		list(p, s.Facts)
		if len(s.Facts) == 0 {
			p.line("  - %s", s.Refusal)
		}
		if s.Tried > 0 {
			p.line("  verified: %s", quote(s.Text))
		}
	}
}

// texts shows what was signed beside what is verified.
func (r *Report) texts(p *page) {
	s := r.Signature
	if s.Signed == "" {
		return
	}
	p.line("  signed:   %s", quote(s.Signed))
	p.line("  verified: %s", quote(s.Text))
	p.line("  %s compared", count(s.Tried, "text"))
}

// quote shows a text with its control characters.
func quote(s string) string {
	if q := strconv.Quote(s); q[1:len(q)-1] != s {
		return q
	}
	return s
}

func list(p *page, mistakes []Mistake) {
	for _, m := range mistakes {
		p.line("  - %s [%s]", m.What, m.Code)
		if m.Mend != "" {
			p.line("    Mend: %s.", m.Mend)
		}
	}
}

func (r *Report) findings(p *page, severity Severity, title string) {
	first := true
	for _, f := range r.Findings {
		if f.Severity != severity {
			continue
		}
		if first {
			p.line("")
			p.line("%s", title)
			first = false
		}
		list(p, []Mistake{{f.Code, f.What, f.Mend}})
	}
}

// count is "1 record" or "3 records".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// WriteCatalogue lists every mistake that can be named; format is text or
// json.
func WriteCatalogue(w io.Writer, format string) error {
	all := sign.Catalogue()
	if format == "json" {
		list := make([]Mistake, len(all))
		for i, e := range all {
			list[i] = Mistake{string(e.Code), e.What, e.Mend}
		}
		return writeJSON(w, list)
	}
	p := &page{w: w}
	for _, e := range all {
		p.line("%s\n    %s.\n    Mend: %s.", e.Code, sentence(e.What), e.Mend)
	}
	return p.err
}

// sentence begins a clause with a capital letter, unless it begins with the
// name of a parameter or pair, which is written as it is.
func sentence(clause string) string {
	word, _, _ := strings.Cut(clause, " ")
	if strings.HasSuffix(word, "=") || word == "key" || word == "sig" || word == "syncPubKeyDomain" {
		return clause
	}
	return strings.ToUpper(clause[:1]) + clause[1:]
}
