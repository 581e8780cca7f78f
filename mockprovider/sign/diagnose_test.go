package sign

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/fixtures/keys"
)

// signedText is a query that has room for every mistake: each way of writing
// it wrongly leads to other octets.
const signedText = "code=a%2Bb%20c%7Ed%2Fe%22f%2A&domain=example.com&groupId=mail&host=shop&ip=192.0.2.7&redirect_uri=https%3A%2F%2Fapp.example.net%2Fcb&state=s1%27%C3%A9"

// seeded is a link that was made wrongly, with everything right about it where
// nothing else is said.
type seeded struct {
	text     string // what is signed
	sent     string // what stands in the link in its place
	key      keys.Pair
	hash     crypto.Hash
	sign     func(text string) []byte
	write    func(octets []byte) string
	escape   func(sig string) string
	assemble func(sent, sig string) string
	txt      [][]string
	places   []Place
	fragment string
	url      string
}

// link is the query, and the evidence of it.
func (s *seeded) evidence(t *testing.T) Evidence {
	t.Helper()
	digest := s.hash.New()
	digest.Write([]byte(s.text))
	octets, err := rsa.SignPKCS1v15(nil, s.key.Private, s.hash, digest.Sum(nil))
	if err != nil {
		t.Fatal(err)
	}
	if s.sign != nil {
		octets = s.sign(s.text)
	}
	places := append([]Place{{Name: "_dck1.example.net.", TXT: s.txt}}, s.places...)
	query := s.assemble(s.sent, s.escape(s.write(octets)))
	return Evidence{URL: s.url, Query: query, Fragment: s.fragment, Places: places}
}

func sound(t *testing.T) *seeded {
	t.Helper()
	return &seeded{text: signedText, sent: signedText, key: pair(t, keys.Second), hash: crypto.SHA256,
		write: base64.StdEncoding.EncodeToString, escape: url.QueryEscape,
		assemble: func(sent, sig string) string { return sent + "&key=_dck1&sig=" + sig },
		txt:      records(pair(t, keys.Second).Data, 200), url: "https://dns.example.org/v2/domainTemplates/providers/example.net/services/shop/apply"}
}

