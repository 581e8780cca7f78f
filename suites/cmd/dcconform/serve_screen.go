package main

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/dcconform/dcconform/mockprovider"
	"github.com/dcconform/dcconform/mockprovider/dc"
)

// screen is what serve shows once it runs: addresses, who can sign in, and two
// lines that work when they are pasted.
func (w *serveWorld) screen(p *mockprovider.Provider, line readyLine, faults []string) string {
	var b strings.Builder
	row := func(name, text string) { _, _ = fmt.Fprintf(&b, "  %-10s %s\n", name, text) }
	b.WriteString("dcconform mock DNS provider, for tests and never for production\n\n")
	for _, n := range w.notes(p, line) {
		if n.Name == noteTry {
			continue // it stands at the end
		}
		row(n.Name, n.Text)
		if n.Name == "Admin" {
			row("Page", line.Admin+"/ (open it in a browser)")
		}
	}
	zones := make([]string, len(w.tenant.Zones))
	for i, z := range w.tenant.Zones {
		zones[i] = z.Zone.Origin()
	}
	row("Zones", strings.Join(zones, " "))
	row("Templates", strconv.Itoa(len(w.tenant.Templates)))
	row("Edition", w.tenant.Rules.Edition.String())
	if w.tenant.Rules.Stateful {
		row("Remembers", "which templates are applied")
	}
	if w.profile != "" {
		row("Profile", w.profile)
	}
	for _, c := range w.tenant.Clients {
		row("Client", c.ID+", which comes back to "+strings.Join(c.Redirects, " "))
	}
	for _, id := range slices.SortedFunc(maps.Keys(w.tenant.Testing), func(a, b dc.TemplateID) int { return strings.Compare(a.String(), b.String()) }) {
		row("Under test", fmt.Sprintf("%s/%s, for %s alone", id.Provider, id.Service, w.tenant.Testing[id]))
	}
	for _, f := range faults {
		row("Fault", f)
	}
	_, _ = fmt.Fprintf(&b, "\nTry:\n  %s\n\nCtrl-C ends it.\n", strings.Join(w.try(p, line), "\n  "))
	return b.String()
}

// noteTry is the note with lines to paste.
const noteTry = "Try"

// notes are the lines of the screen that the page of the management API does
// not have already.
func (w *serveWorld) notes(p *mockprovider.Provider, line readyLine) []mockprovider.Note {
	notes := []mockprovider.Note{
		{Name: "HTTPS", Text: line.URL}, {Name: "DNS", Text: line.DNS + " (UDP and TCP)"}, {Name: "Admin", Text: line.Admin}, {Name: "CA", Text: line.CA},
	}
	if p.StateDir != "" {
		notes = append(notes, mockprovider.Note{Name: "State", Text: p.StateDir})
	}
	for i, u := range w.tenant.Users {
		text := fmt.Sprintf("%s, password %s", u.Name, u.Password)
		if i == 0 {
			text += " (owns the zones)"
		}
		notes = append(notes, mockprovider.Note{Name: "User", Text: text})
	}
	return append(notes, mockprovider.Note{Name: noteTry, Text: strings.Join(w.try(p, line), "\n")})
}

// try are lines that work when they are pasted.
func (w *serveWorld) try(p *mockprovider.Provider, line readyLine) []string {
	if len(w.tenant.Zones) == 0 {
		return nil
	}
	name := strings.TrimSuffix(w.tenant.Zones[0].Zone.Origin(), ".")
	return []string{digLine(p.DNSAddr(), name), curlLine(line, name)}
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
