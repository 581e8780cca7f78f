package web

import (
	"net"
	"net/http"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// Forward answers requests, over plain HTTP, for names that have a REDIR301 or
// REDIR302 in a zone of the store (dcspec-2.3, Redirection): with that status
// and the target as it stands, whatever path is asked for. Other names are
// 404.
func Forward(s *store.Store) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.Host
		if host, _, err := net.SplitHostPort(name); err == nil {
			name = host
		}
		name = dns.CanonicalName(name)
		found, ok := s.Find(name)
		if !ok {
			http.NotFound(w, r)
			return
		}
		for record := range found.Zone.At(name) {
			status := map[string]int{dc.TypeREDIR301: http.StatusMovedPermanently, dc.TypeREDIR302: http.StatusFound}[record.Type]
			if status != 0 {
				w.Header().Set("Location", record.Data)
				w.WriteHeader(status)
				return
			}
		}
		http.NotFound(w, r)
	})
}
