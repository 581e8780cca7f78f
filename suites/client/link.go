package client

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// ApplyRequest is what a service provider puts into an apply link of the
// synchronous flow (ietf-05 section 8.3). Empty members are left out.
type ApplyRequest struct {
	// URLSyncUX is the settings member; a trailing slash is not doubled.
	URLSyncUX string
	// ProviderID and ServiceID name the template.
	ProviderID, ServiceID string
	Domain, Host          string
	// Groups become one groupId parameter, joined by commas.
	Groups []string
	// Variables are the template's, not encoded. Empty values are sent.
	Variables map[string]string
	// RedirectURI and State come back at the end of the flow.
	RedirectURI, State string
	// ProviderName and ServiceName are for templates with shared names.
	ProviderName, ServiceName string
	// Extra are further parameters, such as crit or vnd. ones.
	Extra []Param
	// Key signs the request; nil leaves it unsigned.
	Key     *SigningKey
	Options LinkOptions
}

// LinkOptions change how a link is written. The zero value is ietf-05.
type LinkOptions struct {
	// EmptyHost sends "host=" where Host is empty.
	EmptyHost bool
	// KeepOrder signs the parameters as they were given and not sorted, as
	// dcspec-2.3 lets signers do.
	KeepOrder bool
	// SigLast writes key before sig; one large provider wants it so.
	SigLast bool
	// Tamper breaks the link in one named way after it was signed.
	Tamper Tamper
}

// Link is a finished apply link.
type Link struct {
	// URL is what the user's browser is sent to, byte for byte.
	URL string
	// Text is the part of the query that the signature covers, as signed.
	Text string
	// Sig is the signature in base64, before percent-encoding, and Key the
	// key label; both "" on an unsigned link.
	Sig, Key string
}

// reserved are the parameters of the protocol (ietf-05 section 8.3.2), which
// no variable may be called.
var reserved = []string{"domain", "host", "redirect_uri", "state", "groupId", "providerName", "serviceName", "sig", "key", "crit", "force", "instanceId"}

// Link builds the link. It fails on ids or a prefix that cannot stand in a
// URL, and on variables that the protocol has taken.
func (r ApplyRequest) Link() (Link, error) {
	base, err := endpoint(r.URLSyncUX, "urlSyncUX")
	if err != nil {
		return Link{}, err
	}
	if r.ProviderID == "" || r.ServiceID == "" || r.Domain == "" {
		return Link{}, fmt.Errorf("apply link: provider id %q, service id %q, domain %q: none of them may be empty", r.ProviderID, r.ServiceID, r.Domain)
	}
	params, err := r.params()
	if err != nil {
		return Link{}, err
	}
	link := Link{Text: joinEncoded(params, !r.Options.KeepOrder)}
	query := link.Text
	if r.Key != nil {
		if err := label(r.Key.Label); err != nil {
			return Link{}, fmt.Errorf("apply link: %w", err)
		}
		link.Key = r.Key.Label
		if link.Sig, err = Sign(link.Text, r.Key.Private); err != nil {
			return Link{}, fmt.Errorf("apply link: %w", err)
		}
		query += "&" + tail(link.Sig, link.Key, r.Options.SigLast)
	}
	if r.Options.Tamper != "" {
		if query, err = r.tampered(link); err != nil {
			return Link{}, err
		}
	}
	link.URL = base + "/v2/domainTemplates/providers/" + Encode(r.ProviderID) +
		"/services/" + Encode(r.ServiceID) + "/apply?" + query
	return link, nil
}

// tail is the end of a signed query. The specification writes sig first; the
// order of the two is free.
func tail(sig, key string, sigLast bool) string {
	s, k := "sig="+Encode(sig), "key="+Encode(key)
	if sigLast {
		return k + "&" + s
	}
	return s + "&" + k
}

// params lists the parameters in the order in which the specification does,
// variables by name after them.
func (r ApplyRequest) params() ([]Param, error) {
	out := []Param{{"domain", r.Domain}}
	add := func(name, value string) {
		if value != "" {
			out = append(out, Param{name, value})
		}
	}
	if r.Options.EmptyHost && r.Host == "" {
		out = append(out, Param{"host", ""})
	}
	add("host", r.Host)
	add("redirect_uri", r.RedirectURI)
	add("state", r.State)
	add("providerName", r.ProviderName)
	add("serviceName", r.ServiceName)
	add("groupId", strings.Join(r.Groups, ","))
	for _, name := range slices.SortedFunc(maps.Keys(r.Variables), cmp.Compare[string]) {
		if slices.Contains(reserved, name) {
			return nil, fmt.Errorf("apply link: variable %q has the name of a protocol parameter (%s); rename it in the template", name, strings.Join(reserved, ", "))
		}
		out = append(out, Param{name, r.Variables[name]})
	}
	for _, p := range r.Extra {
		if p.Name == "sig" || p.Name == "key" {
			return nil, fmt.Errorf("apply link: extra parameter %q: it is made from Key", p.Name)
		}
		out = append(out, p)
	}
	return out, nil
}

// endpoint checks a URL prefix of the settings (ietf-05 section 7.2: https,
// authority, no query, no fragment) and takes a trailing slash off, so that
// "/v2" follows without a doubled one.
func endpoint(prefix, member string) (string, error) {
	u, err := url.Parse(prefix)
	if err != nil {
		return "", fmt.Errorf("%s: %w", member, err)
	}
	switch {
	case prefix == "":
		return "", fmt.Errorf("%s is empty", member)
	case u.Scheme != "https":
		return "", fmt.Errorf("%s %q: want an https URL", member, prefix)
	case u.Host == "":
		return "", fmt.Errorf("%s %q: no host", member, prefix)
	case strings.ContainsAny(prefix, "?#"):
		return "", fmt.Errorf("%s %q: query and fragment are not allowed", member, prefix)
	case u.User != nil:
		return "", fmt.Errorf("%s %q: a user name is not allowed", member, prefix)
	}
	return strings.TrimRight(prefix, "/"), nil
}
