package main

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/dcconform/dcconform/mockprovider"
)

// screen is what serve shows once it runs: addresses, who can sign in, and two
// lines that work when they are pasted.
func (w *serveWorld) screen(p *mockprovider.Provider, line readyLine, faults []string) string {
	var b strings.Builder
	row := func(name, format string, args ...any) {
		_, _ = fmt.Fprintf(&b, "  %-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	b.WriteString("dcconform mock DNS provider, for tests and never for production\n\n")
	row("HTTPS", "%s", line.URL)
	row("DNS", "%s (UDP and TCP)", line.DNS)
	row("Admin", "%s", line.Admin)
	row("CA", "%s", line.CA)
	zones := make([]string, len(w.tenant.Zones))
	for i, z := range w.tenant.Zones {
		zones[i] = z.Zone.Origin()
	}
	row("Zones", "%s", strings.Join(zones, " "))
	row("Templates", "%d", len(w.tenant.Templates))
	for i, u := range w.tenant.Users {
		owner := ""
		if i == 0 {
			owner = " (owns the zones)"
		}
		row("User", "%s, password %s%s", u.Name, u.Password, owner)
	}
	if p.StateDir != "" {
		row("State", "%s", p.StateDir)
	}
	row("Edition", "%s", w.tenant.Rules.Edition)
	for _, f := range faults {
		row("Fault", "%s", f)
	}
	name := strings.TrimSuffix(zones[0], ".")
	_, _ = fmt.Fprintf(&b, "\nTry:\n  %s\n  %s\n\nCtrl-C ends it.\n", digLine(p.DNSAddr(), name), curlLine(line, name))
	return b.String()
}

// digLine asks where the Domain Connect endpoints of a zone are.
func digLine(addr, zone string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "dig TXT _domainconnect." + zone
	}
	return fmt.Sprintf("dig @%s -p %s +short TXT _domainconnect.%s", reachable(host), port, zone)
}

// curlLine asks for the settings of a zone. A name of --tls-name need not be
// one that this machine can resolve.
func curlLine(line readyLine, zone string) string {
	resolve := ""
	if u, err := url.Parse(line.URL); err == nil && net.ParseIP(u.Hostname()) == nil && u.Hostname() != "localhost" {
		resolve = fmt.Sprintf(" --resolve %s:%s:127.0.0.1", u.Hostname(), u.Port())
	}
	ca := line.CA
	if strings.ContainsAny(ca, " '()&;") {
		ca = `"` + ca + `"`
	}
	return fmt.Sprintf("curl --cacert %s%s %s/v2/%s/settings", ca, resolve, line.URL, zone)
}

// reachable is an address that can be asked where the server listens on all.
func reachable(host string) string {
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		return "127.0.0.1"
	}
	return host
}
