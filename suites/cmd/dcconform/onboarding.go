package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dcconform/dcconform/suites/certify"
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
	source, err := keySource("", o.DNS)
	if err != nil {
		return nil, err
	}
	p := &onboarding.Options{Profile: chosen[0], KeyHost: o.KeyHost, Account: f.account, Proxied: o.Proxied}
	if source != nil {
		p.Key = func(ctx context.Context, name string) (string, error) {
			r := doctor.CheckKey(ctx, name, source)
			if r.Unknown {
				return "", errors.New(r.Why)
			}
			return r.Refusal, nil
		}
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
	}
	return code, nil
}
