package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/target"
)

// provider is a TLS server with a client that reaches it and nothing else.
type provider struct {
	*httptest.Server
	prefix string
	client *client.Client
	dialer *target.Dialer
}

func newProvider(t *testing.T, h http.HandlerFunc) *provider {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	p := &provider{Server: srv, prefix: strings.TrimPrefix(srv.URL, "https://")}
	p.dialer = &target.Dialer{Allow: []string{p.prefix}}
	rt := target.NewTransport(p.dialer, srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs)
	p.client = &client.Client{Transport: rt}
	t.Cleanup(func() { rt.CloseIdleConnections(); srv.Close() })
	return p
}

const good = `{"providerId":"dp.example","providerName":"DP","urlAPI":"https://api.dp.example"}`

func TestSettings(t *testing.T) {
	var got *http.Request
	p := newProvider(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		_, _ = io.WriteString(w, `{"providerId":"dp.example","providerName":"DP","providerDisplayName":"Shop","urlAPI":"https://api.dp.example/x/",
"urlSyncUX":"https://ux.dp.example:8443","urlControlPanel":"https://cp.example/%domain%/x?d=%domain%&h=%host%","nameServers":["ns1.example","ns2.example"],
"width":"800","height":600,"crit":["vnd.absent"],"vnd.example.x":{"a":[null]},"foo":[]}`)
	})
	s, ex, err := p.client.Settings(t.Context(), p.prefix+"/a/b/", "müller.example")
	if err != nil {
		t.Fatal(err)
	}
	if want := "/a/b/v2/m%C3%BCller.example/settings"; got.RequestURI != want || got.Method != "GET" || got.Header.Get("Cookie") != "" {
		t.Errorf("sent %s %s, want %s", got.Method, got.RequestURI, want)
	}
	want := client.Settings{
		ProviderID: "dp.example", ProviderName: "DP", ProviderDisplayName: "Shop", URLAPI: "https://api.dp.example/x/",
		URLSyncUX: "https://ux.dp.example:8443", URLControlPanel: "https://cp.example/%domain%/x?d=%domain%&h=%host%",
		NameServers: []string{"ns1.example", "ns2.example"}, Width: 750, Height: 600, Crit: []string{"vnd.absent"},
		Unknown: []string{"foo", "vnd.example.x"}, Problems: []string{`width is "800", want a number`},
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
	if ex.Status != 200 || ex.URL != p.URL+got.RequestURI || !strings.Contains(ex.Body, "vnd.example.x") {
		t.Errorf("exchange: %s", ex)
	}
	if got, want := s.ControlPanel("xn--mller-kva.example"), "https://cp.example/xn--mller-kva.example/x?d=xn--mller-kva.example&h=%host%"; got != want {
		// %host% makes the URL unparsable as it stands, and it is not ours to mend.
		if got != "" {
			t.Errorf("control panel %q, want %q", got, want)
		}
	}
}

