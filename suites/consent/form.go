package consent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/dcconform/dcconform/suites/target"
)

// Form is the driver that reads HTML forms and runs no script. It sends the
// link's bytes unchanged, follows redirects one by one and records each
// exchange. Its fields are set before use.
type Form struct {
	// Transport carries HTTPS; see target.NewTransport. Required.
	Transport http.RoundTripper
	// Redactor takes secrets out of evidence, beside the flow's password.
	Redactor target.Redactor
}

// Approve implements Driver.
func (d *Form) Approve(ctx context.Context, link string, who target.Credentials, o Options) (*Outcome, error) {
	return d.run(ctx, link, who, o, approving)
}

// Cancel implements Driver.
func (d *Form) Cancel(ctx context.Context, link string, who target.Credentials, o Options) (*Outcome, error) {
	return d.run(ctx, link, who, o, canceling)
}

// Read implements Driver.
func (d *Form) Read(ctx context.Context, link string, who target.Credentials, o Options) (*Outcome, error) {
	return d.run(ctx, link, who, o, reading)
}

// Close implements Driver; the transport stays the caller's.
func (d *Form) Close() error { return nil }

func (d *Form) run(ctx context.Context, link string, who target.Credentials, o Options, what intent) (*Outcome, error) {
	_, out, err := d.visit(ctx, link, who, o, what)
	return out, err
}

// visit is run for callers who go on with the window; it is nil where there is
// none.
func (d *Form) visit(ctx context.Context, link string, who target.Credentials, o Options, what intent) (*window, *Outcome, error) {
	f, err := newFlow(link, who, o, what, d.Redactor)
	if err != nil {
		return nil, &Outcome{Link: link}, err
	}
	var jar http.CookieJar = f.session
	if f.session == nil {
		if jar, err = newJar(); err != nil {
			return nil, f.out, err
		}
	}
	ctx, cancel := bounded(ctx, o)
	defer cancel()
	if err := f.enter(ctx); err != nil {
		return nil, f.out, err
	}
	defer func() { f.leave() }()
	if f.finder.scripts {
		return nil, f.out, fmt.Errorf("%w: the recipe says that scripts make them", ErrScripts)
	}
	w := &window{flow: f, jar: jar, header: o.Header, rec: &target.Recorder{Transport: d.Transport, Redactor: f.redact}}
	f.surface = w
	return w, f.out, ended(ctx, f.run(ctx))
}

func bounded(ctx context.Context, o Options) (context.Context, context.CancelFunc) {
	ceiling := o.Ceiling
	if ceiling == 0 {
		ceiling = FlowCeiling
	}
	return context.WithTimeoutCause(ctx, ceiling, fmt.Errorf("the flow did not end within %s", ceiling))
}

// window is one flow of the form driver.
type window struct {
	flow   *flow
	jar    http.CookieJar
	header http.Header // sent with each request
	rec    *target.Recorder
	here   *url.URL // the page that is shown
	page   *view
}

func (s *window) open(ctx context.Context, link string) (*view, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		return nil, fmt.Errorf("apply link: %w", err)
	}
	s.flow.out.Sent = sentURL(req.URL)
	return s.load(req)
}

// sentURL is a URL as net/http writes it on the wire.
func sentURL(u *url.URL) string { return u.Scheme + "://" + u.Host + u.RequestURI() }

