package selftest_test

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

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

// No code, token or client secret gets into what is kept of a case.
func TestSecretsOfTheAsynchronousFlow(t *testing.T) {
	bench, err := selftest.NewBench(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bench.Close(); err != nil {
			t.Error(err)
		}
	})
	w, closeWorld, err := bench.World(selftest.Options{Edition: register.IETF05, Kind: selftest.Async, Faults: []string{"code-not-bound-to-client"}})
	if err != nil {
		t.Fatal(err)
	}
	defer closeWorld()
	ear := &listening{RoundTripper: w.HTTP.Transport, secrets: map[string]bool{}}
	w.HTTP.Transport, w.Form.Transport = ear, ear
	evidence := &kept{}
	for _, sc := range provider.Scenarios(w.Edition, w.Register, w) {
		if sc.Name == "async" {
			judge(t.Context(), w, sc, evidence)
		}
	}
	if len(ear.secrets) < 50 || evidence.Len() < 100_000 {
		t.Fatalf("%d secrets were heard, and %d octets kept: the test looks at nothing", len(ear.secrets), evidence.Len())
	}
	for _, own := range []string{w.Target.OAuth.Secret.Reveal(), w.Target.OAuth.OtherSecret.Reveal(), w.Target.OAuth.CodeSecret.Reveal()} {
		ear.secrets[own] = true
	}
	for secret := range ear.secrets {
		if at := strings.Index(evidence.String(), secret); at >= 0 {
			t.Errorf("a secret is in the evidence: …%s", evidence.String()[max(0, at-200):at])
			return
		}
	}
}

// judge runs one scenario and keeps its evidence and its results.
func judge(ctx context.Context, w *selftest.World, sc *check.Scenario, evidence *kept) {
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
		r := cs.Result()
		evidence.WriteString(r.Message + "\n")
		if f := r.Failure; f != nil && r.Outcome != reports.Pass {
			evidence.WriteString(f.Sent + f.Actual + strings.Join(f.Expected, " ") + "\n")
		}
	}
}
