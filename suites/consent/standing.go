package consent

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/suites/target"
)

// Standing is a consent page that a user has before him and has not answered:
// it can be answered late, twice, after another one, or as a single request
// that no user would send. It is not safe for concurrent use.
type Standing struct {
	window  *window
	confirm *control
	options Options
	link    string
}

// Stand goes as far as Read does, and leaves the page open. Where the user is
// not asked for consent there is none, which is no error: the outcome tells.
func (d *Form) Stand(ctx context.Context, link string, who target.Credentials, o Options) (*Standing, *Outcome, error) {
	w, out, err := d.visit(ctx, link, who, o, reading)
	if err != nil {
		return nil, out, err
	}
	if last, ok := out.Last(); !ok || last.Kind != Consent {
		return nil, out, nil
	}
	confirm := w.flow.finder.find(w.page.doc).confirm
	if confirm == nil {
		return nil, out, fmt.Errorf("%w: no button to %s on %s; name it in the recipe (%s)", ErrControl, approving, out.Final, approving)
	}
	return &Standing{window: w, confirm: confirm, options: o, link: link}, out, nil
}

// Confirm presses the button that confirms and goes on to the end. It can be
// called again, as a user can who goes back to the page.
func (s *Standing) Confirm(ctx context.Context) (*Outcome, error) { return s.answer(ctx, approving) }

// Cancel presses the button that cancels and goes on to the end.
func (s *Standing) Cancel(ctx context.Context) (*Outcome, error) { return s.answer(ctx, canceling) }

func (s *Standing) answer(ctx context.Context, what intent) (*Outcome, error) {
	w, f, rec := *s.window, *s.window.flow, *s.window.rec
	f.out = &Outcome{Link: s.link, Sent: f.out.Sent}
	f.intent, f.asked, f.leave, f.surface = what, 0, func() {}, &w
	w.flow, w.rec = &f, &rec
	ctx, cancel := bounded(ctx, s.options)
	defer cancel()
	return f.out, ended(ctx, f.proceed(ctx, w.page, nil))
}

// Submission is what pressing a button of a page sends, as data.
type Submission struct {
	// Page is the address of the page that the button stands on.
	Page string
	// Method and Action are those of the form.
	Method, Action string
	// Fields are in document order, the button's own among them.
	Fields []Field
}

// Field is one pair of a form.
type Field struct {
	Name, Value string
	// Hidden is set for what users do not see.
	Hidden bool
}

// Submission is what pressing the button that confirms would send.
func (s *Standing) Submission(ctx context.Context) (Submission, error) {
	w := s.window
	view, found := w.page, w.flow.finder.find(w.page.doc)
	if err := w.flow.tickRequired(ctx, &view, &found); err != nil {
		return Submission{}, err
	}
	req, err := w.submit(ctx, w.base(), s.confirm)
	if err != nil {
		return Submission{}, fmt.Errorf("button %q on %s: %w", s.confirm.label, w.flow.redact.URL(sentURL(w.here)), err)
	}
	sub := Submission{Page: sentURL(w.here), Method: req.Method, Action: req.URL.String(), Fields: fieldsOf(w.page.doc.controls, s.confirm)}
	if req.Method == http.MethodGet {
		sub.Action, _, _ = strings.Cut(sub.Action, "?")
	}
	return sub, nil
}

// Without leaves fields out.
func (s Submission) Without(drop func(Field) bool) Submission {
	s.Fields = slices.DeleteFunc(slices.Clone(s.Fields), drop)
	return s
}

// Sender says who sends a submission, and from where. The zero value is
// somebody without cookies, from the page itself.
type Sender struct {
	// Session lends its cookies.
	Session *Session
	// Origin is the page that sends where it is another site's
	// ("https://elsewhere.example"); then of the cookies only those go along
	// that browsers let.
	Origin string
}

// Send sends a submission as one request, and follows no redirect.
func (d *Form) Send(ctx context.Context, sub Submission, as Sender) (*target.Exchange, error) {
	body, to := encodeFields(sub.Fields), sub.Action
	var content string
	if sub.Method == http.MethodGet {
		to += "?" + body
	} else {
		content = body
	}
	req, err := http.NewRequestWithContext(ctx, sub.Method, to, strings.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("form action: %w", err)
	}
	if content != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	from, err := url.Parse(sub.Page)
	if err != nil {
		return nil, fmt.Errorf("page of the form: %w", err)
	}
	redact := d.Redactor
	var cookies []*http.Cookie
	if as.Session != nil {
		cookies = as.Session.Cookies(req.URL)
		redact.Secrets = append(slices.Clone(redact.Secrets), as.Session.Secrets()...)
	}
	if as.Origin != "" {
		if from, err = url.Parse(as.Origin); err != nil {
			return nil, fmt.Errorf("origin: %w", err)
		}
		if as.Session != nil {
			cookies = as.Session.crossSite(req.URL)
		}
	}
	dress(req, from, cookies)
	_, ex, err := (&target.Recorder{Transport: d.Transport, Redactor: redact}).Do(req)
	return ex, err
}
