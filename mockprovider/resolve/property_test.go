package resolve

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"pgregory.net/rapid"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// fieldText draws template fields that are rich in per cent signs.
var fieldText = rapid.StringMatching(`(%(a|b|ab|a-b|domain|host)%|%|[ab]|\.| |@|%%){0,8}`)

// TestSubstitutionProperties: the text around expressions stays, every
// expression gives exactly its value, and no value is looked at again.
func TestSubstitutionProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		field := fieldText.Draw(t, "field")
		value := rapid.OneOf(fieldText, rapid.String())
		s := &scope{domain: "d.test", host: "h", fqdn: "h.d.test", values: map[string]string{}}
		for _, name := range []string{"a", "b", "ab", "a-b"} {
			s.values[name] = value.Draw(t, name)
		}
		split := parts(field)
		source, length := "", 0
		for _, p := range split {
			if p.name == "" {
				source += p.text
				length += len(p.text)
				continue
			}
			source += "%" + p.name + "%"
			v, _ := s.lookup(p.name) // "%aa%" can come about too, and has no value
			length += len(v)
		}
		if source != field {
			t.Fatalf("%q splits into %v", field, split)
		}
		r := s.render(field)
		if len(r.text) != length {
			t.Fatalf("%q gives %d octets, want %d", field, len(r.text), length)
		}
		// Marks that are no expressions stand for the values; replacing them
		// afterwards is the same, so what values hold cannot matter.
		marks := &scope{domain: "\x01domain\x02", host: "\x01host\x02", values: map[string]string{}}
		pairs := []string{marks.domain, s.domain, marks.host, s.host}
		for name, v := range s.values {
			marks.values[name] = "\x01" + name + "\x02"
			pairs = append(pairs, marks.values[name], v)
		}
		if want := strings.NewReplacer(pairs...).Replace(marks.render(field).text); r.text != want {
			t.Fatalf("%q gives %q, want %q", field, r.text, want)
		}
	})
}

// records are one record of every shape, with a variable wherever one may be.
const records = `
{"type":"A","host":"%h%","pointsTo":"%a%","ttl":"%n%"},
{"type":"A","host":"%h%","pointsTo":"192.0.2.1","ttl":60},
{"type":"AAAA","host":"%h%.x","pointsTo":"2001:db8::%a%","ttl":60},
{"type":"CNAME","host":"_%h%","pointsTo":"%a%","ttl":60},
{"type":"NS","host":"%h%.%domain%.","pointsTo":"ns.%a%","ttl":60},
{"type":"MX","host":"@","pointsTo":"%a%.example","ttl":60,"priority":"%n%"},
{"type":"TXT","host":"%h%","data":"%a%","ttl":60},
{"type":"TXT","host":"@","data":"\"%a%\" \"x%b%y\"","ttl":60},
{"type":"TXT","host":"@","data":"v=%a%;\\059%b%","ttl":60},
{"type":"SRV","name":"%h%","service":"_%a%","protocol":"_tcp","target":"%b%","ttl":60,"priority":1,"weight":2,"port":"%n%"},
{"type":"CAA","host":"@","data":"0 issue \"%a%\"","ttl":60},
{"type":"CAA","host":"@","data":"%n% %a% %b%","ttl":60},
{"type":"HTTPS","host":"%h%","data":"1 . %a%","ttl":60},
{"type":"TYPE5","host":"%h%","data":"%a%","ttl":60},
{"type":"TYPE65280","host":"@","data":"\\# %n% %a%","ttl":60},
{"type":"TYPE16","host":"@","data":"\\# %n% %a%","ttl":60},
{"type":"NAPTR","host":"@","data":"%a%","ttl":60},
{"type":"LOC","host":"@","data":"%a%","ttl":60},
{"type":"SPFM","host":"%h%","spfRules":"%a%"},
{"type":"APEXCNAME","host":"%h%","pointsTo":"%a%","ttl":60},
{"type":"REDIR301","host":"%h%","target":"https://%a%/%b%"}`

// one returns a template of the record at i, modulo their number.
func one(t testing.TB, i uint) *dc.Template {
	all := strings.Split(strings.TrimSpace(records), ",\n")
	return parse(t, "", all[int(i%uint(len(all)))])
}

// holds checks what is true of every result.
func holds(t testing.TB, tmpl *dc.Template, req Request, rules dc.Rules) {
	t.Helper()
	given := maps.Clone(req.Variables)
	source := tmpl.Digest() + asJSON(t, tmpl.Records)
	resolved, err := Resolve(tmpl, req, rules)
	again, err2 := Resolve(tmpl, req, rules)
	if !reflect.DeepEqual(resolved, again) || !reflect.DeepEqual(err, err2) {
		t.Fatalf("two runs differ: %v %v, %v %v", lines(resolved), err, lines(again), err2)
	}
	if !maps.Equal(given, req.Variables) || source != tmpl.Digest()+asJSON(t, tmpl.Records) {
		t.Fatal("the input was modified")
	}
	if err != nil {
		var e *dc.Error
		if !errors.As(err, &e) || e.Class == "" || e.Message == "" {
			t.Fatalf("the error is %T %v", err, err)
		}
		return
	}
	apex, err := FQDN(req.Domain, "")
	if err != nil || len(resolved) != len(tmpl.Records) {
		t.Fatalf("%d records of %d, apex %v", len(resolved), len(tmpl.Records), err)
	}
	for _, r := range resolved {
		if r.Owner != apex && !strings.HasSuffix(r.Owner, "."+apex) {
			t.Fatalf("%s is not in %s", r.Owner, apex)
		}
		if r.Owner != strings.ToLower(r.Owner) || strings.ContainsAny(r.Owner, " \\\n\t\"") || !isASCII(r.Owner) {
			t.Fatalf("owner %q", r.Owner)
		}
		if r.RR != nil {
			onWireAndBack(t, r)
		}
	}
}

