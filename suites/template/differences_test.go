package template

import (
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// difference is one named way in which we and the official linter disagree
// about a code. It is decided by what a template holds, never by which it is.
type difference struct {
	code, name, reason string
	// speaks: the linter has the code where we have nothing.
	speaks func(t *dc.Template) bool
	// silent: the linter does not make this finding of ours.
	silent func(t *dc.Template, ours []Finding, f Finding) bool
	// records (or a whole template, when it begins with {) show it.
	example string
	// profile is that of the example.
	profile string
}

func anyRecord(is func(r *dc.Record) bool) func(t *dc.Template) bool {
	return func(t *dc.Template) bool {
		for i := range t.Records {
			if is(&t.Records[i]) {
				return true
			}
		}
		return false
	}
}

// two reports whether the linter takes a text for one with a variable.
func two(s string) bool { return strings.Count(s, "%") > 1 }

// anyLabel looks at every label of every host.
func anyLabel(is func(r *dc.Record, labels []string, i int) bool) func(t *dc.Template) bool {
	return anyRecord(func(r *dc.Record) bool {
		labels := strings.Split(r.Host, ".")
		for i := range labels {
			if is(r, labels, i) {
				return true
			}
		}
		return false
	})
}

// outside reports whether a label has an underscore outside variables.
func outside(label string) bool {
	inside := false
	for _, c := range label {
		switch {
		case c == '%':
			inside = !inside
		case c == '_' && !inside:
			return true
		}
	}
	return false
}

// linterKnows is the linter's registry, for the types that can pass.
func linterKnows(label, recordType string) bool {
	lists := map[string]string{
		"TXT":  " _acme-challenge _dmarc _domainkey _mta-sts _spf _sztp _tcp _udp _validation-contactemail _validation-contactphone _vouch ",
		"SRV":  " _dccp _http _ipv6 _ldap _ocsp _sctp _sip _tcp _udp _xmpp ",
		"URI":  " _acct _dccp _email _ems _fax _ft _h323 _iax _ical-access _ical-sched _ifax _im _mms _pres _pstn _sctp _sip _sms _tcp _udp _unifmsg _vcard _videomsg _voice _voicemsg _vpim _web _xmpp ",
		"TLSA": " _dane _sctp _tcp _udp ", "HTTPS": " _https ", "SVCB": " _dns ", "OPENPGPKEY": " _openpgpkey ", "SMIMEA": " _smimecert ",
	}
	word := " " + strings.ToLower(label) + " "
	if recordType != "CNAME" && recordType != "NS" {
		return strings.Contains(lists[recordType], word)
	}
	for _, list := range lists {
		if strings.Contains(list, word) {
			return true
		}
	}
	return false
}

// lastVariable is the linter's machine for 1039, for one file alone.
func lastVariable(t *dc.Template) bool {
	name := ""
	for i := range t.Records {
		host := t.Records[i].Host
		if i > 0 && name == "" {
			break
		}
		switch {
		case !two(host):
			name = ""
		case strings.HasSuffix(host, "%"):
			inner := host[strings.IndexByte(host, '%')+1 : len(host)-1]
			if i > 0 && inner != name {
				inner = ""
			}
			name = inner
		}
	}
	return name != ""
}

// besideLast is the linter's comparison for 1011.
func besideLast(t *dc.Template) bool {
	last := map[string]string{}
	for i := range t.Records {
		r := &t.Records[i]
		key := r.GroupID + "/" + r.Host
		if before, ok := last[key]; ok && (before == "CNAME" || r.Type == "CNAME") {
			return true
		}
		last[key] = r.Type
	}
	return false
}

// scanned are the fields that the linter scans for variables, whatever the
// type.
func scanned(code string) func(t *dc.Template) bool {
	return anyRecord(func(r *dc.Record) bool {
		for _, text := range []string{r.Host, r.Name, r.PointsTo, r.Data, r.TXTPrefix, r.Service, r.Target, r.SPFRules} {
			if scan(text) == code {
				return true
			}
		}
		return false
	})
}

func scan(text string) string {
	for i, part := range strings.Split(text, "%") {
		if i%2 == 1 && strings.Trim(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "DCTL1019"
		}
	}
	switch {
	case strings.Contains(text, "%host%"):
		return "DCTL1024"
	case strings.Count(text, "%")%2 == 1:
		return "DCTL1020"
	}
	return ""
}

func missingSRV(members ...string) func(t *dc.Template) bool {
	return anyRecord(func(r *dc.Record) bool {
		for _, m := range members {
			if r.Type == "SRV" && r.Text(m) == "" {
				return true
			}
		}
		return false
	})
}

// differences is the closed list.
var differences = []difference{
	{
		code: "*", name: "stops", reason: "the linter says nothing else of a file with a member or a JSON type that it does not know",
		silent: func(_ *dc.Template, ours []Finding, f Finding) bool {
			for _, o := range ours {
				if o.DCTL == "DCTL0003" {
					return f.DCTL != "DCTL0003"
				}
			}
			return false
		},
		example: `{"providerId": "a.example", "providerName": "A", "serviceId": "s", "serviceName": "S", "version": 1, "crit": ["vnd.a.b"], "records": [{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 300}]}`,
	},
	{
		code: "DCTL0003", name: "byte-order-mark", reason: "RFC 8259 lets a parser skip it",
		speaks:  func(t *dc.Template) bool { return strings.HasPrefix(string(t.Raw), "\xef\xbb\xbf") },
		example: "\xef\xbb\xbf{\"providerId\": \"a.example\", \"providerName\": \"A\", \"serviceId\": \"s\", \"serviceName\": \"S\", \"version\": 1, \"syncPubKeyDomain\": \"keys.example.net\", \"records\": []}",
	},
	{
		code: "DCTL0008", name: "said-once", reason: "the empty main value of TXT, SRV and redirects has a code already (1005, 1013)",
		speaks: anyRecord(func(r *dc.Record) bool {
			return r.Type == "TXT" && r.Data == "" || r.Type == "SRV" && r.Target == "" || isRedirect(r.Type) && r.Target == "" && r.Host != ""
		}),
		example: `{"type": "TXT", "host": "@", "data": "", "ttl": 300}`,
	},
	{
		code: "DCTL1005", name: "id-of-64", reason: "ietf-05 has 63 characters",
		silent: func(t *dc.Template, _ []Finding, f Finding) bool {
			return f.Rule == "TMPL-ID-SYNTAX" && (f.Field == "providerId" && len(t.ProviderID) == 64 || f.Field == "serviceId" && len(t.ServiceID) == 64)
		},
		example: `{"providerId": "` + strings.Repeat("a", 64) + `", "providerName": "A", "serviceId": "s", "serviceName": "S", "version": 1, "syncPubKeyDomain": "keys.example.net", "records": []}`,
	},
	{
		code: "DCTL1005", name: "provider-name-of-65", reason: "ietf-05 allows 255 characters",
		speaks:  func(t *dc.Template) bool { return len([]rune(t.ProviderName)) > 64 },
		example: `{"providerId": "a.example", "providerName": "` + strings.Repeat("A", 65) + `", "serviceId": "s", "serviceName": "S", "version": 1, "syncPubKeyDomain": "keys.example.net", "records": []}`,
	},
	{
		code: "DCTL1005", name: "length-of-a-name", reason: "we say what DNS allows, by label and in whole, under the rules for host and pointsTo",
		speaks: anyRecord(func(r *dc.Record) bool {
			return len([]rune(r.PointsTo)) > 255 || len([]rune(r.Name)) > 63 || len([]rune(r.Type)) > 16
		}),
		example: `{"type": "CNAME", "host": "www", "pointsTo": "` + strings.Repeat("aaaaaaa.", 33) + `example", "ttl": 300}`,
	},
	{
		code: "DCTL1005", name: "mode-of-another-type", reason: "the member means nothing there, so its value does not matter",
		speaks: anyRecord(func(r *dc.Record) bool {
			return r.Type != "TXT" && r.TXTMode != "" && r.TXTMode != "None" && r.TXTMode != "All" && r.TXTMode != "Prefix"
		}),
		example: `{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 300, "txtConflictMatchingMode": "Most"}`,
	},
	{
		code: "DCTL1009", name: "per-cent-signs-in-prose", reason: "a variable is a name between two signs",
		speaks: func(t *dc.Template) bool {
			return two(t.ProviderName) || two(t.ServiceName) ||
				anyRecord(func(r *dc.Record) bool { return two(r.Type) || two(r.GroupID) || two(r.TXTPrefix) })(t)
		},
		example: `{"providerId": "a.example", "providerName": "50% or 60%", "serviceId": "s", "serviceName": "S", "version": 1, "syncPubKeyDomain": "keys.example.net", "records": []}`,
	},
	{
		code: "DCTL1011", name: "host-of-no-owner", reason: "SRV, redirects and equal records do not clash by the text in host",
		speaks:  besideLast,
		example: `{"type": "CNAME", "host": "www", "pointsTo": "a.example", "ttl": 300}, {"type": "CNAME", "host": "www", "pointsTo": "a.example", "ttl": 300}`,
	},
	{
		code: "DCTL1013", name: "service-said-once", reason: "an empty service of SRV has a code already (1005)",
		speaks:  missingSRV("service"),
		example: `{"type": "SRV", "name": "@", "service": "", "protocol": "_tcp", "target": "a.example", "priority": 0, "weight": 0, "port": 5060, "ttl": 300}`,
	},
	{
		code: "DCTL1014", name: "spf-in-prose", reason: "a policy begins with the tag",
		speaks:  anyRecord(func(r *dc.Record) bool { return r.Type == "TXT" && strings.Contains(r.Data, "v=spf1") }),
		example: `{"type": "TXT", "host": "@", "data": "see v=spf1 there", "ttl": 300}`,
	},
	{
		code: "DCTL1015", name: "numbers-said-once", reason: "empty numbers of SRV have a code already (1005)",
		speaks:  missingSRV("priority", "weight", "port", "protocol"),
		example: `{"type": "SRV", "name": "@", "service": "_sip", "protocol": "_tcp", "target": "a.example", "priority": "", "weight": 0, "port": 5060, "ttl": 300}`,
	},
	{
		code: "DCTL1015", name: "sctp-and-dccp", reason: "ietf-05 has both",
		speaks: anyRecord(func(r *dc.Record) bool {
			p := strings.ToLower(r.Protocol)
			return r.Type == "SRV" && (p == "_sctp" || p == "_dccp")
		}),
		example: `{"type": "SRV", "name": "@", "service": "_sip", "protocol": "_sctp", "target": "a.example", "priority": 0, "weight": 0, "port": 5060, "ttl": 300}`,
	},
	{
		code: "DCTL1016", name: "no-type-said-once", reason: "a missing type has a code already (1005)",
		speaks:  anyRecord(func(r *dc.Record) bool { return r.Type == "" }),
		example: `{"host": "@", "pointsTo": "192.0.2.1", "ttl": 300}`,
	},
	{
		code: "DCTL1017", name: "ends-in-the-letters-all", reason: "the mechanism all is a term of its own",
		speaks: anyRecord(func(r *dc.Record) bool {
			return r.Type == "SPFM" && strings.HasSuffix(strings.ToLower(r.SPFRules), "all")
		}),
		example: `{"type": "SPFM", "host": "@", "spfRules": "include:firewall"}`,
	},
	{
		code: "DCTL1017", name: "prefix-lengths", reason: "a/24 and mx/24 are terms of RFC 7208",
		speaks: anyRecord(func(r *dc.Record) bool {
			for _, term := range strings.Fields(strings.ToLower(r.SPFRules)) {
				name, _, _ := strings.Cut(strings.TrimLeft(term, "+-~?"), ":")
				if r.Type == "SPFM" && !two(term) && (strings.HasPrefix(name, "a/") || strings.HasPrefix(name, "mx/")) {
					return true
				}
			}
			return false
		}),
		example: `{"type": "SPFM", "host": "@", "spfRules": "a/24 mx/24"}`,
	},
	{
		code: "DCTL1019", name: "no-variables-meant", reason: "percent-encoding, percentages and SPF macros are text",
		speaks:  scanned("DCTL1019"),
		example: `{"type": "TXT", "host": "@", "data": "50% or 60% off", "ttl": 300}`,
	},
	{
		code: "DCTL1020", name: "no-variable-opened", reason: "percent-encoding, percentages and SPF macros are text",
		speaks:  scanned("DCTL1020"),
		example: `{"type": "TXT", "host": "@", "data": "100%", "ttl": 300}`,
	},
	{
		code: "DCTL1024", name: "host-between-variables", reason: "in %x%host%y% host is text",
		speaks:  scanned("DCTL1024"),
		example: `{"type": "TXT", "host": "@", "data": "%x%host%y%", "ttl": 300}`,
	},
	{
		code: "DCTL1021", name: "label-with-a-variable", reason: "what it will be is not known",
		speaks: anyLabel(func(_ *dc.Record, labels []string, i int) bool {
			return strings.HasPrefix(labels[i], "_") && strings.Contains(labels[i], "%")
		}),
		example: `{"type": "TXT", "host": "_%label%", "data": "a=b", "ttl": 300}`,
	},
	{
		code: "DCTL1021", name: "label-below-the-global-one", reason: "the registry is of the label nearest the root",
		speaks: anyLabel(func(r *dc.Record, labels []string, i int) bool {
			if !strings.HasPrefix(labels[i], "_") || linterKnows(labels[i], r.Type) {
				return false
			}
			for _, l := range labels[i+1:] {
				if strings.HasPrefix(l, "_") {
					return true
				}
			}
			return false
		}),
		example: `{"type": "TXT", "host": "_report._dmarc", "data": "v=DMARC1", "ttl": 300}`,
	},
	{
		code: "DCTL1021", name: "tls-and-bimi", reason: "RFC 8460 and BIMI define them, and both are widely used",
		speaks: anyLabel(func(r *dc.Record, labels []string, i int) bool {
			l := strings.ToLower(labels[i])
			return (l == "_tls" || l == "_bimi") && (r.Type == "TXT" || r.Type == "CNAME" || r.Type == "NS")
		}),
		example: `{"type": "TXT", "host": "default._bimi", "data": "v=BIMI1; l=", "ttl": 300}`,
	},
	{
		code: "DCTL1021", name: "host-of-srv", reason: "SRV has no host",
		speaks: anyLabel(func(r *dc.Record, labels []string, i int) bool {
			return r.Type == "SRV" && strings.HasPrefix(labels[i], "_") && !linterKnows(labels[i], "SRV")
		}),
		example: `{"type": "SRV", "name": "@", "host": "_x", "service": "_sip", "protocol": "_tcp", "target": "a.example", "priority": 0, "weight": 0, "port": 5060, "ttl": 300}`,
	},
	{
		code: "DCTL1022", name: "arpa", reason: "arpa is in the public DNS",
		speaks: func(t *dc.Template) bool {
			return strings.Contains(strings.ToLower(t.SyncPubKeyDomain+","+t.SyncRedirectDomain+","), ".arpa,")
		},
		example: `{"providerId": "a.example", "providerName": "A", "serviceId": "s", "serviceName": "S", "version": 1, "syncPubKeyDomain": "key.home.arpa", "records": []}`,
	},
	{
		code: "DCTL1025", name: "dkim-selector", reason: "a mail service chooses its selectors freely",
		speaks: anyLabel(func(_ *dc.Record, labels []string, i int) bool {
			return i+1 < len(labels) && strings.EqualFold(labels[i+1], "_domainkey") && strings.IndexByte(labels[i], '_') > 1 && outside(labels[i])
		}),
		example: `{"type": "CNAME", "host": "sel_1._domainkey", "pointsTo": "a.example", "ttl": 300}`,
	},
	{
		code: "DCTL1025", name: "second-place", reason: "the linter begins to look at the third character",
		silent: func(t *dc.Template, _ []Finding, f Finding) bool {
			return !anyLabel(func(r *dc.Record, labels []string, i int) bool {
				return r.Index+1 == f.Record && strings.IndexByte(labels[i], '_') > 1 && outside(labels[i])
			})(t)
		},
		example: `{"type": "A", "host": "a_b", "pointsTo": "192.0.2.1", "ttl": 300}`,
	},
	{
		code: "DCTL1027", name: "wildcard-below", reason: "a wildcard can stand in front of any name",
		speaks: anyRecord(func(r *dc.Record) bool {
			return r.Host != "*" && r.Host != "@" && strings.Trim(strings.ToLower(r.Host), "abcdefghijklmnopqrstuvwxyz0123456789-_.%") != ""
		}),
		example: `{"type": "A", "host": "*.sub", "pointsTo": "192.0.2.1", "ttl": 300}`,
	},
	{
		code: "DCTL1031", name: "one-record", reason: "with one record there is nothing to choose whatever it carries",
		speaks:  func(t *dc.Template) bool { return len(t.Records) == 1 && t.Records[0].GroupID != "" },
		example: `{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 300, "groupId": "g"}`,
	},
	{
		code: "DCTL1036", name: "mapped-address", reason: "an IPv4 address mapped into IPv6 is an IPv6 address",
		speaks: anyRecord(func(r *dc.Record) bool {
			return r.Type == "AAAA" && strings.HasPrefix(strings.ToLower(r.PointsTo), "::ffff:") && strings.Contains(r.PointsTo, ".")
		}),
		example: `{"type": "AAAA", "host": "www", "pointsTo": "::ffff:192.0.2.1", "ttl": 300}`,
	},
	{
		code: "DCTL1037", name: "other-types-at-the-root", reason: "a service can be for sub-domains with any type at the root of its scope",
		speaks: func(t *dc.Template) bool {
			return t.HostRequired && !anyRecord(func(r *dc.Record) bool {
				return (r.Type == "CNAME" || r.Type == "NS") && (r.Host == "@" || r.Host == "")
			})(t)
		},
		example: `{"providerId": "a.example", "providerName": "A", "serviceId": "s", "serviceName": "S", "version": 1, "syncPubKeyDomain": "keys.example.net", "hostRequired": true, "records": [{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 300}]}`,
	},
	{
		code: "DCTL1039", name: "not-every-host", reason: "one record, or a later record that does not end in the variable, is no sub-domain for all",
		speaks:  lastVariable,
		example: `{"type": "MX", "host": "%sub%", "pointsTo": "a.example", "priority": 10, "ttl": 300}, {"type": "CNAME", "host": "%sel%._domainkey", "pointsTo": "a.example", "ttl": 300}`,
	},
	{
		code: "DCTL1039", name: "greedy", reason: "the linter reads from the first per cent sign to the last",
		silent:  func(t *dc.Template, _ []Finding, _ Finding) bool { return !lastVariable(t) },
		example: `{"type": "TXT", "host": "%b%.%a%", "data": "a=b", "ttl": 300}, {"type": "TXT", "host": "%c%.%a%", "data": "a=c", "ttl": 300}`,
	},
	{
		code: "DCTL1040", name: "only-on-demand", reason: "the linter looks for bare variables with -merge-or-fail alone",
		silent:  func(*dc.Template, []Finding, Finding) bool { return true },
		example: `{"type": "CNAME", "host": "www", "pointsTo": "%target%", "ttl": 300}`,
	},
	{
		code: "DCTL5007", name: "ns-at-the-root", reason: "name servers are not flattened",
		speaks:  anyRecord(func(r *dc.Record) bool { return r.Type == "NS" && r.Host == "@" }),
		example: `{"type": "NS", "host": "@", "pointsTo": "a.example", "ttl": 300}`, profile: ProfileCloudflare,
	},
	{
		code: "DCTL5008", name: "mode-none", reason: "None is what Cloudflare does",
		speaks:  anyRecord(func(r *dc.Record) bool { return r.Type == "TXT" && r.TXTMode != "" }),
		example: `{"type": "TXT", "host": "@", "data": "a=b", "ttl": 300, "txtConflictMatchingMode": "None"}`, profile: ProfileCloudflare,
	},
	{
		code: "DCTL5010", name: "variable-ttl", reason: "a variable is not 0",
		speaks:  anyRecord(func(r *dc.Record) bool { return two(r.TTL) }),
		example: `{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": "%ttl%"}`, profile: ProfileCloudflare,
	},
}