// load sends a request and follows redirects as a browser does: by GET after
// 301, 302 and 303, as it was after 307 and 308.
func (s *window) load(req *http.Request) (*view, error) {
	from := s.here
	for range MaxHops + 1 {
		dress(req, from, s.jar.Cookies(req.URL))
		for name, values := range s.header {
			req.Header[name] = values
		}
		s.flow.out.Requests = append(s.flow.out.Requests, s.flow.redact.URL(sentURL(req.URL)))
		reply, ex, err := s.rec.Do(req)
		s.flow.out.Exchanges = append(s.flow.out.Exchanges, ex)
		if err != nil {
			return s.unreachable(req, err)
		}
		if c := (&http.Response{Header: reply.Header}).Cookies(); len(c) > 0 {
			s.jar.SetCookies(req.URL, c)
			s.hide(c, ex)
		}
		to := reply.Header.Get("Location")
		if !redirects(reply.Status) || to == "" {
			return s.show(req.URL, reply), nil
		}
		if req, err = s.follow(req, reply.Status, to); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: more than %d redirects, the last to %s", ErrLost, MaxHops, req.URL)
}

// hide keeps what a server hands out as a cookie out of evidence, beginning
// with the page that came with it.
func (s *window) hide(cookies []*http.Cookie, ex *target.Exchange) {
	for _, c := range cookies {
		s.flow.hide(c.Value)
	}
	s.rec.Redactor = s.flow.redact
	ex.Body = s.flow.redact.Text(ex.Body)
}

// maxRefresh is the longest refresh in seconds that is a way on and no habit of
// a page that shows news.
const maxRefresh = 30

// linger follows a refresh that the page asks for, at once: nothing but time
// lies between.
func (s *window) linger(ctx context.Context, _ *view) (*view, error) {
	seconds, to, ok := strings.Cut(s.page.doc.refresh, ";")
	wait, err := strconv.ParseFloat(strings.TrimSpace(seconds), 64)
	if !ok || err != nil || wait > maxRefresh {
		return nil, nil
	}
	if to = strings.TrimSpace(to); len(to) > 4 && strings.EqualFold(to[:4], "url=") {
		to = strings.Trim(to[4:], `'" `)
	}
	at, err := s.here.Parse(to)
	if err != nil || at.Scheme != "https" && at.Scheme != "http" {
		return nil, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	return s.load(req)
}

// keep has nothing to do: the session is the jar.
func (s *window) keep(context.Context) error { return nil }

func redirects(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// follow makes the request that a redirect asks for.
func (s *window) follow(req *http.Request, status int, to string) (*http.Request, error) {
	next, err := req.URL.Parse(asBrowsersRead(to))
	if err != nil {
		s.flow.out.Final = to
		return nil, fmt.Errorf("%w: redirect from %s: %w", ErrNotWeb, req.URL, err)
	}
	if next.Scheme != "https" && next.Scheme != "http" {
		s.flow.out.Final = to
		return nil, fmt.Errorf("%w: redirect from %s to %q", ErrNotWeb, req.URL, to)
	}
	next.Fragment, next.RawFragment = "", ""
	keep := status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect
	if !keep || req.GetBody == nil {
		return http.NewRequestWithContext(req.Context(), http.MethodGet, next.String(), nil)
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	out, err := http.NewRequestWithContext(req.Context(), req.Method, next.String(), body)
	if err != nil {
		return nil, err
	}
	out.GetBody, out.ContentLength = req.GetBody, req.ContentLength
	out.Header.Set("Content-Type", req.Header.Get("Content-Type"))
	return out, nil
}

// asBrowsersRead writes a Location as the URL that browsers take it for (URL
// Standard, section 4.4): backslashes before the query are slashes, spaces and
// quotes are escaped. Go's parser refuses the former, and sends the latter raw.
func asBrowsersRead(location string) string {
	location = strings.TrimFunc(location, func(r rune) bool { return r <= ' ' })
	path, rest := location, ""
	if i := strings.IndexAny(location, "?#"); i >= 0 {
		path, rest = location[:i], location[i:]
	}
	scheme, _, hasScheme := strings.Cut(path, ":")
	if !hasScheme || strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http") {
		path = strings.ReplaceAll(path, `\`, "/")
	}
	return path + strings.NewReplacer(" ", "%20", `"`, "%22", "<", "%3C", ">", "%3E").Replace(rest)
}

// dress adds what a browser sends of itself.
func dress(req *http.Request, from *url.URL, cookies []*http.Cookie) {
	h := req.Header
	h.Set("User-Agent", "Mozilla/5.0 (compatible; dcconform)")
	h.Set("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
	h.Set("Accept-Language", "en")
	h.Set("Sec-Fetch-Dest", "document")
	h.Set("Sec-Fetch-Mode", "navigate")
	site := "none"
	if from != nil {
		site = "cross-site"
		if origin(from) == origin(req.URL) {
			site = "same-origin"
		}
		if req.Method != http.MethodGet {
			h.Set("Origin", origin(from))
		}
	}
	h.Set("Sec-Fetch-Site", site)
	for _, c := range cookies {
		req.AddCookie(c)
	}
}

func origin(u *url.URL) string { return u.Scheme + "://" + authorityOf(u.Host) }

// unreachable ends a flow whose last redirect leads to a host that we do not
// dial or that does not answer: where the user was sent is known all the same.
func (s *window) unreachable(req *http.Request, err error) (*view, error) {
	at := sentURL(req.URL)
	s.flow.out.Final = at
	var denied *target.DeniedError
	if errors.As(err, &denied) && s.flow.away(at) {
		return &view{url: at, doc: &document{}}, nil
	}
	return nil, fmt.Errorf("%s %s: %w", req.Method, s.flow.redact.URL(at), err)
}

func (s *window) show(at *url.URL, reply *target.Reply) *view {
	s.here = at
	s.page = &view{url: sentURL(at), status: reply.Status, html: reply.Body, doc: &document{}}
	if t := reply.Header.Get("Content-Type"); t == "" || strings.Contains(t, "html") {
		s.page.doc = parse(reply.Body, false, s.flow.finder.extra...)
	}
	return s.page
}

func (s *window) fill(_ context.Context, c *control, text string) error {
	c.value = text
	return nil
}

func (s *window) tick(_ context.Context, c *control) error {
	if c.typ == "radio" {
		for _, other := range s.page.doc.controls {
			if other.typ == "radio" && other.name == c.name && other.form == c.form {
				other.checked = false
			}
		}
	}
	c.checked = true
	return nil
}

func (s *window) choose(_ context.Context, c *control, option string) error {
	i, err := c.option(option)
	if err != nil {
		return err
	}
	for j := range c.options {
		c.options[j].selected = i == j
	}
	return nil
}

// reveal has nothing to do: markup hides nothing from this driver.
func (s *window) reveal(context.Context, *control) (*view, error) { return s.page, nil }

func (s *window) again(context.Context) (*view, error) { return s.page, nil }

func (s *window) press(ctx context.Context, c *control) (*view, error) {
	base := s.base()
	at := c
	if !c.submits() && c.around != nil {
		at = c.around // a button in a link leads where the link does
	}
	var req *http.Request
	var err error
	if at.tag == "a" {
		req, err = at.follow(ctx, base)
	} else {
		req, err = s.submit(ctx, base, c)
	}
	if err != nil {
		return nil, fmt.Errorf("button %q on %s: %w", c.label, s.flow.redact.URL(sentURL(s.here)), err)
	}
	return s.load(req)
}

// base is what addresses on the page are relative to.
func (s *window) base() *url.URL {
	if s.page.doc.base != "" {
		if b, err := s.here.Parse(s.page.doc.base); err == nil {
			return b
		}
	}
	return s.here
}

// follow makes the request of a link.
func (c *control) follow(ctx context.Context, base *url.URL) (*http.Request, error) {
	if c.href == "" || strings.HasPrefix(c.href, "#") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(c.href)), "javascript:") {
		return nil, fmt.Errorf("%w: it leads nowhere by itself and needs a script; use the browser", ErrControl)
	}
	to, err := base.Parse(c.href)
	if err != nil {
		return nil, err
	}
	to.Fragment, to.RawFragment = "", ""
	return http.NewRequestWithContext(ctx, http.MethodGet, to.String(), nil)
}

// submit makes the request of a form whose button was pressed.
func (s *window) submit(ctx context.Context, base *url.URL, c *control) (*http.Request, error) {
	if c.form == nil || !c.submits() {
		return nil, fmt.Errorf("%w: it sends no form by itself and needs a script; use the browser", ErrControl)
	}
	action, method := c.form.action, c.form.method
	if c.formAction != "" {
		action = c.formAction
	}
	if c.formMethod != "" {
		method = c.formMethod
	}
	if c.form.enctype == "multipart/form-data" {
		return nil, fmt.Errorf("%w: its form is multipart/form-data, which this driver does not send; use the browser", ErrControl)
	}
	to, err := base.Parse(action)
	if err != nil {
		return nil, fmt.Errorf("form action: %w", err)
	}
	to.Fragment, to.RawFragment = "", ""
	if action == "" {
		// An empty action is the page itself, query and all.
		*to = *s.here
	}
	data := formData(s.page.doc.controls, c)
	if method != "post" {
		to.RawQuery = data
		return http.NewRequestWithContext(ctx, http.MethodGet, to.String(), nil)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), strings.NewReader(data))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req, nil
}
