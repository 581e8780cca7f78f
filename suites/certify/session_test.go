package certify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/mockprovider"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/target"
)

// counter is a mock with one user and one template that takes unsigned links,
// and the form driver.
type counter struct {
	provider mockprovider.Provider
	callback *client.Callback
	form     *consent.Form
	user     target.Credentials
	back     string // where the user comes back to
}

func newCounter(tb testing.TB) *counter {
	tb.Helper()
	c := &counter{user: target.Credentials{User: "alice", Password: "wonderland"}}
	if err := c.provider.Start(context.Background()); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.provider.Close(); err != nil {
			tb.Error(err)
		}
	})
	var err error
	if c.callback, err = client.NewCallback(nil); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.callback.Close(); err != nil {
			tb.Error(err)
		}
	})
	c.back = c.callback.URL("shop.test", c.callback.NewToken())
	t, err := dc.Parse("counter.json", []byte(`{"providerId":"shop.test","providerName":"Shop","serviceId":"site",
		"serviceName":"Site","syncRedirectDomain":"shop.test","records":[{"type":"A","host":"@","pointsTo":"192.0.2.7","ttl":600}]}`))
	if err != nil {
		tb.Fatal(err)
	}
	z, err := zone.Parse("example.com", strings.NewReader(""), "example.com.zone")
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := c.provider.NewTenant(store.TenantConfig{
		Users: []store.User{{Name: c.user.User, Password: c.user.Password}},
		Zones: []store.Hosted{{Zone: z, Owner: c.user.User}}, Templates: []*dc.Template{t},
	}); err != nil {
		tb.Fatal(err)
	}
	roots := c.callback.CAs()
	roots.AddCert(c.provider.CA())
	transport := target.NewTransport(&target.Dialer{
		Allow: []string{strings.TrimPrefix(c.provider.URL(), "https://")}, Fallback: c.callback.Addr(),
	}, roots)
	tb.Cleanup(transport.CloseIdleConnections)
	c.form = &consent.Form{Transport: transport}
	return c
}

func (c *counter) link(n int64) string {
	return fmt.Sprintf("%s/ux/v2/domainTemplates/providers/shop.test/services/site/apply?domain=example.com&host=h%d&redirect_uri=%s",
		c.provider.URL(), n%16, url.QueryEscape(c.back))
}

// With a session, a flow at the mock is its own requests and none more.
func TestFlowInASessionCostsItsOwnRequests(t *testing.T) {
	c := newCounter(t)
	o := consent.Options{Session: &consent.Session{}}
	if first, err := c.form.Approve(t.Context(), c.link(0), c.user, o); err != nil || !first.SignedIn {
		t.Fatalf("signed in %v, %v", first.SignedIn, err)
	}
	out, err := c.form.Approve(t.Context(), c.link(1), c.user, o)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, ex := range out.Exchanges {
		u, err := url.Parse(ex.URL)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s%s %d", ex.Method, strings.TrimPrefix("https://"+u.Host, c.provider.URL()), u.Path, ex.Status))
	}
	want := []string{
		"GET /ux/v2/domainTemplates/providers/shop.test/services/site/apply 303",
		"GET /ux/consent 200", "POST /ux/consent 303", "GET " + c.back + " 200",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if out.SignedIn || !out.Returned || out.Final != c.back {
		t.Errorf("signed in %v, returned %v, final %s", out.SignedIn, out.Returned, out.Final)
	}
}

// The flows a second that the selftest can count on, and what of it is HTTP:
// bare is the same requests by the transport alone.
func BenchmarkFlowInASession(b *testing.B) {
	c := newCounter(b)
	o := consent.Options{Session: &consent.Session{}}
	if _, err := c.form.Approve(b.Context(), c.link(0), c.user, o); err != nil {
		b.Fatal(err)
	}
	var n atomic.Int64
	approve := func(b *testing.B, o consent.Options) {
		out, err := c.form.Approve(context.Background(), c.link(n.Add(1)), c.user, o)
		if err != nil || !out.Returned {
			b.Errorf("returned %v, %v", out.Returned, err)
		}
	}
	rate := func(b *testing.B) { b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "flows/s") }
	b.Run("session", func(b *testing.B) {
		for b.Loop() {
			approve(b, o)
		}
		rate(b)
	})
	b.Run("parallel", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				approve(b, o)
			}
		})
		rate(b)
	})
	b.Run("signing-in", func(b *testing.B) {
		for b.Loop() {
			approve(b, consent.Options{})
		}
		rate(b)
	})
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			for range 4 {
				req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, c.provider.URL()+"/", nil)
				if err != nil {
					b.Fatal(err)
				}
				res, err := c.form.Transport.RoundTrip(req)
				if err != nil {
					b.Fatal(err)
				}
				_, err = io.Copy(io.Discard, res.Body)
				if err := errors.Join(err, res.Body.Close()); err != nil {
					b.Fatal(err)
				}
			}
		}
		rate(b)
	})
}
