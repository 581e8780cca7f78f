package consent

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// inline elements do not break a line of text; cells are parted by a space.
var inline = map[atom.Atom]bool{
	atom.A: true, atom.Abbr: true, atom.B: true, atom.Bdi: true, atom.Bdo: true, atom.Cite: true, atom.Code: true,
	atom.Em: true, atom.I: true, atom.Kbd: true, atom.Mark: true, atom.Q: true, atom.S: true, atom.Samp: true,
	atom.Small: true, atom.Span: true, atom.Strong: true, atom.Sub: true, atom.Sup: true, atom.Time: true, atom.U: true,
	atom.Var: true, atom.Wbr: true, atom.Label: true, atom.Td: true, atom.Th: true, atom.Input: true, atom.Button: true,
}

func attr(n *html.Node, name string) string {
	v, _ := lookup(n, name)
	return v
}

func lookup(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Namespace == "" && a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// isHidden knows what markup alone hides; style sheets are the browser's.
func isHidden(n *html.Node) bool {
	if _, ok := lookup(n, "hidden"); ok {
		return true
	}
	style := strings.ReplaceAll(strings.ToLower(attr(n, "style")), " ", "")
	return strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")
}

// isAlert knows what pages mark as said aloud to the user.
func isAlert(n *html.Node) bool {
	switch attr(n, "role") {
	case "alert", "status", "alertdialog":
		return true
	}
	return slices.ContainsFunc(strings.Fields(strings.ToLower(attr(n, "class"))), func(c string) bool {
		switch c {
		case "warning", "warn", "alert", "error", "notice", "conflict", "conflicts":
			return true
		}
		return false
	})
}

// textOf is the text below an element, as it stands.
func textOf(n *html.Node) string {
	var b strings.Builder
	var visit func(*html.Node)
	visit = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case n.DataAtom == atom.Script, n.DataAtom == atom.Style, n.DataAtom == atom.Template:
			return
		case n.DataAtom == atom.Br, n.Type == html.ElementNode && !inline[n.DataAtom]:
			b.WriteByte(' ')
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c)
		}
	}
	visit(n)
	return b.String()
}

// nameOf is the text below a control as assistive tools read it: pictures by
// their alternative text.
func nameOf(n *html.Node) string {
	var b strings.Builder
	var visit func(*html.Node)
	visit = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case n.DataAtom == atom.Script, n.DataAtom == atom.Style, n.DataAtom == atom.Template, attr(n, "aria-hidden") == "true":
			return
		case n.DataAtom == atom.Img:
			b.WriteString(" " + attr(n, "alt") + " ")
		case n.Type == html.ElementNode && attr(n, "aria-label") != "" && b.Len() == 0 && n.DataAtom == atom.Svg:
			b.WriteString(attr(n, "aria-label"))
		case n.DataAtom == atom.Br, n.Type == html.ElementNode && !inline[n.DataAtom]:
			b.WriteByte(' ')
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c)
		}
	}
	visit(n)
	return b.String()
}

// fold2 collapses white space and keeps case.
func fold2(s string) string { return strings.Join(strings.Fields(s), " ") }

// cleanLines collapses white space in lines and drops empty ones.
func cleanLines(s string) string {
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		if line = fold2(line); line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// tableOf reads the rows of a table, not those of tables inside it.
func tableOf(table *html.Node) [][]string {
	var rows [][]string
	var visit func(*html.Node)
	visit = func(n *html.Node) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch c.DataAtom {
			case atom.Table:
			case atom.Tr:
				rows = append(rows, cellsOf(c))
			default:
				visit(c)
			}
		}
	}
	visit(table)
	return rows
}

func cellsOf(row *html.Node) []string {
	var cells []string
	for c := row.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == atom.Td || c.DataAtom == atom.Th {
			cells = append(cells, fold2(textOf(c)))
		}
	}
	return cells
}

func optionsOf(n *html.Node) []option {
	var out []option
	var visit func(*html.Node)
	visit = func(n *html.Node) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.DataAtom != atom.Option {
				visit(c)
				continue
			}
			o := option{text: fold2(textOf(c))}
			o.value = o.text
			if v, ok := lookup(c, "value"); ok {
				o.value = v
			}
			_, o.selected = lookup(c, "selected")
			out = append(out, o)
		}
	}
	visit(n)
	return out
}
