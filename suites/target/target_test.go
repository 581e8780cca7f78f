package target_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/dcconform/dcconform/suites/target"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errDialed = errors.New("dialled")

func TestDialerDeniesByDefault(t *testing.T) {
	var to []string
	d := &target.Dialer{
		Allow:    []string{"127.0.0.1:8443", "[::1]:53"},
		Hosts:    map[string]string{"provider.test:443": "127.0.0.1:9443"},
		Fallback: "127.0.0.1:7443",
		Dial: func(_ context.Context, _, addr string) (net.Conn, error) {
			to = append(to, addr)
			return nil, errDialed
		},
	}
	for addr, want := range map[string]string{
		"127.0.0.1:8443":    "127.0.0.1:8443",
		"[::1]:53":          "[::1]:53",
		"provider.test:443": "127.0.0.1:9443",
		"Provider.TEST:443": "127.0.0.1:9443",
		"shop.example:443":  "127.0.0.1:7443",
		"shop.example:8443": "127.0.0.1:7443",
		"localhost:8443":    "127.0.0.1:7443",
		"127.0.0.1:8444":    "",
		"192.0.2.1:443":     "",
		"[2001:db8::1]:443": "",
		":443":              "",
		"no port":           "",
	} {
		to = nil
		_, err := d.DialContext(t.Context(), "tcp", addr)
		var denied *target.DeniedError
		switch {
		case want == "" && (!errors.As(err, &denied) || denied.Address != addr || to != nil):
			t.Errorf("%s: %v, dialled %v; want it denied", addr, err, to)
		case want != "" && (!errors.Is(err, errDialed) || len(to) != 1 || to[0] != want):
			t.Errorf("%s: %v, dialled %v; want %s", addr, err, to, want)
		}
	}
	if got := len(d.Denied()); got != 5 {
		t.Errorf("%d denied, want 5: %v", got, d.Denied())
	}
	if d.Dials() != 7 || len(d.Outside()) != 0 {
		t.Errorf("%d dials, outside %v", d.Dials(), d.Outside())
	}
	_, err := (&target.Dialer{}).DialContext(t.Context(), "tcp", "192.0.2.1:443")
	if want := "dial 192.0.2.1:443: denied: the run talks to this machine only; allow the address if it belongs to the target"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// The count must be able to be other than zero, or zero says nothing.
func TestDialerCountsWhatLeaves(t *testing.T) {
	d := &target.Dialer{Allow: []string{"192.0.2.1:443", "[::ffff:127.0.0.1]:1"}, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errDialed }}
	for range 2 {
		_, _ = d.DialContext(t.Context(), "tcp", "192.0.2.1:443")
	}
	_, _ = d.DialContext(t.Context(), "tcp", "[::ffff:127.0.0.1]:1")
	if diff := cmp.Diff([]string{"192.0.2.1:443"}, d.Outside()); diff != "" {
		t.Error(diff)
	}
}

func TestLoopback(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1:1": true, "127.255.0.1:1": true, "[::1]:1": true, "[::ffff:127.0.0.1]:1": true,
		"localhost:1": false, "0.0.0.0:1": false, "192.0.2.1:1": false, "127.0.0.1": false, "": false,
	} {
		if target.Loopback(addr) != want {
			t.Errorf("Loopback(%q) = %v", addr, !want)
		}
	}
}

func newRecorder(t *testing.T, h http.HandlerFunc) (*target.Recorder, string) {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	rt := target.NewTransport(&target.Dialer{Allow: []string{srv.Listener.Addr().String()}}, srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs)
	t.Cleanup(func() { rt.CloseIdleConnections(); srv.Close() })
	return &target.Recorder{Transport: rt}, srv.URL
}

