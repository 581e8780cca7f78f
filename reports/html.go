package reports

import (
	"bufio"
	"crypto/sha256"
	_ "embed" // the page's style and script
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"path"
	"strconv"
	"strings"
	"unicode"
)

// HTMLFile is the report for people: one file that needs nothing else.
const HTMLFile = "report.html"

var htmlWriter = Writer{Name: "html", File: HTMLFile, Write: WriteHTML}

var (
	//go:embed page/report.html
	htmlSource string
	//go:embed page/style.css
	htmlStyle string
	//go:embed page/script.js
	htmlScript string
)

// htmlPolicy lets the page run its own script and style, show images that are
// part of it, and nothing else, even if a text of a template came through as
// markup.
var htmlPolicy = fmt.Sprintf("default-src 'none'; script-src '%s'; style-src '%s'; img-src data:; base-uri 'none'; form-action 'none'",
	contentHash(htmlScript), contentHash(htmlStyle))

func contentHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

var htmlPages = template.Must(template.New("").Funcs(template.FuncMap{"show": show, "thousands": thousands, "title": titled, "file": fileName}).Parse(htmlSource))

// WriteHTML writes r as one page that needs no network and no script: what
// failed, warned or could not be told in detail, what passed in short. kept
// reads the evidence that the page shows; without it, or where a piece cannot
// be read, the page names the file. How much it shows is bounded, see
// htmlText; every finding has its share before any has a second one.
func WriteHTML(w io.Writer, r *Run, kept Kept) error {
	out := bufio.NewWriter(w)
	err := htmlPages.ExecuteTemplate(out, "page", newHTMLPage(r, kept))
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", HTMLFile, err)
	}
	return nil
}

// fileName is how the page writes the path of a piece of evidence: enough of
// the digest to find it in a folder.
func fileName(file string) string {
	const enough = 12
	name, ending, _ := strings.Cut(path.Base(file), ".")
	if len(name) <= enough {
		return file
	}
	return path.Join(path.Dir(file), name[:enough]+"…."+ending)
}

// thousands writes a number for people: 33,612.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// show makes visible what would be invisible, or would change the order in
// which a text is read.
func show(s string) string {
	s = printable(s)
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		if hidden(c) {
			fmt.Fprintf(&b, `\u%04x`, c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// hidden is a character of format, such as one that turns the direction of a
// text, other than the joiners that some scripts write words with.
func hidden(c rune) bool {
	return c >= 0x80 && unicode.Is(unicode.Cf, c) && c != 0x200c && c != 0x200d || c == 0x2028 || c == 0x2029
}

// symbols stand beside the words of outcomes, for eyes that look for shapes.
var symbols = map[Outcome]string{
	Pass: "✓", Fail: "✗", Warning: "!", Inconclusive: "?", NotApplicable: "–", Blocked: "⊘", HarnessError: "⚡",
}
