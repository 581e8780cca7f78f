package mockprovider

import (
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// A URL that is far too long gets an answer over both protocols, and not a
// broken connection (ietf-05 section 8.3.1).
func TestOverlongURL(t *testing.T) {
	var p Provider
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := p.NewTenant(store.TenantConfig{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		proto  string
		major  int
		octets int
		want   int
	}{{"http/1.1", 1, 60_000, 404}, {"http/1.1", 1, 70_000, 414}, {"http/1.1", 1, 500_000, 414},
		{"h2", 2, 60_000, 404}, {"h2", 2, 70_000, 414}, {"h2", 2, 500_000, 414}} {
		client := p.Client()
		transport := client.Transport.(*http.Transport).Clone()
		transport.TLSClientConfig.NextProtos = []string{c.proto}
		transport.ForceAttemptHTTP2 = c.major == 2
		if c.major == 1 {
			transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
		}
		client.Transport = transport
		url := p.URL() + "/ux/v2/domainTemplates/providers/p/services/s/apply?domain=example.com&x=" + strings.Repeat("a", c.octets)
		res, err := client.Get(url)
		if err != nil {
			t.Errorf("%s, %d octets: %v", c.proto, c.octets, errors.Unwrap(err)) // without the URL
			continue
		}
		res.Body.Close()
		transport.CloseIdleConnections()
		if res.StatusCode != c.want || res.ProtoMajor != c.major {
			t.Errorf("%s, %d octets: %d over %s, want %d", c.proto, c.octets, res.StatusCode, res.Proto, c.want)
		}
	}
}
