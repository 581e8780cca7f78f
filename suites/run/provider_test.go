package run

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/provider"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/target"
)

// pretence is a ground on which every provider case passes that finds the
// target's password; the first one tells it.
type pretence struct{}

func (pretence) open(_ context.Context, data json.RawMessage, around *surroundings) (*stage, error) {
	var w providerWorld
	if err := json.Unmarshal(data, &w); err != nil {
		return nil, err
	}
	c, err := w.config()
	if err != nil {
		return nil, err
	}
	if err := around.redactor.Add(c.Redactor().Secrets...); err != nil {
		return nil, err
	}
	reg, err := register.Load()
	if err != nil {
		return nil, err
	}
	password := c.Accounts[0].Password.Reveal()
	if _, set := os.LookupEnv("DC_PASSWORD"); set {
		return nil, errors.New("the variable is in the child's environment, so that nothing is shown")
	}
	if c.Consent.Manual {
		// A person is asked, and the answer is the password from here on.
		if _, err := fmt.Fprintln(around.out, "What is the password?"); err != nil {
			return nil, err
		}
		answer, err := bufio.NewReader(around.in).ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("the person says nothing: %w", err)
		}
		password = strings.TrimSpace(answer)
	}
	scenarios := provider.Scenarios(c.Edition, reg, nil)
	for i, sc := range scenarios {
		id := sc.Checks[0].Requirements[0]
		sc.Setup, sc.Teardown = nil, nil
		sc.Checks[0].Body = func(cs *check.Case) {
			cs.Require(id, password, gomega.Equal("from the environment"), check.About{})
			if i == 0 {
				cs.Fail(id, check.About{Sent: password, Actual: "in " + c.Domains[0].Name + " signed in with " + password})
			}
		}
	}
	return &stage{scenarios: scenarios, close: func() error { return nil }}, nil
}

func (pretence) close() error { return nil }

const targetYAML = `edition: ietf-05
domains:
  - name: one.customer.test
  - name: two.customer.test
    apex: true
dns:
  servers: ["192.0.2.53:53"]
settings: staging.provider.example:8443/dc
accounts:
  - user: alice
    password: {env: DC_PASSWORD}
`

func providerOptions(t *testing.T, yaml string) ProviderOptions {
	t.Helper()
	path := filepath.Join(t.TempDir(), "target.yaml")
	if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	f := flags(t)
	f.Command, f.Child = []string{"dcconform", "provider"}, as("pretence")
	return ProviderOptions{Flags: f, Target: path, Env: func(name string) (string, bool) { return "from the environment", name == "DC_PASSWORD" }}
}

