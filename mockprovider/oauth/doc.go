// Package oauth is the authorization server behind the asynchronous flow
// (async-00 section 6; RFC 6749, RFC 6750): registered clients, authorization
// codes, access and refresh tokens, and what users have granted by them. It is
// pure: no HTTP, no DNS, the clock and the source of randomness are given.
//
// Of codes, tokens and client secrets only digests are kept, and no digest is
// looked at otherwise than as a whole. A code is good once, for a short time,
// for the client and the redirect_uri that it was made for; one that comes a
// second time takes back everything that it has given (RFC 6749 section
// 4.1.2). A grant is bound to a user, a client, a service provider, a domain,
// hosts and templates, and a user can revoke it.
//
// # Why there is no library behind it
//
// The server libraries for Go speak RFC 6749 as it is written, and the draft
// departs from it on the wire. In go-oauth2/oauth2 (v4.5) and ory/fosite
// (v0.49) the token end-point reads form fields alone, while the draft sends
// JSON, or everything in the query, or one part here and one there; fosite
// refuses a request without a form outright, and with a query alone. Both keep
// a scope as a flat string, while what is granted here is templates times
// hosts of one domain, of which every API call needs all three. go-oauth2
// keeps codes, tokens and secrets in clear and compares secrets as plain
// strings. zitadel/oidc is an OpenID provider: key sets, signed tokens, user
// information, none of which is used here. What would be left of any of them
// is a map with expiry, for a hundred modules more; and a mock needs something
// that none of them has, which is to go wrong on request at every single
// check (see Refuse).
package oauth
