package web

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/dcconform/dcconform/mockprovider/oauth"
)

// accessToken is the token end-point (async-00 section 6.4). Beside what the
// draft asks for, parameters in the query or in a JSON body, it takes a form
// and HTTP Basic, which RFC 6749 has and stock clients send.
func (x *exchange) accessToken() {
	x.w.Header().Set("Cache-Control", "no-store")
	x.w.Header().Set("Pragma", "no-cache")
	p, refused := x.readCall(true)
	if refused != nil {
		x.refuseToken(refused.status, &oauth.Error{Code: oauth.InvalidRequest, Description: refused.message})
		return
	}
	var r oauth.TokenRequest
	err := p.text(map[string]*string{
		"grant_type": &r.GrantType, "code": &r.Code, "refresh_token": &r.RefreshToken, "redirect_uri": &r.RedirectURI,
		"code_verifier": &r.Verifier, "client_id": &r.ClientID, "client_secret": &r.ClientSecret,
	})
	if err == nil {
		err = basic(x.r, &r)
	}
	if err != nil {
		x.refuseToken(http.StatusBadRequest, &oauth.Error{Code: oauth.InvalidRequest, Description: err.Error()})
		return
	}
	tokens, err := x.tenant.Grants().Exchange(r, x.config.Clients, x.token, x.object)
	if said, ok := errors.AsType[*oauth.Error](err); ok {
		status := http.StatusBadRequest
		if said.Code == oauth.InvalidClient {
			status = http.StatusUnauthorized
			x.w.Header().Set("WWW-Authenticate", `Basic realm="Domain Connect", charset="UTF-8"`)
		}
		x.refuseToken(status, said)
		return
	}
	if err != nil {
		x.internal(err)
		return
	}
	reply := map[string]any{"access_token": tokens.Access, "token_type": "bearer", "expires_in": seconds(tokens.Life)}
	if tokens.Refresh != "" {
		reply["refresh_token"] = tokens.Refresh
	}
	for _, bend := range x.config.Hooks.Tokens {
		bend(reply)
	}
	x.note("grant", "tokens for %s by %s", tokens.Grant.Client, r.GrantType)
	x.json(http.StatusOK, reply)
}

// seconds is a lifetime in whole seconds, rounded up: 0 would say that there is
// none.
func seconds(life time.Duration) int64 { return int64((life + time.Second - 1) / time.Second) }

// basic reads HTTP Basic authentication (RFC 6749 section 2.3.1), in which id
// and secret are encoded as in a form.
func basic(r *http.Request, into *oauth.TokenRequest) error {
	id, secret, ok := r.BasicAuth()
	if !ok {
		return nil
	}
	id, idErr := url.QueryUnescape(id)
	secret, secretErr := url.QueryUnescape(secret)
	switch {
	case idErr != nil || secretErr != nil:
		return errors.New("the Authorization field is not encoded as RFC 6749 section 2.3.1 asks for")
	case into.ClientSecret != "":
		return errors.New("the secret stands in the Authorization field and among the parameters; send it once")
	case into.ClientID != "" && into.ClientID != id:
		return errors.New("client_id is another one than in the Authorization field")
	}
	into.ClientID, into.ClientSecret = id, secret
	return nil
}

// refuseToken answers with an error of RFC 6749 section 5.2.
func (x *exchange) refuseToken(status int, e *oauth.Error) {
	x.note("grant", "no tokens: %s: %s", e.Code, e.Description)
	x.json(status, map[string]string{"error": e.Code, "error_description": e.Description})
}
