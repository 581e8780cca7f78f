package conflict

import (
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

const newAlias = "@ 600 CNAME alias.service.example."

// Section 10.4: CNAME, new and existing.
var aliases = []trial.Case{
	pushedOut("conflict-cname-over-a", "A", "@ 300 A 203.0.113.1"),
	pushedOut("conflict-cname-over-aaaa", "AAAA", "@ 300 AAAA 2001:db8::1"),
	pushedOut("conflict-cname-over-txt", "TXT", `@ 300 TXT "old"`),
	pushedOut("conflict-cname-over-mx", "MX", "@ 300 MX 10 mx.old.example."),
	pushedOut("conflict-cname-over-cname", "CNAME", "@ 300 CNAME old.service.example."),
	onlyIETF(pushedOut("conflict-cname-over-srv", "SRV", "@ 300 SRV 1 2 3 srv.old.example.")),
	onlyIETF(pushedOut("conflict-cname-over-caa", "CAA", `@ 300 CAA 0 issue "ca.old.example"`)),
	// dcspec-2.3 spells the types out: others may stay, if DNS can hold them,
	// and those that it names may not.
	{Key: "conflict-cname-legacy-list", Title: "beside a new CNAME at most types stay that the list does not name",
		Requirements: []string{"DC-CONFLICT-LEGACY-CNAME-LIST"}, Templates: []string{"alias"}, Seeds: true,
		Body: func(t *trial.Trial) {
			t.Seed(`@ 300 CAA 0 issue "ca.old.example"`, "@ 300 MX 10 mx.old.example.")
			e := t.Confirms("DC-CONFLICT-LEGACY-CNAME-LIST", t.Request("alias"))
			t.Settle(newAlias)
			if len(t.Present(`@ 300 CAA 0 issue "ca.old.example"`)) > 0 {
				t.Note("reading", "a CAA stays beside a new CNAME")
			}
			about := sent(e)
			about.Actual = "an MX, which the list names, stays beside a new CNAME"
			t.Abuse("DC-CONFLICT-LEGACY-CNAME-LIST", len(t.Present("@ 300 MX 10 mx.old.example.")) > 0, about)
		}},

	pushedBy("conflict-a-over-cname", "A", "address", "@ 600 A 192.0.2.10"),
	pushedBy("conflict-aaaa-over-cname", "AAAA", "address6", "@ 600 AAAA 2001:db8::10"),
	pushedBy("conflict-txt-over-cname", "TXT of mode None", "text", `@ 600 TXT "plain"`),
	pushedBy("conflict-mx-over-cname", "MX", "mail", "@ 600 MX 5 mx.service.example."),
	onlyIETF(pushedBy("conflict-caa-over-cname", "CAA", "authorities", `@ 600 CAA 0 issue "ca1.example.net"`, `@ 600 CAA 0 issuewild ";"`)),
	// How the rules are written is judged by chapter spf.
	{Key: "conflict-spfm-over-cname", Title: "mail rules (SPFM) take the place of an existing CNAME",
		Requirements: []string{"DC-CONFLICT-CNAME-EXISTING"}, Templates: []string{"spf"}, Needs: []register.Need{register.NeedSPFM},
		Editions: []register.Edition{register.IETF05}, Seeds: true,
		Body: spfmOverCNAME},
}

func spfmOverCNAME(t *trial.Trial) {
	const id, old, beside = "DC-CONFLICT-CNAME-EXISTING", "@ 300 CNAME old.service.example.", "beside 300 CNAME old.service.example."
	t.Seed(old, beside)
	e := t.Confirms(id, t.Request("spf"))
	about := sent(e)
	texts := t.AwaitTexts("@", func(texts []string) bool { return slices.ContainsFunc(texts, hasRules) })
	about.Expected = []string{"a text that begins with v=spf1 and has include:spf.service.example, in place of the CNAME"}
	about.Actual = "the texts at the name are: " + strings.Join(texts, " | ")
	t.Require(id, slices.ContainsFunc(texts, hasRules), gomega.BeTrue(), about)
	about.Expected = nil
	t.Gone(id, about, old)
	t.Stays(id, about, beside)
}

func hasRules(text string) bool {
	return strings.HasPrefix(text, "v=spf1 ") && strings.Contains(text, "include:spf.service.example")
}

// pushedOut is the case of an existing record at the name of a new CNAME.
func pushedOut(key, what, old string) trial.Case {
	return trial.Case{Key: key, Title: "a new CNAME takes the place of an existing " + what,
		Requirements: []string{"DC-CONFLICT-CNAME-NEW"}, Templates: []string{"alias"}, Seeds: true,
		Body: func(t *trial.Trial) {
			replaces{id: "DC-CONFLICT-CNAME-NEW", template: "alias", new: []string{newAlias},
				gone: []string{old}, stays: []string{"beside 300 A 203.0.113.9"}}.judge(t)
		}}
}

// pushedBy is the case of a new record at the name of an existing CNAME.
func pushedBy(key, what, template string, new ...string) trial.Case {
	return trial.Case{Key: key, Title: "a new " + what + " takes the place of an existing CNAME",
		Requirements: []string{"DC-CONFLICT-CNAME-EXISTING"}, Templates: []string{template}, Seeds: true,
		Body: func(t *trial.Trial) {
			replaces{id: "DC-CONFLICT-CNAME-EXISTING", template: template, new: new,
				gone: []string{"@ 300 CNAME old.service.example."}, stays: []string{"beside 300 CNAME old.service.example."}}.judge(t)
		}}
}

// onlyIETF limits a case to ietf-05.
func onlyIETF(c trial.Case) trial.Case {
	c.Editions = []register.Edition{register.IETF05}
	return c
}
