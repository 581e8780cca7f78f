package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/sign"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// keyPatience bounds the look-up of a public key, diagnosisEffort how many
// texts are tried for an explanation of a signature that does not verify: some
// milliseconds.
const (
	keyPatience     = 10 * time.Second
	diagnosisEffort = 10_000
)

// noKeys is the resolver of a handler that was given none.
func noKeys(context.Context, string) ([][]string, error) { return nil, nil }

// checkSignature says whether the request counts as signed, and refuses one
// that should be and is not.
func (x *exchange) checkSignature(req *request) *failure {
	t := req.template
	verified := func(raw string) (bool, error) { return x.signed(raw, t) }
	for _, around := range x.config.Hooks.Signed {
		next := verified
		verified = func(raw string) (bool, error) { return around(t, raw, next) }
	}
	var err error
	if req.signed, err = verified(req.raw); err == nil {
		return nil
	}
	x.note("signature", "%s: refused: %v", t.ID(), err)
	f := &failure{
		status: http.StatusForbidden, code: "unauthorized_client", description: "the signature of the request could not be verified",
		title: "This link cannot be trusted", detail: err.Error(),
		text: "The link should prove that it comes from the service that it names, and the proof is missing or wrong. Nothing has been changed. Please go back to the service and start again there.",
	}
	var lookup *store.KeyLookupError
	if errors.As(err, &lookup) {
		f.code, f.description = "temporarily_unavailable", "the public key could not be looked up"
	}
	return f
}

// signed verifies the signature of a template that demands one. For other
// templates sig and key are ignored and the request counts as unsigned
// (ietf-05 section 8.3.4).
func (x *exchange) signed(raw string, t *dc.Template) (bool, error) {
	_, sig, key, err := sign.Split(raw)
	if t.SyncPubKeyDomain == "" {
		if err != nil || sig != "" || key != "" {
			x.note("signature", "%s: ignored, since the template has no syncPubKeyDomain; the request counts as unsigned", t.ID())
		}
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if sig == "" || key == "" {
		return false, errors.New("the template demands a signature and the link has no sig or no key; sign the query and append both")
	}
	name, err := x.keyName(key, t)
	if err != nil {
		return false, err
	}
	txt, err := x.lookUp(name)
	if err != nil {
		return false, err
	}
	verify := x.verifier(name)
	for _, around := range x.config.Hooks.Verify {
		next := verify
		verify = func(raw string, txt [][]string) error { return around(raw, txt, next) }
	}
	if err := verify(raw, txt); err != nil {
		return false, err
	}
	x.note("signature", "%s: verified with the key at %s", t.ID(), name)
	return true, nil
}

// keyName is where the key is looked up.
func (x *exchange) keyName(key string, t *dc.Template) (string, error) {
	name := func(key string) (string, error) {
		return sign.KeyName(key, t.SyncPubKeyDomain, x.config.Rules.Edition)
	}
	for _, around := range x.config.Hooks.KeyName {
		next := name
		name = func(key string) (string, error) { return around(key, t, next) }
	}
	return name(key)
}

// lookUp finds the TXT data of a key.
func (x *exchange) lookUp(name string) ([][]string, error) {
	keys := x.config.Keys
	if keys == nil {
		keys = x.Keys
	}
	ctx, cancel := context.WithTimeout(x.r.Context(), keyPatience)
	defer cancel()
	if x.config.Faults.NoKeyAlias {
		ctx = store.DirectOnly(ctx)
	}
	txt, err := keys(ctx, name)
	if err != nil {
		return nil, &store.KeyLookupError{Name: name, Err: err}
	}
	for _, change := range x.config.Hooks.Keys {
		txt = change(name, txt)
	}
	return txt, nil
}

// verifier checks a query by the TXT data found at a name.
func (x *exchange) verifier(name string) func(raw string, txt [][]string) error {
	return func(raw string, txt [][]string) error {
		if len(txt) == 0 {
			return fmt.Errorf("there is no TXT record at %s; publish the public key there", name)
		}
		pub, err := sign.ParseKey(txt)
		if err != nil {
			return x.explained(fmt.Errorf("the public key at %s: %w", name, err), name, raw, txt)
		}
		if err := sign.Verify(raw, pub); err != nil {
			return x.explained(err, name, raw, txt)
		}
		return nil
	}
}

// explained adds to a refusal what was done wrongly, where that can be found
// out; the developer of the link reads it.
func (x *exchange) explained(err error, name, raw string, txt [][]string) error {
	if x.config.Terse {
		return err
	}
	d := sign.Diagnose(sign.Evidence{Query: raw, Places: []sign.Place{{Name: name, TXT: txt}}, Effort: diagnosisEffort})
	if len(d.Causes) == 0 {
		return err
	}
	return fmt.Errorf("%w. What happened: %v", err, d)
}
