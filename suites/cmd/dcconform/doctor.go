package main

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dcconform/dcconform/fixtures/profiles"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/suites/doctor"
	"github.com/dcconform/dcconform/suites/observe"
)

// doctorOptions are the flags of doctor.
type doctorOptions struct {
	template, keyTXT, server, domain string
	own, edition, format, profile    string
	list                             bool
}

func newDoctorCommand() *cobra.Command {
	var o doctorOptions
	c := &cobra.Command{
		Use:   "doctor [flags] URL",
		Short: "Say why the signature of an apply link does not verify",
		Long: `doctor checks an apply link as a DNS provider does: path, parameters, with
--template the variables and groups too, and the signature with the published
key. When that does not verify, doctor opens the signature with the key, which
tells the hash function and whether the key is the right one, and then looks for
the text that was signed. A mistake is named only when the signature verifies
once it is mended; where several mistakes come to the same, all are said.

URL is the link, in quotation marks, since a shell would read &; - reads it from
standard input. The key's TXT records come from a file (--key-txt; one a line,
as text, as dig prints them, or as lines of a zone file) or from a name server
(--dns). Only --dns leaves the machine: it asks this server for TXT records at
the key's name, and at names where keys stand by mistake.

Exit codes: 0 a provider takes the link, 1 it does not verify or is refused for
another reason, 2 usage, 3 it could not be told, for want of a key.`,
		Example: `  dcconform doctor --key-txt key.txt 'https://dns.example.com/v2/...'
  dcconform doctor --template my.template.json --dns 9.9.9.9 - < link.txt
  dcconform doctor --list`,
		Args: func(c *cobra.Command, args []string) error {
			if o.list && len(args) == 0 {
				return nil
			}
			if len(args) != 1 || o.list {
				return fmt.Errorf("doctor takes one link, in quotation marks, or - for standard input; or --list alone")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return o.run(c, args) },
	}
	f := c.Flags()
	f.StringVar(&o.template, "template", "", "template `file` that the link is for")
	f.StringVar(&o.keyTXT, "key-txt", "", "`file` with the TXT records of the public key")
	f.StringVar(&o.server, "dns", "", "name server to ask for the public key, as `host[:port]`; this leaves the machine")
	f.StringVar(&o.domain, "key-domain", "", "syncPubKeyDomain, where no template is given")
	f.StringVar(&o.own, "key", "", "`file` with the key that you sign with (PEM, private or public), to tell another published key from a damaged signature")
	f.StringVar(&o.edition, "edition", "ietf-05", "edition that the provider follows: ietf-05 or dcspec-2.3")
	f.StringVar(&o.profile, "profile", "", "provider that the link is for, by the `name` of its profile: where it is known to refuse a link whose sig is not last, that is an error")
	f.StringVar(&o.format, "format", "text", "output format: text or json")
	f.BoolVar(&o.list, "list", false, "list every mistake that can be named, with its mend")
	exclusive(c, "key-txt", "dns")
	exclusive(c, "template", "key-domain")
	return c
}

func (o *doctorOptions) run(c *cobra.Command, args []string) error {
	if err := textOrJSON(o.format); err != nil {
		return err
	}
	if o.list {
		return doctor.WriteCatalogue(c.OutOrStdout(), o.format)
	}
	q, err := o.question(c, args[0])
	if err != nil {
		return err
	}
	report, err := doctor.Examine(c.Context(), q)
	if err != nil {
		return fmt.Errorf("doctor: %w", err)
	}
	return tell(c, report, o.format)
}

// question reads the files that the flags name.
func (o *doctorOptions) question(c *cobra.Command, link string) (q doctor.Question, err error) {
	q.Link, q.Domain = link, o.domain
	if link == "-" {
		data, err := io.ReadAll(io.LimitReader(c.InOrStdin(), 1<<20))
		if err != nil {
			return q, fmt.Errorf("standard input: %w", err)
		}
		q.Link = strings.TrimSpace(string(data))
	}
	if q.Edition, err = dc.ParseEdition(o.edition); err != nil {
		return q, fmt.Errorf("--edition: %w", err)
	}
	if o.profile != "" {
		p, err := profiles.Named(o.profile)
		if err != nil {
			return q, fmt.Errorf("--profile: %w", err)
		}
		if p.Fact(profiles.SigLast).Is == profiles.Yes {
			q.SigLast = p.Title
		}
	}
	if o.template != "" {
		if q.Template, err = dc.ReadFile(o.template); err != nil {
			return q, fmt.Errorf("--template: %w", err)
		}
	}
	if o.own != "" {
		if q.Own, err = publicHalf(c.InOrStdin(), o.own); err != nil {
			return q, fmt.Errorf("--key: %w", err)
		}
	}
	q.Keys, err = keySource(o.keyTXT, o.server)
	return q, err
}

// keySource is where keys are looked up; nil when neither flag is given.
func keySource(file, server string) (doctor.Source, error) {
	switch {
	case file != "":
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("--key-txt: %w", err)
		}
		records, err := doctor.ParseFile(file, data)
		if err != nil {
			return nil, fmt.Errorf("--key-txt: %w", err)
		}
		return records, nil
	case server != "":
		addr, err := serverAddress(server)
		if err != nil {
			return nil, fmt.Errorf("--dns %s: %w", server, err)
		}
		return doctor.Server{Server: observe.Server{Addr: addr, Recursive: true}}, nil
	}
	return nil, nil
}

// serverAddress adds the port of DNS where none is given.
func serverAddress(s string) (string, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = strings.Trim(s, "[]"), "53"
	}
	if host == "" || strings.ContainsAny(host, "/ ") {
		return "", fmt.Errorf("name a server as host, or host:port")
	}
	return net.JoinHostPort(host, cmp.Or(port, "53")), nil
}

// told is a report that can be printed and has an exit code.
type told interface {
	WriteText(io.Writer) error
	WriteJSON(io.Writer) error
	ExitCode() int
}

// tell prints a report and ends with its exit code.
func tell(c *cobra.Command, r told, format string) error {
	write := r.WriteText
	if format == "json" {
		write = r.WriteJSON
	}
	if err := write(c.OutOrStdout()); err != nil {
		return err
	}
	if code := r.ExitCode(); code != 0 {
		return exitError(code)
	}
	return nil
}

func textOrJSON(format string) error {
	if format != "text" && format != "json" {
		return fmt.Errorf("--format %q: want text or json", format)
	}
	return nil
}
