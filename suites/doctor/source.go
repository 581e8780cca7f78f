package doctor

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/sign"
	"github.com/dcconform/dcconform/suites/observe"
)

// Source is where TXT records are looked up.
type Source interface {
	// TXT returns the data of every TXT record at a name, nil when there is
	// none. An error means that it could not be found out.
	TXT(ctx context.Context, name string) ([][]string, error)
	// String says what was asked, for people.
	String() string
	// Anywhere reports whether the records belong to no name, and so to every
	// one.
	Anywhere() bool
}

// UnreachableError says that a key could not be looked up, as against not
// being there.
type UnreachableError struct{ Err error }

func (e *UnreachableError) Error() string {
	return "The key could not be looked up: " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *UnreachableError) Unwrap() error { return e.Err }

// maxAliases bounds the CNAMEs between a key name and its records.
const maxAliases = 8

// Server asks a name server: a resolver, or the server of the key's zone.
type Server struct{ observe.Server }

// Anywhere is false.
func (s Server) Anywhere() bool { return false }

func (s Server) String() string { return "name server " + s.Addr }

// TXT asks for the records, and follows aliases as far as they go.
func (s Server) TXT(ctx context.Context, name string) ([][]string, error) {
	name = dns.Fqdn(name)
	for range maxAliases {
		answer, err := s.Ask(ctx, name, dns.TypeTXT)
		if err != nil {
			return nil, &UnreachableError{err}
		}
		if answer.Rcode != dns.RcodeSuccess && answer.Rcode != dns.RcodeNameError {
			return nil, &UnreachableError{fmt.Errorf("%s answers %s for %s", s.Addr, dns.RcodeToString[answer.Rcode], shown(name))}
		}
		var txt [][]string
		alias := ""
		for _, r := range answer.Of(dns.TypeTXT) {
			txt = append(txt, []string{r.Text()})
		}
		for _, r := range answer.Of(dns.TypeCNAME) {
			alias = r.Data
		}
		if len(txt) > 0 || alias == "" {
			return txt, nil
		}
		name = alias
	}
	return nil, &UnreachableError{fmt.Errorf("the key at %s is behind more than %d aliases", shown(name), maxAliases)}
}

// File is a file with TXT records.
type File struct {
	name string
	// bare are texts without a name, named those with one.
	bare  [][]string
	named map[string][][]string
}

// Anywhere reports whether the file has texts without a name.
func (f *File) Anywhere() bool { return len(f.bare) > 0 }

func (f *File) String() string { return f.name }

// TXT returns what stands in the file for the name; texts without a name are
// those of every name.
func (f *File) TXT(_ context.Context, name string) ([][]string, error) {
	if len(f.bare) > 0 {
		return f.bare, nil
	}
	return f.named[dns.CanonicalName(name)], nil
}

