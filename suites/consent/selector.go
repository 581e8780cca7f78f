package consent

import (
	"fmt"
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// selectorOf is a CSS selector that finds one element of the page and no
// other: by id, by what forms send, by address, else by its place.
func (d *document) selectorOf(n *html.Node) string {
	for _, try := range shortSelectors(n) {
		if d.only(try, n) {
			return try
		}
	}
	// The way down from the nearest element with an id of its own.
	steps := []string{}
	for ; n != nil && n.Type == html.ElementNode && n.DataAtom != atom.Html; n = n.Parent {
		if id := attr(n, "id"); id != "" && len(steps) > 0 && d.only("#"+escapeID(id), n) {
			steps = append([]string{"#" + escapeID(id)}, steps...)
			break
		}
		steps = append([]string{placed(n)}, steps...)
	}
	return strings.Join(steps, " > ")
}

// shortSelectors are worth a try, the ones that last longest first.
func shortSelectors(n *html.Node) []string {
	var out []string
	if id := attr(n, "id"); id != "" {
		out = append(out, "#"+escapeID(id))
	}
	with := func(names ...string) string {
		s := n.Data
		for _, name := range names {
			v, ok := lookup(n, name)
			if !ok || v == "" || len(v) > 80 {
				return ""
			}
			s += "[" + name + "=" + quoted(v) + "]"
		}
		return s
	}
	for _, names := range [][]string{{"name"}, {"name", "value"}, {"value"}, {"formaction"}, {"href"}, {"aria-label"}, {"data-action"}, {"type"}} {
		if s := with(names...); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// only reports whether a selector finds this element alone.
func (d *document) only(selector string, n *html.Node) bool {
	s, err := cascadia.Parse(selector)
	if err != nil || d.root == nil {
		return false
	}
	all := cascadia.QueryAll(d.root, s)
	return len(all) == 1 && all[0] == n
}

// placed is an element by its place among those of its kind.
func placed(n *html.Node) string {
	count, total := 0, 0
	if n.Parent == nil {
		return n.Data
	}
	for c := n.Parent.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && c.Data == n.Data {
			total++
			if c == n {
				count = total
			}
		}
	}
	if total == 1 {
		return n.Data
	}
	return fmt.Sprintf("%s:nth-of-type(%d)", n.Data, count)
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\a `).Replace(s) + `"`
}

// escapeID writes an id as CSS wants it (CSSOM, "serialize an identifier").
func escapeID(id string) string {
	var b strings.Builder
	for i, r := range id {
		switch {
		case r >= 0x80, r == '_', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
			b.WriteRune(r)
		case '0' <= r && r <= '9' && (i > 1 || i == 1 && id[0] != '-'), r == '-' && len(id) > 1:
			b.WriteRune(r)
		case '0' <= r && r <= '9', r < ' ':
			fmt.Fprintf(&b, `\%x `, r)
		default:
			b.WriteString(`\` + string(r))
		}
	}
	return b.String()
}
