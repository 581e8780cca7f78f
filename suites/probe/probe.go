// Package probe looks at a live domain, read-only: is it at a Domain Connect
// provider, what does the provider say about itself, does it know a template
// and in which version, and is the service provider's public key published. It
// asks what a service provider asks before it sends a customer away (ietf-05
// sections 6.4, 7 and 8.2), and changes nothing anywhere.
package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"time"

	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/observe"
	"github.com/dcconform/dcconform/suites/target"
)

// DefaultCeiling bounds a whole probe. Each question is bounded beside it, see
// the constants of client.
const DefaultCeiling = 30 * time.Second

// Status is what became of one question.
type Status string

// The statuses.
const (
	// OK is as it should be.
	OK Status = "ok"
	// Problem is a fault that somebody has to mend.
	Problem Status = "problem"
	// Unknown could not be told, which is no sign of health.
	Unknown Status = "unknown"
	// Note is something to know; nothing is wrong with it.
	Note Status = "note"
)

// The steps, in order.
const (
	StepDiscovery = "discovery"
	StepSettings  = "settings"
	StepTemplate  = "template"
	StepKey       = "key"
)

// Finding is one thing that was seen.
type Finding struct {
	Step   string `json:"step"`
	Status Status `json:"status"`
	// Message is one sentence, Mend what to do about a problem.
	Message string `json:"message"`
	Mend    string `json:"mend,omitempty"`
}

// Template is the template that is asked about.
type Template struct {
	ProviderID, ServiceID string
	// Version is that of the own file as JSON has it, "" where there is no file
	// or no version in it.
	Version string
	// KeyDomain is syncPubKeyDomain, "" where there is no file or no signature.
	KeyDomain string
	// JSON is the own file; nil is none.
	JSON []byte
}

// Key says what is thought of the TXT records that a public key is published
// by.
type Key func(txt []string) []Finding

// Probe is a look at one domain. Domain and Resolver are needed.
type Probe struct {
	Domain string
	// Template is asked about at the provider; nil is none.
	Template *Template
	// KeyHost is the label below Template.KeyDomain that the key is published
	// at; "" leaves the key alone, and says so.
	KeyHost string
	// Resolver is host:port of the name server that is asked about everything.
	Resolver string
	// AllowPrivate lets hosts of the provider be at addresses that are not
	// public. Resolver may be anywhere: it was named by who asks.
	AllowPrivate bool
	// Roots are trusted for HTTPS; nil is the system's.
	Roots *x509.CertPool
	// JudgeKey reads public keys; nil only finds their records.
	JudgeKey Key
	// Ceiling bounds the whole; 0 is DefaultCeiling.
	Ceiling time.Duration
}

// Result is what a probe saw.
type Result struct {
	Domain   string `json:"domain"`
	Resolver string `json:"resolver"`
	// Prefix is where settings were found, "" where they were not.
	Prefix string `json:"prefix,omitempty"`
	// Settings are those of the provider; nil where none were had.
	Settings *client.Settings `json:"settings,omitempty"`
	Findings []Finding        `json:"findings"`
	// Dialed are the addresses that were spoken to, in order.
	Dialed []string `json:"dialed"`
}

// Has reports whether a finding has a status.
func (r *Result) Has(s Status) bool {
	for _, f := range r.Findings {
		if f.Status == s {
			return true
		}
	}
	return false
}

// look is a probe under way.
type look struct {
	*Probe
	result Result
	guard  *guard
	client *client.Client
	server observe.Server
}

// Run looks. It always has a result; what could not be told is in it.
func (p *Probe) Run(ctx context.Context) Result {
	ceiling := p.Ceiling
	if ceiling == 0 {
		ceiling = DefaultCeiling
	}
	ctx, cancel := context.WithTimeout(ctx, ceiling)
	defer cancel()
	l := &look{Probe: p, result: Result{Domain: p.Domain, Resolver: p.Resolver}}
	l.guard = newGuard(p.Resolver, p.AllowPrivate)
	dialer := &target.Dialer{Allow: []string{p.Resolver}, Dial: l.guard.resolver}
	transport := &http.Transport{
		DialContext: l.guard.DialContext, TLSClientConfig: &tls.Config{RootCAs: p.Roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: client.SettingsCeiling, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10,
	}
	l.client = &client.Client{DNS: p.Resolver, Dialer: dialer, Transport: transport}
	l.server = observe.Server{Addr: p.Resolver, Recursive: true, Timeout: client.DNSCeiling, Dial: dialer.DialContext}
	if settings := l.settings(ctx, l.discover(ctx)); settings != nil {
		l.result.Settings = settings
		l.delegation(ctx, settings)
		l.template(ctx, settings)
	}
	l.key(ctx)
	l.result.Dialed = l.guard.seen()
	return l.result
}

func (l *look) find(step string, status Status, message, mend string) {
	l.result.Findings = append(l.result.Findings, Finding{Step: step, Status: status, Message: message, Mend: mend})
}
