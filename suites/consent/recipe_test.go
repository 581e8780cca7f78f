package consent_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/fixtures/recipes"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/target"
)

// lookalike is a server with pages in the shape of a real provider's, a
// callback server, and both drivers.
type lookalike struct {
	*httptest.Server
	back  *client.Callback
	token string
}

// eachLookalike runs a test against new pages for each driver.
func eachLookalike(t *testing.T, mux func() http.Handler, test func(t *testing.T, l *lookalike, d consent.Driver)) {
	t.Helper()
	for _, name := range []string{"form", "browser"} {
		t.Run(name, func(t *testing.T) {
			path := ""
			if name == "browser" {
				path = findBrowser(t)
			}
			l := &lookalike{Server: httptest.NewTLSServer(mux())}
			defer l.Close()
			var err error
			if l.back, err = client.NewCallback(nil); err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := l.back.Close(); err != nil {
					t.Error(err)
				}
			}()
			l.token = l.back.NewToken()
			var d consent.Driver
			if path == "" {
				pool := l.back.CAs()
				pool.AddCert(l.Certificate())
				rt := target.NewTransport(&target.Dialer{Allow: []string{l.Listener.Addr().String()}, Fallback: l.back.Addr()}, pool)
				defer rt.CloseIdleConnections()
				d = &consent.Form{Transport: rt}
			} else {
				d = &consent.Browser{
					Path: path, Allow: map[string]string{l.Listener.Addr().String(): ""}, Fallback: l.back.Addr(),
					Pins: []string{target.Pin(l.Certificate()), l.back.Pin()},
				}
			}
			defer func() {
				if err := d.Close(); err != nil {
					t.Error(err)
				}
			}()
			test(t, l, d)
		})
	}
}

func (l *lookalike) link(path string) string {
	return l.URL + path + "?domain=example.com&state=s1&redirect_uri=" + url.QueryEscape(l.back.URL("shop.example", l.token))
}

func namedRecipe(t *testing.T, name string) *consent.Recipe {
	t.Helper()
	r, err := recipes.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return &r
}

// signedIn wraps pages with a sign-in form of the given fields.
func signedIn(user, password, button string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.PostFormValue(user) == somebody.User && r.PostFormValue(password) == somebody.Password {
			http.SetCookie(w, &http.Cookie{Name: "in", Value: "yes", Path: "/", Secure: true})
			http.Redirect(w, r, r.URL.RequestURI(), http.StatusSeeOther)
			return
		}
		if _, err := r.Cookie("in"); err == nil {
			next(w, r)
			return
		}
		page(w, 200, "Log In", fmt.Sprintf(`<form action="/sponsor"><button><span>Sponsor</span></button></form>
<form action="" method="post" data-toggle="validator"><input type="text" placeholder="Username" name=%q required>
<input type="password" placeholder="Password" name=%q required>
<label><input type="checkbox" name="remember"> Remember Me</label>%s</form>`, user, password, button))
	}
}

// powerDNSAdmin has pages in the shape of PowerDNS-Admin-DomainConnect's.
func powerDNSAdmin() http.Handler {
	mux := http.NewServeMux()
	const button = `<button type="submit" class="btn btn-flat btn-primary btn-block">Sign In</button>`
	mux.HandleFunc("/dc/sync/apply", signedIn("username", "password", button, func(w http.ResponseWriter, r *http.Request) {
		page(w, 200, "DC Apply example.com", `<aside><a href="/logout" class="btn">Log out</a></aside><section class="content">
<table id="tbl_records"><thead><tr><th>Name<th>Type</thead><tbody><tr><td>@<td>SOA</tbody></table>
<a href="/dc/sync/apply-finalize?`+html.EscapeString(r.URL.RawQuery)+`&amp;_csrf=t0ken"><button type="button" class="btn btn-flat btn-warning button_edit">Apply template<i class="fa fa-save"></i></button></a>
<h2>Records to add:</h2><table id="tbl_records_dc_add"><tr><td>www<td>A<td>600<td>192.0.2.1</table></section>`)
	}))
	mux.HandleFunc("/dc/sync/apply-finalize", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("_csrf") != "t0ken" {
			page(w, 403, "Forged", "")
			return
		}
		page(w, 200, "DC Apply example.com", `<section class="content-header"><h1>Domain connect success`+`fuly applied: <b>example.com</b></h1></section><section class="content">
<a href="`+html.EscapeString(r.URL.Query().Get("redirect_uri"))+`?state=s1"><button type="button" class="btn btn-flat btn-warning button_edit">Back to Shop<i class="fa fa-close"></i></button></a></section>`)
	})
	return mux
}

