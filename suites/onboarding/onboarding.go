// Package onboarding prepares what a service provider sends to a DNS provider
// that takes templates on request: it checks what that provider looks at first,
// and writes the mail that it asks for.
package onboarding

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/fixtures/profiles"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/profile"
)

// Template is one file that is to be onboarded.
type Template struct {
	// File is the path as the user wrote it; "-" is standard input.
	File string
	Data []byte
}

// Options are what an onboarding depends on.
type Options struct {
	Profile   *profiles.Profile
	Templates []Template
	// KeyHost is the label of the public key below syncPubKeyDomain.
	KeyHost string
	// Account is the id of the account that may try the templates first; "" is
	// none.
	Account string
	// Proxied is the proxy status that is asked for.
	Proxied bool
	// Key says what is wrong with the public key at KeyHost below a
	// syncPubKeyDomain, "" for nothing; nil is without looking. An error is that
	// it could not be looked up.
	Key func(ctx context.Context, domain string) (problem string, err error)
}

// State is how a check ended.
type State string

// The states. An open one is for a person to look at.
const (
	OK      State = "ok"
	Problem State = "problem"
	Open    State = "open"
)

// Check is one thing that the DNS provider looks at.
type Check struct {
	// File is the template's; "" is about all of them.
	File string
	// Item is what was looked at, in a word or two.
	Item  string
	State State
	// Text says what was found, and how a problem is mended.
	Text string
}

// String is the check in one line.
func (c Check) String() string {
	where := ""
	if c.File != "" {
		where = c.File + ": "
	}
	return fmt.Sprintf("%-7s  %s%s: %s", c.State, where, c.Item, c.Text)
}

// Prepared is an onboarding that is ready to be sent, or says why not.
type Prepared struct {
	Checks []Check
	// Mail is the text, with its header lines; it asks for what is there, also
	// where checks have found problems.
	Mail string
}

// Sound reports whether no check has found a problem.
func (p Prepared) Sound() bool {
	return !slices.ContainsFunc(p.Checks, func(c Check) bool { return c.State == Problem })
}

// Able says why nothing can be prepared for a provider; nil is that it can.
func Able(p *profiles.Profile) error {
	if p.Own(profiles.OnRequest).Is != profiles.Yes || p.Mail == "" {
		return fmt.Errorf("no source says that %s takes templates by mail; ask it how it does", p.Title)
	}
	return nil
}

// Prepare checks the templates and writes the mail. The error is that of a
// key that could not be looked up, or of a provider that takes no mails.
func Prepare(ctx context.Context, o Options) (Prepared, error) {
	if err := Able(o.Profile); err != nil {
		return Prepared{}, err
	}
	var p Prepared
	var parsed []*dc.Template
	for _, file := range o.Templates {
		t, err := dc.Parse(file.File, file.Data)
		if err != nil {
			p.Checks = append(p.Checks, Check{file.File, "template", Problem, err.Error()})
			continue
		}
		parsed = append(parsed, t)
		checks, err := o.check(ctx, t)
		if err != nil {
			return p, err
		}
		p.Checks = append(p.Checks, checks...)
	}
	if len(parsed) == 0 {
		return p, errors.New("none of the files is a template, so there is nothing to ask for")
	}
	if ids := providers(parsed); len(ids) > 1 {
		return p, fmt.Errorf("the templates are of %d service providers, %s, and a mail speaks for one; prepare each by itself", len(ids), strings.Join(ids, ", "))
	}
	p.Checks = append(p.Checks, o.checkProxy(parsed)...)
	p.Checks = append(p.Checks, Check{"", "links", Open, "whether the templates are published where the mail says was not looked up: open the links before you send it"})
	p.Mail = o.mail(parsed)
	return p, nil
}

// providers are the ids of the service providers, in order, each once.
func providers(all []*dc.Template) (ids []string) {
	for _, t := range all {
		if !slices.Contains(ids, t.ProviderID) {
			ids = append(ids, t.ProviderID)
		}
	}
	return ids
}

// wants reports whether the provider is known to ask for it.
func (o Options) wants(f profiles.Fact) bool { return o.Profile.Own(f).Is == profiles.Yes }

// FileName is the name that a template has in the public repository.
func FileName(t *dc.Template) string { return strings.ToLower(t.ID().String()) + ".json" }

