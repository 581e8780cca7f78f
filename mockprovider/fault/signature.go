package fault

import (
	"regexp"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// signatures are misbehaviours of the verification.
var signatures = []Fault{
	{"unsigned-accepted-with-warning", "A request without a signature is let through for a template that demands one.",
		[]string{"DC-SIG-REQUIRED"}, forgive(store.GuardSignature)},
	{"reencode-before-verify", "The query is decoded and encoded again before its signature is verified.",
		[]string{"DC-SIG-RAW-QUERY"}, verifying(func(raw string) string {
			return escapes.ReplaceAllStringFunc(raw, strings.ToUpper)
		})},
	{"key-alias-not-followed", "A public key behind a CNAME is not found.",
		[]string{"DC-KEY-LOCATION"}, func(c *store.TenantConfig) { c.Faults.NoKeyAlias = true }},
}

// escapes are percent-escapes.
var escapes = regexp.MustCompile("%[0-9a-fA-F]{2}")

// verifying has the signature verified over something else than what came.
func verifying(other func(raw string) string) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Verify = append(c.Hooks.Verify, func(raw string, txt [][]string, next func(string, [][]string) error) error {
			return next(other(raw), txt)
		})
	}
}

// forgive lets requests pass a guard.
func forgive(guard store.Guard) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Refuse = append(c.Hooks.Refuse, func(g store.Guard, err error) error {
			if g == guard {
				return nil
			}
			return err
		})
	}
}
