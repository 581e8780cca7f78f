package oauth

import (
	"fmt"
	"sync"
	"testing"
)

func TestMemoryIsBounded(t *testing.T) {
	b := newBench(t)
	first := b.authorize("sp.test")
	for range maxGrants {
		b.authorize("sp.test")
	}
	if len(b.grants) != maxGrants || len(b.byDigest) != maxGrants {
		t.Errorf("%d grants, %d digests", len(b.grants), len(b.byDigest))
	}
	_, err := b.exchange(good("sp.test", first))
	b.want(err, "invalid_grant: no such code was given here")

	// With the oldest grant goes all that it had given.
	b = newBench(t)
	tokens := b.redeem("app")
	refresh := TokenRequest{GrantType: GrantRefresh, RefreshToken: tokens.Refresh, ClientID: "app"}
	tokens, err = b.exchange(refresh)
	b.want(err, "<nil>")
	b.want(b.bearer(tokens.Access), "<nil>")
	for range maxGrants {
		b.authorize("sp.test")
	}
	if len(b.grants) != maxGrants || len(b.byDigest) != maxGrants {
		t.Errorf("%d grants, %d digests", len(b.grants), len(b.byDigest))
	}
	b.want(b.bearer(tokens.Access), "invalid_token: no such access token was given here")
	for _, token := range []string{refresh.RefreshToken, tokens.Refresh} {
		_, err = b.exchange(TokenRequest{GrantType: GrantRefresh, RefreshToken: token, ClientID: "app"})
		b.want(err, "invalid_grant: no such refresh token was given to this client")
	}

	b = newBench(t)
	tokens = b.redeem("app")
	next := tokens.Refresh
	for range 3 * maxTokens {
		renewed, err := b.exchange(TokenRequest{GrantType: GrantRefresh, RefreshToken: next, ClientID: "app"})
		b.want(err, "<nil>")
		next = renewed.Refresh
	}
	// The code, the refresh token, and those that went before.
	if n := len(b.byDigest); n != 2+2*maxTokens {
		t.Errorf("%d digests of one grant", n)
	}
	b.want(b.bearer(tokens.Access), "invalid_token: no such access token was given here")
}

// Of many that redeem one code at once, one gets tokens.
func TestOneCodeForMany(t *testing.T) {
	s := New(nil)
	clients := []Client{{ID: "sp.test", Secret: Hash("hush"), Redirects: []string{redirect}}}
	var mu sync.Mutex
	n := 0
	mint := func() (string, error) {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprint("v", n), nil
	}
	code, err := s.Authorize(&clients[0], scope, redirect, "", mint)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	got := make([]error, 16)
	for i := range got {
		wg.Go(func() { _, got[i] = s.Exchange(good("sp.test", code), clients, mint, nil) })
	}
	wg.Wait()
	good := 0
	for _, err := range got {
		if err == nil {
			good++
		}
	}
	if good != 1 {
		t.Errorf("%d got tokens", good)
	}
}
