package sign

import (
	"bytes"
	"cmp"
	"crypto/rsa"
	"errors"
	"net/url"
	"slices"
	"strings"
)

// Slip is a mistake as it was found in one link or key.
type Slip struct {
	Mistake Mistake
	// Detail says where, or which; it may be empty.
	Detail string
}

// What says what happened, with the detail.
func (s Slip) What() string {
	e, _ := entryOf(s.Mistake)
	if s.Detail == "" {
		return e.What
	}
	return e.What + " (" + s.Detail + ")"
}

// Mend is what to change, in one line.
func (s Slip) Mend() string {
	e, _ := entryOf(s.Mistake)
	return e.Mend
}

// Place is a name in the DNS at which TXT records are, or were looked for.
type Place struct {
	// Name is for messages.
	Name string
	// TXT has one element per record, each the record's character-strings,
	// decoded.
	TXT [][]string
	// Slip is empty for the name that a provider looks up, and else says why
	// a key may stand at this one.
	Slip Mistake
}

// Evidence is what a diagnosis goes by.
type Evidence struct {
	// URL is the link before its question mark, for signatures that cover more
	// than the query; it may be empty.
	URL string
	// Query is what stands between the question mark and # or the end, as
	// received. Fragment is what stands behind a #, which no provider gets.
	Query, Fragment string
	// Places are where TXT records were found, the name that a provider looks
	// up first.
	Places []Place
	// Own is the key that the signer says is his; nil when he says nothing.
	Own *rsa.PublicKey
	// Variables are names of the template's variables: an empty one may have
	// been lost on the way.
	Variables []string
	// Effort is how many texts of up to 1,024 octets are tried at most; 0 is
	// DefaultEffort. There is no limit in time, so that the result is the same
	// on every machine.
	Effort int
}

// Diagnosis says what is wrong with a signature.
type Diagnosis struct {
	// Verifies is set when the signature verifies as a provider does it.
	Verifies bool
	// Refusal is why a provider refuses it: the error of ParseKey or Verify.
	Refusal error
	// Causes are the explanations: each is a list of slips which, all mended,
	// make the signature verify, and of which none can be left out. There is
	// more than one where they lead to the same octets; all have the same
	// number of slips, and the plainest is first.
	Causes [][]Slip
	// Facts are what is certain when there is no cause.
	Facts []Slip
	// Tried counts the texts that were compared.
	Tried int
	// Text is what a provider verifies; Signed is what was signed, where that
	// was found.
	Text, Signed string
}

// Diagnose verifies the signature of a link, and finds out why it does not
// verify. A cause is named only when it was shown to be one: with it mended,
// and nothing else changed, the signature verifies.
func Diagnose(e Evidence) *Diagnosis {
	d := &Diagnosis{}
	d.Refusal = verify(e)
	d.Text, _, _, _ = Split(e.Query)
	if d.Refusal == nil {
		d.Verifies, d.Signed = true, d.Text
		return d
	}
	effort := cmp.Or(e.Effort, DefaultEffort)
	suspects, facts := examine(e)
	if len(suspects) == 0 {
		d.Facts = facts
		return d
	}
	d.find(suspects, e, effort)
	if len(d.Causes) == 0 {
		// The signature was opened: what it took is certain.
		d.Facts = append(slices.Clone(suspects[0].slips), suspects[0].sig.slips...)
		d.Facts = append(d.Facts, Slip{Mistake: TextUnknown})
		if !suspects[0].sig.certain {
			d.Facts = facts
		}
	}
	return d
}

// verify is what a provider does.
func verify(e Evidence) error {
	if _, sig, key, err := Split(e.Query); err != nil {
		return err
	} else if sig == "" || key == "" {
		return Verify(e.Query, nil)
	}
	if len(e.Places) == 0 || len(e.Places[0].TXT) == 0 {
		return refuse(NoKeyRecord, "there is no TXT record at the key name; publish the public key there")
	}
	pub, err := ParseKey(e.Places[0].TXT)
	if err != nil {
		return err
	}
	return Verify(e.Query, pub)
}