// ParseFile reads TXT records, one a line: as text (p=1,a=RS256,d=...), as
// dig +short prints it, in quotation marks, or as a line of a zone file with
// the name of the record. Empty lines and those that begin with ; are left
// out. name is what errors call the file.
func ParseFile(name string, data []byte) (*File, error) {
	f := &File{name: name, named: map[string][][]string{}}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimRight(lines.Text(), "\r")
		if trimmed := strings.TrimSpace(line); trimmed == "" || trimmed[0] == ';' {
			continue
		}
		if err := f.line(line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	switch {
	case len(f.bare) == 0 && len(f.named) == 0:
		return nil, fmt.Errorf("%s: there is no TXT record in it; write one a line, as p=1,a=RS256,d=... or as dig prints them", name)
	case len(f.bare) > 0 && len(f.named) > 0:
		return nil, fmt.Errorf("%s: some lines have a name and others have none; write all in one way", name)
	}
	return f, nil
}

func (f *File) line(line string) error {
	fields := strings.Fields(line)
	switch {
	case strings.HasPrefix(strings.TrimSpace(line), `"`):
		txt, err := presentation(". 0 IN TXT " + line)
		if err != nil {
			return fmt.Errorf("the quotation marks of this line do not go together: %w", err)
		}
		f.bare = append(f.bare, txt.Txt)
	case isZoneLine(fields):
		txt, err := presentation(line)
		if err != nil {
			return fmt.Errorf("this looks like a line of a zone file and is none: %w", err)
		}
		owner := dns.CanonicalName(txt.Hdr.Name)
		f.named[owner] = append(f.named[owner], txt.Txt)
	default:
		f.bare = append(f.bare, []string{line})
	}
	return nil
}

// isZoneLine reports whether TXT stands as a type among the first words.
func isZoneLine(fields []string) bool {
	for i, word := range fields {
		if i > 0 && i < 4 && strings.EqualFold(word, "TXT") {
			return true
		}
	}
	return false
}

// presentation reads a TXT record; its strings are decoded.
func presentation(line string) (*dns.TXT, error) {
	rr, err := dns.NewRR(line)
	if err != nil {
		return nil, err
	}
	txt, ok := rr.(*dns.TXT)
	if !ok {
		return nil, fmt.Errorf("it is no TXT record")
	}
	for i, s := range txt.Txt {
		txt.Txt[i] = observe.Record{Type: "TXT", Data: `"` + s + `"`}.Text()
	}
	return txt, nil
}

// sought is the place that a provider looks a key up at, and where it may
// stand by mistake; those are not looked up yet.
type sought struct {
	first     sign.Place
	elsewhere []sign.Place
	// held are the records that the key itself is judged by.
	held [][]string
}

// find looks the key up where a provider does. nil means that no source was
// given.
func find(ctx context.Context, l link, domain string, q Question) (*sought, *Key, error) {
	if q.Keys == nil {
		return nil, nil, nil
	}
	label, err := labelOf(l.query)
	if err != nil {
		label = ""
	}
	if q.Keys.Anywhere() {
		txt, err := q.Keys.TXT(ctx, "")
		return anywhere(label, domain, q.Keys.String(), txt), &Key{Name: label, Source: q.Keys.String(), Records: len(txt)}, err
	}
	if domain == "" {
		return nil, nil, fmt.Errorf("where the key stands is key and syncPubKeyDomain together: give the template with --template, or the domain with --key-domain")
	}
	domain = dns.CanonicalName(domain)
	name, err := sign.KeyName(label, domain, q.Edition)
	if err != nil {
		name = dns.CanonicalName(label + "." + domain)
	}
	first := sign.Place{Name: shown(name)}
	if err == nil {
		if first.TXT, err = q.Keys.TXT(ctx, name); err != nil {
			return nil, &Key{Name: shown(name), Source: q.Keys.String()}, err
		}
	}
	return &sought{first, elsewhere(label, domain, name), first.TXT}, &Key{Name: shown(name), Source: q.Keys.String(), Records: len(first.TXT)}, nil
}

// anywhere is the place of records that belong to every name. That key holds
// the whole name can be told by the label alone: a provider puts it in front of
// the domain again, and there the records are not.
func anywhere(label, domain, source string, txt [][]string) *sought {
	if domain != "" {
		domain = dns.CanonicalName(domain)
		name := dns.CanonicalName(strings.TrimSuffix(label, ".") + "." + domain)
		for _, p := range elsewhere(label, domain, name) {
			if p.Slip == sign.PlaceFullName {
				return &sought{sign.Place{Name: shown(name)}, []sign.Place{p}, txt}
			}
		}
	}
	return &sought{first: sign.Place{Name: source, TXT: txt}, held: txt}
}

// more looks the key up elsewhere. That it could not be found out whether one
// stands there is no error: it is an extra.
func (s *sought) more(ctx context.Context, keys Source) []sign.Place {
	places := []sign.Place{s.first}
	for _, p := range s.elsewhere {
		var err error
		if p.TXT, err = keys.TXT(ctx, p.Name); err == nil && len(p.TXT) > 0 {
			places = append(places, p)
		}
	}
	return places
}

// shown is a name as people write it, without the dot at its end.
func shown(name string) string { return strings.TrimSuffix(name, ".") }

// labelOf is the value of key.
func labelOf(rawQuery string) (string, error) {
	q, err := dc.ParseQuery(rawQuery, false)
	return q.Get("key"), err
}

// elsewhere are the names at which a key stands by mistake.
func elsewhere(label, domain, name string) []sign.Place {
	if label == "" {
		return nil
	}
	label = strings.ToLower(strings.TrimSuffix(label, "."))
	var list []sign.Place
	add := func(at string, slip sign.Mistake) {
		at = dns.CanonicalName(at)
		if _, ok := dns.IsDomainName(at); !ok || at == name {
			return
		}
		for _, p := range list {
			if p.Name == shown(at) {
				return
			}
		}
		list = append(list, sign.Place{Name: shown(at), Slip: slip})
	}
	if strings.HasPrefix(domain, label+".") {
		add(domain, sign.PlaceLabelTwice)
	}
	if strings.HasSuffix(label, "."+strings.TrimSuffix(domain, ".")) {
		add(label, sign.PlaceFullName)
	}
	add(domain, sign.PlaceBareDomain)
	if bare, ok := strings.CutPrefix(label, "_"); ok {
		add(bare+"."+domain, sign.PlaceUnderscore)
	} else {
		add("_"+label+"."+domain, sign.PlaceUnderscore)
	}
	labels := dns.SplitDomainName(domain)
	for i := 0; i+1 < len(labels); i++ {
		add(name+strings.Join(labels[i:], ".")+".", sign.PlaceDomainTwice)
	}
	return list
}
