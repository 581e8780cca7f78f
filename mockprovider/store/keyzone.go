package store

import (
	"errors"
	"fmt"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/zone"
)

// keyTTL is the TTL of published key records in seconds.
const keyTTL = 300

// PublishTXT makes the TXT records at a name be exactly txt, one record per
// element, long ones split into character-strings of 255 octets. It is how a
// service provider's public key gets into the DNS (ietf-05 section 6.4). An
// empty txt takes the records away.
//
// The record goes into the closest key zone; when there is none, one is made
// for the name without its first label, since any other label there must be
// answered with NXDOMAIN and not be refused. Key zones have no owner and
// belong to no tenant. Publishing what is there already changes nothing, and
// any number of goroutines may publish at once.
func (s *Store) PublishTXT(name string, txt []string) error {
	name = dns.CanonicalName(name)
	if _, ok := dns.IsDomainName(name); !ok || dns.CountLabel(name) < 2 {
		return fmt.Errorf("key name %q: a host label and the key domain are needed, as in _dck1.example.com", name)
	}
	want := make([]zone.Record, 0, len(txt))
	for _, text := range txt {
		r, err := textRecord(name, text)
		if err != nil {
			return fmt.Errorf("key name %q: %w", name, err)
		}
		r.TTL = keyTTL
		want = append(want, r)
	}
	h, err := s.keyZone(name)
	if err != nil {
		return err
	}
	_, err = h.replace(only(func(z *zone.Zone) (*zone.Zone, error) { return withTXT(z, name, want) }))
	return err
}

// KeyZones returns the zones that published keys are in, in their current
// state, in the order in which they were made.
func (s *Store) KeyZones() []*zone.Zone {
	var zones []*zone.Zone
	for _, h := range s.keys.Zones() {
		zones = append(zones, h.Zone)
	}
	return zones
}

// HostKeys hosts a zone that keys were published in, as KeyZones returned it.
func (s *Store) HostKeys(z *zone.Zone) error { return s.keys.AddZone(Hosted{Zone: z}) }

// keyZone finds or makes the zone that a key name is published in.
func (s *Store) keyZone(name string) (*hosted, error) {
	off, _ := dns.NextLabel(name, 0)
	domain := name[off:]
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.enclosing(name); h != nil && h.owner == "" {
		return h, nil
	}
	z, err := zone.New(domain)
	if err != nil {
		return nil, err
	}
	h, err := s.keys.host(Hosted{Zone: z})
	if err != nil {
		return nil, err
	}
	if err := s.claim([]*hosted{h}); err != nil {
		return nil, fmt.Errorf("the key %s cannot be published: %w", name, err)
	}
	return h, nil
}

// withTXT returns the zone with exactly these TXT records at the name, or the
// zone itself when that is what it has.
func withTXT(z *zone.Zone, name string, want []zone.Record) (*zone.Zone, error) {
	have := map[zone.Record]bool{}
	for r := range z.At(name) {
		switch r.Type {
		case "TXT":
			have[r] = true
		case "CNAME":
			return nil, fmt.Errorf("the key %s cannot be published: there is a CNAME", name)
		}
	}
	var change zone.Change
	for _, r := range want {
		if !have[r] {
			change.Add = append(change.Add, r)
		}
		delete(have, r)
	}
	for r := range z.At(name) {
		if have[r] {
			change.Remove = append(change.Remove, r)
		}
	}
	if len(change.Add) == 0 && len(change.Remove) == 0 {
		return z, nil
	}
	return change.Apply(z)
}

// textRecord makes the TXT record for a text of any length.
func textRecord(owner, text string) (zone.Record, error) {
	if len(text) > 60000 {
		return zone.Record{}, errors.New("a text of more than 60000 octets does not fit into a TXT record")
	}
	txt := &dns.TXT{Hdr: dns.RR_Header{Name: owner, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: apexTTL}}
	for {
		part := text[:min(len(text), 255)]
		txt.Txt = append(txt.Txt, escape(part))
		text = text[len(part):]
		if text == "" {
			return zone.FromRR(txt)
		}
	}
}

// escape writes octets as miekg/dns keeps the strings of a TXT: in
// presentation form.
func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, "\\%03d", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
