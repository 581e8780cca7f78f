// Package zone holds DNS zones as immutable values and works out what
// applying a template does to one: conflicts, SPF merging, removals and
// additions (ietf-05 sections 9.4 and 10). It is pure: no clock, no I/O, no
// map order.
package zone

import (
	"io"
	"iter"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// Record is one record of a zone. It is comparable.
type Record struct {
	// Owner is absolute, lower case, with trailing dot.
	Owner string
	// Type is canonical, as in dc.Resolved.
	Type string
	// TTL in seconds.
	TTL uint32
	// Data is the RDATA in canonical presentation form; for the extension
	// types the target.
	Data string
}

// String is the record in presentation form: "www.example.com. 300 IN A 192.0.2.1".
func (r Record) String() string { panic("contract only") }

// FromRR converts; names are lower-cased in Owner only.
func FromRR(rr dns.RR) (Record, error) { panic("contract only") }

// Zone is an immutable zone. The zero value is not usable; see New and Parse.
type Zone struct{ _ int }

// New makes a zone; origin with or without trailing dot. Records outside the
// origin are an error of class dc.ErrZone.
func New(origin string, records ...Record) (*Zone, error) { panic("contract only") }

// Parse reads presentation format with absolute or relative names; file is
// for messages, which name the line. Extension types may stand in it
// (TYPE column APEXCNAME, REDIR301, REDIR302).
func Parse(origin string, r io.Reader, file string) (*Zone, error) { panic("contract only") }

// Origin is the apex, absolute, lower case.
func (z *Zone) Origin() string { panic("contract only") }

// Serial is the SOA serial, 0 without SOA.
func (z *Zone) Serial() uint32 { panic("contract only") }

// WithSerial returns the zone with another SOA serial; itself without SOA.
func (z *Zone) WithSerial(serial uint32) *Zone { panic("contract only") }

// Len counts the records.
func (z *Zone) Len() int { panic("contract only") }

// Records yields all records in canonical order: apex first, owners by
// reversed labels, then type, then data.
func (z *Zone) Records() iter.Seq[Record] { panic("contract only") }

// At yields the records at one owner (absolute, any case).
func (z *Zone) At(owner string) iter.Seq[Record] { panic("contract only") }

// Below yields the records at owner and under it, at label boundaries.
func (z *Zone) Below(owner string) iter.Seq[Record] { panic("contract only") }

// RRset returns the DNS records of one owner and type, ready to be served
// (shared, not to be modified); nil when there are none. Extension types
// have none.
func (z *Zone) RRset(owner string, rrtype uint16) []dns.RR { panic("contract only") }

// Types lists the DNS types at an owner, ascending.
func (z *Zone) Types(owner string) []uint16 { panic("contract only") }

// Exists reports whether a name exists: it has records, or is an empty
// non-terminal.
func (z *Zone) Exists(owner string) bool { panic("contract only") }

// Cut returns the highest delegation (NS below the apex) at or above owner.
func (z *Zone) Cut(owner string) (string, bool) { panic("contract only") }

// Reason says in one word why an existing record conflicts.
type Reason string

// Conflict is an existing record that the new set pushes out (10.4).
type Conflict struct {
	Record Record
	Reason Reason
	// By is the index in Template.Records of the first new record that
	// conflicts with it.
	By int
}

// Instance is an applied template, as a stateful provider remembers it.
type Instance struct {
	Provider, Service, Domain, Host, ID string
	Groups                              []string
	Records                             []Record
}

// Change is what an apply does to a zone.
type Change struct {
	// Add are the records that were not there before.
	Add []Record
	// Remove are the conflicting records.
	Remove []Record
	// Retime are records that stay and get the TTL that their RRset has
	// afterwards (10.2 step 8b: one TTL per RRset, the lowest).
	Retime []Record
}

// Apply returns the changed zone as a new value. The serial is the caller's.
func (c Change) Apply(z *Zone) (*Zone, error) { panic("contract only") }

// Plan works out conflicts, removals and additions. The error is a *dc.Error
// (dc.ErrCoexist, dc.ErrSPF, ...); conflicts are no error.
func Plan(z *Zone, records []dc.Resolved, instances []Instance, rules dc.Rules) (Change, []Conflict, error) {
	panic("contract only")
}
