package certify

import (
	"crypto/rsa"
	"fmt"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/suites/check"
)

// PublishedKey is what was found where a template says that the service
// provider's key stands. Whoever starts a certification looks there, before it
// and outside of it: a certification itself reaches nothing but the mock.
type PublishedKey struct {
	// Name is what was asked for, and Source who was asked.
	Name   string `json:"name"`
	Source string `json:"source"`
	// Records counts the TXT records there; Bits is the size of the key, 0 where
	// none can be read.
	Records int `json:"records"`
	Bits    int `json:"bits,omitempty"`
	// Unknown is why nothing could be found out; "" when it could.
	Unknown string `json:"unknown,omitempty"`
	// Problem is why DNS providers refuse what this run signs with, or any key
	// there when the run has no key of the service provider's; "" is that they
	// do not. Mend says what to change.
	Problem string `json:"problem,omitempty"`
	Mend    string `json:"mend,omitempty"`
	// Malformed is set when the key is there, in a form that providers refuse.
	Malformed bool `json:"malformed,omitempty"`
	// Warnings are what some providers object to.
	Warnings []string `json:"warnings,omitempty"`
}

// KeyAt is the key in Options.Published of a template's syncPubKeyDomain: the
// domain in lower case and without a dot at its end. "" is that the template
// has none.
func KeyAt(t *dc.Template) string {
	return strings.ToLower(strings.TrimSuffix(t.SyncPubKeyDomain, "."))
}

// Own returns the service provider's signing key; nil when the run has the
// embedded test key alone, which nobody publishes.
func (o Options) Own(file string) (*rsa.PrivateKey, error) {
	if o.KeyPEM == nil {
		return nil, nil
	}
	key, err := o.signingKey(file)
	if err != nil {
		return nil, err
	}
	return key.Private, nil
}

var publishedRequirements = []string{"DC-KEY-PUBLISHED-LOCATION", "DC-KEY-RECORD-GRAMMAR"}

// keyInDNS states what providers find that look for the service provider's key.
func (f *flow) keyInDNS(c *check.Case) {
	k, ok := f.o.Published[KeyAt(f.t)]
	c.Control("DC-KEY-PUBLISHED-LOCATION", ok, isTrue, check.About{Actual: "nobody has looked for a key at " + f.t.SyncPubKeyDomain})
	if k.Unknown != "" {
		c.Inconclusive("key-lookup", k.Unknown)
	}
	size := "no key can be read"
	if k.Bits > 0 {
		size = fmt.Sprintf("RSA, %d bits", k.Bits)
	}
	c.Note("key-seen", fmt.Sprintf("%s: TXT records: %d, %s", k.Name, k.Records, size))
	at := f.t.Position("syncPubKeyDomain")
	c.At(f.t.File, at.Line, at.Column, 0)
	about := check.About{Sent: "TXT " + k.Name + " to " + k.Source, Actual: k.Problem, Mend: k.Mend,
		Expected: []string{"a key by which a link verifies that is signed with --key"}}
	if f.o.KeyPEM == nil {
		about.Expected = []string{"a key that a strict DNS provider takes"}
		c.Note("key-not-compared", "whether it is the key that links are signed with can be told with --key")
	}
	if !k.Malformed {
		c.Require("DC-KEY-PUBLISHED-LOCATION", k.Problem, gomega.BeEmpty(), about)
	}
	c.Require("DC-KEY-RECORD-GRAMMAR", k.Problem, gomega.BeEmpty(), about)
	for _, w := range k.Warnings {
		c.Note("key-warning", w)
	}
}
