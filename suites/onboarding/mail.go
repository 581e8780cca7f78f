package onboarding

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/fixtures/profiles"
	"github.com/dcconform/dcconform/mockprovider/dc"
)

// repository is where templates are published.
const repository = "https://github.com/Domain-Connect/Templates/blob/master/"

// mail asks for what the provider wants to be told, and for nothing else.
func (o Options) mail(all []*dc.Template) string {
	var b strings.Builder
	names := providerNames(all)
	fmt.Fprintf(&b, "To: %s\nSubject: Domain Connect: onboarding of %s by %s\n\nHello,\n\n", o.Profile.Mail, counted(len(all)), names)
	fmt.Fprintf(&b, "please onboard %s of %s.\n\nTemplates\n", counted(len(all)), names)
	for _, t := range all {
		fmt.Fprintf(&b, "  - %s, version %d\n    %s%s\n", t.ID(), t.Version, repository, FileName(t))
	}
	if keys := o.keyNames(all); len(keys) > 0 {
		b.WriteString("\nPublic keys (TXT records)\n")
		for _, name := range keys {
			fmt.Fprintf(&b, "  - %s\n", name)
		}
	}
	if o.wants(profiles.LogoWanted) {
		b.WriteString("\nLogo\n")
		for _, logo := range logos(all) {
			fmt.Fprintf(&b, "  - %s\n", logo)
		}
	}
	if o.wants(profiles.ProxyStatus) {
		o.proxyStatus(&b, all)
	}
	if o.Account != "" && o.wants(profiles.TestAccount) {
		fmt.Fprintf(&b, "\nAccount for a test\n  - %s\n    Please show the templates to this account alone until we have confirmed that they work.\n", o.Account)
	}
	if o.wants(profiles.Video) {
		b.WriteString("\nVideo\n  - (add a link to a short video of the flow in your product)\n")
	}
	b.WriteString("\nThank you.\n")
	return b.String()
}

func counted(n int) string {
	if n == 1 {
		return "1 template"
	}
	return fmt.Sprintf("%d templates", n)
}

func (o Options) proxyStatus(b *strings.Builder, all []*dc.Template) {
	b.WriteString("\nProxy status by default (A, AAAA and CNAME)\n")
	for _, t := range all {
		status := "nothing to proxy"
		if len(proxiable(t)) > 0 {
			status = "DNS only"
			if o.Proxied {
				status = "proxied"
			}
		}
		fmt.Fprintf(b, "  - %s: %s\n", t.ID(), status)
	}
}

func (o Options) keyNames(all []*dc.Template) []string {
	var names []string
	for _, t := range all {
		if t.SyncPubKeyDomain != "" && !slices.Contains(names, o.keyName(t)) {
			names = append(names, o.keyName(t))
		}
	}
	return names
}

func logos(all []*dc.Template) []string {
	var list []string
	for _, t := range all {
		logo := t.LogoURL
		if logo == "" {
			logo = "(attach the logo of " + oneLine(t.ProviderName) + ")"
		}
		if !slices.Contains(list, logo) {
			list = append(list, logo)
		}
	}
	return list
}

// oneLine keeps a foreign text from beginning another line, and so perhaps
// another header.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func providerNames(all []*dc.Template) string {
	var names []string
	for _, t := range all {
		name := oneLine(t.ProviderName)
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// The files of an onboarding.
const (
	MailFile   = "mail.txt"
	ChecksFile = "checks.txt"
)

// Free reports whether a folder can be written to without losing anything: it
// is not there, or it is empty.
func Free(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("%s is not empty; name another folder, so that nothing is overwritten", dir)
	}
	return nil
}

// Write leaves the mail and the checks in a folder that is free.
func (p Prepared) Write(dir string) error {
	if err := Free(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var checks strings.Builder
	for _, c := range p.Checks {
		fmt.Fprintln(&checks, c)
	}
	for name, text := range map[string]string{MailFile: p.Mail, ChecksFile: checks.String()} {
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return err
		}
		_, err = f.WriteString(text)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}
