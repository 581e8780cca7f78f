package web

import (
	"net/url"
	"slices"
	"strings"
)

// secretParameters are parameters whose values are in no journal; those of
// ambiguousParameters may be variables of a template as well, and are hidden
// where no template is named.
var (
	secretParameters    = []string{"client_secret", "refresh_token", "access_token", "code_verifier"}
	ambiguousParameters = []string{"code", "password", "assertion", "client_assertion"}
)

// tokenParameters are those of a token request that are no secrets. Whatever
// else comes to that end-point may be one.
var tokenParameters = []string{"grant_type", "client_id", "redirect_uri"}

// withoutSecrets is a request target as it may be kept: a request may carry
// secrets in it, however much that is frowned upon, and one that was sent to
// the wrong place carries them no less.
func withoutSecrets(target string) string {
	path, query, ok := strings.Cut(target, "?")
	if !ok {
		return target
	}
	// A path may be near enough to the right one for its sender.
	where := strings.ToLower(path)
	template := strings.Contains(path, "/v2/domainTemplates/providers/")
	tokens := !template && (strings.Contains(where, "oauth") || strings.Contains(where, "access_token"))
	secret := func(name string) bool { return slices.Contains(secretParameters, name) }
	switch {
	case tokens:
		secret = func(name string) bool { return !slices.Contains(tokenParameters, name) }
	case !template:
		secret = func(name string) bool {
			return slices.Contains(secretParameters, name) || slices.Contains(ambiguousParameters, name)
		}
	}
	parts := strings.Split(query, "&")
	for i, part := range parts {
		name, _, named := strings.Cut(part, "=")
		plain, err := url.QueryUnescape(name)
		if err != nil {
			plain = name
		}
		switch {
		case part == "" || !secret(strings.ToLower(plain)):
		case tokens && !named:
			parts[i] = "[secret]"
		default:
			parts[i] = name + "=[secret]"
		}
	}
	return path + "?" + strings.Join(parts, "&")
}
