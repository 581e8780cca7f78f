package doctor

import (
	"context"
	"crypto/rsa"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/sign"
	"github.com/dcconform/dcconform/suites/client"
)

// Signer is a service provider that wants to know whether DNS providers will
// find the key that it signs with.
type Signer struct {
	// Domain is the template's syncPubKeyDomain, Label the value of key.
	Domain, Label string
	// Private is the key that links are signed with; nil judges what is
	// published, without holding it against a key.
	Private *rsa.PrivateKey
	// Edition is the one that providers follow.
	Edition dc.Edition
	Keys    Source
}

// Published is what is at the name of a signer's key.
type Published struct {
	// KeyReport is what providers make of the records there.
	*KeyReport
	// Fits is set when a link that was signed with the key verifies by what is
	// published; false without a key.
	Fits bool
	// Causes are what keeps such a link from verifying, and mending all of them
	// lets it verify; empty when it does, and where only Refusal is known.
	Causes []Mistake
}

// CheckSigner looks the key up as a provider does that is sent a link, signs
// one, and searches for the reason where it does not verify: another key, one
// that stands at another name, or one that is written in another way.
func CheckSigner(ctx context.Context, s Signer) *Published {
	name, err := sign.KeyName(s.Label, s.Domain, s.Edition)
	if err != nil {
		at := s.Label + "." + s.Domain
		return &Published{KeyReport: &KeyReport{Name: at, Source: s.Keys.String(), Refusal: err.Error()}}
	}
	p := &Published{KeyReport: CheckKey(ctx, name, s.Keys)}
	if p.Unknown || s.Private == nil {
		return p
	}
	r, err := s.examine(ctx)
	switch {
	case err != nil:
		p.Unknown, p.Why = true, err.Error()
	case r.Signature == nil:
		p.Unknown, p.Why = true, strings.Join(r.Next, " ")
	case r.Signature.Verifies:
		p.Fits = true
	case len(r.Signature.Causes) > 0:
		p.Causes = r.Signature.Causes[0]
	default:
		p.Causes = r.Signature.Facts
	}
	return p
}

// examine has the doctor look at a link as plain as can be, so that nothing in
// it is to blame but the key.
func (s Signer) examine(ctx context.Context) (*Report, error) {
	link, err := client.ApplyRequest{URLSyncUX: "https://provider.invalid", ProviderID: "sp.example", ServiceID: "sample",
		Domain: "example.com", Key: &client.SigningKey{Private: s.Private, Label: s.Label}}.Link()
	if err != nil {
		return nil, err
	}
	return Examine(ctx, Question{Link: link.URL, Domain: s.Domain, Keys: s.Keys, Own: &s.Private.PublicKey, Edition: s.Edition})
}

// Problem says in one sentence why a provider refuses links of this signer, and
// mend what to change; both are "" when none does for a reason that is known.
func (p *Published) Problem() (problem, mend string) {
	if p.Fits || p.Unknown {
		return "", ""
	}
	var what, mends []string
	for _, m := range p.Causes {
		what = append(what, m.What)
		if m.Mend != "" {
			mends = append(mends, m.Mend)
		}
	}
	switch {
	case len(what) > 0:
		return strings.Join(what, ", and "), strings.Join(mends, "; ")
	case p.Strict:
		return "", ""
	}
	return p.Refusal, ""
}
