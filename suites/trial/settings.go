package trial

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/target"
)

// The cases that others are blocked by when discovery or the settings do not
// work.
const (
	caseAnswered = "discovery/discovery-txt-answered"
	caseForm     = "discovery/discovery-txt-form"
	caseObject   = "settings/settings-json-object"
	caseSync     = "settings/settings-sync-works"
	caseAsync    = "async/async-advertised"
)

var (
	errNoContent  = errors.New("there is no TXT record at _domainconnect")
	errBadContent = errors.New("no settings can be asked for by what _domainconnect says")
)

// Contents are the TXT contents at _domainconnect of a domain, as the name
// servers have them between them; nil where there are none.
func (t *Trial) Contents(domain string) []string {
	texts, err := t.World.contents(t.Context(), domain)
	if err != nil {
		t.Interrupted(err)
		t.spared(err)
		t.Inconclusive("no-dns", err.Error())
	}
	t.Record("observation", "_domainconnect."+domain, fmt.Appendf(nil, "_domainconnect.%s TXT %q\n", domain, texts))
	return texts
}

func (w *World) contents(ctx context.Context, domain string) ([]string, error) {
	var texts []string
	said, err := w.question(ctx, "_domainconnect."+domain, dns.TypeTXT)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, s := range said {
		more, err := []string(nil), s.Err
		if err == nil {
			more, err = w.texts(ctx, s, "udp")
		}
		texts, errs = append(texts, more...), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil && len(texts) == 0 {
		return nil, err
	}
	slices.Sort(texts)
	return slices.Compact(texts), nil
}

// Prefix is what the settings of a domain are asked for with, an authority and
// an optional path: target.yaml's, or the first usable TXT content. Without
// any the case is blocked.
func (t *Trial) Prefix(domain string) string {
	prefix, err := t.World.prefix(t.Context(), domain)
	t.undiscovered(err)
	return prefix
}

// undiscovered ends the case when the settings cannot be found.
func (t *Trial) undiscovered(err error) {
	switch {
	case err == nil:
		return
	case errors.Is(err, errNoContent):
		t.Note("discovery", err.Error())
		t.Blocked(caseAnswered)
	case errors.Is(err, errBadContent):
		t.Note("discovery", err.Error())
		t.Blocked(caseForm)
	}
	t.Interrupted(err)
	t.spared(err)
	t.Inconclusive("no-dns", err.Error())
}

func (w *World) prefix(ctx context.Context, domain string) (string, error) {
	return w.prefixes.get(domain, func() (string, bool, error) {
		prefix, err := w.discover(ctx, domain)
		if err != nil {
			return "", false, err
		}
		host, _, _ := strings.Cut(prefix, "/")
		w.Dialer.Admit(host)
		return prefix, true, nil
	})
}

func (w *World) discover(ctx context.Context, domain string) (string, error) {
	if w.Target.Settings != "" {
		return w.Target.Settings, nil
	}
	texts, err := w.contents(ctx, domain)
	switch {
	case err != nil:
		return "", err
	case len(texts) == 0:
		return "", fmt.Errorf("%w.%s", errNoContent, domain)
	}
	good := slices.IndexFunc(texts, func(s string) bool { return client.CheckPrefix(s) == nil })
	if good < 0 {
		return "", fmt.Errorf("%w.%s: %q: %w", errBadContent, domain, texts[0], client.CheckPrefix(texts[0]))
	}
	return texts[good], nil
}

// SettingsURL is where the settings of a name are below a prefix.
func SettingsURL(prefix, name string) string {
	return "https://" + prefix + "/v2/" + client.Encode(name) + "/settings"
}

// Document is a domain's settings as they were sent.
type Document struct {
	Domain target.Domain
	Reply  Reply
	Object Object
}

// Document is the settings document of a domain that the provider holds, asked
// for once in a run. One that is no object blocks the case.
func (t *Trial) Document(domain target.Domain) Document {
	found, err := t.World.document(t.Context(), domain)
	reply := found.Reply
	if !t.told[domain.Name] {
		t.recordReply(reply)
		t.told[domain.Name] = true
	}
	if errors.Is(err, errNoContent) || errors.Is(err, errBadContent) {
		t.undiscovered(err)
	}
	t.unanswered(err)
	if found.notObject != nil || !reply.Good() {
		t.Note("settings", fmt.Sprintf("%s: %s", reply.Sent(), reply))
		t.Blocked(caseObject)
	}
	return found.Document
}

// Documents are those of all domains that the provider holds and that can be
// discovered; without any the case is blocked.
func (t *Trial) Documents() []Document {
	var all []Document
	for _, d := range t.Held() {
		if _, err := t.World.prefix(t.Context(), d.Name); errors.Is(err, errNoContent) {
			continue
		}
		all = append(all, t.Document(d))
	}
	if len(all) == 0 {
		t.Blocked(caseAnswered)
	}
	return all
}

// told is a domain's settings document, and what a tolerant client makes of it.
type told struct {
	Document
	// notObject is set where the document is none.
	notObject error
	settings  client.Settings
	unusable  error
}

func (w *World) document(ctx context.Context, domain target.Domain) (told, error) {
	return w.documents.get(domain.Name, func() (told, bool, error) {
		prefix, err := w.prefix(ctx, domain.Name)
		if err != nil {
			return told{}, false, err
		}
		r, err := w.get(ctx, SettingsURL(prefix, domain.Name), nil)
		found := told{Document: Document{Domain: domain, Reply: r}}
		if err != nil {
			return found, false, err
		}
		if found.Object, found.notObject = ParseObject(r.Body); found.notObject == nil {
			for _, name := range []string{"urlAPI", "urlSyncUX", "urlAsyncUX"} {
				w.admit(found.Object, name)
			}
			found.settings, found.unusable = client.ParseSettings(found.Object.once())
		}
		return found, r.Good(), nil
	})
}

// admit lets the run reach the host of a URL that the settings name.
func (w *World) admit(o Object, name string) {
	text, ok := o.Text(name)
	if u, err := url.Parse(text); ok && err == nil && u.Host != "" {
		w.Dialer.Admit(u.Host)
	}
}

// Settings are the domain's settings as the run knows them, read as a tolerant
// client does: members that cannot be used are left out. Without an object the
// case is blocked by the case that judges it.
func (t *Trial) Settings() client.Settings {
	t.Document(t.domain)
	found, _ := t.World.document(t.Context(), t.domain)
	// Members that have to be there and are not have a case of their own.
	if err := found.unusable; errors.Is(err, client.ErrCritical) {
		t.Inconclusive("critical-extension", "the settings demand an extension that this client does not know: "+err.Error())
	}
	return found.settings
}

// syncPrefix is the prefix of the sync flow. A case does not apply where the
// provider offers none, and is blocked where it offers one that is dead.
func (t *Trial) syncPrefix() string {
	d, s := t.Document(t.domain), t.Settings()
	if s.URLSyncUX != "" {
		return s.URLSyncUX
	}
	if !d.Object.Has("urlSyncUX") {
		t.NotApplicable("no-sync-flow", fmt.Sprintf("the settings of %s name no urlSyncUX, so the flow is not offered", t.Domain()))
	}
	t.Note("settings", strings.Join(s.Problems, "; "))
	t.Blocked(caseSync)
	return ""
}

// alive blocks the case when an ordinary apply request is answered as a path
// that nobody serves: then every case would fail for this one reason. It asks
// once in a run, without a user.
func (t *Trial) alive() {
	plain, ok := t.World.Templates["plain"]
	if !ok || t.World.missing("plain") || slices.ContainsFunc(t.spec.Requirements, judgesFlow) {
		return
	}
	r, err := t.World.syncReply(t.Context(), t.request(plain).URL())
	if err != nil {
		return // The flow itself will tell.
	}
	switch r.Status {
	case 404, 405, 410, 501:
		t.recordReply(r)
		t.Note("sync", fmt.Sprintf("%s: %s", r.Sent(), r))
		t.Blocked(caseSync)
	}
}

// judgesFlow reports whether a requirement is about the flow being there.
func judgesFlow(id string) bool {
	return id == "DC-SET-URLSYNC-MEANS-SUPPORT" || id == "DC-DISC-VERSION-SEGMENT" || id == "DC-REQ-ENDPOINT"
}

func (w *World) syncReply(ctx context.Context, link string) (Reply, error) {
	return w.links.get("", func() (Reply, bool, error) {
		r, err := w.get(ctx, link, nil)
		return r, err == nil, err
	})
}
