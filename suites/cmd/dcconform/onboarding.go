package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/suites/certify"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/doctor"
	"github.com/dcconform/dcconform/suites/onboarding"
	"github.com/dcconform/dcconform/suites/profile"
	"github.com/dcconform/dcconform/suites/run"
)

// onboardingFlags are the flags of certify that belong to --onboarding.
type onboardingFlags struct{ dir, account string }

func (f *onboardingFlags) add(c *cobra.Command) {
	fs := c.Flags()
	fs.StringVar(&f.dir, "onboarding", "", "with one --profile: also check what the provider looks at first, and write the mail that it asks for into this `folder`, which must be empty or not there")
	fs.StringVar(&f.account, "account", "", "with --onboarding: `id` of the account that may try the templates before they are published")
}

// prepare reads everything that can be wrong before a run; nil is without
// --onboarding.
func (f *onboardingFlags) prepare(o *run.CertifyOptions) (*onboarding.Options, error) {
	if f.dir == "" {
		if f.account != "" {
			return nil, errors.New("--account means nothing without --onboarding DIR")
		}
		return nil, nil
	}
	chosen, err := profile.Choose(o.Profiles)
	switch {
	case err != nil:
		return nil, fmt.Errorf("--profile: %w", err)
	case len(chosen) != 1:
		return nil, errors.New("--onboarding: name the one provider with --profile")
	case len(o.Paths) == 0 || slices.Contains(o.Paths, "-"):
		return nil, errors.New("--onboarding: name the files of the templates; standard input has no name that could be checked")
	case strings.ContainsAny(f.account, "\r\n"):
		return nil, errors.New("--account: write the id in one line")
	}
	if err := onboarding.Able(chosen[0]); err != nil {
		return nil, fmt.Errorf("--onboarding: %w", err)
	}
	if err := onboarding.Free(f.dir); err != nil {
		return nil, fmt.Errorf("--onboarding: %w", err)
	}
	p := &onboarding.Options{Profile: chosen[0], KeyHost: o.KeyHost, Account: f.account, Proxied: o.Proxied}
	if p.Key, err = keyOf(o); err != nil {
		return nil, err
	}
	files, err := certify.Read(o.Paths, nil)
	if err != nil {
		return nil, err
	}
	for _, s := range files {
		p.Templates = append(p.Templates, onboarding.Template{File: s.File, Data: s.Data})
	}
	return p, nil
}

// keyOf looks for what the run's own case looks for, see lookUpKeysAt; nil is
// without a name server.
func keyOf(o *run.CertifyOptions) (func(context.Context, string) (string, error), error) {
	source, err := keySource("", o.DNS)
	if err != nil || source == nil {
		return nil, err
	}
	edition, err := dc.ParseEdition(o.Edition)
	if err != nil {
		return nil, fmt.Errorf("--edition: %w", err)
	}
	signer := doctor.Signer{Label: o.KeyHost, Edition: edition, Keys: source}
	if o.Key != "" {
		data, err := os.ReadFile(o.Key)
		if err != nil {
			return nil, fmt.Errorf("--key: %w", err)
		}
		if signer.Private, err = client.ParseKey(o.Key, data); err != nil {
			return nil, err
		}
	}
	return func(ctx context.Context, domain string) (string, error) {
		asked := signer
		asked.Domain = domain
		found := doctor.CheckSigner(ctx, asked)
		if found.Unknown {
			return "", errors.New(found.Why)
		}
		problem, mend := found.Problem()
		if mend != "" {
			problem += "; " + mend
		}
		return problem, nil
	}, nil
}

// write checks, leaves the mail, and tells on out. The exit code is that of
// the run, or 1 where the provider would send the templates back.
func (f *onboardingFlags) write(ctx context.Context, out io.Writer, o onboarding.Options, code int) (int, error) {
	p, err := onboarding.Prepare(ctx, o)
	if err != nil {
		return max(code, 3), fmt.Errorf("--onboarding: %w", err)
	}
	if err := p.Write(f.dir); err != nil {
		return max(code, 3), fmt.Errorf("--onboarding: %w", err)
	}
	fmt.Fprintf(out, "\nOnboarding at %s\n", o.Profile.Title)
	for _, c := range p.Checks {
		fmt.Fprintf(out, "  %s\n", c)
	}
	fmt.Fprintf(out, "The mail is in %s; read it before you send it.\n", f.dir)
	if !p.Sound() && code == 0 {
		code = 1
		fmt.Fprintf(out, "Exit    1: %s would send this back; mend what is called a problem above.\n", o.Profile.Title)
	}
	return code, nil
}
