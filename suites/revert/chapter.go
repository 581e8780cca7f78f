// Package revert judges what a provider that takes templates back takes away,
// and what it leaves (async-00 section 6.7; dcspec-2.3, OAuth Flow: Revert
// Template; ietf-05 sections 10.1, 10.2 and 10.5).
package revert

import (
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/oauthclient"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "revert", Title: "Taking a template back", Cases: slices.Concat(offered, bounds, instances, traces)}
}

// takesBack is what the cases need whose requirements do not say it.
var takesBack = []register.Need{register.NeedAsync, register.NeedRevert}

// plain are the records of the plain template at a name below the case's own;
// "" is the case's own.
func plain(below string) []string {
	if below == "" {
		return []string{"@ 600 A 192.0.2.1", `note 600 TXT "v=plain"`}
	}
	return []string{below + " 600 A 192.0.2.1", "note." + below + ` 600 TXT "v=plain"`}
}

// back takes a template back, and states that it is accepted and that the zone
// comes to hold exactly the records.
func back(t *trial.Trial, id string, c trial.Call, records ...string) {
	r := c.Send()
	if (r.Status == 404 || r.Status == 405) && id != "DC-REVERT-ENDPOINT" {
		t.Inconclusive("control-twin", "the call is not there, which has a case of its own: "+r.Sent()+": "+r.String())
	}
	t.Require(id, r.Good(), gomega.BeTrue(), check.About{Sent: r.Sent(), Expected: []string{"a status of 2xx"}, Actual: r.String()})
	t.Holds(id, check.About{Sent: r.Sent()}, records...)
}

var offered = []trial.Case{
	{Key: "revert-not-offered", Title: "a provider that takes no template back says so with status 501",
		Requirements: []string{"DC-REVERT-OPTIONAL-501"}, Denies: []register.Need{register.NeedRevert}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-REVERT-OPTIONAL-501"
			g := t.Granted(t.Authorization("plain"))
			t.Wrote(g.Apply("plain"), plain("")...)
			r := g.Revert("plain").Send()
			t.Require(id, r.Status, gomega.Equal(501), check.About{Sent: r.Sent(), Expected: []string{"status 501, since the target denies revert"}, Actual: r.String()})
			t.Stays(id, check.About{Sent: r.Sent()}, plain("")...)
		}},
	{Key: "revert-endpoint", Title: "a template is taken back by a POST with a token",
		Requirements: []string{"DC-REVERT-ENDPOINT"}, Needs: takesBack, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-REVERT-ENDPOINT"
			g := t.Granted(t.Authorization("plain"))
			t.Wrote(g.Apply("plain"), plain("")...)
			back(t, id, g.Revert("plain").In(oauthclient.InQuery))
		}},
	{Key: "revert-body", Title: "the parameters of the call may stand in a JSON body",
		Requirements: []string{"DC-REVERT-ENDPOINT"}, Needs: takesBack, Templates: []string{"plain"}, Names: []string{"twin", "note.twin"},
		Body: func(t *trial.Trial) {
			const id = "DC-REVERT-ENDPOINT"
			g := t.Allowed("plain")
			t.Wrote(g.Apply("plain").Below("twin"), plain("twin")...)
			if r := g.Revert("plain").Below("twin").Send(); !r.Good() {
				t.Inconclusive("control-twin", "a template is not taken back by a query, which has a case of its own: "+r.String())
			}
			t.Wrote(g.Apply("plain"), plain("")...)
			call := g.Revert("plain").In(oauthclient.InJSON)
			if t.World.Edition == register.IETF05 {
				back(t, id, call)
				return
			}
			// dcspec-2.3 wants the body, and does not demand it.
			r := call.Send()
			if !r.Good() {
				t.Note("reading", "the parameters of a revert call are not taken from a body: "+r.String())
			}
			t.Require(id, r.Good(), gomega.BeTrue(), check.About{Sent: r.Sent(), Expected: []string{"a status of 2xx"}, Actual: r.String()})
		}},
}

