package batch

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// members are those of a question, for messages.
const members = "id, template, zone, domain, host, groups, variables, state, instances, instanceId, revert, force and edition"

// ParseCase reads one question from its JSON object. Members that are not
// known, that stand there twice, or that have the wrong type are errors, and
// so are a missing template, a missing domain and a variable that stands there
// twice. A member that is null is the same as absent.
//
// "force" is accepted and changes nothing: a plan lists conflicts and goes on.
// The case has what could be read of it even when there is an error, so that
// the answer can carry the id. The error is a *dc.Error of class dc.ErrInput.
func ParseCase(line []byte) (Case, error) {
	var c Case
	// A member that stands twice in the template is for the template parser.
	d := jsontext.NewDecoder(strings.NewReader(string(line)), jsontext.AllowDuplicateNames(true))
	if d.PeekKind() != '{' {
		if _, err := d.ReadValue(); err != nil {
			return c, errInput("the line is not JSON: %s", syntax(err))
		}
		return c, errInput("the line is not a JSON object; write {\"id\": …, \"template\": {…}, \"zone\": \"…\", \"domain\": \"…\"}")
	}
	raw, err := readMembers(d)
	c.ID = raw["id"]
	if err != nil {
		return c, err
	}
	if err := c.read(raw); err != nil {
		return c, err
	}
	switch {
	case c.Template == nil:
		return c, errInput("the member template is missing; give the template as a JSON object")
	case c.Domain == "":
		return c, errInput("the member domain is missing; give the name of the zone")
	}
	return c, nil
}

// readMembers splits the object into raw members. The id that was read before
// an error comes back with it.
func readMembers(d *jsontext.Decoder) (map[string]json.RawMessage, error) {
	raw := map[string]json.RawMessage{}
	broken := func(err error) (map[string]json.RawMessage, error) {
		if tooDeep(err) {
			return raw, errInput("the values in the line are nested too deeply; a template needs three levels")
		}
		return raw, errInput("the line is not JSON: %s", syntax(err))
	}
	if _, err := d.ReadToken(); err != nil {
		return broken(err)
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return broken(err)
		}
		key := name.String()
		value, err := d.ReadValue()
		if err != nil {
			return broken(err)
		}
		if _, again := raw[key]; again {
			return raw, errInput("the member %q stands there twice", key)
		}
		raw[key] = nil
		if value.Kind() != 'n' || key == "id" {
			raw[key] = json.RawMessage(value.Clone())
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return broken(err)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return raw, errInput("something follows the JSON object; write one object a line")
	}
	return raw, nil
}

// tooDeep reports whether the decoder gave up on JSON that may well be right.
// It has no other word for that than its message.
func tooDeep(err error) bool {
	broken, ok := errors.AsType[*jsontext.SyntacticError](err)
	return ok && broken.Err != nil && broken.Err.Error() == "exceeded max depth"
}

// syntax is the decoder's message without its package name.
func syntax(err error) string {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return "it ends too early"
	}
	return strings.TrimPrefix(err.Error(), "jsontext: ")
}

// read fills in the members.
func (c *Case) read(raw map[string]json.RawMessage) error {
	for name := range raw {
		switch name {
		case "id", "template", "zone", "domain", "host", "groups", "variables", "state", "instances", "instanceId", "revert", "force", "edition":
		default:
			return errInput("the member %q is not known; there are %s", name, members)
		}
	}
	c.Template = raw["template"]
	var state, edition string
	var force bool
	for _, m := range []struct {
		name, want string
		to         any
	}{
		{"zone", "a string with records in presentation format", &c.Zone},
		{"domain", "a string", &c.Domain},
		{"host", "a string", &c.Host},
		{"state", `"stateless" or "stateful"`, &state},
		{"force", "true or false", &force},
		{"instanceId", "a string", &c.InstanceID},
		{"revert", "true or false", &c.Revert},
		{"edition", `"ietf-05" or "dcspec-2.3"`, &edition},
	} {
		if value := raw[m.name]; value != nil && json.Unmarshal(value, m.to) != nil {
			return errInput("the member %s has to be %s", m.name, m.want)
		}
	}
	if err := c.readGroups(raw["groups"]); err != nil {
		return err
	}
	if err := c.readVariables(raw["variables"]); err != nil {
		return err
	}
	if err := c.rules(state, edition); err != nil {
		return err
	}
	if !c.Rules.Stateful {
		for _, name := range []string{"instances", "instanceId", "revert"} {
			if raw[name] != nil {
				return errInput("the member %s needs \"state\":\"stateful\"", name)
			}
		}
	}
	if c.Revert && raw["groups"] != nil {
		return errInput("the member groups has no meaning with \"revert\":true, which takes the whole template out; leave it out")
	}
	return c.readInstances(raw["instances"])
}

// readGroups reads a list of strings. null is no string, although encoding/json
// would make an empty one of it.
func (c *Case) readGroups(raw json.RawMessage) error {
	if raw == nil {
		return nil
	}
	var groups []*string
	if json.Unmarshal(raw, &groups) != nil || slices.Contains(groups, nil) {
		return errInput("the member groups has to be an array of strings")
	}
	if len(groups) == 0 {
		return errInput("the member groups is empty; leave it out to apply all of the template, or name groups")
	}
	c.Groups = make([]string, 0, len(groups))
	for _, g := range groups {
		c.Groups = append(c.Groups, *g)
	}
	return nil
}

// readVariables reads an object of strings. encoding/json would take the last
// of two values, and an empty one for null: another question than was asked.
func (c *Case) readVariables(raw json.RawMessage) error {
	if raw == nil {
		return nil
	}
	wrong := errInput("the member variables has to be an object whose values are strings")
	d := jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowDuplicateNames(true))
	if d.PeekKind() != '{' {
		return wrong
	}
	if _, err := d.ReadToken(); err != nil {
		return wrong
	}
	c.Variables = map[string]string{}
	for d.PeekKind() != '}' {
		token, err := d.ReadToken()
		if err != nil {
			return wrong
		}
		name := token.String() // before the next read, which takes the token's memory
		value, err := d.ReadToken()
		if err != nil || value.Kind() != '"' {
			return wrong
		}
		if _, again := c.Variables[name]; again {
			return errInput("the variable %q stands there twice", name)
		}
		c.Variables[name] = value.String()
	}
	return nil
}

func (c *Case) rules(state, edition string) (err error) {
	switch state {
	case "", "stateless":
	case "stateful":
		c.Rules.Stateful = true
	default:
		return errInput("the state %q is not known; there are stateless and stateful", state)
	}
	if c.Rules.Edition, err = dc.ParseEdition(edition); err != nil {
		return errInput("%v", err)
	}
	return nil
}
