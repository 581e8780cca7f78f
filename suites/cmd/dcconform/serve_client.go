package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/registration"
)

// readClients reads --oauth-client.
func (o *serveOptions) readClients(w *serveWorld) error {
	from := map[string]string{}
	for _, given := range o.clients {
		shown := shownClient(given)
		clients, err := givenClients(given)
		if err != nil {
			return fmt.Errorf("%s: %w", shown, err)
		}
		for _, c := range clients {
			if other, twice := from[c.ID]; twice {
				return fmt.Errorf("%s: client %s is registered already, by %s", shown, c.ID, other)
			}
			from[c.ID] = shown
		}
		w.tenant.Clients = append(w.tenant.Clients, clients...)
	}
	return nil
}

// isLine says that a flag is a client and no file of them.
func isLine(given string) bool {
	if !strings.Contains(given, "=") {
		return false
	}
	_, err := os.Stat(given)
	return err != nil
}

// shownClient names a flag in a message. Of a client it shows the id at most:
// a message ends in a log, and the secret may be any other member.
func shownClient(given string) string {
	if !isLine(given) {
		return "--oauth-client " + given
	}
	for member := range strings.SplitSeq(given, ",") {
		if id, ok := strings.CutPrefix(member, "id="); ok {
			return "--oauth-client id=" + id
		}
	}
	return "--oauth-client"
}

// givenClients are the client that stands in a flag, or those of a file.
func givenClients(given string) ([]oauth.Client, error) {
	if isLine(given) {
		c, err := registration.ParseLine(given)
		return []oauth.Client{c}, err
	}
	text, err := os.ReadFile(given) // The user names the file.
	if err != nil {
		return nil, err
	}
	return registration.ParseFile(text)
}
