package sign

import (
	"slices"
	"strings"
)

// A text is searched by what was done to it, one slip first, then two, then
// three: which parameters it has, in which order, how they are spelled, and
// what stands around them. The first number of slips that leads to the digest
// is the answer; whatever else leads there by as many is said as well.

// DefaultEffort is how many texts are tried at most for one link: about a
// second of one processor. maxSlips is how many slips of the text are put
// together at most.
const (
	DefaultEffort = 1_000_000
	maxSlips      = 4
)

// search looks for the text that a signature was made over.
type search struct {
	r      *reading
	sig    *opened
	url    string
	rest   int // how many texts of 1,024 octets may still be tried
	tried  int
	words  words
	picks  []pick
	orders []func(pick []int) (order, bool)
	wraps  []wrap
}

// words are all segments that a text can be made of, and the ways to spell
// each of them.
type words struct {
	segments []string
	// rows are the spellings, by how many slips they take; the first row of
	// none is the link's own.
	rows [maxSpellings + 1][]row
}

// maxSpellings is how many spellings are put together.
const maxSpellings = 2

// row is every segment in one spelling.
type row struct {
	spelled []string
	// reasons are the ways in which it comes about, each of the same weight.
	reasons [][]Slip
	// write makes it.
	write func(string) string
	// generic is set while no reason is a particular one.
	generic bool
}

// wrap is what stands around a text.
type wrap struct {
	before, after string
	slips         []Slip
}

// match is a text that the signature was made over, and what explains it.
type match struct {
	text  string
	slips []Slip
}

// prepare fills the search in.
func (s *search) prepare(variables []string) {
	s.picks = s.members(variables)
	s.words.spell()
	s.orders = orders(s.words.segments)
	s.wraps = wraps(s.url)
}

// level tries every text that takes this many slips, and returns those that
// the signature was made over. They are all the same octets.
func (s *search) level(slips int) []match {
	var found []match
	for _, p := range s.picks {
		left := slips - len(p.slips)
		if left < 0 || slips > 2 && !p.plausible {
			continue
		}
		for _, o := range s.ordered(p, left) {
			for spellings := 0; spellings <= min(left-len(o.slips), maxSpellings); spellings++ {
				around := left - len(o.slips) - spellings
				if around > 1 || (!p.plausible || o.permuted) && spellings > 1 {
					continue
				}
				for i := range s.words.rows[spellings] {
					r := &s.words.rows[spellings][i]
					if o.permuted && r.generic {
						continue
					}
					for _, m := range s.around(o.pick, r, around) {
						for _, reason := range r.reasons {
							found = append(found, match{m.text, slices.Concat(p.slips, o.slips, reason, m.slips)})
						}
					}
				}
			}
			if s.rest <= 0 {
				return found
			}
		}
	}
	return found
}

// around compares a text, bare or with one slip around it, and returns the
// slips around it for each that matches.
func (s *search) around(pick []int, r *row, slips int) []match {
	var b strings.Builder
	for i, at := range pick {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(r.spelled[at])
	}
	text := b.String()
	s.spend(len(text))
	if slips == 0 {
		if s.sig.over([]byte(text)) {
			return []match{{text: text}}
		}
		return nil
	}
	var found []match
	for _, w := range s.wraps {
		s.spend(len(text))
		if around := w.before + text + w.after; s.sig.over([]byte(around)) {
			found = append(found, match{around, w.slips})
		}
	}
	s.spend(len(text))
	if form := s.sig.hashedTwice([]byte(text)); form != "" {
		found = append(found, match{text, []Slip{{Mistake: TextDigest, Detail: form}}})
	}
	return found
}

// spend counts a text; a long one counts for several.
func (s *search) spend(octets int) {
	s.tried++
	s.rest -= 1 + octets>>10
}

