package values

import "strings"

// data: the text of a TXT, or the RDATA of a type without fields of its own.
func (p place) data() (strictness, []string) {
	switch strings.ToUpper(p.record.Type) {
	case "TXT", "SPF", "TYPE16":
		return p.txt()
	case "CAA", "TYPE257":
		return p.caa()
	}
	return p.generic()
}

// txt: a token, unless the text around it asks for something longer.
func (p place) txt() (strictness, []string) {
	token, name := p.token(p.name), p.source.name(p.name)
	switch {
	case p.long && strings.HasSuffix(p.before, "p=") && strings.Contains(p.record.Host, "_domainkey"):
		return strictText, []string{p.publicKey(p.name), token}
	case strings.HasSuffix(p.before, "mailto:") && !strings.HasPrefix(p.after, "@"):
		return strictText, []string{token + "@" + name, token}
	case strings.HasSuffix(p.before, "@"), strings.HasSuffix(p.before, "://"):
		return strictText, []string{name, token}
	case strings.HasSuffix(p.before, "ip4:"):
		return strictText, append(p.addresses(), token)
	case strings.HasSuffix(p.before, "ip6:"):
		return strictText, []string{p.ipv6(p.name), token}
	case strings.HasSuffix(p.before, "include:"):
		return strictText, []string{name, token}
	}
	return strictText, []string{token}
}

// caa: flags, tag or value (RFC 8659 section 4.1).
func (p place) caa() (strictness, []string) {
	token, name := p.token(p.name), p.source.name(p.name)
	if p.whole {
		return strictText, []string{`0 issue "` + name + `"`}
	}
	fields := strings.Fields(p.before)
	open := p.before != "" && !strings.HasSuffix(p.before, " ")
	at := len(fields)
	if open {
		at--
	}
	switch {
	case at == 0:
		return strictNumber, []string{"0", "128"}
	case at == 1:
		return strictNumber, []string{"issue", "issuewild", "iodef"}
	case strings.EqualFold(fields[1], "iodef") && strings.HasSuffix(strings.TrimRight(p.before, `"`), " "):
		return strictText, []string{"mailto:" + token + "@" + name, token}
	case strings.HasSuffix(p.before, `"`) && strings.HasPrefix(p.after, `"`), strings.HasSuffix(p.before, " ") && p.after == "":
		return strictName, []string{name, token}
	}
	return strictLabel, []string{token, name}
}

// generic: RDATA of any other type. What a type wants is tried out: the
// validation of the record tells.
func (p place) generic() (strictness, []string) {
	token, name := p.token(p.name), p.source.name(p.name)
	digest := p.hex(p.name, 32)
	if p.whole {
		return strictText, append(wholeRDATA(strings.ToUpper(p.record.Type), name, digest),
			name+".", p.ipv4(p.name, "a"), `"`+token+`"`, token, `\# 4 `+digest[:8])
	}
	return strictText, append([]string{digest, token, name + "."},
		append(p.numbers(1, 99), "1", "2", p.ipv4(p.name, "a"), p.ipv6(p.name), p.publicKey(p.name), "")...)
}

// wholeRDATA is a plausible value of a type in presentation form.
func wholeRDATA(rrtype, name, digest string) []string {
	switch rrtype {
	case "DS", "CDS":
		return []string{"12345 13 2 " + digest}
	case "TLSA", "SMIMEA":
		return []string{"3 1 1 " + digest}
	case "SSHFP":
		return []string{"4 2 " + digest}
	case "HTTPS", "SVCB":
		return []string{"1 " + name + ". alpn=\"h2\""}
	case "NAPTR":
		return []string{`100 10 "U" "E2U+sip" "!^.*$!sip:info@` + name + `!" .`}
	case "URI":
		return []string{`10 1 "https://` + name + `/"`}
	case "LOC":
		return []string{"52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m"}
	case "MX":
		return []string{"10 " + name + "."}
	case "SRV":
		return []string{"10 10 5060 " + name + "."}
	}
	return nil
}
