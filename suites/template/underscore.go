package template

import (
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// globalNames are the registered underscore names of RFC 8552 (IANA,
// "Underscored and Globally Scoped DNS Node Names"), each with its types. CNAME
// and NS are at home under every one of them. _tls (RFC 8460) and _bimi (its
// draft, widely deployed) are added.
var globalNames = func() map[string][]string {
	names := map[string][]string{}
	for recordType, list := range map[string]string{
		"TXT":        "_acme-challenge _bimi _dmarc _domainkey _mta-sts _spf _sztp _tcp _tls _udp _validation-contactemail _validation-contactphone _vouch",
		"SRV":        "_dccp _http _ipv6 _ldap _ocsp _sctp _sip _tcp _udp _xmpp",
		"URI":        "_acct _dccp _email _ems _fax _ft _h323 _iax _ical-access _ical-sched _ifax _im _mms _pres _pstn _sctp _sip _sms _tcp _udp _unifmsg _vcard _videomsg _voice _voicemsg _vpim _web _xmpp",
		"TLSA":       "_dane _sctp _tcp _udp",
		"HTTPS":      "_https",
		"SVCB":       "_dns",
		"OPENPGPKEY": "_openpgpkey",
		"SMIMEA":     "_smimecert",
	} {
		for name := range strings.FieldsSeq(list) {
			names[name] = append(names[name], recordType)
		}
	}
	return names
}()

func init() {
	declare(Rule{
		ID: "TMPL-UNDERSCORE-NAME", Title: "an underscore name that is not registered for this type", Level: Info, DCTL: []string{"DCTL1021"},
		Why:     "Names that begin with an underscore share one space, and IANA keeps its list. A name of your own can collide with another service's; a registered one with another type is often a slip.",
		Mend:    "Put a label of your company into the name, or register it; check the type.",
		Differs: "The linter tests every label; here only the one nearest the root, since the registry is of these (below _tcp there is _25, below _tls there is _smtp). Labels with a variable are not judged, and _tls and _bimi are known.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				label := globalLabel(r.Host)
				if r.Type == "SRV" || label == "" || strings.Contains(label, "%") {
					return
				}
				types := globalNames[strings.ToLower(label)]
				switch {
				case types == nil:
					p.record(r, "host", "%s is not a registered underscore name", label)
				case r.Type != "CNAME" && r.Type != "NS" && !slices.Contains(types, r.Type):
					p.record(r, "host", "%s is registered for %s, not for %s", label, strings.Join(types, ", "), r.Type)
				}
			})
		},
	})
	declare(Rule{
		ID: "TMPL-UNDERSCORE-INSIDE", Title: "an underscore inside a label", Level: Info, DCTL: []string{"DCTL1025"},
		Why:     "Underscores in front mark names that are no hosts; inside a label they are legal in DNS and refused by some providers' forms.",
		Mend:    "Write a hyphen.",
		Differs: "The linter reports DKIM selectors too, which a mail service can choose freely, and misses an underscore in the second place.",
		check: func(p *pass) {
			p.each(func(r *dc.Record) {
				if label := innerUnderscore(r.Host); label != "" {
					p.record(r, "host", "the label %s has an underscore inside", quoted(label))
				}
			})
		},
	})
}

// globalLabel is the underscore label of a host that is nearest the root.
func globalLabel(host string) string {
	labels := splitLabels(host)
	for i := len(labels) - 1; i >= 0; i-- {
		if strings.HasPrefix(labels[i], "_") {
			return labels[i]
		}
	}
	return ""
}

// innerUnderscore is the first label with an underscore that is not its first
// character, DKIM selectors left out.
func innerUnderscore(host string) string {
	labels := splitLabels(host)
	for i, label := range labels {
		if label == "" || label[0] == '_' || i+1 < len(labels) && strings.EqualFold(labels[i+1], "_domainkey") {
			continue
		}
		if strings.Contains(filled(label, ""), "_") {
			return label
		}
	}
	return ""
}

// splitLabels splits a host at its dots.
func splitLabels(host string) []string { return strings.Split(strings.TrimSuffix(host, "."), ".") }
