package fault

import (
	"slices"
	"strings"

	"github.com/miekg/dns"
	"golang.org/x/net/idna"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// hostnames are misbehaviours in naming records.
var hostnames = []Fault{
	{"at-ignores-host", "@ always means the apex.",
		[]string{"DC-HOST-ROOT"}, owning(func(ask resolve.Request, rec dc.Record, owner string) string {
			if rec.Host == "@" && rec.Data == "at" {
				return ask.Domain
			}
			return owner
		})},
	{"empty-host-skipped", "A record with an empty host is left out.",
		[]string{"DC-HOST-ROOT"}, rendering(func(t *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
			return slices.DeleteFunc(slices.Clone(records), func(r dc.Resolved) bool {
				return t.Records[r.Index].Host == "" && t.Records[r.Index].Type == "TXT"
			}), err
		})},
	{"host-order-swapped", "The host of the request is put in front of the record's.",
		[]string{"DC-HOST-RELATIVE"}, owning(func(ask resolve.Request, rec dc.Record, owner string) string {
			if ask.Host == "" || rec.Type != "TXT" || rec.Host != "www" && rec.Host != "a.b" {
				return owner
			}
			return ask.Host + "." + rec.Host + "." + ask.Domain
		})},
	{"last-label-only", "Of a host with several labels the first is taken.",
		[]string{"DC-HOST-RELATIVE"}, owning(func(ask resolve.Request, rec dc.Record, owner string) string {
			if rec.Host == "a.b" {
				return strings.Replace(owner, "a.b.", "a.", 1)
			}
			return owner
		})},
	{"origin-appended-to-absolute", "A name with a dot at its end is taken for a relative one.",
		[]string{"DC-HOST-ABSOLUTE", "DC-HOST-APEX-BY-DOMAIN"}, owning(func(ask resolve.Request, rec dc.Record, owner string) string {
			if rec.Type == "TXT" && strings.HasSuffix(rec.Host, "%.") {
				return strings.TrimSuffix(owner, ".") + "." + at(ask)
			}
			return owner
		})},
	{"apex-record-under-host", "A record at the domain by name lands below the host of the request.",
		[]string{"DC-HOST-APEX-BY-DOMAIN"}, owning(func(ask resolve.Request, rec dc.Record, owner string) string {
			if rec.Host == "%domain%." {
				return at(ask)
			}
			return owner
		})},
	{"undotted-fqdn-guess", "%fqdn% without a dot at its end is guessed to be a whole name.",
		[]string{"DC-HOST-UNDOTTED-FQDN-DOUBLES"}, owning(func(ask resolve.Request, rec dc.Record, owner string) string {
			if rec.Host == "%fqdn%" {
				return at(ask)
			}
			return owner
		})},
	{"empty-host-leading-dot", "An empty host parameter is refused as a name that begins with a dot.",
		[]string{"DC-HOST-EMPTY-EQUALS-ABSENT", "DC-REQ-HOST-SINGLE"}, both(parameters(func(raw string) string {
			return strings.Replace(raw+"&", "host=&", "host=.&", 1)
		}))},
	{"absent-host-refused", "A request without a host is refused.",
		[]string{"DC-HOST-EMPTY-EQUALS-ABSENT"}, rendering(func(t *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
			if ask.Host == "" && t.ServiceID == "text" {
				return nil, &dc.Error{Class: dc.ErrHostRequired, Record: -1, Field: "host", Message: "host is missing"}
			}
			return records, err
		})},
	{"foreign-zone-write", "A record whose name is in another zone of the same user is written there.",
		[]string{"DC-HOST-OUT-OF-ZONE"}, both(rendering(insideOnly), planning(nothingToDo))},
	{"srv-name-literal-at", "The @ in the name of an SRV becomes a label.",
		[]string{"DC-HOST-SRV-OWNER"}, owning(func(_ resolve.Request, rec dc.Record, owner string) string {
			if rec.Type == "SRV" && rec.Name == "@" && !strings.Contains(rec.Port, "%") && strings.HasPrefix(rec.Target, "sip.") {
				return strings.Replace(owner, "_tcp.", `_tcp.\@.`, 1)
			}
			return owner
		})},
	{"srv-service-behind-name", "Service and protocol of an SRV come behind its name.",
		[]string{"DC-HOST-SRV-OWNER"}, owning(func(_ resolve.Request, rec dc.Record, owner string) string {
			if rec.Type == "SRV" && rec.Name == "voip" {
				return strings.Replace(owner, "_sip._tcp.voip.", "voip._sip._tcp.", 1)
			}
			return owner
		})},
	{"origin-appended-to-target", "Targets are taken for relative names.",
		[]string{"DC-HOST-POINTSTO-FQDN"}, pointing(func(ask resolve.Request, target string) string {
			return target + ask.Domain + "."
		})},
	{"label-truncated", "A label that is too long is cut.",
		[]string{"DC-HOST-VALID-NAME"}, names(func(v string) string {
			if len(v) == 64 {
				return v[:63]
			}
			return v
		})},
	{"name-repaired", "Names that are none are repaired: empty labels and spaces are left out, long ones cut.",
		[]string{"DC-HOST-VALID-NAME"}, names(func(v string) string {
			v = strings.ReplaceAll(strings.ReplaceAll(v, "..", "."), " ", "")
			if len(v) > 200 {
				v = v[:60]
			}
			return v
		})},
	{"ldh-only-host", "Labels with an underscore or an asterisk are refused.",
		[]string{"DC-HOST-UNDERSCORE-WILDCARD"}, rendering(ldhOnly)},
	{"raw-utf8-label", "A label in Unicode is stored as its UTF-8 octets.",
		[]string{"DC-HOST-IDN-TO-ACE"}, owning(func(_ resolve.Request, _ dc.Record, owner string) string {
			return strings.Replace(owner, "xn--bcher-kva.", `b\195\188cher.`, 1)
		})},
	{"ace-label-refused", "A label that is in its ASCII form already is refused.",
		[]string{"DC-HOST-IDN-TO-ACE", "DC-REQ-HOST-SINGLE"}, rendering(func(_ *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
			if unicode, idnaErr := idna.ToUnicode(ask.Host); idnaErr == nil && unicode != ask.Host {
				return nil, &dc.Error{Class: dc.ErrName, Record: -1, Field: "host", Message: "host is no name"}
			}
			return records, err
		})},
	{"scope-by-domain-only", "A template that is applied at a second host moves there.",
		[]string{"DC-HOST-SCOPE-PAIR", "DC-STATE-PER-HOST"}, planning(moves)},
}

// at is the name that a request applies a template at, without a dot at its
// end.
func at(ask resolve.Request) string {
	if ask.Host == "" {
		return ask.Domain
	}
	return ask.Host + "." + ask.Domain
}

// owning gives records other owners.
func owning(name func(ask resolve.Request, rec dc.Record, owner string) string) func(*store.TenantConfig) {
	return rendering(func(t *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
		records = slices.Clone(records)
		for i, r := range records {
			owner := name(ask, t.Records[r.Index], r.Owner)
			if owner = dns.Fqdn(strings.ToLower(owner)); owner == r.Owner {
				continue
			}
			records[i].Owner = owner
			if r.RR != nil {
				records[i].RR = dns.Copy(r.RR)
				records[i].RR.Header().Name = owner
			}
		}
		return records, err
	})
}

// names changes the values of variables that are called name.
func names(change func(string) string) func(*store.TenantConfig) {
	return asking(func(_ *dc.Template, ask *resolve.Request) {
		if v, ok := ask.Variables["name"]; ok {
			ask.Variables["name"] = change(v)
		}
	})
}

// pointing changes what MX and CNAME records of service.example point at.
func pointing(change func(ask resolve.Request, target string) string) func(*store.TenantConfig) {
	return rendering(func(t *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
		if t.ServiceID != "targets" {
			return records, err
		}
		records = slices.Clone(records)
		for i, r := range records {
			switch rr := r.RR.(type) {
			case *dns.MX:
				records[i].RR = &dns.MX{Hdr: rr.Hdr, Preference: rr.Preference, Mx: change(ask, rr.Mx)}
			case *dns.CNAME:
				records[i].RR = &dns.CNAME{Hdr: rr.Hdr, Target: change(ask, rr.Target)}
			}
		}
		return records, err
	})
}

// insideOnly forgives names outside the zone.
func insideOnly(_ *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	if strings.HasSuffix(ask.Variables["name"], ".") {
		return nil, nil
	}
	return records, err
}

// nothingToDo plans no change for a template without records.
func nothingToDo(_ *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
	if len(records) == 0 {
		p.Change, p.Conflicts = zone.Change{}, nil
		return nil
	}
	return err
}

// ldhOnly refuses owners with other labels than host names have.
func ldhOnly(t *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	for _, r := range t.Records {
		if r.Type == "TXT" && strings.ContainsAny(r.Host, "_*") {
			return nil, &dc.Error{Class: dc.ErrName, Record: r.Index, Field: "host", Message: "host is no host name"}
		}
	}
	return records, err
}

// moves removes the records that look like the template's at sibling hosts.
func moves(z *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
	_, parent, nested := strings.Cut(p.Ask.Host, ".")
	if !nested || err != nil {
		return err
	}
	for old := range z.Below(parent + "." + z.Origin()) {
		for _, r := range records {
			if old.Type == r.Type && old.Owner != r.Owner && !slices.Contains(p.Change.Remove, old) {
				p.Change.Remove = append(p.Change.Remove, old)
			}
		}
	}
	return err
}
