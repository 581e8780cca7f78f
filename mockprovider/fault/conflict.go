package fault

import (
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// conflicts are misbehaviours in what has to give way to a template's records.
var conflicts = []Fault{
	{"zone-wide-type-conflict", "All records of a new record's type give way, anywhere in the zone.",
		[]string{"DC-CONFLICT-SAME-HOST-ONLY"},
		removing(func(old zone.Record, new dc.Resolved) bool { return old.Type == new.Type && old.Owner != new.Owner })},
	{"cname-keeps-caa", "CAA and SRV stay beside a new CNAME.",
		[]string{"DC-CONFLICT-CNAME-NEW"},
		sparing(func(c zone.Conflict, by dc.Resolved) bool {
			return by.Type == "CNAME" && (c.Record.Type == "CAA" || c.Record.Type == "SRV")
		})},
	{"cname-keeps-all", "Whatever is at the name of a new CNAME stays.",
		[]string{"DC-CONFLICT-CNAME-NEW", "DC-CONFLICT-LEGACY-CNAME-LIST"},
		sparing(func(c zone.Conflict, by dc.Resolved) bool { return by.Type == "CNAME" && c.Record.Type != "CNAME" })},
	{"cname-beside-cname", "An existing CNAME stays beside a new one.",
		[]string{"DC-CONFLICT-CNAME-NEW"},
		sparing(func(c zone.Conflict, by dc.Resolved) bool { return by.Type == "CNAME" && c.Record.Type == "CNAME" })},
	{"none-of-list", "Even an MX stays beside a new CNAME.",
		[]string{"DC-CONFLICT-LEGACY-CNAME-LIST", "DC-CONFLICT-CNAME-NEW"},
		sparing(func(c zone.Conflict, by dc.Resolved) bool { return by.Type == "CNAME" && c.Record.Type == "MX" })},
	{"txt-none-beside-cname", "A TXT of mode None is written beside an existing CNAME.",
		[]string{"DC-CONFLICT-CNAME-EXISTING"},
		sparing(func(c zone.Conflict, by dc.Resolved) bool { return c.Record.Type == "CNAME" && by.Type == "TXT" })},
	{"spfm-beside-cname", "Mail rules are written beside an existing CNAME.",
		[]string{"DC-CONFLICT-CNAME-EXISTING"},
		sparing(func(c zone.Conflict, by dc.Resolved) bool { return c.Record.Type == "CNAME" && by.Type == dc.TypeSPFM })},
	{"everything-beside-cname", "New records are written beside an existing CNAME.",
		[]string{"DC-CONFLICT-CNAME-EXISTING"},
		sparing(func(c zone.Conflict, by dc.Resolved) bool {
			return c.Record.Type == "CNAME" && by.Type != "CNAME" && by.Type != "TXT"
		})},
	{"ns-one-level", "A new NS takes away what is at its name and one level below.",
		[]string{"DC-CONFLICT-NS-SUBTREE"}, sparing(deep)},
	{"ns-string-suffix", "A new NS takes away every name that ends in the same letters.",
		[]string{"DC-CONFLICT-NS-SUBTREE"},
		removing(func(old zone.Record, new dc.Resolved) bool {
			return new.Type == "NS" && strings.HasSuffix(old.Owner, new.Owner)
		})},
	{"hidden-below-delegation", "Records are written below a delegation, which stays.",
		[]string{"DC-CONFLICT-NS-EXISTING"},
		sparing(func(c zone.Conflict, _ dc.Resolved) bool { return c.Reason == zone.ReasonNSAbove })},
	{"apex-ns-conflicts", "The zone's own name servers are shown as conflicts.",
		[]string{"DC-CONFLICT-APEX-NS-EXEMPT"}, planning(apexConflicts(true))},
	{"apex-ns-conflicts-below", "The zone's own name servers are shown as conflicts of records below the apex.",
		[]string{"DC-CONFLICT-APEX-NS-EXEMPT"}, planning(apexConflicts(false))},
	{"mx-same-priority-only", "Only an MX of the same preference gives way.",
		[]string{"DC-CONFLICT-MX"},
		sparing(func(c zone.Conflict, by dc.Resolved) bool {
			return by.Type == "MX" && c.Record.Type == "MX" && !samePreference(c.Record, by)
		})},
	{"srv-all-removed", "All SRV below the host give way to a new one.",
		[]string{"DC-CONFLICT-SRV"},
		removing(func(old zone.Record, new dc.Resolved) bool { return new.Type == "SRV" && old.Type == "SRV" })},
	{"srv-kept", "An SRV at the new one's owner stays when port or target differ.",
		[]string{"DC-CONFLICT-SRV"}, sparing(func(c zone.Conflict, by dc.Resolved) bool { return c.Record.Type == "SRV" && by.Type == "SRV" })},
	{"aaaa-survives", "AAAA stay when a new A comes, so that IPv6 still leads to the old service.",
		[]string{"DC-CONFLICT-ADDRESS"}, otherFamily("A", "AAAA")},
	{"a-survives", "A stay when a new AAAA comes.",
		[]string{"DC-CONFLICT-ADDRESS"}, otherFamily("AAAA", "A")},
	{"txt-rrset-replaced", "A TXT without a mode replaces every TXT at its name.",
		[]string{"DC-CONFLICT-TXT-NONE", "DC-CONFLICT-TXT-NEW-MODE-COUNTS"},
		removing(func(old zone.Record, new dc.Resolved) bool {
			return new.Type == "TXT" && new.TXTMode == dc.TXTNone && old.Type == "TXT" && old.Owner == new.Owner
		})},
	{"txt-all-ignored", "The mode All is ignored: other TXT stay.",
		[]string{"DC-CONFLICT-TXT-ALL", "DC-CONFLICT-TXT-NEW-MODE-COUNTS"},
		sparing(func(c zone.Conflict, _ dc.Resolved) bool { return c.Reason == zone.ReasonTXTAll })},
	{"prefix-with-quotes", "A prefix is compared with the quoted first string of an existing TXT.",
		[]string{"DC-CONFLICT-TXT-PREFIX"},
		sparing(func(c zone.Conflict, _ dc.Resolved) bool {
			return c.Reason == zone.ReasonTXTPrefix && strings.Contains(c.Record.Data, `" "`)
		})},
	{"prefix-anywhere", "A TXT gives way when it holds the prefix anywhere.",
		[]string{"DC-CONFLICT-TXT-PREFIX"},
		removing(func(old zone.Record, new dc.Resolved) bool {
			return new.TXTMode == dc.TXTPrefix && old.Type == "TXT" && old.Owner == new.Owner && strings.Contains(old.Data, new.TXTPrefix)
		})},
	{"prefix-case-folded", "A prefix is compared without regard to letter case.",
		[]string{"DC-CONFLICT-TXT-PREFIX"},
		removing(func(old zone.Record, new dc.Resolved) bool {
			return new.TXTMode == dc.TXTPrefix && old.Type == "TXT" && old.Owner == new.Owner &&
				strings.HasPrefix(strings.ToLower(strings.Trim(old.Data, `"`)), strings.ToLower(new.TXTPrefix))
		})},
	{"caa-rrset-replaced", "New CAA replace the existing ones.",
		[]string{"DC-CONFLICT-OTHER-TYPES"},
		removing(func(old zone.Record, new dc.Resolved) bool {
			return new.Type == "CAA" && old.Type == "CAA" && old.Owner == new.Owner
		})},
	{"identical-is-conflict", "A record that is there already is shown as a conflict.",
		[]string{"DC-CONFLICT-IDENTICAL"}, planning(identicalConflicts)},
	{"duplicate-rr-answer", "A record that was stored twice is answered twice.",
		[]string{"DC-CONFLICT-IDENTICAL-SINGLE-ANSWER"}, answering(twice)},
	{"record-by-record-apply", "Records are applied one by one, so that a template's second MX removes its first.",
		[]string{"DC-CONFLICT-NOT-WITHIN-TEMPLATE"}, rendering(lastOfType("MX", "A"))},
	{"broken-zone-written", "Records that DNS cannot hold together are written, as far as they can be.",
		[]string{"DC-CONFLICT-ZONE-APPLICABILITY"}, both(forgive(store.GuardRecords), planning(whateverFits))},
	{"owner-bytes-compared", "Names are compared byte by byte: records at a host in other letter case are not found.",
		[]string{"DC-CONFLICT-NORMALISED-COMPARE"}, planning(caseBlind)},
	{"address-text-compared", "An IPv6 address in another spelling counts as another address.",
		[]string{"DC-CONFLICT-NORMALISED-COMPARE"}, planning(spellingDiffers)},
	{"first-conflict-only", "Only the first of several conflicting records is taken away.",
		[]string{"DC-CONFLICT-STATELESS-REMOVES-ALL", "DC-APPLY-CONFLICTS-REMOVED"},
		planning(firstOnly)},
	{"host-wiped", "Everything at the name of a new record is taken away.",
		[]string{"DC-CONFLICT-NOTHING-ELSE-REMOVED"},
		removing(func(old zone.Record, new dc.Resolved) bool { return old.Owner == new.Owner })},
	{"removal-surprise", "More is taken away than was shown.",
		[]string{"DC-CONFLICT-PRECALCULATED", "DC-CONFLICT-NOTHING-ELSE-REMOVED"}, writing(mailToo)},
}

// sparing lets existing records stay, unnoticed, that have to give way. by is
// the record that they have to give way to.
func sparing(spared func(c zone.Conflict, by dc.Resolved) bool) func(*store.TenantConfig) {
	return planning(func(_ *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
		p.Conflicts = slices.DeleteFunc(slices.Clone(p.Conflicts), func(c zone.Conflict) bool {
			by := slices.IndexFunc(records, func(r dc.Resolved) bool { return r.Index == c.By })
			if by < 0 || !spared(c, records[by]) {
				return false
			}
			p.Change.Remove = slices.DeleteFunc(slices.Clone(p.Change.Remove), func(r zone.Record) bool { return r == c.Record })
			return true
		})
		return err
	})
}

// removing takes existing records away that may stay; new ones never.
func removing(surplus func(old zone.Record, new dc.Resolved) bool) func(*store.TenantConfig) {
	return planning(func(z *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
		for old := range z.Records() {
			if old.Type == "SOA" || old.Owner == z.Origin() && old.Type == "NS" || slices.Contains(p.Change.Remove, old) || rendered(old, records) {
				continue
			}
			if slices.ContainsFunc(records, func(new dc.Resolved) bool { return surplus(old, new) }) {
				p.Change.Remove = append(p.Change.Remove, old)
				p.Conflicts = append(p.Conflicts, zone.Conflict{Record: old, Reason: zone.ReasonSameType})
				p.Change.Retime = slices.DeleteFunc(slices.Clone(p.Change.Retime), func(r zone.Record) bool {
					r.TTL = old.TTL
					return r == old
				})
			}
		}
		return err
	})
}

// rendered reports whether an existing record is one of the template's.
func rendered(old zone.Record, records []dc.Resolved) bool {
	return slices.ContainsFunc(records, func(r dc.Resolved) bool {
		if r.RR == nil || r.Owner != old.Owner || r.Type != old.Type {
			return false
		}
		same, err := zone.FromRR(r.RR)
		return err == nil && same.Data == old.Data
	})
}

// writing changes what is written, behind the user's back.
func writing(change func(z *zone.Zone, c zone.Change) zone.Change) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) { c.Hooks.Written = append(c.Hooks.Written, change) }
}

