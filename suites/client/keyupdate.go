package client

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/suites/target"
)

// KeyUpdater publishes public keys at a name server that takes RFC 2136
// updates signed with TSIG.
type KeyUpdater struct {
	// To is the server and its key.
	To target.Update
	// Zone is the domain that keys are published below; the server holds it as
	// a zone.
	Zone string
	// Dial opens connections.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// PublishKey makes the TXT records at a name be exactly txt, one record for
// each; none takes them away.
func (u KeyUpdater) PublishKey(ctx context.Context, name string, txt []string) error {
	name = dns.CanonicalName(name)
	m := new(dns.Msg).SetUpdate(dns.Fqdn(u.Zone))
	head := dns.RR_Header{Name: name, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: keyTTL}
	m.RemoveRRset([]dns.RR{&dns.TXT{Hdr: head}})
	for _, text := range txt {
		m.Insert([]dns.RR{&dns.TXT{Hdr: head, Txt: characterStrings(text)}})
	}
	c := dns.Client{Net: "tcp", Timeout: 10 * time.Second}
	if u.To.Key != "" {
		key := dns.CanonicalName(u.To.Key)
		m.SetTsig(key, dns.Fqdn(u.To.Algorithm), 300, time.Now().Unix())
		c.TsigSecret = map[string]string{key: u.To.Secret.Reveal()}
	}
	conn, err := u.Dial(ctx, "tcp", u.To.Server)
	if err != nil {
		return fmt.Errorf("the key at %s cannot be published: %w", name, err)
	}
	defer func() { _ = conn.Close() }()
	answer, _, err := c.ExchangeWithConnContext(ctx, m, &dns.Conn{Conn: conn})
	if err != nil {
		return fmt.Errorf("the key at %s cannot be published at %s: %w", name, u.To.Server, err)
	}
	if answer.Rcode != dns.RcodeSuccess {
		return fmt.Errorf("the key at %s cannot be published: %s answers %s; see keyZone.update of the target", name, u.To.Server, dns.RcodeToString[answer.Rcode])
	}
	return nil
}