func TestParseSettingsErrors(t *testing.T) {
	for in, want := range map[string]string{
		`{"providerID":"x","providerName":"DP","urlAPI":"https://a.example"}`:     "required member providerId is missing or unusable",
		`{"providerId":"","providerName":"DP","urlAPI":"https://a.example"}`:      "required member providerId is missing or unusable: providerId is empty",
		`{"providerId":"x","providerName":null,"urlAPI":"https://a.example"}`:     "required member providerName is missing or unusable: providerName is null, want a string",
		`{"providerId":"x","providerName":7,"urlAPI":"https://a.example"}`:        "required member providerName is missing or unusable: providerName is 7, want a string",
		`{"providerId":"x","providerName":"DP","urlAPI":"/api"}`:                  `required member urlAPI is missing or unusable: urlAPI "/api": want an https URL`,
		`{"providerId":"x","providerName":"DP","urlAPI":"https://a.example?x=1"}`: `required member urlAPI is missing or unusable: urlAPI "https://a.example?x=1": query and fragment are not allowed`,
		`null`: "not a JSON object: null",
		`{"crit":["vnd.x"],"vnd.x":1,"providerId":"x","providerName":"DP","urlAPI":"https://a.example"}`: `the provider demands an unknown extension: crit names "vnd.x"`,
	} {
		if _, err := client.ParseSettings([]byte(in)); err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", in, err, want)
		}
	}
	for _, in := range []string{"", "<html>", "[]", `"x"`, `{"providerId":"a","providerId":"b"}`, "{", "{\"a\":\"\xff\"}"} {
		if _, err := client.ParseSettings([]byte(in)); err == nil || !strings.HasPrefix(err.Error(), "not a JSON object: ") {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// What a provider sends must never be offered as a link that is not one.
func TestSettingsAreUntrusted(t *testing.T) {
	s, err := client.ParseSettings([]byte(`{"providerId":"x","providerName":"DP","urlAPI":"https://a.example","urlSyncUX":"javascript:alert(1)","urlAsyncUX":"","urlControlPanel":"javascript:alert(1)","nameServers":"a,b"}`))
	if err != nil {
		t.Fatal(err)
	}
	if s.URLSyncUX != "" || s.URLAsyncUX != "" || s.ControlPanel("example.com") != "" || s.NameServers != nil {
		t.Errorf("taken: %+v", s)
	}
	want := []string{`nameServers is "a,b", want an array of strings`, "urlAsyncUX is empty", `urlSyncUX "javascript:alert(1)": want an https URL`}
	if diff := cmp.Diff(want, s.Problems); diff != "" {
		t.Error(diff)
	}
}

// says compares error texts; where want ends in an ellipsis, the rest is the
// JSON library's, whose texts are not ours to fix.
func says(got, want string) bool {
	if head, ok := strings.CutSuffix(want, "…"); ok {
		return strings.HasPrefix(got, head) && len(got) > len(head)
	}
	return got == want
}

func TestSettingsAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		header map[string]string
		want   string
		is     error
	}{
		"404":           {status: 404, want: "settings of example.com: the provider does not hold the domain: 404 from URL", is: client.ErrNotHosted},
		"500":           {status: 500, body: good, want: "settings of example.com: status 500 from URL"},
		"304":           {status: 304, want: "settings of example.com: status 304 from URL"},
		"empty":         {status: 200, want: "settings of example.com from URL: not a JSON object: …"},
		"to http":       {status: 302, header: map[string]string{"Location": "http://other.example/x"}, want: `settings of example.com: redirect of URL to "http://other.example/x" is not to https`},
		"to elsewhere":  {status: 302, header: map[string]string{"Location": "https://192.0.2.1/x"}, want: "settings of example.com: dial 192.0.2.1:443: denied: the run talks to this machine only; allow the address if it belongs to the target"},
		"loop":          {status: 302, header: map[string]string{"Location": "/v2/example.com/settings"}, want: "settings of example.com: more than 3 redirects from URL"},
		"one byte over": {status: 200, body: strings.Repeat(" ", client.MaxBody-len(good)+1) + good, want: "settings of example.com: the answer of URL is longer than 1048576 bytes"},
		"to the byte":   {status: 200, body: strings.Repeat(" ", client.MaxBody-len(good)) + good},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t, func(w http.ResponseWriter, r *http.Request) {
				for k, v := range c.header {
					w.Header().Set(k, v)
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			_, ex, err := p.client.Settings(t.Context(), p.prefix, "example.com")
			text := strings.ReplaceAll(fmt.Sprint(err), p.URL+"/v2/example.com/settings", "URL")
			if err == nil {
				text = ""
			}
			if !says(text, c.want) {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("%v is not %v", err, c.is)
			}
			if ex == nil {
				t.Fatal("no exchange")
			}
			if name == "loop" && len(ex.Via) != 3 {
				t.Errorf("%d redirects followed, want 3", len(ex.Via))
			}
		})
	}
}

func TestSettingsFollowRedirects(t *testing.T) {
	p := newProvider(t, func(w http.ResponseWriter, r *http.Request) {
		n := len(r.URL.Query().Get("n"))
		if n < 3 {
			http.Redirect(w, r, r.URL.Path+"?n="+strings.Repeat("x", n+1), http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, good)
	})
	s, ex, err := p.client.Settings(t.Context(), p.prefix, "example.com")
	if err != nil || s.ProviderName != "DP" || len(ex.Via) != 3 || ex.Via[0].Status != 302 {
		t.Errorf("%v, %v, %v", s, ex, err)
	}
}

func TestSettingsGiveUp(t *testing.T) {
	release := make(chan struct{})
	for name, h := range map[string]http.HandlerFunc{
		"no answer": func(w http.ResponseWriter, r *http.Request) { <-release },
		"slow body": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "{")
			w.(http.Flusher).Flush()
			<-release
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t, h)
			defer func() { release <- struct{}{} }()
			patience := errors.New("the test's patience ended")
			ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, patience)
			defer cancel()
			_, ex, err := p.client.Settings(ctx, p.prefix, "example.com")
			if !errors.Is(err, patience) {
				t.Errorf("got %v", err)
			}
			if ex == nil || ex.Error == "" {
				t.Errorf("the exchange does not tell: %v", ex)
			}
		})
	}
}

