package consent

import (
	"fmt"
	"net/url"
	"strings"
)

// formData encodes the successful controls of a form.
func formData(all []*control, pressed *control) string {
	return encodeFields(fieldsOf(all, pressed))
}

func encodeFields(fields []Field) string {
	pairs := make([]string, len(fields))
	for i, f := range fields {
		pairs[i] = url.QueryEscape(f.Name) + "=" + url.QueryEscape(f.Value)
	}
	return strings.Join(pairs, "&")
}

// fieldsOf are the successful controls of a form in document order.
func fieldsOf(all []*control, pressed *control) []Field {
	var fields []Field
	for _, c := range all {
		if c.form != pressed.form || c.disabled || c.name == "" && c.typ != "image" || c.button() && c != pressed {
			continue
		}
		add := func(name, value string) { fields = append(fields, Field{name, value, c.hidden}) }
		switch {
		case c.typ == "reset" || c.typ == "file":
		case c.typ == "image":
			// A picture sends where it was pressed; any point of it is good.
			prefix := ""
			if c.name != "" {
				prefix = c.name + "."
			}
			add(prefix+"x", "1")
			add(prefix+"y", "1")
		case (c.typ == "checkbox" || c.typ == "radio") && !c.checked:
		case c.tag == "select":
			addOptions(c, add)
		case c.tag != "input" && c.tag != "button" && c.tag != "textarea":
		case c.tag == "textarea":
			// HTML sends the ends of lines as CRLF, whatever the page has.
			add(c.name, strings.ReplaceAll(strings.ReplaceAll(c.value, "\r\n", "\n"), "\n", "\r\n"))
		default:
			add(c.name, c.value)
		}
	}
	return fields
}

func addOptions(c *control, add func(name, value string)) {
	chosen := false
	for _, o := range c.options {
		if o.selected {
			add(c.name, o.value)
			chosen = true
		}
	}
	if !chosen && len(c.options) > 0 {
		add(c.name, c.options[0].value)
	}
}

// option finds an option by its value or its text.
func (c *control) option(want string) (int, error) {
	have := make([]string, 0, len(c.options))
	for i, o := range c.options {
		if o.value == want || fold(o.text) == fold(want) {
			return i, nil
		}
		have = append(have, fmt.Sprintf("%q", o.text))
	}
	return 0, fmt.Errorf("%w: list %q has no option %q; it has %s", ErrControl, c.label, want, strings.Join(have, ", "))
}
