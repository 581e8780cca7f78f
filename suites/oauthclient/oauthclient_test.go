package oauthclient_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/oauthclient"
	"github.com/dcconform/dcconform/suites/target"
)

// served is one request as a provider got it.
type served struct{ method, path, query, kind, body, authorization string }

// provider answers every request alike, and tells what it got.
func provider(t *testing.T, status int, kind, body string) (oauthclient.Client, *[]served) {
	t.Helper()
	var got []served
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = append(got, served{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Get("Content-Type"), string(b), r.Header.Get("Authorization")})
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return oauthclient.Client{ID: "c 1", Secret: "s3cret&word", RedirectURI: "https://callback.example/dcconform/authorized",
		URLAsyncUX: s.URL + "/ux/", URLAPI: s.URL + "/api/", Recorder: &target.Recorder{Transport: http.DefaultTransport}}, &got
}

const tokens = `{"access_token":"at-1","token_type":"bearer","expires_in":3600,"refresh_token":"rt-1"}`

func TestExchange(t *testing.T) {
	for place, want := range map[oauthclient.Place]served{
		oauthclient.InForm: {"POST", "/api/v2/oauth/access_token", "", "application/x-www-form-urlencoded",
			"client_id=c+1&client_secret=s3cret%26word&code=co+de&grant_type=authorization_code&redirect_uri=https%3A%2F%2Fcallback.example%2Fdcconform%2Fauthorized", ""},
		oauthclient.InQuery: {"POST", "/api/v2/oauth/access_token",
			"client_id=c%201&client_secret=s3cret%26word&code=co%20de&grant_type=authorization_code&redirect_uri=https%3A%2F%2Fcallback.example%2Fdcconform%2Fauthorized", "", "", ""},
		oauthclient.InJSON: {"POST", "/api/v2/oauth/access_token", "", "application/json",
			`{"client_id":"c 1","client_secret":"s3cret&word","code":"co de","grant_type":"authorization_code","redirect_uri":"https://callback.example/dcconform/authorized"}`, ""},
		oauthclient.Mixed: {"POST", "/api/v2/oauth/access_token",
			"client_id=c%201&grant_type=authorization_code&redirect_uri=https%3A%2F%2Fcallback.example%2Fdcconform%2Fauthorized", "application/json",
			`{"client_secret":"s3cret&word","code":"co de"}`, ""},
	} {
		c, got := provider(t, 200, "application/json", tokens)
		a := c.Exchange(t.Context(), "co de", place)
		if a.Err != nil || a.Refused != nil || !a.Good() || a.Token.AccessToken != "at-1" || a.Token.RefreshToken != "rt-1" || a.Token.ExpiresIn != 3600 {
			t.Errorf("%s: %+v", place, a)
		}
		if !slices.Equal(*got, []served{want}) {
			t.Errorf("%s: got\n%+v\nwant\n%+v", place, *got, want)
		}
		for _, word := range []string{"s3cret", "co de", "co+de", "co%20de", "at-1", "rt-1"} {
			if strings.Contains(a.Exchange.Text(), word) {
				t.Errorf("%s: the evidence tells %q:\n%s", place, word, a.Exchange.Text())
			}
		}
		if !strings.Contains(a.Exchange.Text(), "grant_type") {
			t.Errorf("%s: the evidence tells nothing:\n%s", place, a.Exchange.Text())
		}
	}
}

func TestRefresh(t *testing.T) {
	c, got := provider(t, 200, "application/json", `{"access_token":"at-2","token_type":"bearer","expires_in":60}`)
	a := c.Refresh(t.Context(), "rt 1", oauthclient.InQuery)
	if a.Err != nil || a.Refused != nil || a.Token.AccessToken != "at-2" {
		t.Fatalf("%+v", a)
	}
	want := []served{{method: "POST", path: "/api/v2/oauth/access_token",
		query: "client_id=c%201&client_secret=s3cret%26word&grant_type=refresh_token&refresh_token=rt%201"}}
	if !slices.Equal(*got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", *got, want)
	}
	if text := a.Exchange.Text(); strings.Contains(text, "rt 1") || strings.Contains(text, "rt%201") {
		t.Errorf("the evidence tells the refresh token:\n%s", text)
	}
}

