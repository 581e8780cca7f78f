package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dcconform/dcconform/mockprovider"
	"github.com/dcconform/dcconform/mockprovider/fault"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/suites/browser"
)

// livePage stands between a browser and the page of the mock. It has things
// happen once the page listens, and lets the page end loading, which is what
// the browser waits for, when the page's script has dealt with them.
type livePage struct {
	mock    *mockprovider.Provider
	tenant  *store.Tenant
	admin   http.Handler
	errors  chan error
	release chan struct{}

	mu      sync.Mutex
	fetched int
}

func (l *livePage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/hold":
		select {
		case <-l.release:
		case <-r.Context().Done():
		}
	case "/live":
		// What happens now comes after the page was made: the script has to
		// put it there. An entry is told before the change of state.
		l.mock.Journal().Add(store.Event{Kind: store.KindDNS, Summary: "seen <b>live</b>"})
		l.change("framed-consent")
		l.admin.ServeHTTP(w, r)
	case "/":
		l.mu.Lock()
		l.fetched++
		n := l.fetched
		l.mu.Unlock()
		l.admin.ServeHTTP(w, r)
		switch n {
		case 2: // the script has asked for the state anew
			l.change("framed-consent", "open-redirector")
		case 3:
			close(l.release)
		}
	default:
		l.admin.ServeHTTP(w, r)
	}
}

func (l *livePage) change(faults ...string) {
	if err := fault.Switch(l.tenant, faults...); err != nil {
		l.errors <- err
	}
}

// held adds a picture to the page that comes when the test says so; nothing
// else of it is changed.
func held(resp *http.Response) error {
	if resp.Request.URL.Path != "/" {
		return nil
	}
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	page = bytes.Replace(page, []byte("</body>"), []byte(`<img src="/hold" alt=""></body>`), 1)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(page)), int64(len(page))
	resp.Header.Del("Content-Length")
	resp.Header.Set("Content-Security-Policy", resp.Header.Get("Content-Security-Policy")+"; img-src 'self'")
	return nil
}

// The page for people shows what happens without being loaded again, in a
// browser that keeps to its policy.
func TestPageIsLiveInABrowser(t *testing.T) {
	found, err := browser.Find("")
	if err != nil {
		t.Skipf("no browser, so that the script of the page is not run: %v", err)
	}
	var mock mockprovider.Provider
	mock.AdminListen = "127.0.0.1:0"
	if err := mock.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := mock.Close(); err != nil {
			t.Error(err)
		}
	})
	tenant, err := mock.NewTenant(store.TenantConfig{})
	if err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(mock.AdminURL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{FlushInterval: -1, ModifyResponse: held, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(address) }}
	page := &livePage{mock: &mock, tenant: tenant, admin: proxy, errors: make(chan error, 2), release: make(chan struct{})}
	server := httptest.NewServer(page)
	t.Cleanup(server.Close)

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args := []string{"--headless", "--disable-gpu", "--no-first-run", "--user-data-dir=" + t.TempDir(), "--dump-dom", server.URL + "/"}
	if os.Geteuid() == 0 {
		args = append([]string{"--no-sandbox"}, args...) // it refuses to run without for root
	}
	dom, err := exec.CommandContext(ctx, string(found), args...).Output()
	if err != nil {
		page.mu.Lock()
		defer page.mu.Unlock()
		t.Fatalf("the browser: %v; the page was asked for %d times", err, page.fetched)
	}
	select {
	case err := <-page.errors:
		t.Error(err)
	default:
	}
	for _, want := range []string{`<span id="live">Live: what happens shows at once.</span>`, `<td class="data">seen &lt;b&gt;live&lt;/b&gt;</td>`, "<strong>framed-consent</strong>"} {
		if !strings.Contains(string(dom), want) {
			t.Errorf("the page has no %s:\n%s", want, dom)
		}
	}
}
