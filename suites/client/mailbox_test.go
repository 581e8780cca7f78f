package client

import (
	"context"
	"crypto/tls"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
)

// Hits that arrive while a waiter is on its way to sleep leave one signal:
// whoever takes the first has to wake the next. The test leaves that state
// behind, since it comes about too rarely to wait for it.
func TestSignalIsPassedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Callback{tokens: make(map[string]*mailbox), done: make(chan struct{})}
		token := c.NewToken()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if _, err := c.Wait(ctx, token); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		c.mu.Lock()
		c.tokens[token].hits = make([]Hit, 3)
		c.tokens[token].signal()
		c.mu.Unlock()
		synctest.Wait()
		if left := c.Hits(token); len(left) != 0 {
			t.Errorf("%d hits wait for somebody who sleeps", len(left))
			cancel()
		}
		wg.Wait()
	})
}

func TestStraysAreBounded(t *testing.T) {
	c := &Callback{tokens: make(map[string]*mailbox)}
	for i := range maxStrays + 3 {
		c.record(&Hit{Path: fmt.Sprint("/", i)})
	}
	kept, more := c.Strays()
	if len(kept) != 1000 || more != 3 || kept[0].Path != "/0" {
		t.Errorf("%d kept, %d more", len(kept), more)
	}
}

func TestCertificatesAreBounded(t *testing.T) {
	a, err := newAuthority()
	if err != nil {
		t.Fatal(err)
	}
	one, err := a.mint("a.example")
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxCerts {
		a.certs[fmt.Sprint(i)] = one
	}
	if _, err := a.certificate(helloFor("Shop.Example.")); err != nil || len(a.certs) != 1 || a.certs["shop.example"] == nil {
		t.Errorf("%d certificates are kept, %v", len(a.certs), err)
	}
}

func helloFor(name string) *tls.ClientHelloInfo { return &tls.ClientHelloInfo{ServerName: name} }