func TestSettingsNeedTrust(t *testing.T) {
	p := newProvider(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, good) })
	rt := target.NewTransport(p.dialer, nil)
	defer rt.CloseIdleConnections()
	c := &client.Client{Transport: rt}
	if _, _, err := c.Settings(t.Context(), p.prefix, "example.com"); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a certificate of an unknown CA was taken: %v", err)
	}
	if _, ex, err := c.Settings(t.Context(), "https://x", "example.com"); ex != nil || err == nil ||
		err.Error() != `settings: prefix "https://x": it has a scheme; want the authority and an optional path alone` {
		t.Errorf("%v %v", ex, err)
	}
}

func TestQueryTemplate(t *testing.T) {
	const full = `{"providerId":"p","version":3,"records":[],"vnd.example.x":1}`
	for name, c := range map[string]struct {
		status      int
		media, body string
		want        client.TemplateInfo
		err         string
	}{
		"empty":                {200, "", "", client.TemplateInfo{Supported: true}, ""},
		"204":                  {204, "", "", client.TemplateInfo{Supported: true}, ""},
		"version":              {200, "application/json", `{"version":3,"foo":[]}`, client.TemplateInfo{Supported: true, Version: "3", MediaType: "application/json"}, ""},
		"huge version":         {200, "application/json", `{"version":20240101120000}`, client.TemplateInfo{Supported: true, Version: "20240101120000", MediaType: "application/json"}, ""},
		"template":             {200, "application/domainconnect-template+json; charset=utf-8", full, client.TemplateInfo{Supported: true, Version: "3", Template: []byte(full), MediaType: client.TemplateMediaType}, ""},
		"template with nulls":  {200, "application/json", `{"version":null,"records":null}`, client.TemplateInfo{Supported: true, MediaType: "application/json"}, ""},
		"not supported":        {404, "application/json", `{"error":"x"}`, client.TemplateInfo{}, ""},
		"HTML":                 {200, "text/html", "<html>", client.TemplateInfo{}, "template query: URL: the body is neither empty nor a JSON object: …"},
		"null":                 {200, "application/json", "null", client.TemplateInfo{}, "template query: URL: the body is neither empty nor a JSON object: null"},
		"401":                  {401, "", "", client.TemplateInfo{}, "template query: status 401 from URL"},
		"redirect to the site": {302, "", "", client.TemplateInfo{}, "template query: status 302 from URL"},
	} {
		t.Run(name, func(t *testing.T) {
			var got *http.Request
			p := newProvider(t, func(w http.ResponseWriter, r *http.Request) {
				got = r
				w.Header()["Content-Type"] = nil
				if c.media != "" {
					w.Header().Set("Content-Type", c.media)
				}
				if c.status == 302 {
					w.Header().Set("Location", "/site")
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			info, ex, err := p.client.QueryTemplate(t.Context(), p.URL+"/api/", "shop.example", "a/b", client.TemplateMediaType)
			text := ""
			if err != nil {
				text = strings.ReplaceAll(err.Error(), p.URL+got.RequestURI, "URL")
			}
			if !says(text, c.err) {
				t.Errorf("got  %s\nwant %s", text, c.err)
			}
			if diff := cmp.Diff(c.want, info); diff != "" {
				t.Error(diff)
			}
			if want := "/api/v2/domainTemplates/providers/shop.example/services/a%2Fb"; got.RequestURI != want || got.Header.Get("Accept") != client.TemplateMediaType || ex.Status != c.status {
				t.Errorf("sent %s, Accept %q, status %d", got.RequestURI, got.Header.Get("Accept"), ex.Status)
			}
		})
	}
	if _, ex, err := (&client.Client{}).QueryTemplate(t.Context(), "http://x", "p", "s", ""); ex != nil || err == nil || err.Error() != `template query: urlAPI "http://x": want an https URL` {
		t.Errorf("%v %v", ex, err)
	}
}
