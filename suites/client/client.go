// Package client plays the service provider, black-box: it discovers a DNS
// provider over DNS and HTTPS, asks for templates, makes and signs apply links
// and receives the user back. Its canonicalisation and signer are its own and
// share no code with the mock's verifier; vectors made with OpenSSL hold both.
package client

import (
	"net/http"
	"time"

	"github.com/dcconform/dcconform/suites/target"
)

// The bounds that ietf-05 section 12.2 asks of a client.
const (
	// SettingsCeiling bounds one settings or query request.
	SettingsCeiling = 10 * time.Second
	// MaxBody is how many bytes of an answer are accepted.
	MaxBody = target.BodyCeiling
	// MaxRedirects is how many HTTP redirects a settings request follows.
	MaxRedirects = 3
	// MaxPrefixes is how many valid TXT records are kept of one discovery.
	MaxPrefixes = 8
	// MaxAliases is how many CNAMEs are followed.
	MaxAliases = 8
	// DNSCeiling bounds one DNS question over one transport.
	DNSCeiling = 2 * time.Second
)

// Client is a service provider. Its fields are set before use; it is then safe
// for concurrent use.
type Client struct {
	// DNS is the address of the name server that is asked, "127.0.0.1:53".
	DNS string
	// Dialer opens the connections to DNS; nil denies them.
	Dialer *target.Dialer
	// Transport carries HTTPS; see target.NewTransport.
	Transport http.RoundTripper
	// Redactor takes secrets out of the exchanges that are returned.
	Redactor target.Redactor
}

func (c *Client) recorder() *target.Recorder {
	return &target.Recorder{Transport: c.Transport, Redactor: c.Redactor, BodyLimit: MaxBody, Total: SettingsCeiling}
}
