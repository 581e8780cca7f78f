package web

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// parameter reads one parameter that something here acts on. A repeated one
// is an error, since one value could be checked and the other used; so is one
// that has no place in names, zone data or headers. Parameters that nobody
// asks for are not looked at: ietf-05 section 8.3.1 has them ignored.
func parameter(q dc.Query, name string) (string, error) {
	switch values := q.All(name); len(values) {
	case 0:
		return "", nil
	case 1:
		if err := clean(values[0]); err != nil {
			return "", fmt.Errorf("the value of %s %w", name, err)
		}
		return values[0], nil
	default:
		return "", fmt.Errorf("the parameter %s stands in the link %d times; send it once", name, len(values))
	}
}

// clean refuses control characters and what is no text at all.
func clean(s string) error {
	if !utf8.ValidString(s) {
		return errors.New("is not UTF-8 after decoding; percent-encode its UTF-8 octets")
	}
	for _, r := range s {
		if r < 0x20 || r >= 0x7f && r <= 0x9f || r == 0x2028 || r == 0x2029 {
			return fmt.Errorf("holds the control character %U; leave it out", r)
		}
	}
	return nil
}
