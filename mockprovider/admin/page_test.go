package admin

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/dcconform/dcconform/mockprovider/fault"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// paged is a mock with something hostile in every place that a page shows.
func paged(t *testing.T, text string) (*store.Store, *httptest.Server) {
	t.Helper()
	s := store.New(nil)
	z, err := zone.Parse("example.com", strings.NewReader(text), "")
	if err != nil {
		t.Fatal(err)
	}
	tenant, err := s.NewTenant(store.TenantConfig{
		Users: []store.User{{Name: "<i>alice</i>", Password: "s3cret"}}, Zones: []store.Hosted{{Zone: z, Owner: "<i>alice</i>"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := fault.Switch(tenant, "open-redirector"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.NewTenant(store.TenantConfig{Name: "second"}); err != nil {
		t.Fatal(err)
	}
	s.Journal().Add(store.Event{Kind: store.KindHTTP, Summary: "GET /<script>alert(1)</script> -> 404"})
	handler, err := New(Config{Store: s, URL: "https://127.0.0.1:1", Notes: func() []Note {
		return []Note{{"Try", "dig <b>one</b>\ncurl two"}}
	}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return s, server
}

func getPage(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b strings.Builder
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		b.WriteString(lines.Text() + "\n")
	}
	return resp, b.String()
}

// The page shows what there is, without a script and with everything escaped.
func TestPage(t *testing.T) {
	_, server := paged(t, `www 60 TXT "<script>alert(2)</script>"`+"\n")
	resp, body := getPage(t, server.URL+"/")
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%d\n%s", resp.StatusCode, body)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		"Content-Security-Policy": "default-src 'none'; style-src " + policyHash(styleText) + "; script-src " + policyHash(liveText) +
			"; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, want := range []string{
		"<dt>Try</dt><dd><code>dig &lt;b&gt;one&lt;/b&gt;</code><code>curl two</code></dd>",
		"<h2>Provider</h2>", "<h2>Tenant second</h2>", "<code>https://127.0.0.1:1/t/second</code>",
		"<dd>&lt;i&gt;alice&lt;/i&gt;</dd>", "<dd>none</dd>",
		"<li><strong>open-redirector</strong> The flow ends at any redirect_uri, listed and signed or not.</li>", "None is on. It behaves.",
		"<h3>1 zone</h3>", "<h3>0 zones</h3>", "<h3>0 templates</h3>",
		`<summary><code>example.com.</code> <span class="soft">serial 1, 3 records, of &lt;i&gt;alice&lt;/i&gt;</span></summary>`,
		"<tr><td>www.example.com.</td><td>60</td><td>TXT</td><td class=\"data\">&#34;&lt;script&gt;alert(2)&lt;/script&gt;&#34;</td></tr>",
		`<tbody id="journal" data-next="1">`, `<td class="data">GET /&lt;script&gt;alert(1)&lt;/script&gt; -&gt; 404</td>`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("there is no %s in\n%s", want, body)
		}
	}
	if n := strings.Count(body, "<script"); n != 1 {
		t.Errorf("%d scripts", n)
	}
	if strings.Contains(body, "s3cret") {
		t.Error("the page shows a password that it was not given")
	}
}

// The page is whole HTML with what a screen reader needs.
func TestPageIsAccessible(t *testing.T) {
	_, server := paged(t, "")
	_, body := getPage(t, server.URL+"/")
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		seen[n.Data]++
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				t.Errorf("%s has %s, which the policy forbids", n.Data, a.Key)
			}
			if n.Data == "th" && a.Key == "scope" {
				seen["scope"]++
			}
		}
	}
	for _, once := range []string{"html", "title", "h1", "main", "header", "footer", "style", "script"} {
		if seen[once] != 1 {
			t.Errorf("%d elements %s", seen[once], once)
		}
	}
	if seen["th"] == 0 || seen["scope"] != seen["th"] {
		t.Errorf("%d headers of columns, %d with a scope", seen["th"], seen["scope"])
	}
}

// A page holds no more than one can read.
func TestPageIsBounded(t *testing.T) {
	var text strings.Builder
	for i := range 300 {
		fmt.Fprintf(&text, "h%d 60 A 192.0.2.1\n", i)
	}
	s, server := paged(t, text.String())
	for i := range 300 {
		s.Journal().Add(store.Event{Kind: store.KindHTTP, Summary: fmt.Sprintf("event %d", i)})
	}
	_, body := getPage(t, server.URL+"/")
	for _, want := range []string{"And 102 records more; a zone transfer has them all.", `data-next="301"`, "event 299<", "event 100<"} {
		if !strings.Contains(body, want) {
			t.Errorf("there is no %s", want)
		}
	}
	if strings.Contains(body, "event 99<") {
		t.Error("more than 200 events")
	}
	if first, last := strings.Index(body, "event 299<"), strings.Index(body, "event 100<"); first > last {
		t.Error("the newest event is not the first")
	}
}

// The stream tells of each entry, from where the page ended, and of each
// change.
func TestLive(t *testing.T) {
	s, server := paged(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	number, _ := s.Generation()
	lines := follow(ctx, t, fmt.Sprintf("%s/live?since=0&state=%d", server.URL, number), "")
	tooLong := time.After(20 * time.Second)
	line := func() string {
		select {
		case text := <-lines:
			return text
		case <-tooLong:
			return "nothing for 20 seconds"
		}
	}
	want := func(texts ...string) {
		t.Helper()
		for _, text := range texts {
			got := line()
			for got == "" || strings.HasPrefix(got, ":") {
				got = line()
			}
			if !strings.HasPrefix(got, text) {
				t.Fatalf("it says %q and not %q", got, text)
			}
		}
	}
	want("event: entry", "id: 0", `data: {"number":0,"time":"`)
	s.Journal().Add(store.Event{Kind: store.KindDNS, Tenant: "second", Summary: "two"})
	want("event: entry", "id: 1", `data: {"number":1,"time":"`)
	tenant, _ := s.Tenant("")
	if err := fault.Switch(tenant); err != nil {
		t.Fatal(err)
	}
	want("event: state", "data: ")
	s.Journal().Add(store.Event{Kind: store.KindDNS, Summary: "three"})
	want("event: entry", "id: 2")
	cancel()

	// A browser that comes back has seen number 1.
	again, cancelAgain := context.WithCancel(t.Context())
	defer cancelAgain()
	lines = follow(again, t, fmt.Sprintf("%s/live?since=0&state=%d", server.URL, number), "1")
	want("event: entry", "id: 2", `data: {"number":2,`)
	// What has changed since its page was made is told, too.
	want("event: state", "data: ")
}

// follow reads a stream line by line.
func follow(ctx context.Context, t *testing.T, address, last string) <-chan string {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", last)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if kind := resp.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Errorf("Content-Type %s", kind)
	}
	lines := make(chan string, 100)
	go func() {
		defer resp.Body.Close()
		defer close(lines)
		for s := bufio.NewScanner(resp.Body); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return lines
}

func TestLiveRefuses(t *testing.T) {
	_, server := paged(t, "")
	resp, body := getPage(t, server.URL+"/live?since=x")
	if resp.StatusCode != http.StatusBadRequest || body != `{"error":"the parameter \"since\" is a number from 0 to 2147483647, not \"x\""}`+"\n" {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
}

// Neither is for a web page that has found a name for this address.
func TestPageByAnotherName(t *testing.T) {
	_, server := paged(t, "")
	for _, path := range []string{"/", "/live"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = "rebound.example"
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
}