// deep reports whether a record is two levels or more below the new NS.
func deep(c zone.Conflict, by dc.Resolved) bool {
	return c.Reason == zone.ReasonNSBelow && dns.CountLabel(c.Record.Owner) > dns.CountLabel(by.Owner)+1
}

// samePreference reports whether an existing MX has the preference of the new
// one.
func samePreference(old zone.Record, by dc.Resolved) bool {
	mx, ok := by.RR.(*dns.MX)
	preference, _, _ := strings.Cut(old.Data, " ")
	return ok && preference == strconv.Itoa(int(mx.Preference))
}

// otherFamily lets addresses of one family survive new ones of the other.
func otherFamily(new, old string) func(*store.TenantConfig) {
	return planning(func(_ *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
		if !slices.ContainsFunc(records, func(r dc.Resolved) bool { return r.Type == new }) {
			return err
		}
		p.Change.Remove = slices.DeleteFunc(slices.Clone(p.Change.Remove), func(r zone.Record) bool { return r.Type == old })
		p.Conflicts = slices.DeleteFunc(slices.Clone(p.Conflicts), func(c zone.Conflict) bool { return c.Record.Type == old })
		return err
	})
}

// apexConflicts shows the zone's own name servers as conflicts.
func apexConflicts(atApex bool) func(*zone.Zone, []dc.Resolved, *store.Planned, error) error {
	return func(z *zone.Zone, _ []dc.Resolved, p *store.Planned, err error) error {
		for old := range z.At(z.Origin()) {
			if old.Type == "NS" && atApex == (p.Ask.Host == "") {
				p.Conflicts = append(p.Conflicts, zone.Conflict{Record: old, Reason: zone.ReasonNSAbove})
			}
		}
		return err
	}
}

