package dc

import "github.com/miekg/dns"

// The record types that are not DNS types (dcspec-2.3; reserved in ietf-05
// sections 3 and 13.2, where only SPFM stayed).
const (
	TypeSPFM      = "SPFM"
	TypeAPEXCNAME = "APEXCNAME"
	TypeREDIR301  = "REDIR301"
	TypeREDIR302  = "REDIR302"
)

// TXTMode is a txtConflictMatchingMode; the zero value is None.
type TXTMode uint8

// The conflict modes of a TXT record (ietf-05 section 10.4).
const (
	TXTNone TXTMode = iota
	TXTAll
	TXTPrefix
)

// Resolved is one active record of a template for one domain and host: group
// chosen, variables replaced, names rendered, value checked. Package resolve
// makes it, package zone plans with it.
type Resolved struct {
	// Index is the record's position in Template.Records.
	Index int
	// GroupID is the record's group, "" when ungrouped.
	GroupID string
	// Owner is absolute, with trailing dot, in lower case and A-labels.
	Owner string
	// Type is canonical: an upper-case mnemonic (TYPE5 has become CNAME), or
	// TYPEnnn for types without one, or SPFM, APEXCNAME, REDIR301, REDIR302.
	Type string
	// TTL in seconds.
	TTL uint32
	// RR is the record in DNS terms; nil for SPFM, APEXCNAME and REDIR30x.
	RR dns.RR
	// Value is what RR cannot carry: the rules of an SPFM, the absolute
	// target of an APEXCNAME, the URL of a REDIR301 or REDIR302.
	Value string
	// TXTMode and TXTPrefix decide the conflicts of a TXT.
	TXTMode   TXTMode
	TXTPrefix string
	// OnApply is set when essential is OnApply; the default is Always.
	OnApply bool
}
