package writing

import (
	"fmt"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

// longest is the longest time to live that DNS has (RFC 2181 section 8).
const longest = 1<<31 - 1

// Sections 6.2 and 10.2: times to live.
var times = []trial.Case{
	{Key: "writing-ttl-adjusted", Title: "a time to live that is not supported is adjusted, and the record written",
		Requirements: []string{"DC-APPLY-TTL-ADJUST"}, Templates: []string{"ttls"},
		Body: func(t *trial.Trial) {
			r := t.Request("ttls")
			e := t.Confirms("DC-APPLY-TTL-ADJUST", r)
			t.Holds("DC-APPLY-TTL-ADJUST", sent(e), r.Records()...)
			for _, record := range r.Records() {
				legal(t, e, record)
			}
		}},
	// 0600 is 600 in digits. What is no number is refused, or gets a default.
	{Key: "writing-ttl-variable", Title: "a time to live from a variable is adjusted, too",
		Requirements: []string{"DC-APPLY-TTL-ADJUST"}, Templates: []string{"ttl-variable"}, Needs: []register.Need{register.NeedNumericVariables},
		Body: func(t *trial.Trial) {
			const id = "DC-APPLY-TTL-ADJUST"
			r := t.Request("ttl-variable")
			for _, ttl := range []string{"1", "0600"} {
				record := "ttl" + ttl + ` 600 TXT "timed"`
				e := t.Confirms(id, r.With("host", "ttl"+ttl+".{host}").With("ttl", ttl))
				t.Settle(record)
				t.Require(id, t.Missing(record), gomega.BeEmpty(), check.About{Sent: sent(e).Sent, Expected: []string{"the record, with some time to live"}, Actual: "it is not there"})
				legal(t, e, record)
			}
			e := t.Approve(r.With("ttl", "abc"))
			if !e.Asked() {
				t.Note("reading", "a time to live that is no number is refused")
				t.Require(id, e.Refused(), gomega.BeTrue(), check.About{Sent: "GET " + e.Link, Expected: []string{"the usual error"}, Actual: e.String()})
				return
			}
			t.Note("reading", "a time to live that is no number is replaced by a default")
			t.Settle(`@ 600 TXT "timed"`)
			t.Require(id, t.Missing(`@ 600 TXT "timed"`), gomega.BeEmpty(), check.About{Sent: sent(e).Sent, Expected: []string{"the record, with a default time to live", "a refusal"}, Actual: "success, and no record"})
		}},
	{Key: "writing-ttl-of-set", Title: "records of one name and type have one time to live",
		Requirements: []string{"DC-APPLY-TTL-RRSET"}, Templates: []string{"text"}, Seeds: true,
		Body: func(t *trial.Trial) {
			const id = "DC-APPLY-TTL-RRSET"
			t.Seed(`@ 3600 TXT "old"`)
			e := t.Confirms(id, t.Request("text"))
			t.Settle(`@ 3600 TXT "old"`, `@ 600 TXT "plain"`)
			if len(t.Missing(`@ 3600 TXT "old"`)) > 0 {
				t.Blocked("conflict/conflict-txt-none")
			}
			missing := t.Missing(`@ 600 TXT "plain"`)
			t.Require(id, missing, gomega.BeEmpty(), check.About{Sent: sent(e).Sent, Expected: []string{"the new text beside the old one"}, Actual: "it is not there"})
			for _, a := range t.Answers(`@ 600 TXT "plain"`) {
				set := a.Of(a.Type)
				t.Require(id, set[0].TTL, gomega.Equal(set[len(set)-1].TTL), check.About{Sent: sent(e).Sent,
					Expected: []string{"both texts with one time to live"}, Actual: a.Observation().String()})
			}
		}},
}

// legal states that the time to live of a record is one that DNS has.
func legal(t *trial.Trial, e *trial.Ending, record string) {
	for _, a := range t.Answers(record) {
		for _, r := range a.Of(a.Type) {
			t.Require("DC-APPLY-TTL-ADJUST", r.TTL, gomega.BeNumerically("<=", longest), check.About{Sent: sent(e).Sent,
				Expected: []string{fmt.Sprintf("a time to live of at most %d", longest)}, Actual: r.String()})
		}
	}
}
