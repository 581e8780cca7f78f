package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dcconform/dcconform/mockprovider"
	"github.com/dcconform/dcconform/mockprovider/fault"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	http, dns, admin  string
	forward           string
	tlsNames          []string
	public            bool
	zones, templates  []string
	users, publish    []string
	discovery         string
	edition           string
	faults            []string
	profile           string
	proxied           bool
	stateful          bool
	testing           []string
	clients           []string
	seed              string
	tsig              []string
	readyFile, caFile string
	state             string
	format            string
	stdin             io.Reader
	stdout, stderr    io.Writer
	// given reports whether a flag was set.
	given func(flag string) bool
}

func newServeCommand() *cobra.Command {
	var o serveOptions
	c := &cobra.Command{
		Use:   "serve [flags]",
		Short: "Run the mock DNS provider until interrupted",
		Long: `serve runs the mock DNS provider in the foreground: authoritative DNS, the
Domain Connect endpoints with their consent pages over HTTPS, and a management
API. Everything is in memory and gone at the end, unless --state names a folder
that keeps it. It is for tests, and never for production.

Without --zone it hosts example.com, empty; without --templates it knows the
embedded ones; without --user there is one, whose password is printed. The
zones belong to the first user.

With --state zones, users, templates, those under test, clients and published
keys are there again at the next start with the same folder; journal, faults,
profile, grants and sessions are not. What is kept wins over --zone, which then
only adds zones that are not there; --user, --templates, --testing, --edition,
--stateful and --discovery win over what is kept. One process has
the folder at a time, and the passwords are in it.

With --stateful the mock keeps template state (ietf-05 section 10.5): what is
applied can be seen and removed on the pages at /ux/, and a conflict with an
essential record of a template ends that template whole.

With --oauth-client the mock offers the asynchronous flow (async-00) to that
client: settings have urlAsyncUX, a user grants access on a page, and takes it
back among his domains. A file is {"clients":[{"id","secret","redirects",
"providers","codeLife","tokenLife","refreshLife","noRefresh"}]}; without
secret the client has none, without providers it asks for templates whose
providerId is its id. The secret is kept as a digest.

At the root of the management API there is a page for people: a live journal,
zones with their records, templates, users and the faults that are on.

Files and folders of --templates are read again whenever they change; a template
that is broken then stays as it was, and standard error says why.

Once everything answers, the addresses are printed; with --format json that is
one line on standard output, {"url","dns","admin","ca","users"}, and nothing
else ever is. The first interrupt ends serve in order, with exit code 0; the
second one ends it at once.

Exit codes: 0 interrupted, 2 usage or configuration, 3 not ended in order.`,
		Example: `  dcconform serve
  dcconform serve --zone example.com=example.com.zone --templates ./Templates
  dcconform serve --http 127.0.0.1:8443 --dns 127.0.0.1:5353 --fault open-redirector
  dcconform serve --publish _dck1.example.net=key.txt --tsig seed.example:c2VjcmV0
  dcconform serve --state mock-state --user alice:secret
  dcconform serve --profile cloudflare --proxied
  dcconform serve --stateful --oauth-client id=sp.example,secret=s3cret,redirect=https://localhost:9000/cb
  dcconform serve --format json --ready-file ready.json &`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.stdin, o.stdout, o.stderr = c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr()
			o.given = c.Flags().Changed
			return o.serve(c.Context())
		},
	}
	o.add(c.Flags())
	return c
}

