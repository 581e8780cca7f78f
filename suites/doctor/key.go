package doctor

import (
	"context"
	"io"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/sign"
)

// KeyReport is what providers make of a published key.
type KeyReport struct {
	// Name is where the records were looked for; Source is the file or name
	// server.
	Name    string `json:"name"`
	Source  string `json:"source"`
	Records int    `json:"records"`
	// Fragments counts the records of the key, Bits is its size; both are 0
	// when nothing could be read.
	Fragments int `json:"fragments"`
	Bits      int `json:"bits,omitempty"`
	// Strict and Lenient say whether such a provider takes the key. A strict
	// one keeps to ietf-05 section 6.4, a lenient one overlooks what can be
	// overlooked.
	Strict  bool `json:"strict"`
	Lenient bool `json:"lenient"`
	// Refusal is why a strict provider refuses it.
	Refusal string `json:"refusal,omitempty"`
	// Mistakes are what a lenient provider overlooks, Warnings what some
	// providers object to in a sound key.
	Mistakes []Mistake `json:"mistakes,omitempty"`
	Warnings []Mistake `json:"warnings,omitempty"`
	// Others counts further keys that could be read from the same records.
	Others int `json:"others,omitempty"`
	// Unknown is set when the records could not be looked up; Why says why.
	Unknown bool   `json:"unknown,omitempty"`
	Why     string `json:"why,omitempty"`
}

// CheckKey judges the key at a name.
func CheckKey(ctx context.Context, name string, keys Source) *KeyReport {
	r := &KeyReport{Name: shown(dns.CanonicalName(name)), Source: keys.String()}
	txt, err := keys.TXT(ctx, dns.CanonicalName(name))
	if err != nil {
		r.Unknown, r.Why = true, err.Error()
		return r
	}
	in := sign.Inspect(txt)
	r.Records, r.Fragments, r.Others = in.Records, in.Fragments, in.Others
	r.Strict, r.Lenient = in.Strict == nil, in.Key != nil
	if in.Strict != nil {
		r.Refusal = in.Strict.Error()
	}
	if in.Records == 0 {
		r.Refusal = "there is no TXT record at " + r.Name + "; publish the records there that dcconform key txt prints, and see that the name is the key label followed by syncPubKeyDomain once"
	}
	r.Mistakes, r.Warnings = mistakes(in.Overlooks), mistakes(in.Warnings)
	if in.Key != nil {
		r.Bits = in.Key.N.BitLen()
	}
	return r
}

// ExitCode is 0 when strict providers take the key, 1 when they refuse it, and
// 3 when it could not be looked up.
func (r *KeyReport) ExitCode() int {
	switch {
	case r.Unknown:
		return ExitUnknown
	case r.Strict:
		return ExitSound
	}
	return ExitRefused
}

// WriteJSON writes the report as one object.
func (r *KeyReport) WriteJSON(w io.Writer) error { return writeJSON(w, r) }

// WriteText writes the report for people.
func (r *KeyReport) WriteText(w io.Writer) error {
	p := &page{w: w}
	if r.Unknown {
		p.line("%s", r.Why)
		return p.err
	}
	p.line("%s: %s in %s", r.Name, count(r.Records, "TXT record"), r.Source)
	if r.Bits > 0 {
		p.line("RSA, %d bits, in %s", r.Bits, count(r.Fragments, "fragment"))
	}
	p.line("")
	if r.Strict {
		p.line("A strict provider takes this key.")
	} else {
		p.line("A strict provider refuses this key: %s.", r.Refusal)
	}
	switch {
	case r.Lenient && len(r.Mistakes) == 0:
		p.line("A lenient provider takes it.")
	case r.Lenient:
		p.line("A lenient provider may take it, if it overlooks that")
	default:
		p.line("A lenient provider can make nothing of it either.")
	}
	list(p, r.Mistakes)
	if r.Others > 0 {
		p.line("%s can be read from the same records: providers need not agree on which it is.", count(r.Others, "more key"))
	}
	if len(r.Warnings) > 0 {
		p.line("")
		p.line("Some providers object that")
		list(p, r.Warnings)
	}
	return p.err
}
