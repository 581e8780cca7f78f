package dc

import (
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// CanonicalType normalises a record type as a template writes it: a mnemonic
// stays, TYPE5 becomes CNAME (RFC 3597 section 5), TYPE65280 stays since it
// has no mnemonic. The code is 0 for SPFM, APEXCNAME, REDIR301 and REDIR302,
// which are not DNS types. ok is false for a type that nobody knows; types are
// written in upper case. Whether a template may use the type is decided by
// package resolve.
func CanonicalType(s string) (name string, code uint16, ok bool) {
	switch s {
	case TypeSPFM, TypeAPEXCNAME, TypeREDIR301, TypeREDIR302:
		return s, 0, true
	}
	if s != strings.ToUpper(s) {
		return "", 0, false
	}
	if code, ok := dns.StringToType[s]; ok {
		return s, code, true
	}
	digits, ok := strings.CutPrefix(s, "TYPE")
	if !ok || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || n == 0 {
		return "", 0, false
	}
	if name, ok := dns.TypeToString[uint16(n)]; ok {
		return name, uint16(n), true
	}
	return "TYPE" + strconv.FormatUint(n, 10), uint16(n), true
}

// valueFields are the members that hold the value of a type beside host, ttl
// and data (ietf-05 Table 1; dcspec-2.3, Extensions). A type that is not
// listed is generic: its value is in data.
var valueFields = map[string][]string{
	"A":           {"pointsTo"},
	"AAAA":        {"pointsTo"},
	"CNAME":       {"pointsTo"},
	"NS":          {"pointsTo"},
	"MX":          {"pointsTo", "priority"},
	"SRV":         {"name", "target", "priority", "weight", "port", "protocol", "service"},
	TypeAPEXCNAME: {"pointsTo"},
	TypeSPFM:      {"spfRules"},
	TypeREDIR301:  {"target"},
	TypeREDIR302:  {"target"},
}

// Required lists the members that a record of the type must have, in the
// order of Table 1. Those with defaults are left out: groupId, essential and
// the conflict members of TXT; so are members that real templates do without:
// host of APEXCNAME, host and ttl of REDIR301 and REDIR302. For a type that
// nobody knows the list is empty.
func Required(recordType string) []string {
	name, code, ok := CanonicalType(recordType)
	if !ok {
		return nil
	}
	own := valueFields[name]
	switch {
	case name == TypeSPFM:
		return []string{"host", "spfRules"}
	case name == TypeAPEXCNAME:
		return []string{"pointsTo", "ttl"}
	case code == 0:
		return own
	case recordType != name && own != nil:
		// TYPE5 for CNAME: the value may stand in data or in the type's own
		// members, and with it host or name.
		return []string{"ttl"}
	case name == "SRV":
		return append([]string{"ttl"}, own...)
	case own == nil:
		return []string{"host", "data", "ttl"}
	}
	return append([]string{"host", "ttl"}, own...)
}

// relevant lists the members that mean something on a record of the type;
// others are ignored (ietf-05 section 6.2.1), whatever they hold.
func relevant(recordType string) map[string]bool {
	fields := map[string]bool{"type": true, "groupId": true, "essential": true, "crit": true, "host": true}
	name, code, ok := CanonicalType(recordType)
	if !ok {
		return fields
	}
	own := valueFields[name]
	for _, f := range own {
		fields[f] = true
	}
	if name == "SRV" {
		fields["host"] = recordType != name
	}
	if code == 0 {
		fields["ttl"] = name == TypeAPEXCNAME
		return fields
	}
	fields["ttl"] = true
	fields["data"] = own == nil || recordType != name
	fields["txtConflictMatchingMode"] = name == "TXT"
	fields["txtConflictMatchingPrefix"] = name == "TXT"
	return fields
}