// onWireAndBack: the record survives its wire format and its presentation
// format, which is one line and one record.
func onWireAndBack(t testing.TB, r dc.Resolved) {
	t.Helper()
	h := r.RR.Header()
	if h.Name != r.Owner || h.Ttl != r.TTL || h.Class != dns.ClassINET || h.Rrtype == 0 {
		t.Fatalf("%+v has the header %+v", r, h)
	}
	if name, code, ok := dc.CanonicalType(r.Type); !ok || code != h.Rrtype || name != r.Type {
		t.Fatalf("type %s, record %d", r.Type, h.Rrtype)
	}
	buf := make([]byte, 1<<17)
	n, err := dns.PackRR(r.RR, buf, 0, nil, false)
	if err != nil {
		t.Fatalf("%v: %v", r.RR, err)
	}
	back, _, err := dns.UnpackRR(buf[:n], 0)
	if err != nil {
		t.Fatalf("%v: %v", r.RR, err)
	}
	text := r.RR.String()
	if back.String() != text {
		t.Fatalf("on the wire and back:\n%s\n%s", text, back)
	}
	for i := range len(text) {
		if c := text[i]; c < ' ' && c != '\t' || c >= 0x7f {
			t.Fatalf("%q is printed", text)
		}
	}
	zp := dns.NewZoneParser(strings.NewReader(text+"\n"), ".", "")
	first, ok := zp.Next()
	if !ok {
		t.Fatalf("%q cannot be read back: %v", text, zp.Err())
	}
	if _, more := zp.Next(); more {
		t.Fatalf("%q is more than one record", text)
	}
	m, err := dns.PackRR(first, make([]byte, 1<<17), 0, nil, false)
	if err != nil || m != n {
		t.Fatalf("%q reads back as %q (%v)", text, first, err)
	}
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestResolveProperties(t *testing.T) {
	value := rapid.OneOf(
		rapid.StringMatching(`[a-zA-Z0-9_.*@-]{0,12}`),
		rapid.StringMatching(`["\\ ;()@a0-9.\n=]{0,12}`),
		rapid.StringMatching(`[0-9]{1,5}`),
		rapid.StringMatching(`(www\.|_x\.)?(example\.com|other\.test)\.?`),
		rapid.String(),
	)
	rapid.Check(t, func(rt *rapid.T) {
		tmpl := one(t, rapid.UintRange(0, 30).Draw(rt, "record"))
		req := Request{
			Domain:    rapid.SampledFrom([]string{"example.com", "bücher.example", "EXAMPLE.com."}).Draw(rt, "domain"),
			Host:      rapid.SampledFrom([]string{"", "bar", "a._b"}).Draw(rt, "host"),
			Variables: map[string]string{},
		}
		for _, name := range []string{"h", "a", "b", "n"} {
			req.Variables[name] = value.Draw(rt, name)
		}
		edition := rapid.SampledFrom([]dc.Edition{dc.IETF05, dc.DCSpec23}).Draw(rt, "edition")
		holds(t, tmpl, req, dc.Rules{Edition: edition})
	})
}

// valueSeeds loads the seeds of FuzzResolve: one value a line.
func valueSeeds(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "values", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no seeds in testdata/values: %v", err)
	}
	var values []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			values = append(values, strings.TrimRight(line, "\r\n"))
		}
	}
	return values
}

// TestSeeds resolves every shape with every seed, and wants the seeds to
// reach the records as well as the errors.
func TestSeeds(t *testing.T) {
	good := map[uint]bool{}
	shapes := uint(strings.Count(records, "\n"))
	for _, v := range valueSeeds(t) {
		for i := range shapes {
			tmpl := one(t, i)
			for _, h := range []string{"@", "w", v} {
				req := Request{Domain: "example.com", Variables: vars("h", h, "a", v, "b", v, "n", "4")}
				holds(t, tmpl, req, dc.Rules{})
				if _, err := Resolve(tmpl, req, dc.Rules{}); err == nil {
					good[i] = true
				}
			}
		}
	}
	for i := range shapes {
		if !good[i] {
			t.Errorf("no seed fits record %s", one(t, i).Raw)
		}
	}
}

func FuzzResolve(f *testing.F) {
	for i, v := range valueSeeds(f) {
		f.Add(uint(i), "", v, v, "4", i%2 == 0)
		f.Add(uint(i), v, "x", "192.0.2.1", v, i%2 == 1)
	}
	f.Fuzz(func(t *testing.T, record uint, h, a, b, n string, community bool) {
		rules := dc.Rules{}
		if community {
			rules.Edition = dc.DCSpec23
		}
		holds(t, one(t, record), Request{Domain: "example.com", Host: "bar", Variables: vars("h", h, "a", a, "b", b, "n", n)}, rules)
	})
}

// FuzzGeneric puts any data into any type.
func FuzzGeneric(f *testing.F) {
	for i, v := range valueSeeds(f) {
		f.Add(uint16(i), v)
		f.Add(dns.TypeHTTPS, v)
	}
	f.Fuzz(func(t *testing.T, code uint16, data string) {
		tmpl := &dc.Template{ProviderID: "p", ServiceID: "s", Records: []dc.Record{
			{Type: dns.Type(code).String(), Host: "@", TTL: "60", Data: data}}}
		holds(t, tmpl, Request{Domain: "example.com"}, dc.Rules{})
		tmpl.Records[0].Data = "%v%"
		holds(t, tmpl, Request{Domain: "example.com", Variables: vars("v", data)}, dc.Rules{})
	})
}