// What a token is good for.
var bounds = []trial.Case{
	{Key: "revert-token", Title: "the token is looked at as when a template is applied",
		Requirements: []string{"DC-REVERT-TOKEN"}, Needs: takesBack, Templates: []string{"plain", "text"}, Names: []string{"s2", "note.s2"},
		Body: func(t *trial.Trial) {
			const id = "DC-REVERT-TOKEN"
			// What the token is not good for was applied by another one.
			wide := t.Granted(t.Authorization("plain", "text").With("host", t.Hosts("", "s2")))
			t.Wrote(wide.Apply("plain"), plain("")...)
			t.Wrote(wide.Apply("text"), `@ 600 TXT "plain"`)
			if r := wide.Revert("text").Send(); !r.Good() {
				t.Inconclusive("control-twin", "a template that was applied is not taken back: "+r.Sent()+": "+r.String())
			}
			t.Wrote(wide.Apply("text"), `@ 600 TXT "plain"`)
			t.Wrote(wide.Apply("plain").Below("s2"), plain("s2")...)
			g := t.Granted(t.Authorization("plain"))
			call := g.Revert("plain")
			all := slices.Concat(plain(""), plain("s2"), []string{`@ 600 TXT "plain"`})
			attempts := []trial.Attempt{
				t.Unauthorized("no token", call.As("")), t.Unauthorized("a token that nobody gave", call.As("no-such-token-at-all")),
				trial.Refusal("a template that was not allowed", g.Revert("text")), trial.Refusal("a host that was not named", call.Below("s2")),
				trial.Refusal("another provider", call.Of("other.dcconform.example", "plain")),
			}
			kept(t, id, all, "a status of 4xx, and nothing is taken away", attempts...)
			// The twin: the right token takes the template back.
			r := call.Send()
			if !r.Good() {
				t.Inconclusive("control-twin", "the control twin, which has to be carried out, was not: "+r.Sent()+": "+r.String())
			}
			t.Gone(id, check.About{Sent: r.Sent()}, plain("")...)
		}},
	{Key: "revert-bound-domain", Title: "a token takes nothing back at another domain",
		Requirements: []string{"DC-REVERT-TOKEN"}, Needs: takesBack, Templates: []string{"plain"}, Body: otherDomain},
	{Key: "revert-applied-only", Title: "records that look like a template's are not taken for it",
		Requirements: []string{"DC-REVERT-VERIFIES-APPLIED"}, Needs: takesBack, Templates: []string{"plain"}, Seeds: true, Names: []string{"twin", "note.twin"},
		Body: func(t *trial.Trial) {
			const id = "DC-REVERT-VERIFIES-APPLIED"
			g := t.Allowed("plain")
			t.Seed(plain("")...)
			t.Wrote(g.Apply("plain").Below("twin"), plain("twin")...)
			r := g.Revert("plain").Send()
			if twin := g.Revert("plain").Below("twin").Send(); !twin.Good() {
				t.Inconclusive("control-twin", "a template that was applied is not taken back: "+twin.String())
			}
			t.Holds(id, check.About{Sent: r.Sent() + ", where the records were made by hand"}, plain("")...)
		}},
	{Key: "revert-gone", Title: "what was not applied cannot be taken back, and the caller is told",
		Requirements: []string{notApplied}, Needs: takesBack, Templates: []string{"plain"}, Body: gone},
}

// otherDomain applies a template at another domain of the target, too, by a
// permission of its own: where nothing is there to take back, every answer is
// that of a template that is not applied.
func otherDomain(t *trial.Trial) {
	d, ask := t.Elsewhere()
	at := t.Host() + "." + d.Name + "."
	theirs := []string{at + " 600 A 192.0.2.1", "note." + at + ` 600 TXT "v=plain"`}
	there := ask(t.Authorization("plain").With("domain", d.Name))
	t.Wrote(there.Apply("plain").With("domain", d.Name), theirs...)
	g := t.Granted(t.Authorization("plain"))
	t.Wrote(g.Apply("plain"), plain("")...)
	kept(t, "DC-REVERT-TOKEN", slices.Concat(plain(""), theirs), "a status of 4xx, and nothing is taken away",
		trial.Refusal("a domain that the token is not for", g.Revert("plain").With("domain", d.Name)))
	// The twin: the token of that domain takes the template back.
	if r := there.Revert("plain").With("domain", d.Name).Send(); !r.Good() {
		t.Inconclusive("control-twin", "the control twin, which has to be carried out, was not: "+r.Sent()+": "+r.String())
	}
}

// kept states that calls are refused with a status of 4xx, and that records stay.
func kept(t *trial.Trial, id string, records []string, expected string, attempts ...trial.Attempt) {
	var wrong, sent []string
	for _, a := range attempts {
		r := a.Send()
		ok := r.Status >= 400 && r.Status < 500
		if a.Good != nil {
			ok = a.Good(r)
		}
		if !ok {
			wrong, sent = append(wrong, a.What+": "+r.String()), append(sent, r.Sent())
		}
	}
	t.Require(id, wrong, gomega.BeEmpty(), check.About{Sent: strings.Join(sent, " and "), Expected: []string{expected}, Actual: strings.Join(wrong, "; ")})
	t.Holds(id, check.About{Sent: "calls that have to be refused"}, records...)
}

const notApplied = "DC-REVERT-NOT-APPLIED-410"

