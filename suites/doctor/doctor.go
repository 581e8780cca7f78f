// Package doctor examines apply links and published keys as a DNS provider
// does, and names what is wrong with them. Everything that it says of a
// signature comes from mockprovider/sign; nothing is judged here that is not
// judged there, and no chapter of the suite rests on it.
package doctor

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/sign"
)

// Verdict is the one word about a link.
type Verdict string

// The verdicts.
const (
	// Verifies: a provider takes the link; there may be warnings.
	Verifies Verdict = "verifies"
	// Refused: a provider refuses it.
	Refused Verdict = "refused"
	// Unsigned: it is not signed, and nothing says that it has to be.
	Unsigned Verdict = "unsigned"
	// Unknown: the key could not be had, so that nothing is known.
	Unknown Verdict = "unknown"
)

// Severity is how much a finding weighs.
type Severity string

// The severities.
const (
	// Error: a provider refuses the link for it.
	Error Severity = "error"
	// Warning: some provider, or what stands on the way, may.
	Warning Severity = "warning"
)

// Finding is one thing that is wrong.
type Finding struct {
	// Code is a word that never changes.
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	// What says what it is, Mend what to change, each in one line.
	What string `json:"what"`
	Mend string `json:"mend,omitempty"`
}

// Mistake is a mistake that was found in a signature or key.
type Mistake struct {
	Code string `json:"code"`
	What string `json:"what"`
	Mend string `json:"mend,omitempty"`
}

// Signature is what was found about the signature of a link.
type Signature struct {
	Verifies bool `json:"verifies"`
	// Causes are equal explanations, the plainest first; each is a list of
	// mistakes that make the signature verify once all are mended.
	Causes [][]Mistake `json:"causes,omitempty"`
	// Facts are what is certain where there is no cause.
	Facts []Mistake `json:"facts,omitempty"`
	// Refusal is why a provider refuses the signature.
	Refusal string `json:"refusal,omitempty"`
	// Text is what a provider verifies, Signed what was signed where that was
	// found and is another text.
	Text   string `json:"text"`
	Signed string `json:"signed,omitempty"`
	// Tried counts the texts that were compared.
	Tried int `json:"tried"`
}

// Key is where the public key was looked for, and what was there.
type Key struct {
	Name string `json:"name"`
	// Source is the file or name server.
	Source  string `json:"source"`
	Records int    `json:"records"`
	// Bits is the size of the modulus, 0 when no key could be read.
	Bits int `json:"bits,omitempty"`
}

// Parameter is one pair of the query.
type Parameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	// Kind is protocol, variable, extension or other.
	Kind string `json:"kind"`
}

// Report is what an examination has found.
type Report struct {
	Verdict Verdict `json:"verdict"`
	// Link is the URL as given, Endpoint the part before the question mark.
	Link     string `json:"link"`
	Endpoint string `json:"endpoint"`
	// ProviderID and ServiceID are the template that the path names.
	ProviderID string      `json:"providerId,omitempty"`
	ServiceID  string      `json:"serviceId,omitempty"`
	Template   string      `json:"template,omitempty"`
	Parameters []Parameter `json:"parameters"`
	Key        *Key        `json:"key,omitempty"`
	Signature  *Signature  `json:"signature,omitempty"`
	Findings   []Finding   `json:"findings"`
	// Next is what to do where the verdict leaves something open.
	Next []string `json:"next,omitempty"`
}

// Question is a link, and what is known beside it.
type Question struct {
	// Link is the apply link, as it was made or as it arrived.
	Link string
	// Template is the template that the link is for; nil when none is given.
	Template *dc.Template
	// Domain is syncPubKeyDomain where no template is given.
	Domain string
	// Keys is where public keys are looked for; nil is nowhere.
	Keys Source
	// Own is the public half of the key that the signer holds; nil when it is
	// not given.
	Own *rsa.PublicKey
	// Edition is the one that the provider follows.
	Edition dc.Edition
	// SigLast is the name of a provider that is known to refuse a link in which
	// sig is not the last parameter; empty when none is known to.
	SigLast string
}