func TestPowerDNSAdminRecipe(t *testing.T) {
	eachLookalike(t, powerDNSAdmin, func(t *testing.T, l *lookalike, d consent.Driver) {
		o := consent.Options{Recipe: namedRecipe(t, "powerdns-admin-domainconnect")}
		out, err := d.Approve(ctxFor(t), l.link("/dc/sync/apply"), somebody, o)
		if err != nil {
			t.Fatal(err)
		}
		want := []consent.Kind{consent.SignIn, consent.Consent, consent.Between, consent.Returned}
		if diff := cmp.Diff(want, kinds(out)); diff != "" || !out.Pressed || !out.Returned {
			t.Errorf("pressed %v, returned %v, %s", out.Pressed, out.Returned, diff)
		}
		if hit, err := l.back.Wait(ctxFor(t), l.token); err != nil || hit.RawQuery != "state=s1" {
			t.Errorf("came back with %q, %v", hit.RawQuery, err)
		}
		for _, ex := range out.Exchanges {
			mustNotContain(t, "exchange", ex.Text(), "t0ken=")
		}
		_, err = d.Cancel(ctxFor(t), l.link("/dc/sync/apply"), somebody, o)
		if want := "a control of the page was not found: the recipe says that these pages have no button to cancel"; errText(err) != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	})
}

// plesk has pages in the shape of Plesk's with the extension Domain Connect:
// drawn by a script, with buttons in no form.
func plesk() http.Handler {
	mux := http.NewServeMux()
	const button = `<button type="submit" name="send">Log in</button>`
	mux.HandleFunc("/modules/domain-connect/apply", signedIn("login_name", "passwd", button, func(w http.ResponseWriter, r *http.Request) {
		to := r.URL.Query().Get("redirect_uri")
		if r.Method == http.MethodPost {
			page(w, 200, "Domain Connect", `<div class="msg-info">The changes were successfully applied to example.com.</div>
<script>setTimeout(() => { location = `+fmt.Sprintf("%q", to+"?state=s1")+` }, 20)</script>`)
			return
		}
		page(w, 200, "Domain Connect", `<div id="app"></div><script>
const app = document.getElementById("app");
app.innerHTML = '<p>Connecting example.com requires us to change several DNS records.</p>' +
  '<p><a id="ext-domain-connect--details-link">Show details</a></p><div id="details" hidden><ul><li>www IN A 192.0.2.1</li></ul></div>' +
  '<div class="btns-box"><button id="ext-domain-connect--submit" class="btn btn-primary" type="button">Connect</button>' +
  '<button id="ext-domain-connect--cancel" class="btn" type="button">Cancel</button></div>';
document.getElementById("ext-domain-connect--details-link").addEventListener("click", e => { e.preventDefault(); document.getElementById("details").hidden = false });
document.getElementById("ext-domain-connect--submit").addEventListener("click", () => {
  const form = document.createElement("form"); form.setAttribute("method", "POST"); document.body.appendChild(form); form.submit();
});
document.getElementById("ext-domain-connect--cancel").addEventListener("click", () => { location = `+fmt.Sprintf("%q", to+"?error=access_denied&error_description=user_cancel")+` });
</script>`)
	}))
	return mux
}

