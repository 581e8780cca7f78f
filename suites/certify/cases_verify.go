package certify

import (
	"context"
	"fmt"
	"strings"

	"github.com/miekg/dns"
	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/match"
	"github.com/dcconform/dcconform/suites/observe"
)

var returnRequirements = []string{
	"DC-REDIR-SUCCESS", "DC-REDIR-STATE-SUCCESS", "DC-REDIR-SUCCESS-HAS-NO-ERROR",
	"DC-REDIR-QUERY-PRESERVED", "DC-REDIR-NONE-ENDS-GRACEFULLY", "DC-TMPL-REDIRECTDOMAIN-SYNTAX",
}

// comeBack looks at where the user ended: at the redirect_uri with the state
// that was sent, or on a last page of the provider's when none was given.
func (f *flow) comeBack(c *check.Case) {
	f.needApplied(c)
	if f.request.RedirectURI == "" && f.t.SyncRedirectDomain != "" {
		at := f.t.Position("syncRedirectDomain")
		c.At(f.t.File, at.Line, at.Column, 0)
		c.Fail("DC-TMPL-REDIRECTDOMAIN-SYNTAX", check.About{Sent: "syncRedirectDomain " + f.t.SyncRedirectDomain,
			Expected: []string{"host names, divided by commas"}, Actual: "no member is a host name that a browser could be sent to",
			Mend: "list plain host names in syncRedirectDomain: no scheme, no path, no wildcard"})
	}
	if f.request.RedirectURI == "" {
		last, _ := f.outcome.Page(consent.Result)
		c.Require("DC-REDIR-NONE-ENDS-GRACEFULLY", last.Status, gomega.Equal(200),
			check.About{Expected: []string{"a result page"}, Actual: lastText(f.outcome)})
		c.Control("DC-REDIR-NONE-ENDS-GRACEFULLY", f.outcome.Returned, gomega.BeFalse(),
			check.About{Actual: "the user was redirected although no redirect_uri was given"})
		c.Note("no-redirect", "the template has no syncRedirectDomain: the flow was tried without redirect_uri")
		return
	}
	sent := "redirect_uri=" + f.request.RedirectURI + " state=" + f.request.State
	if !f.outcome.Returned {
		c.Fail("DC-TMPL-REDIRECTDOMAIN-SYNTAX", check.About{Sent: sent, Expected: []string{"a redirect to " + f.request.RedirectURI},
			Actual: "the user was not sent there; the last page: " + lastText(f.outcome),
			Mend:   "list plain host names in syncRedirectDomain, divided by commas"})
	}
	ctx, cancel := context.WithTimeout(c.Context(), observe.DefaultCeiling)
	defer cancel()
	hit, err := f.w.callback.Wait(ctx, f.token)
	c.Interrupted(err)
	c.Broken(err)
	c.Record("observation", "redirect", []byte(hit.URL+"\n"))
	about := check.About{Sent: sent, Expected: []string{f.request.RedirectURI + "&state=" + client.Encode(f.request.State)}}
	c.Control("DC-REDIR-SUCCESS", hit.URL, match.SentTo(f.request.RedirectURI), about)
	c.Control("DC-REDIR-QUERY-PRESERVED", hit.URL, match.QueryKept(f.request.RedirectURI), about)
	c.Control("DC-REDIR-SUCCESS-HAS-NO-ERROR", hit.URL, match.WithoutError(f.request.RedirectURI), about)
	if f.dropsState() {
		c.Control("DC-REDIR-STATE-SUCCESS", hit.Query().Has("state"), gomega.BeFalse(), check.About{Sent: sent, Actual: "the mock gave state back, which " + f.o.Profile + " does not"})
		c.Note("state-dropped", "no state came back, as at "+f.o.Profile+": put what tells requests apart into redirect_uri itself")
		return
	}
	c.Control("DC-REDIR-STATE-SUCCESS", hit.URL, match.StateKept(f.request.RedirectURI, f.request.State), about)
}

// readBack asks the name server for every RRset that the apply touched.
func (f *flow) readBack(c *check.Case) {
	f.needApplied(c)
	ns := f.w.nameServer()
	asked := map[string]bool{}
	hidden := 0
	for r := range f.want.after.Records() {
		if f.touched(r) && f.readEdge(c, ns, r, asked) {
			continue
		}
		if isPseudo(r.Type) {
			c.Note("not-in-dns", r.Type+" at "+r.Owner+" is no DNS record; it is not read back")
			continue
		}
		if !f.touched(r) || asked[r.Owner+" "+r.Type] {
			continue
		}
		asked[r.Owner+" "+r.Type] = true
		if f.occluded(r) {
			hidden++
			continue
		}
		f.readSet(c, ns, r.Owner, r.Type)
	}
	if hidden > 0 {
		c.Note("below-delegation", fmt.Sprintf("%d RRsets lie below a delegation of the template; they are looked for in the zone transfer alone", hidden))
	}
	if len(asked) == hidden {
		c.NotApplicable("not-in-dns", "no record of the template can be asked for by its name")
	}
}

