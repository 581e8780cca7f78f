package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// What is wrong on a command line is said in one sentence that names the flag
// or the word, and what would be right.

// spoken is what a command is called in a message: "report diff".
func spoken(c *cobra.Command) string {
	if c.HasParent() {
		return strings.TrimPrefix(c.CommandPath(), c.Root().Name()+" ")
	}
	return c.Name()
}

// noArgs refuses every word behind the flags.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("%s takes no %q: it has flags alone; %s --help has examples", spoken(c), args[0], c.CommandPath())
}

// wants takes between least and most words behind the flags; what names them.
func wants(least, most int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) == 0 && least > 0:
			return fmt.Errorf("%s wants %s; %s --help has examples", spoken(c), what, c.CommandPath())
		case len(args) < least:
			return fmt.Errorf("%s wants %s; there is only %q; %s --help has examples", spoken(c), what, strings.Join(args, " "), c.CommandPath())
		case most >= 0 && len(args) > most:
			return fmt.Errorf("%s wants %s; %q is too much; %s --help has examples", spoken(c), what, args[most], c.CommandPath())
		}
		return nil
	}
}

// subcommand refuses what is none of the commands below this one.
func subcommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("there is no command %q", args[0])
	if c.HasParent() {
		text = fmt.Sprintf("%s has no command %q", spoken(c), args[0])
	}
	c.SuggestionsMinimumDistance = 2
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		text += fmt.Sprintf("; did you mean %s", near[0])
	}
	return fmt.Errorf("%s; %s --help lists the commands", text, c.CommandPath())
}

// exclusive lets a command take one of these flags at most.
func exclusive(c *cobra.Command, flags ...string) {
	c.MarkFlagsMutuallyExclusive(flags...) // completion then offers no second one
	before := c.PreRunE
	c.PreRunE = func(c *cobra.Command, args []string) error {
		if before != nil {
			if err := before(c, args); err != nil {
				return err
			}
		}
		first := ""
		for _, name := range flags {
			switch {
			case !c.Flags().Changed(name):
			case first == "":
				first = name
			default:
				return fmt.Errorf("--%s and --%s exclude each other: give one of them", first, name)
			}
		}
		return nil
	}
}

// flagError words what is wrong with a flag.
func flagError(c *cobra.Command, err error) error {
	help := fmt.Sprintf("; %s --help lists the flags", c.CommandPath())
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		name := "--" + e.GetSpecifiedName()
		if short := e.GetSpecifiedShortnames(); short != "" {
			name = "-" + e.GetSpecifiedName()
		}
		near := ""
		if like := nearFlag(c, e.GetSpecifiedName()); like != "" {
			near = "; did you mean --" + like
		}
		return fmt.Errorf("%s has no flag %s%s%s", spoken(c), name, near, help)
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		value, _ := pflag.UnquoteUsage(e.GetFlag())
		return fmt.Errorf("--%s needs a value: --%s %s%s", e.GetFlag().Name, e.GetFlag().Name, value, help)
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return fmt.Errorf("--%s %s: %s%s", e.GetFlag().Name, e.GetValue(), wanted(e), help)
	}
	return fmt.Errorf("%w%s", err, help)
}

// wanted says what a flag takes.
func wanted(e *pflag.InvalidValueError) string {
	switch e.GetFlag().Value.Type() {
	case "uint64":
		return "write a whole number from 0"
	case "int":
		return "write a whole number"
	case "bool":
		return "write true or false, or nothing"
	case "duration":
		return "write a time such as 500ms, 2s or 1m"
	}
	return e.Unwrap().Error()
}

// nearFlag is the flag that was meant, or "".
func nearFlag(c *cobra.Command, word string) string {
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	return near(word, names)
}

// near is the word of a list that takes the fewest edits to get to, "" when
// that is no slip of the pen. A beginning that fits is one.
func near(word string, list []string) string {
	best, fewest := "", len(word)/2+1
	for _, w := range list {
		if d := levenshtein.ComputeDistance(word, w); d < fewest {
			best, fewest = w, d
		}
	}
	if best != "" || len(word) < 3 {
		return best
	}
	for _, w := range list {
		if strings.HasPrefix(w, word) {
			return w
		}
	}
	return ""
}