func (o *serveOptions) add(f *pflag.FlagSet) {
	f.StringVar(&o.http, "http", "127.0.0.1:0", "`address` for HTTPS; port 0 lets the system choose")
	f.StringVar(&o.dns, "dns", "127.0.0.1:0", "`address` for DNS over UDP and TCP")
	f.StringVar(&o.admin, "admin", "127.0.0.1:0", "`address` for the management API over HTTP")
	f.StringVar(&o.forward, "forward", "", "`address` for HTTP at which names with REDIR301 or REDIR302 are answered; default is nowhere")
	f.StringArrayVar(&o.tlsNames, "tls-name", nil, "further host `name` or IP address for the certificate; repeatable")
	f.BoolVar(&o.public, "allow-public", false, "allow addresses that other machines can reach: "+mockprovider.PublicReason)
	f.StringArrayVar(&o.zones, "zone", nil, "zone `NAME[=FILE]`, records from a file in presentation format; repeatable")
	f.StringArrayVar(&o.templates, "templates", nil, "template file, folder of templates, or - for standard input: a `path`; repeatable")
	f.StringArrayVar(&o.users, "user", nil, "who can sign in, `NAME:PASSWORD`; repeatable")
	f.StringArrayVar(&o.publish, "publish", nil, "`NAME=FILE`: publish each line of the file as a TXT record, a service provider's public key; repeatable")
	f.StringVar(&o.discovery, "discovery", "", "what _domainconnect says, `HOST[:PORT][/PATH]`; default is the mock itself")
	f.StringVar(&o.edition, "edition", "ietf-05", "edition of the specification: ietf-05 or dcspec-2.3")
	f.StringArrayVar(&o.faults, "fault", nil, "`name` of a deliberate misbehaviour; repeatable")
	f.StringVar(&o.profile, "profile", "", "`name` of a DNS provider to behave as, as far as is known: cloudflare, plesk, ...")
	f.BoolVar(&o.proxied, "proxied", false, "with --profile: answer A, AAAA and CNAME of templates with addresses of the provider's edge")
	f.BoolVar(&o.stateful, "stateful", false, "remember which template wrote which record, so that templates can be replaced, ended and reverted whole")
	f.StringArrayVar(&o.testing, "testing", nil, "`PROVIDER/SERVICE=USER`: a template that is being onboarded; nobody but the user knows it; repeatable")
	f.StringArrayVar(&o.clients, "oauth-client", nil, "service that may use the asynchronous flow: a JSON `file`, or id=ID,secret=S,redirect=URI,provider=P; repeatable")
	f.StringVar(&o.seed, "seed", "", "`number` from which session ids and tokens are made; default is fresh ones")
	f.StringArrayVar(&o.tsig, "tsig", nil, "key for dynamic updates, `NAME:SECRET` with the secret in base64; repeatable")
	f.StringVar(&o.readyFile, "ready-file", "", "`file` that gets the line of --format json once everything answers, and is removed at the end")
	f.StringVar(&o.caFile, "ca-file", "", "`file` that gets the certificate of the CA (PEM) and stays; default is a temporary one")
	f.StringVar(&o.state, "state", "", "`folder` that keeps zones, users, templates and keys across restarts; default is memory alone")
	f.StringVar(&o.format, "format", "text", "what is printed: text or json")
}

