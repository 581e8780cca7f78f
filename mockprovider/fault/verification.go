package fault

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/sign"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// verifier verifies a query by the TXT data found at its key name.
type verifier func(raw string, txt [][]string) error

// around goes around the verification.
func around(f func(raw string, txt [][]string, next verifier) error) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Verify = append(c.Hooks.Verify, func(raw string, txt [][]string, next func(string, [][]string) error) error {
			return f(raw, txt, next)
		})
	}
}

// verifying has the signature verified over another text than what came.
func verifying(other func(text string) string) func(*store.TenantConfig) {
	return around(func(raw string, txt [][]string, next verifier) error {
		return next(other(withoutPairs(raw, "sig", "key"))+"&sig="+pairValue(raw, "sig")+"&key="+pairValue(raw, "key"), txt)
	})
}

// signed goes around everything that is done about a signature.
func signed(f func(t *dc.Template, raw string, next func(raw string) (bool, error)) (bool, error)) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) { c.Hooks.Signed = append(c.Hooks.Signed, f) }
}

// received has the signature looked for in another query than what came.
func received(other func(raw string) string) func(*store.TenantConfig) {
	return signed(func(_ *dc.Template, raw string, next func(string) (bool, error)) (bool, error) {
		return next(other(raw))
	})
}

// passing lets queries pass without verification.
func passing(which func(raw string) bool) func(*store.TenantConfig) {
	return signed(func(_ *dc.Template, raw string, next func(string) (bool, error)) (bool, error) {
		if which(raw) {
			return false, nil
		}
		return next(raw)
	})
}

// refusingSigned refuses queries that are in order, for templates that demand a
// signature.
func refusingSigned(which func(raw string) bool) func(*store.TenantConfig) {
	return signed(func(t *dc.Template, raw string, next func(string) (bool, error)) (bool, error) {
		if t.SyncPubKeyDomain != "" && which(raw) {
			return false, errors.New("the signature is not where or as it is expected")
		}
		return next(raw)
	})
}

// pardoning lets queries pass whose verification fails in one of the ways.
func pardoning(classes ...sign.Class) func(*store.TenantConfig) {
	return around(func(raw string, txt [][]string, next verifier) error {
		if err := next(raw, txt); !is(err, classes...) {
			return err
		}
		return nil
	})
}

// is reports whether a verification failed in one of the ways.
func is(err error, classes ...sign.Class) bool {
	return slices.ContainsFunc(classes, func(c sign.Class) bool { return errors.Is(err, &sign.Error{Class: c}) })
}

// breakdown unwinds from deep inside to where the answer is made.
type breakdown struct{}

// breaking has the server break down over what which says.
func breaking(which func(raw string, txt [][]string, next verifier) bool) func(*store.TenantConfig) {
	return both(
		around(func(raw string, txt [][]string, next verifier) error {
			if which(raw, txt, next) {
				panic(breakdown{})
			}
			return next(raw, txt)
		}),
		func(c *store.TenantConfig) {
			c.Hooks.Web = append(c.Hooks.Web, func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					defer func() {
						if recover() != nil {
							http.Error(w, "Internal Server Error", http.StatusInternalServerError)
						}
					}()
					next.ServeHTTP(w, r)
				})
			})
		},
	)
}

// overSignIn changes the query of an apply request whose user has no session.
func overSignIn(change func(raw string) string) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Web = append(c.Hooks.Web, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/apply") && len(r.Cookies()) == 0 {
					r.URL.RawQuery = change(r.URL.RawQuery)
				}
				next.ServeHTTP(w, r)
			})
		})
	}
}

// The parts of a query, as received: a name stands before the first equals
// sign of a segment, and nothing is decoded.

func hasPair(raw, name string) bool {
	return slices.ContainsFunc(strings.Split(raw, "&"), func(s string) bool {
		n, _, _ := strings.Cut(s, "=")
		return n == name
	})
}

func pairValue(raw, name string) string {
	for segment := range strings.SplitSeq(raw, "&") {
		if n, v, _ := strings.Cut(segment, "="); n == name {
			return v
		}
	}
	return ""
}

// octets are those of the signature, nil when it cannot be decoded.
func octets(raw string) []byte {
	sig, err := url.PathUnescape(pairValue(raw, "sig"))
	if err != nil {
		return nil
	}
	decoded, err := base64.StdEncoding.DecodeString(sig)
	if err != nil {
		return nil
	}
	return decoded
}

func withoutPairs(raw string, names ...string) string {
	return keepPairs(raw, func(segment string) bool {
		n, _, _ := strings.Cut(segment, "=")
		return !slices.Contains(names, n)
	})
}

func keepPairs(raw string, keep func(segment string) bool) string {
	segments := strings.Split(raw, "&")
	return strings.Join(slices.DeleteFunc(segments, func(s string) bool { return !keep(s) }), "&")
}

func withPair(raw, name, v string) string {
	segments := strings.Split(raw, "&")
	for i, s := range segments {
		if n, _, _ := strings.Cut(s, "="); n == name {
			segments[i] = name + "=" + v
		}
	}
	return strings.Join(segments, "&")
}

func verifyPSS(pub *rsa.PublicKey, text string, sig []byte) error {
	digest := sha256.Sum256([]byte(text))
	return rsa.VerifyPSS(pub, crypto.SHA256, digest[:], sig, nil)
}

func verifySHA1(pub *rsa.PublicKey, text string, sig []byte) error {
	digest := sha1.Sum([]byte(text))
	return rsa.VerifyPKCS1v15(pub, crypto.SHA1, digest[:], sig)
}
