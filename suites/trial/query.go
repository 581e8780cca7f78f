package trial

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/dcconform/dcconform/suites/client"
)

// caseSupported judges the template query, without which others are blocked.
const caseSupported = "query/query-supported"

// API is the domain's urlAPI as sent, without slashes at its end. problem says
// why no request can be made of it; then the URL is not to be used.
func (t *Trial) API() (api, problem string) {
	text, ok := t.Document(t.domain).Object.Text("urlAPI")
	if !ok || text == "" {
		return "", "the settings name no urlAPI"
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "":
		return "", fmt.Sprintf("urlAPI %q is no absolute URL", text)
	case u.Scheme == "http":
		t.Inconclusive("not-https", fmt.Sprintf("urlAPI is %s, and this harness sends requests over https only", text))
	case u.Scheme != "https" || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		return "", fmt.Sprintf("urlAPI %q is no https URL that a path can be appended to", text)
	}
	return strings.TrimRight(text, "/"), ""
}

// QueryURL is where a conformance template is asked about.
func (t *Trial) QueryURL(service string) string {
	return t.QueryURLOf(t.World.identity().ProviderID, t.Template(service).Service)
}

// QueryURLOf is where a template is asked about that need not exist. The ids
// are encoded. Without a usable urlAPI the case is blocked.
func (t *Trial) QueryURLOf(provider, service string) string {
	api, problem := t.API()
	if problem != "" {
		t.Note("settings", problem)
		t.Blocked(caseSupported)
	}
	return api + "/v2/domainTemplates/providers/" + client.Encode(provider) + "/services/" + client.Encode(service)
}
