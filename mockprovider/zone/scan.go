package zone

import "errors"

// line is one logical line of a master file: parentheses joined, comments
// gone. Words keep their quotes and escapes.
type line struct {
	// number is that of the physical line that it starts on.
	number int
	// blank is set when it starts with white space: the owner is that of the
	// record before.
	blank bool
	words []string
}

// scanner cuts a master file into logical lines (RFC 1035 section 5.1).
type scanner struct {
	text string
	at   int
	line int
	// depth counts the open parentheses.
	depth int
}

// next returns the next line that has words; false at the end of the text.
// The line's number is set also with an error.
func (s *scanner) next() (line, bool, error) {
	l := line{number: s.line}
	start := true
	for s.at < len(s.text) {
		c := s.text[s.at]
		if start {
			l.blank = c == ' ' || c == '\t'
			start = false
		}
		switch c {
		case ' ', '\t', '\r':
			s.at++
		case '\n':
			s.at++
			s.line++
			if s.depth > 0 {
				continue
			}
			if len(l.words) > 0 {
				return l, true, nil
			}
			l, start = line{number: s.line}, true
		case ';':
			for s.at < len(s.text) && s.text[s.at] != '\n' {
				s.at++
			}
		case '(':
			s.at++
			s.depth++
		case ')':
			s.at++
			if s.depth--; s.depth < 0 {
				return l, false, errors.New("a closing parenthesis without an opening one")
			}
		default:
			word, err := s.word()
			if err != nil {
				return l, false, err
			}
			l.words = append(l.words, word)
		}
	}
	if s.depth > 0 {
		return l, false, errors.New("the parenthesis that opens here is never closed")
	}
	return l, len(l.words) > 0, nil
}

// word reads up to white space, a parenthesis or a comment, quoted parts
// included.
func (s *scanner) word() (string, error) {
	from := s.at
	quoted := false
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '\n' && quoted:
			return "", errors.New("the quoted string is not closed on its line")
		case c == '\n':
			return s.text[from:s.at], nil
		case c == '\\' && s.at+1 < len(s.text) && s.text[s.at+1] != '\n':
			s.at++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ' ' || c == '\t' || c == '\r' || c == ';' || c == '(' || c == ')':
			return s.text[from:s.at], nil
		}
	}
	if quoted {
		return "", errors.New("the quoted string is not closed on its line")
	}
	return s.text[from:], nil
}
