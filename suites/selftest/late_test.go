package selftest_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/provider"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
)

// slowly shows an address or a text only to who asks for it the third time.
func slowly(c *store.TenantConfig) {
	const patience = 3
	var mu sync.Mutex
	asked := map[string]int{}
	c.Hooks.Answer = append(c.Hooks.Answer, func(q dns.Question, m *dns.Msg) {
		if len(m.Answer) == 0 || q.Qtype != dns.TypeA && q.Qtype != dns.TypeTXT || strings.HasPrefix(q.Name, "_domainconnect.") {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		key := dns.CanonicalName(q.Name) + dns.Type(q.Qtype).String()
		if asked[key]++; asked[key] < patience {
			m.Answer, m.Rcode = nil, dns.RcodeNameError
		}
	})
}

// writingRefused writes what it refuses, all the same: with the very records
// that the control twin of the case leads to.
func writingRefused(write func(host string)) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Web = append(c.Hooks.Web, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(w, r)
				if q := r.URL.Query(); strings.HasSuffix(r.URL.Path, "/apply") && !q.Has("sig") && strings.Contains(r.URL.Path, "/signed/") {
					write(q.Get("host"))
				}
			})
		})
	}
}

// What a refused request has written is seen though the zone is slow to show
// it, and though its control twin writes the same.
func TestLateWritesOfRefusedRequestsAreSeen(t *testing.T) {
	bench, err := selftest.NewBench(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bench.Close(); err != nil {
			t.Error(err)
		}
	})
	for name, c := range map[string]struct {
		writes  bool
		outcome reports.Outcome
	}{
		"it is refused":             {false, reports.Pass},
		"it is refused and written": {true, reports.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			var w *selftest.World
			prepare := func(c2 *store.TenantConfig) {
				slowly(c2)
				if c.writes {
					writingRefused(func(host string) {
						name := host + ".target.test."
						if err := w.Seeder.Seed(t.Context(), "target.test", []string{name + " 600 IN A 192.0.2.2", "note." + name + ` 600 IN TXT "v=signed"`}); err != nil {
							t.Error(err)
						}
					})(c2)
				}
			}
			var closeWorld func()
			var err error
			w, closeWorld, err = bench.World(selftest.Options{Edition: register.IETF05, Prepare: prepare})
			if err != nil {
				t.Fatal(err)
			}
			defer closeWorld()
			// The harness watches, as it does where nobody tells that all is done.
			w.Zones.Settled = nil
			found := false
			for _, sc := range provider.Scenarios(register.IETF05, w.Register, w) {
				if sc.Checks[0].Key != "signature-missing" {
					continue
				}
				found = true
				r := selftest.Judge(t.Context(), w, sc)[0]
				if r.Outcome != c.outcome {
					t.Errorf("%s %s %s", r.Outcome, r.Reason, r.Message)
				}
				if c.writes && (r.Failure == nil || !strings.Contains(r.Failure.Actual, "192.0.2.2") || strings.Contains(r.Failure.Actual, "twin")) {
					t.Errorf("the failure does not say what was written: %+v", r.Failure)
				}
			}
			if !found {
				t.Fatal("the case is not there")
			}
		})
	}
}
