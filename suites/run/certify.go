package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/fixtures/keys"
	"github.com/dcconform/dcconform/fixtures/profiles"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/certify"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/profile"
	"github.com/dcconform/dcconform/suites/register"
)

// CertifyOptions are the flags of certify.
type CertifyOptions struct {
	Flags
	// Paths are template files, folders, or "-"; empty is the embedded ones.
	Paths []string
	// Edition is ietf-05 or dcspec-2.3; empty is ietf-05.
	Edition string
	// Values and Key are files; empty is none.
	Values, Key string
	// KeyHost is the label of the published key.
	KeyHost string
	// Profiles name the providers to judge the templates for, or "all"; each
	// may be a list with commas. Empty is none.
	Profiles []string
	// Proxied is the proxy status agreed on with the one profile.
	Proxied bool
	// DNS is the name server that is asked for the service provider's keys, as
	// the user wrote it; empty asks none. LookUp asks it.
	DNS    string
	LookUp func(context.Context, KeyQuestion) certify.PublishedKey
	// Async takes every template through the asynchronous flow, too.
	Async bool
}

// Certify runs the certification and returns the exit code of DESIGN section
// 7. An error has been turned into the code already; it is for printing.
func Certify(ctx context.Context, o CertifyOptions) (int, error) {
	c := &certification{o: o, redactor: &reports.Redactor{}}
	if err := c.prepare(); err != nil {
		return exitOf(err), err
	}
	if err := c.lookUpKeys(ctx); err != nil {
		return exitOf(err), err
	}
	return start(ctx, c, c.o.Flags, c.redactor)
}

// certification is the kind of run that judges templates.
type certification struct {
	o        CertifyOptions
	world    certify.Options
	sources  []certify.Source
	profiles []*profiles.Profile
	redactor *reports.Redactor
}

// prepare reads and checks everything that the run depends on, so that what
// can be wrong on the command line is said before anything happens.
func (c *certification) prepare() error {
	if err := c.settings(); err != nil {
		return usageError{err}
	}
	if err := c.readSources(); err != nil {
		return err
	}
	if err := c.readValues(); err != nil {
		return usageError{err}
	}
	return nil
}

func (c *certification) settings() error {
	edition, err := dc.ParseEdition(c.o.Edition)
	if err != nil {
		return err
	}
	if err := c.o.defaults(); err != nil {
		return err
	}
	if c.profiles, err = profile.Choose(c.o.Profiles); err != nil {
		return fmt.Errorf("--profile: %w", err)
	}
	edge := len(c.profiles) == 1 && c.profiles[0].Own(profiles.Proxied).Is == profiles.Yes
	if c.o.Proxied && !edge {
		return errors.New("--proxied: name one provider with --profile that answers with addresses of its own edge, such as cloudflare")
	}
	c.world = certify.Options{Edition: register.Edition(edition.String()), Consent: c.o.Consent,
		Seed: c.o.Seed, KeyHost: c.o.KeyHost, Proxied: c.o.Proxied, Async: c.o.Async}
	if len(c.profiles) == 1 {
		c.world.Profile = c.profiles[0].Name
	}
	if c.o.Key != "" {
		if c.world.KeyPEM, err = os.ReadFile(c.o.Key); err != nil {
			return fmt.Errorf("--key: %w", err)
		}
		if err := c.redactor.Add(string(c.world.KeyPEM)); err != nil {
			return fmt.Errorf("--key: %w", err)
		}
	}
	if err := c.world.CheckKey(c.o.Key); err != nil {
		return err
	}
	if err := errors.Join(c.redactor.Add(certify.Password(c.o.Seed)), c.redactor.Add(certify.ClientSecret(c.o.Seed))); err != nil {
		return err
	}
	c.world.Browser, c.world.NoBrowser, err = c.o.findBrowser()
	return err
}

func (c *certification) readSources() error {
	var err error
	if len(c.o.Paths) == 0 {
		embedded, err := fixtures.Templates()
		if err != nil {
			return err
		}
		for _, f := range embedded {
			c.sources = append(c.sources, certify.Source{File: f.Name, Data: f.Data})
		}
	} else if c.sources, err = certify.Read(c.o.Paths, c.o.Stdin); errors.Is(err, certify.ErrNoTemplates) {
		return nothingError{err}
	} else if err != nil {
		return usageError{err}
	}
	certify.Name(c.sources)
	return nil
}

func (c *certification) readValues() error {
	if c.o.Values == "" {
		return nil
	}
	data, err := os.ReadFile(c.o.Values)
	if err != nil {
		return fmt.Errorf("--values: %w", err)
	}
	c.world.ValuesFile, c.world.Values = c.o.Values, data
	if err := c.world.CheckValues(c.sources); err != nil {
		return fmt.Errorf("--values: %w", err)
	}
	return nil
}

func (c *certification) word() string { return kindCertify }

func (c *certification) edition() register.Edition { return c.world.Edition }

func (c *certification) scenarios() ([]*check.Scenario, error) {
	return certify.Scenarios(c.world, c.sources, nil), nil
}

func (c *certification) header(r *reports.Run) {
	r.Subject = reports.SubjectTemplate
	r.Templates = certify.Templates(c.sources)
	c.judge(r)
}

