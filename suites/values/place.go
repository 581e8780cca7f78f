package values

import (
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
)

// strictness orders places by how little they accept. A variable that stands
// in several places takes the values of the strictest one first.
type strictness int

const (
	strictNumber strictness = iota // a number, an address, one of a few words
	strictLabel                    // a label of a host name
	strictName                     // a host name
	strictText                     // anything
)

// candidates lists values for a variable in one place, the likeliest first.
func (s source) candidates(t *dc.Template, name string, u resolve.Use, long bool) (strictness, []string) {
	r := &t.Records[u.Record]
	whole := r.Text(u.Field)
	before, after, ok := strings.Cut(whole, "%"+name+"%")
	if !ok {
		return strictText, []string{s.token(name)}
	}
	p := place{source: s, name: name, record: r, before: before, after: after, whole: u.Whole, long: long}
	switch u.Field {
	case "ttl":
		return strictNumber, p.numbers(300, 3899)
	case "priority":
		return strictNumber, p.numbers(1, 99)
	case "weight":
		return strictNumber, p.numbers(1, 999)
	case "port":
		return strictNumber, p.numbers(1024, 65535)
	case "protocol":
		return strictNumber, p.underscored("tcp", "udp", "tls", "sctp")
	case "service":
		return strictLabel, p.underscored(p.token(name))
	case "host", "name":
		return strictLabel, p.host()
	case "pointsTo":
		return p.pointsTo()
	case "target":
		return p.target()
	case "spfRules":
		return p.spf()
	case "data":
		return p.data()
	}
	return strictText, []string{p.token(name)}
}

// place is one spot where a variable stands.
type place struct {
	source
	name          string
	record        *dc.Record
	before, after string
	whole, long   bool
}

// numbers offers four numbers, so that variables of one template can differ.
func (p place) numbers(least, most uint64) []string {
	var out []string
	for _, draw := range []string{"a", "b", "c", "d"} {
		out = append(out, p.number(p.name, draw, least, most))
	}
	return out
}

func (p place) addresses() []string {
	return []string{p.ipv4(p.name, "a"), p.ipv4(p.name, "b"), p.ipv4(p.name, "c"), p.ipv4(p.name, "d")}
}

// underscored offers words that an underscore starts, which may already stand
// before the variable.
func (p place) underscored(words ...string) []string {
	if strings.HasSuffix(p.before, "_") {
		return words
	}
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = "_" + w
	}
	return out
}

// host: a label; where the template makes the value absolute, a name in the
// zone.
func (p place) host() []string {
	label := p.token(p.name)
	return []string{label, label + "." + p.zone, p.zone}
}

func (p place) pointsTo() (strictness, []string) {
	switch strings.ToUpper(p.record.Type) {
	case "A", "TYPE1":
		if p.whole {
			return strictNumber, p.addresses()
		}
		return strictNumber, append(p.numbers(1, 254), "192.0.2", "198.51", "192")
	case "AAAA", "TYPE28":
		if p.whole {
			return strictNumber, []string{p.ipv6(p.name)}
		}
		return strictNumber, []string{p.hex(p.name, 2), "2001:db8", "2001:db8::", "2001"}
	}
	return p.hostName()
}

// hostName: the whole name, or the labels that are missing.
func (p place) hostName() (strictness, []string) {
	label, name := p.token(p.name), p.source.name(p.name)
	if p.whole {
		return strictName, []string{name, label}
	}
	if strings.Trim(p.after, ".") == "" && strings.HasSuffix(p.before, ".") {
		return strictName, []string{name, label}
	}
	return strictLabel, []string{label, name, ""}
}

func (p place) target() (strictness, []string) {
	switch strings.ToUpper(p.record.Type) {
	case "REDIR301", "REDIR302":
		return p.url()
	}
	return p.hostName()
}

// url: a part of an http(s) URL, by what surrounds it.
func (p place) url() (strictness, []string) {
	token, name := p.token(p.name), p.source.name(p.name)
	path := []string{token, name, "https://" + name + "/" + token}
	switch {
	case p.whole:
		return strictText, []string{"https://" + name + "/" + token, name}
	case strings.HasPrefix(p.after, "://"):
		return strictNumber, []string{"https", "http"}
	case p.before == "":
		return strictText, []string{"https://" + name, "https", token}
	case strings.HasSuffix(p.before, "://") && (p.after == "" || strings.ContainsAny(p.after[:1], "/?#:")):
		return strictName, []string{name, token}
	case strings.HasSuffix(p.before, ":") && !strings.HasSuffix(p.before, "://"):
		return strictNumber, append(p.numbers(1024, 65535), path...)
	case !strings.Contains(afterScheme(p.before), "/"):
		return strictLabel, path
	}
	return strictText, path
}

func afterScheme(s string) string {
	if _, rest, ok := strings.Cut(s, "://"); ok {
		return rest
	}
	return s
}

// spf: a term, or a part of one, by the mechanism before it.
func (p place) spf() (strictness, []string) {
	token, name := p.token(p.name), p.source.name(p.name)
	anyTerm := []string{"include:" + name, name, token, p.ipv4(p.name, "a"), "24", "a"}
	if p.whole {
		return strictText, anyTerm
	}
	term := p.before[strings.LastIndexAny(p.before, " \t")+1:]
	bare := strings.ToLower(strings.TrimLeft(term, "+-~?"))
	ended := p.after == "" || strings.ContainsAny(p.after[:1], " \t/")
	switch {
	case bare == "":
		if ended {
			return strictText, anyTerm
		}
		return strictNumber, []string{"include", "a", "ip4", token}
	case strings.HasSuffix(bare, "/"):
		return strictNumber, p.numbers(24, 30)
	case bare == "ip4:" && ended:
		return strictNumber, p.addresses()
	case strings.HasPrefix(bare, "ip4:"):
		return strictNumber, append(p.numbers(1, 254), "192.0.2", "198.51", "192")
	case bare == "ip6:" && ended:
		return strictNumber, []string{p.ipv6(p.name)}
	case strings.HasPrefix(bare, "ip6:"):
		return strictNumber, []string{p.hex(p.name, 2), "2001:db8", "2001:db8::", "2001"}
	case ended && (strings.HasSuffix(bare, ":") || strings.HasSuffix(bare, "=") || strings.HasSuffix(bare, ".")):
		return strictName, []string{name, token}
	}
	return strictLabel, []string{token, name}
}
