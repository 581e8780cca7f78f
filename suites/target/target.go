// Package target reaches a provider under test: who signs in there, how its
// name servers and web servers are dialled, whose certificates are trusted,
// and what went over the wire. It knows no case and no chapter; the rooms that
// play a service provider or approve a consent page build on it.
package target

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"time"
)

// Credentials are what a user of the provider signs in with.
type Credentials struct{ User, Password string }

// Ceilings for one HTTP request. They are limits, not waits: whatever comes
// earlier is used earlier.
const (
	// DialCeiling bounds one connection attempt.
	DialCeiling = 5 * time.Second
	// HeaderCeiling bounds the wait for the first byte of a response header.
	HeaderCeiling = 15 * time.Second
	// ContinueCeiling is how long a request that has asked whether its body is
	// wanted waits for the answer before it is sent all the same.
	ContinueCeiling = time.Second
	// BodyCeiling is how many bytes of a response body are read, 1 MiB
	// (ietf-05 section 12.2 asks clients for a bound and names none).
	BodyCeiling = 1 << 20
)

// NewTransport makes an HTTP transport that dials through d alone, trusts
// roots alone (nil is the system's), and never asks a proxy. The caller ends
// it with CloseIdleConnections.
func NewTransport(d *Dialer, roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		DialContext:           d.DialContext,
		TLSClientConfig:       &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   DialCeiling,
		ResponseHeaderTimeout: HeaderCeiling,
		ExpectContinueTimeout: ContinueCeiling,
		MaxIdleConnsPerHost:   8,
		IdleConnTimeout:       30 * time.Second,
		// A compressed answer would be unpacked without a limit of its own
		// and its wire form lost to the evidence.
		DisableCompression: true,
		ForceAttemptHTTP2:  false,
	}
}

// Pin is the SHA-256 of a certificate's public key (SubjectPublicKeyInfo) in
// standard base64: the form that browsers take for trust by key.
func Pin(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}
