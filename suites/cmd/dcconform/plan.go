package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dcconform/dcconform/mockprovider/batch"
	"github.com/dcconform/dcconform/mockprovider/dc"
)

// The exit codes of plan, beside exitUsage.
const (
	exitInapplicable = 1
	exitNothing      = 5
)

// planOptions are the flags of plan.
type planOptions struct {
	batch                 bool
	template, zone        string
	domain, host, edition string
	groups, variables     []string
	format                string
	stdin                 io.Reader
	stdout, stderr        io.Writer
}

// statefulHelp says how a batch keeps template state.
const statefulHelp = `With "state":"stateful" the provider remembers which template wrote what. The
case says which templates are applied, the answer which are afterwards, in one
form, and which of them go and why (replaced, conflict, reverted):

  {…,"state":"stateful","instanceId":"i1","revert":false,"instances":[
   {"provider","service","domain","host","id","groups":["…"],"records":[
    {"record":"…","group":"…","essential":"OnApply","before":true,"base":"…"}]}]}

  {…,"instances":[…],"removedInstances":[
   {"provider","service","domain","host","id","why","cause":["…"],"gone":["…"]}]}

A record of an instance is in presentation format; an SPFM has its rules as
data, and as base the SPF record without templates; "before" marks a record that
was the user's already. What an instance has and the zone has not counts as gone.
"revert":true takes the template out again: all of it, or of the instanceId.
`

// planLong is the help text, with the error classes in it.
func planLong() string {
	return `plan works out what applying a template to a zone would do: records that are
added, records that conflict and would be removed once the user has agreed, and
records that get the TTL of their set. Nothing is sent anywhere.

With --batch it reads one JSON object a line from standard input and answers
one line each, in order, never stopping at a bad case:

  {"id","template":{…},"zone":"records, absolute names","domain","host",
   "groups":["…"],"variables":{"k":"v"},"state":"stateless","force":false,
   "edition":"ietf-05"}

  {"id","ok":true,"add":["…"],"remove":["…"],"zone":["…"],
   "pseudo":[{"type","host","target"}],"conflicts":[{"type","host","data","reason"}]}
  {"id","ok":false,"error":{"class":"missing-variable","message":"…"}}

` + statefulHelp + `
The error classes are
` + classList() + `
Exit codes: 0 there is a plan (with --batch: every line was answered),
1 the template cannot be applied, 2 usage or configuration,
5 --batch without a single case.`
}

func newPlanCommand() *cobra.Command {
	var o planOptions
	c := &cobra.Command{
		Use:   "plan --template FILE --domain NAME [flags] | plan --batch",
		Short: "Say what applying a template to a zone would do",
		Long:  planLong(),
		Example: `  dcconform plan --template my.template.json --zone example.com.zone \
    --domain example.com --host shop --var ip=192.0.2.1
  dcconform plan --batch < cases.jsonl > answers.jsonl`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.stdin, o.stdout, o.stderr = c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr()
			if o.batch {
				return o.runBatch(c)
			}
			return o.runOne(c)
		},
	}
	f := c.Flags()
	f.BoolVar(&o.batch, "batch", false, "read cases from standard input and write answers, as JSON Lines")
	f.StringVar(&o.template, "template", "", "template `file`, - for standard input")
	f.StringVar(&o.zone, "zone", "", "zone `file` in presentation format; without it the zone is empty")
	f.StringVar(&o.domain, "domain", "", "`name` of the zone")
	f.StringVar(&o.host, "host", "", "sub-domain to apply at; default is the apex")
	f.StringSliceVar(&o.groups, "group", nil, "apply only this `groupId`; repeatable, or split by comma")
	f.StringArrayVar(&o.variables, "var", nil, "value of a template variable as `name=value`; repeatable")
	f.StringVar(&o.edition, "edition", "ietf-05", "edition of the specification: ietf-05 or dcspec-2.3")
	f.StringVar(&o.format, "format", "text", "output format: text or json")
	return c
}

// classList is the closed list of error classes, wrapped.
func classList() string {
	var b strings.Builder
	line := " "
	for i, class := range dc.ErrorClasses() {
		word := " " + string(class)
		if i < len(dc.ErrorClasses())-1 {
			word += ","
		}
		if len(line)+len(word) > 78 {
			b.WriteString(line + "\n")
			line = " "
		}
		line += word
	}
	return b.String() + line + ".\n"
}

func (o *planOptions) runBatch(c *cobra.Command) error {
	for _, flag := range []string{"template", "zone", "domain", "host", "group", "var", "edition", "format"} {
		if c.Flags().Changed(flag) {
			return fmt.Errorf("plan --batch takes no --%s; it stands in each case", flag)
		}
	}
	summary, err := batch.Run(c.Context(), o.stdin, o.stdout)
	if err != nil {
		return fmt.Errorf("plan --batch: %w", err)
	}
	if summary.Cases == 0 {
		fmt.Fprintln(o.stderr, "dcconform plan --batch: there was no case on standard input; write one JSON object a line")
		return exitError(exitNothing)
	}
	if summary.Unreadable > 0 {
		fmt.Fprintf(o.stderr, "dcconform plan --batch: %d of %d lines were not cases; their answers have the class %s\n", summary.Unreadable, summary.Cases, dc.ErrInput)
	}
	return nil
}

