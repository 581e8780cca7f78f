package values

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
)

func parse(t *testing.T, records string) *dc.Template {
	t.Helper()
	src := `{"providerId":"p.example.net","providerName":"P","serviceId":"s","serviceName":"S","records":[` + records + `]}`
	tpl, err := dc.Parse("t.json", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

// rendered applies the template with invented values and returns the records
// in presentation form, extension types as type and value.
func rendered(t *testing.T, tpl *dc.Template, host string, set Set) []string {
	t.Helper()
	records, err := resolve.Resolve(tpl, resolve.Request{Domain: "example.com", Host: host, Variables: set}, dc.Rules{})
	if err != nil {
		t.Fatalf("with %v: %v", set, err)
	}
	var out []string
	for _, r := range records {
		if r.RR != nil {
			out = append(out, strings.ReplaceAll(r.RR.String(), "\t", " "))
			continue
		}
		out = append(out, r.Type+" "+r.Value)
	}
	return out
}

// The values of one seed are written out: they are part of what a report can
// be compared by, and must not change from one version to the next unnoticed.
func TestInventByPlace(t *testing.T) {
	for _, c := range []struct{ name, records, want string }{
		{"A", `{"type":"A","host":"www","pointsTo":"%v%","ttl":60}`, "www.example.com. 60 IN A 203.0.113.152"},
		{"part of an A", `{"type":"A","host":"www","pointsTo":"198.51.100.%v%","ttl":60}`, "www.example.com. 60 IN A 198.51.100.5"},
		{"two parts of an A", `{"type":"A","host":"www","pointsTo":"%v%.%w%","ttl":60}`, "www.example.com. 60 IN A 5.192.0.2"},
		{"AAAA", `{"type":"AAAA","host":"www","pointsTo":"%v%","ttl":60}`, "www.example.com. 60 IN AAAA 2001:db8:1ee7::1437"},
		{"part of an AAAA", `{"type":"AAAA","host":"www","pointsTo":"2001:db8::%v%","ttl":60}`, "www.example.com. 60 IN AAAA 2001:db8::41f1"},
		{"CNAME", `{"type":"CNAME","host":"www","pointsTo":"%v%","ttl":60}`, "www.example.com. 60 IN CNAME dcvnxt6zg3.example.net."},
		{"parts of a CNAME", `{"type":"CNAME","host":"www","pointsTo":"%v%.%w%.example.net","ttl":60}`, "www.example.com. 60 IN CNAME dcvnxt6zg3.dcxfa7opxx.example.net."},
		{"the end of a CNAME", `{"type":"CNAME","host":"www","pointsTo":"edge.%v%.","ttl":60}`, "www.example.com. 60 IN CNAME edge.dcvnxt6zg3.example.net."},
		{"host", `{"type":"CNAME","host":"%v%","pointsTo":"a.example.net","ttl":60}`, "dcvnxt6zg3.example.com. 60 IN CNAME a.example.net."},
		{"part of a host", `{"type":"CNAME","host":"%v%._domainkey","pointsTo":"a.example.net","ttl":60}`, "dcvnxt6zg3._domainkey.example.com. 60 IN CNAME a.example.net."},
		{"absolute host", `{"type":"CNAME","host":"%v%.","pointsTo":"a.example.net","ttl":60}`, "dcvnxt6zg3.example.com. 60 IN CNAME a.example.net."},
		{"host and text", `{"type":"TXT","host":"%v%","data":"%v%","ttl":60}`, `dcvnxt6zg3.example.com. 60 IN TXT "dcvnxt6zg3"`},
		{"address and SPF", `{"type":"A","host":"@","pointsTo":"%v%","ttl":60},{"type":"SPFM","host":"@","spfRules":"ip4:%v%"}`, "example.com. 60 IN A 203.0.113.152\nSPFM ip4:203.0.113.152"},
		{"MX", `{"type":"MX","host":"@","pointsTo":"%v%","priority":"%w%","ttl":"%x%"}`, "example.com. 1379 IN MX 47 dcvnxt6zg3.example.net."},
		{"SRV", `{"type":"SRV","name":"@","service":"%v%","protocol":"%w%","target":"%x%.%fqdn%.","priority":"%a%","weight":"%b%","port":"%c%","ttl":60}`, "_dcvnxt6zg3._tcp.example.com. 60 IN SRV 84 829 11612 dcokyeplin.example.com."},
		{"SRV with underscores", `{"type":"SRV","name":"@","service":"_%v%","protocol":"_%w%","target":".","priority":0,"weight":0,"port":0,"ttl":60}`, "_dcvnxt6zg3._tcp.example.com. 60 IN SRV 0 0 0 ."},
		{"NS", `{"type":"NS","host":"lab","pointsTo":"%v%","ttl":60}`, "lab.example.com. 60 IN NS dcvnxt6zg3.example.net."},
		{"mailto", `{"type":"TXT","host":"_dmarc","data":"v=DMARC1; p=none; rua=mailto:%v%","ttl":60}`, `_dmarc.example.com. 60 IN TXT "v=DMARC1; p=none; rua=mailto:dcvnxt6zg3@dcvnxt6zg3.example.net"`},
		{"mailto with the domain there", `{"type":"TXT","host":"_dmarc","data":"v=DMARC1; p=none; rua=mailto:%v%@example.net","ttl":60}`, `_dmarc.example.com. 60 IN TXT "v=DMARC1; p=none; rua=mailto:dcvnxt6zg3@example.net"`},
		{"SPF in a TXT", `{"type":"TXT","host":"@","data":"v=spf1 ip4:%v% include:%w% ~all","ttl":60}`, `example.com. 60 IN TXT "v=spf1 ip4:203.0.113.152 include:dcxfa7opxx.example.net ~all"`},
		{"CAA", `{"type":"CAA","host":"@","data":"%v% %w% \"%x%\"","ttl":60}`, `example.com. 60 IN CAA 0 issue "dcokyeplin.example.net"`},
		{"CAA iodef", `{"type":"CAA","host":"@","data":"0 iodef \"%v%\"","ttl":60}`, `example.com. 60 IN CAA 0 iodef "mailto:dcvnxt6zg3@dcvnxt6zg3.example.net"`},
		{"whole CAA", `{"type":"CAA","host":"@","data":"%v%","ttl":60}`, `example.com. 60 IN CAA 0 issue "dcvnxt6zg3.example.net"`},
		{"TLSA", `{"type":"TLSA","host":"_443._tcp","data":"3 1 1 %v%","ttl":60}`, "_443._tcp.example.com. 60 IN TLSA 3 1 1 41f1d551b89bb84684712c7da0183fd7636faf6744a7d4df9182343d4e895484"},
		{"whole DS", `{"type":"DS","host":"lab","data":"%v%","ttl":60}`, "lab.example.com. 60 IN DS 12345 13 2 41F1D551B89BB84684712C7DA0183FD7636FAF6744A7D4DF9182343D4E895484"},
		{"SPF rules", `{"type":"SPFM","host":"@","spfRules":"%v%"}`, "SPFM include:dcvnxt6zg3.example.net"},
		{"SPF parts", `{"type":"SPFM","host":"@","spfRules":"include:%v% +a:%w% ip4:%x%/%l% ip6:%y% ip4:192.0.2.%z% exists:%u%.example.net"}`, "SPFM include:dcvnxt6zg3.example.net +a:dcxfa7opxx.example.net ip4:198.51.100.144/30 ip6:2001:db8:103c::1e8b ip4:192.0.2.152 exists:dcd5ejfwmb.example.net"},
		{"URL", `{"type":"REDIR301","host":"@","target":"%v%"}`, "REDIR301 https://dcvnxt6zg3.example.net/dcvnxt6zg3"},
		{"URL parts", `{"type":"REDIR302","host":"@","target":"%v%://%w%:%x%/a/%y%?q=%z%"}`, "REDIR302 https://dcxfa7opxx.example.net:6855/a/dc3chdd2rg?q=dc62hzo33e"},
		{"alias", `{"type":"APEXCNAME","host":"@","pointsTo":"%v%","ttl":60}`, "APEXCNAME dcvnxt6zg3.example.net."},
	} {
		t.Run(c.name, func(t *testing.T) {
			tpl := parse(t, c.records)
			set, err := Invent(tpl, nil, "example.com", "", 1)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(rendered(t, tpl, "", set), "\n")
			if got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
			values := map[string]string{}
			for name, v := range set {
				if other, ok := values[v]; ok {
					t.Errorf("%s and %s share the value %q", name, other, v)
				}
				values[v] = name
			}
		})
	}
}

func TestInventIsStableForASeed(t *testing.T) {
	records := `{"type":"TXT","host":"@","data":"%v%","ttl":60}`
	tpl := parse(t, records)
	invent := func(tpl *dc.Template, seed uint64) string {
		set, err := Invent(tpl, nil, "example.com", "", seed)
		if err != nil {
			t.Fatal(err)
		}
		return set["v"]
	}
	first := invent(tpl, 1)
	if again := invent(tpl, 1); again != first {
		t.Errorf("seed 1 gives %q, then %q", first, again)
	}
	if other := invent(tpl, 2); other == first {
		t.Errorf("seeds 1 and 2 both give %q", first)
	}
	neighbour := *tpl
	neighbour.ServiceID = "other"
	if other := invent(&neighbour, 1); other == first {
		t.Errorf("two templates both get %q", first)
	}
}

// Two variables where four words are all there is still differ.
func TestInventTellsVariablesApart(t *testing.T) {
	tpl := parse(t, `
		{"type":"CAA","host":"@","data":"0 %v% \"a.example.net\"","ttl":60},
		{"type":"CAA","host":"@","data":"0 %w% \"b.example.net\"","ttl":60},
		{"type":"MX","host":"@","pointsTo":"a.example.net","priority":"%x%","ttl":"%y%"}`)
	for seed := range uint64(200) {
		set, err := Invent(tpl, nil, "example.com", "", seed)
		if err != nil {
			t.Fatal(err)
		}
		if set["v"] == set["w"] || set["x"] == set["y"] {
			t.Fatalf("seed %d: %v", seed, set)
		}
	}
}

func TestInventOnlyWhatTheGroupsNeed(t *testing.T) {
	tpl := parse(t, `
		{"type":"A","groupId":"g","host":"@","pointsTo":"%v%","ttl":60},
		{"type":"A","groupId":"h","host":"@","pointsTo":"bad","ttl":60},
		{"type":"TXT","groupId":"i","host":"@","data":"none","ttl":60}`)
	set, err := Invent(tpl, []string{"g"}, "example.com", "", 1)
	if err != nil || len(set) != 1 || set["v"] == "" {
		t.Errorf("group g: %v, %v", set, err)
	}
	set, err = Invent(tpl, []string{"i"}, "example.com", "", 1)
	if err != nil || set == nil || len(set) != 0 {
		t.Errorf("group i: %#v, %v", set, err)
	}
}

func TestImpossible(t *testing.T) {
	for _, c := range []struct {
		name, records, want string
		class               dc.ErrorClass
	}{
		{"two families", `{"type":"A","host":"@","pointsTo":"%ip%","ttl":60},{"type":"AAAA","host":"@","pointsTo":"%ip%","ttl":60}`, `no value for variable "ip": record 2 (AAAA), pointsTo "%ip%": "192.0.2.79" is not an IPv6 address such as 2001:db8::1; the variable also stands in record 1 (A), pointsTo (tried "192.0.2.79", among others)`, dc.ErrAddress},
		{"no address at all", `{"type":"A","host":"@","pointsTo":"x.%ip%.y","ttl":60}`, `no value for variable "ip": record 1 (A), pointsTo "x.%ip%.y": "x.84.y" is not an IPv4 address such as 192.0.2.1 (tried "84", among others)`, dc.ErrAddress},
		{"a record without variables", `{"type":"TXT","host":"@","data":"%v%","ttl":60},{"type":"A","host":"@","pointsTo":"none","ttl":60}`, `no values would help: record 2 (A), pointsTo "none": "none" is not an IPv4 address such as 192.0.2.1`, dc.ErrAddress},
		{"out of the zone", `{"type":"CNAME","host":"%v%.example.org.","pointsTo":"a.example.net","ttl":60}`, `no value for variable "v": record 1 (CNAME), host "%v%.example.org.": "dcvnxt6zg3.example.org." is not in the zone example.com; leave out the trailing dot, or write %domain%. at the end (tried "dcvnxt6zg3", among others)`, dc.ErrOutOfZone},
		{"no such group", `{"type":"TXT","groupId":"h","host":"@","data":"%v%","ttl":60}`, `no values would help: no record is in group g; the template has h (compared with case)`, dc.ErrGroup},
		{"key", `{"type":"TXT","host":"@","data":"a %key%","ttl":60}`, `no value for variable "key": record 1 (TXT), data "a %key%": "key" is the name of a protocol parameter that is cut from a query before its signature is verified and its values are read, so that a signed request can never carry it: rename the variable`, ""},
		{"state", `{"type":"TXT","host":"@","data":"%state%","ttl":60}`, `no value for variable "state": record 1 (TXT), data "%state%": "state" is the name of a protocol parameter, for which its value would be taken: rename the variable`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var groups []string
			if c.name == "no such group" {
				groups = []string{"g"}
			}
			set, err := Invent(parse(t, c.records), groups, "example.com", "", 1)
			if err == nil {
				t.Fatalf("values %v", set)
			}
			var e *Impossible
			if !errors.As(err, &e) {
				t.Fatalf("%T: %v", err, err)
			}
			if c.class != "" && !errors.Is(err, &dc.Error{Class: c.class}) {
				t.Errorf("the core's refusal is %v, not of class %s", e.Err, c.class)
			}
			if err.Error() != c.want {
				t.Errorf("\n got %s\nwant %s", err, c.want)
			}
		})
	}
}

// ring is a template whose every record has values, each two of its variables
// an octet and a pair of octets, but that goes round an odd number of times.
func ring(t *testing.T, n int) *dc.Template {
	var records []string
	for i := range n {
		records = append(records, fmt.Sprintf(`{"type":"A","host":"h%d","pointsTo":"1.%%v%d%%.%%v%d%%","ttl":60}`, i, i, (i+1)%n))
	}
	return parse(t, strings.Join(records, ","))
}

func TestNoCombination(t *testing.T) {
	if _, err := Invent(ring(t, 4), nil, "example.com", "", 1); err != nil {
		t.Errorf("an even ring: %v", err)
	}
	const want = "no values would help: each record has values that suit it, but no combination was found that suits all of them"
	for _, n := range []int{3, 41} {
		tpl := ring(t, n)
		s := &search{t: tpl, domain: "example.com", variables: resolve.Variables(tpl, nil), source: source{zone: "example.com"}}
		_, err := s.run(true)
		if err == nil || err.Error() != want {
			t.Errorf("a ring of %d:\n got %v\nwant %s", n, err, want)
		}
		if s.tries > triesPerTemplate+n {
			t.Errorf("a ring of %d takes %d tries", n, s.tries)
		}
	}
}

func TestHostRequired(t *testing.T) {
	tpl := parse(t, `{"type":"CNAME","host":"@","pointsTo":"%v%","ttl":60}`)
	tpl.HostRequired = true
	_, err := Invent(tpl, nil, "example.com", "", 1)
	if !errors.Is(err, &dc.Error{Class: dc.ErrHostRequired}) || !strings.HasPrefix(err.Error(), "no values would help: the template") {
		t.Errorf("at the apex: %v", err)
	}
	if set, err := Invent(tpl, nil, "example.com", "bar", 1); err != nil || set["v"] == "" {
		t.Errorf("at bar: %v, %v", set, err)
	}
}

// Keys are as long as real ones, but not where there are so many that the link
// would be longer than providers have to accept.
func TestInventLeavesRoomInTheLink(t *testing.T) {
	record := func(n string) string {
		return `{"type":"TXT","host":"s` + n + `._domainkey","data":"v=DKIM1; p=%k` + n + `%","ttl":60}`
	}
	set, err := Invent(parse(t, record("0")), nil, "example.com", "", 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(set["k0"]); got != 392 {
		t.Errorf("one key has %d characters, not 392", got)
	}
	var many []string
	for n := range 20 {
		many = append(many, record(string(rune('a'+n))))
	}
	set, err = Invent(parse(t, strings.Join(many, ",")), nil, "example.com", "", 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(set) != 20 || encodedLen(set) > roomForValues {
		t.Errorf("%d values take %d octets", len(set), encodedLen(set))
	}
}

func TestEncodedLen(t *testing.T) {
	if got := encodedLen(Set{"ab": "c+~", "d": "é"}); got != len("&ab=c%2B~&d=%C3%A9") {
		t.Errorf("%d octets", got)
	}
}

func TestComplete(t *testing.T) {
	tpl := parse(t, `{"type":"A","host":"%h%","pointsTo":"%ip%","ttl":60}`)
	set, err := Complete(tpl, nil, "example.com", "", 1, Set{"ip": "192.0.2.77", "elsewhere": "x"})
	if err != nil {
		t.Fatal(err)
	}
	if set["ip"] != "192.0.2.77" || set["h"] == "" || len(set) != 2 {
		t.Errorf("%v", set)
	}
	_, err = Complete(tpl, nil, "example.com", "", 1, Set{"ip": "192.0.2.777"})
	want := `the value "192.0.2.777" given for variable "ip" does not fit: record 1 (A), pointsTo "%ip%": "192.0.2.777" is not an IPv4 address such as 192.0.2.1`
	if err == nil || err.Error() != want {
		t.Errorf("\n got %v\nwant %s", err, want)
	}
}

// All of our own templates have values, at the apex where they may, and below.
func TestInventForOwnTemplates(t *testing.T) {
	files, err := fixtures.Templates()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		tpl, err := dc.Parse(f.Name, f.Data)
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range []string{"", "bar"} {
			if host == "" && tpl.HostRequired {
				continue
			}
			set, err := Invent(tpl, nil, "example.com", host, 7)
			if err != nil {
				t.Errorf("%s, host %q: %v", f.Name, host, err)
				continue
			}
			proveEachValue(t, f.Name, tpl, host, set)
		}
	}
}

// proveEachValue changes one value at a time: when a record then still comes
// out the same, reading it back would prove nothing about the variable.
func proveEachValue(t *testing.T, name string, tpl *dc.Template, host string, set Set) {
	t.Helper()
	whole := rendered(t, tpl, host, set)
	other, err := Invent(tpl, nil, "example.com", host, 8)
	if err != nil {
		t.Fatal(err)
	}
	for v := range set {
		changed := Set{}
		for k, val := range set {
			changed[k] = val
		}
		changed[v] = other[v]
		if other[v] == set[v] {
			continue
		}
		if slices.Equal(rendered(t, tpl, host, changed), whole) {
			t.Errorf("%s: the records do not depend on %s", name, v)
		}
	}
}

// TestRealTemplates invents values for a checkout of real templates, for all
// records, and for each group alone. What has none is listed with its reason.
func TestRealTemplates(t *testing.T) {
	dir := os.Getenv("DC_TEMPLATES")
	if dir == "" {
		t.Skip("DC_TEMPLATES is not set: real templates not tried")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("DC_TEMPLATES=%s holds no template", dir)
	}
	templates, without, sets := 0, 0, 0
	for _, file := range files {
		tpl, err := dc.ReadFile(file)
		if tpl == nil {
			t.Logf("%s is no template: %v", filepath.Base(file), err)
			continue
		}
		templates++
		for _, groups := range append([][]string{nil}, each(tpl.Groups())...) {
			set, err := Invent(tpl, groups, "example.com", "bar", 1)
			if err != nil {
				without++
				t.Logf("%s, groups %v: %v", filepath.Base(file), groups, err)
				var core *dc.Error
				if !errors.As(err, &core) && Reserved(variableOf(err)) == "" {
					t.Errorf("%s: neither the core nor a reserved name stands against a value: %v", filepath.Base(file), err)
				}
				continue
			}
			sets++
			if n := encodedLen(set); n > 7000 {
				t.Errorf("%s: the values take %d octets of a link", filepath.Base(file), n)
			}
		}
	}
	t.Logf("%d templates: %d sets of values, %d times none", templates, sets, without)
	if without*50 > sets {
		t.Errorf("%d of %d sets are missing: more than a fiftieth", without, sets+without)
	}
}

func variableOf(err error) string {
	var e *Impossible
	if errors.As(err, &e) {
		return e.Variable
	}
	return ""
}

func each(groups []string) [][]string {
	var out [][]string
	for _, g := range groups {
		out = append(out, []string{g})
	}
	return out
}
