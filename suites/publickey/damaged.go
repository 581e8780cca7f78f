package publickey

import (
	"slices"
	"strings"

	"github.com/dcconform/dcconform/suites/trial"
)

// Section 8.3.4: whichever step fails, the request is refused, in order. What
// is published here is no key, or not clearly one.
var damaged = []trial.Case{
	{Key: "publickey-damaged", Title: "a request whose key is published incompletely or unreadably is refused in order",
		Requirements: []string{"DC-SIG-ANY-FAILURE-REJECTS"}, Templates: []string{"signed"}, Keys: true,
		Body: func(t *trial.Trial) {
			d := data(t)
			three := func(change func(r []string) []string) []string { return change(cut(d, 190, 188)) }
			good := published(t, "good", three(slices.Clone[[]string])...)
			bad := func(suffix, what string, txt ...string) trial.Variant {
				return trial.Variant{What: what, Request: published(t, suffix, txt...)}
			}
			t.RefusesEach("DC-SIG-ANY-FAILURE-REJECTS", good, good.Records(),
				bad("gap", "the second of three fragments is missing", three(func(r []string) []string { return slices.Delete(r, 1, 2) })...),
				bad("first", "the first of three fragments is missing", three(func(r []string) []string { return r[1:] })...),
				bad("last", "the last of three fragments is missing", three(func(r []string) []string { return r[:2] })...),
				bad("swap", "two fragments have each other's numbers", "p=2,a=RS256,d="+d[:190], "p=1,a=RS256,d="+d[190:]),
				bad("short", "a key without its end", cut(d[:200])...),
				bad("bits", "octets that are no key", cut(strings.Repeat("AAAA", 90), 200)...),
				bad("base", "a d that is no base64", "p=1,a=RS256,d=***no*base64***"),
				bad("empty", "an empty d", "p=1,a=RS256,d="),
				bad("nod", "no d", "p=1,a=RS256"),
				bad("text", "texts that are no key records", "v=spf1 -all", "verification=abc="))
		}},
	{Key: "publickey-unclear", Title: "a request whose key is published in a way that can be read in two ways ends in order",
		Requirements: []string{"DC-SIG-ANY-FAILURE-REJECTS"}, Templates: []string{"signed"}, Keys: true,
		Body: func(t *trial.Trial) {
			// No edition says what becomes of these; a refusal is safe.
			const id = "DC-SIG-ANY-FAILURE-REJECTS"
			d, other := data(t), t.TestKey("third").Data
			t.Twin(twin(t))
			for _, c := range []struct {
				suffix, what string
				txt          []string
			}{
				{"two", "a name with two keys", []string{"p=1,a=RS256,d=" + d, "p=1,a=RS256,d=" + other}},
				{"dup", "a fragment that stands there twice", append(cut(d, 200), "p=1,a=RS256,d="+d[:200])},
				{"mixa", "fragments with different a", []string{"p=1,a=RS256,d=" + d[:200], "p=2,a=RS512,d=" + d[200:]}},
				{"mixt", "fragments with different t", []string{"p=1,t=x509,d=" + d[:200], "p=2,t=jwk,d=" + d[200:]}},
				{"nop", "a single record without p", []string{"a=RS256,d=" + d}},
				{"nops", "two records without p", []string{"a=RS256,d=" + d[:200], "a=RS256,d=" + d[200:]}},
				{"zero", "fragments that count from 0", []string{"p=0,a=RS256,d=" + d[:200], "p=1,a=RS256,d=" + d[200:]}},
				{"lead", "numbers with leading zeros", []string{"p=01,a=RS256,d=" + d[:200], "p=02,a=RS256,d=" + d[200:]}},
				{"huge", "a number beyond 32 bits", []string{"p=99999999999999999999,a=RS256,d=" + d}},
				{"blank", "blanks between the pairs", []string{"p=1, a=RS256, d=" + d}},
				{"quote", "quotation marks around the record", []string{`"p=1,a=RS256,d=` + d + `"`}},
				{"pem", "the lines of a PEM file", []string{"p=1,a=RS256,d=-----BEGIN PUBLIC KEY-----" + d + "-----END PUBLIC KEY-----"}},
				{"url", "base64url", []string{"p=1,a=RS256,d=" + strings.NewReplacer("+", "-", "/", "_").Replace(d)}},
				{"more", "a pair that is not defined", []string{"p=1,a=RS256,x=1,d=" + d}},
			} {
				either(t, id, c.what, published(t, c.suffix, c.txt...))
			}
		}},
}
