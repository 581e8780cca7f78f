package provider

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/fixtures/keys"
)

// Export writes what a DNS provider has to onboard before it can be judged
// into a folder, which is made where it is not there: each conformance template
// as its own file, named <providerId>.<serviceId>.json as in the public
// repository, beside it what its ordinary request leads to, the public key as
// the TXT records that publish it, and a note for the person who onboards them.
// Files of those names are replaced.
func Export(dir string, id fixtures.Identity) (files int, err error) {
	templates, err := fixtures.ConformanceTemplates()
	if err != nil {
		return 0, err
	}
	key, err := keys.Signing()
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, fmt.Errorf("--export-templates: %w", err)
	}
	write := func(name string, data []byte) {
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o644)
			files++
		}
	}
	for _, t := range templates {
		base := id.ProviderID + "." + t.Service
		write(base+".json", t.Render(id))
		write(base+".expected.txt", []byte(expected(t)))
	}
	write("key.txt", []byte(strings.Join(key.TXT, "\n")+"\n"))
	write("ONBOARDING.md", []byte(note(templates, id, key)))
	if err != nil {
		return files, fmt.Errorf("--export-templates: %w", err)
	}
	return files, nil
}

// expected is what the ordinary request leads to, for people.
func expected(t fixtures.Conformance) string {
	var b strings.Builder
	fmt.Fprintf(&b, "; %s\n", t.About)
	for _, name := range slices.SortedFunc(maps.Keys(t.Variables), cmp.Compare[string]) {
		fmt.Fprintf(&b, "; %s=%s\n", name, t.Variables[name])
	}
	if len(t.Groups) > 0 {
		fmt.Fprintf(&b, "; groupId=%s\n", strings.Join(t.Groups, ","))
	}
	if len(t.Records) == 0 {
		b.WriteString("; The cases say what comes of it.\n")
	}
	for _, r := range t.Records {
		b.WriteString(r + "\n")
	}
	return b.String()
}

// note is for the person who onboards the templates.
func note(templates []fixtures.Conformance, id fixtures.Identity, key keys.Key) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Onboarding the conformance templates

These %d templates of the provider %s are for judging a DNS provider with
`+"`dcconform provider`"+`. They do nothing for anybody else; a staging system is the
right place for them.

1. Onboard every `+"`.json`"+` file as it is. Where your rules refuse one, leave it out
   and name its serviceId under templates.missing in target.yaml; the ones
   marked *odd* below are there to be refused by some.
2. Let the test account have at least one zone that may be changed at will, and
   name it under domains.
3. Make the public key findable: these TXT records at `+"`%s.%s`"+`, or
   a delegation of %s to the address that the run serves
   (keyZone.listen).

`, len(templates), id.ProviderID, keys.Label, id.KeyDomain, id.KeyDomain)
	for _, txt := range key.TXT {
		fmt.Fprintf(&b, "       %q\n", txt)
	}
	fmt.Fprintf(&b, `
The key is a public test key: its private half is in the source of dcconform, so
never let it sign for anything but these templates.

4. Redirects go to %s, which the run's own web server stands in
   for: it needs no DNS and no certificate of yours.

| serviceId | what it is for | needs | |
|---|---|---|---|
`, id.RedirectDomain)
	for _, t := range templates {
		odd := ""
		if t.Odd {
			odd = "odd"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", t.Service, strings.ReplaceAll(t.About, "|", "\\|"), strings.Join(t.Needs, ", "), odd)
	}
	return b.String()
}
