package consent_test

import (
	"errors"
	"fmt"
	"html"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/dcconform/dcconform/suites/browser"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/target"
)

// A browser takes longer to start than any test of it, so tests share one, with
// the stage that it was started for. It ends before leaks are looked for.
var shared struct {
	*stage
	browser *consent.Browser
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.stage != nil {
		if err := errors.Join(shared.browser.Close(), shared.stage.close()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

var somebody = target.Credentials{User: "alice", Password: "pass word&1"}

// toy is a provider with the pages of one: sign-in, consent, result. What it
// does is chosen by parameters of the apply link.
type toy struct {
	*httptest.Server
	mu       sync.Mutex
	applied  []string // raw queries that were confirmed
	canceled []string
	received []string // raw request URIs of apply requests
	sessions int
	ended    int               // how many sessions are over
	pages    map[string][]byte // what /pages/ has
	pressed  []string          // what was pressed there, and what it sent
	onHang   func()            // what happens while a request with hang=1 waits
}

func newToy() *toy {
	p := &toy{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /apply", p.apply)
	mux.HandleFunc("GET /login", p.login)
	mux.HandleFunc("POST /login", p.signIn)
	mux.HandleFunc("POST /decide", p.decide)
	mux.HandleFunc("GET /result", func(w http.ResponseWriter, r *http.Request) { page(w, 200, "Done", "<p>All records were added.</p>") })
	mux.HandleFunc("GET /pages/{name}", p.page)
	mux.HandleFunc("/pressed/{what}", p.press)
	mux.HandleFunc("GET /loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("GET /again", func(w http.ResponseWriter, r *http.Request) {
		page(w, 200, "Again", `<form method=get action=/again><button value=confirm name=a>Confirm</button></form>`)
	})
	p.Server = httptest.NewUnstartedServer(mux)
	// A browser that does not trust us says so, and that is what is tested.
	p.Config.ErrorLog = log.New(io.Discard, "", 0)
	p.StartTLS()
	return p
}

// forget makes the provider as good as new.
func (p *toy) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.applied, p.canceled, p.received, p.sessions, p.onHang, p.pressed = nil, nil, nil, 0, nil, nil
	p.ended++
}

func (p *toy) page(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if _, err := w.Write(p.pages[r.PathValue("name")]); err != nil {
		return
	}
}

// press notes which control of a page was pressed: by its address, or by the
// names that forms of the corpus send.
func (p *toy) press(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	sent, err := url.ParseQuery(string(body))
	if err != nil {
		return
	}
	what := r.PathValue("what")
	if what == "decide" {
		what = ""
		for _, word := range []struct{ name, means string }{
			{"yes", "confirm"}, {"yes.x", "confirm"}, {"a", "confirm"}, {"accept", "confirm"}, {"ctl00$Main$btnYes", "confirm"},
			{"no", "cancel"}, {"no.x", "cancel"}, {"b", "cancel"}, {"cancel", "cancel"}, {"ctl00$Main$btnNo", "cancel"},
		} {
			if sent.Has(word.name) {
				what += word.means
			}
		}
		what += map[string]string{"yes": "confirm", "no": "cancel"}[sent.Get("act")]
	}
	p.mu.Lock()
	p.pressed = append(p.pressed, what+" "+string(body))
	p.mu.Unlock()
	page(w, 200, "Pressed", "<p>"+what+"</p>")
}

// end ends the session of whoever has signed in.
func (p *toy) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended++
}

// sid is the id of the session that is good.
func (p *toy) sid() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return fmt.Sprintf("s3ssion-%d", p.ended)
}

