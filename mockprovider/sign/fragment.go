package sign

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// MaxFragments is how many TXT records a key may be split into. ietf-05
// section 6.4 allows a limit and names none; an 8,192-bit key in fragments of
// 200 characters needs eight, and 50 characters each, the shortest seen in
// the field, need 28.
const MaxFragments = 32

// The defaults of a and t, which are also all that is supported (ietf-05
// section 6.4).
const (
	algorithmRS256 = "RS256"
	formatX509     = "x509"
)

// fragment is one key record of the answer.
type fragment struct {
	index             int // p, 0 when it is missing
	data              string
	algorithm, format string
	text              string // for messages
}

// isFragment tells the key records at a name from unrelated TXT data. A
// record is a key fragment when one of its comma-separated pairs is named d,
// or when all of them are named p, a or t. Blanks and quotation marks around
// a name do not count here, so that a fragment written badly is refused by
// name and not passed over. Everything else is unrelated: v=spf1 -all,
// verification=abc=, v=DKIM1; k=rsa; p=MIIB..., v=DMARC1; p=none.
func isFragment(text string) bool {
	onlyKeyPairs := true
	for pair := range strings.SplitSeq(text, ",") {
		name, _, hasValue := strings.Cut(pair, "=")
		switch strings.Trim(name, "\" \t\r\n") {
		case "d":
			if hasValue {
				return true
			}
			onlyKeyPairs = false
		case "p", "a", "t":
			onlyKeyPairs = onlyKeyPairs && hasValue
		default:
			onlyKeyPairs = false
		}
	}
	return onlyKeyPairs
}

// parseFragment reads one record of the grammar dc-pubkey-record. The pairs
// come in any order, each at most once; a pair is split at its first =, since
// d may end in one.
func parseFragment(text string) (fragment, error) {
	f := fragment{algorithm: algorithmRS256, format: formatX509, text: text}
	if err := checkShape(text); err != nil {
		return f, err
	}
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(text, ",") {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return f, refuse(FragmentSyntax, "the key record %s has %q where a pair like p=1 is expected", abbreviate(text), pair)
		}
		if seen[name] {
			return f, refuse(FragmentSyntax, "the key record %s has %s= twice; leave one", abbreviate(text), name)
		}
		seen[name] = true
		if err := f.set(name, value); err != nil {
			return f, err
		}
	}
	if f.data == "" {
		return f, refuse(FragmentNoData, "the key record %s has no d= with the key in base64; add it", abbreviate(text))
	}
	return f, nil
}

// checkShape names the mistakes that make a whole record unreadable.
func checkShape(text string) error {
	switch {
	case strings.Contains(text, "-----"):
		return refuse(FragmentArmour, "the key record %s holds lines of a PEM file; publish only the base64 between the BEGIN and END lines, in one piece", abbreviate(text))
	case strings.Contains(text, `"`):
		return refuse(FragmentQuotes, "the key record %s has quotation marks in its data; enter the text without them at the DNS provider", abbreviate(text))
	case strings.ContainsAny(text, " \t\r\n"):
		return refuse(FragmentWhitespace, "the key record %s has a blank or a line break in it; publish it without", abbreviate(text))
	}
	return nil
}

func (f *fragment) set(name, value string) error {
	switch name {
	case "p":
		index, err := strconv.ParseUint(value, 10, 31)
		if err != nil || index == 0 {
			return refuse(FragmentIndex, "the key record %s has p=%s; number the fragments 1, 2, 3 and so on", abbreviate(f.text), value)
		}
		f.index = int(index)
	case "d":
		f.data = value
	case "a":
		f.algorithm = value
	case "t":
		f.format = value
	default:
		return refuse(FragmentSyntax, "the key record %s has the pair %s=, and only p, d, a and t are defined; remove it", abbreviate(f.text), name)
	}
	return nil
}

// join puts the fragments in the numeric order of p, and joins the d values.
func join(fragments []fragment) (string, error) {
	if len(fragments) > MaxFragments {
		return "", refuse(TooManyFragments, "the key is split into %d records and at most %d are read; use pieces of about 200 characters", len(fragments), MaxFragments)
	}
	if len(fragments) == 1 && fragments[0].index == 0 {
		return fragments[0].data, nil
	}
	for _, f := range fragments {
		if f.index == 0 {
			return "", refuse(FragmentNoIndex, "there are %d key records and %s has no p=; number every fragment from 1", len(fragments), abbreviate(f.text))
		}
	}
	slices.SortStableFunc(fragments, func(a, b fragment) int { return cmp.Compare(a.index, b.index) })
	var joined strings.Builder
	for i, f := range fragments {
		if i > 0 && f.index == fragments[i-1].index {
			return "", refuse(FragmentDuplicate, "two key records have p=%d; a name holds one key, so number its fragments apart and publish a second key at another label", f.index)
		}
		if f.index != i+1 {
			return "", refuse(FragmentGap, "fragment p=%d is missing: of %d key records one has p=%d; publish all of them, numbered from 1", i+1, len(fragments), f.index)
		}
		joined.WriteString(f.data)
	}
	return joined.String(), nil
}

// agree checks that every fragment says the same of algorithm and format,
// defaults filled in, and that both are supported.
func agree(fragments []fragment) error {
	first := fragments[0]
	for _, f := range fragments[1:] {
		if f.algorithm != first.algorithm {
			return refuse(MixedAlgorithm, "the fragments of the key disagree on the algorithm: a=%s and a=%s; publish the same a= in all", first.algorithm, f.algorithm)
		}
		if f.format != first.format {
			return refuse(MixedFormat, "the fragments of the key disagree on the format: t=%s and t=%s; publish the same t= in all", first.format, f.format)
		}
	}
	if first.algorithm != algorithmRS256 {
		return refuse(UnknownAlgorithm, "the key is published for algorithm a=%s; only RS256 is supported, written exactly so", first.algorithm)
	}
	if first.format != formatX509 {
		return refuse(UnknownFormat, "the key is published in format t=%s; only x509 is supported, written exactly so", first.format)
	}
	return nil
}

// abbreviate quotes a record for a message and keeps it short.
func abbreviate(text string) string {
	const most = 40
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strconv.Quote(text)
}
