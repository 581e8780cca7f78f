// Package certify is the chapter that judges templates: it takes each through
// the whole flow at the mock provider inside and compares what DNS then says
// with what the reference core computes. It is the one chapter that may use
// the core, with zero Rules but for the edition, since nobody can write
// literal expectations for arbitrary templates; its results say so
// (expectedBy: reference). Chapters that judge a provider never import it.
package certify

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/dcconform/dcconform/fixtures/keys"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/reports/bundle"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/values"
)

// Who approves.
const (
	// ConsentBrowser drives one consent flow per template in a browser, and
	// one grant where it goes the asynchronous way; the others by the form
	// driver.
	ConsentBrowser = "browser"
	// ConsentForm drives all by the form driver.
	ConsentForm = "form"
)

// Options are what a certification depends on beside the templates.
type Options struct {
	Edition register.Edition `json:"edition"`
	Consent string           `json:"consent"`
	// Browser is the path of the browser; NoBrowser says why there is none
	// although Consent wants one.
	Browser   string `json:"browser,omitempty"`
	NoBrowser string `json:"noBrowser,omitempty"`
	Seed      uint64 `json:"seed"`
	// KeyPEM is the service provider's key; nil is the embedded test key.
	KeyPEM []byte `json:"keyPEM,omitempty"`
	// KeyHost is the label that the public key is published at.
	KeyHost string `json:"keyHost"`
	// ValuesFile names a file with values of variables and Values is its
	// content; without them all are invented.
	ValuesFile string `json:"valuesFile,omitempty"`
	Values     []byte `json:"values,omitempty"`
	// Profile is the provider that the mock behaves as; "" is the
	// specification. Proxied is the proxy status agreed on with it.
	Profile string `json:"profile,omitempty"`
	Proxied bool   `json:"proxied,omitempty"`
	// KeyServer is the name server that was asked for the service provider's
	// keys; "" is none, and then no case is about what is published. Published
	// is what came of it, by KeyAt.
	KeyServer string                  `json:"keyServer,omitempty"`
	Published map[string]PublishedKey `json:"published,omitempty"`
	// Async takes every template through the asynchronous flow as well, and
	// not only those that have no other.
	Async bool `json:"async,omitempty"`
}

// CheckValues says whether the given values can be used with the sources.
func (o Options) CheckValues(sources []Source) error {
	given, err := o.given()
	if err != nil {
		return err
	}
	var templates []*dc.Template
	for _, s := range sources {
		if t, err := dc.Parse(s.File, s.Data); err == nil {
			templates = append(templates, t)
		}
	}
	return given.Check(templates)
}

func (o Options) given() (*values.Given, error) {
	if o.Values == nil {
		return nil, nil
	}
	return values.ReadGiven(o.ValuesFile, o.Values)
}

// CheckKey says whether the key can sign, naming the file in the error.
func (o Options) CheckKey(file string) error {
	_, err := o.signingKey(file)
	return err
}

func (o Options) signingKey(file string) (*client.SigningKey, error) {
	label := o.KeyHost
	if label == "" {
		label = keys.Label
	}
	pem := o.KeyPEM
	if pem == nil {
		key, err := keys.Signing()
		if err != nil {
			return nil, err
		}
		return &client.SigningKey{Private: key.Private, Label: label}, nil
	}
	private, err := client.ParseKey(file, pem)
	if err != nil {
		return nil, err
	}
	return &client.SigningKey{Private: private, Label: label}, nil
}

func (o Options) rules() dc.Rules {
	edition, err := dc.ParseEdition(string(o.Edition))
	if err != nil {
		return dc.Rules{}
	}
	return dc.Rules{Edition: edition}
}

// userName signs in at every mock zone of a certification.
const userName = "pat"

// Password is the password of the mock's user, made from the seed, so that
// the parent process can keep it out of every file.
func Password(seed uint64) string {
	return "pw-" + invented(seed, "password")
}

// invented is a stable text of 16 hexadecimal digits for a seed and words.
func invented(seed uint64, words ...string) string {
	h := sha256.New()
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], seed)
	h.Write(b[:])
	for _, w := range words {
		fmt.Fprintf(h, "%d:%s", len(w), w)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Templates describes the sources for the report.
func Templates(sources []Source) []reports.Template {
	list := make([]reports.Template, 0, len(sources))
	for _, s := range sources {
		entry := reports.Template{Key: s.Key, File: s.File, SHA256: digest(s.Data)}
		if canonical, err := bundle.Digest(s.Data); err == nil {
			entry.CanonicalSHA256 = canonical
		}
		if t, err := dc.Parse(s.File, s.Data); err == nil {
			entry.ProviderID, entry.ServiceID, entry.Version = t.ProviderID, t.ServiceID, t.Version
		}
		list = append(list, entry)
	}
	return list
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
