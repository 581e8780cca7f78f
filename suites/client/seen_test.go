package client_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/target"
)

// Who looks on takes nothing from who waits, whoever begins first.
func TestSeenLeavesTheHit(t *testing.T) {
	c, err := client.NewCallback(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	token := c.NewToken()
	type seen struct {
		hit client.Hit
		err error
	}
	looking := make(chan seen, 1)
	go func() {
		h, err := c.Seen(ctx, token)
		looking <- seen{h, err}
	}()
	rt := target.NewTransport(&target.Dialer{Fallback: c.Addr()}, c.CAs())
	defer rt.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL("shop.example", token)+"?state=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := rt.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if s := <-looking; s.err != nil || s.hit.RawQuery != "state=1" {
		t.Errorf("seen %q, %v", s.hit.RawQuery, s.err)
	}
	if h, err := c.Seen(ctx, token); err != nil || h.RawQuery != "state=1" {
		t.Errorf("seen again %q, %v", h.RawQuery, err)
	}
	if h, err := c.Wait(ctx, token); err != nil || h.RawQuery != "state=1" {
		t.Errorf("waited for %q, %v", h.RawQuery, err)
	}
	// Nothing is left, and that ends with the caller's time.
	stop := errors.New("enough")
	short, end := context.WithCancelCause(ctx)
	end(stop)
	if _, err := c.Seen(short, token); !errors.Is(err, client.ErrNoCallback) || !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Seen(ctx, "none"); err == nil || err.Error() != `callback: token "none" is not known; make it with NewToken` {
		t.Errorf("got %v", err)
	}
}
