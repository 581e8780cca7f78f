package run

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/provider"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/target"
)

// ProviderOptions are the flags of provider. The edition is the target's.
type ProviderOptions struct {
	Flags
	// Target is the target.yaml.
	Target string
	// Serve is host:port at which the run serves the key zone, in the place of
	// keyZone.listen; empty leaves that.
	Serve string
	// Env looks environment variables up for secrets of the form {env: NAME};
	// nil has none.
	Env func(name string) (string, bool)
}

// consentManual is who approves when the target asks for a person.
const consentManual = "manual"

// Provider judges a DNS provider and returns the exit code of DESIGN section
// 7. An error has been turned into the code already; it is for printing.
func Provider(ctx context.Context, o ProviderOptions) (int, error) {
	p := &providing{o: o, redactor: &reports.Redactor{}}
	if err := p.prepare(); err != nil {
		err = usageError{err}
		return exitOf(err), err
	}
	return start(ctx, p, p.o.Flags, p.redactor)
}

// providing is the kind of run that judges a DNS provider.
type providing struct {
	o        ProviderOptions
	world    providerWorld
	target   *target.Config
	redactor *reports.Redactor
	// unchecked are requirements that no case is about.
	unchecked []string
}

// providerWorld is what a child builds the world of a target from: the file as
// the parent read it, with the variables that it asks for.
type providerWorld struct {
	Options targetOptions     `json:"options"`
	Data    []byte            `json:"data"`
	Env     map[string]string `json:"env,omitempty"`
	// Domain is the ordinary domain of this child; "" is whichever the cases
	// choose.
	Domain string `json:"domain,omitempty"`
}

// targetOptions say which world is built from a target.
type targetOptions struct {
	// Target is the name of the file.
	Target string `json:"target"`
	// Consent is browser, form or manual; Browser the executable, NoBrowser
	// why there is none.
	Consent   string `json:"consent"`
	Browser   string `json:"browser,omitempty"`
	NoBrowser string `json:"noBrowser,omitempty"`
	Seed      uint64 `json:"seed"`
	// Ledger is the folder of the target.LedgerFile in which everything is
	// noted that may be written at the provider, and Writer who notes it.
	Ledger string `json:"ledger,omitempty"`
	// Serve stands in for keyZone.listen.
	Serve  string `json:"serve,omitempty"`
	Writer string `json:"writer,omitempty"`
}

// config reads the target again.
func (w *providerWorld) config() (*target.Config, error) {
	c, err := target.Parse(w.Options.Target, w.Data, provider.Profiles(), target.WithEnv(func(name string) (string, bool) {
		value, ok := w.Env[name]
		return value, ok
	}))
	if err == nil && w.Options.Serve != "" {
		c.KeyZone.Listen = w.Options.Serve
	}
	if err == nil && w.Domain != "" {
		c.Domains = slices.DeleteFunc(c.Domains, func(d target.Domain) bool { return d.Role == "" && d.Name != w.Domain })
	}
	return c, err
}

func (p *providing) prepare() error {
	if err := p.o.defaults(); err != nil {
		return err
	}
	if err := p.readTarget(); err != nil {
		return err
	}
	if p.target.Consent.Manual {
		p.o.Consent = consentManual
	}
	w := &p.world.Options
	w.Target, w.Consent, w.Seed = p.o.Target, p.o.Consent, p.o.Seed
	w.Ledger, w.Serve = p.o.Out, p.o.Serve
	if w.Serve != "" {
		p.target.KeyZone.Listen = w.Serve
	}
	var err error
	w.Browser, w.NoBrowser, err = p.o.findBrowser()
	return err
}

// readTarget reads the file once; what it asks of the environment goes with it
// to the children.
func (p *providing) readTarget() error {
	if p.o.Target == "" {
		return fmt.Errorf("--target: name a target.yaml; dcconform provider --init writes one")
	}
	var err error
	if p.world.Data, err = os.ReadFile(p.o.Target); err != nil {
		return fmt.Errorf("--target: %w", err)
	}
	p.world.Env = map[string]string{}
	lookup := func(name string) (string, bool) {
		if p.o.Env == nil {
			return "", false
		}
		value, ok := p.o.Env(name)
		if ok {
			p.world.Env[name] = value
		}
		return value, ok
	}
	if p.target, err = target.Parse(p.o.Target, p.world.Data, provider.Profiles(), target.WithEnv(lookup)); err != nil {
		return err
	}
	if err := p.redactor.Add(p.target.Redactor().Secrets...); err != nil {
		return fmt.Errorf("%s: %w", p.o.Target, err)
	}
	return nil
}

func (p *providing) word() string { return kindProvider }

func (p *providing) edition() register.Edition { return p.target.Edition }

func (p *providing) scenarios() ([]*check.Scenario, error) {
	reg, err := register.Load()
	if err != nil {
		return nil, err
	}
	all := provider.Scenarios(p.target.Edition, reg, nil)
	p.unchecked = unchecked(all, p.target.Edition, reg)
	return all, nil
}

