// Package registration writes down the clients of the asynchronous flow
// (async-00 section 6.2), as the management API, a state file and serve have
// them. Secrets are read, and never written: what is written is a digest.
package registration

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/dcconform/dcconform/mockprovider/oauth"
)

// Client is a client.
type Client struct {
	ID string `json:"id"`
	// Secret is the client_secret, to be read alone; Digest its SHA-256 in
	// hexadecimal. With neither the client has none; an empty one is a mistake.
	Secret *string `json:"secret,omitzero"`
	Digest *string `json:"secretDigest,omitzero"`
	// Redirects are the redirect URIs, Providers the providerIds whose templates
	// it may ask for; none is the id alone.
	Redirects []string `json:"redirects"`
	Providers []string `json:"providers,omitzero"`
	// The lifetimes are written as in Go, "10m"; "" is the default.
	CodeLife    string `json:"codeLife,omitzero"`
	TokenLife   string `json:"tokenLife,omitzero"`
	RefreshLife string `json:"refreshLife,omitzero"`
	NoRefresh   bool   `json:"noRefresh,omitzero"`
}

// List is what a file, and a body of the management API, holds.
type List struct {
	Clients []Client `json:"clients"`
}

// Of writes clients down, with the digests of their secrets.
func Of(clients []oauth.Client) []Client {
	list := make([]Client, 0, len(clients))
	for _, c := range clients {
		next := Client{ID: c.ID, Redirects: c.Redirects, Providers: c.Providers, NoRefresh: c.NoRefresh,
			CodeLife: written(c.CodeLife), TokenLife: written(c.TokenLife), RefreshLife: written(c.RefreshLife)}
		if !c.Secret.IsZero() {
			next.Digest = new(hex.EncodeToString(c.Secret[:]))
		}
		list = append(list, next)
	}
	return list
}

func written(life time.Duration) string {
	if life == 0 {
		return ""
	}
	return life.String()
}

// Read reads clients and checks them as oauth.CheckClients does. The error
// names the client and the member.
func Read(list []Client) ([]oauth.Client, error) {
	clients := make([]oauth.Client, 0, len(list))
	for i, c := range list {
		read, err := c.read()
		if err != nil {
			name := c.ID
			if name == "" {
				name = fmt.Sprint(i + 1)
			}
			return nil, fmt.Errorf("client %s: %w", name, err)
		}
		clients = append(clients, read)
	}
	return clients, oauth.CheckClients(clients)
}

func (c *Client) read() (oauth.Client, error) {
	read := oauth.Client{ID: c.ID, Redirects: c.Redirects, Providers: c.Providers, NoRefresh: c.NoRefresh}
	switch {
	case c.Secret != nil && c.Digest != nil:
		return read, errors.New("it has both secret and secretDigest; give one of them")
	case c.Secret != nil && *c.Secret == "":
		return read, errors.New("secret is empty: give it a value, or leave it out")
	case c.Secret != nil:
		read.Secret = oauth.Hash(*c.Secret)
	case c.Digest != nil:
		digest, err := hex.DecodeString(*c.Digest)
		if err != nil || len(digest) != len(read.Secret) {
			return read, errors.New("secretDigest is no SHA-256: it has 64 hexadecimal digits")
		}
		read.Secret = oauth.Digest(digest)
	}
	for _, life := range []struct {
		member, text string
		into         *time.Duration
	}{{"codeLife", c.CodeLife, &read.CodeLife}, {"tokenLife", c.TokenLife, &read.TokenLife}, {"refreshLife", c.RefreshLife, &read.RefreshLife}} {
		if life.text == "" {
			continue
		}
		d, err := time.ParseDuration(life.text)
		if err != nil {
			return read, fmt.Errorf("%s: %q is no duration: write it as 10m or 1h30m", life.member, life.text)
		}
		*life.into = d
	}
	return read, nil
}

// ParseFile reads a file of clients, strictly.
func ParseFile(text []byte) ([]oauth.Client, error) {
	var list List
	if err := json.Unmarshal(text, &list, json.RejectUnknownMembers(true)); err != nil {
		if e, ok := errors.AsType[*json.SemanticError](err); ok && e.JSONPointer != "" {
			if errors.Is(e, json.ErrUnknownName) {
				return nil, fmt.Errorf("the member %s is not known", e.JSONPointer)
			}
			return nil, fmt.Errorf("the member %s has the wrong type", e.JSONPointer)
		}
		if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok && errors.Is(e, jsontext.ErrDuplicateName) {
			return nil, fmt.Errorf("the member %s stands there twice", e.JSONPointer)
		}
		return nil, errors.New(`it is no JSON as {"clients":[{"id":"…","secret":"…","redirects":["https://…"]}]}`)
	}
	if len(list.Clients) == 0 {
		return nil, errors.New(`it has no client; write {"clients":[{"id":"…","secret":"…","redirects":["https://…"]}]}`)
	}
	return Read(list.Clients)
}

// ParseLine reads one client from a line: members divided by commas, each
// name=value, of which redirect and provider may be repeated. A value with a
// comma in it needs a file. An error names an unknown member by its place
// alone: it may be the rest of a secret that had a comma.
func ParseLine(line string) (oauth.Client, error) {
	var c Client
	var secret string
	seen := map[string]bool{}
	for i, member := range strings.Split(line, ",") {
		name, value, _ := strings.Cut(member, "=")
		single := map[string]*string{"id": &c.ID, "secret": &secret, "code-life": &c.CodeLife, "token-life": &c.TokenLife, "refresh-life": &c.RefreshLife}[name]
		switch {
		case name == "redirect":
			c.Redirects = append(c.Redirects, value)
		case name == "provider":
			c.Providers = append(c.Providers, value)
		case name == "no-refresh" && value == "":
			c.NoRefresh = true
		case single == nil:
			return oauth.Client{}, fmt.Errorf("member %d is none of id, secret, redirect, provider, code-life, token-life, refresh-life and no-refresh; a value with a comma in it needs a file", i+1)
		case value == "":
			return oauth.Client{}, fmt.Errorf("%s is empty: give it a value, or leave it out", name)
		case seen[name]:
			return oauth.Client{}, fmt.Errorf("%s is given twice", name)
		default:
			*single, seen[name] = value, true
		}
	}
	if secret != "" {
		c.Secret = &secret
	}
	clients, err := Read([]Client{c})
	if err != nil {
		return oauth.Client{}, err
	}
	return clients[0], nil
}
