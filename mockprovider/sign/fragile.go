package sign

import (
	"cmp"
	"slices"
	"strings"
)

// MaxURL is how long an apply link may be that every provider should take, in
// octets (ietf-05 section 8.3.1).
const MaxURL = 8000

// Fragile lists what may break a sound link at some provider, or on the way
// there: url is the whole link, query the part between ? and #.
func Fragile(url, query string) []Slip {
	r := readings(query, "")[0]
	var slips []Slip
	add := func(found bool, code Mistake, detail string) {
		if found {
			slips = append(slips, Slip{Mistake: code, Detail: detail})
		}
	}
	sent := AsSent(query)
	add(sent != query, FragileBrowser, "sent as "+excerpt(query, sent))
	add(r.sig != "" && !r.sigLast, SigNotLast, "")
	add(strings.Contains(r.sig, "+"), FragileSig, "")
	var plus, empty, unlike []string
	for _, c := range r.covered {
		name, value, has := strings.Cut(c, "=")
		if strings.Contains(c, "+") {
			plus = append(plus, name)
		}
		if has && value == "" {
			empty = append(empty, name)
		}
		if bare := strings.ReplaceAll(c, "+", ""); each(bare, func(v string) string { return encode(decodeOnce(v), unreserved) }) != bare {
			unlike = append(unlike, name)
		}
	}
	add(len(plus) > 0, FragilePlus, strings.Join(plus, ", "))
	inOrder := slices.IsSortedFunc(r.covered, func(a, b string) int {
		x, _, _ := strings.Cut(a, "=")
		y, _, _ := strings.Cut(b, "=")
		return cmp.Compare(x, y)
	})
	add(!inOrder, FragileOrder, "")
	add(len(unlike) > 0, FragileSpelling, strings.Join(unlike, ", "))
	add(len(empty) > 0, FragileEmpty, strings.Join(empty, ", "))
	add(len(url) > MaxURL, FragileLong, "")
	return slips
}

// AsSent is a query as a browser sends it: the WHATWG URL standard has
// browsers percent-encode control characters, blanks, quotation marks, <, >, #
// and ', and everything that is not ASCII, in the query of an https URL. Tabs
// and line breaks are left out.
func AsSent(query string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(query) {
		switch c := query[i]; {
		case c == '\t' || c == '\r' || c == '\n':
		case c <= ' ' || c >= 0x7f || strings.IndexByte(`"'<>#`, c) >= 0:
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// excerpt is the first segment that differs, as sent.
func excerpt(made, sent string) string {
	a, b := strings.Split(made, "&"), strings.Split(sent, "&")
	for i := range a {
		if i < len(b) && a[i] != b[i] {
			return b[i]
		}
	}
	return sent
}

// Reader is what a provider that works in one wrong way would verify in the
// place of the query as received.
type Reader struct {
	// Does says what it does, after "a provider that".
	Does string
	// Text is what it verifies.
	Text string
}

// Misreaders are the wrong ways to verify that would refuse this link though
// its signature is sound: what a provider may do that refuses it.
func Misreaders(query string) []Reader {
	text, _, key, err := Split(query)
	if err != nil {
		return nil
	}
	segments := strings.Split(text, "&")
	spelled := func(write func(string) string) string {
		out := make([]string, len(segments))
		for i, s := range segments {
			out[i] = write(s)
		}
		return strings.Join(out, "&")
	}
	ordered := slices.Clone(segments)
	slices.SortStableFunc(ordered, func(a, b string) int {
		x, _, _ := strings.Cut(a, "=")
		y, _, _ := strings.Cut(b, "=")
		return cmp.Compare(x, y)
	})
	full := slices.DeleteFunc(slices.Clone(segments), func(s string) bool {
		_, value, has := strings.Cut(s, "=")
		return s == "" || has && value == ""
	})
	var list []Reader
	for _, r := range []Reader{
		{"sorts the parameters", strings.Join(ordered, "&")},
		{"decodes percent-encodings", spelled(decodeOnce)},
		{"encodes the values anew", spelled(func(s string) string {
			return each(s, func(v string) string { return encode(decodeOnce(v), unreserved) })
		})},
		{"encodes the values anew, with + for a space", spelled(func(s string) string {
			return each(s, func(v string) string { return strings.ReplaceAll(encode(decodeForm(v), unreserved), "%20", "+") })
		})},
		{"reads + as a space and writes it as %20", spelled(func(s string) string { return strings.ReplaceAll(s, "+", "%20") })},
		{"writes the digits of percent-encodings in upper case", spelled(func(s string) string { return escapes(s, strings.ToUpper) })},
		{"drops empty parameters", strings.Join(full, "&")},
	} {
		if r.Text != text {
			list = append(list, r)
		}
	}
	return append(list, Reader{"leaves key in the text", text + "&key=" + key})
}