func provides(t *testing.T, o ProviderOptions) (int, *reports.Run) {
	t.Helper()
	code, err := Provider(t.Context(), o)
	if err != nil {
		t.Fatalf("exit %d: %v", code, err)
	}
	data, err := os.ReadFile(filepath.Join(o.Out, reports.ReportFile))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "from the environment") {
		t.Error("the password is in the report")
	}
	r, err := reports.ReadJSON(strings.NewReader(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	return code, r
}

// A run about a provider says whom it judged, and by what; the target's file
// and the variables that it asks for reach the child, and no secret the report.
func TestARunAboutAProvider(t *testing.T) {
	o := providerOptions(t, targetYAML)
	code, r := provides(t, o)
	if code != reports.ExitNonConformant || r.Verdict != reports.NonConformant || r.Counts[reports.Fail] != 1 || r.Counts[reports.Pass] != r.Planned-1 || r.Planned < 2 {
		t.Errorf("exit %d, %s, %v: %s", code, r.Verdict, r.Counts, o.Stderr)
	}
	want := &reports.Target{Name: "staging.provider.example:8443", Settings: "staging.provider.example:8443/dc",
		Domains: []string{"one.customer.test", "two.customer.test"}, Servers: []string{"192.0.2.53:53"}}
	if diff := cmp.Diff(want, r.Target); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if r.Subject != reports.SubjectProvider || r.Edition != "ietf-05" || r.Consent != "form" || len(r.Templates) != 0 {
		t.Errorf("about %s by %s, consent by %s, %d templates", r.Subject, r.Edition, r.Consent, len(r.Templates))
	}
	if !slices.Contains(r.Covered, "DC-SIG-REQUIRED") || slices.Contains(r.NotCovered, "DC-SIG-REQUIRED") {
		t.Errorf("covered %v, not covered %v", r.Covered, r.NotCovered)
	}
	failed := r.Results[slices.IndexFunc(r.Results, func(res reports.Result) bool { return res.Outcome == reports.Fail })]
	if failed.Failure.Actual != "in one.customer.test signed in with [redacted]" || failed.Failure.Sent != "[redacted]" {
		t.Errorf("failure %+v", failed.Failure)
	}
	if rerun := "dcconform provider --target " + o.Target + " --consent form --case " + failed.ID; failed.Rerun != rerun {
		t.Errorf("rerun %q\nwant  %q", failed.Rerun, rerun)
	}
	if out := fmt.Sprint(o.Stdout); !strings.Contains(out, "target staging.provider.example:8443, ") {
		t.Errorf("summary:\n%s", out)
	}
}

// uncheckedRegister has one requirement of each kind.
const uncheckedRegister = `
- {id: DC-A-JUDGED, area: signature, role: dns-provider, text: t, check: provider-blackbox, how: h, fault: "a-judged: f", editions: {ietf-05: {section: '1', level: MUST, basis: keyword}}}
- {id: DC-A-OPEN, area: signature, role: dns-provider, text: t, check: provider-blackbox, how: h, fault: "a-open: f", editions: {ietf-05: {section: '1', level: MUST, basis: keyword}}}
- {id: DC-A-ELSEWHERE, area: signature, role: dns-provider, text: t, check: provider-blackbox, how: h, fault: "a-elsewhere: f", editions: {dcspec-2.3: {section: '1', level: MUST, basis: keyword}}}
- {id: DC-A-AUTHOR, area: template, role: template, text: t, check: provider-blackbox, how: h, fault: "a-author: f", editions: {ietf-05: {section: '1', level: MUST, basis: keyword}}}
- {id: DC-A-HIDDEN, area: signature, role: dns-provider, text: t, check: untestable, reason: r, how: h, fault: "a-hidden: f", editions: {ietf-05: {section: '1', level: MUST, basis: keyword}}}
`

// What no case is about is not covered, and said; what another role has to do
// or nobody can see is not asked for.
func TestRequirementsWithoutACase(t *testing.T) {
	reg, err := register.Parse("r.yaml", []byte(uncheckedRegister))
	if err != nil {
		t.Fatal(err)
	}
	sc := &check.Scenario{Checks: []check.Check{{Requirements: []string{"DC-A-JUDGED"}}}}
	if got := unchecked([]*check.Scenario{sc}, register.IETF05, reg); !slices.Equal(got, []string{"DC-A-OPEN"}) {
		t.Errorf("not checked: %v", got)
	}
}

// A person who operates the pages is asked at the terminal, and the answer
// reaches the child.
func TestAPersonIsAsked(t *testing.T) {
	o := providerOptions(t, targetYAML+"consent:\n  manual: true\n")
	o.Cases = []string{missing}
	o.Consent, o.Jobs = "", 4
	o.FindBrowser = func(string) (string, error) { t.Error("a browser is searched for"); return "", nil }
	o.Stdin = strings.NewReader("from the environment\n")
	code, r := provides(t, o)
	if code != 0 || r.Consent != "manual" || r.Counts[reports.Pass] != 1 {
		t.Errorf("exit %d, consent by %s, %v", code, r.Consent, r.Counts)
	}
	if said := fmt.Sprint(o.Stderr); !strings.Contains(said, "What is the password?\n") {
		t.Errorf("nobody was asked: %s", said)
	}
	// Nobody answers.
	o = providerOptions(t, targetYAML+"consent:\n  manual: true\n")
	o.Cases = []string{missing}
	o.Stdin = strings.NewReader("something else\n")
	if code, r := provides(t, o); code == 0 || r.Counts[reports.Pass] != 0 {
		t.Errorf("exit %d, %v", code, r.Counts)
	}
}

// Whoever interrupts is told where to find what was left behind.
func TestAfterAnInterrupt(t *testing.T) {
	p := &providing{o: ProviderOptions{Flags: Flags{Out: "out"}}}
	p.world.Options.NoBrowser = "none"
	want := []string{"Run it again: it was interrupted.", "What it may have left at the provider is listed in " + filepath.Join("out", "created.jsonl") + "."}
	if got := p.next(&reports.Run{State: reports.StateInterrupted}); !slices.Equal(got, want) {
		t.Errorf("next: %q", got)
	}
	if got := p.next(&reports.Run{}); len(got) != 1 || !strings.HasPrefix(got[0], "Install a browser ") {
		t.Errorf("next: %q", got)
	}
}

// Two domains are judged beside each other, and the report is the same.
func TestDomainsBesideEachOther(t *testing.T) {
	o := providerOptions(t, targetYAML)
	_, alone := provides(t, o)
	o = providerOptions(t, targetYAML)
	o.Jobs = 2
	_, both := provides(t, o)
	if len(alone.Results) != len(both.Results) || both.Counts[reports.HarnessError] != 0 {
		t.Fatalf("%d and %d results, %v", len(alone.Results), len(both.Results), both.Counts)
	}
	var writers []string
	p := &providing{o: o, redactor: &reports.Redactor{}}
	if err := p.prepare(); err != nil {
		t.Fatal(err)
	}
	jobs, err := p.deal([]reports.Planned{{ID: "a/0"}, {ID: "a/1"}}, 2)
	if err != nil || len(jobs) != 2 {
		t.Fatalf("%d jobs, %v", len(jobs), err)
	}
	for _, j := range jobs {
		var w providerWorld
		if err := json.Unmarshal(j.Shares[0].World, &w); err != nil || len(j.Shares) != 1 || j.CaseSeconds != 300 {
			t.Fatalf("%+v, %v", j, err)
		}
		writers = append(writers, w.Options.Writer+" in "+w.Domain+" notes in "+w.Options.Ledger)
	}
	if want := []string{"child-1 in one.customer.test notes in " + o.Out, "child-2 in two.customer.test notes in " + o.Out}; !slices.Equal(writers, want) {
		t.Errorf("children: %q", writers)
	}
	for i := range alone.Results {
		if alone.Results[i].ID != both.Results[i].ID || alone.Results[i].Outcome != both.Results[i].Outcome {
			t.Errorf("%s %s, %s %s", alone.Results[i].ID, alone.Results[i].Outcome, both.Results[i].ID, both.Results[i].Outcome)
		}
	}
}

func TestFilteredRunAboutAProvider(t *testing.T) {
	o := providerOptions(t, targetYAML)
	o.Cases = []string{missing}
	code, r := provides(t, o)
	if code != 0 || r.Scope != reports.ScopeFiltered || r.Planned != 1 || r.Results[0].ID != missing {
		t.Errorf("exit %d, %s, %+v", code, r.Scope, r.Results)
	}
}

func TestBadTargets(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*ProviderOptions)
		want string
	}{
		{"none", func(o *ProviderOptions) { o.Target = "" }, "--target: name a target.yaml; dcconform provider --init writes one"},
		{"missing", func(o *ProviderOptions) { o.Target += ".no" }, "--target: open "},
		{"variable that is not set", func(o *ProviderOptions) { o.Env = nil }, "target.yaml:11:21: accounts[0].password.env: the environment variable DC_PASSWORD is not set"},
		{"short secret", func(o *ProviderOptions) {
			o.Env = func(string) (string, bool) { return "abc", true }
		}, "target.yaml: a secret of fewer than 4 characters cannot be kept out of the report; use a longer one"},
		{"consent", func(o *ProviderOptions) { o.Consent = "curl" }, "--consent curl: there are browser and form"},
		{"browser", func(o *ProviderOptions) { o.Consent, o.Browser = "browser", "/no/such" }, "--browser /no/such: "},
	} {
		o := providerOptions(t, targetYAML)
		c.set(&o)
		code, err := Provider(t.Context(), o)
		if code != reports.ExitUsage || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: exit %d, %v\nwant %s", c.name, code, err, c.want)
		}
	}
}

