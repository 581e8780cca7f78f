package dc

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Position is a place in a template file. Line and Column count from 1, the
// column in bytes; the zero value means unknown.
type Position struct {
	Line, Column int
}

// TemplateID names a template: both ids compare with case (dcspec-2.3, Case
// Sensitivity).
type TemplateID struct {
	Provider, Service string
}

// String joins the ids with a dot. It cannot be split again, since ids
// contain dots.
func (id TemplateID) String() string { return id.Provider + "." + id.Service }

// Template is a Domain Connect template (ietf-05 section 6.1). Members that
// are absent or null have their zero value.
type Template struct {
	ProviderID, ProviderName string
	ServiceID, ServiceName   string
	// Version is opaque; 0 when absent.
	Version int64
	// SpecVersion is templateSpecVersion; 0 when absent, which means 1.
	SpecVersion                               int64
	LogoURL, Description, VariableDescription string
	SyncPubKeyDomain, SyncRedirectDomain      string
	SyncBlock, HostRequired, MultiInstance    bool
	Shared, SharedProviderName, SharedService bool
	WarnPhishing                              bool
	Crit                                      []string
	Records                                   []Record
	// Unknown keeps members that no edition defines, vnd. and others, as
	// they stood (6.1.1: ignored, not refused).
	Unknown map[string]json.RawMessage
	// File is the name that Parse was given, for messages.
	File string
	// Raw is the file as read; a template query in full mode answers it.
	Raw []byte

	members map[string]member
	reader  *reader
}

// ID returns the template's ids.
func (t *Template) ID() TemplateID { return TemplateID{t.ProviderID, t.ServiceID} }

// Digest is the SHA-256 of the file as read, in hexadecimal.
func (t *Template) Digest() string {
	sum := sha256.Sum256(t.Raw)
	return hex.EncodeToString(sum[:])
}

// Position says where a member stands in the file. It is zero for a member
// that is absent, and for a template that was not parsed.
func (t *Template) Position(member string) Position { return t.reader.where(t.members, member) }

// Has reports whether the template carries the member, by its JSON name, with
// a value other than null. It is false for a template that was not parsed.
func (t *Template) Has(member string) bool { return has(t.members, member) }

// Member returns a member's value as it stands in the file, null included;
// nil when it is absent.
func (t *Template) Member(member string) json.RawMessage { return t.reader.raw(t.members, member) }

// Groups lists the group ids of the records in order of first appearance.
func (t *Template) Groups() []string {
	var groups []string
	seen := map[string]bool{}
	for i := range t.Records {
		if g := t.Records[i].GroupID; g != "" && !seen[g] {
			seen[g] = true
			groups = append(groups, g)
		}
	}
	return groups
}

// Record is one record of a template (ietf-05 section 6.2), before variables
// are replaced. Numbers are kept as their text, since a number and a string
// of digits mean the same, and so does a lone variable.
type Record struct {
	// Index counts from 0 in Template.Records.
	Index int
	// Type is as written; Resolve canonicalises it.
	Type                        string
	GroupID, Essential          string
	Host, Name                  string
	PointsTo, Target, Data      string
	SPFRules                    string
	TTL, Priority, Weight, Port string
	Protocol, Service           string
	// TXTMode is txtConflictMatchingMode, TXTPrefix txtConflictMatchingPrefix.
	TXTMode, TXTPrefix string
	Crit               []string
	// Unknown keeps fields that no edition defines (6.2.1: ignored).
	Unknown map[string]json.RawMessage
	// Pos is where the record's object starts.
	Pos Position

	members map[string]member
	reader  *reader
}

// Has reports whether the record carries the member, by its JSON name, with a
// value other than null. It is false for a record that was not parsed.
func (r *Record) Has(member string) bool { return has(r.members, member) }

// Position says where a member of the record stands in the file. It is zero
// for a member that is absent, and for a record that was not parsed.
func (r *Record) Position(member string) Position { return r.reader.where(r.members, member) }

// Member returns a member's value as it stands in the file, null included;
// nil when it is absent.
func (r *Record) Member(member string) json.RawMessage { return r.reader.raw(r.members, member) }

func has(members map[string]member, name string) bool {
	m, ok := members[name]
	return ok && m.value.kind != 'n'
}

func (r *reader) where(members map[string]member, name string) Position {
	m, ok := members[name]
	if !ok {
		return Position{}
	}
	return r.position(m.start)
}

func (r *reader) raw(members map[string]member, name string) json.RawMessage {
	m, ok := members[name]
	if !ok {
		return nil
	}
	return bytes.Clone(r.src[m.value.start:m.value.end])
}
