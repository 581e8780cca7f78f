package register

import (
	"regexp"
	"strings"
)

// Fault is one deviation that the check of a requirement has to catch. In the
// register it is one text, "name: what the provider does".
type Fault struct {
	// Name is words in lower case with hyphens, unique in the register. A
	// fault of the mock provider that breaks the requirement has this name.
	Name string
	// Text says what is wrong, without a full stop.
	Text string
}

// String is the fault as it stands in the register.
func (f Fault) String() string { return f.Name + ": " + f.Text }

var faultForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// UnmarshalYAML parts name and text; what is wrong with them is said by the
// check of the entry, which knows its line.
func (f *Fault) UnmarshalYAML(unmarshal func(any) error) error {
	var text string
	if err := unmarshal(&text); err != nil {
		return err
	}
	name, rest, _ := strings.Cut(text, ": ")
	f.Name, f.Text = strings.TrimSpace(name), strings.TrimSpace(rest)
	return nil
}

// fault says what is wrong with f, or "".
func (f Fault) fault() string {
	switch {
	case f.Name == "" && f.Text == "":
		return "fault is missing"
	case !faultForm.MatchString(f.Name) || f.Text == "":
		return `fault is a name and a text, "the-name: what is wrong", the name in lower case with hyphens`
	}
	return ""
}