// serve runs the mock until the context ends.
func (o *serveOptions) serve(ctx context.Context) (err error) {
	if o.format != "text" && o.format != "json" {
		return fmt.Errorf("--format %s is not known; there are text and json", o.format)
	}
	world, err := o.world()
	if err != nil {
		return err
	}
	var clean cleanup
	defer func() { err = errors.Join(err, clean.run()) }()
	if o.readyFile != "" {
		// One that an earlier run has left would say that this one is ready.
		if err := os.Remove(o.readyFile); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("--ready-file: %w", err)
		}
	}
	p := world.provider
	p.StateDir = o.state
	p.Logger = slog.New(slog.NewTextHandler(o.stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	if err := p.Start(ctx); ctx.Err() != nil {
		return p.Close()
	} else if err != nil {
		return flagged(err)
	}
	line, stop, err := o.populate(ctx, p, world, &clean)
	if err == nil {
		err = o.announce(p, world, line, &clean)
	}
	if err != nil {
		return errors.Join(err, stop(), p.Close())
	}
	<-ctx.Done()
	_, _ = fmt.Fprintln(o.stderr, "dcconform serve: stopping; interrupt again to end at once")
	if err := errors.Join(stop(), p.Close()); err != nil {
		_, _ = fmt.Fprintf(o.stderr, "dcconform serve: %v\n", err)
		return exitError(exitUnclean)
	}
	return nil
}

// exitUnclean says that serve could not end in order.
const exitUnclean = 3

// flagged names the flags where the provider names its fields.
func flagged(err error) error {
	if text, ok := strings.CutPrefix(err.Error(), "StateDir: "); ok {
		return fmt.Errorf("--state: %s", text)
	}
	public, ok := errors.AsType[*mockprovider.PublicAddressError](err)
	if !ok {
		return err
	}
	flag := map[string]string{"HTTPListen": "--http", "DNSListen": "--dns", "AdminListen": "--admin", "ForwardListen": "--forward"}[public.Field]
	return fmt.Errorf("%s %s may be reached from other machines: %s; listen on 127.0.0.1, or add --allow-public if the network is a test network",
		flag, public.Addr, mockprovider.PublicReason)
}

// readyLine is what --format json prints.
type readyLine struct {
	URL   string      `json:"url"`
	DNS   string      `json:"dns"`
	Admin string      `json:"admin"`
	CA    string      `json:"ca"`
	Users []readyUser `json:"users"`
}

type readyUser struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// populate gives the running provider its tenant, keys and faults, and writes
// the certificate of the CA. stop ends what it has begun.
func (o *serveOptions) populate(ctx context.Context, p *mockprovider.Provider, w *serveWorld, clean *cleanup) (line readyLine, stop func() error, err error) {
	stop = func() error { return nil }
	line = readyLine{URL: p.URL(), DNS: p.DNSAddr(), Admin: p.AdminURL()}
	tenant, err := o.tenant(p, w)
	if err != nil {
		return line, stop, err
	}
	if err := w.behave(tenant); err != nil {
		return line, stop, err
	}
	if err := fault.Switch(tenant, o.faults...); err != nil {
		return line, stop, err
	}
	for _, k := range w.keys {
		if err := p.PublishKey(k.name, k.txt); err != nil {
			return line, stop, fmt.Errorf("--publish %s: %w", k.flag, err)
		}
	}
	if stop, err = o.reloading(ctx, tenant, w.tenant.Templates); err != nil {
		return line, func() error { return nil }, err
	}
	w.tenant = tenant.Plain()
	for _, u := range w.tenant.Users {
		line.Users = append(line.Users, readyUser{u.Name, u.Password})
	}
	line.CA, err = o.writeCA(p.CAPEM(), clean)
	return line, stop, err
}

// writeCA writes the certificate and returns the path.
func (o *serveOptions) writeCA(pem []byte, clean *cleanup) (string, error) {
	if o.caFile != "" {
		path, err := filepath.Abs(o.caFile)
		if err == nil {
			err = os.WriteFile(path, pem, 0o644) // A certificate is public.
		}
		if err != nil {
			return "", fmt.Errorf("--ca-file: %w", err)
		}
		return path, nil
	}
	f, err := os.CreateTemp("", "dcconform-ca-*.pem")
	if err != nil {
		return "", fmt.Errorf("the certificate of the CA cannot be written; choose a place with --ca-file: %w", err)
	}
	clean.add(f.Name())
	_, err = f.Write(pem)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("the certificate of the CA cannot be written; choose a place with --ca-file: %w", err)
	}
	return f.Name(), nil
}

// announce says that the mock answers: in the ready file first, so that it is
// there for whoever reads the line.
func (o *serveOptions) announce(p *mockprovider.Provider, w *serveWorld, line readyLine, clean *cleanup) error {
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if o.readyFile != "" {
		if err := writeWhole(o.readyFile, text); err != nil {
			return fmt.Errorf("--ready-file: %w", err)
		}
		clean.add(o.readyFile)
	}
	notes := w.notes(p, line)
	w.shown.Store(&notes)
	if o.format == "text" {
		text = []byte(w.screen(p, line, o.faults))
	}
	_, err = o.stdout.Write(text)
	return err
}

// writeWhole writes a file that nobody sees half of.
func writeWhole(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// cleanup removes files at the end, once.
type cleanup struct{ files []string }

func (c *cleanup) add(path string) { c.files = append(c.files, path) }

func (c *cleanup) run() error {
	var errs []error
	for _, path := range c.files {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	c.files = nil
	return errors.Join(errs...)
}