func (o Options) check(ctx context.Context, t *dc.Template) ([]Check, error) {
	list := []Check{o.fileName(t)}
	add := func(item string, state State, format string, args ...any) {
		list = append(list, Check{t.File, item, state, fmt.Sprintf(format, args...)})
	}
	switch {
	case !o.wants(profiles.SyncBlockAbsent):
	case t.SyncBlock:
		add("syncBlock", Problem, "it is true, and %s has the synchronous flow alone; delete it", o.Profile.Title)
	default:
		add("syncBlock", OK, "false or absent")
	}
	for _, r := range profile.Judge(t, o.Profile).Reasons {
		if r.Kind == reports.ReasonRefuses && r.Fact != string(profiles.SyncBlockAbsent) && r.Fact != string(profiles.SignedOnly) && r.Fact != string(profiles.SignedAlways) {
			add("support", Problem, "%s", r.Text)
		}
	}
	key, err := o.key(ctx, t)
	return append(append(list, key...), o.logo(t)...), err
}

func (o Options) fileName(t *dc.Template) Check {
	want, have := FileName(t), filepath.Base(t.File)
	switch {
	case t.File == "-":
		return Check{t.File, "file name", Open, "standard input has none; the repository wants " + want}
	case have != want:
		return Check{t.File, "file name", Problem, fmt.Sprintf("it is %s, and the ids make it %s; rename it", have, want)}
	}
	return Check{t.File, "file name", OK, want}
}

// key is about the public key.
func (o Options) key(ctx context.Context, t *dc.Template) ([]Check, error) {
	signed := o.wants(profiles.SignedOnly) || o.wants(profiles.SignedAlways)
	if t.SyncPubKeyDomain == "" {
		if !signed {
			return nil, nil
		}
		return []Check{{t.File, "syncPubKeyDomain", Problem, fmt.Sprintf("it is missing, and %s takes signed links alone; publish a public key and name its domain", o.Profile.Title)}}, nil
	}
	list := []Check{{t.File, "syncPubKeyDomain", OK, t.SyncPubKeyDomain}}
	name := o.keyName(t)
	if o.Key == nil {
		return append(list, Check{t.File, "public key", Open, name + " was not looked up; give a name server with --dns"}), nil
	}
	problem, err := o.Key(ctx, t.SyncPubKeyDomain)
	switch {
	case err != nil:
		return list, fmt.Errorf("the public key at %s: %w", name, err)
	case problem != "":
		return append(list, Check{t.File, "public key", Problem, name + ": " + problem}), nil
	}
	return append(list, Check{t.File, "public key", OK, name + " has a key that a strict provider takes"}), nil
}

func (o Options) keyName(t *dc.Template) string {
	return o.KeyHost + "." + strings.TrimSuffix(t.SyncPubKeyDomain, ".")
}

func (o Options) logo(t *dc.Template) []Check {
	if !o.wants(profiles.LogoWanted) {
		return nil
	}
	if t.LogoURL == "" {
		return []Check{{t.File, "logo", Problem, "the template has no logoUrl; attach one to the mail, and name it in the template"}}
	}
	u, err := url.Parse(t.LogoURL)
	switch {
	case err != nil || u.Scheme != "https":
		return []Check{{t.File, "logo", Problem, fmt.Sprintf("%s is no https address", t.LogoURL)}}
	case o.wants(profiles.SVGPreferred) && !strings.EqualFold(path.Ext(u.Path), ".svg"):
		return []Check{{t.File, "logo", Open, t.LogoURL + " is not called .svg, which is preferred"}}
	}
	return []Check{{t.File, "logo", OK, t.LogoURL}}
}

// proxiable are the records that a proxy status is about.
func proxiable(t *dc.Template) (names []string) {
	for i := range t.Records {
		if r := &t.Records[i]; profile.Edged(r.Type) {
			names = append(names, fmt.Sprintf("%s at %s", r.Type, r.Host))
		}
	}
	return names
}

// checkProxy is about the default proxy status, which is one per template and
// for A, AAAA and CNAME alone.
func (o Options) checkProxy(all []*dc.Template) (list []Check) {
	if !o.wants(profiles.ProxyStatus) {
		return nil
	}
	for _, t := range all {
		names := proxiable(t)
		switch {
		case len(names) == 0 && o.Proxied:
			list = append(list, Check{t.File, "proxy status", Problem, "nothing in it can be proxied: it has no A, AAAA or CNAME; leave --proxied away, or ask for this template by itself"})
		case len(names) == 0:
			list = append(list, Check{t.File, "proxy status", OK, "nothing in it can be proxied"})
		case o.Proxied:
			list = append(list, Check{t.File, "proxy status", Open, "proxied: " + strings.Join(names, ", ") + "; no verification of yours may look for these records themselves"})
		default:
			list = append(list, Check{t.File, "proxy status", OK, "DNS only: " + strings.Join(names, ", ")})
		}
	}
	return list
}