// Examine looks a link through. The error is one of usage: the link cannot be
// taken apart at all, or what is given beside it does not go together.
func Examine(ctx context.Context, q Question) (*Report, error) {
	r := &Report{Link: q.Link, Findings: []Finding{}, Parameters: []Parameter{}}
	l, err := parseLink(q.Link)
	if err != nil {
		return nil, err
	}
	r.Endpoint, r.ProviderID, r.ServiceID = l.endpoint, l.provider, l.service
	r.look(l, q)
	if err := r.verify(ctx, l, q); err != nil {
		return nil, err
	}
	r.settle()
	return r, nil
}

// settle makes the verdict of what was found.
func (r *Report) settle() {
	for _, f := range r.Findings {
		if f.Severity == Error {
			r.Verdict = Refused
			return
		}
	}
}

func (r *Report) add(code string, severity Severity, what, mend string) {
	r.Findings = append(r.Findings, Finding{code, severity, what, mend})
}

// verify judges the signature.
func (r *Report) verify(ctx context.Context, l link, q Question) error {
	domain := q.Domain
	if q.Template != nil {
		domain = q.Template.SyncPubKeyDomain
	}
	hasSig := l.has("sig") || l.has("key") || strings.Contains(l.fragment, "sig=")
	switch {
	case q.Template != nil && domain == "":
		r.Verdict = Unsigned
		if hasSig {
			r.add("sig-ignored", Warning, "the template has no syncPubKeyDomain, so that providers ignore sig and key (ietf-05 section 8.3.4)", "set syncPubKeyDomain in the template, or do not sign")
		}
		return nil
	case !hasSig && q.Template == nil && q.Keys == nil:
		r.Verdict = Unsigned
		r.Next = append(r.Next, "The link carries no signature. Whether it needs one is in the template: give it with --template.")
		return nil
	}
	where, key, err := find(ctx, l, domain, q)
	var unreachable *UnreachableError
	switch {
	case errors.As(err, &unreachable):
		r.Verdict = Unknown
		r.Key = key
		r.Next = append(r.Next, err.Error()+".", "Nothing can be said about the signature without the key. Ask another name server, or give the records with --key-txt.")
		return nil
	case err != nil:
		return err
	case where == nil && domain != "" && !(l.has("sig") && l.has("key")):
		// Whatever the key is, there is nothing to verify by it.
		r.conclude(sign.Diagnose(sign.Evidence{Query: l.query, Fragment: l.fragment}))
		return nil
	case where == nil:
		r.Verdict = Unknown
		r.Next = append(r.Next, "No key is given: name a file with the TXT records (--key-txt) or a name server (--dns).")
		return nil
	}
	r.Key = key
	r.diagnose(ctx, l, q, where)
	return nil
}

// diagnose fills in the signature, and what is fragile about a sound one.
func (r *Report) diagnose(ctx context.Context, l link, q Question, where *sought) {
	e := sign.Evidence{URL: l.endpoint, Query: l.query, Fragment: l.fragment,
		Places: []sign.Place{where.first}, Own: q.Own, Variables: variablesOf(q.Template)}
	d := sign.Diagnose(e)
	if d.Tried == 0 && !d.Verifies {
		// No key has opened the signature: it may stand at another name.
		if e.Places = where.more(ctx, q.Keys); len(e.Places) > 1 {
			d = sign.Diagnose(e)
		}
	}
	r.conclude(d)
	in := sign.Inspect(where.held)
	if in.Key != nil {
		r.Key.Bits = in.Key.N.BitLen()
	}
	for _, w := range in.Warnings {
		r.add(string(w.Mistake), Warning, w.What(), w.Mend())
	}
	r.fragile(l, q, d)
}

