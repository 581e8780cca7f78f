package reports

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	_ "image/jpeg" // the sizes of screenshots
	_ "image/png"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// What the page shows of evidence, in bytes: of texts as they are escaped, of
// screenshots before their encoding. A page about ten templates, or about a
// provider, stays under 2 MB, since it goes by mail and into tickets; one about
// thousands, with all of it used and every finding told in detail, under 20 MB.
// What there is no room for is named, and stands beside the page.
const (
	htmlTextPer    = 48 << 10  // texts for each template, and for ten at least
	htmlText       = 4 << 20   // all texts together
	htmlTextPiece  = 48 << 10  // one text
	htmlImagesPer  = 32 << 10  // screenshots for each template, and for ten at least
	htmlImages     = 5 << 20   // all screenshots together
	htmlImagePiece = 400 << 10 // one screenshot

	htmlPassText   = 4    // passes have this part of the texts
	htmlPassPieces = 6    // pieces that are named of a pass at most,
	htmlMostPieces = 24   // of a finding,
	htmlFewPieces  = 4    // of either at least,
	htmlPieces     = 1600 // and of all that is told in detail, about
	htmlTitle      = 120  // characters of a title
)

// room is what n templates have, of so much each.
func room(n, each, all int) int { return min(max(n, 10)*each, all) }

// htmlPiece is a piece of evidence on the page: shown, or named.
type htmlPiece struct {
	ID, Kind, Title, Size, SHA256, File string
	// Text is the content, Cut when there is more of it.
	Text string
	Cut  bool
	// See is the anchor of the same content elsewhere on the page.
	See string
	// Image is a screenshot as a data: URL.
	Image         template.URL
	Width, Height int
	// Diff is a zone as it was and is; Change says how much changed.
	Diff   []htmlDiff
	Change string
}

// htmlDiff is a line that stayed (" "), came ("+") or went ("-").
type htmlDiff struct{ Sign, Text string }

// htmlEvidence knows what the page may show.
type htmlEvidence struct {
	kept    Kept
	content map[string][]byte // by digest: what the page has room for
	shown   map[string]string // by digest: the anchor of where it is shown
	zones   map[string]string // the last zone shown, by what it belongs to, see zoneOf
	most    int               // pieces that are named of one result
}

func newHTMLEvidence(kept Kept) *htmlEvidence {
	return &htmlEvidence{kept: kept, content: map[string][]byte{}, shown: map[string]string{}, zones: map[string]string{}, most: htmlMostPieces}
}

// spend reads the evidence of results, the most important ones first, until
// the room that n templates have is used up.
func (e *htmlEvidence) spend(results []*Result, n int) {
	e.most = min(max(htmlPieces/max(len(results), 1), htmlFewPieces), htmlMostPieces)
	if e.kept == nil {
		return
	}
	text, images := room(n, htmlTextPer, htmlText), room(n, htmlImagesPer, htmlImages)
	pass := text / htmlPassText
	text -= pass
	for _, res := range results {
		for _, piece := range e.named(res) {
			have := &text
			switch {
			case piece.Kind == "screenshot":
				have = &images
			case res.Outcome == Pass:
				have = &pass
			}
			if content, size, ok := e.read(piece, *have); ok {
				*have -= size
				e.content[piece.SHA256] = content
			}
		}
	}
}

// read is a piece of evidence, and what it takes of the room; not ok is that it
// does not fit, is there already, or cannot be read: the page names its file.
func (e *htmlEvidence) read(piece Evidence, room int) (content []byte, size int, ok bool) {
	picture := piece.Kind == "screenshot"
	size = piece.Bytes
	if !picture {
		size = min(size, htmlTextPiece)
	}
	if piece.File == "" || e.content[piece.SHA256] != nil || size > room || picture && size > htmlImagePiece {
		return nil, 0, false
	}
	content, err := e.kept(piece)
	if err != nil {
		return nil, 0, false
	}
	if !picture {
		size = escapedSize(content[:min(len(content), htmlTextPiece)])
	}
	if size > room {
		return nil, 0, false
	}
	return content, size, true
}

