package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/dcconform/dcconform/suites/target"
)

// Settings is what a provider says about a domain (ietf-05 section 7.2). Only
// members of the right type are taken; Problems tells of the others.
type Settings struct {
	// ProviderID, ProviderName and URLAPI are required.
	ProviderID, ProviderName, URLAPI string
	// ProviderDisplayName is "" where the provider has none.
	ProviderDisplayName string
	// URLSyncUX is "" where the synchronous flow is not offered.
	URLSyncUX       string
	URLAsyncUX      string
	URLControlPanel string
	NameServers     []string
	// Width and Height of the window are pixels; 750 where absent.
	Width, Height int
	// Crit are the members that a client must understand.
	Crit []string
	// Unknown are the members that this client does not know, sorted.
	Unknown []string
	// Problems are members of a wrong type or form that a tolerant client
	// passes over, one sentence each, sorted.
	Problems []string
}

// Errors of Settings and QueryTemplate.
var (
	// ErrNotHosted says that the provider does not hold the domain (404).
	ErrNotHosted = errors.New("the provider does not hold the domain")
	// ErrCritical says that the provider demands an extension that this
	// client does not know (ietf-05 section 7.2.1).
	ErrCritical = errors.New("the provider demands an unknown extension")
)

// knownSettings are the registered members.
var knownSettings = []string{"providerId", "providerName", "providerDisplayName", "urlSyncUX", "urlAsyncUX", "urlAPI", "urlControlPanel", "width", "height", "nameServers", "crit"}

// Settings fetches https://<prefix>/v2/<domain>/settings. prefix is one of
// Discovery.Prefixes. The Exchange is nil only when no request was made;
// redirects that were followed are its Via.
func (c *Client) Settings(ctx context.Context, prefix, domain string) (Settings, *target.Exchange, error) {
	if err := CheckPrefix(prefix); err != nil {
		return Settings{}, nil, fmt.Errorf("settings: prefix %q: %w", prefix, err)
	}
	at := "https://" + strings.TrimRight(prefix, "/") + "/v2/" + Encode(domain) + "/settings"
	reply, ex, err := c.get(ctx, at, "application/json", MaxRedirects)
	if err != nil {
		return Settings{}, ex, fmt.Errorf("settings of %s: %w", domain, err)
	}
	if reply.Status == http.StatusNotFound {
		return Settings{}, ex, fmt.Errorf("settings of %s: %w: 404 from %s", domain, ErrNotHosted, at)
	}
	if reply.Status < 200 || reply.Status > 299 {
		return Settings{}, ex, fmt.Errorf("settings of %s: status %d from %s", domain, reply.Status, at)
	}
	s, err := ParseSettings(reply.Body)
	if err != nil {
		return s, ex, fmt.Errorf("settings of %s from %s: %w", domain, at, err)
	}
	return s, ex, nil
}

// get sends GET and follows up to max redirects to https URLs.
func (c *Client) get(ctx context.Context, at, accept string, max int) (*target.Reply, *target.Exchange, error) {
	rec := c.recorder()
	ctx, cancel := context.WithTimeoutCause(ctx, SettingsCeiling, fmt.Errorf("no complete answer within %s", SettingsCeiling))
	defer cancel()
	var via []*target.Exchange
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
		if err != nil {
			return nil, nil, err
		}
		req.Header.Set("Accept", accept)
		req.Header.Set("User-Agent", "dcconform")
		reply, ex, err := rec.Do(req)
		ex.Via = via
		if err != nil {
			return nil, ex, err
		}
		if reply.Truncated {
			return nil, ex, fmt.Errorf("the answer of %s is longer than %d bytes", at, MaxBody)
		}
		to := reply.Header.Get("Location")
		if reply.Status < 300 || reply.Status > 399 || to == "" || max == 0 {
			return reply, ex, nil
		}
		if len(via) == max {
			return nil, ex, fmt.Errorf("more than %d redirects from %s", max, via[0].URL)
		}
		next, err := req.URL.Parse(to)
		if err != nil {
			return nil, ex, fmt.Errorf("redirect of %s: %w", at, err)
		}
		if next.Scheme != "https" {
			return nil, ex, fmt.Errorf("redirect of %s to %q is not to https", at, to)
		}
		via, at = append(via, ex), next.String()
	}
}