// suspect is a signature that was opened by a key.
type suspect struct {
	reading reading
	sig     opened
	slips   []Slip
	search  *search
}

// examine opens the signature with every key, in every reading of either, and
// returns those with the fewest slips first; facts are for the case that
// nothing comes of it.
func examine(e Evidence) (suspects []suspect, facts []Slip) {
	keys, broken := publishedKeys(e)
	all := readings(e.Query, e.Fragment)
	signed, short := false, len(keys) > 0
	for _, r := range all {
		if r.key == "" {
			r.slips = append(r.slips, Slip{Mistake: KeyMissing})
		}
		for _, sig := range sigReadings(r.sig) {
			signed = true
			for _, k := range keys {
				short = short && len(sig.octets) != k.key.Size()
				for _, o := range open(sig.octets, k.key) {
					suspects = append(suspects, suspect{reading: r, sig: o, slips: slices.Concat(r.slips, sig.slips, k.slips)})
				}
			}
		}
	}
	slices.SortStableFunc(suspects, func(a, b suspect) int {
		return cmp.Compare(len(a.slips)+len(a.sig.slips), len(b.slips)+len(b.sig.slips))
	})
	if slices.ContainsFunc(suspects, func(s suspect) bool { return s.sig.certain }) {
		suspects = slices.DeleteFunc(suspects, func(s suspect) bool { return !s.sig.certain })
	}
	return suspects, factsOf(e, all[0], signed, short, keys, broken)
}

// factsOf says what is certain of a signature that no key has opened.
func factsOf(e Evidence, plain reading, signed, short bool, keys []keyReading, broken []Slip) []Slip {
	var facts []Slip
	if plain.sig == "" {
		facts = append(facts, Slip{Mistake: SigMissing})
	}
	if plain.key == "" {
		facts = append(facts, Slip{Mistake: KeyMissing})
	}
	facts = append(facts, broken...)
	if len(keys) == 0 || !signed {
		return facts
	}
	for _, sig := range sigReadings(plain.sig) {
		if e.Own != nil && len(open(sig.octets, e.Own)) > 0 {
			return append(facts, Slip{Mistake: WrongKeyNamed})
		}
	}
	if short {
		return append(facts, Slip{Mistake: SigCut})
	}
	return append(facts, Slip{Mistake: WrongKey})
}

// publishedKeys are all readings of all keys that were found. broken says what
// keeps a provider from the key, when nothing could be made of it.
func publishedKeys(e Evidence) (keys []keyReading, broken []Slip) {
	for i, place := range e.Places {
		found, err := keyReadings(place.TXT)
		for _, k := range found {
			if place.Slip != "" {
				k.slips = append([]Slip{{Mistake: place.Slip, Detail: place.Name}}, k.slips...)
			}
			keys = append(keys, k)
		}
		if i > 0 || len(found) > 0 {
			continue
		}
		var refused *Error
		if errors.As(err, &refused) && refused.Class == FragmentGap {
			broken = append(broken, Slip{Mistake: PublishedGap, Detail: refused.Message})
		} else if errors.As(err, &refused) && refused.Class != NoKeyRecord {
			broken = append(broken, Slip{Mistake: PublishedBroken, Detail: refused.Message})
		} else {
			broken = append(broken, Slip{Mistake: PublishedNowhere, Detail: place.Name})
		}
	}
	return keys, broken
}

// find searches the text of every suspect, by how many slips it takes all
// together.
func (d *Diagnosis) find(suspects []suspect, e Evidence, effort int) {
	for total := range maxSlips + 4 {
		var found []match
		for i := range suspects {
			s := &suspects[i]
			left := total - len(s.slips) - len(s.sig.slips)
			if left < 0 || left > maxSlips || s.reading.large() {
				continue
			}
			if s.search == nil {
				s.search = &search{r: &s.reading, sig: &s.sig, url: e.URL}
				s.search.prepare(e.Variables)
			}
			s.search.tried, s.search.rest = 0, effort
			for _, m := range s.search.level(left) {
				found = append(found, match{m.text, slices.Concat(s.slips, s.sig.slips, m.slips)})
			}
			d.Tried += s.search.tried
			if effort = s.search.rest; effort <= 0 {
				break
			}
		}
		if len(found) > 0 {
			d.Signed = found[0].text
			d.Causes = causes(found)
			return
		}
		if effort <= 0 {
			return
		}
	}
}