func get(t *testing.T, url string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func TestRecorderKeepsTheExchangeAndNoSecret(t *testing.T) {
	var body string
	rec, at := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		body = string(b)
		w.Header()["Date"] = nil
		w.Header().Set("Content-Type", "text/html")
		w.Header().Add("Set-Cookie", "sid=s3cret; Path=/; HttpOnly")
		w.Header().Set("Location", "/next?csrf=s3cret&state=ok")
		w.WriteHeader(303)
		_, _ = io.WriteString(w, `<input type="hidden" name="csrf" value="s3cret"><input name=ok value=fine>`)
	})
	rec.Redactor.Secrets = []string{"pa ss", ""}
	req, err := http.NewRequest("POST", at+"/p?sig=KEEP%2B&token=pa%20ss", strings.NewReader("user=alice&password=other&x=pa+ss"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Cookie", "sid=s3cret")
	req.Header.Set("Authorization", "Basic s3cret")
	reply, ex, err := rec.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if body != "user=alice&password=other&x=pa+ss" || !strings.Contains(string(reply.Body), "s3cret") || reply.Header.Get("Set-Cookie") != "sid=s3cret; Path=/; HttpOnly" {
		t.Errorf("the flow itself was redacted: %q %q", body, reply.Body)
	}
	want := `POST URL/p?sig=KEEP%2B&token=[redacted]
Authorization: [redacted]
Content-Type: application/x-www-form-urlencoded
Cookie: [redacted]

user=alice&password=[redacted]&x=[redacted]

HTTP/1.1 303 See Other
Content-Length: 74
Content-Type: text/html
Location: /next?csrf=[redacted]&state=ok
Set-Cookie: sid=[redacted]; Path=/; HttpOnly

<input type="hidden" name="csrf" value="[redacted]"><input name=ok value=fine>
`
	if diff := cmp.Diff(want, strings.ReplaceAll(ex.Text(), at, "URL")); diff != "" {
		t.Error(diff)
	}
	if got, want := strings.ReplaceAll(ex.String(), at, "URL"), "POST URL/p?sig=KEEP%2B&token=[redacted] -> 303, 78 bytes"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRecorderBounds(t *testing.T) {
	stop := make(chan struct{})
	rec, at := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/endless":
			for {
				if _, err := w.Write(make([]byte, 4096)); err != nil {
					return
				}
			}
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write([]byte{0x1f, 0x8b})
		case "/mute":
			<-stop
		default:
			_, _ = io.WriteString(w, "12345")
		}
	})
	rec.BodyLimit = 5
	reply, ex, err := rec.Do(get(t, at+"/five"))
	if err != nil || reply.Truncated || string(reply.Body) != "12345" || ex.Truncated {
		t.Errorf("a body of the limit: %v %v", reply, err)
	}
	reply, ex, err = rec.Do(get(t, at+"/endless"))
	if err != nil || !reply.Truncated || len(reply.Body) != 5 || !ex.Truncated || !strings.HasSuffix(ex.Text(), "[the body goes on]\n") {
		t.Errorf("an endless body: %v %v", reply, err)
	}
	reply, _, err = rec.Do(get(t, at+"/bomb"))
	if err != nil || string(reply.Body) != "\x1f\x8b" {
		t.Errorf("a compressed body was unpacked: %q %v", reply.Body, err)
	}
	rec.Total = 50 * time.Millisecond
	_, ex, err = rec.Do(get(t, at+"/mute"))
	close(stop)
	if err == nil || err.Error() != "no complete answer within 50ms" || ex.Error != err.Error() || ex.Status != 0 {
		t.Errorf("a mute server: %v, %s", err, ex.Text())
	}
	if want := fmt.Sprintf("GET %s/mute -> no response: no complete answer within 50ms", at); ex.String() != want {
		t.Errorf("got %s, want %s", ex, want)
	}
}

func TestRecorderDoesNotFollow(t *testing.T) {
	hits := 0
	rec, at := newRecorder(t, func(w http.ResponseWriter, r *http.Request) { hits++; http.Redirect(w, r, "/", http.StatusFound) })
	if reply, _, err := rec.Do(get(t, at)); err != nil || reply.Status != 302 || hits != 1 {
		t.Errorf("%v, %v, %d requests", reply, err, hits)
	}
}

