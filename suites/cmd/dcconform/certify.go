package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/dcconform/dcconform/suites/run"
)

func newCertifyCommand() *cobra.Command {
	var o run.CertifyOptions
	var rules staticFlags
	var onboard onboardingFlags
	c := &cobra.Command{
		Use:   "certify [flags] [PATH...]",
		Short: "Take templates through the whole flow at the mock provider",
		Long: `certify takes Domain Connect templates through discovery over DNS, settings,
template query, a signed apply link, sign-in and consent, the redirect, and
read-back of every record, at a mock DNS provider inside this program. Nothing
leaves the machine, unless --dns asks for it.

PATH is a template file, a folder of templates, or - for standard input.
Without PATH the embedded templates are certified.

Templates with syncBlock, and all with --async, are taken through the
asynchronous flow as well: permission and consent, code, token, apply, read-back
and revert. The groups of a template are applied one by one in every order; of
more than three groups, in six orders.

With --profile every template is also judged for DNS providers by what is
published about them: accepted, refused, works with parts ignored, or unknown.
The word all stands for every provider. What one provider refuses fails the run
only when that provider alone was asked for; else it is information.

With --dns the name server is asked for the key that each template's
syncPubKeyDomain and --key-host name, before the run. A DNS provider has to find
a sound key there; with --key, one by which your links verify, and where they do
not, the report says why, as doctor does.

With --static templates are only read and judged by rules, at once and without
a report: for editors, pre-commit and review.

Exit codes: 0 conformant, 1 non-conformant (with --strict also on warnings),
2 usage or configuration, 3 inconclusive, partial or harness error,
4 stale baseline, 5 nothing selected.`,
		Example: `  dcconform certify my.template.json
  dcconform certify --consent form --out report ./Templates
  dcconform certify --case '*/read-back' my.template.json
  dcconform certify --profile all my.template.json
  dcconform certify --key signing-key.pem --key-host _dck1 --dns 9.9.9.9 my.template.json
  dcconform certify --async my.template.json
  dcconform certify --profile cloudflare --onboarding mail --key-host _dck1 my.template.json
  dcconform certify --static --against old/my.template.json my.template.json`,
		RunE: func(c *cobra.Command, args []string) error {
			return runCertify(c, &o, rules, onboard, args)
		},
	}
	addCertifyFlags(c, &o)
	rules.add(c)
	onboard.add(c)
	addBaselineFlags(c, &o.Baseline)
	c.Flags().StringVar(&o.KeyHost, "key-host", "_dcpubkeyv1", "`label` below syncPubKeyDomain where the public key is published")
	return c
}

// runCertify is certify once its flags have been read.
func runCertify(c *cobra.Command, o *run.CertifyOptions, rules staticFlags, onboard onboardingFlags, args []string) error {
	if static, err := rules.asked(c); err != nil {
		return err
	} else if static {
		return runStatic(c, rules, args)
	}
	o.Paths, o.Profiles = args, rules.profiles
	o.Stdin, o.Stdout, o.Stderr = c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr()
	o.Selftest = selftestScore()
	o.ToolVersion, o.Command = toolVersion(), append([]string{"dcconform"}, os.Args[1:]...)
	o.NoColor = os.Getenv("NO_COLOR") != ""
	mail, err := onboard.prepare(o)
	if err != nil {
		return err
	}
	if err := lookUpKeysAt(o); err != nil {
		return err
	}
	code, err := run.Certify(c.Context(), *o)
	if err == nil && mail != nil {
		code, err = onboard.write(c.Context(), o.Stdout, *mail, code)
	}
	if err != nil {
		fmt.Fprintf(o.Stderr, "dcconform certify: %v\n", err)
	}
	if code != 0 {
		return exitError(code)
	}
	return nil
}

// addCertifyFlags are those that tell what is certified, and how.
func addCertifyFlags(c *cobra.Command, o *run.CertifyOptions) {
	f := c.Flags()
	f.StringVar(&o.Out, "out", "conformance-report", "`folder` for the report; an earlier report there is replaced")
	f.StringVar(&o.Edition, "edition", "ietf-05", "edition of the specification to judge by: ietf-05 or dcspec-2.3")
	f.StringVar(&o.Consent, "consent", "browser", "who approves: browser (of each template one consent, and with the asynchronous flow one grant, in Chromium, the rest by the form driver) or form")
	f.StringVar(&o.Browser, "browser", "", "`path` of a Chrome, Chromium or Edge; searched for when not given")
	f.StringArrayVar(&o.Cases, "case", nil, "run only cases whose id or key matches this `pattern` (* and ?); repeatable")
	f.StringVar(&o.Sign, "sign", "", "`file` with a private key (Ed25519 or RSA, PKCS #8 PEM) that signs the report, for report verify")
	f.StringVar(&o.Shard, "shard", "", "run only part `i/n` of the plan, such as 2/3; report merge joins the reports of all parts")
	f.Uint64Var(&o.Seed, "seed", 1, "seed of everything that is invented; the same seed gives the same report")
	f.IntVar(&o.Jobs, "jobs", 0, "child processes; 0 is one per processor")
	f.BoolVar(&o.Strict, "strict", false, "warnings make the exit code 1")
	f.StringVar(&o.Values, "values", "", "`file` with values for template variables (YAML or JSON)")
	f.StringVar(&o.Key, "key", "", "`file` with your own signing key (PEM); default is an embedded test key")
	f.StringVar(&o.DNS, "dns", "", "name server to ask for your published key, as `host[:port]`: is it there, sound, and that of --key; this leaves the machine")
	f.BoolVar(&o.Async, "async", false, "take every template through the asynchronous flow as well, not only those with syncBlock")
	f.BoolVar(&o.Proxied, "proxied", false, "with --profile: the provider is to proxy A, AAAA and CNAME by default")
}