func TestPleskRecipe(t *testing.T) {
	eachLookalike(t, plesk, func(t *testing.T, l *lookalike, d consent.Driver) {
		o := consent.Options{Recipe: namedRecipe(t, "plesk")}
		link := l.link("/modules/domain-connect/apply")
		out, err := d.Read(ctxFor(t), link, somebody, o)
		if _, ok := d.(*consent.Form); ok {
			if want := "the pages need a browser: the recipe says that scripts make them"; errText(err) != want || !errors.Is(err, consent.ErrScripts) {
				t.Errorf("got  %v\nwant %s", err, want)
			}
			return
		}
		if p, ok := out.Page(consent.Consent); err != nil || !ok || !strings.Contains(p.Text, "www IN A 192.0.2.1") {
			t.Errorf("the details are not shown: %v\n%s", err, p.Text)
		}
		for do, want := range map[string]string{"approve": "state=s1", "cancel": "error=access_denied&error_description=user_cancel"} {
			flow := d.Approve
			if do == "cancel" {
				flow = d.Cancel
			}
			out, err := flow(ctxFor(t), link, somebody, o)
			if err != nil || !out.Pressed || !out.Returned {
				t.Errorf("%s: pressed %v, returned %v, pages %v, %v", do, out.Pressed, out.Returned, kinds(out), err)
			}
			if hit, err := l.back.Wait(ctxFor(t), l.token); err != nil || hit.RawQuery != want {
				t.Errorf("%s: came back with %q, %v", do, hit.RawQuery, err)
			}
		}
	})
}

// A page that says that all is well and then goes on: by a refresh in both
// drivers, by a script in the browser; one that closes its window, or stays, is
// left at once or after the ceiling. What it offers then is not taken.
func TestPagesThatGoOn(t *testing.T) {
	pages := map[string]string{
		"refresh": `<meta http-equiv="Refresh" content="1; URL='%s'"><p>Done`,
		"script":  `<p>Done<script>setTimeout(() => { location = "%s" }, 100)</script>`,
		// Gone by the time that it is asked for its means to go on.
		"raced":   `<p>Done<script>document.querySelector = () => { location = "%s"; return null }</script>`,
		"closing": `<p>Done<script>window.close() /* %s */</script>`,
		"news":    `<meta http-equiv="refresh" content="3600; url=%s"><p>Done`,
		"slow":    `<p>Done<script>setTimeout(() => { location = "%s" }, 60000)</script>`,
		"offer":   `<p>Done <a class="btn" href="%s">Connect another domain</a>`,
	}
	mux := func() http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /apply/{what}", func(w http.ResponseWriter, r *http.Request) {
			page(w, 200, "Connect", `<form method=post><input type=hidden name=to value="`+html.EscapeString(r.URL.Query().Get("redirect_uri"))+`"><button>Confirm</button></form>`)
		})
		mux.HandleFunc("POST /apply/{what}", func(w http.ResponseWriter, r *http.Request) {
			page(w, 200, "Done", fmt.Sprintf(pages[r.PathValue("what")], r.PostFormValue("to")))
		})
		return mux
	}
	eachLookalike(t, mux, func(t *testing.T, l *lookalike, d consent.Driver) {
		_, inForm := d.(*consent.Form)
		for what := range pages {
			var options consent.Options
			if what == "slow" {
				options.Linger = time.Millisecond
			}
			begun := time.Now()
			o, err := d.Approve(ctxFor(t), l.link("/apply/"+what), somebody, options)
			if what == "slow" && time.Since(begun) > consent.LingerCeiling {
				t.Errorf("%s: its own limit is not kept", what)
			}
			want := what == "refresh" || (what == "script" || what == "raced") && !inForm
			if err != nil || o.Returned != want || !o.Pressed || o.Closed != (what == "closing" && !inForm) {
				t.Errorf("%s: returned %v, closed %v, pages %v, %v", what, o.Returned, o.Closed, kinds(o), err)
			}
			if done, ok := o.Page(consent.Result); what == "script" && !inForm && !ok {
				// A slow machine sees the page only when it has gone on.
			} else if !ok || done.Title != "Done" {
				t.Errorf("%s: the page in between is not kept: %v", what, kinds(o))
			}
		}
	})
}