// judge says what the chosen profiles make of the templates. One that was
// asked for alone speaks for the run: what it refuses is not conformant.
func (c *certification) judge(r *reports.Run) {
	if len(c.profiles) == 0 {
		return
	}
	if len(c.profiles) == 1 {
		r.Profile = c.profiles[0].Name
	}
	for _, s := range c.sources {
		t, err := dc.Parse(s.File, s.Data)
		for _, p := range c.profiles {
			j := profile.Unreadable(p)
			if err == nil {
				j = profile.Judge(t, p)
			}
			j.Template = s.Key
			r.Judgements = append(r.Judgements, j)
		}
	}
	for _, p := range c.profiles {
		r.Profiles = append(r.Profiles, profile.Describe(p, r.Judgements))
	}
}

// certifyWorld is what a child builds the world of a certification from.
type certifyWorld struct {
	Options certify.Options  `json:"options"`
	Sources []certify.Source `json:"sources"`
}

// openCertify starts the mock with which a child certifies.
func openCertify(ctx context.Context, data json.RawMessage, around *surroundings) (*stage, error) {
	var w certifyWorld
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, err
	}
	if err := errors.Join(around.redactor.Add(certify.Password(w.Options.Seed)), around.redactor.Add(certify.ClientSecret(w.Options.Seed))); err != nil {
		return nil, err
	}
	world, err := certify.Start(ctx, w.Options)
	if err != nil {
		return nil, fmt.Errorf("the mock provider does not start: %w", err)
	}
	return &stage{scenarios: world.Scenarios(w.Sources), close: world.Close}, nil
}

// deal gives every child whole templates.
func (c *certification) deal(plan []reports.Planned, n int) ([]job, error) {
	owes := map[string][]string{}
	for _, p := range plan {
		owes[p.Template] = append(owes[p.Template], p.ID)
	}
	n = min(n, len(c.sources))
	worlds := make([]certifyWorld, n)
	shares := make([]share, n)
	for i, s := range c.sources {
		if len(owes[s.Key]) == 0 {
			continue
		}
		worlds[i%n].Sources = append(worlds[i%n].Sources, s)
		shares[i%n].Owes = append(shares[i%n].Owes, owes[s.Key]...)
	}
	var jobs []job
	for i := range shares {
		if len(shares[i].Owes) == 0 {
			continue
		}
		worlds[i].Options = c.world
		var err error
		if shares[i].World, err = json.Marshal(worlds[i]); err != nil {
			return nil, err
		}
		jobs = append(jobs, job{Shares: []share{shares[i]}, CaseSeconds: caseCeiling.Seconds()})
	}
	return jobs, nil
}

// rerun names what the case's id and the command line's other words depend on.
func (c *certification) rerun(run *reports.Run, r reports.Result) string {
	args := []string{"dcconform", "certify"}
	if c.o.Seed != 1 {
		args = append(args, "--seed", strconv.FormatUint(c.o.Seed, 10))
	}
	if c.world.Edition != register.IETF05 {
		args = append(args, "--edition", string(c.world.Edition))
	}
	if c.o.Consent != consentBrowser {
		args = append(args, "--consent", c.o.Consent)
	}
	for _, p := range c.o.Profiles {
		args = append(args, "--profile", p)
	}
	if c.o.Proxied {
		args = append(args, "--proxied")
	}
	if c.o.Async {
		args = append(args, "--async")
	}
	keyHost := c.o.KeyHost
	if keyHost == keys.Label {
		keyHost = ""
	}
	for _, flag := range [][2]string{{"--browser", c.o.Browser}, {"--values", c.o.Values}, {"--key", c.o.Key}, {"--key-host", keyHost}, {"--dns", c.o.DNS}} {
		if flag[1] != "" {
			args = append(args, flag[0], flag[1])
		}
	}
	args = append(args, "--case", r.ID)
	paths := c.rerunPaths(run.Templates, r.Template)
	if slices.ContainsFunc(paths, func(p string) bool { return p != "-" && strings.HasPrefix(p, "-") }) {
		args = append(args, "--")
	}
	return shellLine(append(args, paths...))
}

// rerunPaths is the file of a template, where that is enough: values are
// refused when a template that they name is not there, and a template with the
// ids of an earlier file is told from it by standing after it.
func (c *certification) rerunPaths(templates []reports.Template, key string) []string {
	if len(c.o.Paths) == 0 || c.o.Values != "" {
		return c.o.Paths
	}
	i := slices.IndexFunc(templates, func(t reports.Template) bool { return t.Key == key })
	if i < 0 {
		return c.o.Paths
	}
	var paths []string
	for n, t := range templates {
		same := t.ProviderID == templates[i].ProviderID && t.ServiceID == templates[i].ServiceID
		if n == i || n < i && t.ProviderID != "" && same {
			paths = append(paths, t.File)
		}
	}
	return paths
}

func (c *certification) next(r *reports.Run) []string {
	if r.State == reports.StateInterrupted {
		return []string{again}
	}
	if c.world.NoBrowser != "" {
		return []string{installBrowser + " (dcconform browser --install), or run with --consent form."}
	}
	return nil
}
