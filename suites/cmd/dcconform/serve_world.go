package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/mockprovider"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/fault"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
	"github.com/dcconform/dcconform/suites/certify"
)

// What serve has when nothing else is said.
const (
	defaultZone     = "example.com"
	defaultUser     = "customer"
	defaultPassword = "password"
)

// serveWorld is what serve is to run, read and checked before anything runs.
type serveWorld struct {
	provider *mockprovider.Provider
	tenant   store.TenantConfig
	keys     []publishedKey
	// behaviour makes the tenant behave as a provider does; nil is plainly.
	behaviour func(*store.TenantConfig)
	// profile is what the screen says of it.
	profile string
	testing map[dc.TemplateID]string
	// shown are the notes of the page of the management API, once everything
	// answers.
	shown atomic.Pointer[[]mockprovider.Note]
}

// publishedKey are the TXT records of one name; flag is where they come from.
type publishedKey struct {
	flag, name string
	txt        []string
}

// world reads the flags and the files that they name.
func (o *serveOptions) world() (*serveWorld, error) {
	w := &serveWorld{provider: &mockprovider.Provider{
		HTTPListen: o.http, DNSListen: o.dns, AdminListen: o.admin, ForwardListen: o.forward, TLSNames: o.tlsNames, AllowPublic: o.public,
	}}
	w.provider.Notes = func() []mockprovider.Note {
		if notes := w.shown.Load(); notes != nil {
			return *notes
		}
		return nil
	}
	for _, name := range o.faults {
		if _, err := fault.Find(name); err != nil {
			return nil, fmt.Errorf("--fault: %w", err)
		}
	}
	for _, read := range []func(*serveWorld) error{
		o.readEdition, o.readProfile, o.readTesting, o.readDiscovery, o.readSeed, o.readTSIG, o.readUsers, o.readZones, o.readTemplates, o.readClients, o.readKeys,
	} {
		if err := read(w); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (o *serveOptions) readEdition(w *serveWorld) (err error) {
	if w.tenant.Rules.Edition, err = dc.ParseEdition(o.edition); err != nil {
		return fmt.Errorf("--edition: %w", err)
	}
	w.tenant.Rules.Stateful = o.stateful
	return nil
}

func (o *serveOptions) readDiscovery(w *serveWorld) error {
	w.tenant.Discovery = o.discovery
	if o.discovery == "" {
		return nil
	}
	u, err := url.Parse("https://" + o.discovery)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Contains(o.discovery, "://") {
		return fmt.Errorf("--discovery %s: write HOST[:PORT][/PATH], as the TXT record has it", o.discovery)
	}
	return nil
}

func (o *serveOptions) readSeed(w *serveWorld) error {
	if o.seed == "" {
		return nil
	}
	n, err := strconv.ParseUint(o.seed, 10, 64)
	if err != nil {
		return fmt.Errorf("--seed %s: write a number from 0 to 18446744073709551615", o.seed)
	}
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], n)
	w.provider.Rand = rand.NewChaCha8(seed)
	return nil
}

func (o *serveOptions) readTSIG(w *serveWorld) error {
	for _, given := range o.tsig {
		// The secret is not in the message: it would end in a log.
		name, secret, ok := strings.Cut(given, ":")
		if !ok || name == "" || secret == "" {
			return errors.New("--tsig: write NAME:SECRET, the secret in base64")
		}
		if _, twice := w.provider.TSIG[name]; twice {
			return fmt.Errorf("--tsig %s: the key is given twice", name)
		}
		if w.provider.TSIG == nil {
			w.provider.TSIG = map[string]string{}
		}
		w.provider.TSIG[name] = secret
	}
	return nil
}