// twoSteps asks for the user name, then for the password, then for an account.
func twoSteps() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /apply", func(w http.ResponseWriter, r *http.Request) {
		page(w, 200, "Who are you?", `<form method=post action="/who"><label>E-mail <input name=id></label><button>Next</button></form>`)
	})
	mux.HandleFunc("POST /who", func(w http.ResponseWriter, r *http.Request) {
		page(w, 200, "Welcome "+r.PostFormValue("id"), `<form method=post action="/password"><input type=password name=pw aria-label=Password><button>Sign in</button></form>`)
	})
	mux.HandleFunc("POST /password", func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("pw") != somebody.Password {
			page(w, 403, "No", "")
			return
		}
		page(w, 200, "Which account?", `<form method=post action="/account"><label><input type=radio name=n value=1> Private</label><label><input type=radio name=n value=2> example.com</label>
<button name=go value=1>Use it</button></form>`)
	})
	mux.HandleFunc("POST /account", func(w http.ResponseWriter, r *http.Request) {
		page(w, 200, "Account "+r.PostFormValue("n"), `<form method=post action="/done"><button name=a value=confirm>Confirm</button><button name=a value=cancel>Cancel</button></form>`)
	})
	mux.HandleFunc("POST /done", func(w http.ResponseWriter, r *http.Request) { page(w, 200, "Done "+r.PostFormValue("a"), "") })
	return mux
}

const accountRecipe = `title: Two steps
source: hand-written
date: "2026-10-07"
verified: false
steps:
  - name: account
    when: {url: /password, text: which account}
    do:
      - tick: {labels: ["{domain}"]}
      - press: {labels: [use it]}
`

func TestStepsOfARecipe(t *testing.T) {
	r, err := recipes.Parse("x.yaml", []byte(accountRecipe))
	if err != nil {
		t.Fatal(err)
	}
	eachLookalike(t, twoSteps, func(t *testing.T, l *lookalike, d consent.Driver) {
		var session consent.Session
		out, err := d.Approve(ctxFor(t), l.link("/apply"), somebody, consent.Options{Recipe: &r, Session: &session})
		if err != nil {
			t.Fatal(err)
		}
		var titles []string
		for _, p := range out.Pages {
			titles = append(titles, string(p.Kind)+": "+p.Title)
		}
		want := []string{
			"sign-in: Who are you?", "sign-in: Welcome alice", "between: Which account?", "consent: Account 2", "result: Done confirm",
		}
		if diff := cmp.Diff(want, titles); diff != "" || !out.Pressed || !out.SignedIn || !session.Open() {
			t.Errorf("pressed %v, signed in %v, session open %v, %s", out.Pressed, out.SignedIn, session.Open(), diff)
		}
	})
}

