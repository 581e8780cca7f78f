package main

import (
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dcconform/dcconform/mockprovider/sign"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/doctor"
)

func newKeyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "key new|txt|check",
		Short: "Make a signing key, print its TXT records, check a published one",
		Long: `key makes the key that apply links are signed with, prints what has to be
published for it, and checks what is published.

Exit codes: those of new, txt and check.`,
		Example: `  dcconform key new signing-key.pem
  dcconform key txt --format zone --name _dck1.keys.example.com signing-key.pem
  dcconform key check _dck1.keys.example.com --dns 9.9.9.9`,
		Args: subcommand,
		RunE: func(*cobra.Command, []string) error {
			return fmt.Errorf("key needs to know what to do: new, txt or check; key --help has examples")
		},
	}
	c.AddCommand(newKeyNewCommand(), newKeyTXTCommand(), newKeyCheckCommand())
	return c
}

func newKeyNewCommand() *cobra.Command {
	var bits int
	c := &cobra.Command{
		Use:   "new FILE",
		Short: "Make a signing key",
		Long: `new makes an RSA key and writes it to FILE: PKCS#8 in PEM form, readable by its
owner alone. A file that is there already is never overwritten.

Exit codes: 0 made, 2 usage, or the file cannot be written.`,
		Example: `  dcconform key new signing-key.pem
  dcconform key new --bits 4096 signing-key.pem`,
		Args: wants(1, 1, "the file to write"),
		RunE: func(c *cobra.Command, args []string) error {
			if bits == 0 {
				return fmt.Errorf("--bits 0: want %d to %d", client.DefaultKeyBits, client.MaxKeyBits)
			}
			key, err := client.NewKeyFile(args[0], bits)
			if err != nil {
				return fmt.Errorf("key new: %w", err)
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s holds a new RSA key of %d bits. Keep it secret.\nWhat to publish:  dcconform key txt %s\n", args[0], key.N.BitLen(), args[0])
			return err
		},
	}
	c.Flags().IntVar(&bits, "bits", client.DefaultKeyBits, "size of the key in `bits`, 2048 to 8192; some providers take none above 4096")
	return c
}

// fragmentOctets is how long the TXT records are: 200 characters of base64
// beside p, a and d, since some DNS providers cut records long before 255.
const fragmentOctets = len("p=1,a=RS256,d=") + 200

// keyTTL is the TTL of the records in zone-file form, in seconds.
const keyTTL = 3600

func newKeyTXTCommand() *cobra.Command {
	var name, format string
	c := &cobra.Command{
		Use:   "txt FILE",
		Short: "Print the TXT records of a key",
		Long: `txt prints what has to be published for a key: its TXT records, in fragments.
FILE is a PEM file with the private or the public key, or a certificate; - is
standard input.

As text there is one record a line, as DNS providers want it in a form: enter
each as a TXT record of its own at the same name, without quotation marks. With
--format zone they are lines of a zone file, for --name. Either can be given to
doctor and key check as --key-txt.

Exit codes: 0 printed, 2 usage, or no key that can be read.`,
		Example: `  dcconform key txt signing-key.pem
  dcconform key txt --format zone --name _dck1.keys.example.com signing-key.pem`,
		Args: wants(1, 1, "the file of the key, or - for standard input"),
		RunE: func(c *cobra.Command, args []string) error {
			key, err := publicHalf(c.InOrStdin(), args[0])
			if err != nil {
				return fmt.Errorf("key txt: %w", err)
			}
			records, err := client.KeyRecords(key, fragmentOctets)
			if err != nil {
				return fmt.Errorf("key txt: %w", err)
			}
			return writeRecords(c.OutOrStdout(), format, name, key, records)
		},
	}
	f := c.Flags()
	f.StringVar(&name, "name", "", "`name` to publish at: the key label in front of syncPubKeyDomain")
	f.StringVar(&format, "format", "text", "output format: text (one record a line), zone (zone file) or json")
	return c
}

func writeRecords(w io.Writer, format, name string, key *rsa.PublicKey, records []string) error {
	name = strings.TrimSuffix(name, ".")
	zone := make([]string, len(records))
	for i, r := range records {
		zone[i] = fmt.Sprintf("%s. %d IN TXT \"%s\"", name, keyTTL, r)
	}
	lines := records
	switch format {
	case "text":
	case "zone":
		if name == "" {
			return fmt.Errorf("--format zone needs --name: the name to publish at, such as _dck1.keys.example.com")
		}
		lines = zone
	case "json":
		value := struct {
			Name    string   `json:"name,omitempty"`
			Bits    int      `json:"bits"`
			Records []string `json:"records"`
			Zone    []string `json:"zone,omitempty"`
		}{name, key.N.BitLen(), records, nil}
		if name != "" {
			value.Zone = zone
		}
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(value)
	default:
		return fmt.Errorf("--format %q: want text, zone or json", format)
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

// maxKeyFile bounds what is read of a key file.
const maxKeyFile = 1 << 20

// publicHalf reads the public half of the key in a file.
func publicHalf(in io.Reader, file string) (*rsa.PublicKey, error) {
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	key, err := sign.PublicHalf(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return key, nil
}

func newKeyCheckCommand() *cobra.Command {
	var file, server, format string
	c := &cobra.Command{
		Use:   "check NAME --dns ADDR | --key-txt FILE",
		Short: "Say what providers make of a published key",
		Long: `check reads the TXT records at NAME and says what a strict DNS provider makes of
them, one that keeps to ietf-05 section 6.4, and a lenient one, which overlooks
what can be overlooked. Each mistake is named with its mend.

The records come from a name server (--dns), which is the only thing that leaves
the machine, or from a file (--key-txt; one a line, as text, as dig prints them,
or as lines of a zone file).

Exit codes: 0 a strict provider takes the key, 1 it refuses it, 2 usage, 3 the
records could not be looked up.`,
		Example: `  dcconform key check _dck1.keys.example.com --dns 9.9.9.9
  dcconform key check _dck1.keys.example.com --key-txt records.txt --format json`,
		Args: wants(1, 1, "the name at which the key is published"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := textOrJSON(format); err != nil {
				return err
			}
			keys, err := keySource(file, server)
			switch {
			case err != nil:
				return err
			case keys == nil:
				return fmt.Errorf("key check needs --dns ADDR, the name server to ask, or --key-txt FILE with the records")
			}
			return tell(c, doctor.CheckKey(c.Context(), args[0], keys), format)
		},
	}
	f := c.Flags()
	f.StringVar(&file, "key-txt", "", "`file` with the TXT records")
	f.StringVar(&server, "dns", "", "name server to ask, as `host[:port]`; this leaves the machine")
	f.StringVar(&format, "format", "text", "output format: text or json")
	exclusive(c, "key-txt", "dns")
	return c
}