func (o *serveOptions) readUsers(w *serveWorld) error {
	seen := map[string]bool{}
	for _, given := range o.users {
		name, password, ok := strings.Cut(given, ":")
		switch {
		case !ok || name == "" || password == "":
			return errors.New("--user: write NAME:PASSWORD")
		case seen[name]:
			return fmt.Errorf("--user %s: the user is given twice", name)
		}
		seen[name] = true
		w.tenant.Users = append(w.tenant.Users, store.User{Name: name, Password: password})
	}
	if len(w.tenant.Users) == 0 {
		w.tenant.Users = []store.User{{Name: defaultUser, Password: defaultPassword}}
	}
	return nil
}

func (o *serveOptions) readZones(w *serveWorld) error {
	zones := o.zones
	if len(zones) == 0 {
		zones = []string{defaultZone}
	}
	seen := map[string]bool{}
	for _, given := range zones {
		z, err := readZone(given)
		if err != nil {
			return fmt.Errorf("--zone %s: %w", given, err)
		}
		if seen[z.Origin()] {
			return fmt.Errorf("--zone %s: the zone is given twice", given)
		}
		seen[z.Origin()] = true
		w.tenant.Zones = append(w.tenant.Zones, store.Hosted{Zone: z, Owner: w.tenant.Users[0].Name})
	}
	return nil
}

// readZone reads NAME[=FILE].
func readZone(given string) (*zone.Zone, error) {
	name, file, hasFile := strings.Cut(given, "=")
	if name == "" || hasFile && file == "" {
		return nil, errors.New("write NAME, or NAME=FILE")
	}
	if !hasFile {
		return zone.New(name)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	z, err := zone.Parse(name, f, file)
	if closing := f.Close(); err == nil {
		err = closing
	}
	return z, err
}

func (o *serveOptions) readTemplates(w *serveWorld) error {
	var sources []certify.Source
	var err error
	if len(o.templates) > 0 {
		sources, err = certify.Read(o.templates, o.stdin)
	} else {
		sources, err = embeddedTemplates()
	}
	if err != nil {
		return fmt.Errorf("--templates: %w", err)
	}
	from := map[dc.TemplateID]string{}
	for _, s := range sources {
		t, err := dc.Parse(s.File, s.Data)
		if err != nil {
			return fmt.Errorf("--templates: %w", err)
		}
		if other, twice := from[t.ID()]; twice {
			return fmt.Errorf("--templates: %s has the providerId and serviceId of %s; the mock can know one of them", s.File, other)
		}
		from[t.ID()] = s.File
		w.tenant.Templates = append(w.tenant.Templates, t)
	}
	return nil
}

func embeddedTemplates() ([]certify.Source, error) {
	files, err := fixtures.Templates()
	if err != nil {
		return nil, err
	}
	sources := make([]certify.Source, len(files))
	for i, f := range files {
		sources[i] = certify.Source{File: f.Name, Data: f.Data}
	}
	return sources, nil
}

func (o *serveOptions) readKeys(w *serveWorld) error {
	seen := map[string]bool{}
	for _, given := range o.publish {
		name, file, ok := strings.Cut(given, "=")
		if !ok || name == "" || file == "" {
			return fmt.Errorf("--publish %s: write NAME=FILE", given)
		}
		if seen[strings.ToLower(name)] {
			return fmt.Errorf("--publish %s: the name is given twice", given)
		}
		seen[strings.ToLower(name)] = true
		text, err := os.ReadFile(file) // The user names the file.
		if err != nil {
			return fmt.Errorf("--publish %s: %w", given, err)
		}
		key := publishedKey{flag: given, name: name}
		number := 0
		for line := range strings.Lines(string(text)) {
			number++
			switch line = strings.TrimSpace(line); {
			case strings.HasPrefix(line, `"`):
				return fmt.Errorf("--publish %s: %s:%d: write the text of the record as it is, without quotes", given, file, number)
			case line != "":
				key.txt = append(key.txt, line)
			}
		}
		if len(key.txt) == 0 {
			return fmt.Errorf("--publish %s: %s has no line; write the text of each TXT record on a line", given, file)
		}
		w.keys = append(w.keys, key)
	}
	return nil
}