// ParseSettings reads a settings object and checks the required members.
func ParseSettings(body []byte) (Settings, error) {
	var s Settings
	var members map[string]jsontext.Value
	if kind := jsontext.Value(body).Kind(); kind == '[' || kind == '"' || kind == '0' {
		return s, fmt.Errorf("not a JSON object: %s", kind)
	}
	if err := json.Unmarshal(body, &members); err != nil {
		return s, fmt.Errorf("not a JSON object: %w", err)
	}
	if members == nil {
		return s, errors.New("not a JSON object: null")
	}
	r := memberReader{members: members}
	s.ProviderID = r.text("providerId")
	s.ProviderName = r.text("providerName")
	s.ProviderDisplayName = r.text("providerDisplayName")
	s.URLAPI = r.prefix("urlAPI")
	s.URLSyncUX = r.prefix("urlSyncUX")
	s.URLAsyncUX = r.prefix("urlAsyncUX")
	s.URLControlPanel = r.text("urlControlPanel")
	s.NameServers = r.list("nameServers")
	s.Width, s.Height = r.pixels("width"), r.pixels("height")
	s.Crit = r.list("crit")
	for name := range members {
		if !slices.Contains(knownSettings, name) {
			s.Unknown = append(s.Unknown, name)
		}
	}
	slices.Sort(s.Unknown)
	slices.Sort(r.problems)
	s.Problems = r.problems
	for _, name := range []string{"providerId", "providerName", "urlAPI"} {
		if !r.good[name] {
			return s, fmt.Errorf("required member %s is missing or unusable%s", name, r.about(name))
		}
	}
	for _, name := range s.Crit {
		// A name that is absent or registered is understood by everybody.
		if slices.Contains(s.Unknown, name) {
			return s, fmt.Errorf("%w: crit names %q", ErrCritical, name)
		}
	}
	return s, nil
}

// memberReader takes typed members out of an object and remembers what is
// wrong with the others.
type memberReader struct {
	members  map[string]jsontext.Value
	good     map[string]bool
	problems []string
}

func (r *memberReader) take(name, want string, into any) bool {
	v, ok := r.members[name]
	if !ok {
		return false
	}
	if v.Kind() == 'n' || json.Unmarshal(v, into) != nil {
		r.problem(name, "is "+shorten(string(v))+", want "+want)
		return false
	}
	if r.good == nil {
		r.good = make(map[string]bool)
	}
	r.good[name] = true
	return true
}

func (r *memberReader) problem(name, what string) {
	delete(r.good, name)
	r.problems = append(r.problems, name+" "+what)
}

func (r *memberReader) about(name string) string {
	for _, p := range r.problems {
		if strings.HasPrefix(p, name+" ") {
			return ": " + p
		}
	}
	return ""
}

func (r *memberReader) text(name string) (s string) {
	if r.take(name, "a string", &s) && s == "" {
		r.problem(name, "is empty")
	}
	return s
}

func (r *memberReader) prefix(name string) string {
	s := r.text(name)
	if s == "" {
		return ""
	}
	if _, err := endpoint(s, name); err != nil {
		r.problem(name, strings.TrimPrefix(err.Error(), name+" "))
		return ""
	}
	return s
}

func (r *memberReader) list(name string) (out []string) {
	if !r.take(name, "an array of strings", &out) {
		return nil
	}
	return out
}

// pixels is tolerant: real providers send "800" and null, and no window needs
// its size to the pixel.
func (r *memberReader) pixels(name string) int {
	const standard = 750
	var n int
	if r.take(name, "a number", &n) && n > 0 {
		return n
	}
	return standard
}

func shorten(s string) string {
	const most = 60
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// controlPanelToken is what a provider leaves in urlControlPanel for the domain.
const controlPanelToken = "%domain%"

// ControlPanel is urlControlPanel for a domain: every %domain% replaced, and
// nothing else. It is "" where the provider sent none, or none with http or
// https.
func (s Settings) ControlPanel(domain string) string {
	out := strings.ReplaceAll(s.URLControlPanel, controlPanelToken, Encode(domain))
	if u, err := url.Parse(out); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	return out
}
