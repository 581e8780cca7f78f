package web

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

func TestForward(t *testing.T) {
	s := store.New(nil)
	z, err := zone.Parse("example.com.", strings.NewReader(`
@   300 REDIR301 https://www.example.net/Path?Query=Upper
tmp 300 REDIR302 http://example.net
www 300 A 192.0.2.1
`), "zone")
	if err != nil {
		t.Fatal(err)
	}
	tenant, err := s.NewTenant(store.TenantConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if err := tenant.AddZone(store.Hosted{Zone: z, Owner: "alice"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		host   string
		status int
		to     string
	}{
		{"example.com", 301, "https://www.example.net/Path?Query=Upper"},
		{"EXAMPLE.com.:8080", 301, "https://www.example.net/Path?Query=Upper"},
		{"tmp.example.com", 302, "http://example.net"},
		{"www.example.com", 404, ""},
		{"example.org", 404, ""},
	} {
		r := httptest.NewRequest("GET", "/any/path", nil)
		r.Host = c.host
		w := httptest.NewRecorder()
		Forward(s).ServeHTTP(w, r)
		if w.Code != c.status || w.Header().Get("Location") != c.to {
			t.Errorf("%s: %d to %q, want %d to %q", c.host, w.Code, w.Header().Get("Location"), c.status, c.to)
		}
	}
}
