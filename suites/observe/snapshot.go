package observe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// Snapshot is what the name servers have at some names, of some types: "the
// zone" for cases that cannot transfer it. It says nothing of other names.
type Snapshot struct {
	// Names are canonical; Types are what was asked of each.
	Names []string
	Types []uint16
	// Records are those whose owner is one of Names, sorted, each once. Where
	// an alias leads is not part of them.
	Records []Record
}

// Lines are the records in presentation form with TTL, sorted.
func (s Snapshot) Lines() []string { return lines(s.Records, true) }

// WithoutTTL are the records as "www.example.com. IN A 192.0.2.1", sorted.
func (s Snapshot) WithoutTTL() []string { return lines(s.Records, false) }

// String has one record a line, or says that there is none.
func (s Snapshot) String() string {
	if len(s.Records) == 0 {
		return "no record of " + s.about()
	}
	return strings.Join(s.Lines(), "\n")
}

func (s Snapshot) about() string {
	types := make([]string, len(s.Types))
	for i, t := range s.Types {
		types[i] = dns.Type(t).String()
	}
	return strings.Join(types, ", ") + " at " + strings.Join(s.Names, ", ")
}

// Snapshot asks every server for every type at every name, all questions at
// once. Where the servers do not have the same, it returns what the first has
// with a *DisagreementError. A server that gives no answer, or refuses one, or
// answers without authority, is an error: silence is not "nothing there".
func (s Servers) Snapshot(ctx context.Context, names []string, types []uint16) (Snapshot, error) {
	snap := Snapshot{Types: slices.Clone(types)}
	for _, name := range names {
		snap.Names = append(snap.Names, dns.CanonicalName(name))
	}
	slices.Sort(snap.Names)
	snap.Names = slices.Compact(snap.Names)
	if len(snap.Names) == 0 || len(types) == 0 {
		return snap, errors.New("a snapshot needs a name and a type at least")
	}
	seen, err := each(s, func(server Server) ([]Record, error) { return server.snapshot(ctx, snap.Names, snap.Types) })
	if err != nil {
		return snap, err
	}
	snap.Records = seen[0]
	views := make([]View, len(seen))
	for i, records := range seen {
		views[i] = View{Server: s.List[i].Addr, Lines: lines(records, !s.List[i].Recursive)}
	}
	return snap, disagreement(snap.about(), views)
}

// Await takes snapshots until all servers agree and accept takes what they
// have. See WaitFor.
func (s Servers) Await(ctx context.Context, names []string, types []uint16, accept func(Snapshot) bool) (Snapshot, error) {
	var last Snapshot
	err := s.wait(ctx, fmt.Sprintf("the records at %s", strings.Join(names, ", ")), func(ctx context.Context) (string, error) {
		snap, err := s.Snapshot(ctx, names, types)
		if err != nil {
			var unlike *DisagreementError
			if errors.As(err, &unlike) {
				last = snap
			}
			return "", err
		}
		if last = snap; !accept(snap) {
			return snap.String(), nil
		}
		return "", nil
	})
	return last, err
}

// snapshot collects what one server has at the names. An answer leads along
// aliases, and tells a CNAME whatever was asked: what counts is owner and type.
func (s Server) snapshot(ctx context.Context, names []string, types []uint16) ([]Record, error) {
	answers, err := s.askMany(ctx, names, types)
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, t := range types {
		wanted[dns.Type(t).String()] = true
	}
	var records []Record
	for _, a := range answers {
		if err := s.usable(a); err != nil {
			return nil, err
		}
		told := a.Records
		if a.Type == dns.TypeNS && len(told) == 0 {
			told = a.Authority // NS records that delegate are told by a referral.
		}
		for _, r := range told {
			if r.Owner == dns.CanonicalName(a.Name) && wanted[r.Type] {
				records = append(records, r)
			}
		}
	}
	slices.SortFunc(records, func(a, b Record) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(records), nil
}

// usable checks that an answer tells what is there and what is not.
func (s Server) usable(a Answer) error {
	referral := slices.ContainsFunc(a.Authority, func(r Record) bool { return r.Type == "NS" && r.Owner != "." })
	switch {
	case a.Rcode != dns.RcodeSuccess && a.Rcode != dns.RcodeNameError:
		return fmt.Errorf("%s at %s: the server answers %s", question(a.Name, a.Type), s.Addr, rcode(a.Rcode))
	case a.Authoritative || s.Recursive || len(a.Records) == 0 && a.Rcode == dns.RcodeSuccess && referral:
		return nil
	}
	return fmt.Errorf("%s at %s: the server answers without authority: it does not hold the zone", question(a.Name, a.Type), s.Addr)
}