// A target without a name is called by its first domain.
func TestATargetWithoutAName(t *testing.T) {
	o := providerOptions(t, strings.Replace(targetYAML, "settings: staging.provider.example:8443/dc\n", "", 1))
	o.Cases = []string{missing}
	if _, r := provides(t, o); r.Target.Name != "one.customer.test" || r.Target.Settings != "" {
		t.Errorf("target %+v", r.Target)
	}
}

// What may not be done by two at a time is done by one.
func TestSharesOfATarget(t *testing.T) {
	domains := func(d ...target.Domain) []target.Domain { return d }
	one, two := target.Domain{Name: "one.test"}, target.Domain{Name: "two.test", Apex: true}
	for _, c := range []struct {
		name   string
		config target.Config
		jobs   int
		want   string
	}{
		{"two domains", target.Config{Domains: domains(one, two)}, 2, "one.test: a/0 a/2, two.test: a/1"},
		{"one child", target.Config{Domains: domains(one, two)}, 1, "one.test: a/0 a/1 a/2"},
		{"one domain", target.Config{Domains: domains(two)}, 2, "two.test: a/0 a/1 a/2"},
		{"a domain of another role", target.Config{Domains: domains(one, two, target.Domain{Name: "f.test", Role: "foreign"})}, 2, "one.test: a/0 a/1 a/2"},
		{"a person", target.Config{Domains: domains(one, two), Consent: target.Consent{Manual: true}}, 2, "one.test: a/0 a/1 a/2"},
		{"a port of its own", target.Config{Domains: domains(one, two), Callback: target.Callback{Listen: "127.0.0.1:8080"}}, 2, "one.test: a/0 a/1 a/2"},
		{"a key zone of its own", target.Config{Domains: domains(one, two), KeyZone: target.KeyZone{Listen: "127.0.0.1:53"}}, 2, "one.test: a/0 a/1 a/2"},
		{"a rate", target.Config{Domains: domains(one, two), HTTP: target.HTTP{Rate: 1}}, 2, "one.test: a/0 a/1 a/2"},
	} {
		p := &providing{target: &c.config}
		var got []string
		for _, s := range p.shares([]reports.Planned{{ID: "a/0"}, {ID: "a/1"}, {ID: "a/2"}}, c.jobs) {
			got = append(got, s.Prefix+": "+strings.Join(s.Owes, " "))
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, text, c.want)
		}
	}
}

