package discovery

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 7.1: the TXT record at _domainconnect.
var record = []trial.Case{
	{Key: "discovery-txt-answered", Title: "_domainconnect of every hosted zone has a TXT, at every name server, over UDP and TCP",
		Requirements: []string{"DC-DISC-TXT-ANSWERED"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			for _, d := range t.Held() {
				answered(t, d.Name)
			}
		}},
	{Key: "discovery-txt-form", Title: "https:// before the TXT content and /v2 behind it make a URL",
		Requirements: []string{"DC-DISC-TXT-FORM"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			each(t, "DC-DISC-TXT-FORM", "a host, optionally a port and a path, and nothing else, as provider.example/dc", func(text string) string {
				if err := client.CheckPrefix(text); err != nil {
					return err.Error()
				}
				return ""
			})
		}},
	{Key: "discovery-txt-authority", Title: "the TXT content names a host, and a path behind it leads to the settings",
		Requirements: []string{"DC-DISC-TXT-AUTHORITY"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			each(t, "DC-DISC-TXT-AUTHORITY", "an authority, and after it optionally a path", func(text string) string {
				if host, _, _ := strings.Cut(text, "/"); host == "" || strings.HasPrefix(host, ":") {
					return "it has no host"
				}
				return ""
			})
			pathLeads(t)
		}},
	{Key: "discovery-txt-no-scheme", Title: "the TXT content carries no scheme, query or fragment",
		Requirements: []string{"DC-DISC-TXT-NO-SCHEME"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			each(t, "DC-DISC-TXT-NO-SCHEME", "no ://, no ? and no #", func(text string) string {
				for mark, what := range map[string]string{"://": "a scheme", "?": "a query", "#": "a fragment"} {
					if strings.Contains(text, mark) {
						return "it has " + what
					}
				}
				return ""
			})
		}},
}

// answered states that all name servers have the same content, over both
// transports.
func answered(t *trial.Trial, domain string) {
	name := "_domainconnect." + domain
	var views, bad []string
	for _, network := range []string{"udp", "tcp"} {
		for _, said := range t.Ask(name, dns.TypeTXT, network) {
			if said.Err != nil {
				reachable(t, domain, network)
				bad = append(bad, said.Err.Error())
				continue
			}
			texts := t.Texts(said, network)
			if len(texts) == 0 {
				bad = append(bad, fmt.Sprintf("%s over %s: %s without a TXT", said.Server, network, dns.RcodeToString[said.Rcode]))
			}
			views = append(views, fmt.Sprintf("%q", texts))
		}
	}
	if len(slices.Compact(views)) > 1 {
		bad = append(bad, "the contents differ: "+strings.Join(views, ", "))
	}
	if len(bad) > 0 && t.World.Target.Settings != "" && !anywhere(t) {
		t.NotApplicable("settings-override", "no zone has a _domainconnect record, and target.yaml names the settings itself")
	}
	t.Require("DC-DISC-TXT-ANSWERED", bad, gomega.BeEmpty(), check.About{Sent: name + " TXT to each name server, over UDP and over TCP",
		Expected: []string{"the same content in every answer"}, Actual: strings.Join(bad, "; "),
		Mend: "serve a TXT, or a CNAME to one, at _domainconnect of every zone, whenever it was created"})
}

// reachable ends the case where no server answers anything over a network: it
// may be the harness's own network that lets nothing through.
func reachable(t *trial.Trial, domain, network string) {
	var errs []error
	all := t.Ask(domain, dns.TypeSOA, network)
	for _, said := range all {
		errs = append(errs, said.Err)
	}
	if !slices.Contains(errs, nil) {
		t.Inconclusive("no-"+network, fmt.Sprintf("no name server answers anything over %s: %v", network, errors.Join(errs...)))
	}
}

// anywhere reports whether any zone has a record.
func anywhere(t *trial.Trial) bool {
	for _, d := range t.Held() {
		if len(t.Contents(d.Name)) > 0 {
			return true
		}
	}
	return false
}

// each states that no content of any zone has what problem finds. Zones
// without a record are for discovery-txt-answered.
func each(t *trial.Trial, id, expected string, problem func(text string) string) {
	found := false
	for _, d := range t.Held() {
		for _, text := range t.Contents(d.Name) {
			found = true
			what := problem(text)
			t.Require(id, what, gomega.BeEmpty(), check.About{Sent: "_domainconnect." + d.Name + " TXT",
				Expected: []string{expected}, Actual: fmt.Sprintf("%q: %s", text, what)})
		}
	}
	switch {
	case found:
	case t.World.Target.Settings != "":
		t.NotApplicable("settings-override", "no zone has a _domainconnect record, and target.yaml names the settings itself")
	default:
		t.Blocked("discovery/discovery-txt-answered")
	}
}

// pathLeads states that a settings call below the path of the content works
// where one without the path does.
func pathLeads(t *trial.Trial) {
	prefix := t.Prefix(t.Domain())
	host, path, ok := strings.Cut(prefix, "/")
	if !ok || path == "" {
		return
	}
	r := t.Get(trial.SettingsURL(prefix, t.Domain()))
	if !r.Good() && !t.Get(trial.SettingsURL(host, t.Domain())).Good() {
		t.Blocked(judgeSettings)
	}
	t.Require("DC-DISC-TXT-AUTHORITY", r.Good(), gomega.BeTrue(), check.About{Sent: r.Sent(),
		Expected: []string{"the settings, which are there without the path"}, Actual: r.String(),
		Mend: "publish the path that the settings are served below, or none"})
}