// gone makes calls that have nothing to take back, once what was there is gone.
func gone(t *trial.Trial) {
	g := t.Granted(t.Authorization("plain").With("host", t.Hosts("", "never")))
	calls := []trial.Call{g.Revert("plain"), g.Revert("plain").Below("never")}
	told(t, []string{"for the second time", "where it never was"}, []string{t.Hosts("never"), t.Host()}, func() (r round) {
		t.Wrote(g.Apply("plain"), plain("")...)
		r.done = undone(t, g.Revert("plain"))
		for _, c := range calls {
			r.idle = append(r.idle, c.Send())
		}
		return r
	})
}

// unknown asks for an instance that nobody made while another one is there:
// where none is, every answer is that of a template that is not applied.
func unknown(t *trial.Trial) {
	g := t.Allowed("several")
	call := g.Revert("several")
	told(t, []string{"beside the instance i1"}, []string{t.Host(), "i1", "i3"}, func() (r round) {
		t.Wrote(g.Apply("several").With("text", "one").With("instanceId", "i1"), `@ 600 TXT "one"`)
		r.idle = []trial.Reply{call.With("instanceId", "i3").Send()}
		r.done = undone(t, call.With("instanceId", "i1"))
		return r
	})
}

// undone takes back what is there.
func undone(t *trial.Trial, c trial.Call) trial.Reply {
	r := c.Send()
	if !r.Good() {
		t.Inconclusive("control-twin", "a template that was applied is not taken back: "+r.Sent()+": "+r.String())
	}
	return r
}

// told states that the answers without effect of a round say so. what is
// special about them, and masked are texts of the requests.
func told(t *trial.Trial, what, masked []string, turn func() round) {
	first := turn()
	if t.World.Edition == register.DCSpec23 {
		second := first
		if slices.ContainsFunc(first.idle, trial.Reply.Good) {
			second = turn()
		}
		warning(t, what, first, second, masked)
		return
	}
	for i, r := range first.idle {
		about := check.About{Sent: r.Sent() + ", " + what[i], Expected: []string{"status 410"}, Actual: r.String()}
		t.Require(notApplied, r.Good(), gomega.BeFalse(), about)
		if r.Status == 404 {
			t.Note("reading", "what was not applied is answered with status 404")
			continue
		}
		t.Require(notApplied, r.Status, gomega.Equal(410), about)
	}
}

// Which of several goes.
var instances = []trial.Case{
	{Key: "revert-one-instance", Title: "with an instanceId that instance goes, and no other",
		Requirements: []string{"DC-REVERT-ONE-INSTANCE"}, Needs: takesBack, Templates: []string{"several"},
		Body: func(t *trial.Trial) {
			const id = "DC-REVERT-ONE-INSTANCE"
			g := pair(t)
			call := g.Revert("several")
			other := call.With("instanceId", "i3").Send()
			t.Holds(id, check.About{Sent: other.Sent()}, `@ 600 TXT "one"`, `@ 600 TXT "two"`)
			back(t, id, call.With("instanceId", "i1"), `@ 600 TXT "two"`)
			back(t, id, call.With("instanceId", "i2"))
		}},
	{Key: "revert-unknown-instance", Title: "an instanceId that nobody gave cannot be taken back, and the caller is told",
		Requirements: []string{notApplied}, Needs: takesBack, Templates: []string{"several"}, Body: unknown},
	{Key: "revert-all-instances", Title: "without an instanceId all instances at that name go",
		Requirements: []string{"DC-REVERT-ALL-INSTANCES"}, Needs: takesBack, Templates: []string{"several"},
		Body: func(t *trial.Trial) {
			g := pair(t)
			back(t, "DC-REVERT-ALL-INSTANCES", g.Revert("several"))
		}},
	{Key: "revert-other-hosts", Title: "the template goes at the name of the call, and stays at others",
		Requirements: []string{"DC-REVERT-OTHER-HOSTS"}, Needs: takesBack, Templates: []string{"plain"}, Names: []string{"twin", "note.twin"},
		Body: func(t *trial.Trial) {
			g := t.Allowed("plain")
			t.Wrote(g.Apply("plain"), plain("")...)
			t.Wrote(g.Apply("plain").Below("twin"), plain("twin")...)
			back(t, "DC-REVERT-OTHER-HOSTS", g.Revert("plain"), plain("twin")...)
		}},
	{Key: "revert-recorded", Title: "a template that has gone is no longer there to be taken back",
		Requirements: []string{"DC-STATE-INSTANCE-RECORDED"}, Needs: takesBack, Templates: []string{"plain", "address"}, Body: recorded},
}

// pair applies a template of several instances twice.
func pair(t *trial.Trial) *trial.Grant {
	g := t.Granted(t.Authorization("several").With("host", t.Hosts("", "twin")))
	t.Wrote(g.Apply("several").With("text", "one").With("instanceId", "i1"), `@ 600 TXT "one"`)
	t.Wrote(g.Apply("several").With("text", "two").With("instanceId", "i2"), `@ 600 TXT "one"`, `@ 600 TXT "two"`)
	return g
}

