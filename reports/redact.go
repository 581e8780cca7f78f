package reports

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Redacted stands where a secret stood.
const Redacted = "[redacted]"

// shortestSecret is the length in octets below which a secret could not be
// told from ordinary text.
const shortestSecret = 4

// Redactor takes secrets out of text before it is recorded: those it was told
// of, in every form that encodings give them, and what is secret by its place
// (cookies, authorization headers, private keys, fields named password or
// csrf) even when nobody told it. A nil Redactor does the second. Its methods
// may be called from several goroutines.
type Redactor struct {
	mu sync.RWMutex
	// heads holds the forms by their first octets, longest first, so that a
	// long run may add thousands without paying for them at every octet.
	heads map[[shortestSecret]byte][]string
	told  map[string]bool
}

// Add tells of secrets. Empty ones are skipped; one of fewer than four octets
// is an error, since it cannot be kept out of a text that may be read. The
// error does not name it.
func (d *Redactor) Add(secrets ...string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.told == nil {
		d.told, d.heads = map[string]bool{}, map[[shortestSecret]byte][]string{}
	}
	short := false
	for _, secret := range secrets {
		switch {
		case secret == "" || d.told[secret]:
		case len(secret) < shortestSecret:
			short = true
		default:
			d.told[secret] = true
			for _, form := range secretForms(secret) {
				d.add(form)
			}
		}
	}
	if short {
		return fmt.Errorf("a secret of fewer than %d characters cannot be kept out of the report; use a longer one", shortestSecret)
	}
	return nil
}

func (d *Redactor) add(form string) {
	if len(form) < shortestSecret {
		return
	}
	head := [shortestSecret]byte([]byte(form[:shortestSecret]))
	list := d.heads[head]
	if slices.Contains(list, form) {
		return
	}
	at, _ := slices.BinarySearchFunc(list, len(form), func(have string, n int) int { return n - len(have) })
	d.heads[head] = slices.Insert(list, at, form)
}

// Text returns s without secrets.
func (d *Redactor) Text(s string) string {
	if d != nil {
		s = d.known(s)
	}
	return redactPlaces(s)
}

// known takes out the secrets that the redactor was told of.
func (d *Redactor) known(s string) string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if len(d.heads) == 0 {
		return s
	}
	var out strings.Builder
	from := 0
next:
	for i := 0; i+shortestSecret <= len(s); {
		for _, form := range d.heads[[shortestSecret]byte{s[i], s[i+1], s[i+2], s[i+3]}] {
			if strings.HasPrefix(s[i:], form) {
				out.WriteString(s[from:i])
				out.WriteString(Redacted)
				i += len(form)
				from = i
				continue next
			}
		}
		i++
	}
	if from == 0 {
		return s
	}
	out.WriteString(s[from:])
	return out.String()
}

// Result returns res without secrets in what people read. The parts of res
// that are shared with other results are left as they were.
func (d *Redactor) Result(res Result) Result {
	for _, s := range []*string{&res.Title, &res.Reason, &res.Message, &res.Rerun, &res.File} {
		*s = d.Text(*s)
	}
	if res.Failure != nil {
		f := *res.Failure
		for _, s := range []*string{&f.Clause, &f.Sent, &f.Actual, &f.Mend} {
			*s = d.Text(*s)
		}
		f.Expected = d.texts(f.Expected)
		res.Failure = &f
	}
	if res.Known != nil {
		k := *res.Known
		for _, s := range []*string{&k.Owner, &k.Link, &k.Note} {
			*s = d.Text(*s)
		}
		res.Known = &k
	}
	res.Notes = slices.Clone(res.Notes)
	for i := range res.Notes {
		res.Notes[i].Text = d.Text(res.Notes[i].Text)
	}
	res.Evidence = slices.Clone(res.Evidence)
	for i := range res.Evidence {
		res.Evidence[i].Title = d.Text(res.Evidence[i].Title)
	}
	return res
}

// Run takes the secrets out of r itself.
func (d *Redactor) Run(r *Run) {
	r.Command = d.texts(r.Command)
	if r.Target != nil {
		t := *r.Target
		t.Name, t.Settings, t.Domains, t.Servers = d.Text(t.Name), d.Text(t.Settings), d.texts(t.Domains), d.texts(t.Servers)
		r.Target = &t
	}
	r.Next = d.texts(r.Next)
	r.StaleBaseline = d.texts(r.StaleBaseline)
	r.Why = d.Text(r.Why)
	for i := range r.Results {
		r.Results[i] = d.Result(r.Results[i])
	}
	for _, plan := range [][]Planned{r.Plan, r.WholePlan} {
		for i := range plan {
			plan[i].Title = d.Text(plan[i].Title)
		}
	}
}

func (d *Redactor) texts(list []string) []string {
	list = slices.Clone(list)
	for i := range list {
		list[i] = d.Text(list[i])
	}
	return list
}