func TestRedactor(t *testing.T) {
	r := target.Redactor{Secrets: []string{"hunter 2", "k/y"}}
	for in, want := range map[string]string{
		"plain":                               "plain",
		"the hunter 2 and k%2Fy":              "the [redacted] and [redacted]",
		"https://h/p":                         "https://h/p",
		"https://h/p?a=hunter+2&b=%7e&c":      "https://h/p?a=[redacted]&b=%7e&c",
		"https://h/p?access_token=x&sig=y#ok": "https://h/p?access_token=[redacted]&sig=y#ok",
		"https://h/p?pass%77ord=x":            "https://h/p?pass%77ord=[redacted]",
		"https://h/p?passenger=x&key=_dck1":   "https://h/p?passenger=x&key=_dck1",
		// A variable may be called so; an authorization code is longer.
		"https://h/p?code=123456789012345":         "https://h/p?code=123456789012345",
		"https://h/p?code=1234567890123456&state=": "https://h/p?code=[redacted]&state=",
	} {
		if got := r.URL(in); got != want {
			t.Errorf("URL(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		`<INPUT value='tok' type=hidden name='_csrf'>`:                                              `<INPUT value="[redacted]" type=hidden name='_csrf'>`,
		`<meta name="csrf-token" content="tok">`:                                                    `<meta name="csrf-token" content="[redacted]">`,
		`<input name=domain value=example.com>`:                                                     `<input name=domain value=example.com>`,
		`if (a<b) <input value=x name=sessionId> a>b`:                                               `if (a<b) <input value="[redacted]" name=sessionId> a>b`,
		`<<input name=pwd value=x><input name=passport value=y><input name=old_passwd value='<z>'>`: `<<input name=pwd value="[redacted]"><input name=passport value=y><input name=old_passwd value="[redacted]">'>`,
		`<inputs name=pwd value=x><p>1 < 2`:                                                         `<inputs name=pwd value=x><p>1 < 2`,
		`<button name=csrf value=x>`:                                                                `<button name=csrf value=x>`,
		`<p title=x>hunter 2</p><input name=password value=>`:                                       `<p title=x>[redacted]</p><input name=password value=>`,
	} {
		if got := r.Body("text/html; charset=utf-8", []byte(in)); got != want {
			t.Errorf("Body(%s)\n got %s\nwant %s", in, got, want)
		}
	}
	for in, want := range map[string]string{
		`{"access_token": "a\"b", "token_type":"bearer","expires_in":3600, "refresh_token":"r"}`: `{"access_token": "[redacted]", "token_type":"bearer","expires_in":3600, "refresh_token":"[redacted]"}`,
		`{"code":"409","message":"hunter 2","records":[{"data":"client_secret"}]}`:               `{"code":"409","message":"[redacted]","records":[{"data":"client_secret"}]}`,
		`{"code":"1234567890123456","client_secret":"x","passenger":"y"}`:                        `{"code":"[redacted]","client_secret":"[redacted]","passenger":"y"}`,
		`"access_token":"x`: `"access_token":"x`,
	} {
		if got := r.Body("application/json", []byte(in)); got != want {
			t.Errorf("Body(%s)\n got %s\nwant %s", in, got, want)
		}
	}
	if got := r.Header(nil); got != nil {
		t.Errorf("Header(nil) = %v", got)
	}
	h := http.Header{"Set-Cookie": {"a=1; Secure", "b"}, "X-Csrf-Token": {"t"}, "X-Note": {"hunter 2"}}
	want := http.Header{"Set-Cookie": {"a=[redacted]; Secure", "b=[redacted]"}, "X-Csrf-Token": {"[redacted]"}, "X-Note": {"[redacted]"}}
	if diff := cmp.Diff(want, r.Header(h)); diff != "" {
		t.Error(diff)
	}
	if h.Get("X-Note") != "hunter 2" {
		t.Error("the argument was changed")
	}
}