// Where permissions are taken back by a hook, for all of the client, nobody
// else is at work with them.
func TestOneChildHasThePermissions(t *testing.T) {
	plan := []reports.Planned{{ID: "a/0"}, {ID: "async/async-revoked"}, {ID: "a/2"}, {ID: "async/async-bearer"}, {ID: "revert/revert-gone"}, {ID: "a/5"}}
	two := []target.Domain{{Name: "one.test"}, {Name: "two.test"}}
	for want, c := range map[string]target.Config{
		"a/0 a/2 revert/revert-gone | async/async-revoked async/async-bearer a/5": {Domains: two},
		"a/0 async/async-revoked a/2 async/async-bearer revert/revert-gone | a/5": {Domains: two, Hooks: target.Hooks{Revoke: []string{"take-back"}}},
	} {
		p := &providing{target: &c}
		var got []string
		for _, s := range p.shares(plan, 2) {
			got = append(got, strings.Join(s.Owes, " "))
		}
		if text := strings.Join(got, " | "); text != want {
			t.Errorf("%s\nwant %s", text, want)
		}
	}
}

// A child sees its own domain and those of other roles, and not the ordinary
// domains of other children.
func TestTheDomainOfAChild(t *testing.T) {
	yaml := strings.Replace(targetYAML, "dns:", "  - {name: absent.test, role: absent}\ndns:", 1)
	w := providerWorld{Data: []byte(yaml), Env: map[string]string{"DC_PASSWORD": "from the environment"}, Options: targetOptions{Target: "target.yaml"}}
	for domain, want := range map[string]string{"": "one.customer.test two.customer.test absent.test", "two.customer.test": "two.customer.test absent.test"} {
		w.Domain = domain
		c, err := w.config()
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, d := range c.Domains {
			names = append(names, d.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q: %s, want %s", domain, got, want)
		}
	}
}

// A profile stands for the edition that its provider follows, where a source
// says which.
func TestATargetNamesItsEditionByAProfile(t *testing.T) {
	_, r := provides(t, providerOptions(t, strings.Replace(targetYAML, "edition: ietf-05", "profile: cloudflare", 1)))
	if r.Edition != "dcspec-2.3" || r.Profile != "cloudflare" {
		t.Errorf("judged by %q, profile %q", r.Edition, r.Profile)
	}
	_, err := Provider(t.Context(), providerOptions(t, strings.Replace(targetYAML, "edition: ietf-05", "profile: godaddy", 1)))
	if err == nil || !strings.HasSuffix(err.Error(), "target.yaml:1:10: profile: no source says which edition GoDaddy follows: name the edition and remove the profile") {
		t.Errorf("got %v", err)
	}
}