// fragile adds what is fragile about a signed link. Of one that does not verify
// that is a mistake beside the one that was found; what the mend of that one
// settles is not said again.
func (r *Report) fragile(l link, q Question, d *sign.Diagnosis) {
	if !l.has("sig") {
		return
	}
	for _, f := range sign.Fragile(q.Link, l.query) {
		if !d.Verifies && explained(f.Mistake, d.Causes) {
			continue
		}
		severity := Warning
		if f.Mistake == sign.FragileBrowser && changesText(l.query) {
			severity = Error
		}
		what := f.What()
		if f.Mistake == sign.SigNotLast && q.SigLast != "" {
			severity, what = Error, what+", and "+q.SigLast+" refuses such a link"
		}
		r.add(string(f.Mistake), severity, what, f.Mend())
	}
}

// settled are the mistakes whose mend takes something fragile away as well.
var settled = map[sign.Mistake][]sign.Mistake{
	sign.SigNotLast:      {sign.SigRepeated},
	sign.FragileSig:      {sign.SigPlus, sign.SigHex, sign.SigURLSafe},
	sign.FragileBrowser:  {sign.LinkBrowser, sign.TextDecoded, sign.TextSpelling},
	sign.FragilePlus:     {sign.TextSpacePlus, sign.TextSpace20, sign.TextPlusBare, sign.TextDecoded, sign.TextSpelling},
	sign.FragileOrder:    {sign.TextOrder, sign.TextSorted, sign.TextSortedNoCase, sign.LinkAdded},
	sign.FragileSpelling: {sign.TextDecoded, sign.TextHexCase, sign.TextSpelling, sign.TextTwice, sign.LinkTwice, sign.LinkBrowser, sign.TextPlusBare},
	sign.FragileEmpty:    {sign.LinkEmptyGone},
}

// explained reports whether a cause speaks of the same thing already.
func explained(fragile sign.Mistake, causes [][]sign.Slip) bool {
	return slices.ContainsFunc(causes, func(c []sign.Slip) bool {
		return slices.ContainsFunc(c, func(s sign.Slip) bool { return slices.Contains(settled[fragile], s.Mistake) })
	})
}

// conclude fills in the signature and its verdict.
func (r *Report) conclude(d *sign.Diagnosis) {
	s := &Signature{Verifies: d.Verifies, Text: d.Text, Tried: d.Tried}
	r.Signature = s
	for _, c := range d.Causes {
		s.Causes = append(s.Causes, mistakes(c))
	}
	s.Facts = mistakes(d.Facts)
	if d.Signed != d.Text {
		s.Signed = d.Signed
	}
	if !d.Verifies {
		s.Refusal = d.Refusal.Error()
		r.Verdict = Refused
		r.advise(d)
	} else {
		r.Verdict = Verifies
	}
}

// changesText reports whether a browser changes what a signature covers.
func changesText(query string) bool {
	made, _, _, _ := sign.Split(query)
	sent, _, _, err := sign.Split(sign.AsSent(query))
	return err != nil || made != sent
}

// advise says what to look at where no cause was found.
func (r *Report) advise(d *sign.Diagnosis) {
	if len(d.Causes) > 0 {
		return
	}
	for _, f := range d.Facts {
		switch f.Mistake {
		case sign.TextUnknown:
			r.Next = append(r.Next, fmt.Sprintf("%d texts were compared with what was signed, and none is it. Whatever was signed, it holds something that the link does not.", d.Tried))
		case sign.WrongKey:
			r.Next = append(r.Next, "Give the key that you sign with by --key FILE: then it can be told whether another key is published or the signature was damaged.")
		}
	}
}

func mistakes(slips []sign.Slip) []Mistake {
	var list []Mistake
	for _, s := range slips {
		list = append(list, Mistake{string(s.Mistake), s.What(), s.Mend()})
	}
	return list
}
