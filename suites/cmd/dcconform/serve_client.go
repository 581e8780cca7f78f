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
		// The secret is not in the message: it would end in a log.
		shown, _, _ := strings.Cut(given, ",")
		clients, err := givenClients(given)
		if err != nil {
			return fmt.Errorf("--oauth-client %s: %w", shown, err)
		}
		for _, c := range clients {
			if other, twice := from[c.ID]; twice {
				return fmt.Errorf("--oauth-client %s: client %s is registered already, by --oauth-client %s", shown, c.ID, other)
			}
			from[c.ID] = shown
		}
		w.tenant.Clients = append(w.tenant.Clients, clients...)
	}
	return nil
}

// givenClients are the client that stands in a flag, or those of a file.
func givenClients(given string) ([]oauth.Client, error) {
	if strings.HasPrefix(given, "id=") {
		c, err := registration.ParseLine(given)
		return []oauth.Client{c}, err
	}
	text, err := os.ReadFile(given) // The user names the file.
	if err != nil {
		return nil, err
	}
	return registration.ParseFile(text)
}