// unchecked lists what the edition asks of a DNS provider, and a black box
// could show, and no case judges.
func unchecked(scenarios []*check.Scenario, edition register.Edition, reg *register.Register) []string {
	judged := map[string]bool{}
	for _, sc := range scenarios {
		for i := range sc.Checks {
			for _, id := range sc.Checks[i].Requirements {
				judged[id] = true
			}
		}
	}
	var ids []string
	for _, q := range reg.All() {
		_, asked := reg.Level(q.ID, edition)
		if asked && !judged[q.ID] && q.Role == register.DNSProvider && q.Check == register.ProviderBlackbox {
			ids = append(ids, q.ID)
		}
	}
	return ids
}

func (p *providing) header(r *reports.Run) {
	r.Subject, r.Profile, r.Consent = reports.SubjectProvider, p.target.Profile, p.o.Consent
	r.NotCovered = p.unchecked
	r.Target = &reports.Target{Name: cmp.Or(p.target.Name, p.target.Domains[0].Name), Settings: p.target.Settings, Servers: p.target.DNS.Servers}
	if len(r.Target.Servers) == 0 {
		r.Target.Servers = []string{p.target.DNS.Resolver}
	}
	for _, d := range p.target.Domains {
		r.Target.Domains = append(r.Target.Domains, d.Name)
	}
}

// deal gives every ordinary domain of the target a child: what one case writes
// another one of the domain may see, so that they follow one another.
func (p *providing) deal(plan []reports.Planned, n int) ([]job, error) {
	shares := p.shares(plan, n)
	var jobs []job
	for _, s := range shares {
		if len(s.Owes) == 0 {
			continue
		}
		w := p.world
		w.Options.Writer = fmt.Sprintf("child-%d", len(jobs)+1)
		if len(shares) > 1 {
			w.Domain = s.Prefix
		}
		s.Prefix = ""
		var err error
		if s.World, err = json.Marshal(w); err != nil {
			return nil, err
		}
		jobs = append(jobs, job{Shares: []share{s}, CaseSeconds: p.ceiling().Seconds()})
	}
	return jobs, nil
}

// ceiling bounds one case; a person may take as long as one is waited for.
func (p *providing) ceiling() time.Duration {
	if p.target.Consent.Manual {
		return max(p.target.Limits.Case, 2*consent.ManualCeiling)
	}
	return p.target.Limits.Case
}

// openProvider builds the world of a target.
func openProvider(ctx context.Context, data json.RawMessage, around *surroundings) (*stage, error) {
	var w providerWorld
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, err
	}
	c, err := w.config()
	if err != nil {
		return nil, err
	}
	secrets := c.Redactor()
	if err := around.redactor.Add(secrets.Secrets...); err != nil {
		return nil, err
	}
	ledger, err := target.OpenLedger(w.Options.Ledger, w.Options.Writer)
	if err != nil {
		return nil, err
	}
	world, err := provider.Start(ctx, c, provider.Options{
		Consent: w.Options.Consent, Browser: w.Options.Browser, NoBrowser: w.Options.NoBrowser,
		Person: around.out, Answers: around.in, Created: noteIn(ledger), Explain: explainSignature,
	}, secrets)
	if err != nil {
		return nil, errors.Join(err, ledger.Close())
	}
	return &stage{scenarios: world.Scenarios(), close: func() error { return errors.Join(world.Close(), ledger.Close()) }}, nil
}

// noteIn notes what may be written at the provider before it is.
func noteIn(l *target.Ledger) func(target.Creation) error {
	return func(c target.Creation) error {
		_, err := l.Will(c)
		return err
	}
}

// rerun names what the case depends on; everything else is in the file.
func (p *providing) rerun(_ *reports.Run, r reports.Result) string {
	args := []string{"dcconform", "provider", "--target", p.o.Target}
	if p.o.Seed != 1 {
		args = append(args, "--seed", strconv.FormatUint(p.o.Seed, 10))
	}
	if p.o.Consent == consentForm {
		args = append(args, "--consent", p.o.Consent)
	}
	if p.o.Browser != "" {
		args = append(args, "--browser", p.o.Browser)
	}
	return shellLine(append(args, "--case", r.ID))
}

func (p *providing) next(r *reports.Run) []string {
	if r.State == reports.StateInterrupted {
		return []string{again, "What it may have left at the provider is listed in " + filepath.Join(p.o.Out, target.LedgerFile) + "."}
	}
	missing := lacking(r)
	if p.world.Options.NoBrowser != "" {
		return append([]string{installBrowser + " (dcconform browser --install), or run with --consent form."}, missing...)
	}
	return missing
}

// maxLacking is how many missing means are named at the end of a run.
const maxLacking = 5

// lacking says what the run had not the means for, each means once.
func lacking(r *reports.Run) []string {
	var next []string
	for _, res := range r.Results {
		if line := "To judge more: " + res.Message + "."; res.Owed && !slices.Contains(next, line) {
			next = append(next, line)
		}
	}
	if more := len(next) - maxLacking; more > 0 {
		next = append(next[:maxLacking], fmt.Sprintf("%d more means are missing; the report names them.", more))
	}
	return next
}
