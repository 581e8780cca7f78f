package admin

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// call sends a request as it stands here and returns "status body".
func (m managed) call(method, path, body string, edits ...func(*http.Request)) string {
	m.t.Helper()
	r, err := http.NewRequestWithContext(m.t.Context(), method, m.server.URL+path, strings.NewReader(body))
	if err != nil {
		m.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, edit := range edits {
		edit(r)
	}
	resp, err := m.server.Client().Do(r)
	if err != nil {
		m.t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		m.t.Fatal(err)
	}
	return fmt.Sprintf("%d %s", resp.StatusCode, strings.TrimSuffix(string(text), "\n"))
}

func TestBadRequests(t *testing.T) {
	m := manage(t)
	m.create("a", "a.example")
	plain := func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	host := func(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }
	for _, c := range []struct {
		method, path, body string
		want               string
		edits              []func(*http.Request)
	}{
		{"POST", "/tenants", `{"nam":"b"}`, `400 {"error":"the member /nam is not known here"}`, nil},
		{"POST", "/tenants", `{"Name":"b"}`, `400 {"error":"the member /Name is not known here"}`, nil},
		{"POST", "/tenants", `{"name":"b","zones":[{"name":"x.example","txt":""}]}`, `400 {"error":"the member /zones/0/txt is not known here"}`, nil},
		{"POST", "/tenants", `{"name":"b","name":"c"}`, `400 {"error":"the member /name stands there twice"}`, nil},
		{"POST", "/tenants", `{"name":7}`, `400 {"error":"the member /name has the wrong type: it is a JSON number"}`, nil},
		{"POST", "/tenants", `{"zones":{}}`, `400 {"error":"the member /zones has the wrong type: it is a JSON object"}`, nil},
		{"POST", "/tenants", `[]`, `400 {"error":"the body has to be a JSON object"}`, nil},
		{"POST", "/tenants", `{"name":"b"`, `400 {"error":"the body is not JSON: it ends too early"}`, nil},
		{"POST", "/tenants", `{"name":"b",}`, `400 {"error":"the body is not JSON at octet 11: invalid character ',' at start of value"}`, nil},
		{"POST", "/tenants", `{"name":"b"} {}`, `400 {"error":"the body is not JSON at octet 13: invalid character '{' after top-level value"}`, nil},
		{"POST", "/tenants/a/script", `{"kind":"dns","delay":"soon"}`, `400 {"error":"the member /delay: \"soon\" is no duration: write it as 500ms or 2s"}`, nil},
		{"POST", "/tenants", `{}`, `415 {"error":"the body has to be JSON, and its Content-Type application/json"}`, []func(*http.Request){plain}},
		{"POST", "/tenants", ``, `415 {"error":"the body has to be JSON, and its Content-Type application/json"}`, nil},
		{"POST", "/tenants", `{"name":"` + strings.Repeat("x", 16<<20) + `"}`, `413 {"error":"the body has more than 16777216 octets"}`, nil},
		{"GET", "/tenant", ``, `404 {"error":"there is no GET /tenant here"}`, nil},
		{"PATCH", "/tenants", ``, `404 {"error":"there is no PATCH /tenants here"}`, nil},
		{"GET", "/tenants/b/script", ``, `404 {"error":"there is no tenant \"b\""}`, nil},
		{"GET", "/journal?sinc=1", ``, `400 {"error":"the parameter \"sinc\" is not known here: there are since, limit, tenant, kind, wait"}`, nil},
		{"GET", "/journal?since=1&since=2", ``, `400 {"error":"the parameter \"since\" stands there twice"}`, nil},
		{"GET", "/journal?since=-1", ``, `400 {"error":"the parameter \"since\" is a number from 0 to 2147483647, not \"-1\""}`, nil},
		{"GET", "/journal?limit=0", ``, `400 {"error":"the parameter \"limit\" is a number from 1 to 10000, not \"0\""}`, nil},
		{"GET", "/journal?limit=10001", ``, `400 {"error":"the parameter \"limit\" is a number from 1 to 10000, not \"10001\""}`, nil},
		{"GET", "/journal?wait=61s", ``, `400 {"error":"the parameter \"wait\" is a duration from 0s to 1m0s, such as 500ms, not \"61s\""}`, nil},
		{"GET", "/settled?quiet=x", ``, `400 {"error":"the parameter \"quiet\" is a duration from 0s to 1m0s, such as 500ms, not \"x\""}`, nil},
		{"GET", "/faults", ``, `421 {"error":"the management API does not answer under the name \"evil.test\": call it by its address"}`, []func(*http.Request){host("evil.test:80")}},
		{"DELETE", "/tenants/a", ``, `403 {"error":"the management API takes no changes from web pages"}`, []func(*http.Request){header("Sec-Fetch-Site", "cross-site")}},
		{"DELETE", "/tenants/a", ``, `403 {"error":"the management API takes no changes from web pages"}`, []func(*http.Request){header("Origin", "https://evil.test")}},
		{"GET", "/tenants/a/faults", ``, `200 {"faults":[]}`, []func(*http.Request){host("LOCALHOST:1234")}},
		{"GET", "/tenants/a/faults", ``, `200 {"faults":[]}`, []func(*http.Request){host("[::1]:1234")}},
		{"GET", "/tenants/a/faults", ``, `200 {"faults":[]}`, []func(*http.Request){host("mock.test")}},
		{"DELETE", "/tenants/a", ``, `204 `, nil},
	} {
		if got := m.call(c.method, c.path, c.body, c.edits...); got != c.want {
			t.Errorf("%s %s %.60s\ngot  %s\nwant %s", c.method, c.path, c.body, got, c.want)
		}
	}
}
