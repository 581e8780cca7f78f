package consent

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/suites/target"
)

// surface is what a driver shows the flow: one window at a time.
type surface interface {
	// open goes to a URL.
	open(ctx context.Context, link string) (*view, error)
	// fill types into a field, or ticks a box.
	fill(ctx context.Context, c *control, text string) error
	// press presses a button or a link and waits for the page that follows.
	press(ctx context.Context, c *control) (*view, error)
	// reveal opens what a page hides, and shows the page again.
	reveal(ctx context.Context, c *control) (*view, error)
	// keep hands the cookies to the flow's session, if it has one.
	keep(ctx context.Context) error
}

// view is a page as a driver sees it.
type view struct {
	url    string
	status int
	html   []byte
	doc    *document
	shot   []byte
	// closed says that the window is gone, and nothing else is set.
	closed bool
}

// intent is what the user came for.
type intent string

const (
	approving intent = "confirm"
	canceling intent = "cancel"
	reading   intent = "read"
)

// flow goes through the pages of one link. It is the same for both drivers.
type flow struct {
	surface
	out    *Outcome
	who    target.Credentials
	recipe Recipe
	home   []string
	redact target.Redactor
	intent intent

	session *Session
	leave   func() // lets other flows of the session go on

	asked int // how often the password was asked for
}

func newFlow(link string, who target.Credentials, o Options, what intent, redact target.Redactor) (*flow, error) {
	u, err := url.Parse(link)
	if err != nil {
		return nil, fmt.Errorf("apply link: %w", err)
	}
	if u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("apply link %q: want an https URL", link)
	}
	recipe := DefaultRecipe()
	if o.Recipe != nil {
		recipe = *o.Recipe
	}
	redact.Secrets = append(slices.Clone(redact.Secrets), who.Password)
	f := &flow{
		out: &Outcome{Link: link}, who: who, recipe: recipe, redact: redact, intent: what,
		session: o.Session, leave: func() {},
	}
	for _, h := range append([]string{u.Host}, o.Home...) {
		f.home = append(f.home, authorityOf(h))
	}
	return f, nil
}

// authorityOf is a host in lower case without the port that https implies.
func authorityOf(host string) string {
	return strings.TrimSuffix(strings.ToLower(host), ":443")
}

// away reports whether a URL is on a host that is not the provider's.
func (f *flow) away(at string) bool {
	u, err := url.Parse(at)
	return err == nil && u.Host != "" && !slices.Contains(f.home, authorityOf(u.Host))
}

// enter takes the flow's place in its session. The caller calls f.leave.
func (f *flow) enter(ctx context.Context) error {
	if f.session == nil {
		return nil
	}
	leave, err := f.session.enter(ctx)
	if err != nil {
		return err
	}
	f.leave = leave
	f.hide(f.session.Secrets()...)
	return nil
}

// shortestSecret is how long a cookie's value is at least for it to be taken
// out of pages: "1" or "en" stand in every page and open nothing.
const shortestSecret = 8

// hide takes the values of cookies out of evidence. What stands in the link is
// known to everybody, and cases look for it.
func (f *flow) hide(values ...string) {
	for _, v := range values {
		for _, form := range []string{v, unescaped(v)} {
			if len(form) >= shortestSecret && !strings.Contains(f.out.Link, form) && !slices.Contains(f.redact.Secrets, form) {
				f.redact.Secrets = append(f.redact.Secrets, form)
			}
		}
	}
}

func unescaped(s string) string {
	plain, err := url.QueryUnescape(s)
	if err != nil {
		return s
	}
	return plain
}

// arrived says that the provider shows something else than its sign-in.
func (f *flow) arrived(ctx context.Context) error {
	if f.asked == 0 || f.out.SignedIn {
		return nil
	}
	f.out.SignedIn = true
	if f.session == nil {
		return nil
	}
	if err := f.keep(ctx); err != nil {
		return err
	}
	f.session.opened()
	f.leave()
	return nil
}

// run opens the link and goes on from there.
func (f *flow) run(ctx context.Context) error {
	v, err := f.open(ctx, f.out.Link)
	return f.proceed(ctx, v, err)
}

