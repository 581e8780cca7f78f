package consent

import (
	"net/url"
	"slices"
	"strings"
)

// see notes a page.
func (f *flow) see(k Kind, v *view) {
	f.out.Pages = append(f.out.Pages, Page{
		Kind:       k,
		URL:        f.redact.URL(v.url),
		Status:     v.status,
		Title:      f.redact.Text(v.doc.title),
		Text:       f.redact.Text(v.doc.text),
		Tables:     f.cleanTables(v.doc.tables),
		Alerts:     f.clean(v.doc.alerts),
		HTML:       f.redact.Body("text/html", v.html),
		Screenshot: v.shot,
	})
}

func (f *flow) clean(list []string) []string {
	out := slices.Clone(list)
	for i := range out {
		out[i] = f.redact.Text(out[i])
	}
	return out
}

func (f *flow) cleanTables(tables [][][]string) [][][]string {
	out := slices.Clone(tables)
	for i := range out {
		out[i] = slices.Clone(out[i])
		for j := range out[i] {
			out[i][j] = f.clean(out[i][j])
		}
	}
	return out
}

// scrub cleans pages again after a secret was learned that they may show.
func (f *flow) scrub() {
	for i := range f.out.Pages {
		p := &f.out.Pages[i]
		p.URL, p.Title, p.Text, p.HTML = f.redact.URL(p.URL), f.redact.Text(p.Title), f.redact.Text(p.Text), f.redact.Text(p.HTML)
		p.Tables, p.Alerts = f.cleanTables(p.Tables), f.clean(p.Alerts)
	}
}

// shortestSecret is how long a cookie's value is at least for it to be taken
// out of pages: "1" or "en" stand in every page and open nothing.
const shortestSecret = 8

// hide takes the values of cookies out of evidence. What stands in the link is
// known to everybody, and cases look for it.
func (f *flow) hide(values ...string) {
	for _, v := range values {
		for _, form := range []string{v, unescaped(v)} {
			if len(form) >= shortestSecret && !strings.Contains(f.out.Link, form) && !slices.Contains(f.redact.Secrets, form) {
				f.redact.Secrets = append(f.redact.Secrets, form)
			}
		}
	}
}

func unescaped(s string) string {
	plain, err := url.QueryUnescape(s)
	if err != nil {
		return s
	}
	return plain
}
