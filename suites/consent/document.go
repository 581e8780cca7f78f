package consent

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// markAttr is the attribute that a browser's copy of a page has on each element:
// its number among all elements of the page, and letters for what scripts and
// style sheets made of it. The page itself has none of it.
const markAttr = "data-dcconform"

// The letters of a mark.
const (
	markHidden   = 'h'
	markChecked  = 'c'
	markDisabled = 'd'
)

// document is a parsed page.
type document struct {
	title    string
	base     string // href of <base>, "" without
	text     string
	tables   [][][]string
	alerts   []string
	controls []*control
	root     *html.Node // nil where there is no page
	byID     map[string]*html.Node
	labels   map[string]*html.Node // by the id that they are for
}

// form is a form element.
type form struct {
	action, method, enctype string
	id                      string
}

// control is something that users fill in or press.
type control struct {
	index              int
	tag, typ, name, id string
	value, href, label string
	form               *form
	formAction         string // overrides form.action, as formMethod does
	formMethod         string
	checked, required  bool
	hidden, disabled   bool
	options            []option
	node               *html.Node
	placeholder        string
	role               string
	around             *control // the link that the control stands in
}

type option struct {
	value, text string
	selected    bool
}

// field reports whether users type into the control.
func (c *control) field() bool {
	switch c.tag {
	case "textarea":
		return true
	case "input":
		switch c.typ {
		case "text", "email", "tel", "password", "search", "url", "number":
			return true
		}
	}
	return false
}

// button reports whether users press the control.
func (c *control) button() bool {
	switch c.tag {
	case "button":
		return c.typ != "reset"
	case "input":
		return c.typ == "submit" || c.typ == "image" || c.typ == "button"
	}
	return c.role == "button"
}

// submits reports whether the control sends a form without any script.
func (c *control) submits() bool {
	return c.tag == "button" && c.typ == "submit" || c.tag == "input" && (c.typ == "submit" || c.typ == "image")
}

// link reports whether the control is a link, and looksPressed whether it is
// one that looks like a button.
func (c *control) link() bool { return c.tag == "a" || c.role == "link" }

func (c *control) looksPressed() bool {
	return c.role == "button" || slices.ContainsFunc(strings.Fields(strings.ToLower(attr(c.node, "class"))), func(s string) bool {
		return s == "btn" || s == "button" || strings.HasPrefix(s, "btn-") || strings.HasPrefix(s, "button-")
	})
}

// opens reports whether the control shows a part of its page and leads nowhere.
func (c *control) opens() bool {
	if c.tag == "summary" {
		return true
	}
	for _, name := range []string{"aria-expanded", "data-toggle", "data-bs-toggle"} {
		if v, ok := lookup(c.node, name); ok && (name == "aria-expanded" || v == "collapse") {
			return c.button() || c.link()
		}
	}
	return false
}

// open reports whether what the control opens is open already.
func (c *control) open() bool { return attr(c.node, "aria-expanded") == "true" }

// parse reads a page. scripting says whether <noscript> is text, as it is in a
// browser that runs scripts. HTML has no wrong input, so there is no error; a
// page that is nested deeper than the parser goes (512 elements) shows nothing.
// extra says which elements are controls beside the usual ones.
func parse(page []byte, scripting bool, extra ...cascadia.Matcher) *document {
	d := &document{byID: make(map[string]*html.Node), labels: make(map[string]*html.Node)}
	root, err := html.ParseWithOptions(bytes.NewReader(page), html.ParseOptionEnableScripting(scripting))
	if err != nil {
		return d
	}
	d.root = root
	w := walker{doc: d, forms: make(map[string]*form), extra: extra}
	w.collectIDs(root)
	w.walk(root, state{})
	d.text = cleanLines(w.text.String())
	for _, c := range d.controls {
		if c.label = d.accessibleName(c); c.label == "" && c.around != nil {
			c.label = d.accessibleName(c.around)
		}
	}
	return d
}

// state is what an element inherits.
type state struct {
	form   *form
	link   *control
	hidden bool
}

type walker struct {
	doc   *document
	forms map[string]*form
	text  strings.Builder
	extra []cascadia.Matcher
}

