package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dcconform/dcconform/fixtures/profiles"
	"github.com/dcconform/dcconform/mockprovider/fault"
	"github.com/dcconform/dcconform/suites/catalogue"
)

// shells are those that completion writes a script for.
var shells = []string{"bash", "zsh", "fish", "powershell"}

func newCompletionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a script that completes command lines in your shell",
		Long: `completion prints a script for a shell, after which the tab key completes
commands, flags and their values: names of faults and profiles, ids of cases and
requirements, files.

bash wants the package bash-completion. Read the script at each start:
  bash         source <(dcconform completion bash)        in ~/.bashrc
  zsh          source <(dcconform completion zsh)         in ~/.zshrc, behind compinit
  fish         dcconform completion fish | source         in ~/.config/fish/config.fish
  powershell   dcconform completion powershell | Out-String | Invoke-Expression
                                                          in $PROFILE

Exit codes: 0 printed, 2 usage.`,
		Example: `  dcconform completion bash
  dcconform completion fish`,
		Args:      wants(1, 1, "the name of a shell: bash, zsh, fish or powershell"),
		ValidArgs: shells,
		RunE: func(c *cobra.Command, args []string) error {
			out := c.OutOrStdout()
			switch args[0] {
			case "bash":
				return c.Root().GenBashCompletionV2(out, true)
			case "zsh":
				return c.Root().GenZshCompletion(out)
			case "fish":
				return c.Root().GenFishCompletion(out, true)
			case "powershell":
				return c.Root().GenPowerShellCompletionWithDesc(out)
			}
			return fmt.Errorf("completion has no script for %s: there are bash, zsh, fish and powershell", args[0])
		},
	}
}

// lister lists what can stand at a place, as "word\tdescription".
type lister func() ([]string, error)

// fixed is a lister of these words.
func fixed(words ...string) lister { return func() ([]string, error) { return words, nil } }

// complete turns a lister into what cobra asks; names that are no file.
func (l lister) complete(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	words, err := l()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	fits := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !strings.HasPrefix(w, word) })
	return fits, cobra.ShellCompDirectiveNoFileComp
}

// once completes the first word behind the flags alone.
func (l lister) once(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return l.complete(c, args, word)
}

func faultNames() ([]string, error) {
	var words []string
	for _, f := range fault.All() {
		words = append(words, f.Name+"\t"+f.Sentence)
	}
	return words, nil
}

func profileNames() ([]string, error) {
	all, err := profiles.All()
	if err != nil {
		return nil, err
	}
	var words []string
	for _, p := range all {
		words = append(words, p.Name+"\t"+p.Title)
	}
	return words, nil
}

// casesOf lists the cases of a suite, certify or provider.
func casesOf(suite string) lister {
	return func() ([]string, error) {
		all, err := catalogue.Load()
		if err != nil {
			return nil, err
		}
		var words []string
		for _, c := range all.CasesOfSuite(suite) {
			words = append(words, c.Key+"\t"+c.Title)
		}
		return words, nil
	}
}

// everyID is what explain knows.
func everyID() ([]string, error) {
	all, err := catalogue.Load()
	if err != nil {
		return nil, err
	}
	return all.Names(), nil
}

// values are what flags take, by the name of the flag, or "command flag" where
// commands differ.
var values = map[string]lister{
	"edition":        fixed("ietf-05", "dcspec-2.3"),
	"list edition":   fixed("ietf-05", "dcspec-2.3", "async-00"),
	"consent":        fixed("browser\tone flow of each template in Chromium", "form\ta driver that runs no script"),
	"fault":          faultNames,
	"profile":        profileNames,
	"certify case":   casesOf(catalogue.SuiteCertify),
	"provider case":  casesOf(catalogue.SuiteProvider),
	"selftest case":  casesOf(catalogue.SuiteProvider),
	"format":         fixed("text", "json"),
	"list format":    fixed(catalogue.Formats()...),
	"explain format": fixed(catalogue.Formats()...),
	"certify format": fixed("text", "json", "github"),
	"diff format":    fixed("text", "markdown", "json"),
	"render format":  fixed(formatNames()...),
	"txt format":     fixed("text", "zone", "json"),
	"level":          fixed("MUST", "SHOULD", "MAY"),
	"role":           fixed("dns-provider", "service-provider", "template"),
	"check":          fixed("provider-blackbox", "template-static", "client-observed", "untestable"),
}

// folders are flags that take a folder.
var folders = []string{"out", "state", "export-templates", "clean", "onboarding"}

// addCompletion has every flag of every command complete its values.
func addCompletion(root *cobra.Command) error {
	var wrong error
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			l, ok := values[c.Name()+" "+f.Name]
			if !ok {
				l, ok = values[f.Name]
			}
			var err error
			switch {
			case ok:
				err = c.RegisterFlagCompletionFunc(f.Name, l.complete)
			case slices.Contains(folders, f.Name) && c.Name() != "selftest":
				err = c.MarkFlagDirname(f.Name)
			case f.Name == "target":
				err = c.MarkFlagFilename(f.Name, "yaml", "yml")
			}
			if err != nil {
				wrong = err
			}
		})
		for _, below := range c.Commands() {
			walk(below)
		}
	}
	walk(root)
	return wrong
}
