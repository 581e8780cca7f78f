package fault

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// batch is how many records a provider writes at once that has trouble with
// more.
const batch = 7

// writes are misbehaviours in writing what was approved.
var writes = []Fault{
	{"batch-cut", "Of a template's records those after the seventh are not written.",
		[]string{"DC-APPLY-ALL-WRITTEN", "DC-TMPL-PROVIDER-RECORD-LIMIT"},
		rendering(func(_ *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
			return records[:min(batch, len(records))], err
		})},
	{"conflict-resolved-by-skipping", "In large templates a record whose place is taken is left out, and what has the place stays.",
		[]string{"DC-APPLY-ALL-WRITTEN", "DC-APPLY-CONFLICTS-REMOVED"}, planning(skipped)},
	{"old-beside-new", "In large templates an MX is written beside those that are there.",
		[]string{"DC-APPLY-CONFLICTS-REMOVED"}, planning(oldMail)},
	{"partial-apply", "When a record cannot be written, those before it are written all the same.",
		[]string{"DC-APPLY-ATOMIC"},
		rendering(func(t *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
			var wrong *dc.Error
			if !errors.As(err, &wrong) || wrong.Class != dc.ErrAddress {
				return records, err
			}
			before := *t
			before.Records = t.Records[:wrong.Record]
			return resolve.Resolve(&before, ask, dc.Rules{})
		})},
	{"limit-hit-halfway", "That addresses of the local machine are not allowed shows when the other records are written.",
		[]string{"DC-APPLY-LOCAL-POLICY"},
		writing(func(_ *zone.Zone, c zone.Change) zone.Change {
			c.Add = slices.DeleteFunc(slices.Clone(c.Add), func(r zone.Record) bool { return isLoopback(r) })
			return c
		})},
	{"duplicate-txt-on-reapply", "Texts that a template finds there already are stored a second time.",
		[]string{"DC-APPLY-REAPPLY-SAME-ZONE"}, storedTwice},
	{"text-lost-on-reapply", "A text that a template finds there already is taken for its old one and removed.",
		[]string{"DC-APPLY-REAPPLY-SAME-ZONE"}, planning(lostText)},
	{"ttl-below-minimum-400", "A time to live below a minute is refused.",
		[]string{"DC-APPLY-TTL-ADJUST"}, rendering(minimumTTL)},
	{"ttl-leading-zero-refused", "A time to live that begins with a zero is refused.",
		[]string{"DC-APPLY-TTL-ADJUST"}, rendering(leadingZero)},
	{"mixed-ttl-refused", "A record is refused where its set has a longer time to live.",
		[]string{"DC-APPLY-TTL-RRSET"},
		planning(func(_ *zone.Zone, _ []dc.Resolved, p *store.Planned, err error) error {
			if len(p.Change.Retime) > 0 && err == nil {
				return &dc.Error{Class: dc.ErrZone, Record: -1, Field: "ttl", Message: "the records there have another ttl"}
			}
			return err
		})},
	{"ttl-per-record", "Records of one set keep times to live of their own.",
		[]string{"DC-APPLY-TTL-RRSET"},
		answering(func(_ dns.Question, m *dns.Msg) {
			for i, rr := range m.Answer {
				if _, ok := rr.(*dns.TXT); ok && i > 0 {
					m.Answer[i] = dns.Copy(rr)
					m.Answer[i].Header().Ttl += 3000
				}
			}
		})},
	{"lost-queue-item", "A change far below the domain is queued and lost.",
		[]string{"DC-APPLY-QUEUED"},
		writing(func(z *zone.Zone, c zone.Change) zone.Change {
			c.Add = slices.DeleteFunc(slices.Clone(c.Add), func(r zone.Record) bool {
				return dns.CountLabel(r.Owner)-dns.CountLabel(z.Origin()) > 5
			})
			return c
		})},
	{"semicolon-comment", "What follows a semicolon and a space in a text is taken for a comment.",
		[]string{"DC-APPLY-TXT-PRESENTATION"},
		storing(func(r dc.Resolved, text string) string {
			if r.TXTMode != dc.TXTNone {
				return text
			}
			before, _, _ := strings.Cut(text, "; ")
			return before
		})},
	{"at-sign-in-text", "@ at the beginning of a text is replaced by the name.",
		[]string{"DC-APPLY-TXT-PRESENTATION"},
		storing(func(r dc.Resolved, text string) string {
			if rest, ok := strings.CutPrefix(text, "@"); ok {
				return strings.TrimSuffix(r.Owner, ".") + rest
			}
			return text
		})},
	{"quotes-stored", "Quotes around the strings of a text are stored with it.",
		[]string{"DC-APPLY-TXT-PRESENTATION"}, rendering(quotesStored)},
}