func (o *planOptions) runOne(c *cobra.Command) error {
	question, err := o.question(c.Flags().Changed("group"))
	if err != nil {
		return err
	}
	answer := batch.Decide(question)
	if answer.Error != nil && (answer.Error.Class == dc.ErrRequest || answer.Error.Class == dc.ErrZone || answer.Error.Class == dc.ErrInput) {
		return errors.New(answer.Error.Message)
	}
	if o.format == "json" {
		e := json.NewEncoder(o.stdout)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		err = e.Encode(answer)
	} else {
		err = o.printText(question, answer)
	}
	if err != nil {
		return err
	}
	if !answer.OK {
		return exitError(exitInapplicable)
	}
	return nil
}

// question reads the flags and files.
func (o *planOptions) question(grouped bool) (batch.Case, error) {
	if o.format != "text" && o.format != "json" {
		return batch.Case{}, fmt.Errorf("--format %s is not known; there are text and json", o.format)
	}
	if o.template == "" {
		return batch.Case{}, errors.New("plan needs --template FILE, or --batch; plan --help has examples")
	}
	if o.domain == "" {
		return batch.Case{}, errors.New("plan needs --domain NAME, the zone to apply the template to")
	}
	question := batch.Case{Domain: o.domain, Host: o.host, File: o.template, ZoneFile: o.zone, Variables: map[string]string{}}
	if grouped {
		question.Groups = o.groups
	}
	var err error
	if question.Rules.Edition, err = dc.ParseEdition(o.edition); err != nil {
		return batch.Case{}, fmt.Errorf("--edition: %w", err)
	}
	for _, pair := range o.variables {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return batch.Case{}, fmt.Errorf("--var %s: write name=value", pair)
		}
		if _, again := question.Variables[name]; again {
			return batch.Case{}, fmt.Errorf("--var %s: the variable is given twice", name)
		}
		question.Variables[name] = value
	}
	if question.Template, err = o.read(o.template); err != nil {
		return batch.Case{}, fmt.Errorf("--template: %w", err)
	}
	if o.zone == "" {
		return question, nil
	}
	text, err := os.ReadFile(o.zone)
	if err != nil {
		return question, fmt.Errorf("--zone: %w", err)
	}
	question.Zone = string(text)
	return question, nil
}

func (o *planOptions) read(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(o.stdin, dc.MaxFileSize+1))
	}
	return os.ReadFile(name)
}

// printText writes the plan as a diff.
func (o *planOptions) printText(question batch.Case, answer batch.Answer) error {
	var b strings.Builder
	where := question.Domain
	if question.Host != "" {
		where = question.Host + "." + where
	}
	if !answer.OK {
		fmt.Fprintf(&b, "%s cannot be applied to %s: %s\n%s\n", question.File, where, answer.Error.Class, answer.Error.Message)
		_, err := io.WriteString(o.stdout, b.String())
		return err
	}
	plan, err := batch.Work(question)
	if err != nil {
		return err
	}
	fmt.Fprintf(&b, "%s applied to %s\n\n", question.File, where)
	reasons := map[string]string{}
	for _, conflict := range plan.Conflicts {
		reasons[conflict.Record.String()] = string(conflict.Reason)
	}
	for _, r := range plan.Change.Remove {
		fmt.Fprintf(&b, "- %s", r)
		if reason, ok := reasons[r.String()]; ok {
			fmt.Fprintf(&b, "  ; conflict: %s", reason)
		}
		b.WriteByte('\n')
	}
	for _, r := range plan.Change.Add {
		fmt.Fprintf(&b, "+ %s\n", r)
	}
	for _, r := range plan.Change.Retime {
		fmt.Fprintf(&b, "~ %s  ; new TTL\n", r)
	}
	if plan.Change.Empty() {
		b.WriteString("Nothing changes: the zone has all of it already.\n")
	}
	for _, warning := range plan.Change.Warnings {
		fmt.Fprintf(&b, "! %s\n", warning)
	}
	fmt.Fprintf(&b, "\n%s, %s with %s, %s; %s afterwards.\n",
		count(len(plan.Change.Add), "record added"), count(len(plan.Change.Remove), "record removed"),
		count(len(plan.Conflicts), "conflict"), count(len(plan.Change.Retime), "TTL changed"), count(plan.After.Len(), "record"))
	_, err = io.WriteString(o.stdout, b.String())
	return err
}

// count is a number with its noun, which stands first, in the plural where
// it needs one.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	first, rest, _ := strings.Cut(noun, " ")
	return strings.TrimSpace(fmt.Sprintf("%d %ss %s", n, first, rest))
}