// What is searched at most: links of any use have far fewer parameters, and
// every provider takes 8,000 octets only.
const (
	maxParameters = 64
	maxOctets     = 16 << 10
)

// large reports whether a query is too large to look for what was signed in
// its place; a link that a stranger sends to a server must not occupy it.
func (r *reading) large() bool {
	octets := 0
	for _, c := range r.covered {
		octets += len(c)
	}
	return len(r.covered) > maxParameters || octets > maxOctets
}

// causes sorts explanations, the plainest first, and leaves out those that
// differ in a detail alone.
func causes(found []match) [][]Slip {
	var list [][]Slip
	for _, m := range found {
		list = append(list, sorted(m.slips))
	}
	rank := func(slips []Slip) int {
		sum := 0
		for _, s := range slips {
			_, at := entryOf(s.Mistake)
			sum += at
		}
		return sum
	}
	slices.SortStableFunc(list, func(a, b []Slip) int { return cmp.Compare(rank(a), rank(b)) })
	var kept [][]Slip
	for _, slips := range list {
		if !sameReason(kept, slips) {
			kept = append(kept, slips)
		}
	}
	return kept
}

// sorted puts slips in the order of the catalogue.
func sorted(slips []Slip) []Slip {
	slips = slices.Clone(slips)
	slices.SortStableFunc(slips, func(a, b Slip) int {
		_, x := entryOf(a.Mistake)
		_, y := entryOf(b.Mistake)
		return cmp.Compare(x, y)
	})
	return slips
}

// String is the diagnosis in a sentence or two.
func (d *Diagnosis) String() string {
	switch {
	case d.Verifies:
		return "the signature verifies"
	case len(d.Causes) > 0:
		ways := make([]string, len(d.Causes))
		for i, c := range d.Causes {
			ways[i] = joined(c, Slip.What)
		}
		return strings.Join(ways, ", or ") + "; mend: " + joined(d.Causes[0], Slip.Mend)
	case len(d.Facts) > 0:
		return joined(d.Facts, Slip.What) + "; mend: " + joined(d.Facts, Slip.Mend)
	}
	return d.Refusal.Error()
}

func joined(slips []Slip, say func(Slip) string) string {
	parts := make([]string, len(slips))
	for i, s := range slips {
		parts[i] = say(s)
	}
	return strings.Join(parts, "; and ")
}

// differences lists how the words of two spellings differ.
func differences(sent, signed []string) string {
	var list []string
	for i := range sent {
		for _, d := range differ(sent[i], signed[i]) {
			if !slices.Contains(list, d) {
				list = append(list, d)
			}
		}
	}
	const most = 5
	if len(list) > most {
		list = append(list[:most], "and more")
	}
	return strings.Join(list, ", ")
}

// differ walks two spellings of the same octets.
func differ(sent, signed string) []string {
	var list []string
	for sent != "" && signed != "" {
		a, b := unit(sent), unit(signed)
		if a != b {
			list = append(list, shown(b)+" was signed where "+shown(a)+" is sent")
		}
		sent, signed = sent[len(a):], signed[len(b):]
	}
	return list
}

// unit is the first octet of an encoded text, escaped or not.
func unit(s string) string {
	if len(s) >= 3 && s[0] == '%' {
		if _, err := url.PathUnescape(s[:3]); err == nil {
			return s[:3]
		}
	}
	return s[:1]
}

func shown(s string) string {
	if bytes.ContainsAny([]byte(s), " \t\r\n\"") || s[0] >= 0x80 {
		return strings.Trim(abbreviate(s), `"`)
	}
	return s
}