func wraps(url string) []wrap {
	list := []wrap{
		{"?", "", []Slip{{Mistake: TextQuestionMark}}},
		{"", "\n", []Slip{{Mistake: TextNewline}}},
		{"", "\r\n", []Slip{{Mistake: TextNewline, Detail: "CR LF"}}},
		{"", "&", []Slip{{Mistake: TextAmpersand, Detail: "at the end"}}},
		{"&", "", []Slip{{Mistake: TextAmpersand, Detail: "at the beginning"}}},
	}
	if url == "" {
		return list
	}
	add := func(before, detail string) {
		list = append(list, wrap{before, "", []Slip{{Mistake: TextURL, Detail: detail}}})
	}
	add(url+"?", "the whole URL")
	add(url, "the whole URL without its question mark")
	if _, rest, ok := strings.Cut(url, "://"); ok {
		add(rest+"?", "host, path and query")
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			add(rest[i:]+"?", "path and query")
			add(rest[i:], "path and query without the question mark")
		}
	}
	return list
}

// spell fills the rows in: each spelling alone, then two of them. A row that
// takes no fewer slips than one with the same octets is another reason for
// that one; a generic spelling gives way to a particular one, also to two of
// them, since those say more.
func (w *words) spell() {
	w.rows[0] = []row{{spelled: w.segments, reasons: [][]Slip{nil}, write: func(s string) string { return s }}}
	list := spellings(w.segments)
	for _, sp := range list {
		if !sp.generic {
			w.add(1, row{reasons: [][]Slip{{sp.slip}}, write: sp.write})
		}
	}
	for _, sp := range list {
		for _, first := range w.rows[1] {
			if sp.generic || !together(first.reasons[0][0].Mistake, sp.slip.Mistake) {
				continue
			}
			w.add(2, row{reasons: [][]Slip{{first.reasons[0][0], sp.slip}}, write: func(s string) string { return sp.write(first.write(s)) }})
		}
	}
	for _, sp := range list {
		if sp.generic {
			w.add(1, row{reasons: [][]Slip{{sp.slip}}, write: sp.write, generic: true})
		}
	}
}

// together reports whether two spellings make sense one after the other: not
// one mistake with itself, and not two that undo each other.
func together(a, b Mistake) bool {
	layers := []Mistake{TextDecoded, LinkTwice, TextTwice}
	return a != b && !(slices.Contains(layers, a) && slices.Contains(layers, b))
}

// add puts a row in its place, or its reason to that of a row that is the same.
func (w *words) add(slips int, r row) {
	r.spelled = make([]string, len(w.segments))
	for i, s := range w.segments {
		r.spelled[i] = r.write(s)
	}
	for n := range w.rows {
		for i := range w.rows[n] {
			old := &w.rows[n][i]
			if !slices.Equal(old.spelled, r.spelled) {
				continue
			}
			if n == slips && (!r.generic || old.alike(r)) && !sameReason(old.reasons, r.reasons[0]) {
				if r.generic {
					r.reasons[0][0].Detail = differences(w.segments, r.spelled)
				}
				old.reasons = append(old.reasons, r.reasons[0])
			}
			return
		}
	}
	if r.generic && r.reasons[0][0].Mistake == TextSpelling {
		r.reasons[0][0].Detail = differences(w.segments, r.spelled)
	}
	w.rows[slips] = append(w.rows[slips], r)
}

// alike reports whether another encoder explains a row as well as what is
// said of it: where the text was taken for one that was never encoded, it may
// have been encoded by one that leaves the same characters alone.
func (r *row) alike(other row) bool {
	return other.reasons[0][0].Mistake == TextSpelling && slices.ContainsFunc(r.reasons, func(reason []Slip) bool {
		return len(reason) == 1 && (reason[0].Mistake == TextDecoded || reason[0].Mistake == LinkBrowser)
	})
}

// sameReason reports whether a reason with the same mistakes is there already.
func sameReason(reasons [][]Slip, r []Slip) bool {
	return slices.ContainsFunc(reasons, func(have []Slip) bool {
		return slices.Equal(mistakes(have), mistakes(r))
	})
}

// mistakes are the codes of slips, sorted.
func mistakes(slips []Slip) []string {
	codes := make([]string, len(slips))
	for i, s := range slips {
		codes[i] = string(s.Mistake)
	}
	slices.Sort(codes)
	return codes
}
