package target

import (
	_ "embed"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/suites/register"
)

// Schema is the JSON Schema (draft 2020-12) of a target.yaml, for editors.
// Load checks more than it can say.
//
//go:embed target.schema.json
var Schema []byte

//go:embed example.yaml
var example string

// InitOptions are values that are known already when a target.yaml is begun.
// What is zero is left as a Placeholder.
type InitOptions struct {
	Edition register.Edition
	// Domain is the first zone.
	Domain string
	// Servers are host:port of its name servers.
	Servers []string
	// Settings is an authority and a path, as Config.Settings.
	Settings string
	// User signs in. His password is asked of the environment.
	User string
}

// Init writes a target.yaml in which every field is explained: what it is,
// what its default is, and why one would change it. Load refuses what it wrote
// until the placeholders are replaced. The error is that of w.
func Init(w io.Writer, o InitOptions) error {
	text := strings.Replace(example, "CLAIMS\n", claimLines(), 1)
	put := func(line, value string) {
		if value != "" {
			text = strings.Replace(text, line, value, 1)
		}
	}
	put("edition: "+Placeholder, with("edition: ", string(o.Edition)))
	put("- name: "+Placeholder+".example", with("- name: ", o.Domain))
	put("    - "+Placeholder+".example:53\n", serverLines(o.Servers))
	put("#settings: staging.provider.example:8443/dc", with("settings: ", o.Settings))
	put("- user: "+Placeholder, with("- user: ", o.User))
	_, err := io.WriteString(w, text)
	return err
}

// with is key and value, quoted where YAML would not read the plain text as
// itself; "" without a value.
func with(key, value string) string {
	if value == "" {
		return ""
	}
	return key + quoted(value)
}

func serverLines(servers []string) string {
	var b strings.Builder
	for _, s := range servers {
		fmt.Fprintf(&b, "    - %s\n", quoted(s))
	}
	return b.String()
}

// plainScalar is a text that YAML reads as itself without quotes. A number
// begins with a digit, sign or dot.
var plainScalar = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._/@-]*(:[0-9]+)?[A-Za-z0-9._/@-]*$`)

func quoted(s string) string {
	word := strings.ToLower(s)
	if plainScalar.MatchString(s) && !slices.Contains([]string{"true", "false", "null", "yes", "no", "on", "off"}, word) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// claimLines are the claims of the example, each with its sentence.
func claimLines() string {
	var b strings.Builder
	for _, c := range claims {
		fmt.Fprintf(&b, "  # %s\n  #%s: unknown\n", strings.ToUpper(c.Text[:1])+c.Text[1:]+".", c.Name)
	}
	return b.String() + "\n"
}
