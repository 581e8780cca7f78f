package sign

import (
	"encoding/pem"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func read(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}

// base64Body is a PEM file as one line of base64, without the armour.
func base64Body(t testing.TB, name string) string {
	t.Helper()
	var body strings.Builder
	for line := range strings.Lines(read(t, name)) {
		if !strings.HasPrefix(line, "-----") {
			body.WriteString(strings.TrimSpace(line))
		}
	}
	return body.String()
}

// fragments publishes base64 in pieces, as records of one string each.
func fragments(body string, size int) [][]string {
	var txt [][]string
	for i := 0; len(body) > 0; i++ {
		n := min(size, len(body))
		txt = append(txt, []string{"p=" + strconv.Itoa(i+1) + ",a=RS256,d=" + body[:n]})
		body = body[n:]
	}
	return txt
}

// one puts each text in a record of its own.
func one(texts ...string) [][]string {
	var txt [][]string
	for _, text := range texts {
		txt = append(txt, []string{text})
	}
	return txt
}

func opensslKey(t testing.TB, name string) *PublicKey {
	t.Helper()
	key, err := ParseKey(fragments(base64Body(t, name+".pub.pem"), 200))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

type signature struct{ key, scheme, text, base64 string }

func (s signature) query() string {
	return s.text + "&sig=" + url.QueryEscape(s.base64) + "&key=_dcpubkeyv1"
}

// signatures reads a file of signatures, whose lines are key, scheme, text
// and signature; other lines are returned as they are.
func signatures(t testing.TB, name string) (found []signature, other []string) {
	t.Helper()
	for line := range strings.Lines(read(t, name)) {
		fields := strings.Fields(line)
		if len(fields) == 4 {
			found = append(found, signature{fields[0], fields[1], fields[2], fields[3]})
		} else {
			other = append(other, strings.TrimSpace(line))
		}
	}
	if len(found) == 0 {
		t.Fatalf("%s holds no signature", name)
	}
	return found, other
}

func spec(t testing.TB) (key *PublicKey, records []string, sigAndKey string) {
	t.Helper()
	lines := strings.Fields(read(t, "spec.txt"))
	if len(lines) != 4 {
		t.Fatalf("spec.txt has %d lines, want 4", len(lines))
	}
	key, err := ParseKey(one(lines[:3]...))
	if err != nil {
		t.Fatal(err)
	}
	return key, lines[:3], lines[3]
}

func derOf(t testing.TB, name string) []byte {
	t.Helper()
	block, _ := pem.Decode([]byte(read(t, name)))
	if block == nil {
		t.Fatalf("%s is no PEM file", name)
	}
	return block.Bytes
}