// proceed goes from page to page until nothing is left to do.
func (f *flow) proceed(ctx context.Context, v *view, err error) error {
	for range MaxPages {
		if err != nil {
			return err
		}
		if v.closed {
			f.out.Closed = true
			return nil
		}
		f.out.Final = v.url
		if f.away(v.url) {
			f.out.Returned = true
			f.see(Returned, v)
			return f.arrived(ctx)
		}
		var next *view
		if next, err = f.step(ctx, v); next == nil && err == nil {
			return nil
		}
		v = next
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: more than %d pages, the last is %s", ErrLost, MaxPages, f.out.Final)
}

// step does what a page asks for; (nil, nil) is the end.
func (f *flow) step(ctx context.Context, v *view) (*view, error) {
	p := f.recipe.find(v.doc)
	switch {
	case p.password != nil, p.user != nil && p.confirm == nil && p.signIn != nil:
		f.see(SignIn, v)
		return f.signIn(ctx, v, p)
	case p.confirm != nil || p.refusal != nil && p.refusal.button():
		if err := f.arrived(ctx); err != nil {
			return nil, err
		}
		return f.decide(ctx, v, p)
	}
	f.see(Result, v)
	return nil, f.arrived(ctx)
}

func (f *flow) signIn(ctx context.Context, v *view, p parts) (*view, error) {
	if f.who == (target.Credentials{}) {
		return nil, fmt.Errorf("%w: %s; name a user, or import a session that is good", ErrNoUser, f.redact.URL(v.url))
	}
	if p.password != nil {
		if f.asked++; f.asked > 1 {
			return nil, fmt.Errorf("%w: %s asks for the password again; it says %q", ErrSignIn, v.url, strings.Join(v.doc.alerts, " "))
		}
	}
	if p.signIn == nil {
		return nil, fmt.Errorf("%w: no sign-in button on %s; name it in the recipe (signIn)", ErrControl, v.url)
	}
	if p.user != nil {
		if err := f.fill(ctx, p.user, f.who.User); err != nil {
			return nil, err
		}
	}
	if p.password != nil {
		if err := f.fill(ctx, p.password, f.who.Password); err != nil {
			return nil, err
		}
	}
	return f.press(ctx, p.signIn)
}

// decide reads the consent page and presses the button that was asked for.
func (f *flow) decide(ctx context.Context, v *view, p parts) (*view, error) {
	if p.details != nil && p.details.tag == "summary" {
		opened, err := f.reveal(ctx, p.details)
		if err != nil {
			return nil, err
		}
		v, p = opened, f.recipe.find(opened.doc)
	}
	f.see(Consent, v)
	var c *control
	switch f.intent {
	case reading:
		return nil, nil
	case approving:
		c = p.confirm
	case canceling:
		c = p.refusal
	}
	if c == nil {
		return nil, fmt.Errorf("%w: no button to %s on %s; name it in the recipe (%s)", ErrControl, f.intent, v.url, f.intent)
	}
	if f.intent == approving {
		if err := f.tick(ctx, v, c.form); err != nil {
			return nil, err
		}
	}
	next, err := f.press(ctx, c)
	if err == nil {
		f.out.Pressed = true
	}
	return next, err
}

// tick ticks the boxes without which a form is not sent.
func (f *flow) tick(ctx context.Context, v *view, in *form) error {
	for _, box := range v.doc.controls {
		if box.typ == "checkbox" && box.required && !box.checked && !box.hidden && box.form == in {
			if err := f.fill(ctx, box, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// see notes a page.
func (f *flow) see(k Kind, v *view) {
	f.out.Pages = append(f.out.Pages, Page{
		Kind:       k,
		URL:        f.redact.URL(v.url),
		Status:     v.status,
		Title:      f.redact.Text(v.doc.title),
		Text:       f.redact.Text(v.doc.text),
		Tables:     f.cleanTables(v.doc.tables),
		Alerts:     f.clean(v.doc.alerts),
		HTML:       f.redact.Body("text/html", v.html),
		Screenshot: v.shot,
	})
}

func (f *flow) clean(list []string) []string {
	out := slices.Clone(list)
	for i := range out {
		out[i] = f.redact.Text(out[i])
	}
	return out
}

func (f *flow) cleanTables(tables [][][]string) [][][]string {
	out := slices.Clone(tables)
	for i := range out {
		out[i] = slices.Clone(out[i])
		for j := range out[i] {
			out[i][j] = f.clean(out[i][j])
		}
	}
	return out
}

// scrub cleans pages again after a secret was learned that they may show.
func (f *flow) scrub() {
	for i := range f.out.Pages {
		p := &f.out.Pages[i]
		p.URL, p.Title, p.Text, p.HTML = f.redact.URL(p.URL), f.redact.Text(p.Title), f.redact.Text(p.Text), f.redact.Text(p.HTML)
		p.Tables, p.Alerts = f.cleanTables(p.Tables), f.clean(p.Alerts)
	}
}

// ended puts the flow's own ceiling in the place of a bare "deadline exceeded".
func ended(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}
