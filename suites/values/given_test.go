package values

import (
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

func TestReadGiven(t *testing.T) {
	tpl := parse(t, `{"type":"MX","host":"@","pointsTo":"%mx%","priority":"%prio%","ttl":"%ttl%"},{"type":"TXT","host":"@","data":"%a-b%","ttl":60}`)
	want := Set{"mx": "mx.example.net", "prio": "007", "ttl": "600", "a-b": "yes: no # 1"}
	for name, in := range map[string]string{
		"YAML": "# ours\np.example.net.s:\n  mx: mx.example.net\n  prio: 007\n  ttl: 600\n  a-b: 'yes: no # 1'\n",
		"JSON": `{"p.example.net.s": {"mx": "mx.example.net", "prio": "007", "ttl": 600, "a-b": "yes: no # 1"}}`,
	} {
		g, err := ReadGiven("v", []byte(in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := g.For(tpl)
		if len(got) != len(want) {
			t.Errorf("%s: %v", name, got)
		}
		for k, v := range want {
			if got[k] != v {
				t.Errorf("%s: %s is %q, not %q", name, k, got[k], v)
			}
		}
		if err := g.Check([]*dc.Template{tpl}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var none *Given
	if none.For(tpl) != nil || none.Check(nil) != nil {
		t.Error("no file at all is not the same as no values")
	}
}

func TestReadGivenKeepsLongTexts(t *testing.T) {
	g, err := ReadGiven("v", []byte("p.example.net.s:\n  k: |-\n    one\n    two\n  empty: ''\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := g.For(parse(t, `{"type":"TXT","host":"@","data":"%k%%empty%","ttl":60}`))
	if got["k"] != "one\ntwo" {
		t.Errorf("k is %q", got["k"])
	}
	if v, ok := got["empty"]; v != "" || !ok {
		t.Errorf("empty is %q, %v", v, ok)
	}
}

func TestReadGivenRefuses(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", "v.yaml: holds no values"},
		{"comment", "# later\n", "v.yaml: holds no values"},
		{"empty mapping", "{}\n", "v.yaml: holds no values"},
		{"list", "- a\n", "v.yaml:1: values are a mapping: template id -> variable -> value"},
		{"two documents", "a: {b: c}\n---\nd: {e: f}\n", "v.yaml: holds 2 documents: values are one mapping"},
		{"template without values", "a.b:\nc.d: {e: f}\n", `v.yaml:1: template "a.b" has no mapping of variables to values`},
		{"template with text", "\na.b: c\n", `v.yaml:2: template "a.b" has no mapping of variables to values`},
		{"template with nothing", "a.b: {}\n", `v.yaml:1: template "a.b" has no mapping of variables to values`},
		{"null", "a.b:\n  c: d\n  ip:\n", `v.yaml:3: variable "ip" of a.b: a value is text or a number`},
		{"boolean", "a.b:\n  ip: true\n", `v.yaml:2: variable "ip" of a.b: a value is text or a number`},
		{"list of values", "a.b:\n  ip: [1, 2]\n", `v.yaml:2: variable "ip" of a.b: a value is text or a number`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadGiven("v.yaml", []byte(c.in))
			if err == nil {
				t.Fatal("accepted")
			}
			if err.Error() != c.want {
				t.Errorf("\n got %s\nwant %s", err, c.want)
			}
		})
	}
	for _, c := range []struct{ name, in, want string }{
		{"variable twice", "a.b:\n  ip: 1\n  ip: 2\n", `"ip" already defined`},
		{"template twice", "a.b: {c: d}\na.b: {e: f}\n", `"a.b" already defined`},
		{"not YAML", "a: 'b\n", "v.yaml: not YAML or JSON: [1:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadGiven("v.yaml", []byte(c.in))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q is not in %v", c.want, err)
			}
		})
	}
}

func TestGivenCheck(t *testing.T) {
	tpl := parse(t, `{"type":"A","host":"@","pointsTo":"%ip%","ttl":"%ttl%"}`)
	plain := parse(t, `{"type":"A","host":"@","pointsTo":"192.0.2.1","ttl":60}`)
	plain.ServiceID = "plain"
	g, err := ReadGiven("v.yaml", []byte(`P.example.net.s: {ip: 192.0.2.1}
p.example.net.s:
  ip: 192.0.2.1
  pi: 192.0.2.2
  domain: example.org
p.example.net.plain:
  x: y
`))
	if err != nil {
		t.Fatal(err)
	}
	want := `v.yaml:1: no template "P.example.net.s" among those to try: an id is providerId.serviceId, in the template's letter case
v.yaml:4: template p.example.net.s has no variable "pi": it has ip, ttl
v.yaml:5: variable "domain" is built in: it follows from where the template is applied
v.yaml:7: template p.example.net.plain has no variable "x", and no other`
	if err := g.Check([]*dc.Template{tpl, plain}); err == nil || err.Error() != want {
		t.Errorf("\n got %v\nwant %s", err, want)
	}
}
