package selftest_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/provider"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
)

// kept is the evidence of a case.
type kept struct{ strings.Builder }

func (k *kept) Record(kind, title string, content []byte) {
	k.WriteString(kind + " " + title + "\n" + string(content) + "\n")
}

// listening overhears the secrets that come over the wire.
type listening struct {
	http.RoundTripper
	mu      sync.Mutex
	secrets map[string]bool
}

var told = regexp.MustCompile(`"(?:access|refresh)_token":"([^"]+)"|[?&]code=([^&"]{16,})`)

func (l *listening) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := l.RoundTripper.RoundTrip(req)
	if err != nil {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	res.Body = io.NopCloser(strings.NewReader(string(body)))
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range told.FindAllStringSubmatch(string(body)+"\n"+res.Header.Get("Location"), -1) {
		l.secrets[m[1]+m[2]] = true
	}
	return res, err
}

// No code, token or client secret gets into what is kept of a case, however it
// is written there.
func TestSecretsOfTheAsynchronousFlow(t *testing.T) {
	for _, tc := range []struct {
		name    string
		options selftest.Options
		// heard and kept are how many secrets and octets there are at least.
		heard, kept int
	}{
		{"async", selftest.Options{Edition: register.IETF05, Kind: selftest.Async, Faults: []string{"code-not-bound-to-client"}}, 50, 100_000},
		{"revert", selftest.Options{Edition: register.IETF05, Kind: selftest.Stateful}, 10, 10_000},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, tc.options)
			ear := &listening{RoundTripper: w.HTTP.Transport, secrets: map[string]bool{}}
			w.HTTP.Transport, w.Form.Transport = ear, ear
			evidence := &kept{}
			for _, sc := range provider.Scenarios(w.Edition, w.Register, w) {
				if sc.Name == tc.name {
					judge(t.Context(), w, sc, evidence)
				}
			}
			if len(ear.secrets) < tc.heard || evidence.Len() < tc.kept {
				t.Fatalf("%d secrets were heard, and %d octets kept: the test looks at nothing", len(ear.secrets), evidence.Len())
			}
			for _, own := range secretsOf(t, w) {
				ear.secrets[own] = true
			}
			for secret := range ear.secrets {
				for _, written := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), strconv.Quote(secret)[1 : len(strconv.Quote(secret))-1]} {
					if at := strings.Index(evidence.String(), written); at >= 0 {
						t.Errorf("a secret is in the evidence: …%s", evidence.String()[max(0, at-200):at])
						return
					}
				}
			}
		})
	}
}

// secretsOf are the secrets of the clients of a world: each has a space in it,
// so that it is written in other ways in a URL.
func secretsOf(t *testing.T, w *selftest.World) []string {
	o := w.Target.OAuth
	all := []string{o.Secret.Reveal(), o.OtherSecret.Reveal(), o.BriefSecret.Reveal(), o.CodeSecret.Reveal()}
	for i, secret := range all {
		if !strings.Contains(secret, " ") || slices.Contains(all[:i], secret) {
			t.Fatalf("secret %d is %q: use one with a space, and another one for each", i, secret)
		}
	}
	return all
}

// The password of the account that cases sign in with is in no URL, not even
// where tokens are asked for by nothing else.
func TestThePasswordIsInNoURL(t *testing.T) {
	var asked []string
	w := newWorld(t, selftest.Options{Edition: register.IETF05, Kind: selftest.Async, Prepare: func(c *store.TenantConfig) {
		c.Hooks.Web = append(c.Hooks.Web, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/oauth/access_token") {
					asked = append(asked, r.URL.RawQuery)
					if r.ContentLength > 0 {
						rw.WriteHeader(http.StatusUnsupportedMediaType)
						return
					}
				}
				next.ServeHTTP(rw, r)
			})
		})
	}})
	outcome := reports.Outcome("")
	for _, sc := range provider.Scenarios(w.Edition, w.Register, w) {
		if sc.Checks[0].Key == "async-grant-types" {
			outcome = judge(t.Context(), w, sc, &kept{}).Outcome
		}
	}
	if outcome != reports.Pass || !slices.ContainsFunc(asked, func(q string) bool { return strings.Contains(q, "client_credentials") }) {
		t.Fatalf("%s, and the target was asked %q: the test looks at nothing", outcome, asked)
	}
	for _, q := range asked {
		if strings.Contains(q, "password=") {
			t.Errorf("there is a password in the query %s", q)
		}
	}
}

func newWorld(t *testing.T, o selftest.Options) *selftest.World {
	t.Helper()
	bench, err := selftest.NewBench(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bench.Close(); err != nil {
			t.Error(err)
		}
	})
	w, closeWorld, err := bench.World(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeWorld)
	return w
}

// judge runs one scenario and keeps its evidence and its results; the last of
// these is returned.
func judge(ctx context.Context, w *selftest.World, sc *check.Scenario, evidence *kept) (r reports.Result) {
	defer sc.Teardown()
	for i, planned := range sc.Planned(w.Edition, w.Register) {
		cs := check.New(ctx, planned, w.Edition, w.Register, evidence)
		func() {
			defer func() {
				if v := recover(); v != nil {
					if _, ends := v.(check.Stop); !ends {
						panic(v)
					}
				}
			}()
			cs.Broken(sc.Setup(cs))
			sc.Checks[i].Body(cs)
		}()
		r = cs.Result()
		evidence.WriteString(r.Message + "\n")
		if f := r.Failure; f != nil && r.Outcome != reports.Pass {
			evidence.WriteString(f.Sent + f.Actual + strings.Join(f.Expected, " ") + "\n")
		}
	}
	return r
}
