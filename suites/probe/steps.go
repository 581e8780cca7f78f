package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"

	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/observe"
)

// discover finds where settings are (ietf-05 section 7.1).
func (l *look) discover(ctx context.Context) []string {
	d, err := l.client.Discover(ctx, l.Domain)
	for _, r := range d.Rejected {
		l.find(StepDiscovery, Problem, fmt.Sprintf("the TXT record %q at %s leads nowhere: %s", r.Text, d.Question, r.Reason),
			"the DNS provider has to publish host and path alone")
	}
	switch {
	case errors.Is(err, client.ErrNoDiscovery):
		l.find(StepDiscovery, Problem, "no usable TXT record at "+d.Question+": the domain is not at a provider that offers Domain Connect", l.elsewhere())
		return nil
	case err != nil:
		l.find(StepDiscovery, Unknown, err.Error(), "check the resolver (--dns) and try again")
		return nil
	}
	message := fmt.Sprintf("%s leads to %s", d.Question, strings.Join(d.Prefixes, ", "))
	if len(d.Aliases) > 0 {
		message += " (by way of " + strings.Join(d.Aliases, ", ") + ")"
	}
	l.find(StepDiscovery, OK, message, "")
	if len(d.Prefixes)+d.Dropped > 1 {
		l.find(StepDiscovery, Note, fmt.Sprintf("there are %d such records: clients differ in which one they take", len(d.Prefixes)+d.Dropped), "")
	}
	return d.Prefixes
}

// elsewhere is the likely mend for a domain without a record.
func (l *look) elsewhere() string {
	name := strings.TrimSuffix(strings.ToLower(l.Domain), ".")
	if apex, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil && apex != name {
		return fmt.Sprintf("ask about %s: discovery is by the zone's apex, and what is below it goes into host", apex)
	}
	return "give the customer the records to enter by hand"
}

// settings are had from the first place that gives them (ietf-05 section 7.2).
func (l *look) settings(ctx context.Context, prefixes []string) *client.Settings {
	for _, prefix := range prefixes {
		s, ex, err := l.client.Settings(ctx, prefix, l.Domain)
		switch {
		case errors.Is(err, client.ErrNotHosted):
			l.find(StepSettings, Problem, err.Error(), "the domain's DNS is answered by somebody else, or is new there: treat it as not supported")
			continue
		case err != nil && ctx.Err() != nil:
			l.find(StepSettings, Unknown, fmt.Sprintf("the time for the whole probe was up: %v", err), "try again, or allow more with --timeout")
			return nil
		case err != nil && ex != nil && ex.Status == 0:
			l.find(StepSettings, Unknown, err.Error(), mendDial(err))
			continue
		case err != nil:
			l.find(StepSettings, Problem, err.Error(), "the DNS provider has to mend it: without settings no flow begins")
			continue
		}
		l.result.Prefix = prefix
		l.find(StepSettings, OK, fmt.Sprintf("the provider is %s (%s)", s.ProviderName, s.ProviderID), "")
		l.members(s)
		return &s
	}
	return nil
}

func mendDial(err error) string {
	var private *PrivateError
	if errors.As(err, &private) {
		return "name --allow-private if you know the address"
	}
	return "check that this machine reaches it, and try again"
}

// members says which flows there are, and what is odd.
func (l *look) members(s client.Settings) {
	for _, flow := range []struct{ name, url string }{{"synchronous", s.URLSyncUX}, {"asynchronous", s.URLAsyncUX}} {
		if flow.url != "" {
			l.find(StepSettings, OK, fmt.Sprintf("the %s flow is at %s", flow.name, flow.url), "")
		} else {
			l.find(StepSettings, Note, "no "+flow.name+" flow is offered", "")
		}
	}
	for _, problem := range s.Problems {
		l.find(StepSettings, Problem, problem, "the DNS provider has to mend it; a tolerant client passes over it")
	}
	for _, name := range s.Unknown {
		l.find(StepSettings, Note, "the settings have a member "+name+", which no edition knows; it is ignored", "")
	}
}

