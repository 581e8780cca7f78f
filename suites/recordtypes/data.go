package recordtypes

import (
	"strings"

	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 6.2 and 9.1.2: data that is easily mistaken.
var data = []trial.Case{
	// The target . says that there is no such service here.
	applied("recordtypes-srv-dot", "the target of an SRV can be the root", "DC-RT-SRV-DOT-TARGET", "telephony",
		map[string]string{"target": "."}, "_sip._tcp 600 SRV 10 20 5060 ."),
	// A string holds 255 octets, a text several strings (RFC 1035 section 3.3).
	long("recordtypes-txt-400", "a text of 400 octets is whole", 400),
	long("recordtypes-txt-421", "a text of 421 octets, as some keys have, is whole", 421),
	applied("recordtypes-mx-at", "the mail server @ is the name that the template is applied at", "DC-RT-MX-SPECIAL", "mail-here", nil,
		"@ 600 MX 10 {root}."),
	{Key: "recordtypes-mx-at-apex", Title: "the mail server @ is the domain where there is no host",
		Requirements: []string{"DC-RT-MX-SPECIAL"}, Templates: []string{"mail-here"}, Where: trial.AtApex,
		Body: func(t *trial.Trial) { t.Applies("DC-RT-MX-SPECIAL", t.Request("mail-here"), "@ 600 MX 10 {domain}.") }},
}

// long is the case of a text like a public key of that many octets.
func long(key, title string, octets int) trial.Case {
	text := "v=DKIM1;k=rsa;p=" + strings.Repeat("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A+/", 13)[:octets-len("v=DKIM1;k=rsa;p=")]
	return applied(key, title, "DC-RT-TXT-LONG", "text", map[string]string{"text": text},
		`@ 600 TXT "`+text[:200]+`" "`+text[200:400]+`" "`+text[400:]+`"`)
}
