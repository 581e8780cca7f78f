package reports

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"unicode/utf16"
)

// textEncoders are the ways in which a string comes to stand in another text.
// Those that leave a string of letters and digits alone cost nothing for one.
var textEncoders = []func(string) string{
	url.QueryEscape,
	url.PathEscape,
	func(s string) string { return percent(s, "-_.~", "%%%02X") },
	func(s string) string { return percent(s, "-_.~", "%%%02x") },
	func(s string) string { return percent(s, "-_.!~*'()", "%%%02X") }, // encodeURIComponent
	func(s string) string { return percent(s, "", "%%%02X") },
	func(s string) string { return percent(s, "", "%%%02x") },
	func(s string) string { return percent(s, "!$%&()*+,-./:;=?@[\\]^_`{|}~", "%%%02X") }, // a browser's query
	func(s string) string { return jsonText(s, true) },
	func(s string) string { return jsonText(s, false) },
	func(s string) string { return strings.ReplaceAll(jsonText(s, false), "/", `\/`) },
	func(s string) string { return jsonASCII(s, "%04x") },
	func(s string) string { return jsonASCII(s, "%04X") },
	html.EscapeString,
	htmlNamed.Replace,
	htmlHex.Replace,
	func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
}

var (
	htmlNamed = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")
	htmlHex   = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#x27;", "/", "&#x2F;", "`", "&#x60;", "=", "&#x3D;")
)

// secretForms lists what to look for: the secret, each encoding of it and of
// that, its base64 wherever it begins in the encoded octets, its hexadecimal,
// and for a text of several lines (a key in PEM) each line by itself.
func secretForms(secret string) []string {
	forms := map[string]bool{secret: true}
	level := []string{secret}
	for range 2 {
		var next []string
		for _, s := range level {
			for _, encode := range textEncoders {
				if e := encode(s); !forms[e] {
					forms[e] = true
					next = append(next, e)
				}
			}
		}
		level = next
	}
	for _, e := range []string{
		hex.EncodeToString([]byte(secret)),
		strings.ToUpper(hex.EncodeToString([]byte(secret))),
		percentAll(secret, "%%%02X"),
		percentAll(secret, "%%%02x"),
	} {
		forms[e] = true
	}
	for _, e := range base64Cores(secret) {
		forms[e] = true
		forms[url.QueryEscape(e)] = true
	}
	if strings.ContainsAny(secret, "\r\n") {
		for _, line := range strings.FieldsFunc(secret, func(c rune) bool { return c == '\r' || c == '\n' }) {
			if len(line) >= 16 && !strings.HasPrefix(line, "-----") {
				for _, form := range secretForms(line) {
					forms[form] = true
				}
			}
		}
	}
	return sortedKeys(forms)
}

// base64Cores encodes s as it looks inside a longer encoded text: it may begin
// at each of three positions, and only the characters that depend on nothing
// but s can be looked for.
func base64Cores(s string) []string {
	var cores []string
	for offset := range 3 {
		padded := append(make([]byte, offset), s...)
		first := []int{0, 2, 3}[offset]
		last := len(padded) * 8 / 6
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			if core := enc.EncodeToString(padded)[first:last]; len(core) >= shortestSecret {
				cores = append(cores, core)
			}
		}
	}
	return cores
}

// percent encodes all octets but ASCII letters, digits and those in keep.
func percent(s, keep, format string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte(keep, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, format, c)
		}
	}
	return b.String()
}

func percentAll(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

// jsonText is s as it stands between the quotes of a JSON string.
func jsonText(s string, escapeHTML bool) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(escapeHTML)
	if err := enc.Encode(s); err != nil {
		return s // a string always encodes
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(b.String(), "\n"), `"`), `"`)
}

// jsonASCII is jsonText with everything outside ASCII as \uXXXX.
func jsonASCII(s, digits string) string {
	var b strings.Builder
	for _, c := range jsonText(s, false) {
		if c < 0x80 {
			b.WriteRune(c)
			continue
		}
		for _, unit := range utf16.Encode([]rune{c}) {
			fmt.Fprintf(&b, `\u`+digits, unit)
		}
	}
	return b.String()
}
