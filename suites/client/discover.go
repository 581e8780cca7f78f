package client

import (
	"context"
	"errors"
	"fmt"
	"net"

	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/suites/target"
)

// Discovery is what DNS said about a domain (ietf-05 section 7.1).
type Discovery struct {
	// Domain is the name that was asked about, Question the name in DNS.
	Domain, Question string
	// Aliases are the CNAMEs that were followed, in order.
	Aliases []string
	// TXT are all contents found, character-strings joined.
	TXT []string
	// Prefixes are the valid contents, in the order of the answer, at most
	// MaxPrefixes: "provider.example/dc".
	Prefixes []string
	// Rejected are the contents that break the form rules.
	Rejected []RejectedTXT
	// Dropped counts valid contents beyond MaxPrefixes.
	Dropped int
}

// RejectedTXT is a TXT content that is no settings prefix.
type RejectedTXT struct{ Text, Reason string }

// ErrNoDiscovery says that a domain has no usable _domainconnect record: its
// DNS provider does not offer Domain Connect.
var ErrNoDiscovery = errors.New("no usable _domainconnect TXT record")

// ErrNoAnswer says that the name server did not answer within DNSCeiling or
// before the caller's context ended.
var ErrNoAnswer = errors.New("no answer")

// Discover asks for the TXT records at _domainconnect.<domain>, over UDP and,
// when the answer is truncated, over TCP. The Discovery holds what was found
// even when the error is ErrNoDiscovery.
func (c *Client) Discover(ctx context.Context, domain string) (Discovery, error) {
	d := Discovery{Domain: domain, Question: dns.Fqdn("_domainconnect." + domain)}
	if _, ok := dns.IsDomainName(d.Question); !ok || strings.Trim(domain, ".") == "" {
		return d, fmt.Errorf("discover: %q is not a domain name", domain)
	}
	if err := c.lookup(ctx, &d); err != nil {
		return d, fmt.Errorf("discover %s at %s: %w", domain, c.DNS, err)
	}
	for _, text := range d.TXT {
		if err := CheckPrefix(text); err != nil {
			d.Rejected = append(d.Rejected, RejectedTXT{text, err.Error()})
			continue
		}
		if len(d.Prefixes) == MaxPrefixes {
			d.Dropped++
			continue
		}
		d.Prefixes = append(d.Prefixes, text)
	}
	if len(d.Prefixes) == 0 {
		return d, fmt.Errorf("discover %s: %w (%s)", domain, ErrNoDiscovery, d.why())
	}
	return d, nil
}

func (d Discovery) why() string {
	if len(d.Rejected) == 0 {
		return "none at " + d.Question
	}
	var out []string
	for _, r := range d.Rejected {
		out = append(out, fmt.Sprintf("%q: %s", r.Text, r.Reason))
	}
	return strings.Join(out, "; ")
}

// lookup fills Aliases and TXT. A server that is authoritative for the owner
// alone leaves the end of a CNAME chain to the resolver, which here is us.
func (c *Client) lookup(ctx context.Context, d *Discovery) error {
	name := d.Question
	for {
		answer, err := c.ask(ctx, name, dns.TypeTXT)
		if err != nil {
			return err
		}
		next := name
		for _, rr := range answer {
			if alias, ok := rr.(*dns.CNAME); ok && strings.EqualFold(alias.Hdr.Name, next) {
				next = alias.Target
				d.Aliases = append(d.Aliases, next)
			}
			if len(d.Aliases) > MaxAliases {
				return fmt.Errorf("%s: more than %d CNAMEs", d.Question, MaxAliases)
			}
		}
		for _, rr := range answer {
			if txt, ok := rr.(*dns.TXT); ok && strings.EqualFold(txt.Hdr.Name, next) {
				d.TXT = append(d.TXT, plainTXT(txt.Txt))
			}
		}
		if len(d.TXT) > 0 || next == name {
			return nil
		}
		name = next
	}
}

