package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/miekg/dns"
	"github.com/spf13/cobra"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/sign"
	"github.com/dcconform/dcconform/suites/probe"
)

// probeOptions are the flags of probe.
type probeOptions struct {
	dns, keyHost, ca, format string
	allowPrivate             bool
	timeout                  time.Duration
	stdout, stderr           io.Writer
}

func newProbeCommand() *cobra.Command {
	var o probeOptions
	c := &cobra.Command{
		Use:   "probe [flags] DOMAIN [TEMPLATE]",
		Short: "Look at a live domain: its provider, its settings, your template and your key there",
		Long: `probe asks live DNS and HTTPS servers, and changes nothing: is the domain at a
Domain Connect provider, what do its settings say, does the provider know the
template and in which version, and is the public key published that its links
are signed with.

TEMPLATE is a template file, whose version and content are compared with what
the provider has, or PROVIDER/SERVICE.

This command leaves the machine, to the resolver and to the hosts that DNS and
the settings name; the end of its output lists them. Addresses that are not
public are refused unless --allow-private is given. Every answer is bounded in
time and size, and three redirects are followed at most.

Exit codes: 0 all is well, 1 something is to be mended, 2 usage, 3 something
could not be told.`,
		Example: `  dcconform probe example.com
  dcconform probe example.com example.net.web.json --key-host _dck1
  dcconform probe example.com example.net/web --dns 192.0.2.53 --format json`,
		Args: wants(1, 2, "a domain, and a template when it is about one"),
		RunE: func(c *cobra.Command, args []string) error {
			o.stdout, o.stderr = c.OutOrStdout(), c.ErrOrStderr()
			return o.run(c.Context(), args)
		},
	}
	f := c.Flags()
	f.StringVar(&o.dns, "dns", "", "`address` of the resolver that is asked; default is the system's")
	f.StringVar(&o.keyHost, "key-host", "", "`label` below syncPubKeyDomain at which your public key is published")
	f.StringVar(&o.ca, "ca", "", "PEM `file` with certificate authorities that are trusted beside the system's")
	f.BoolVar(&o.allowPrivate, "allow-private", false, "speak to hosts of the provider at addresses that are not public")
	f.DurationVar(&o.timeout, "timeout", probe.DefaultCeiling, "`time` for the whole probe")
	f.StringVar(&o.format, "format", "text", "what is printed: text or json")
	return c
}

func (o *probeOptions) run(ctx context.Context, args []string) error {
	p, err := o.probe(args)
	if err != nil {
		return err
	}
	r := p.Run(ctx)
	if o.format == "json" {
		err = json.NewEncoder(o.stdout).Encode(r)
	} else {
		_, err = io.WriteString(o.stdout, probeText(r))
	}
	switch {
	case err != nil:
		return err
	case r.Has(probe.Problem):
		return exitError(1)
	case r.Has(probe.Unknown):
		return exitError(3)
	}
	return nil
}

// probe is what the arguments ask for.
func (o *probeOptions) probe(args []string) (*probe.Probe, error) {
	if o.format != "text" && o.format != "json" {
		return nil, fmt.Errorf("--format %s is not known; there are text and json", o.format)
	}
	if o.timeout <= 0 {
		return nil, fmt.Errorf("--timeout %s: give a time above zero, such as 30s", o.timeout)
	}
	p := &probe.Probe{Domain: strings.TrimSuffix(args[0], "."), KeyHost: o.keyHost, AllowPrivate: o.allowPrivate, Ceiling: o.timeout, JudgeKey: judgeKey}
	if _, ok := dns.IsDomainName(p.Domain); !ok || strings.ContainsAny(p.Domain, "/: ") || !strings.Contains(p.Domain, ".") {
		return nil, fmt.Errorf("%q is no domain name: give one like example.com", args[0])
	}
	var err error
	if p.Resolver, err = resolverOf(o.dns); err != nil {
		return nil, err
	}
	if o.ca != "" {
		if p.Roots, err = rootsWith(o.ca); err != nil {
			return nil, err
		}
	}
	if len(args) == 2 {
		if p.Template, err = askedTemplate(args[1]); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// resolverOf is an address with a port, or the system's first resolver.
func resolverOf(addr string) (string, error) {
	if addr == "" {
		const file = "/etc/resolv.conf"
		c, err := dns.ClientConfigFromFile(file)
		if err != nil || len(c.Servers) == 0 {
			return "", fmt.Errorf("no resolver is named in %s: give one with --dns, such as --dns 9.9.9.9", file)
		}
		return net.JoinHostPort(c.Servers[0], c.Port), nil
	}
	if _, _, err := net.SplitHostPort(addr); err == nil {
		return addr, nil
	}
	if ip := net.ParseIP(strings.Trim(addr, "[]")); ip != nil {
		return net.JoinHostPort(ip.String(), "53"), nil
	}
	return "", fmt.Errorf("--dns %q: give an IP address, or address and port, such as 192.0.2.53:53", addr)
}

// rootsWith are the system's certificate authorities and those of a file.
func rootsWith(file string) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--ca: %w", err)
	}
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("--ca: %s has no certificate in it: give a PEM file", file)
	}
	return pool, nil
}

