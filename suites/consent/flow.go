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
	// fill types into a field.
	fill(ctx context.Context, c *control, text string) error
	// tick ticks a box or a radio button that is not ticked.
	tick(ctx context.Context, c *control) error
	// choose picks an option of a list by its value or its text.
	choose(ctx context.Context, c *control, option string) error
	// press presses a button or a link and waits for the page that follows.
	press(ctx context.Context, c *control) (*view, error)
	// reveal opens what a page hides, and shows the page again.
	reveal(ctx context.Context, c *control) (*view, error)
	// again shows the page as it is now.
	again(ctx context.Context) (*view, error)
	// linger waits for the page that the one shown goes on to by itself; nil
	// where it stays. The page may have gone on since it was looked at.
	linger(ctx context.Context, shown *view) (*view, error)
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
	// at is how far the window was when the page was looked at.
	at mark
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
	finder *finder
	did    []int // how often each step was done
	// wantsBack is set when the link says where the user comes back to.
	wantsBack bool
	home      []string
	redact    target.Redactor
	intent    intent

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
	find, err := finderFor(u, who, o)
	if err != nil {
		return nil, err
	}
	redact.Secrets = append(slices.Clone(redact.Secrets), who.Password)
	f := &flow{
		out: &Outcome{Link: link}, who: who, finder: find, did: make([]int, len(find.steps)), redact: redact, intent: what,
		session: o.Session, leave: func() {},
	}
	f.wantsBack = u.Query().Has("redirect_uri")
	for _, h := range append([]string{u.Host}, o.Home...) {
		f.home = append(f.home, authorityOf(h))
	}
	return f, nil
}

// finderFor makes the recipe ready for a flow.
func finderFor(link *url.URL, who target.Credentials, o Options) (*finder, error) {
	if o.Recipe == nil {
		return defaultFinder()
	}
	q := link.Query()
	return newFinder(*o.Recipe, subject{user: who.User, domain: q.Get("domain"), host: q.Get("host")})
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
	if next, err := f.between(ctx, v); next != nil || err != nil {
		return next, err
	}
	p := f.finder.find(v.doc)
	switch {
	case p.password != nil, p.user != nil && (p.confirm == nil || p.confirm == p.signIn) && p.signIn != nil:
		f.see(SignIn, v)
		return f.signIn(ctx, v, p)
	case p.confirm != nil && !(f.out.Pressed && p.confirm.link()), p.refusal != nil && p.refusal.button():
		if err := f.arrived(ctx); err != nil {
			return nil, err
		}
		return f.decide(ctx, v, p)
	}
	f.see(Result, v)
	if err := f.arrived(ctx); err != nil || !f.out.Pressed || !f.wantsBack {
		return nil, err
	}
	return f.linger(ctx, v)
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
	if p.details != nil && !p.details.open() {
		opened, err := f.reveal(ctx, p.details)
		if err != nil {
			return nil, err
		}
		v, p = opened, f.finder.find(opened.doc)
	}
	f.see(Consent, v)
	if f.intent == reading {
		return nil, nil
	}
	if f.intent == approving {
		if err := f.tickRequired(ctx, &v, &p); err != nil {
			return nil, err
		}
	}
	c, err := f.toPress(v, p)
	if err != nil {
		return nil, err
	}
	next, err := f.press(ctx, c)
	if err == nil {
		f.out.Pressed = true
	}
	return next, err
}

// tickRequired ticks what has to be ticked in the form of the buttons. Pages
// may enable a button only then, so the page is looked at again.
func (f *flow) tickRequired(ctx context.Context, v **view, p *parts) error {
	at := p.confirm
	if at == nil {
		at = p.refusal
	}
	if at == nil {
		return nil
	}
	ticked := false
	for _, box := range (*v).doc.controls {
		if box.typ == "checkbox" && box.required && !box.checked && !box.hidden && !box.disabled && box.form == at.form {
			if err := f.tick(ctx, box); err != nil {
				return err
			}
			ticked = true
		}
	}
	if !ticked {
		return nil
	}
	now, err := f.again(ctx)
	if err != nil {
		return err
	}
	*v, *p = now, f.finder.find(now.doc)
	return nil
}

// toPress is the button that was asked for, or an error with the lines that a
// recipe needs.
func (f *flow) toPress(v *view, p parts) (*control, error) {
	c, rivals, role := p.confirm, p.confirmRivals, f.finder.confirm
	if f.intent == canceling {
		c, rivals, role = p.refusal, p.refusalRivals, f.finder.cancel
	}
	at := f.redact.URL(v.url)
	switch {
	case role.absent:
		return nil, fmt.Errorf("%w: the recipe says that these pages have no button to %s", ErrControl, f.intent)
	case c == nil:
		err := fmt.Errorf("%w: no button to %s on %s; name it in the recipe (%s)", ErrControl, f.intent, at, f.intent)
		if others := f.finder.pressable(v.doc, p.confirm, p.refusal); len(others) > 0 {
			err = fmt.Errorf("%w, which could be one of:%s", err, f.redact.Text(v.doc.candidates(others)))
		}
		return nil, err
	case rivals != nil:
		all := append([]*control{c}, rivals...)
		return nil, fmt.Errorf("%w: %d controls of %s could be the one to %s; name one in the recipe (%s):%s",
			ErrControl, len(all), at, f.intent, f.intent, f.redact.Text(v.doc.candidates(all)))
	}
	return c, nil
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
