package dc

import "fmt"

// Edition is a version of the specification. The zero value is IETF05.
type Edition uint8

const (
	// IETF05 is draft-ietf-dconn-domainconnect-05 of 7 October 2026.
	IETF05 Edition = iota
	// DCSpec23 is the community specification 2.3, revision 67, which most
	// deployed providers follow.
	DCSpec23
)

// String returns the edition's id, as flags, reports and files spell it.
func (e Edition) String() string {
	switch e {
	case IETF05:
		return "ietf-05"
	case DCSpec23:
		return "dcspec-2.3"
	}
	return fmt.Sprintf("edition(%d)", uint8(e))
}

// ParseEdition reads an edition's id; the empty string is IETF05.
func ParseEdition(s string) (Edition, error) {
	switch s {
	case "", "ietf-05":
		return IETF05, nil
	case "dcspec-2.3":
		return DCSpec23, nil
	}
	return 0, fmt.Errorf("unknown edition %q: the editions are ietf-05 and dcspec-2.3", s)
}

// Rules are the switches of the protocol core. The zero value is the
// specification, newest edition, for a provider that keeps no template state
// and supports the extension types. A deliberate fault of the mock that lies
// in the core is a changed Rules value, so that the core itself knows no
// faults.
type Rules struct {
	// Edition selects where the editions differ.
	Edition Edition
	// Stateful makes the provider remember which template wrote a record
	// (ietf-05 section 10.5). The default is stateless.
	Stateful bool
	// NoExtensionTypes refuses APEXCNAME, REDIR301 and REDIR302, which
	// ietf-05 only reserves (sections 3 and 13.2).
	NoExtensionTypes bool
}
