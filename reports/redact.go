package reports

import (
	"fmt"
	"regexp"
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
	r.Next = d.texts(r.Next)
	r.StaleBaseline = d.texts(r.StaleBaseline)
	r.Why = d.Text(r.Why)
	for i := range r.Results {
		r.Results[i] = d.Result(r.Results[i])
	}
	for i := range r.Plan {
		r.Plan[i].Title = d.Text(r.Plan[i].Title)
	}
}

func (d *Redactor) texts(list []string) []string {
	list = slices.Clone(list)
	for i := range list {
		list[i] = d.Text(list[i])
	}
	return list
}

// secretFields are names of form fields, query parameters and JSON members
// whose values are secret wherever they stand.
const secretFields = `password|passwd|passphrase|client_secret|access_token|refresh_token|id_token|[_x-]*csrf[_-]?(?:token)?|csrfmiddlewaretoken|xsrf[_-]?(?:token)?|authenticity_token`

var (
	privateKey = regexp.MustCompile(`(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)`)
	formField  = regexp.MustCompile(`(?i)((?:^|[?&\s"'])(?:` + secretFields + `)=)[^&\s"'<>]+`)
	jsonMember = regexp.MustCompile(`(?i)("(?:` + secretFields + `)"\s*:\s*")(?:[^"\\]|\\.)*`)
	inputTag   = regexp.MustCompile(`(?i)<input\b[^>]*>`)
	inputName  = regexp.MustCompile(`(?i)\bname\s*=\s*["']?(?:` + secretFields + `)["'\s/>]`)
	inputValue = regexp.MustCompile(`(?i)(\bvalue\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)`)
)

// redactPlaces takes out what is secret by where it stands.
func redactPlaces(s string) string {
	if strings.Contains(s, ":") {
		s = redactHeaders(s)
	}
	if strings.Contains(s, "PRIVATE KEY-----") {
		s = privateKey.ReplaceAllString(s, "${1}"+Redacted+"${2}")
	}
	if strings.Contains(s, "=") {
		s = formField.ReplaceAllString(s, "${1}"+Redacted)
	}
	if strings.Contains(s, `":`) || strings.Contains(s, `" :`) {
		s = jsonMember.ReplaceAllString(s, "${1}"+Redacted)
	}
	if strings.Contains(s, "<") {
		s = inputTag.ReplaceAllStringFunc(s, func(tag string) string {
			if !inputName.MatchString(tag) {
				return tag
			}
			return inputValue.ReplaceAllString(tag, `${1}"`+Redacted+`"`)
		})
	}
	return s
}

// redactHeaders takes the secret part out of HTTP header lines and keeps what
// a reader needs of them: names of cookies, their attributes, the scheme.
func redactHeaders(s string) string {
	var out strings.Builder
	changed := false
	for line := range strings.Lines(s) {
		body := strings.TrimRight(line, "\r\n")
		safe := redactHeader(body)
		changed = changed || safe != body
		out.WriteString(safe)
		out.WriteString(line[len(body):])
	}
	if !changed {
		return s
	}
	return out.String()
}

func redactHeader(line string) string {
	colon := strings.IndexByte(line, ':')
	if colon < 0 || colon > 40 {
		return line
	}
	label, value := line[:colon+1], strings.TrimSpace(line[colon+1:])
	// Traces mark the direction before the name: "> Cookie: …", "  Cookie: …".
	switch strings.ToLower(strings.TrimLeft(label, "<>* \t")) {
	case "authorization:", "proxy-authorization:":
		if scheme, rest, ok := strings.Cut(value, " "); ok && rest != "" {
			return label + " " + scheme + " " + Redacted
		}
	case "cookie:":
		pairs := strings.Split(value, ";")
		for i, pair := range pairs {
			pairs[i] = redactPair(pair)
		}
		return label + " " + strings.Join(pairs, ";")
	case "set-cookie:":
		pair, attributes, found := strings.Cut(value, ";")
		if found {
			attributes = ";" + attributes
		}
		return label + " " + redactPair(pair) + attributes
	case "x-csrf-token:", "x-xsrf-token:", "x-api-key:":
	default:
		return line
	}
	return label + " " + Redacted
}

func redactPair(pair string) string {
	name, value, ok := strings.Cut(pair, "=")
	switch {
	case !ok:
		return Redacted
	case value == "":
		return pair // a cookie that is being cleared
	}
	return name + "=" + Redacted
}
