package seed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/suites/target"
)

const (
	// CommandCeiling bounds one run of a hook.
	CommandCeiling = time.Minute
	// patience is how long the pipes of an ended hook stay open for children
	// that it left behind.
	patience = time.Second
	// shown is how much of the end of a hook's error output a message has.
	shown = 2 << 10
)

// command writes by programs of the target's owner, which are started without
// a shell.
type command struct {
	seed, reset []string
	redact      target.Redactor
	ceiling     time.Duration
}

// add gives the records on standard input, one a line:
// "www.example.com. 300 IN A 192.0.2.1".
func (c *command) add(ctx context.Context, zone string, records []dns.RR) error {
	return c.run(ctx, "hooks.seed", c.seed, zoneIn(zone), zone, recordLines(records))
}

// clear gives the names on standard input, one a line. What is to stay at an
// apex, the program knows.
func (c *command) clear(ctx context.Context, zone string, names []clearing) error {
	return c.run(ctx, "hooks.reset", c.reset, zoneIn(zone), zone, nameLines(names))
}

// zoneIn has the zone's name, without final dot, for "{zone}".
func zoneIn(zone string) *strings.Replacer {
	return strings.NewReplacer("{zone}", strings.TrimSuffix(zone, "."))
}

// Revoker takes back what a user has allowed the run, by hooks.revoke: "{user}"
// in the arguments is the user's name and "{client}" the id of oauth.client.
// nil is no such hook. The error names the hook and what it said.
func Revoker(c *target.Config) func(ctx context.Context, user string) error {
	if len(c.Hooks.Revoke) == 0 {
		return nil
	}
	to := &command{redact: c.Redactor(), ceiling: CommandCeiling}
	return func(ctx context.Context, user string) error {
		return to.run(ctx, "hooks.revoke", c.Hooks.Revoke, strings.NewReplacer("{user}", user, "{client}", c.OAuth.Client), user, "")
	}
}

// run starts the program, with what stands for something in its arguments
// replaced; about goes into errors. Its exit code alone decides.
func (c *command) run(ctx context.Context, hook string, program []string, replace *strings.Replacer, about, in string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.ceiling, fmt.Errorf("it has not ended within %v", c.ceiling))
	defer cancel()
	args := make([]string, len(program)-1)
	for i, a := range program[1:] {
		args[i] = replace.Replace(a)
	}
	cmd := exec.CommandContext(ctx, program[0], args...)
	said := &tail{limit: shown}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(in), io.Discard, said
	cmd.WaitDelay = patience
	err := cmd.Run()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err == nil || errors.Is(err, exec.ErrWaitDelay) {
		return nil // Success, and a program that it left behind still has its output.
	}
	end := strings.TrimSpace(c.redact.Text(said.String()))
	if end == "" {
		return fmt.Errorf("%s (%s) for %s: %w; it wrote no error output", hook, program[0], about, err)
	}
	return fmt.Errorf("%s (%s) for %s: %w; its error output ends:\n%s", hook, program[0], about, err, end)
}

// tail keeps the end of what is written to it.
type tail struct {
	limit int
	cut   bool
	kept  bytes.Buffer
}

// Write never fails: a hook that talks too much is no failed hook.
func (t *tail) Write(p []byte) (int, error) {
	n := len(p)
	if len(p) > t.limit {
		p, t.cut = p[len(p)-t.limit:], true
		t.kept.Reset()
	}
	if over := t.kept.Len() + len(p) - t.limit; over > 0 {
		t.kept.Next(over)
		t.cut = true
	}
	t.kept.Write(p)
	return n, nil
}

// String begins with an ellipsis where the beginning is missing, and then with
// a whole line: half a secret would not be recognised as one.
func (t *tail) String() string {
	s := t.kept.String()
	if t.cut {
		_, rest, _ := strings.Cut(s, "\n")
		s = "…\n" + rest
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// recordLines are records as hooks read them, one a line.
func recordLines(records []dns.RR) string {
	var b strings.Builder
	for _, rr := range records {
		h := rr.Header()
		data := strings.TrimPrefix(rr.String(), h.String())
		if r, unknown := rr.(*dns.RFC3597); unknown {
			data = fmt.Sprintf(`\# %d %s`, len(r.Rdata)/2, r.Rdata)
		}
		fmt.Fprintf(&b, "%s %d IN %s %s\n", h.Name, h.Ttl, dns.Type(h.Rrtype), data)
	}
	return b.String()
}

// nameLines are names as hooks read them, one a line.
func nameLines(names []clearing) string {
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintln(&b, n.name)
	}
	return b.String()
}