// plainTXT joins character-strings and undoes the presentation escapes that
// the DNS library leaves in them.
func plainTXT(parts []string) string {
	var b strings.Builder
	s := strings.Join(parts, "")
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		if i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 10, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		i++
		b.WriteByte(s[i])
	}
	return b.String()
}

// ask sends one question over UDP, and over TCP when the answer is truncated.
// A name that does not exist is an empty answer.
func (c *Client) ask(ctx context.Context, name string, typ uint16) ([]dns.RR, error) {
	q := new(dns.Msg)
	q.SetQuestion(name, typ)
	q.SetEdns0(1232, false)
	r, err := c.exchange(ctx, "udp", q)
	if err == nil && r.Truncated {
		r, err = c.exchange(ctx, "tcp", q)
	}
	if err != nil {
		return nil, err
	}
	switch r.Rcode {
	case dns.RcodeSuccess:
		return r.Answer, nil
	case dns.RcodeNameError:
		// The alias of a dangling CNAME is still worth reporting.
		return r.Answer, nil
	}
	return nil, fmt.Errorf("%s %s: the server answers %s", name, dns.TypeToString[typ], dns.RcodeToString[r.Rcode])
}

func (c *Client) exchange(ctx context.Context, network string, q *dns.Msg) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, DNSCeiling)
	defer cancel()
	dialer := c.Dialer
	if dialer == nil {
		dialer = new(target.Dialer)
	}
	conn, err := dialer.DialContext(ctx, network, c.DNS)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	// The library bounds reads by its own time-outs; the context ends them.
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	client := &dns.Client{Net: network, Timeout: DNSCeiling, UDPSize: 1232}
	r, _, err := client.ExchangeWithConnContext(ctx, q, &dns.Conn{Conn: conn, UDPSize: 1232})
	if err != nil {
		var slow net.Error
		if ctx.Err() != nil || errors.As(err, &slow) && slow.Timeout() {
			return nil, fmt.Errorf("%w over %s", ErrNoAnswer, network)
		}
		return nil, fmt.Errorf("%s: %w", network, err)
	}
	return r, nil
}

// CheckPrefix applies the form rules of ietf-05 section 7.1 to a TXT content:
// an authority and an optional path, no scheme, no query, no fragment, so that
// https:// before it and /v2 behind it give a URI.
func CheckPrefix(text string) error {
	switch {
	case text == "":
		return errors.New("it is empty")
	case strings.Contains(text, "://"):
		return errors.New("it has a scheme; want the authority and an optional path alone")
	case strings.Contains(text, "?"):
		return errors.New("it has a query")
	case strings.Contains(text, "#"):
		return errors.New("it has a fragment")
	}
	for i := range len(text) {
		if c := text[i]; c != '%' && !unreserved(c) && !strings.ContainsRune("!$&'()*+,;=:@/[]", rune(c)) {
			return fmt.Errorf("character %q cannot stand in a URL", c)
		}
	}
	u, err := url.Parse("https://" + text + "/v2")
	if err != nil {
		return errors.New("it does not make a URL with https:// before and /v2 behind it")
	}
	if u.User != nil {
		return errors.New("it has a user name")
	}
	return checkAuthority(u)
}

func checkAuthority(u *url.URL) error {
	host := u.Hostname()
	if host == "" {
		return errors.New("it has no authority")
	}
	if port := u.Port(); port != "" || strings.HasSuffix(u.Host, ":") {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return fmt.Errorf("port %q is not between 1 and 65535", port)
		}
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	if _, ok := dns.IsDomainName(host); !ok {
		return fmt.Errorf("host %q is not a domain name", host)
	}
	for i := range len(host) {
		// RFC 3986 lets more stand in a host; DNS host names do not, and what
		// has them is some other protocol's verification text.
		if c := host[i]; c == '~' || !unreserved(c) {
			return fmt.Errorf("host %q is not a domain name", host)
		}
	}
	return nil
}
