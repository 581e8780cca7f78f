package claims

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

const (
	yes = "DC-QRY-SUPPORTED-OK"
	no  = "DC-QRY-UNSUPPORTED-NOT-FOUND"
)

// feature is a claim and the template that needs what is claimed.
type feature struct {
	key     string
	need    register.Need
	service string
	// partial says that the claim is a part of another one, or of what every
	// provider has, so that nothing is owed where target.yaml is silent.
	partial bool
	// ignorable, when not nil, judges a template that is supported though the
	// claim is denied, where what is denied can be left aside.
	ignorable func(t *trial.Trial, about check.About)
}

// trial is the case of a feature. Where it is claimed the template query has
// to agree. Where it is denied the query has to say no, which the plain
// template shows that it does not say of everything, and an apply request has
// to be refused: half a template is worse than none. A denial is held so
// whether or not anybody tried to onboard the template.
func (f feature) trial() trial.Case {
	return trial.Case{Key: f.key, Title: "what is said of " + string(f.need) + " is so",
		Requirements: []string{yes, no}, Templates: []string{f.service, "plain"}, Unonboarded: []string{f.service},
		Body: func(t *trial.Trial) {
			claimed, said := t.World.Target.Claims[f.need]
			switch {
			case !said && f.partial:
				t.NotApplicable("claim-missing", fmt.Sprintf("the target does not say whether it has %s", f.need))
			case !said:
				t.Lacking("claim-missing", fmt.Sprintf("the target does not say whether it has %s: state it under claims", f.need))
			case claimed:
				f.claimed(t)
			default:
				f.denied(t)
			}
		}}
}

func (f feature) about() check.About {
	return check.About{Sent: "the template query for " + f.service, Mend: fmt.Sprintf("correct claims.%s in target.yaml, or the provider", f.need)}
}

func (f feature) claimed(t *trial.Trial) {
	t.Onboarded(f.service)
	about := f.about()
	about.Expected = []string{"the template is supported, since the target claims " + string(f.need)}
	about.Actual = "the query says that it is not"
	t.Require(yes, t.Supports(f.service), gomega.BeTrue(), about)
}

func (f feature) denied(t *trial.Trial) {
	if !t.Supports("plain") {
		t.Blocked("query/query-supported")
	}
	r := t.Get(t.QueryURL(f.service))
	about := f.about()
	if r.Good() && f.ignorable != nil {
		f.ignorable(t, about)
		return
	}
	about.Sent, about.Actual = r.Sent(), r.String()
	about.Expected = []string{"status 404, since the target denies " + string(f.need)}
	t.Require(no, r.Status, gomega.Equal(404), about)
	good := t.Request("plain")
	t.Refuses(no, t.Request(f.service), good, good.Records()...)
}

// namesIgnored states that a name which the request adds is not shown.
func namesIgnored(t *trial.Trial, about check.About) {
	const added = "Quillfeather Resale"
	e := t.Twin(t.Request("shared-provider").With("providerName", added))
	page, _ := e.Page()
	about.Sent, about.Actual = "GET "+e.Link, "the user reads: "+strings.Join(strings.Fields(page.Text), " ")
	about.Expected = []string{"a page without " + added + ", since the target denies shared-names"}
	t.Require(no, strings.Contains(page.Text, added), gomega.BeFalse(), about)
	t.Note("reading", "a shared template is supported, and the names that a request adds are left out")
}
