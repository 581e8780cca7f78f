package oauth

// Error is a refusal, as RFC 6749 (sections 4.1.2.1 and 5.2) and RFC 6750
// (section 3.1) word it.
type Error struct {
	// Code is the word of the RFC: invalid_grant, invalid_client, …
	Code string
	// Description is one sentence for the developers of the client. It quotes
	// nothing of the request.
	Description string
}

func (e *Error) Error() string { return e.Code + ": " + e.Description }

// The words of the RFCs that are used.
const (
	InvalidRequest          = "invalid_request"
	InvalidClient           = "invalid_client"
	InvalidGrant            = "invalid_grant"
	InvalidScope            = "invalid_scope"
	InvalidToken            = "invalid_token"
	InsufficientScope       = "insufficient_scope"
	UnauthorizedClient      = "unauthorized_client"
	UnsupportedGrantType    = "unsupported_grant_type"
	UnsupportedResponseType = "unsupported_response_type"
)

// Guard names a check.
type Guard string

// The guards, in the order in which a grant passes them. Those of the
// authorization end-point and of the API are asked by whoever serves those.
const (
	GuardClient       Guard = "client"        // the client is registered
	GuardRedirect     Guard = "redirect"      // redirect_uri is registered for it
	GuardProvider     Guard = "provider"      // it may ask for templates of the service provider
	GuardResponseType Guard = "response-type" // response_type is absent or code
	GuardChallenge    Guard = "challenge"     // code_challenge can be used, where there is one
	GuardScope        Guard = "scope"         // scope is a list of templates that are here
	GuardHosts        Guard = "hosts"         // domain and host are names
	GuardVariables    Guard = "variables"     // the values given can be used

	GuardSecret        Guard = "secret"         // client_secret is the client's
	GuardGrantType     Guard = "grant-type"     // grant_type is one of the two
	GuardCredential    Guard = "credential"     // it has a code, or a refresh token, and not both
	GuardCode          Guard = "code"           // the code was given here
	GuardCodeClient    Guard = "code-client"    // to this client
	GuardCodeOnce      Guard = "code-once"      // and has not been used
	GuardCodeAge       Guard = "code-age"       // and not long ago
	GuardCodeRedirect  Guard = "code-redirect"  // redirect_uri is that of the authorization request
	GuardVerifier      Guard = "verifier"       // code_verifier is the one of code_challenge
	GuardRefresh       Guard = "refresh"        // the refresh token was given here, and has not been replaced
	GuardRefreshClient Guard = "refresh-client" // to this client
	GuardRefreshAge    Guard = "refresh-age"    // not long ago
	GuardRevoked       Guard = "revoked"        // the user has not revoked the grant

	GuardBearer   Guard = "bearer"    // the call has an access token in its header
	GuardToken    Guard = "token"     // the token was given here
	GuardTokenAge Guard = "token-age" // not long ago
	GuardTemplate Guard = "template"  // the template was granted
	GuardDomain   Guard = "domain"    // the domain was granted
	GuardHost     Guard = "host"      // the host was granted
	GuardOwner    Guard = "owner"     // the domain still belongs to the user
)

// Refusal is a request that did not pass a guard.
type Refusal struct {
	Guard Guard
	// Err is what will be answered.
	Err *Error
	// Grant is what is known of the grant; nil before one was found.
	Grant *Grant
	// Client is who asks; nil when it is not known, or does not matter.
	Client *Client
	// Wanted is what was asked for and is not in the grant: redirect_uri,
	// template, domain or host, by the guard.
	Wanted string
}

// Refuse is told of every refusal, and decides what becomes of it: the error
// that it returns is answered, and nil lets the request pass that guard. The
// guards code, refresh and token cannot be passed so: behind them is nothing to
// go on with. It is called while the server is locked and must not call it. A
// nil Refuse changes nothing.
type Refuse func(r Refusal) *Error

func (f Refuse) ask(r Refusal) *Error {
	if f == nil {
		return r.Err
	}
	return f(r)
}
