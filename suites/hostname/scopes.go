package hostname

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 6.3 and 9.3.1: domain and host of the request.
var scopes = []trial.Case{
	// 9.3.2: %domain%. in a template is the apex, whatever the host.
	{Key: "hostname-apex-by-domain", Title: "a record at the domain by name lands there although there is a host",
		Requirements: []string{"DC-HOST-APEX-BY-DOMAIN"}, Templates: []string{"apex-text"}, Where: trial.AtApex,
		Body: func(t *trial.Trial) {
			holds(t, "DC-HOST-APEX-BY-DOMAIN", t.Request("apex-text").With("host", "elsewhere"), `{domain}. 600 TXT "apex-by-domain"`)
		}},
	{Key: "hostname-empty-equals-absent", Title: "an empty host and none are the same",
		Requirements: []string{"DC-HOST-EMPTY-EQUALS-ABSENT"}, Templates: []string{"text"}, Where: trial.AtApex,
		Body: func(t *trial.Trial) {
			r := t.Request("text")
			holds(t, "DC-HOST-EMPTY-EQUALS-ABSENT", r.With("text", "no host"), `@ 600 TXT "no host"`)
			holds(t, "DC-HOST-EMPTY-EQUALS-ABSENT", r.With("host", "").With("text", "empty host"), `@ 600 TXT "empty host"`)
		}},
	// 6.3.1: a template is scoped to the pair of domain and host.
	{Key: "hostname-scope-pair", Title: "a template at one host leaves the same template at another alone",
		Requirements: []string{"DC-HOST-SCOPE-PAIR"}, Templates: []string{"address"},
		Body: func(t *trial.Trial) {
			const id = "DC-HOST-SCOPE-PAIR"
			r := t.Request("address")
			t.Watch("a", "b")
			t.Settled(r.With("host", "a.{host}"), "a 600 A 192.0.2.10")
			e := t.Confirms(id, r.With("host", "b.{host}").With("ip", "192.0.2.11"))
			about := check.About{Sent: "the template applied at a.{host}, then GET " + e.Link + ", then Confirm"}
			t.Holds(id, about, "a 600 A 192.0.2.10", "b 600 A 192.0.2.11")
			page, _ := e.Page()
			t.Require(id, strings.ToLower(page.Text), gomega.ContainSubstring("b."+t.Host()), check.About{Sent: "GET " + e.Link,
				Expected: []string{"the consent page names the host that is concerned"}, Actual: "it does not"})
		}},
	// 3: both spellings of an internationalised name are one name.
	{Key: "hostname-idn", Title: "a host in Unicode is the same as its ASCII form",
		Requirements: []string{"DC-HOST-IDN-TO-ACE"}, Templates: []string{"text"},
		Body: func(t *trial.Trial) {
			const id = "DC-HOST-IDN-TO-ACE"
			r := t.Request("text")
			t.Watch("xn--bcher-kva", "xn--caf-dma")
			holds(t, id, r.With("host", "bücher.{host}").With("text", "unicode"), `xn--bcher-kva 600 TXT "unicode"`)
			holds(t, id, r.With("host", "xn--caf-dma.{host}").With("text", "ascii"), `xn--caf-dma 600 TXT "ascii"`)
		}},
}
