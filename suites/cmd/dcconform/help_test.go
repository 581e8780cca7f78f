package main

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// everyCommand is the root and all commands below it that people see.
func everyCommand() []*cobra.Command {
	var all []*cobra.Command
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Hidden || c.Name() == "help" {
			return
		}
		all = append(all, c)
		for _, below := range c.Commands() {
			walk(below)
		}
	}
	walk(newRootCommand())
	return all
}

// helpProblems are what the help of a command lacks.
func helpProblems(c *cobra.Command) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if c.Short == "" || strings.HasSuffix(c.Short, ".") {
		say("Short is %q: it is a line without a full stop", c.Short)
	}
	if !strings.Contains(c.Long, "Exit codes") {
		say("Long does not name the exit codes")
	}
	for line := range strings.Lines(c.Long + "\n" + c.Example) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 110 {
			say("a line has %d characters: %s", n, line)
		}
	}
	examples := exampleLines(c.Example)
	if len(examples) == 0 {
		say("there is no example")
	}
	own := false
	for _, words := range examples {
		problem, meant := tryExample(words)
		if problem != "" {
			say("example %q: %s", strings.Join(words, " "), problem)
		}
		own = own || meant == c.CommandPath() || c.HasSubCommands()
	}
	if !own && len(examples) > 0 {
		say("no example is one of %s", c.CommandPath())
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Usage == "" || strings.HasSuffix(f.Usage, ".") && !strings.HasSuffix(f.Usage, "...") {
			say("--%s: the usage is %q: it is a phrase without a full stop", f.Name, f.Usage)
		}
	})
	return wrong
}

// exampleLines are the words of each command of an example.
func exampleLines(example string) [][]string {
	var all [][]string
	for line := range strings.Lines(strings.ReplaceAll(example, "\\\n", " ")) {
		for _, end := range []string{" < ", " > ", " | ", " &"} {
			line, _, _ = strings.Cut(line, end)
		}
		if words := strings.Fields(strings.ReplaceAll(line, "'", "")); len(words) > 0 {
			all = append(all, words)
		}
	}
	return all
}

// tryExample says what the program would not understand of a command, and
// which command was meant.
func tryExample(words []string) (problem, meant string) {
	root := newRootCommand()
	if words[0] != root.Name() {
		return "it is no command of " + root.Name(), ""
	}
	c, rest, err := root.Find(words[1:])
	if err != nil {
		return err.Error(), ""
	}
	if err := c.ParseFlags(rest); err != nil {
		return err.Error(), c.CommandPath()
	}
	if err := c.ValidateArgs(c.Flags().Args()); err != nil {
		return err.Error(), c.CommandPath()
	}
	return "", c.CommandPath()
}

// Every command says what it does, how it ends, and shows itself in use; what
// it shows is understood.
func TestHelp(t *testing.T) {
	all := everyCommand()
	if len(all) < 15 {
		t.Fatalf("only %d commands were found", len(all))
	}
	for _, c := range all {
		for _, wrong := range helpProblems(c) {
			t.Errorf("%s: %s", c.CommandPath(), wrong)
		}
	}
}

// The test of the help sees what it is there to see.
func TestHelpProblems(t *testing.T) {
	c := &cobra.Command{Use: "x", Short: "Do.", Long: strings.Repeat("x", 111), Example: "  dcconform serve --nothing\n  ls\n  dcconform explain a b", Run: func(*cobra.Command, []string) {}}
	c.Flags().String("y", "", "")
	got := strings.Join(helpProblems(c), "\n")
	for _, want := range []string{
		`Short is "Do.": it is a line without a full stop`, "Long does not name the exit codes", "a line has 111 characters: ",
		`example "dcconform serve --nothing": unknown flag: --nothing`, `example "ls": it is no command of dcconform`,
		`example "dcconform explain a b": explain wants an ID: of a requirement, a case, a fault or a rule; "b" is too much; dcconform explain --help has examples`,
		"no example is one of x", `--y: the usage is "": it is a phrase without a full stop`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %q in\n%s", want, got)
		}
	}
	bare := &cobra.Command{Use: "x", Short: "Do", Long: "Exit codes: 0."}
	if got := strings.Join(helpProblems(bare), "\n"); got != "there is no example" {
		t.Error(got)
	}
}

// --help of every command is printed whole, with its examples.
func TestHelpIsPrinted(t *testing.T) {
	for _, c := range everyCommand() {
		root := newRootCommand()
		var out strings.Builder
		root.SetOut(&out)
		root.SetErr(io.Discard)
		root.SetArgs(append(strings.Fields(c.CommandPath())[1:], "--help"))
		if err := root.Execute(); err != nil || !strings.Contains(out.String(), c.Long) || !strings.Contains(out.String(), "Examples:\n"+c.Example) {
			t.Errorf("%s --help: %v\n%s", c.CommandPath(), err, out.String())
		}
	}
}
