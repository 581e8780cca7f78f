package consent

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// give sets the session's cookies in the window's profile.
func (t *tab) give() error {
	if t.flow.session == nil {
		return nil
	}
	t.given = t.flow.session.snapshot()
	if len(t.given) == 0 {
		return nil
	}
	params := make([]*network.CookieParam, 0, len(t.given))
	for _, k := range t.given {
		params = append(params, k.param())
	}
	_, err := chromedp.Call(t.ctx, network.SetCookies, network.SetCookiesParams{Cookies: params})
	return err
}

// keep takes the window's cookies over into the session.
func (t *tab) keep(ctx context.Context) error {
	if t.flow.session == nil {
		return nil
	}
	got, err := chromedp.CallBrowser(t.ctx, storage.GetCookies, storage.GetCookiesParams{BrowserContextID: chromedp.FromContext(t.ctx).BrowserContextID})
	select {
	case <-t.detached:
		// The profile went with its window; what sign-in gave was kept then.
		return nil
	default:
	}
	if err != nil {
		return ended(ctx, fmt.Errorf("read the session's cookies: %w", err))
	}
	now := make([]kept, 0, len(got.Cookies))
	for _, c := range got.Cookies {
		now = append(now, keptFromBrowser(c))
		t.flow.hide(c.Value)
	}
	t.flow.scrub()
	t.flow.session.merge(t.given, now)
	t.given = now
	return nil
}

var sameSites = map[network.CookieSameSite]http.SameSite{
	network.CookieSameSiteStrict: http.SameSiteStrictMode,
	network.CookieSameSiteLax:    http.SameSiteLaxMode,
	network.CookieSameSiteNone:   http.SameSiteNoneMode,
}

// param is the cookie for the browser. A domain makes it wide; without one it
// is the host's of the address alone.
func (k kept) param() *network.CookieParam {
	p := &network.CookieParam{
		Name: k.name, Value: k.value, URL: k.url().String(), Path: k.path, Secure: k.secure, HTTPOnly: k.httpOnly,
	}
	if k.wide {
		p.Domain = "." + k.host
	}
	if !k.expires.IsZero() {
		p.Expires = cdp.TimeSinceEpoch(float64(k.expires.UnixMilli()) / 1000)
	}
	for name, mode := range sameSites {
		if mode == k.sameSite {
			p.SameSite = name
		}
	}
	return p
}

func keptFromBrowser(c *network.Cookie) kept {
	k := kept{
		host: strings.TrimPrefix(c.Domain, "."), wide: strings.HasPrefix(c.Domain, "."), path: c.Path,
		name: c.Name, value: c.Value, secure: c.Secure, httpOnly: c.HTTPOnly, sameSite: sameSites[c.SameSite],
	}
	if !c.Session && c.Expires > 0 {
		k.expires = time.UnixMilli(int64(c.Expires * 1000))
	}
	return k
}
