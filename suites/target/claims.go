package target

import (
	"slices"

	"github.com/dcconform/dcconform/suites/register"
)

// Claim is an optional part of a provider that a target.yaml may claim to be
// there (true) or not (false).
type Claim struct {
	Name register.Need
	// Text says what is claimed, in one line.
	Text string
}

// The claims beyond the needs of the register. They are the features that the
// registry of DNS providers lists, in words of the register's kind.
const (
	ClaimRedirectURI         register.Need = "redirect-uri"
	ClaimControlPanel        register.Need = "control-panel"
	ClaimNameServers         register.Need = "name-servers"
	ClaimWindowSize          register.Need = "window-size"
	ClaimTXTConflictMatching register.Need = "txt-conflict-matching"
	ClaimMultiInstance       register.Need = "multi-instance"
	ClaimEssential           register.Need = "essential"
	ClaimAPEXCNAME           register.Need = "apexcname"
	ClaimREDIR301            register.Need = "redir301"
	ClaimREDIR302            register.Need = "redir302"
	ClaimCNAMEFlattening     register.Need = "cname-flattening"
	ClaimCAA                 register.Need = "caa"
	ClaimSRV                 register.Need = "srv"
	ClaimSignedOnly          register.Need = "signed-only"
	ClaimNoWarnPhishing      register.Need = "no-warn-phishing"
	ClaimConflictDetection   register.Need = "conflict-detection"
)

var claims = []Claim{
	{register.NeedAsync, "the asynchronous flow with OAuth (extension async-00)"},
	{register.NeedRevert, "taking an applied template back by the asynchronous API"},
	{register.NeedStateful, "which templates are applied is remembered; not both this and stateless"},
	{register.NeedStateless, "only records are kept, not which template they came from"},
	{register.NeedSPFM, "the SPFM record, merged into one SPF record"},
	{register.NeedNS, "NS records in templates, to delegate below a host"},
	{register.NeedGenericTypes, "record types beyond the named ones, as TYPE64 or by mnemonic"},
	{register.NeedNumericVariables, "variables in ttl, priority, weight and port"},
	{register.NeedSharedNames, "shared templates that show the names that the request gives"},
	{register.NeedExtTypes, "the extension types APEXCNAME, REDIR301 and REDIR302"},
	{register.NeedOnboarding, "templates can be onboarded during the run"},
	{register.NeedBrowser, "the pages need a browser: they do nothing without script"},
	{ClaimRedirectURI, "redirect_uri is followed when the user is done"},
	{ClaimControlPanel, "settings have urlControlPanel"},
	{ClaimNameServers, "settings have nameServers"},
	{ClaimWindowSize, "settings have width and height"},
	{ClaimTXTConflictMatching, "txtConflictMatchingMode and its prefix are honoured"},
	{ClaimMultiInstance, "multiInstance templates are kept beside each other"},
	{ClaimEssential, "essential is honoured"},
	{ClaimAPEXCNAME, "the record type APEXCNAME"},
	{ClaimREDIR301, "the record type REDIR301"},
	{ClaimREDIR302, "the record type REDIR302"},
	{ClaimCNAMEFlattening, "a CNAME at the apex is answered as addresses"},
	{ClaimCAA, "the record type CAA"},
	{ClaimSRV, "the record type SRV"},
	{ClaimSignedOnly, "unsigned templates are not onboarded"},
	{ClaimNoWarnPhishing, "templates with warnPhishing are not onboarded"},
	{ClaimConflictDetection, "the asynchronous flow looks for records that are in the way; said to be so unless denied"},
}

// Claims lists what a target.yaml may claim: the needs of the register first.
func Claims() []Claim { return slices.Clone(claims) }

func claimNames() []string {
	names := make([]string, len(claims))
	for i, c := range claims {
		names[i] = string(c.Name)
	}
	return names
}

// Support is what a target claims of one part.
type Support int

// The three states of a claim. The zero value is Unknown.
const (
	Unknown Support = iota
	Supported
	Unsupported
)

// String is the word of the configuration.
func (s Support) String() string {
	return [...]string{"unknown", "true", "false"}[s]
}

// Claim is what the target says of one part; what it does not mention is
// Unknown, never Unsupported.
func (c *Config) Claim(need register.Need) Support {
	claimed, said := c.Claims[need]
	switch {
	case !said:
		return Unknown
	case claimed:
		return Supported
	}
	return Unsupported
}
