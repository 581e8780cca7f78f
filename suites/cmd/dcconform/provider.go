package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/suites/provider"
	"github.com/dcconform/dcconform/suites/run"
	"github.com/dcconform/dcconform/suites/target"
)

// providerFlags are what provider does beside a run.
type providerFlags struct {
	init   string
	export string
	clean  string
}

func newProviderCommand() *cobra.Command {
	o := run.ProviderOptions{Env: os.LookupEnv}
	var also providerFlags
	c := &cobra.Command{
		Use:   "provider --target target.yaml [flags]",
		Short: "Judge a DNS provider over DNS, HTTPS and its consent pages",
		Long: `provider plays the service provider towards a DNS provider: it finds the
settings of test domains, asks for conformance templates, sends a user along
with signed and broken apply links, and reads the outcome from the name servers.
target.yaml says how the provider is reached, what it claims and which domains
are there for the tests; nothing outside them is touched.

Three steps to the first run:
  dcconform provider --init target.yaml            writes a commented target.yaml
  dcconform provider --export-templates templates  writes what has to be onboarded
  dcconform provider --target target.yaml          judges

What a run may have created is listed in created.jsonl in its folder; --clean
FOLDER removes it, where the target has a hook that can.

Exit codes: 0 conformant, 1 non-conformant (with --strict also on warnings),
2 usage or configuration, 3 inconclusive, partial or harness error, 4 a baseline
entry no longer fits, 5 nothing selected.`,
		Example: `  dcconform provider --init target.yaml
  dcconform provider --export-templates templates --target target.yaml
  dcconform provider --target target.yaml --consent form
  dcconform provider --target target.yaml --case 'signature/*'
  dcconform provider --target target.yaml --clean conformance-report`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("provider takes no %q: a target is given as --target %s", args[0], args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return runProvider(c, &o, also) },
	}
	f := c.Flags()
	f.StringVar(&o.Target, "target", "", "`file` that describes the provider (YAML)")
	f.StringVar(&also.init, "init", "", "write a commented target.yaml to this `file` (- is standard output) and stop")
	f.StringVar(&also.export, "export-templates", "", "write the conformance templates, their records and a note on onboarding into this `folder` and stop")
	f.StringVar(&also.clean, "clean", "", "remove what the run that left its report in this `folder` has created, and stop")
	f.StringVar(&o.Serve, "serve", "", "`address` (host:port) at which the run serves the key zone; overrides keyZone.listen")
	f.StringVar(&o.Out, "out", "conformance-report", "`folder` for the report; an earlier report there is replaced")
	f.StringVar(&o.Consent, "consent", "browser", "who approves: browser (Chromium) or form (a driver that runs no script)")
	f.StringVar(&o.Browser, "browser", "", "`path` of a Chrome, Chromium or Edge; searched for when not given")
	f.StringArrayVar(&o.Cases, "case", nil, "run only cases whose id or key matches this `pattern` (* and ?); repeatable")
	f.StringVar(&o.Sign, "sign", "", "`file` with a private key (Ed25519 or RSA, PKCS #8 PEM) that signs the report, for report verify")
	f.StringVar(&o.Shard, "shard", "", "run only part `i/n` of the plan, such as 2/3; report merge joins the reports of all parts")
	f.Uint64Var(&o.Seed, "seed", 1, "seed of the order of the cases")
	f.IntVar(&o.Jobs, "jobs", 0, "child processes at a time; 0 is one per processor")
	f.BoolVar(&o.Strict, "strict", false, "warnings make the exit code 1")
	addBaselineFlags(c, &o.Baseline)
	exclusive(c, "init", "export-templates", "clean")
	return c
}

func runProvider(c *cobra.Command, o *run.ProviderOptions, also providerFlags) error {
	switch {
	case also.init != "":
		return writeTarget(c, also.init)
	case also.export != "":
		return exportTemplates(c, o.Target, also.export)
	case also.clean != "":
		code, err := run.Clean(c.Context(), run.CleanOptions{Target: o.Target, Dir: also.clean, Env: o.Env, Stdout: c.OutOrStdout()})
		return leave(c, code, err)
	}
	o.Stdin, o.Stdout, o.Stderr = c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr()
	o.Selftest = selftestScore()
	o.ToolVersion, o.Command = toolVersion(), append([]string{"dcconform"}, os.Args[1:]...)
	o.NoColor = os.Getenv("NO_COLOR") != ""
	code, err := run.Provider(c.Context(), *o)
	return leave(c, code, err)
}

// leave prints an error of a run and hands its exit code on.
func leave(c *cobra.Command, code int, err error) error {
	if err != nil {
		c.PrintErrf("dcconform provider: %v\n", err)
	}
	if code != 0 {
		return exitError(code)
	}
	return nil
}

// writeTarget writes a target.yaml to begin with, and no file over another.
func writeTarget(c *cobra.Command, name string) (err error) {
	if name == "-" {
		return target.Init(c.OutOrStdout(), target.InitOptions{})
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("--init: %s exists already: name another file, or remove it", name)
	}
	if err != nil {
		return fmt.Errorf("--init: %w", err)
	}
	if err := errors.Join(target.Init(f, target.InitOptions{}), f.Close()); err != nil {
		return fmt.Errorf("--init: %w", err)
	}
	c.Printf("%s is written. Replace every %s in it, have the templates onboarded that\ndcconform provider --export-templates templates writes, then: dcconform provider --target %s\n", name, target.Placeholder, name)
	return nil
}

// exportTemplates writes what has to be onboarded: under the names that the
// target has for them, or the default ones.
func exportTemplates(c *cobra.Command, file, dir string) error {
	id := fixtures.DefaultIdentity
	if file != "" {
		t, err := target.Load(file, provider.Profiles(), target.WithEnv(os.LookupEnv))
		if err != nil {
			return err
		}
		id = fixtures.Identity{ProviderID: t.Templates.ProviderID, KeyDomain: t.Templates.KeyDomain, RedirectDomain: t.Templates.RedirectDomain}
	}
	n, err := provider.Export(dir, id)
	if err != nil {
		return err
	}
	c.Printf("%d files are in %s; ONBOARDING.md says what to do with them.\n", n, dir)
	return nil
}
