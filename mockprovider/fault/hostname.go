package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/miekg/dns"
	"golang.org/x/net/idna"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// hostnames are misbehaviours in naming records.
var hostnames = []Fault{
	{"at-ignores-host", "In a template that writes the root as @ and as an empty host, @ is taken for the apex.",
		[]string{"DC-HOST-ROOT"}, rendering(atIsApex)},
	{"empty-host-skipped", "A record with an empty host is left out.",
		[]string{"DC-HOST-ROOT"}, rendering(func(t *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
			return slices.DeleteFunc(slices.Clone(records), func(r dc.Resolved) bool { return emptyHost(t.Records[r.Index]) }), err
		})},
	{"host-order-swapped", "In a template with a host of several labels the host of the request is put in front of the records'.",
		[]string{"DC-HOST-RELATIVE"}, func(c *store.TenantConfig) {
			var deep atomic.Bool
			both(
				asking(func(t *dc.Template, _ *resolve.Request) { deep.Store(slices.ContainsFunc(t.Records, severalLabels)) }),
				owning(func(ask resolve.Request, _ dc.Record, owner string) string {
					own, relative := strings.CutSuffix(owner, "."+dns.Fqdn(strings.ToLower(at(ask))))
					if ask.Host == "" || !relative || !deep.Load() {
						return owner
					}
					return ask.Host + "." + own + "." + ask.Domain
				}))(c)
		}},
	{"last-label-only", "Of a host with several labels the first is taken.",
		[]string{"DC-HOST-RELATIVE"}, owning(func(ask resolve.Request, rec dc.Record, owner string) string {
			first, more, _ := strings.Cut(rec.Host, ".")
			if !severalLabels(rec) {
				return owner
			}
			return strings.Replace(owner, first+"."+more+".", first+".", 1)
		})},
	{"origin-appended-to-absolute", "A name with a dot at its end is taken for a relative one.",
		[]string{"DC-HOST-ABSOLUTE", "DC-HOST-APEX-BY-DOMAIN"}, owning(func(ask resolve.Request, rec dc.Record, owner string) string {
			if strings.HasSuffix(rec.Host, ".") {
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
		[]string{"DC-HOST-EMPTY-EQUALS-ABSENT"}, rendering(func(_ *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
			if ask.Host == "" {
				return nil, &dc.Error{Class: dc.ErrHostRequired, Record: -1, Field: "host", Message: "host is missing"}
			}
			return records, err
		})},
	{"foreign-zone-write", "A record whose name is outside the zone is taken, for whatever zone it is in.",
		[]string{"DC-HOST-OUT-OF-ZONE"}, both(rendering(insideOnly), planning(nothingToDo))},
	{"srv-name-literal-at", "The @ in the name of an SRV becomes a label.",
		[]string{"DC-HOST-SRV-OWNER"}, owning(func(_ resolve.Request, rec dc.Record, owner string) string {
			if prefix := rec.Service + "." + rec.Protocol + "."; rec.Type == "SRV" && rec.Name == "@" {
				return strings.Replace(owner, prefix, prefix+`\@.`, 1)
			}
			return owner
		})},
	{"srv-service-behind-name", "Service and protocol of an SRV come behind its name.",
		[]string{"DC-HOST-SRV-OWNER"}, owning(func(_ resolve.Request, rec dc.Record, owner string) string {
			prefix := rec.Service + "." + rec.Protocol + "."
			if rec.Type != "SRV" || rec.Name == "@" || rec.Name == "" {
				return owner
			}
			return strings.Replace(owner, prefix+rec.Name+".", rec.Name+"."+prefix, 1)
		})},
	{"origin-appended-to-target", "In a template that ends one pointsTo in a dot, those without are taken for relative names.",
		[]string{"DC-HOST-POINTSTO-FQDN"}, rendering(relativeTargets)},
	{"dotted-target-doubled", "The origin is appended to a pointsTo that ends in a dot, and to no other.",
		[]string{"DC-HOST-POINTSTO-FQDN"}, rereading(func(ask *resolve.Request, rec *dc.Record) bool {
			if !dottedTarget(*rec) {
				return false
			}
			rec.PointsTo += ask.Domain
			return true
		})},
	{"origin-appended-to-service", "An SRV target that a variable brings, without a dot at its end, is taken for a relative name.",
		[]string{"DC-HOST-POINTSTO-FQDN"}, broughtTarget(false)},
	{"origin-appended-to-dotted-service", "The origin is appended to an SRV target that a variable brings, when it ends in a dot.",
		[]string{"DC-HOST-POINTSTO-FQDN"}, broughtTarget(true)},
	{"label-truncated", "A label that is too long is cut.",
		[]string{"DC-HOST-VALID-NAME"}, valuesIn(hostField, func(_ *resolve.Request, v string) string {
			labels := strings.Split(v, ".")
			for i, l := range labels {
				labels[i] = l[:min(len(l), 63)]
			}
			return strings.Join(labels, ".")
		})},
	{"name-repaired", "Names that are none are repaired: empty labels and spaces are left out, and of a name that is too long the first labels.",
		[]string{"DC-HOST-VALID-NAME"}, valuesIn(hostField, repaired)},
	{"ldh-only-host", "Labels with an underscore or an asterisk are refused.",
		[]string{"DC-HOST-UNDERSCORE-WILDCARD"}, rendering(ldhOnly)},
	{"raw-utf8-label", "A label in Unicode is stored as its UTF-8 octets.",
		[]string{"DC-HOST-IDN-TO-ACE"}, owning(func(ask resolve.Request, _ dc.Record, owner string) string {
			if plain, err := idna.ToUnicode(owner); err == nil && foreignLetters(ask.Host) {
				return escaped(plain)
			}
			return owner
		})},
	{"ace-label-refused", "A label that is in its ASCII form already is refused.",
		[]string{"DC-HOST-IDN-TO-ACE", "DC-REQ-HOST-SINGLE"}, rendering(func(_ *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
			if unicode, idnaErr := idna.ToUnicode(ask.Host); idnaErr == nil && unicode != ask.Host {
				return nil, &dc.Error{Class: dc.ErrName, Record: -1, Field: "host", Message: "host is no name"}
			}
			return records, err
		})},
	{"scope-by-domain-only", "A template that is applied at a second host moves there.",
		[]string{"DC-HOST-SCOPE-PAIR", "DC-STATE-PER-HOST"}, remembered(movedTo, true)},
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

// emptyHost reports whether a record gives an empty host. SRV have none: they
// have a name.
func emptyHost(rec dc.Record) bool { return rec.Host == "" && rec.Has("host") }

// severalLabels reports whether a record has a relative host of several labels.
func severalLabels(rec dc.Record) bool {
	return strings.Contains(strings.TrimSuffix(rec.Host, "."), ".")
}

// dottedTarget reports whether a record's pointsTo ends in a dot.
func dottedTarget(rec dc.Record) bool { return strings.HasSuffix(rec.PointsTo, ".") }

// relativeTargets takes names without a dot at the end for relative ones where
// others have one, as in a zone file.
func relativeTargets(t *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	if err != nil || !slices.ContainsFunc(t.Records, dottedTarget) {
		return records, err
	}
	bent := *t
	bent.Records = slices.Clone(t.Records)
	for i, rec := range bent.Records {
		if isNamed := rec.Type == "MX" || rec.Type == "CNAME"; isNamed && !dottedTarget(rec) {
			bent.Records[i].PointsTo += "." + ask.Domain
		}
	}
	return resolve.Resolve(&bent, ask, dc.Rules{})
}

// atIsApex tells two spellings of the root apart.
func atIsApex(t *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	if !slices.ContainsFunc(t.Records, emptyHost) {
		return records, err
	}
	records = slices.Clone(records)
	for i, r := range records {
		if r.RR != nil && t.Records[r.Index].Host == "@" {
			records[i].Owner = dns.Fqdn(strings.ToLower(ask.Domain))
			records[i].RR = dns.Copy(r.RR)
			records[i].RR.Header().Name = records[i].Owner
		}
	}
	return records, err
}

// repaired makes a name of a value that is none.
func repaired(ask *resolve.Request, v string) string {
	labels := strings.FieldsFunc(strings.ReplaceAll(v, " ", ""), func(c rune) bool { return c == '.' })
	const most = 253 // characters of a name, without a dot at its end
	for len(labels) > 1 && len(strings.Join(labels, ".")+"."+at(*ask)) > most {
		labels = labels[1:]
	}
	whole := ""
	if strings.HasSuffix(v, ".") {
		whole = "."
	}
	return strings.Join(labels, ".") + whole
}

// escaped is a name whose octets beyond ASCII are escaped.
func escaped(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		if c > 0x7f {
			fmt.Fprintf(&b, `\%03d`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// broughtTarget appends the zone's name to the targets of SRV that variables
// bring with a dot at the end, or without one.
func broughtTarget(dotted bool) func(*store.TenantConfig) {
	return rereading(func(ask *resolve.Request, rec *dc.Record) bool {
		changed := false
		for _, found := range expression.FindAllStringSubmatch(rec.Target, -1) {
			v := ask.Variables[found[1]]
			if rec.Type == "SRV" && v != "." && v != "@" && strings.HasSuffix(v, ".") == dotted {
				ask.Variables[found[1]] = strings.TrimSuffix(v, ".") + "." + ask.Domain
				changed = true
			}
		}
		return changed
	})
}

// insideOnly forgives names outside the zone.
func insideOnly(_ *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	var refused *dc.Error
	if errors.As(err, &refused) && refused.Class == dc.ErrOutOfZone {
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
		if strings.ContainsAny(r.Host, "_*") {
			return nil, &dc.Error{Class: dc.ErrName, Record: r.Index, Field: "host", Message: "host is no host name"}
		}
	}
	return records, err
}