// storing changes the joined text of TXT records.
func storing(change func(r dc.Resolved, text string) string) func(*store.TenantConfig) {
	return rendering(func(_ *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
		for i, r := range records {
			if txt, ok := r.RR.(*dns.TXT); ok {
				records[i].RR = textRecord(txt, change(r, strings.Join(txt.Txt, "")))
			}
		}
		return records, err
	})
}

// textRecord is a TXT with another text, cut into strings as DNS wants them.
func textRecord(txt *dns.TXT, text string) *dns.TXT {
	fresh := &dns.TXT{Hdr: txt.Hdr}
	for ; len(text) > 255; text = text[255:] {
		fresh.Txt = append(fresh.Txt, text[:255])
	}
	fresh.Txt = append(fresh.Txt, text)
	return fresh
}

// quotesStored takes quotes for text, as dcspec-2.3 lets one do.
func quotesStored(t *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	for i, r := range records {
		data := t.Records[r.Index].Data
		if txt, ok := r.RR.(*dns.TXT); ok && strings.HasPrefix(data, `"`) && !strings.Contains(data, "%") {
			records[i].RR = textRecord(txt, strings.ReplaceAll(data, `"`, `\"`))
		}
	}
	return records, err
}

// skipped gives way to the mail servers that are there.
func skipped(_ *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
	if len(records) <= batch {
		return err
	}
	stay := func(r zone.Record) bool { return r.Type == "MX" }
	if slices.ContainsFunc(p.Change.Remove, stay) {
		p.Change.Add = slices.DeleteFunc(slices.Clone(p.Change.Add), stay)
	}
	return oldMail(nil, records, p, err)
}

// oldMail lets mail servers stay that have to give way.
func oldMail(_ *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
	if len(records) > batch {
		p.Change.Remove = slices.DeleteFunc(slices.Clone(p.Change.Remove), func(r zone.Record) bool { return r.Type == "MX" })
		p.Conflicts = slices.DeleteFunc(slices.Clone(p.Conflicts), func(c zone.Conflict) bool { return c.Record.Type == "MX" })
	}
	return err
}

// storedTwice remembers names at which a large template found all that it
// brings, and answers their texts twice.
func storedTwice(c *store.TenantConfig) {
	var again sync.Map
	both(
		planning(func(z *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
			for _, r := range records {
				if len(records) > batch && r.Type == "TXT" && p.Change.Empty() {
					again.Store(r.Owner, true)
				}
			}
			return err
		}),
		answering(func(q dns.Question, m *dns.Msg) {
			if _, ok := again.Load(strings.ToLower(q.Name)); ok && q.Qtype == dns.TypeTXT {
				m.Answer = append(slices.Clone(m.Answer), m.Answer...)
			}
		}),
	)(c)
}

// lostText removes the texts of a large template that are there already.
func lostText(z *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
	if len(records) <= batch || !p.Change.Empty() {
		return err
	}
	for _, r := range records {
		for old := range z.At(r.Owner) {
			if old.Type == "TXT" && rendered(old, records) {
				p.Change.Remove = append(p.Change.Remove, old)
			}
		}
	}
	return err
}

// isLoopback reports whether a record leads to the local machine.
func isLoopback(r zone.Record) bool {
	address, err := netip.ParseAddr(r.Data)
	return err == nil && address.IsLoopback()
}

func minimumTTL(_ *dc.Template, _ resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	for _, r := range records {
		if r.RR != nil && r.TTL < 60 {
			return nil, &dc.Error{Class: dc.ErrNumber, Record: r.Index, Field: "ttl", Message: "the ttl is below 60"}
		}
	}
	return records, err
}

func leadingZero(t *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	for _, r := range t.Records {
		name, whole := strings.CutPrefix(r.TTL, "%")
		if value := ask.Variables[strings.TrimSuffix(name, "%")]; whole && len(value) > 1 && value[0] == '0' {
			return nil, &dc.Error{Class: dc.ErrNumber, Record: r.Index, Field: "ttl", Message: "the ttl begins with a zero"}
		}
	}
	return records, err
}
