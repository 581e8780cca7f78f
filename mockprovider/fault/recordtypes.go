package fault

import (
	"errors"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// recordTypes are misbehaviours with types of records and their data.
var recordTypes = []Fault{
	{"broadcast-address-refused", "An IPv4 address that ends in 255 is refused.",
		[]string{"DC-RT-CORE"}, refusingRR(func(rr dns.RR) bool { a, ok := rr.(*dns.A); return ok && a.A.To4()[3] == 255 })},
	{"ipv6-column-too-short", "An IPv6 address is refused when it has more than 32 characters.",
		[]string{"DC-RT-CORE"}, refusingRR(func(rr dns.RR) bool { a, ok := rr.(*dns.AAAA); return ok && len(a.AAAA.String()) > 32 })},
	{"cname-underscore-refused", "A CNAME to a name with an underscore is refused.",
		[]string{"DC-RT-CORE"}, refusingRR(func(rr dns.RR) bool { c, ok := rr.(*dns.CNAME); return ok && strings.HasPrefix(c.Target, "_") })},
	{"txt-base64-plus-lost", "In a text with the signs of base64, + and /, the plus becomes a space.",
		[]string{"DC-RT-CORE"}, storing(func(_ dc.Resolved, text string) string {
			if !strings.Contains(text, "/") {
				return text
			}
			return strings.ReplaceAll(text, "+", " ")
		})},
	{"mx-zero-is-ten", "The preference 0 of an MX is taken for none given, and 10 written.",
		[]string{"DC-RT-CORE"}, retyping(func(r dc.Resolved) dns.RR {
			if mx, ok := r.RR.(*dns.MX); ok && mx.Preference == 0 {
				return &dns.MX{Hdr: mx.Hdr, Preference: 10, Mx: mx.Mx}
			}
			return r.RR
		})},
	{"srv-weight-priority-swapped", "Weight and priority of an SRV change places where the priority is 0.",
		[]string{"DC-RT-CORE"}, retyping(func(r dc.Resolved) dns.RR {
			if srv, ok := r.RR.(*dns.SRV); ok && srv.Priority == 0 {
				return &dns.SRV{Hdr: srv.Hdr, Priority: srv.Weight, Weight: srv.Priority, Port: srv.Port, Target: srv.Target}
			}
			return r.RR
		})},
	{"string-ttl-refused", "Numbers in quotes are refused.",
		[]string{"DC-RT-NUMBER-OR-STRING"}, rendering(bareNumbers)},
	{"srv-dot-empty", "The target . of an SRV becomes the name of the host.",
		[]string{"DC-RT-SRV-DOT-TARGET"}, rendering(rootlessTarget)},
	{"txt-cut-255", "A text is cut after 255 octets.",
		[]string{"DC-RT-TXT-LONG"}, storing(func(_ dc.Resolved, text string) string { return text[:min(255, len(text))] })},
	{"txt-space-inserted", "A space is put where a text is cut into strings.",
		[]string{"DC-RT-TXT-LONG"}, storing(func(_ dc.Resolved, text string) string {
			if len(text) > 255 {
				return text[:255] + " " + text[255:]
			}
			return text
		})},
	{"txt-two-strings-at-most", "What follows the 420th octet of a text is lost.",
		[]string{"DC-RT-TXT-LONG"}, storing(func(_ dc.Resolved, text string) string { return text[:min(420, len(text))] })},
	{"mx-literal-at", "@ as the mail server is written as a name.",
		[]string{"DC-RT-MX-SPECIAL", "DC-VAR-AT-IN-POINTSTO"}, rendering(literalAt)},
	{"ns-silently-skipped", "An NS is left out, and the rest of the template written.",
		[]string{"DC-RT-NS-OPTIONAL"}, keepingSome(func(r dc.Resolved) bool { return r.Type != "NS" })},
	{"unknown-type-as-txt", "Data of a type that the database does not know is stored as a TXT.",
		[]string{"DC-RT-GENERIC-OPTIONAL"}, rendering(asText(func(r dc.Resolved, _ string) bool {
			return r.Type == "TLSA" || strings.HasPrefix(r.Type, "TYPE")
		}))},
	{"rfc3597-as-text", `Data of the form \# is stored as a text.`,
		[]string{"DC-RT-GENERIC-DATA"}, rendering(asText(func(_ dc.Resolved, data string) bool { return strings.HasPrefix(data, `\#`) }))},
	{"raw-rdata-breaks-zone", "Data of other types is written into the zone file unseen, so that what stands there cannot be loaded.",
		[]string{"DC-RT-GENERIC-CHECKED"}, rendering(brokenData)},
	{"unsupported-type-dropped", "Records of a type that does not exist are left out, and the rest written.",
		[]string{"DC-RT-UNSUPPORTED-WHOLE"}, func(c *store.TenantConfig) { c.Hooks.Template = append(c.Hooks.Template, knownOnly) }},
	{"rrsig-by-template", "A template can write RRSIG and other records of the name server.",
		[]string{"DC-RT-DNSSEC-TYPES-KEPT-OUT"}, both(
			func(c *store.TenantConfig) { c.Hooks.Template = append(c.Hooks.Template, disguised) },
			rendering(undisguised),
			planning(func(_ *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
				if slices.ContainsFunc(records, func(r dc.Resolved) bool { return r.Type == "SOA" }) {
					p.Change, err = zone.Change{}, nil
				}
				return err
			}))},
	{"redir-target-lowercased", "The target of a redirect is written in lower case.",
		[]string{"DC-RT-REDIR"}, forwards(func(r *dc.Resolved) { r.Value = strings.ToLower(r.Value) })},
	{"redir-always-302", "Every redirect is for a time.",
		[]string{"DC-RT-REDIR"}, forwards(func(r *dc.Resolved) { r.Type = dc.TypeREDIR302 })},
	{"redir-not-served", "Redirects are stored, and nobody answers for them.",
		[]string{"DC-RT-REDIR"}, keeping(func(_ resolve.Request, r dc.Resolved) bool {
			return r.Type != dc.TypeREDIR301 && r.Type != dc.TypeREDIR302
		})},
	{"literal-apex-cname", "An APEXCNAME becomes a CNAME.",
		[]string{"DC-RT-APEXCNAME"}, rendering(aliased)},
}

// refusingRR refuses requests with a record that is not liked.
func refusingRR(bad func(rr dns.RR) bool) func(*store.TenantConfig) {
	return rendering(func(_ *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
		for _, r := range records {
			if r.RR != nil && bad(r.RR) {
				return nil, &dc.Error{Class: dc.ErrData, Record: r.Index, Message: "the value cannot be used"}
			}
		}
		return records, err
	})
}

// retyping changes records.
func retyping(change func(r dc.Resolved) dns.RR) func(*store.TenantConfig) {
	return rendering(func(_ *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
		for i, r := range records {
			records[i].RR = change(r)
		}
		return records, err
	})
}

// keepingSome leaves records out of templates that have others too.
func keepingSome(keep func(r dc.Resolved) bool) func(*store.TenantConfig) {
	return rendering(func(_ *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
		var kept []dc.Resolved
		for _, r := range records {
			if keep(r) {
				kept = append(kept, r)
			}
		}
		if len(kept) == 0 {
			return records, err
		}
		return kept, err
	})
}

func bareNumbers(t *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	for i := range t.Records {
		if value := string(t.Records[i].Member("ttl")); strings.HasPrefix(value, `"`) && !strings.Contains(value, "%") {
			return nil, &dc.Error{Class: dc.ErrNumber, Record: i, Field: "ttl", Message: "a number is expected"}
		}
	}
	return records, err
}

func rootlessTarget(_ *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	for i, r := range records {
		if srv, ok := r.RR.(*dns.SRV); ok && srv.Target == "." {
			here := dns.Fqdn(strings.TrimPrefix(ask.Host+"."+ask.Domain, "."))
			records[i].RR = &dns.SRV{Hdr: srv.Hdr, Priority: srv.Priority, Weight: srv.Weight, Port: srv.Port, Target: here}
		}
	}
	return records, err
}

func literalAt(t *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	for i, r := range records {
		if mx, ok := r.RR.(*dns.MX); ok && t.Records[r.Index].PointsTo == "@" {
			records[i].RR = &dns.MX{Hdr: mx.Hdr, Preference: mx.Preference, Mx: `\@.`}
		}
	}
	return records, err
}

// asText stores the data of some records as a TXT.
func asText(pick func(r dc.Resolved, data string) bool) func(*dc.Template, resolve.Request, []dc.Resolved, error) ([]dc.Resolved, error) {
	return func(t *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
		for i, r := range records {
			if data := t.Records[r.Index].Data; pick(r, data) {
				records[i] = textInstead(r, data)
			}
		}
		return records, err
	}
}

func textInstead(r dc.Resolved, data string) dc.Resolved {
	r.RR = &dns.TXT{Hdr: dns.RR_Header{Name: r.Owner, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: r.TTL}, Txt: []string{strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(data)}}
	r.Type = "TXT"
	return r
}

// brokenData writes something in the place of data that is none.
func brokenData(t *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	var wrong *dc.Error
	if !errors.As(err, &wrong) || wrong.Class != dc.ErrData {
		return records, err
	}
	owner := dns.Fqdn(strings.TrimPrefix(ask.Host+"."+ask.Domain, "."))
	return []dc.Resolved{textInstead(dc.Resolved{Index: wrong.Record, Owner: owner, TTL: 600}, "unreadable data")}, nil
}

// knownOnly leaves out what has a type that does not exist.
func knownOnly(t *dc.Template) *dc.Template {
	if t == nil {
		return nil
	}
	known := *t
	known.Records = slices.DeleteFunc(slices.Clone(t.Records), func(r dc.Record) bool {
		_, _, ok := dc.CanonicalType(r.Type)
		return !ok
	})
	return &known
}

// own are the types of the name server.
var own = []string{"RRSIG", "DNSKEY", "NSEC", "SOA"}

// disguised has records of the name server's types pass for texts; the type is
// kept where a text without a mode has no use for it.
func disguised(t *dc.Template) *dc.Template {
	if t == nil || !slices.ContainsFunc(t.Records, func(r dc.Record) bool { return slices.Contains(own, r.Type) }) {
		return t
	}
	open := *t
	open.Records = slices.Clone(t.Records)
	for i, r := range open.Records {
		if slices.Contains(own, r.Type) {
			open.Records[i].Type, open.Records[i].TXTPrefix = "TXT", r.Type
		}
	}
	return &open
}

func undisguised(t *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	for i, r := range records {
		kind := t.Records[r.Index].TXTPrefix
		if r.Type != "TXT" || !slices.Contains(own, kind) {
			continue
		}
		rr, parseErr := dns.NewRR(r.Owner + " 600 IN " + kind + " " + t.Records[r.Index].Data)
		if parseErr == nil {
			records[i].RR, records[i].Type = rr, kind
		}
	}
	return records, err
}

func aliased(_ *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	for i, r := range records {
		if r.Type == dc.TypeAPEXCNAME {
			records[i].Type = "CNAME"
			records[i].RR = &dns.CNAME{Hdr: dns.RR_Header{Name: r.Owner, Rrtype: dns.TypeCNAME, Class: dns.ClassINET, Ttl: r.TTL}, Target: r.Value}
		}
	}
	return records, err
}

// forwards changes REDIR301 and REDIR302.
func forwards(change func(r *dc.Resolved)) func(*store.TenantConfig) {
	return rendering(func(_ *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
		for i := range records {
			if records[i].Type == dc.TypeREDIR301 || records[i].Type == dc.TypeREDIR302 {
				change(&records[i])
			}
		}
		return records, err
	})
}
