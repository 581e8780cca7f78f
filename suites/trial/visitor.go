package trial

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/target"
)

// Visitor is who follows a link where that is not the run's signed-in user.
type Visitor struct {
	// Session holds the cookies; nil gives each visit cookies of its own.
	Session *consent.Session
	// Who signs in where asked. The zero value is nobody, whose visit ends on
	// the sign-in page.
	Who target.Credentials
	// Header is sent with each request.
	Header http.Header
}

// Forms is the run's user in a window without scripts, who sees the octets of
// every header field: a browser speaks HTTP/2, which has none that break.
func (t *Trial) Forms() Visitor {
	return Visitor{Session: t.World.Session, Who: t.World.account(t.domain)}
}

// User is who signs in for the case's domain. Without one the case does not
// apply: the target has an imported session only.
func (t *Trial) User() target.Credentials {
	who := t.World.account(t.domain)
	if who.User == "" {
		t.Lacking("no-account", "signing in is judged with user name and password: name an account")
	}
	return who
}

// Owns reports whether another domain of the target is the run's user's.
func (t *Trial) Owns(d target.Domain) bool {
	return t.World.account(d).User == t.World.account(t.domain).User
}

// Elsewhere is another domain of the target where templates can be applied, and
// how permissions for it are got: one of the run's user, or one of somebody else
// who can sign in. Without one the case does not apply.
func (t *Trial) Elsewhere() (target.Domain, func(Request) *Grant) {
	if d, ok := t.Has("child"); ok && t.Owns(d) {
		return d, t.Granted
	}
	d, ok := t.Has("foreign")
	if !ok {
		t.Lacking("no-other-domain", "the target names no second domain where a template can be applied: give one of the role child, or of the role foreign with its account")
	}
	owner := t.Owner(d)
	return d, func(r Request) *Grant { return t.GrantedBy(owner, r) }
}

// Owner is who has another domain of the target, in a window of his own. The
// case does not apply where that is the run's user, or nobody who can sign in.
func (t *Trial) Owner(d target.Domain) Visitor {
	who := t.World.account(d)
	if who.User == "" || who.Password == "" || who.User == t.User().User {
		t.Lacking("no-other-account", fmt.Sprintf("nobody else than the run's user can sign in for %s: name its account, and give it under accounts in target.yaml", d.Name))
	}
	return Visitor{Who: who}
}

// ApproveAs is Approve by somebody else. A sign-in page that is not passed is
// the end of the visit, whether nobody is named or the password is refused.
func (t *Trial) ApproveAs(v Visitor, r Request) *Ending {
	t.Broken(t.World.created(t, r.service, r.Query()))
	return t.visit(v, r, consent.Driver.Approve, "approve")
}

// CancelAs is Cancel by somebody else; see ApproveAs.
func (t *Trial) CancelAs(v Visitor, r Request) *Ending {
	return t.visit(v, r, consent.Driver.Cancel, "cancel")
}

// LookAs is Look by somebody else; see ApproveAs.
func (t *Trial) LookAs(v Visitor, r Request) *Ending {
	return t.visit(v, r, consent.Driver.Read, "look")
}

// visit goes by the driver of the run, or by that without scripts where only
// that one can take the visitor's part.
func (t *Trial) visit(v Visitor, r Request, send travel, what string) *Ending {
	driver := t.World.Driver
	if v.Session != nil || v.Header != nil {
		driver = t.forms()
	}
	o := t.Options()
	o.Session, o.Header = v.Session, v.Header
	return t.journey(r, what, func(link string) (*consent.Outcome, error) {
		out, err := send(driver, t.Context(), link, v.Who, o)
		if errors.Is(err, consent.ErrNoUser) || errors.Is(err, consent.ErrSignIn) {
			err = nil
		}
		return out, err
	})
}

// forms is the driver without scripts.
func (t *Trial) forms() *consent.Form {
	if t.World.Form == nil {
		t.Inconclusive("no-form-driver", "single requests are made without a browser, and the run has no means for that")
	}
	return t.World.Form
}

// Standing is a consent page that the user has before him and has not answered.
type Standing struct {
	// Ending is how he came there.
	*Ending
	t    *Trial
	page *consent.Standing
}

// Stand sends the user along, in a window without scripts; he reads the
// consent page and leaves it open. Not to be asked is no finding of the cases
// that stand: what is wrong then has cases of its own.
func (t *Trial) Stand(r Request) *Standing {
	return t.stand(r, t.World.account(t.domain), t.Options())
}

// StandAs is Stand by somebody else.
func (t *Trial) StandAs(v Visitor, r Request) *Standing {
	o := t.Options()
	o.Session, o.Header = v.Session, v.Header
	return t.stand(r, v.Who, o)
}

func (t *Trial) stand(r Request, who target.Credentials, o consent.Options) *Standing {
	s := &Standing{t: t}
	s.Ending = t.journey(r, "read and leave open", func(link string) (*consent.Outcome, error) {
		var out *consent.Outcome
		var err error
		s.page, out, err = t.forms().Stand(t.Context(), link, who, o)
		return out, err
	})
	if s.page == nil {
		t.Inconclusive("control-twin", "a request that has to be asked about was not: "+s.String())
	}
	return s
}

// Confirm presses the button that confirms, and goes on to the end. It can be
// done again, as a user can who goes back.
func (s *Standing) Confirm() *Ending {
	s.t.Broken(s.t.World.created(s.t, s.Request.service, s.Request.Query()))
	return s.answer("confirm the page left open", s.page.Confirm)
}

// Cancel presses the button that cancels, and goes on to the end.
func (s *Standing) Cancel() *Ending { return s.answer("cancel the page left open", s.page.Cancel) }

func (s *Standing) answer(what string, press func(context.Context) (*consent.Outcome, error)) *Ending {
	return s.t.journey(s.Request, what, func(string) (*consent.Outcome, error) { return press(s.t.Context()) })
}

// Form is the approval of the page as a request: to be sent without cookies,
// changed, from elsewhere, or late.
func (s *Standing) Form() consent.Submission {
	form, err := s.page.Submission(s.t.Context())
	if err != nil {
		s.t.Interrupted(err)
		s.t.Inconclusive("pages", "the approval of the consent page is no plain form, so it cannot be sent by itself: "+err.Error())
	}
	return form
}

// Send sends an approval form as one request.
func (t *Trial) Send(form consent.Submission, as consent.Sender) *target.Exchange {
	t.Broken(t.World.created(t, "a form by itself", ""))
	t.spared(t.World.patience.allow(wayRequest))
	ex, err := t.forms().Send(t.Context(), form, as)
	t.World.patience.note(t.Context(), wayRequest, err)
	t.Interrupted(err)
	if ex != nil {
		t.Record("exchange", "the approval form by itself", []byte(ex.Text()))
	}
	if err != nil {
		t.Inconclusive("no-answer", "the provider did not answer as a web server does: "+err.Error())
	}
	return ex
}

// ReadsForms reports whether the run's driver reads forms and runs no scripts.
func (t *Trial) ReadsForms() bool {
	_, forms := t.World.Driver.(*consent.Form)
	return forms
}
