package client_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/target"
)

// visitor reaches a callback server under every name.
func visitor(t *testing.T, c *client.Callback) (*http.Client, *target.Dialer) {
	t.Helper()
	d := &target.Dialer{Fallback: c.Addr()}
	rt := target.NewTransport(d, c.CAs())
	t.Cleanup(rt.CloseIdleConnections)
	return &http.Client{Transport: rt}, d
}

func newCallback(t *testing.T) *client.Callback {
	t.Helper()
	c, err := client.NewCallback(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func visit(t *testing.T, c *http.Client, url string) (int, string) {
	t.Helper()
	res, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func TestCallbackStandsInForEveryHost(t *testing.T) {
	c := newCallback(t)
	web, dialer := visitor(t, c)
	for _, host := range []string{"shop.example", "SHOP.example:8443", "a_b.shop.example", "xn--mller-kva.example"} {
		token := c.NewToken()
		at := c.URL(host, token) + "/x%2Fy?state=a%20b&x=%2541+1&x=%zz"
		status, body := visit(t, web, at)
		if status != 200 || !strings.Contains(body, "This is dcconform&#39;s stand-in for <strong>") && !strings.Contains(body, "This is dcconform's stand-in for <strong>") {
			t.Errorf("%s: status %d, page %s", host, status, body)
		}
		hit, err := c.Wait(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		if hit.URL != at || hit.Host != host || hit.Token != token || hit.Method != "GET" || hit.RawQuery != "state=a%20b&x=%2541+1&x=%zz" {
			t.Errorf("recorded %+v, want %s", hit, at)
		}
		if diff := cmp.Diff([]string{"%41+1", "%zz"}, hit.Query()["x"]); diff != "" {
			t.Error(diff)
		}
	}
	if strays, more := c.Strays(); len(strays) != 0 || more != 0 {
		t.Errorf("strays %v, %d", strays, more)
	}
	if out := dialer.Outside(); len(out) != 0 {
		t.Errorf("dialled outside: %v", out)
	}
}

func TestCallbackTellsFlowsApart(t *testing.T) {
	c := newCallback(t)
	web, _ := visitor(t, c)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			token := c.NewToken()
			want := c.URL("shop.example", token) + fmt.Sprintf("?n=%d", i)
			visit(t, web, want)
			hit, err := c.Wait(t.Context(), token)
			if err != nil || hit.URL != want {
				t.Errorf("flow %d: %v, %v", i, hit.URL, err)
			}
			if rest := c.Hits(token); len(rest) != 0 {
				t.Errorf("flow %d: more hits: %v", i, rest)
			}
		})
	}
	wg.Wait()
}

// One signal may stand for several hits; no waiter may sleep through one.
func TestCallbackWakesEveryWaiter(t *testing.T) {
	c := newCallback(t)
	web, _ := visitor(t, c)
	token := c.NewToken()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if _, err := c.Wait(ctx, token); err != nil {
				t.Error(err)
			}
		})
	}
	for range 8 {
		visit(t, web, c.URL("shop.example", token))
	}
	wg.Wait()
}

func TestCallbackStrays(t *testing.T) {
	c := newCallback(t)
	web, _ := visitor(t, c)
	token := c.NewToken()
	c.Forget(token)
	for _, at := range []string{"https://cdn.example/logo.png", c.URL("shop.example", token), "https://shop.example/?state=" + c.NewToken()} {
		if status, _ := visit(t, web, at); status != 404 {
			t.Errorf("%s: status %d, want 404", at, status)
		}
	}
	strays, more := c.Strays()
	if len(strays) != 3 || more != 0 || strays[0].URL != "https://cdn.example/logo.png" || strays[0].Token != "" {
		t.Errorf("strays %v", strays)
	}
	if hits := c.Hits(token); hits != nil {
		t.Errorf("a forgotten token still collects: %v", hits)
	}
}

func TestCallbackWaitEnds(t *testing.T) {
	c := newCallback(t)
	token := c.NewToken()
	ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Millisecond, errors.New("no redirect within the target's 10ms"))
	defer cancel()
	_, err := c.Wait(ctx, token)
	if want := "no redirect arrived at the callback server: no redirect within the target's 10ms"; err == nil || err.Error() != want || !errors.Is(err, client.ErrNoCallback) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if _, err := c.Wait(t.Context(), "nobody"); err == nil || err.Error() != `callback: token "nobody" is not known; make it with NewToken` {
		t.Errorf("got %v", err)
	}
	for name, end := range map[string]func(token string){"forgotten": c.Forget, "closed": func(string) { _ = c.Close() }} {
		token, got := c.NewToken(), make(chan error, 1)
		go func() { _, err := c.Wait(context.Background(), token); got <- err }()
		end(token)
		if err := <-got; err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := c.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

func TestCallbackKeepsSecretsOut(t *testing.T) {
	c := newCallback(t)
	web, _ := visitor(t, c)
	token := c.NewToken()
	req, err := http.NewRequest("POST", c.URL("shop.example", token), strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Cookie", "sid=s3cret")
	req.Header.Set("Authorization", "Bearer s3cret")
	res, err := web.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	hit, err := c.Wait(t.Context(), token)
	if err != nil || strings.Contains(fmt.Sprint(hit), "s3cret") || hit.Header.Get("Cookie") != target.Redacted || hit.Method != "POST" {
		t.Errorf("%+v, %v", hit, err)
	}
}

func TestCallbackCertificates(t *testing.T) {
	c := newCallback(t)
	pins := make(map[string]bool)
	for _, name := range []string{"a.example", "b.example", "localhost", "127.0.0.1"} {
		conn, err := tls.Dial("tcp", c.Addr(), &tls.Config{ServerName: name, RootCAs: c.CAs()})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		pins[target.Pin(conn.ConnectionState().PeerCertificates[0])] = true
		conn.Close()
	}
	if len(pins) != 1 || !pins[c.Pin()] {
		t.Errorf("pins %v, want the one %s", pins, c.Pin())
	}
	c.CAs().AppendCertsFromPEM(nil)
	if _, err := tls.Dial("tcp", c.Addr(), &tls.Config{ServerName: "a.example"}); err == nil {
		t.Error("trusted by the system")
	}
}