// named are the pieces of a result that the page names: of very many the first
// and the last ones, between which a run waits and asks again.
func (e *htmlEvidence) named(res *Result) []Evidence {
	most := e.most
	if res.Outcome == Pass {
		most = min(most, htmlPassPieces)
	}
	if len(res.Evidence) <= most {
		return res.Evidence
	}
	return slices.Concat(res.Evidence[:most/2], res.Evidence[len(res.Evidence)-most/2:])
}

// escapedSize is about what a text takes on the page, where "<" is "&lt;".
func escapedSize(text []byte) int {
	n := len(text)
	for _, c := range text {
		switch c {
		case '<', '>', '&', '"', '\'':
			n += len("&#34;") - 1
		}
	}
	return n
}

// of shows or names the evidence of a result. It is called in the order of
// the page.
func (e *htmlEvidence) of(res *Result) []htmlPiece {
	var pieces []htmlPiece
	for _, piece := range e.named(res) {
		p := htmlPiece{Kind: kindTitle(piece.Kind), Title: shorten(piece.Title, htmlTitle), SHA256: piece.SHA256, File: piece.File, Size: size(piece.Bytes)}
		content, ok := e.content[piece.SHA256]
		switch {
		case !ok:
		case e.shown[piece.SHA256] != "" && piece.Kind != "zone":
			p.See = e.shown[piece.SHA256]
		case piece.Kind == "screenshot":
			e.image(&p, content)
		default:
			e.text(&p, res, piece, string(content))
		}
		if (p.Text != "" || p.Image != "") && e.shown[piece.SHA256] == "" {
			p.ID = "e-" + piece.SHA256
			e.shown[piece.SHA256] = p.ID
		}
		pieces = append(pieces, p)
	}
	return pieces
}

// image shows a screenshot, when it is one: a browser guesses the type of an
// image, so that the type it is given here has to be true.
func (e *htmlEvidence) image(p *htmlPiece, content []byte) {
	kind := http.DetectContentType(content)
	config, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || kind != "image/png" && kind != "image/jpeg" {
		return
	}
	p.Image = template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(content))
	p.Width, p.Height = config.Width, config.Height
}

func (e *htmlEvidence) text(p *htmlPiece, res *Result, piece Evidence, content string) {
	p.Text = content
	if piece.Kind == "zone" {
		key := zoneOf(res)
		if before, ok := e.zones[key]; ok {
			p.Diff, p.Change = diffLines(before, content)
		}
		e.zones[key] = content
		return
	}
	if len(content) > htmlTextPiece {
		cut := htmlTextPiece
		for cut > 0 && !utf8.RuneStart(content[cut]) {
			cut--
		}
		p.Text, p.Cut = content[:cut], true
	}
}

// zoneOf is what the zones of a result belong to. The cases of a template's
// scenario follow one another in one zone; those about a provider have names
// of their own each, so that only zones of one case can be compared.
func zoneOf(res *Result) string {
	if res.Template == "" {
		return res.ID
	}
	return res.Template + "\x00" + res.Scenario
}

// diffLines compares zones, in which a line is a record and the order means
// nothing: what came and went stands where it is.
func diffLines(before, after string) (diff []htmlDiff, change string) {
	old := map[string]int{}
	for _, line := range splitLines(before) {
		old[line]++
	}
	var rest []htmlDiff
	added, removed := 0, 0
	for _, line := range splitLines(after) {
		if old[line] > 0 {
			old[line]--
			rest = append(rest, htmlDiff{" ", line})
			continue
		}
		added++
		rest = append(rest, htmlDiff{"+", line})
	}
	for _, line := range splitLines(before) {
		if old[line] > 0 {
			old[line]--
			removed++
			diff = append(diff, htmlDiff{"-", line})
		}
	}
	return append(diff, rest...), fmt.Sprintf("%d added, %d removed", added, removed)
}

func splitLines(s string) []string {
	if s = strings.TrimRight(s, "\n"); s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

func kindTitle(kind string) string {
	switch kind {
	case "exchange":
		return "Exchange"
	case "observation":
		return "Observation"
	case "screenshot":
		return "Screenshot"
	case "zone":
		return "Zone"
	case "link":
		return "Link"
	case "dom":
		return "Page as the browser had it"
	case "console":
		return "Browser console"
	}
	return kind
}

// size is a number of bytes for people.
func size(n int) string {
	switch {
	case n < 1000:
		return count(n, "byte", "bytes")
	case n < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