// What the library refuses is an answer all the same.
func TestRefused(t *testing.T) {
	c, _ := provider(t, 400, "application/json", `{"error":"invalid_grant"}`)
	a := c.Exchange(t.Context(), "x", oauthclient.InJSON)
	if a.Status() != 400 || a.Token != nil || a.Err != nil || fmt.Sprint(a.Refused) != `oauth2: "invalid_grant"` {
		t.Errorf("%d, %v, %v, %v", a.Status(), a.Token, a.Err, a.Refused)
	}
	c, _ = provider(t, 200, "text/html", "<p>hello")
	if a := c.Exchange(t.Context(), "x", oauthclient.InForm); !a.Good() || a.Refused == nil || a.Token != nil {
		t.Errorf("a page is taken for tokens: %+v", a)
	}
	c.URLAPI = "http://127.0.0.1:1"
	if a := c.Exchange(t.Context(), "x", oauthclient.InForm); a.Err == nil || a.Status() != 0 || a.Exchange == nil || a.Good() {
		t.Errorf("no answer: %+v", a)
	}
}

func TestAskAndSend(t *testing.T) {
	c, got := provider(t, 204, "", "")
	params := []client.Param{{Name: "grant_type", Value: "password"}, {Name: "password", Value: "p4ss"}, {Name: "grant_type", Value: "x"}}
	if a := c.Ask(t.Context(), params, oauthclient.InJSON); !a.Good() || strings.Contains(a.Exchange.Text(), "p4ss") {
		t.Errorf("%+v", a)
	}
	a := c.Send(t.Context(), "POST", c.Endpoint("a.example", "mail box", "apply"), []client.Param{{Name: "domain", Value: "é.example"}, {Name: "v", Value: "a+b %"}}, oauthclient.InQuery, "t0ken")
	if !a.Good() || strings.Contains(a.Exchange.Text(), "t0ken") {
		t.Errorf("%+v\n%s", a, a.Exchange.Text())
	}
	if b := c.Send(t.Context(), "POST", c.Endpoint("a", "b", "revert"), nil, oauthclient.InJSON, ""); !b.Good() {
		t.Errorf("%+v", b)
	}
	want := []served{
		{"POST", "/api/v2/oauth/access_token", "", "application/json", `{"grant_type":"password","password":"p4ss","grant_type":"x"}`, ""},
		{"POST", "/api/v2/domainTemplates/providers/a.example/services/mail box/apply", "domain=%C3%A9.example&v=a%2Bb%20%25", "", "", "Bearer t0ken"},
		{"POST", "/api/v2/domainTemplates/providers/a/services/b/revert", "", "application/json", `{}`, ""},
	}
	if !slices.Equal(*got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", *got, want)
	}
	if a := c.Send(t.Context(), "POST", "https://h\x00/", nil, oauthclient.InQuery, ""); a.Err == nil || a.Exchange == nil {
		t.Errorf("no URL: %+v", a)
	}
}

func TestLinks(t *testing.T) {
	c := oauthclient.Client{ID: "c1", RedirectURI: "https://callback.example/x", URLAsyncUX: "https://p.example/dc/"}
	if got, want := c.Authorization("a b"), "https://p.example/dc/v2/domainTemplates/providers/a%20b"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	got := c.LibraryLink("a.example", []string{"mail", "web"}, "st 1", "domain", "zone.example", "host", "www")
	want := "https://p.example/dc/v2/domainTemplates/providers/a.example?client_id=c1&domain=zone.example&host=www&redirect_uri=https%3A%2F%2Fcallback.example%2Fx&response_type=code&scope=mail+web&state=st+1"
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := fmt.Sprint(c.Params("k")); got != "[{code k} {redirect_uri https://callback.example/x} {grant_type authorization_code} {client_id c1}]" {
		t.Error(got)
	}
}