func pair(t *testing.T, name string) keys.Pair {
	t.Helper()
	p, err := keys.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// records cuts a key into TXT records.
func records(data string, size int) [][]string {
	var txt [][]string
	for n := 1; data != ""; n++ {
		cut := min(size, len(data))
		txt = append(txt, []string{fmt.Sprintf("p=%d,a=RS256,d=%s", n, data[:cut])})
		data = data[cut:]
	}
	return txt
}

// eachRecord changes every TXT record.
func eachRecord(txt [][]string, change func(n int, text string) string) [][]string {
	var out [][]string
	for i, parts := range txt {
		out = append(out, []string{change(i+1, strings.Join(parts, ""))})
	}
	return out
}

// swap replaces a seed that has to be there: a case without its mistake would
// be none.
func swap(t *testing.T, s, from, to string) string {
	t.Helper()
	if !strings.Contains(s, from) {
		t.Fatalf("the seed %s is not in %s", from, s)
	}
	return strings.ReplaceAll(s, from, to)
}

func arranged(text string, names ...string) string {
	pairs := strings.Split(text, "&")
	var out []string
	for _, name := range names {
		i := slices.IndexFunc(pairs, func(p string) bool { return strings.HasPrefix(p, name+"=") })
		out = append(out, pairs[i])
	}
	return strings.Join(out, "&")
}

func without(text string, names ...string) string {
	var kept []string
	for pair := range strings.SplitSeq(text, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if !slices.Contains(names, name) {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
}

func decoded(t *testing.T, s string) string {
	t.Helper()
	d, err := url.PathUnescape(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// seed is a mistake in the table: change puts it in, and the diagnosis has to
// be these codes, and nothing beside them.
type seed struct {
	name   string
	change func(t *testing.T, s *seeded)
	want   []Mistake
	// or are explanations of the same octets by as many mistakes.
	or [][]Mistake
}

var unsorted = []string{"domain", "host", "redirect_uri", "state", "groupId", "ip", "code"}

var seeds = []seed{
	{name: "sorted before signing", change: func(_ *testing.T, s *seeded) { s.sent = arranged(signedText, unsorted...) }, want: []Mistake{TextSorted}},
	{name: "sorted after signing", change: func(_ *testing.T, s *seeded) { s.text = arranged(signedText, unsorted...) }, want: []Mistake{TextOrder}},
	{name: "sorted without case", change: func(_ *testing.T, s *seeded) {
		s.text += "&Zone=z"
		s.sent = "Zone=z&" + signedText
		s.text = arranged(s.text, "code", "domain", "groupId", "host", "ip", "redirect_uri", "state", "Zone")
	}, want: []Mistake{TextSortedNoCase}},
	{name: "decoded before signing", change: func(t *testing.T, s *seeded) { s.text = decoded(t, s.text) }, want: []Mistake{TextDecoded}},
	{name: "redirect_uri alone decoded", change: func(t *testing.T, s *seeded) {
		s.text = swap(t, s.text, "https%3A%2F%2Fapp.example.net%2Fcb", "https://app.example.net/cb")
	}, want: []Mistake{TextDecoded}},
	{name: "space signed as plus", change: func(t *testing.T, s *seeded) { s.text = swap(t, s.text, "%20", "+") }, want: []Mistake{TextSpacePlus}},
	{name: "space sent as plus", change: func(t *testing.T, s *seeded) { s.sent = swap(t, s.text, "%20", "+") }, want: []Mistake{TextSpace20}},
	{name: "plus arrived decoded", change: func(t *testing.T, s *seeded) { s.sent = swap(t, s.text, "%2B", "+") }, want: []Mistake{TextPlusBare}},
	{name: "lower-case digits signed", change: func(_ *testing.T, s *seeded) { s.text = escapes(s.text, strings.ToLower) }, want: []Mistake{TextHexCase}},
	{name: "lower-case digits sent", change: func(_ *testing.T, s *seeded) { s.sent = escapes(s.text, strings.ToLower) }, want: []Mistake{TextHexCase}},
	{name: "one escape rewritten by a proxy", change: func(t *testing.T, s *seeded) { s.sent = swap(t, s.text, "%2B", "%2b") }, want: []Mistake{TextHexCase}},
	{name: "tilde escaped by a proxy", change: func(t *testing.T, s *seeded) { s.text = swap(t, s.text, "%7E", "~") }, want: []Mistake{TextSpelling}},
	{name: "encodeURIComponent for signing", change: func(t *testing.T, s *seeded) {
		s.text = swap(t, swap(t, swap(t, s.text, "%7E", "~"), "%2A", "*"), "%27", "'")
	}, want: []Mistake{TextSpelling}},
	{name: "link encoded again", change: func(t *testing.T, s *seeded) { s.sent = swap(t, s.text, "%", "%25") }, want: []Mistake{LinkTwice}, or: [][]Mistake{{TextDecoded}}},
	{name: "text encoded again", change: func(t *testing.T, s *seeded) { s.text = swap(t, s.text, "%", "%25") }, want: []Mistake{TextTwice}},
	{name: "browser: apostrophe", change: func(t *testing.T, s *seeded) { s.text = swap(t, s.text, "%27", "'") }, want: []Mistake{LinkBrowser}},
	{name: "browser: quotation mark", change: func(t *testing.T, s *seeded) { s.text = swap(t, s.text, "%22", `"`) }, want: []Mistake{LinkBrowser}},
	{name: "browser: not ASCII", change: func(t *testing.T, s *seeded) { s.text = swap(t, s.text, "%C3%A9", "é") }, want: []Mistake{LinkBrowser}},
	{name: "browser: all of them", change: func(t *testing.T, s *seeded) {
		s.text = swap(t, swap(t, swap(t, s.text, "%C3%A9", "é"), "%22", `"`), "%27", "'")
	}, want: []Mistake{LinkBrowser}},
	{name: "link out of HTML", change: func(t *testing.T, s *seeded) {
		s.assemble = func(sent, sig string) string { return swap(t, sent+"&key=_dck1&sig="+sig, "&", "&amp;") }
	}, want: []Mistake{LinkHTML}},
	{name: "bare # in a value", change: func(_ *testing.T, s *seeded) {
		s.sent, s.text = s.sent+"&tag=", s.text+"&tag=#1"
		cut := s.assemble
		s.assemble = func(sent, sig string) string {
			s.fragment = strings.TrimPrefix(cut(sent+"1", sig), sent)
			return sent
		}
	}, want: []Mistake{LinkFragment}},
	{name: "key signed along", change: func(_ *testing.T, s *seeded) { s.text += "&key=_dck1" }, want: []Mistake{TextKey}},
	{name: "key sorted in", change: func(_ *testing.T, s *seeded) {
		s.sent = arranged(s.text+"&key=_dck1", "code", "domain", "groupId", "host", "ip", "key", "redirect_uri", "state")
		s.text = s.sent
		s.assemble = func(sent, sig string) string { return sent + "&sig=" + sig }
	}, want: []Mistake{TextKey}},
	{name: "empty sig signed along", change: func(_ *testing.T, s *seeded) { s.text += "&sig=" }, want: []Mistake{TextSig}},
	{name: "redirect_uri left out", change: func(_ *testing.T, s *seeded) { s.text = without(s.text, "redirect_uri") }, want: []Mistake{TextLeftOut}},
	{name: "state left out", change: func(_ *testing.T, s *seeded) { s.text = without(s.text, "state") }, want: []Mistake{TextLeftOut}},
	{name: "groupId left out", change: func(_ *testing.T, s *seeded) { s.text = without(s.text, "groupId") }, want: []Mistake{TextLeftOut}},
	{name: "all three left out", change: func(_ *testing.T, s *seeded) { s.text = without(s.text, "redirect_uri", "state", "groupId") }, want: []Mistake{TextLeftOut}},
	{name: "tracking appended", change: func(_ *testing.T, s *seeded) {
		plain := s.assemble
		s.assemble = func(sent, sig string) string { return plain(sent, sig) + "&utm_source=mail&utm_medium=x" }
	}, want: []Mistake{LinkAdded}},
	{name: "time stamp unsigned", change: func(_ *testing.T, s *seeded) { s.sent = "sigts=1700000000&" + s.sent }, want: []Mistake{LinkAdded}},
	{name: "empty host lost", change: func(t *testing.T, s *seeded) {
		s.text = swap(t, s.text, "host=shop", "host=")
		s.sent = without(s.text, "host")
	}, want: []Mistake{LinkEmptyGone}},
	{name: "question mark signed", change: func(_ *testing.T, s *seeded) { s.text = "?" + s.text }, want: []Mistake{TextQuestionMark}},
	{name: "trailing newline", change: func(_ *testing.T, s *seeded) { s.text += "\n" }, want: []Mistake{TextNewline}},
	{name: "trailing ampersand", change: func(_ *testing.T, s *seeded) { s.text += "&" }, want: []Mistake{TextAmpersand}},
	{name: "whole URL signed", change: func(_ *testing.T, s *seeded) { s.text = s.url + "?" + s.text }, want: []Mistake{TextURL}},
	{name: "path and query signed", change: func(_ *testing.T, s *seeded) {
		s.text = strings.TrimPrefix(s.url, "https://dns.example.org") + "?" + s.text
	}, want: []Mistake{TextURL}},
	{name: "digest signed", change: func(_ *testing.T, s *seeded) {
		sum := sha256.Sum256([]byte(s.text))
		s.text = hex.EncodeToString(sum[:])
	}, want: []Mistake{TextDigest}},
	{name: "SHA-1", change: func(_ *testing.T, s *seeded) { s.hash = crypto.SHA1 }, want: []Mistake{SchemeHash}},
	{name: "SHA-512", change: func(_ *testing.T, s *seeded) { s.hash = crypto.SHA512 }, want: []Mistake{SchemeHash}},
	{name: "PSS", change: func(t *testing.T, s *seeded) { s.sign = pss(t, s.key, rsa.PSSSaltLengthEqualsHash) }, want: []Mistake{SchemePSS}},
	{name: "PSS with the longest salt", change: func(t *testing.T, s *seeded) { s.sign = pss(t, s.key, rsa.PSSSaltLengthAuto) }, want: []Mistake{SchemePSS}},
	{name: "private-key encryption of the digest", change: func(t *testing.T, s *seeded) {
		s.sign = func(text string) []byte {
			sum := sha256.Sum256([]byte(text))
			octets, err := rsa.SignPKCS1v15(nil, s.key.Private, crypto.Hash(0), sum[:])
			if err != nil {
				t.Fatal(err)
			}
			return octets
		}
	}, want: []Mistake{SchemeBare}},
	{name: "base64url", change: func(_ *testing.T, s *seeded) { s.write = base64.URLEncoding.EncodeToString }, want: []Mistake{SigURLSafe}},
	{name: "unpadded", change: func(_ *testing.T, s *seeded) { s.write = base64.RawStdEncoding.EncodeToString }, want: []Mistake{SigUnpadded}},
	{name: "base64url, unpadded", change: func(_ *testing.T, s *seeded) { s.write = base64.RawURLEncoding.EncodeToString }, want: []Mistake{SigURLSafe, SigUnpadded}},
	{name: "sig not escaped, read as a form", change: func(t *testing.T, s *seeded) {
		s.escape = func(sig string) string { return swap(t, sig, "+", "%20") }
	}, want: []Mistake{SigPlus}},
	{name: "sig escaped twice", change: func(_ *testing.T, s *seeded) {
		s.escape = func(sig string) string { return url.QueryEscape(url.QueryEscape(sig)) }
	}, want: []Mistake{SigTwice}},
	{name: "sig with line breaks", change: func(_ *testing.T, s *seeded) {
		s.write = func(octets []byte) string {
			sig := base64.StdEncoding.EncodeToString(octets)
			return sig[:64] + "\n" + sig[64:]
		}
	}, want: []Mistake{SigLines}},
	{name: "sig in hexadecimal", change: func(_ *testing.T, s *seeded) { s.write = hex.EncodeToString }, want: []Mistake{SigHex}},
	{name: "sig reversed", change: func(_ *testing.T, s *seeded) {
		s.write = func(octets []byte) string {
			slices.Reverse(octets)
			return base64.StdEncoding.EncodeToString(octets)
		}
	}, want: []Mistake{SigReversed}},
	{name: "sig twice", change: func(_ *testing.T, s *seeded) {
		s.assemble = func(sent, sig string) string { return sent + "&sig=old&key=_dck1&sig=" + sig }
	}, want: []Mistake{SigRepeated}},
	{name: "sig called signature", change: func(_ *testing.T, s *seeded) {
		s.assemble = func(sent, sig string) string { return sent + "&key=_dck1&signature=" + sig }
	}, want: []Mistake{SigName}},
	{name: "no key", change: func(_ *testing.T, s *seeded) {
		s.assemble = func(sent, sig string) string { return sent + "&sig=" + sig }
	}, want: []Mistake{KeyMissing}},
}

func pss(t *testing.T, key keys.Pair, salt int) func(string) []byte {
	t.Helper()
	return func(text string) []byte {
		sum := sha256.Sum256([]byte(text))
		octets, err := rsa.SignPSS(rand.Reader, key.Private, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: salt})
		if err != nil {
			t.Fatal(err)
		}
		return octets
	}
}

func TestSeededMistakesAreNamed(t *testing.T) {
	if n := len(seeds) + len(publishedSeeds); n < 70 {
		t.Errorf("%d seeds", n)
	}
	for _, x := range slices.Concat(seeds, publishedSeeds) {
		t.Run(x.name, func(t *testing.T) {
			s := sound(t)
			x.change(t, s)
			d := Diagnose(s.evidence(t))
			wantCause(t, d, x.want, x.or...)
			if d.Signed != s.text && x.want[0] != TextDigest {
				t.Errorf("says that %q was signed, and it was %q", d.Signed, s.text)
			}
		})
	}
}

func TestSeededPairsAreNamed(t *testing.T) {
	all := map[string]seed{}
	for _, x := range slices.Concat(seeds, publishedSeeds) {
		all[x.name] = x
	}
	for _, p := range pairsOfSeeds {
		t.Run(p[0]+", "+p[1], func(t *testing.T) {
			first, second := all[p[0]], all[p[1]]
			if first.change == nil || second.change == nil {
				t.Fatal("there is no such seed")
			}
			s := sound(t)
			first.change(t, s)
			second.change(t, s)
			d := Diagnose(s.evidence(t))
			wantCause(t, d, slices.Concat(first.want, second.want))
			if d.Signed != s.text && first.want[0] != TextDigest {
				t.Errorf("says that %q was signed, and it was %q", d.Signed, s.text)
			}
		})
	}
}

func TestSoundLinkVerifies(t *testing.T) {
	d := Diagnose(sound(t).evidence(t))
	if !d.Verifies || d.Refusal != nil || d.Causes != nil || d.Facts != nil || d.Text != signedText || d.Tried != 0 {
		t.Errorf("%+v", d)
	}
}

// Blanks in every fragment, about the pairs and in the data, are one mistake.
func TestBlanksAreNamedOnce(t *testing.T) {
	s := sound(t)
	for i := range s.txt {
		text := strings.Replace(s.txt[i][0], ",d=", ", d=", 1)
		s.txt[i][0] = text[:60] + " " + text[60:]
	}
	wantCause(t, Diagnose(s.evidence(t)), []Mistake{PublishedBlank})
}

// encodeURIComponent leaves !'()* alone: where those are all that is encoded in
// the link, its text is the decoded one, and both are said.
func TestOtherEncoderAndDecodedTextAreEqual(t *testing.T) {
	for _, test := range []struct{ name, signed, sent, detail string }{
		{"all that JavaScript leaves alone", "a=1&text=a!*(b)", "a=1&text=a%21%2A%28b%29", "! was signed where %21 is sent, * was signed where %2A is sent, ( was signed where %28 is sent, ) was signed where %29 is sent"},
		{"one", "text=a*", "text=a%2A", "* was signed where %2A is sent"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := sound(t)
			s.text, s.sent = test.signed, test.sent
			d := Diagnose(s.evidence(t))
			wantCause(t, d, []Mistake{TextDecoded}, []Mistake{TextSpelling})
			if got := d.Causes[1][0].Detail; got != test.detail {
				t.Errorf("detail %q, want %q", got, test.detail)
			}
		})
	}
	// No encoder in use leaves a space and a per cent sign alone.
	s := sound(t)
	s.text, s.sent = "text=a b%", "text=a%20b%25"
	wantCause(t, Diagnose(s.evidence(t)), []Mistake{TextDecoded})
}

// Links that were changed, or signed by another key, have no cause that could
// be named: what is certain is said, and no more.
func TestNothingIsNamedWithoutProof(t *testing.T) {
	tests := []struct {
		name   string
		change func(t *testing.T, s *seeded)
		want   []Mistake
	}{
		{"a value was changed", func(t *testing.T, s *seeded) { s.sent = swap(t, s.sent, "192.0.2.7", "192.0.2.8") }, []Mistake{TextUnknown}},
		{"a value was changed, and base64url", func(t *testing.T, s *seeded) {
			s.sent = swap(t, s.sent, "192.0.2.7", "192.0.2.8")
			s.write = base64.URLEncoding.EncodeToString
		}, []Mistake{SigURLSafe, TextUnknown}},
		{"a value was changed, and SHA-1", func(t *testing.T, s *seeded) {
			s.sent = swap(t, s.sent, "192.0.2.7", "192.0.2.8")
			s.hash = crypto.SHA1
		}, []Mistake{SchemeHash, TextUnknown}},
		{"a value was changed, and PKCS#1", func(t *testing.T, s *seeded) {
			s.sent = swap(t, s.sent, "192.0.2.7", "192.0.2.8")
			s.txt = records(s.key.PKCS1, 200)
		}, []Mistake{PublishedPKCS1, TextUnknown}},
		{"another key", func(t *testing.T, s *seeded) { s.txt = records(pair(t, keys.Third).Data, 200) }, []Mistake{WrongKey}},
		{"a key of another size", func(t *testing.T, s *seeded) { s.txt = records(pair(t, keys.Long).Data, 200) }, []Mistake{SigCut}},
		{"a damaged signature", func(_ *testing.T, s *seeded) {
			s.write = func(octets []byte) string {
				octets[100] ^= 1
				return base64.StdEncoding.EncodeToString(octets)
			}
		}, []Mistake{WrongKey}},
		{"a cut signature", func(_ *testing.T, s *seeded) {
			s.write = func(octets []byte) string { return base64.StdEncoding.EncodeToString(octets[:252]) }
		}, []Mistake{SigCut}},
		{"a fragment is missing", func(_ *testing.T, s *seeded) { s.txt = s.txt[:1] }, []Mistake{PublishedBroken}},
		{"the first fragment is missing", func(_ *testing.T, s *seeded) { s.txt = s.txt[1:] }, []Mistake{PublishedGap}},
		{"nothing is published", func(_ *testing.T, s *seeded) { s.txt = nil }, []Mistake{PublishedNowhere}},
		{"only other texts are published", func(_ *testing.T, s *seeded) { s.txt = [][]string{{"v=spf1 -all"}} }, []Mistake{PublishedNowhere}},
		{"no sig", func(_ *testing.T, s *seeded) {
			s.assemble = func(sent, _ string) string { return sent + "&key=_dck1" }
		}, []Mistake{SigMissing}},
		{"neither sig nor key", func(_ *testing.T, s *seeded) {
			s.assemble = func(sent, _ string) string { return sent }
		}, []Mistake{SigMissing, KeyMissing}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := sound(t)
			test.change(t, s)
			e := s.evidence(t)
			e.Effort = 50_000
			d := Diagnose(e)
			if d.Verifies || len(d.Causes) > 0 {
				t.Fatalf("verifies: %v, causes: %v", d.Verifies, d.Causes)
			}
			if got := mistakes(d.Facts); !slices.Equal(got, codes(test.want)) {
				t.Errorf("facts are %v, want %q", d.Facts, test.want)
			}
		})
	}
}

// A link that is made to occupy a server is not searched.
func TestLargeLinksAreNotSearched(t *testing.T) {
	for name, more := range map[string]string{"many parameters": strings.Repeat("&a=1", 15_000), "a long value": "&a=" + strings.Repeat("%2B", 20_000)} {
		s := sound(t)
		s.text, s.sent = s.text+more, s.text+more+"&b=2"
		d := Diagnose(s.evidence(t))
		if d.Verifies || len(d.Causes) > 0 || d.Tried > 0 || len(d.Facts) != 1 || d.Facts[0].Mistake != TextUnknown {
			t.Errorf("%s: tried %d, causes %v, facts %v", name, d.Tried, d.Causes, d.Facts)
		}
	}
}

// The effort bounds how many texts are tried.
func TestEffortIsABound(t *testing.T) {
	s := sound(t)
	s.sent = swap(t, s.sent, "192.0.2.7", "192.0.2.8")
	e := s.evidence(t)
	e.Effort = 1000
	if d := Diagnose(e); d.Tried < 1000 || d.Tried > 1100 {
		t.Errorf("%d texts were tried", d.Tried)
	}
}

// wantCause states that the first cause is exactly these mistakes, and that
// there is no other one but those named as equals.
func wantCause(t *testing.T, d *Diagnosis, want []Mistake, or ...[]Mistake) {
	t.Helper()
	if d.Verifies {
		t.Fatal("the link verifies: nothing was seeded")
	}
	if len(d.Causes) != 1+len(or) {
		t.Fatalf("%d causes after %d texts, want %d, %q: %v, facts %v", len(d.Causes), d.Tried, 1+len(or), want, d.Causes, d.Facts)
	}
	for i, w := range append([][]Mistake{want}, or...) {
		if got := mistakes(d.Causes[i]); !slices.Equal(got, codes(w)) {
			t.Errorf("named %v, want %q", d.Causes[i], w)
		}
	}
}

func codes(list []Mistake) []string {
	var out []string
	for _, m := range list {
		out = append(out, string(m))
	}
	slices.Sort(out)
	return out
}