// recorded has one template end by a conflict with another.
func recorded(t *trial.Trial) {
	const id = "DC-STATE-INSTANCE-RECORDED"
	g := t.Granted(t.Authorization("plain", "address"))
	t.Wrote(g.Apply("plain"), plain("")...)
	t.Wrote(g.Apply("address").With("force", "1"), "@ 600 A 192.0.2.10")
	if left := t.Present(plain("")...); len(left) > 0 {
		t.Inconclusive("control-twin", "a template whose essential record is in the way does not go as a whole, which has a case of its own: "+strings.Join(left, ", "))
	}
	old := g.Revert("plain").Send()
	t.Require(id, old.Good(), gomega.BeFalse(), check.About{Sent: "one template replaced by another, then " + old.Sent(),
		Expected: []string{"status 410, or another 4xx: it is no longer applied"}, Actual: old.String()})
	t.Holds(id, check.About{Sent: old.Sent()}, "@ 600 A 192.0.2.10")
	back(t, id, g.Revert("address"))
}

// What goes with a template, and what stays.
var traces = []trial.Case{
	{Key: "revert-active-records", Title: "what is still the template's goes, and nothing else",
		Requirements: []string{"DC-REVERT-ACTIVE-RECORDS"}, Needs: takesBack, Templates: []string{"essentials", "several"}, Seeds: true, Names: []string{"beside"},
		Body: func(t *trial.Trial) {
			g := t.Granted(t.Authorization("essentials", "several"))
			t.Wrote(g.Apply("essentials"), "@ 600 A 192.0.2.81", `note 600 TXT "v=essentials"`, `once 600 TXT "once essentials"`)
			t.Wrote(g.Apply("several"), `@ 600 TXT "several"`)
			t.Seed(`note 600 TXT "by hand"`, "beside 600 A 203.0.113.60")
			t.Delete("once")
			back(t, "DC-REVERT-ACTIVE-RECORDS", g.Revert("essentials"), `@ 600 TXT "several"`, `note 600 TXT "by hand"`, "beside 600 A 203.0.113.60")
		}},
	{Key: "revert-manual-edit", Title: "what a user has put in the place of a template's record is the user's",
		Requirements: []string{"DC-STATE-MANUAL-CHANGES"}, Needs: takesBack, Templates: []string{"essentials"}, Seeds: true,
		Body: func(t *trial.Trial) {
			const id = "DC-STATE-MANUAL-CHANGES"
			g := t.Granted(t.Authorization("essentials"))
			t.Wrote(g.Apply("essentials"), "@ 600 A 192.0.2.81", `note 600 TXT "v=essentials"`, `once 600 TXT "once essentials"`)
			t.Delete("once")
			if len(t.Present(`once 600 TXT "once essentials"`)) > 0 {
				t.Note("reading", "records of templates are not deleted by hand")
				t.Abuse(id, false, check.About{})
				return
			}
			t.Seed(`once 600 TXT "mine now"`)
			r := g.Revert("essentials").Send()
			if !r.Good() {
				t.Inconclusive("control-twin", "a template that was applied is not taken back: "+r.Sent()+": "+r.String())
			}
			if left := t.Remaining("@ 600 A 192.0.2.81", `note 600 TXT "v=essentials"`); len(left) > 0 {
				t.Inconclusive("control-twin", "of a template that was taken back there is still: "+strings.Join(left, ", "))
			}
			missing := t.Missing(`once 600 TXT "mine now"`)
			t.Abuse(id, len(missing) > 0, check.About{Sent: "a record of the template replaced by hand, then " + r.Sent(),
				Expected: t.Records(`once 600 TXT "mine now"`), Actual: "gone: " + strings.Join(missing, ", ")})
		}},
	{Key: "revert-mail-rules", Title: "mail rules go with the template, and those of others stay",
		Requirements: []string{"DC-REVERT-SPF", "DC-SPF-RECALC-ON-REMOVAL"}, Needs: append([]register.Need{register.NeedSPFM}, takesBack...), Templates: []string{"spf", "mailbox"},
		Body: func(t *trial.Trial) {
			id := "DC-REVERT-SPF"
			if t.World.Edition == register.DCSpec23 {
				id = "DC-SPF-RECALC-ON-REMOVAL"
			}
			g := t.Granted(t.Authorization("spf", "mailbox"))
			t.Wrote(g.Apply("spf"), `@ 3600 TXT "v=spf1 include:spf.service.example ~all"`)
			t.Wrote(g.Apply("mailbox"), "box 600 MX 5 mx.service.example.")
			back(t, id, g.Revert("mailbox"), `@ 3600 TXT "v=spf1 include:spf.service.example ~all"`)
			t.Note("reading", "of a merged record the terms of other templates stay")
		}},
}