// askedTemplate reads a template file, or takes PROVIDER/SERVICE apart.
func askedTemplate(arg string) (*probe.Template, error) {
	data, err := os.ReadFile(arg)
	if errors.Is(err, os.ErrNotExist) {
		provider, service, ok := strings.Cut(arg, "/")
		if ok && provider != "" && service != "" && !strings.Contains(service, "/") && !strings.HasSuffix(arg, ".json") {
			return &probe.Template{ProviderID: provider, ServiceID: service}, nil
		}
		return nil, fmt.Errorf("%s is neither a template file that is there, nor PROVIDER/SERVICE", arg)
	}
	if err != nil {
		return nil, err
	}
	t, err := dc.Parse(arg, data)
	if err != nil {
		return nil, err
	}
	var version string
	if t.Version != 0 {
		version = fmt.Sprint(t.Version)
	}
	return &probe.Template{ProviderID: t.ProviderID, ServiceID: t.ServiceID, Version: version, KeyDomain: t.SyncPubKeyDomain, JSON: data}, nil
}

// judgeKey says what providers make of published key records.
func judgeKey(txt []string) []probe.Finding {
	records := make([][]string, len(txt))
	for i, t := range txt {
		records[i] = []string{t}
	}
	in := sign.Inspect(records)
	const mend = "publish what \"dcconform key txt\" prints; \"dcconform key check\" says more"
	var all []probe.Finding
	if in.Strict != nil {
		all = append(all, probe.Finding{Status: probe.Problem, Message: "providers that keep to the text refuse the key: " + in.Strict.Error(), Mend: mend})
	} else {
		all = append(all, probe.Finding{Status: probe.OK, Message: fmt.Sprintf("an RSA key of %d bits that every provider reads", in.Key.N.BitLen())})
	}
	for _, s := range in.Overlooks {
		all = append(all, probe.Finding{Status: probe.Problem, Message: s.What(), Mend: s.Mend()})
	}
	for _, s := range in.Warnings {
		all = append(all, probe.Finding{Status: probe.Note, Message: s.What()})
	}
	for i := range all {
		all[i].Step = probe.StepKey
	}
	return all
}

// marks stand before the findings of a status.
var marks = map[probe.Status]string{probe.OK: "ok      ", probe.Problem: "PROBLEM ", probe.Unknown: "unknown ", probe.Note: "note    "}

// probeText is a result for a terminal.
func probeText(r probe.Result) string {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "%s, as %s sees it\n\n", r.Domain, r.Resolver)
	step := ""
	for _, f := range r.Findings {
		if f.Step != step {
			step = f.Step
			_, _ = fmt.Fprintf(&b, "%s\n", step)
		}
		_, _ = fmt.Fprintf(&b, "  %s%s\n", marks[f.Status], printable(f.Message))
		if f.Mend != "" {
			_, _ = fmt.Fprintf(&b, "          %s\n", printable(f.Mend))
		}
	}
	_, _ = fmt.Fprintf(&b, "\nasked: %s\n", strings.Join(r.Dialed, ", "))
	return b.String()
}

// printable keeps what strangers say from steering the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}
