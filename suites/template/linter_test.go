package template

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// comparison adds up what we and the linter say about templates.
type comparison struct {
	// templates counts by code: both, ours alone, linter's alone.
	both, ours, theirs map[string]int
	// used counts the templates that each difference explains.
	used map[string]int
	// wrong lists what no difference explains, or what one predicts and is not so.
	wrong []string
}

func newComparison() *comparison {
	return &comparison{map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}, nil}
}

// compare holds our findings on one template against the linter's codes.
// Codes outside the mode (which is plain or cloudflare) are left out.
func (c *comparison) compare(name string, t *dc.Template, findings []Finding, linter map[string]bool, cloudflare bool) {
	byCode := map[string][]Finding{}
	for _, f := range findings {
		if f.DCTL != "" && strings.HasPrefix(f.DCTL, "DCTL5") == cloudflare {
			byCode[f.DCTL] = append(byCode[f.DCTL], f)
		}
	}
	codes := map[string]bool{}
	for code := range byCode {
		codes[code] = true
	}
	for code := range linter {
		codes[code] = true
	}
	for _, d := range differences {
		if d.speaks != nil && strings.HasPrefix(d.code, "DCTL5") == cloudflare {
			codes[d.code] = true
		}
	}
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		c.judge(name, t, findings, byCode[code], code, linter[code])
	}
}

func (c *comparison) judge(name string, t *dc.Template, all, ours []Finding, code string, theirs bool) {
	explains := predict(t, all, ours, code)
	expected := len(ours) > 0
	if explains != nil {
		expected = !expected
		c.used[explains.code+" "+explains.name]++
	}
	if expected != theirs {
		why := "no difference explains it"
		if explains != nil {
			why = "the difference " + explains.name + " predicts the contrary"
		}
		c.wrong = append(c.wrong, fmt.Sprintf("%s: %s: ours %t, linter %t: %s", name, code, len(ours) > 0, theirs, why))
	}
	switch {
	case len(ours) > 0 && theirs:
		c.both[code]++
	case len(ours) > 0:
		c.ours[code]++
	case theirs:
		c.theirs[code]++
	}
}

// predict returns the difference by which the linter must say the contrary of
// what we say about a code; nil when it must agree.
func predict(t *dc.Template, all, ours []Finding, code string) *difference {
	if len(ours) == 0 {
		for i := range differences {
			if d := &differences[i]; d.code == code && d.speaks != nil && t != nil && d.speaks(t) && !stops(all, code) {
				return d
			}
		}
		return nil
	}
	var last *difference
	for _, f := range ours {
		last = nil
		for i := range differences {
			if d := &differences[i]; d.silent != nil && (d.code == code || d.code == "*") && d.silent(t, all, f) {
				last = d
				break
			}
		}
		if last == nil {
			return nil // the linter makes at least this one
		}
	}
	return last
}

// stops reports whether the linter reads no further than its code 0003.
func stops(all []Finding, code string) bool {
	return code != "DCTL0003" && slices.ContainsFunc(all, func(f Finding) bool { return f.DCTL == "DCTL0003" })
}

// linterFindings reads a table of mode, template, code, level and count.
func linterFindings(t *testing.T, file string) (plain, cloudflare map[string]map[string]bool, levels map[string]string) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	plain, cloudflare, levels = map[string]map[string]bool{}, map[string]map[string]bool{}, map[string]string{}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		column := strings.Split(lines.Text(), "\t")
		if n == 1 && column[0] == "mode" {
			continue
		}
		if len(column) != 5 || column[0] != "plain" && column[0] != "cloudflare" {
			t.Fatalf("%s:%d: %q is no line of mode, template, code, level and count", file, n, lines.Text())
		}
		into := plain
		if column[0] == "cloudflare" {
			into = cloudflare
		}
		if into[column[1]] == nil {
			into[column[1]] = map[string]bool{}
		}
		into[column[1]][column[2]] = true
		levels[column[2]] = column[3]
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return plain, cloudflare, levels
}

func TestAgainstTheOfficialLinter(t *testing.T) {
	dir, table := os.Getenv("DC_TEMPLATES"), os.Getenv("DC_LINTER_FINDINGS")
	if dir == "" || table == "" {
		t.Skip("DC_TEMPLATES and DC_LINTER_FINDINGS are not both set: real templates not compared with the official linter")
	}
	plain, cloudflare, levels := linterFindings(t, table)
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates in %s (%v)", dir, err)
	}
	c, rules, there := newComparison(), map[string]map[string]int{}, 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		if plain[name] != nil || cloudflare[name] != nil {
			there++
		}
		findings, _ := CheckSource(Source{File: name, Data: data}, Options{Profile: ProfileCloudflare})
		parsed, _ := dc.Examine(name, data)
		c.compare(name, parsed, findings, plain[name], false)
		c.compare(name, parsed, findings, cloudflare[name], true)
		countRules(rules, findings)
	}
	if there == 0 {
		t.Fatalf("%s knows none of the %d templates in %s", table, len(files), dir)
	}
	if missing := len(templatesOf(plain, cloudflare)) - there; missing > 0 {
		t.Logf("%d templates of %s are not in %s", missing, table, dir)
	}
	t.Logf("%d templates\n%s\n%s", len(files), c.table(levels), ruleTable(rules))
	for _, w := range c.wrong {
		t.Error(w)
	}
}