// Where nobody can tell which button it is, the error holds the lines that a
// recipe needs, and nothing is pressed.
func TestAmbiguousButtons(t *testing.T) {
	s := newStage(t)
	s.pages = map[string][]byte{}
	for _, p := range consent.Corpus(t) {
		s.pages[p.Name] = p.HTML
	}
	d := &consent.Form{Transport: s.rt}
	for name, want := range map[string]string{
		"ambiguous": "a control of the page was not found: 2 controls of " + s.URL + "/pages/ambiguous could be the one to confirm; name one in the recipe (confirm):\n" +
			"  button \"Apply to example.com\": css: '#first'\n  button \"Apply to www.example.com\": css: '#\\31 st-2'",
		"no-telling": "a control of the page was not found: no button to confirm on " + s.URL + "/pages/no-telling; name it in the recipe (confirm), which could be one of:\n" +
			"  button \"Proceed slowly\": css: 'button[name=\"a\"]'\n  button \"Proceed fast\": css: 'button[name=\"b\"]'",
		"only-destruction-left": "a control of the page was not found: no button to confirm on " + s.URL + "/pages/only-destruction-left; name it in the recipe (confirm)",
	} {
		o, err := d.Approve(ctxFor(t), s.URL+"/pages/"+name, somebody, consent.Options{})
		if errText(err) != want || o.Pressed || len(s.pressed) != 0 {
			t.Errorf("pressed %v\ngot  %v\nwant %s", s.pressed, err, want)
		}
	}
	// A line of the message, put into a recipe as it is, mends it.
	r, err := recipes.Parse("x.yaml", []byte("title: T\nsource: s\ndate: \"2026-10-07\"\nverified: false\nroles:\n  confirm:\n    css: '#\\31 st-2'\n"))
	if err != nil {
		t.Fatal(err)
	}
	if o, err := d.Approve(ctxFor(t), s.URL+"/pages/ambiguous", somebody, consent.Options{Recipe: &r}); err != nil || !o.Pressed || s.pressed[0] != "wrong " {
		t.Errorf("pressed %v, %v", s.pressed, err)
	}
}

// A flow that fails in the browser leaves the page it failed on, with a
// picture and the console, though nobody asked for pictures; the form driver
// leaves the page.
func TestEvidenceOfFailures(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *stage, d consent.Driver) {
		_, inForm := d.(*consent.Form)
		s.pages = map[string][]byte{"stuck": []byte(`<!DOCTYPE html><title>Stuck</title><link rel=icon href='data:,'><body><script>console.log("drawn")</script>
<form onsubmit="document.title='Still here';console.log('refused');return false" action="/pressed/wrong"><button disabled name=x>Confirm</button><button type=button name=no>Cancel</button></form>`)}
		o, err := d.Approve(ctxFor(t), s.URL+"/pages/stuck", somebody, consent.Options{})
		last, ok := o.Last()
		if !errors.Is(err, consent.ErrControl) || !ok || last.Kind != consent.Consent || !strings.Contains(last.HTML, "<button") || len(o.Pages) != 1 {
			t.Fatalf("pages %v, %v", kinds(o), err)
		}
		mustNotContain(t, "the evidence", last.HTML, "data-dcconform")
		if inForm {
			return
		}
		if _, err := png.Decode(bytes.NewReader(last.Screenshot)); err != nil {
			t.Errorf("no picture: %v", err)
		}
		if diff := cmp.Diff([]string{"log: drawn"}, o.Console); diff != "" {
			t.Error(diff)
		}
		// A page that changed under the flow is one of its own.
		s.pages["stuck"] = []byte(`<!DOCTYPE html><title>Stuck</title><link rel=icon href='data:,'><body><form onsubmit="document.body.innerHTML='<p>It went wrong.</p>';fetch('/apply?hang=1');return false"><button name=x>Confirm</button></form>`)
		stop := errors.New("enough")
		ctx, cancel := context.WithCancelCause(ctxFor(t))
		s.onHang = func() { cancel(stop) }
		o, err = d.Approve(ctx, s.URL+"/pages/stuck", somebody, consent.Options{})
		if want := []consent.Kind{consent.Consent, consent.Stuck}; !errors.Is(err, stop) || !cmp.Equal(want, kinds(o)) {
			t.Fatalf("pages %v, %v", kinds(o), err)
		}
		if last, _ = o.Last(); last.Text != "It went wrong." || len(last.Screenshot) == 0 {
			t.Errorf("%q, a picture of %d bytes", last.Text, len(last.Screenshot))
		}
	})
}
