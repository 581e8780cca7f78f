package trial

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/dcconform/dcconform/suites/target"
)

// Reply is the answer to one request of a case's own.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
	// Exchange is the request and the answer as evidence.
	Exchange *target.Exchange

	fields []string
}

// Get sends one GET as a server does: without the session's cookies, and
// without following a redirect. header are fields, "Name: value", beside those
// of target.yaml. The exchange is evidence of the case. A provider that gives
// no answer makes the case inconclusive.
func (t *Trial) Get(at string, header ...string) Reply {
	t.asked = true
	reply, err := t.World.get(t.Context(), at, header)
	t.recordReply(reply)
	t.unanswered(err)
	return reply
}

// Try is Get where no answer is one, too: err says why there is none.
func (t *Trial) Try(at string, header ...string) (Reply, error) {
	t.asked = true
	reply, err := t.World.get(t.Context(), at, header)
	t.recordReply(reply)
	t.Interrupted(err)
	return reply, err
}

func (w *World) get(ctx context.Context, at string, header []string) (Reply, error) {
	r := Reply{fields: header}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return r, fmt.Errorf("%q is no URL that can be requested: %w", at, err)
	}
	req.Header.Set("User-Agent", "dcconform")
	for _, f := range header {
		name, value, _ := strings.Cut(f, ":")
		req.Header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	if err := w.patience.allow(wayRequest); err != nil {
		return r, err
	}
	reply, ex, err := w.HTTP.Do(req)
	w.patience.note(ctx, wayRequest, err)
	r.Exchange = ex
	if reply != nil {
		r.Status, r.Header, r.Body = reply.Status, reply.Header, reply.Body
	}
	return r, err
}

// unanswered ends the case when a request got no answer.
func (t *Trial) unanswered(err error) {
	if err == nil {
		return
	}
	t.Interrupted(err)
	t.spared(err)
	var denied *target.DeniedError
	if errors.As(err, &denied) {
		t.Inconclusive("not-admitted", fmt.Sprintf("%s is not among the hosts of the target: list it under consent.home when it is the provider's", denied.Address))
	}
	t.Inconclusive("no-answer", "the provider did not answer as a web server does: "+err.Error())
}

// CookieField is a Cookie field as the browser of the run's user would send it
// to a URL, with one cookie more that nobody has set.
func (t *Trial) CookieField(at string) string {
	cookies := []string{"dcconform=stranger"}
	if u, err := url.Parse(at); err == nil && t.World.Session != nil {
		for _, c := range t.World.Session.Cookies(u) {
			cookies = append(cookies, c.Name+"="+c.Value)
		}
	}
	return "Cookie: " + strings.Join(cookies, "; ")
}

func (t *Trial) recordReply(r Reply) {
	if r.Exchange != nil && t.Keeps() {
		t.Record("exchange", r.Exchange.Method+" "+r.Exchange.URL, []byte(r.Exchange.Text()))
	}
}

// Good reports whether the status is 2xx.
func (r Reply) Good() bool { return r.Status >= 200 && r.Status < 300 }

// Sent is the request in one line, without the values of secret fields.
func (r Reply) Sent() string {
	if r.Exchange == nil {
		return "GET"
	}
	s := r.Exchange.Method + " " + r.Exchange.URL
	for _, f := range r.fields {
		name, _, _ := strings.Cut(f, ":")
		if v := r.Exchange.RequestHeader.Get(name); v != "" {
			s += ", " + name + ": " + v
		}
	}
	return s
}

// String is the answer in one line: "status 302 to https://…", or "status 200,
// text/html, 812 bytes that begin "<html>"".
func (r Reply) String() string {
	if r.Exchange == nil {
		return "no answer"
	}
	s := fmt.Sprintf("status %d", r.Status)
	if to := r.Exchange.Header.Get("Location"); to != "" {
		s += " to " + to
	}
	if kind := r.Header.Get("Content-Type"); kind != "" {
		s += ", " + kind
	}
	body := r.Exchange.Body
	if body == "" {
		return s + ", no body"
	}
	begin, _, more := strings.Cut(strings.TrimSpace(body), "\n")
	const most = 120
	if len(begin) > most {
		begin, more = strings.ToValidUTF8(begin[:most], ""), true
	}
	if more {
		return s + fmt.Sprintf(", %d bytes that begin %q", len(r.Body), begin)
	}
	return s + fmt.Sprintf(", %q", begin)
}
