package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "write REFERENCE.md anew")

// reference is the page about all commands: what --help says, with a table of
// the flags. cobra's own generator takes the texts for Markdown, and loses
// their lines.
func reference() string {
	var b strings.Builder
	b.WriteString("# Commands\n\nMade from the program by `go test ./suites/cmd/dcconform -run TestReference -update`; a test keeps it so.\n\n")
	all := everyCommand()
	for _, c := range all {
		fmt.Fprintf(&b, "- [`%s`](#%s) %s\n", c.CommandPath(), anchor(c), c.Short)
	}
	for _, c := range all {
		describe(&b, c)
	}
	return b.String()
}

// anchor is the fragment of a command's heading.
func anchor(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

func describe(b *strings.Builder, c *cobra.Command) {
	fmt.Fprintf(b, "\n## %s\n\n%s.\n\n", c.CommandPath(), c.Short)
	if c.Runnable() && c.HasParent() && !c.HasSubCommands() {
		fmt.Fprintf(b, "```text\n%s\n```\n\n", c.UseLine())
	}
	fmt.Fprintf(b, "```text\n%s\n```\n\n```sh\n%s\n```\n", c.Long, strings.ReplaceAll(strings.TrimPrefix(c.Example, "  "), "\n  ", "\n"))
	rows := 0
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" || f.Name == "version" {
			return
		}
		if rows++; rows == 1 {
			b.WriteString("\n| flag | |\n|---|---|\n")
		}
		value, usage := pflag.UnquoteUsage(f)
		name := strings.TrimSpace("--" + f.Name + " " + value)
		if d := f.DefValue; d != "" && d != "false" && d != "[]" && d != "0" {
			usage += " (default `" + d + "`)"
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", strings.ReplaceAll(name, "|", "\\|"), strings.NewReplacer("|", "\\|", "*", "\\*", "<", "&lt;").Replace(usage))
	})
}

// REFERENCE.md is what the program says of itself.
func TestReference(t *testing.T) {
	const file = "REFERENCE.md"
	want := reference()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) == want {
		return
	}
	old, now := strings.Split(string(have), "\n"), strings.Split(want, "\n")
	for i := range now {
		if i >= len(old) || old[i] != now[i] {
			t.Fatalf("%s:%d is not what the program says, which is\n%s\nRun: go test ./suites/cmd/dcconform -run TestReference -update", file, i+1, now[i])
		}
	}
	t.Fatalf("%s has more lines than the program says", file)
}
