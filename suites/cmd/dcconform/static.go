package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dcconform/dcconform/suites/run"
)

// staticFlags are the flags of certify that belong to --static.
type staticFlags struct {
	static          bool
	against, format string
	profiles        []string
}

// withStatic are the flags of certify that mean something with --static;
// those in onlyStatic mean nothing without it.
var (
	withStatic = []string{"static", "against", "format", "profile", "edition", "strict", "help"}
	onlyStatic = []string{"against", "format"}
)

func (s *staticFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&s.static, "static", false, "only read the templates and judge them by rules: no mock provider, no report")
	f.StringVar(&s.against, "against", "", "with --static: an earlier `file` or folder; a template whose content has changed needs another version")
	f.StringVar(&s.format, "format", "text", "with --static: text, json, or github (workflow commands)")
	f.StringArrayVar(&s.profiles, "profile", nil, "judge for a DNS provider: a `name`, several with commas, or all; repeatable; with --static: add the rules of one, cloudflare")
}

// asked reports whether --static is set. Flags that would be ignored are an
// error, since nobody would notice.
func (s *staticFlags) asked(c *cobra.Command) (bool, error) {
	var wrong []string
	c.Flags().Visit(func(f *pflag.Flag) {
		if s.static && !slices.Contains(withStatic, f.Name) || !s.static && slices.Contains(onlyStatic, f.Name) {
			wrong = append(wrong, "--"+f.Name)
		}
	})
	switch {
	case len(wrong) == 0:
		return s.static, nil
	case s.static:
		return false, fmt.Errorf("%s: means nothing with --static, which only reads templates", strings.Join(wrong, ", "))
	}
	return false, fmt.Errorf("%s: for --static alone", strings.Join(wrong, ", "))
}

// runStatic is certify --static.
func runStatic(c *cobra.Command, s staticFlags, args []string) error {
	edition, err := c.Flags().GetString("edition")
	if err != nil {
		return err
	}
	strict, err := c.Flags().GetBool("strict")
	if err != nil {
		return err
	}
	if len(s.profiles) > 1 {
		return errors.New("--profile: with --static one is enough: cloudflare is the only provider with rules of its own")
	}
	code, err := run.Static(run.StaticOptions{
		Paths: args, Against: s.against, Format: s.format, Profile: strings.Join(s.profiles, ""), Edition: edition, Strict: strict,
		Stdin: c.InOrStdin(), Stdout: c.OutOrStdout(), Stderr: c.ErrOrStderr(),
	})
	if err != nil {
		fmt.Fprintf(c.ErrOrStderr(), "dcconform certify: %v\n", err)
	}
	if code != 0 {
		return exitError(code)
	}
	return nil
}