func (w *walker) collectIDs(n *html.Node) {
	if n.Type == html.ElementNode {
		if id := attr(n, "for"); n.DataAtom == atom.Label && w.doc.labels[id] == nil {
			w.doc.labels[id] = n
		}
		if id := attr(n, "id"); id != "" && w.doc.byID[id] == nil {
			w.doc.byID[id] = n
			if n.DataAtom == atom.Form {
				w.forms[id] = newForm(n)
			}
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.collectIDs(c)
	}
}

func newForm(n *html.Node) *form {
	f := &form{action: attr(n, "action"), method: strings.ToLower(attr(n, "method")), enctype: strings.ToLower(attr(n, "enctype")), id: attr(n, "id")}
	if f.method == "" {
		f.method = "get"
	}
	return f
}

func (w *walker) walk(n *html.Node, s state) {
	switch n.Type {
	case html.TextNode:
		if !s.hidden {
			w.text.WriteString(strings.ReplaceAll(n.Data, "\n", " "))
		}
		return
	case html.ElementNode:
		switch n.DataAtom {
		case atom.Script, atom.Style, atom.Template:
			return
		case atom.Title:
			if w.doc.title == "" {
				w.doc.title = fold2(textOf(n))
			}
			return
		}
		s.hidden = s.hidden || isHidden(n)
		w.element(n, &s)
	}
	block := n.Type == html.ElementNode && !inline[n.DataAtom]
	if block {
		w.text.WriteByte('\n')
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.walk(c, s)
	}
	switch {
	case block:
		w.text.WriteByte('\n')
	case n.DataAtom == atom.Td, n.DataAtom == atom.Th:
		w.text.WriteByte(' ')
	}
}

// element notes what an element is.
func (w *walker) element(n *html.Node, s *state) {
	d := w.doc
	switch n.DataAtom {
	case atom.Form:
		if f := w.forms[attr(n, "id")]; f != nil {
			s.form = f
		} else {
			s.form = newForm(n)
		}
	case atom.Base:
		if d.base == "" {
			d.base = attr(n, "href")
		}
	case atom.Table:
		d.tables = append(d.tables, tableOf(n))
	}
	if w.isControl(n) {
		c := w.add(n, *s)
		if c.link() {
			s.link = c
		}
	}
	if isAlert(n) && !s.hidden {
		if t := fold2(textOf(n)); t != "" {
			d.alerts = append(d.alerts, t)
		}
	}
}

func (w *walker) isControl(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Input, atom.Button, atom.Select, atom.Textarea, atom.Summary:
		return true
	case atom.A:
		if _, ok := lookup(n, "href"); ok {
			return true
		}
	}
	switch attr(n, "role") {
	case "button", "link":
		return true
	}
	return slices.ContainsFunc(w.extra, func(m cascadia.Matcher) bool { return m.Match(n) })
}

func (w *walker) add(n *html.Node, s state) *control {
	c := &control{
		index: len(w.doc.controls), tag: n.Data, node: n, form: s.form, hidden: s.hidden,
		name: attr(n, "name"), id: attr(n, "id"), value: attr(n, "value"), href: attr(n, "href"),
		typ: strings.ToLower(attr(n, "type")), formAction: attr(n, "formaction"),
		formMethod: strings.ToLower(attr(n, "formmethod")), placeholder: attr(n, "placeholder"),
		role: attr(n, "role"), around: s.link,
	}
	_, c.checked = lookup(n, "checked")
	_, c.required = lookup(n, "required")
	_, c.disabled = lookup(n, "disabled")
	if id, ok := lookup(n, "form"); ok {
		c.form = w.forms[id]
	}
	switch c.tag {
	case "input":
		if c.typ == "" {
			c.typ = "text"
		}
		if c.typ == "hidden" {
			c.hidden = true
		}
		if (c.typ == "checkbox" || c.typ == "radio") && c.value == "" {
			c.value = "on"
		}
	case "button":
		if c.typ == "" {
			c.typ = "submit"
		}
	case "textarea":
		if n.FirstChild != nil {
			c.value = n.FirstChild.Data
		}
	case "select":
		c.options = optionsOf(n)
	}
	c.readMark()
	w.doc.controls = append(w.doc.controls, c)
	return c
}

// readMark takes over what a browser knows better than markup does.
func (c *control) readMark() {
	m, ok := lookup(c.node, markAttr)
	if !ok {
		return
	}
	number := strings.TrimRight(m, string([]rune{markHidden, markChecked, markDisabled}))
	index, err := strconv.Atoi(number)
	if err != nil {
		return
	}
	letters := m[len(number):]
	c.index = index
	c.hidden = strings.ContainsRune(letters, markHidden)
	c.checked = strings.ContainsRune(letters, markChecked)
	c.disabled = strings.ContainsRune(letters, markDisabled)
}

// maxLabelIDs bounds what a hostile page can make of one name.
const maxLabelIDs = 16

// accessibleName is the name by which assistive tools call a control, as far
// as markup alone tells it: aria-labelledby, aria-label, <label>, content,
// value, title, placeholder.
func (d *document) accessibleName(c *control) string {
	if ids := attr(c.node, "aria-labelledby"); ids != "" {
		var parts []string
		for i, id := range strings.Fields(ids) {
			if i == maxLabelIDs {
				break
			}
			if n := d.byID[id]; n != nil {
				parts = append(parts, textOf(n))
			}
		}
		if s := fold2(strings.Join(parts, " ")); s != "" {
			return s
		}
	}
	candidates := []string{attr(c.node, "aria-label")}
	switch {
	case c.tag == "input" && c.typ == "image":
		candidates = append(candidates, attr(c.node, "alt"), c.value)
	case c.button() && c.tag == "input":
		candidates = append(candidates, c.value)
	case !c.field() && c.tag != "input" && c.tag != "select":
		candidates = append(candidates, nameOf(c.node))
	default:
		candidates = append(candidates, d.labelOf(c))
	}
	candidates = append(candidates, attr(c.node, "title"), c.placeholder)
	for _, s := range candidates {
		if s = fold2(s); s != "" {
			return s
		}
	}
	return ""
}

// labelOf finds the <label> around a control or the one that names its id.
func (d *document) labelOf(c *control) string {
	for n := c.node.Parent; n != nil; n = n.Parent {
		if n.DataAtom == atom.Label {
			return textOf(n)
		}
	}
	if n := d.labels[c.id]; n != nil && c.id != "" {
		return textOf(n)
	}
	return ""
}