// touched reports whether the record's RRset is one that the apply writes.
func (f *flow) touched(r zone.Record) bool {
	for _, list := range [][]zone.Record{f.want.change.Add, f.want.change.Retime} {
		for _, a := range list {
			if a.Owner == r.Owner && a.Type == r.Type {
				return true
			}
		}
	}
	return false
}

// occluded reports whether a delegation above hides the record from questions.
func (f *flow) occluded(r zone.Record) bool {
	cut, ok := f.want.after.Cut(r.Owner)
	return ok && (cut != r.Owner || r.Type != "NS" && r.Type != "DS")
}

func (f *flow) readSet(c *check.Case, ns observe.Server, owner, rrtype string) {
	number, ok := dns.StringToType[rrtype]
	if !ok {
		if _, err := fmt.Sscanf(rrtype, "TYPE%d", &number); err != nil {
			c.Broken(fmt.Errorf("the reference expects the unknown type %s", rrtype))
		}
	}
	answer, err := ns.Ask(c.Context(), owner, number)
	c.Interrupted(err)
	if err != nil {
		c.Broken(fmt.Errorf("asking for %s %s: %w", owner, rrtype, err))
	}
	c.Record("observation", owner+" "+rrtype, []byte(answer.Observation().String()+"\n"))
	var want, got []string
	for r := range f.want.after.At(owner) {
		if r.Type != rrtype {
			continue
		}
		seen, err := observe.Parse(r.String())
		c.Broken(err)
		want = append(want, seen.String())
	}
	found := answer.Records
	if len(found) == 0 && rrtype == "NS" {
		// The parent side of a delegation answers with a referral.
		found = answer.Authority
	}
	for _, r := range found {
		if strings.EqualFold(r.Owner, owner) {
			got = append(got, r.String())
		}
	}
	c.Control("DC-APPLY-ALL-WRITTEN", got, match.Records(want...),
		check.About{Sent: owner + " " + rrtype + " at the authoritative server", Expected: want})
}

// nothingElse compares the whole zone with what the reference makes of it.
func (f *flow) nothingElse(c *check.Case) {
	f.needApplied(c)
	want, err := lines(f.want.after)
	c.Broken(err)
	before, err := lines(f.before)
	c.Broken(err)
	c.Record("zone", "zone "+f.domain+" before", []byte(strings.Join(before, "\n")+"\n"))
	c.Control("DC-CONFLICT-NOTHING-ELSE-REMOVED", f.transferred(c), match.Records(want...),
		check.About{Sent: "AXFR " + f.domain, Expected: []string{"the zone as it was, with the template's change and no other"}})
	f.noteLosses(c)
}

// noteLosses says what the customer loses in a zone that was lived in.
func (f *flow) noteLosses(c *check.Case) {
	for _, r := range f.want.change.Remove {
		c.Note("removes", r.String())
	}
}

// conflictsShown holds the consent page against the conflicts that the
// reference finds.
func (f *flow) conflictsShown(c *check.Case) {
	f.needApplied(c)
	page, _ := f.outcome.Page(consent.Consent)
	for _, conflict := range f.want.conflicts {
		owner := strings.TrimSuffix(conflict.Record.Owner, ".")
		c.Require("DC-CONS-CONFLICTS-SHOWN", hasRow(page.Tables, owner, conflict.Record.Type), gomega.BeTrue(), check.About{
			Expected: []string{"a row for " + conflict.Record.String()}, Actual: "the consent page does not show it"})
	}
	if len(f.want.conflicts) == 0 {
		c.NotApplicable("no-conflicts", "nothing in this zone is in the template's way")
	}
}

func hasRow(tables [][][]string, owner, rrtype string) bool {
	for _, table := range tables {
		for _, row := range table {
			if len(row) > 1 && strings.EqualFold(row[0], owner) && row[1] == rrtype {
				return true
			}
		}
	}
	return false
}

// again applies the same link once more: the zone must stay as it is.
func (f *flow) again(c *check.Case) {
	f.needApplied(c)
	out, err := f.w.driver(false).Approve(c.Context(), f.link.URL, f.user(), consent.Options{})
	f.recordOutcome(c, out)
	c.Interrupted(err)
	c.Broken(err)
	want, err := lines(f.want.after)
	c.Broken(err)
	// What the reference says of applying twice is no more than what the first
	// apply left, unless the template itself does not settle.
	twice := f.expect(f.want.after)
	c.Broken(twice.err)
	c.Require("DC-APPLY-REAPPLY-SAME-ZONE", len(twice.change.Add)+len(twice.change.Remove), gomega.BeZero(), check.About{
		Sent: "the same link again", Expected: []string{"no change"}, Actual: fmt.Sprintf("the reference adds %v and removes %v", twice.change.Add, twice.change.Remove)})
	c.Control("DC-APPLY-REAPPLY-SAME-ZONE", f.transferred(c), match.Records(want...), check.About{Sent: "the same link again, then AXFR " + f.domain})
}