// identicalConflicts shows records that are there already as conflicts.
func identicalConflicts(z *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
	for _, r := range records {
		for old := range z.At(r.Owner) {
			if rendered(old, records) {
				p.Conflicts = append(p.Conflicts, zone.Conflict{Record: old, Reason: zone.ReasonSameType})
			}
		}
	}
	return err
}

// lastOfType keeps the last record of some types at each name.
func lastOfType(types ...string) func(*dc.Template, resolve.Request, []dc.Resolved, error) ([]dc.Resolved, error) {
	return func(_ *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
		var kept []dc.Resolved
		for i, r := range records {
			later := slices.ContainsFunc(records[i+1:], func(n dc.Resolved) bool { return n.Type == r.Type && n.Owner == r.Owner })
			if !later || !slices.Contains(types, r.Type) {
				kept = append(kept, r)
			}
		}
		return kept, err
	}
}

// whateverFits plans the records one by one, and leaves out what cannot stand
// with those before it.
func whateverFits(z *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
	var wrong *dc.Error
	if !errors.As(err, &wrong) || wrong.Class != dc.ErrCoexist {
		return err
	}
	p.Change, p.Conflicts = zone.Change{}, nil
	for _, r := range records {
		change, _, planErr := zone.Plan(z, []dc.Resolved{r}, nil, dc.Rules{})
		if planErr == nil && len(p.Change.Add) == 0 {
			p.Change = change
		}
	}
	return nil
}