// delegation compares the name servers that the settings name with those that
// the domain has: what is written elsewhere is never seen.
func (l *look) delegation(ctx context.Context, s *client.Settings) {
	if len(s.NameServers) == 0 {
		return
	}
	a, err := l.server.Ask(ctx, l.Domain, dns.TypeNS)
	if err != nil {
		l.find(StepSettings, Unknown, fmt.Sprintf("the name servers of %s cannot be asked for: %v", l.Domain, err), "check the resolver (--dns) and try again")
		return
	}
	var have []string
	for _, r := range a.Of(dns.TypeNS) {
		have = append(have, strings.TrimSuffix(strings.ToLower(r.Data), "."))
	}
	same := func(name string) bool {
		return slices.Contains(have, strings.TrimSuffix(strings.ToLower(name), "."))
	}
	if slices.ContainsFunc(s.NameServers, same) {
		l.find(StepSettings, OK, "the domain is delegated to the provider's name servers", "")
		return
	}
	l.find(StepSettings, Problem, fmt.Sprintf("the settings name the name servers %s, and the domain has %s: what is applied there would not be seen",
		strings.Join(s.NameServers, ", "), listed(have)), "the domain has to be delegated to the provider, or the settings are wrong")
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// template asks whether the provider knows the template (ietf-05 section 8.2).
func (l *look) template(ctx context.Context, s *client.Settings) {
	t := l.Template
	if t == nil {
		return
	}
	name := t.ProviderID + "/" + t.ServiceID
	info, ex, err := l.client.QueryTemplate(ctx, s.URLAPI, t.ProviderID, t.ServiceID, client.TemplateMediaType)
	switch {
	case err != nil && (ex == nil || ex.Status == 0 || ctx.Err() != nil):
		l.find(StepTemplate, Unknown, err.Error(), mendDial(err))
	case err != nil:
		l.find(StepTemplate, Problem, err.Error(), "the DNS provider has to mend it: 200 or 404 are the answers")
	case !info.Supported:
		l.find(StepTemplate, Problem, "the provider does not know "+name, "ask the provider to onboard it; some answer 404 until a template is published")
	default:
		l.find(StepTemplate, OK, "the provider knows "+name, "")
		l.version(info)
		l.content(info)
	}
}

// version compares the deployed version with that of the own file.
func (l *look) version(info client.TemplateInfo) {
	mine, theirs := l.Template.Version, plain(info.Version)
	switch {
	case theirs == "":
		l.find(StepTemplate, Note, "the provider does not say which version it has", "")
	case mine == "":
		l.find(StepTemplate, Note, "the provider has version "+theirs, "")
	case mine == theirs:
		l.find(StepTemplate, OK, "the provider has version "+theirs+", as your file", "")
	default:
		l.find(StepTemplate, Problem, fmt.Sprintf("the provider has version %s, and your file is version %s", theirs, mine), "ask the provider to take the version that you mean, or compare with what you published")
	}
}

// plain is a JSON value without its quotes, and a number in one spelling.
func plain(version string) string {
	value := jsontext.Value(version)
	if value.Canonicalize() != nil {
		return version
	}
	return strings.Trim(string(value), `"`)
}

// content compares the whole template with the own file, where both are there.
func (l *look) content(info client.TemplateInfo) {
	if info.Template == nil || l.Template.JSON == nil {
		return
	}
	differ, err := different(l.Template.JSON, info.Template)
	switch {
	case err != nil:
		l.find(StepTemplate, Unknown, fmt.Sprintf("the templates cannot be compared: %v", err), "")
	case len(differ) == 0:
		l.find(StepTemplate, OK, "the provider's template is the same as your file", "")
	default:
		l.find(StepTemplate, Problem, "the provider's template differs from your file in "+strings.Join(differ, ", "), "ask the provider to take your file; a changed template needs a changed version")
	}
}

// key looks for the service provider's public key (ietf-05 section 6.4).
func (l *look) key(ctx context.Context) {
	if l.Template == nil || l.Template.KeyDomain == "" {
		return
	}
	if l.KeyHost == "" {
		l.find(StepKey, Unknown, "the template is signed with a key below "+l.Template.KeyDomain+", and under which label was not said", "give --key-host LABEL, the value of the key parameter of your links")
		return
	}
	name := l.KeyHost + "." + l.Template.KeyDomain
	a, err := l.server.Ask(ctx, name, dns.TypeTXT)
	if err != nil {
		l.find(StepKey, Unknown, fmt.Sprintf("the key at %s cannot be asked for: %v", name, err), "check the resolver (--dns) and try again")
		return
	}
	txt := texts(a)
	if len(txt) == 0 {
		l.find(StepKey, Problem, "there is no TXT record at "+name+": no provider can verify your links", "publish the key there; \"dcconform key txt\" prints the records")
		return
	}
	if l.JudgeKey == nil {
		l.find(StepKey, Note, fmt.Sprintf("there are %d TXT records at %s", len(txt), name), "")
		return
	}
	for _, f := range l.JudgeKey(txt) {
		l.find(StepKey, f.Status, name+": "+f.Message, f.Mend)
	}
}

// texts are the TXT contents of an answer, wherever an alias leads.
func texts(a observe.Answer) []string {
	var all []string
	for _, r := range a.Of(dns.TypeTXT) {
		all = append(all, r.Text())
	}
	return all
}
