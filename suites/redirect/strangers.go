package redirect

import (
	"strings"

	"golang.org/x/net/idna"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/target"
	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 8.3.5 and 8.3.6: without a valid signature nobody is sent to a host
// outside of the list, on whichever path.
var strangers = []trial.Case{
	{Key: "redirect-stranger-success", Title: "after success nobody is sent to a host that only looks like a listed one",
		Requirements: []string{"DC-REDIR-OPEN-REDIRECT"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			for _, uri := range lookAlikes(t) {
				stays(t, t.Approve(r.With("redirect_uri", uri)))
			}
			redirected(t, approved(t, r))
		}},
	{Key: "redirect-stranger-cancel", Title: "after a cancel nobody is sent to a host that only looks like a listed one",
		Requirements: []string{"DC-REDIR-OPEN-REDIRECT"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			for _, host := range []string{stranger, "evil" + home(t), home(t) + "." + stranger, home(t) + "@" + stranger} {
				stays(t, t.Cancel(r.With("redirect_uri", t.Callback(host))))
			}
			redirected(t, cancelled(t, r))
		}},
	{Key: "redirect-stranger-error", Title: "after an error nobody is sent to a host that only looks like a listed one",
		Requirements: []string{"DC-REDIR-OPEN-REDIRECT"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain").Without("text")
			for _, uri := range lookAlikes(t) {
				stays(t, t.Approve(r.With("redirect_uri", uri)))
			}
			redirected(t, t.Approve(r))
		}},
	{Key: "redirect-stranger-unknown-template", Title: "a request for an unknown template sends nobody to a stranger",
		Requirements: []string{"DC-REDIR-OPEN-REDIRECT"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			stays(t, t.Approve(r.Of(t.World.Target.Templates.ProviderID, "there-is-no-such-service").With("redirect_uri", t.Callback(stranger))))
			redirected(t, approved(t, r))
		}},
	{Key: "redirect-stranger-sign-in", Title: "a wrong password sends nobody to a stranger",
		Requirements: []string{"DC-REDIR-OPEN-REDIRECT"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			user := t.User()
			r := t.Request("plain")
			// One attempt, by a user who does not exist: no account is locked.
			nobody := trial.Visitor{Who: target.Credentials{User: "dcconform-nobody", Password: "not " + user.Password}}
			stays(t, t.ApproveAs(nobody, r.With("redirect_uri", t.Callback(stranger))))
			redirected(t, t.ApproveAs(trial.Visitor{Who: user}, r))
		}},
}

// lookAlikes are redirect URIs at a stranger's host that look as if they were
// at the listed one, for one parser or another. All lead to the callback
// server, which stands in for every host.
func lookAlikes(t *trial.Trial) []string {
	listed := home(t)
	hosts := []string{
		stranger,
		strings.ToUpper(stranger),
		stranger + ".",
		"evil" + listed,
		listed + "." + stranger,
		listed + "@" + stranger,
		listed + "%40" + stranger,
		stranger + `\@` + listed,
	}
	hosts = append(hosts, homographs(listed)...)
	uris := []string{
		t.Callback(stranger) + "#" + listed,
		t.Callback(stranger) + "?" + listed,
		strings.TrimPrefix(t.Callback(stranger), "https:"),
		"javascript:location='" + t.Callback(stranger) + "'//" + listed,
	}
	for _, h := range hosts {
		uris = append(uris, t.Callback(h))
	}
	return uris
}

// homographs are a host with one letter of another script that looks the same,
// as people see it and as DNS has it.
func homographs(host string) []string {
	for _, pair := range [][2]string{{"a", "а"}, {"e", "е"}, {"o", "о"}, {"c", "с"}, {"p", "р"}, {"x", "х"}} {
		if !strings.Contains(host, pair[0]) {
			continue
		}
		alike := strings.Replace(host, pair[0], pair[1], 1)
		ascii, err := idna.Punycode.ToASCII(alike)
		if err != nil {
			return []string{alike}
		}
		return []string{alike, ascii}
	}
	return nil
}

// stays states that the user was sent nowhere but to the listed host.
func stays(t *trial.Trial, e *trial.Ending) {
	to := e.SentTo()
	at := hostOf(to)
	mine := to == "" || at == home(t) || strings.HasSuffix(at, "."+home(t))
	expected := about(e, "no redirect", "a redirect to "+home(t)+" or below it")
	expected.Mend = "parse the redirect_uri as browsers do, refuse what has a user part, a backslash or another scheme than http and https, and compare its whole host, on the paths of errors, too"
	t.Require("DC-REDIR-OPEN-REDIRECT", mine, gomega.BeTrue(), expected)
	for _, hit := range e.Hits {
		host := hostOf(hit.URL)
		t.Require("DC-REDIR-OPEN-REDIRECT", host == home(t) || strings.HasSuffix(host, "."+home(t)), gomega.BeTrue(), expected)
	}
}
