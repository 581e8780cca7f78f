// Package signature judges how a DNS provider verifies signed apply requests
// (ietf-05 sections 8.3.2 to 8.3.5 and 11.3). How it finds and reads the keys
// is judged by package publickey.
package signature

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/trial"
)

// Chapter returns the chapter.
func Chapter() trial.Chapter {
	return trial.Chapter{Name: "signature", Title: "Signed requests",
		Cases: slices.Concat(algorithms, required, raw, pairs, tampered, refused, unsigned, signIn)}
}

// pair is the two parameters in the order of the URI template of section
// 8.3.1.
func pair(sig, label string) string { return sigIs(sig) + "&" + keyIs(label) }

func sigIs(sig string) string   { return "sig=" + client.Encode(sig) }
func keyIs(label string) string { return "key=" + client.Encode(label) }

// octets is the signed request with a query written by hand, in which {back}
// stands for the page that the user returns to.
func octets(t *trial.Trial, text string) trial.Request {
	r := t.Request("signed")
	return r.Sending(strings.ReplaceAll(text, "{back}", client.Encode(r.Value("redirect_uri"))))
}

// changed is the signed request with a part of its query replaced after the
// signature was made.
func changed(t *trial.Trial, what string, good trial.Request, old, now string) trial.Variant {
	t.Broken(contains(good.Text(), old))
	return trial.Variant{What: what, Request: good.Raw(func(query string) string { return strings.Replace(query, old, now, 1) })}
}

func contains(text, old string) error {
	if !strings.Contains(text, old) {
		return fmt.Errorf("the query to be changed is %q, and holds no %q", text, old)
	}
	return nil
}

// appended is the signed request with something more at its end.
func appended(what string, good trial.Request, more string) trial.Variant {
	return trial.Variant{What: what, Request: good.Raw(func(query string) string { return query + more })}
}

// assembled is the request with text, sig and key joined in another way.
func assembled(what string, good trial.Request, join func(text, sig, label string) string) trial.Variant {
	return trial.Variant{What: what, Request: good.Assembled(join)}
}