// caseBlind finds no conflict at a host that the request spells in upper case.
func caseBlind(_ *zone.Zone, _ []dc.Resolved, p *store.Planned, err error) error {
	if p.Ask.Host != strings.ToLower(p.Ask.Host) {
		p.Conflicts, p.Change.Remove = nil, nil
	}
	return err
}

// spellingDiffers does not find an existing address that the request spells in
// another way, and fails when the database refuses to hold it twice.
func spellingDiffers(z *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
	for _, v := range p.Ask.Variables {
		ip, parseErr := netip.ParseAddr(v)
		if parseErr != nil || ip.String() == v {
			continue
		}
		for _, r := range records {
			for old := range z.At(r.Owner) {
				if old.Data == ip.String() {
					return &dc.Error{Class: dc.ErrAddress, Record: r.Index, Message: "the address exists already"}
				}
			}
		}
	}
	return err
}

// twice answers a record that is alone at its name twice.
func twice(q dns.Question, m *dns.Msg) {
	switch q.Qtype {
	case dns.TypeA, dns.TypeMX, dns.TypeTXT, dns.TypeCNAME:
		if len(m.Answer) == 1 && !strings.HasPrefix(q.Name, "_") {
			m.Answer = append(slices.Clone(m.Answer), m.Answer[0])
		}
	}
}

// answering changes the answers of the name server.
func answering(change func(q dns.Question, m *dns.Msg)) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) { c.Hooks.Answer = append(c.Hooks.Answer, change) }
}

// firstOnly takes the first conflicting record away and leaves the others.
func firstOnly(_ *zone.Zone, _ []dc.Resolved, p *store.Planned, err error) error {
	if len(p.Conflicts) > 1 {
		p.Change.Remove, p.Conflicts = []zone.Record{p.Conflicts[0].Record}, p.Conflicts[:1]
	}
	return err
}

// mailToo takes the mail servers at the names of new addresses away as well.
func mailToo(z *zone.Zone, c zone.Change) zone.Change {
	for _, add := range c.Add {
		for old := range z.At(add.Owner) {
			if add.Type == "A" && old.Type == "MX" && !slices.Contains(c.Remove, old) {
				c.Remove = append(slices.Clone(c.Remove), old)
			}
		}
	}
	return c
}
