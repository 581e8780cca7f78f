package compliance

import (
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// adaptation is a deviation that would hide all others: our core refuses the
// case as it stands, with the class given. So what it refuses is replaced by
// stand-ins, and the case is tried with them.
type adaptation struct {
	name, clause string
	refuses      dc.ErrorClass
	// apply replaces in q, and reports whether there was anything.
	apply func(q *question) bool
}

// adaptations are in the order in which the core looks at things.
var adaptations = []adaptation{
	{
		name: "the-apex-has-no-host", refuses: dc.ErrRequest,
		clause: "ietf-05 8.3.2: host is a relative name or empty; @ belongs to templates. There it is the apex. The stand-in is no host.",
		apply:  apexHost,
	},
	{
		name: "zone-data-is-valid", refuses: dc.ErrZone,
		clause: "RFC 1035 3.3: the zone of a DNS provider holds no address like abc. Stand-ins are addresses from the documentation ranges.",
		apply:  validZone,
	},
	{
		name: "srv-service-is-a-label", refuses: dc.ErrService,
		clause: "ietf-05 3, 6.2, RFC 2782: service and protocol are labels with an underscore and make the owner; there they are a host name and a word beside it. Stand-ins are labels.",
		apply:  validServices,
	},
	{
		name: "spf-rules-are-checked", refuses: dc.ErrSPF,
		clause: "ietf-05 6.2, RFC 7208 5: spfRules are mechanisms and modifiers, and foo is neither. Stand-ins are includes.",
		apply:  validSPF,
	},
}

// apexHost replaces the host @ of cases about state, and that of their zone's
// instances.
func apexHost(q *question) bool {
	if !q.Input.MultiAware || q.host != "@" {
		return false
	}
	q.host = ""
	return true
}

// validZone replaces addresses in the zone that are none.
func validZone(q *question) bool {
	records := slices.Clone(q.Input.ZoneRecords)
	seen := map[string]string{}
	var back []string
	for i, r := range records {
		typ := strings.ToUpper(r.Type)
		if typ != "A" && typ != "AAAA" {
			continue
		}
		if ip, err := netip.ParseAddr(r.Data); err == nil && ip.Is4() == (typ == "A") {
			continue
		}
		if seen[typ+r.Data] == "" {
			stand := fmt.Sprintf("198.51.100.%d", 200+len(seen))
			if typ == "AAAA" {
				stand = fmt.Sprintf("2001:db8:ffff::%d", 200+len(seen))
			}
			seen[typ+r.Data] = stand
			back = append(back, stand, r.Data)
		}
		records[i].Data = seen[typ+r.Data]
	}
	q.Input.ZoneRecords = records
	q.translate(back)
	return len(back) > 0
}

// translate adds to what is replaced in our answer: stand-in, original, and so
// on. No stand-in is part of another text.
func (q *question) translate(pairs []string) {
	q.pairs = append(slices.Clone(q.pairs), pairs...)
	q.back = strings.NewReplacer(q.pairs...)
}

// serviceHost is what the other engine takes for a service.
var serviceHost = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$`)

var serviceLabel = regexp.MustCompile(`^_[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`)

// nameServices gives every SRV of the zone an owner, whatever it calls its
// service; one that says nothing has that of the new SRV at its name.
func (q *question) nameServices() {
	records := slices.Clone(q.Input.ZoneRecords)
	for i, r := range records {
		if !strings.EqualFold(r.Type, "SRV") {
			continue
		}
		if r.Service == "" && r.Protocol == "" {
			for _, f := range q.fresh() {
				if f.typ == "SRV" && f.name == ownerText(r.Name) {
					records[i].Service, records[i].Protocol = q.text(f.old, "service"), q.text(f.old, "protocol")
				}
			}
		}
		q.service(serviceKey(records[i].Service, records[i].Protocol))
	}
	q.Input.ZoneRecords = records
	for _, f := range q.fresh() {
		service, protocol := q.text(f.old, "service"), q.text(f.old, "protocol")
		if f.typ == "SRV" && serviceLabel.MatchString(service) && serviceLabel.MatchString(protocol) {
			q.services[serviceKey(service, protocol)] = strings.ToLower(service + "." + protocol)
		}
	}
}

// service returns the labels for a service.
func (q *question) service(key string) string {
	if q.services[key] == "" {
		q.services[key] = fmt.Sprintf("_stand-in-%d._tcp", len(q.services)+1)
	}
	return q.services[key]
}

// validServices replaces services and the protocols tcp, udp and tls of the
// template by labels. Other protocols are wrong for both engines, and so are
// services that are no host names either.
func validServices(q *question) bool {
	changed := false
	records := slices.Clone(q.Input.TemplateRecords)
	for i, r := range records {
		if strings.ToUpper(q.text(r, "type")) != "SRV" {
			continue
		}
		service, protocol := q.text(r, "service"), q.text(r, "protocol")
		key := serviceKey(service, protocol)
		_, word, _ := strings.Cut(key, "/")
		known := word == "tcp" || word == "udp" || word == "tls"
		if !known || !serviceHost.MatchString(service) || serviceLabel.MatchString(service) && serviceLabel.MatchString(protocol) {
			continue
		}
		records[i] = maps.Clone(r)
		records[i]["service"], records[i]["protocol"], _ = strings.Cut(q.service(key), ".")
		changed = true
	}
	q.Input.TemplateRecords = records
	return changed
}

var mechanism = regexp.MustCompile(`(?i)^[+~?-]?(all|a|mx|ptr|include|exists|ip4|ip6)([:/].*)?$|^[A-Za-z][A-Za-z0-9._-]*=`)

// validSPF replaces words that are no SPF terms, in the template and in the
// SPF records of the zone.
func validSPF(q *question) bool {
	stands := map[string]string{}
	var back []string
	replace := func(rules string) string {
		words := strings.Fields(rules)
		for i, word := range words {
			if mechanism.MatchString(word) || strings.EqualFold(word, "v=spf1") {
				continue
			}
			if stands[word] == "" {
				stands[word] = fmt.Sprintf("include:stand-in-%c.example", 'a'+len(stands))
				back = append(back, stands[word], word)
			}
			words[i] = stands[word]
		}
		return strings.Join(words, " ")
	}
	template, zone := slices.Clone(q.Input.TemplateRecords), slices.Clone(q.Input.ZoneRecords)
	for i, r := range template {
		if rules := q.text(r, "spfRules"); rules != "" {
			template[i] = maps.Clone(r)
			template[i]["spfRules"] = replace(rules)
		}
	}
	for i, r := range zone {
		if strings.EqualFold(r.Type, "TXT") && isSPF(decodeText(r.Data)) {
			zone[i].Data = replace(decodeText(r.Data))
		}
	}
	q.Input.TemplateRecords, q.Input.ZoneRecords = template, zone
	q.translate(back)
	return len(back) > 0
}

func isSPF(text string) bool {
	return strings.EqualFold(text, "v=spf1") || len(text) > 6 && strings.EqualFold(text[:7], "v=spf1 ")
}