func page(w http.ResponseWriter, status int, title, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<!DOCTYPE html><html lang=en><head><meta name=viewport content="width=device-width"><title>%s</title><link rel="icon" href="data:,"></head><body><h1>%s</h1>%s</body></html>`, title, title, body)
}

func (p *toy) apply(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.received = append(p.received, r.RequestURI)
	p.mu.Unlock()
	q := r.URL.Query()
	if q.Get("hang") != "" {
		p.onHang()
		return
	}
	if q.Get("refuse") != "" {
		page(w, 400, "Bad request", `<div role=alert>The signature does not verify.</div>`)
		return
	}
	if c, err := r.Cookie("sid"); err != nil || c.Value != p.sid() {
		http.Redirect(w, r, "/login?next="+url.QueryEscape(r.RequestURI), http.StatusFound)
		return
	}
	p.consent(w, r, q)
}

func (p *toy) consent(w http.ResponseWriter, r *http.Request, q url.Values) {
	extra := q.Get("html")
	box, confirm := "", `<button name=action value=confirm>Confirm</button>`
	if q.Get("box") != "" {
		box = `<label><input type=checkbox name=override value=1 required> Replace the conflicting records</label>`
	}
	if q.Get("noconfirm") != "" {
		confirm = ""
	}
	if trace, err := r.Cookie("trace"); err == nil && q.Get("leak") != "" {
		plain, _ := url.QueryUnescape(trace.Value)
		extra += fmt.Sprintf(`<p role=alert>You are %s of %s.</p><table><tr><td>%s<td>example.com<td>en</table>`, plain, p.sid(), trace.Value)
	}
	page(w, 200, "Connect example.com", q.Get("decoy")+`
<p>Example Shop wants to change <b>example.com</b>.</p>
<p class="warning">This request is not signed.</p>
<details><summary>Details</summary><table><tr><th>Type</th><th>Name</th><th>Data</th></tr>
<tr><td>A</td><td>www</td><td>192.0.2.1</td></tr></table></details>
<form method=post action="/decide"><input type=hidden name=csrf_token value=c5rf-s3cret>
<input type=hidden name=link value="`+html.EscapeString(r.URL.RawQuery)+`">`+box+confirm+`
<button name=action value=cancel>Cancel</button></form>`+extra)
}

func (p *toy) login(w http.ResponseWriter, r *http.Request) {
	page(w, 200, "Sign in", `<form action="/search"><input name=q aria-label=Search><button>Search</button></form>
<form method=post><input type=hidden name=next value="`+html.EscapeString(r.URL.Query().Get("next"))+`">
<label>User name <input name=user></label><label>Password <input name=password type=password></label>
<button>Sign in</button></form>`)
}

func (p *toy) signIn(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("user") != somebody.User || r.FormValue("password") != somebody.Password {
		page(w, 403, "Sign in", `<p role=alert>Wrong user name or password.</p>
<form method=post><input name=user><input name=password type=password><button>Sign in</button></form>`)
		return
	}
	p.mu.Lock()
	p.sessions++
	p.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: "sid", Value: p.sid(), Path: "/", Secure: true, HttpOnly: true})
	http.Redirect(w, r, r.FormValue("next"), http.StatusSeeOther)
}

func (p *toy) decide(w http.ResponseWriter, r *http.Request) {
	raw := r.FormValue("link")
	q, _ := url.ParseQuery(raw)
	sid, err := r.Cookie("sid")
	if err != nil || sid.Value != p.sid() || r.FormValue("csrf_token") != "c5rf-s3cret" ||
		r.Header.Get("Origin") != "https://"+r.Host {
		page(w, 403, "Refused", "<p>forged</p>")
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	answer := "state=" + url.QueryEscape(q.Get("state"))
	switch r.FormValue("action") {
	case "confirm":
		if q.Get("box") != "" && r.FormValue("override") != "1" {
			page(w, 400, "Refused", "<p>box</p>")
			return
		}
		p.applied = append(p.applied, raw)
	case "cancel":
		p.canceled = append(p.canceled, raw)
		answer += "&error=access_denied"
	default:
		page(w, 400, "Refused", "<p>no action</p>")
		return
	}
	if to := q.Get("redirect_uri"); to != "" {
		http.Redirect(w, r, to+"?"+answer, http.StatusSeeOther)
		return
	}
	if q.Get("closing") != "" {
		page(w, 200, "Bye", "<script>window.close()</script>")
		return
	}
	http.Redirect(w, r, "/result", http.StatusSeeOther)
}

// stage is a toy provider with a callback server and a dialer that knows both
// and nothing else.
type stage struct {
	*toy
	back   *client.Callback
	dialer *target.Dialer
	rt     *http.Transport
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s, err := startStage()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func startStage() (*stage, error) {
	s := &stage{toy: newToy()}
	var err error
	if s.back, err = client.NewCallback(nil); err != nil {
		s.Close()
		return nil, err
	}
	s.dialer = &target.Dialer{Allow: []string{s.Listener.Addr().String()}, Fallback: s.back.Addr()}
	pool := s.back.CAs()
	pool.AddCert(s.Certificate())
	s.rt = target.NewTransport(s.dialer, pool)
	return s, nil
}

func (s *stage) close() error {
	s.rt.CloseIdleConnections()
	s.Close()
	return s.back.Close()
}

// sharedBrowser is the browser that tests share, on a stage as good as new.
// Tests that end it, or start it in another way, make their own.
func sharedBrowser(t *testing.T) (*stage, *consent.Browser) {
	t.Helper()
	if shared.stage == nil {
		path := findBrowser(t)
		s, err := startStage()
		if err != nil {
			t.Fatal(err)
		}
		shared.stage, shared.browser = s, s.browser(path)
	}
	shared.forget()
	return shared.stage, shared.browser
}

func findBrowser(t *testing.T) string {
	t.Helper()
	path, err := browser.Find("")
	if err != nil {
		t.Skipf("THE BROWSER DRIVER IS NOT TRIED: %v", err)
	}
	return string(path)
}

func (s *stage) browser(path string) *consent.Browser {
	return &consent.Browser{
		Path: path, Allow: map[string]string{s.Listener.Addr().String(): ""}, Fallback: s.back.Addr(),
		Pins: []string{target.Pin(s.Certificate()), s.back.Pin()},
	}
}

func (s *stage) link(query string) string { return s.URL + "/apply?" + query }

func (s *stage) snapshot() (applied, canceled []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.applied...), append([]string{}, s.canceled...)
}

func mustNotContain(t *testing.T, what, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%s contains the secret %q:\n%s", what, secret, text)
		}
	}
}