func templatesOf(tables ...map[string]map[string]bool) map[string]bool {
	names := map[string]bool{}
	for _, table := range tables {
		for name := range table {
			names[name] = true
		}
	}
	return names
}

// countRules counts templates by rule and level.
func countRules(rules map[string]map[string]int, findings []Finding) {
	seen := map[string]bool{}
	for _, f := range findings {
		key := f.Rule + "\t" + f.DCTL
		if rules[key] == nil {
			rules[key] = map[string]int{}
		}
		if at := key + f.Level.String(); !seen[at] {
			seen[at] = true
			rules[key][f.Level.String()]++
		}
	}
}

func (c *comparison) table(levels map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-10s %-7s %6s %6s %8s\n", "code", "linter", "both", "ours", "linter's")
	codes := map[string]bool{}
	for _, m := range []map[string]int{c.both, c.ours, c.theirs} {
		for code := range m {
			codes[code] = true
		}
	}
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		fmt.Fprintf(&b, "%-10s %-7s %6d %6d %8d\n", code, levels[code], c.both[code], c.ours[code], c.theirs[code])
	}
	for _, name := range slices.Sorted(maps.Keys(c.used)) {
		fmt.Fprintf(&b, "difference %s: %d templates\n", name, c.used[name])
	}
	return b.String()
}

func ruleTable(rules map[string]map[string]int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-30s %-9s %6s %8s %6s  templates\n", "rule", "linter", "error", "warning", "info")
	for _, key := range slices.Sorted(maps.Keys(rules)) {
		id, code, _ := strings.Cut(key, "\t")
		n := rules[key]
		fmt.Fprintf(&b, "%-30s %-9s %6d %8d %6d\n", id, code, n["error"], n["warning"], n["info"])
	}
	return b.String()
}

// wrapped makes a template of the records of an example.
func wrapped(example string) []byte {
	if strings.Contains(example, `"providerId"`) {
		return []byte(example)
	}
	return []byte(`{"providerId": "a.example", "providerName": "A", "serviceId": "s", "serviceName": "S", "version": 1, "syncPubKeyDomain": "keys.example.net", "records": [` + example + `]}`)
}

// A difference that nothing shows is unused, and may be wrong without anybody
// seeing it.
func TestEveryDifferenceIsShownByItsExample(t *testing.T) {
	for _, d := range differences {
		if d.reason == "" || (d.speaks == nil) == (d.silent == nil) {
			t.Errorf("%s %s: needs a reason and exactly one direction", d.code, d.name)
		}
		findings, _ := CheckSource(Source{File: "a.example.s.json", Data: wrapped(d.example)}, Options{Profile: d.profile})
		parsed, _ := dc.Examine("a.example.s.json", wrapped(d.example))
		if parsed == nil {
			t.Errorf("%s %s: the example is no template: %v", d.code, d.name, findings)
			continue
		}
		var ours []Finding
		for _, f := range findings {
			if f.DCTL == d.code || d.code == "*" && f.DCTL != "" && f.DCTL != "DCTL0003" {
				ours = append(ours, f)
			}
		}
		code := d.code
		if code == "*" {
			code = ours[0].DCTL
			ours = ours[:1]
		}
		if by := predict(parsed, findings, ours, code); by == nil || by.name != d.name {
			t.Errorf("%s %s: the example is explained by %v; our findings of the code: %v", d.code, d.name, by, ours)
		}
	}
}

// The comparison itself has to notice.
func TestComparisonNotices(t *testing.T) {
	data := wrapped(`{"type": "TXT", "host": "_own", "data": "v=spf1 -all", "ttl": 300}`)
	parsed, err := dc.Parse("a.example.s.json", data)
	if err != nil {
		t.Fatal(err)
	}
	findings := Check(parsed, Options{})
	agree := func() map[string]bool { return map[string]bool{"DCTL1014": true, "DCTL1021": true} }
	for _, test := range []struct {
		name   string
		linter map[string]bool
		want   []string
	}{
		{"agreement", agree(), nil},
		{"linter misses one", map[string]bool{"DCTL1014": true}, []string{"x: DCTL1021: ours true, linter false: no difference explains it"}},
		{"we miss one", map[string]bool{"DCTL1014": true, "DCTL1021": true, "DCTL1008": true}, []string{"x: DCTL1008: ours false, linter true: no difference explains it"}},
	} {
		c := newComparison()
		c.compare("x", parsed, findings, test.linter, false)
		if !slices.Equal(c.wrong, test.want) {
			t.Errorf("%s: %q, want %q", test.name, c.wrong, test.want)
		}
	}
	one, err := dc.Parse("a.example.s.json", wrapped(`{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 300, "groupId": "g"}`))
	if err != nil {
		t.Fatal(err)
	}
	c := newComparison()
	c.compare("x", one, Check(one, Options{}), map[string]bool{}, false)
	if want := []string{"x: DCTL1031: ours false, linter false: the difference one-record predicts the contrary"}; !slices.Equal(c.wrong, want) {
		t.Errorf("a wrong prediction: %q, want %q", c.wrong, want)
	}
}
