package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

// pageOf writes r as a page and parses it as a browser does.
func pageOf(t fataler, r *Run, kept Kept) (string, *html.Node) {
	t.Helper()
	var b bytes.Buffer
	if err := WriteHTML(&b, r, kept); err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), doc
}

func elements(doc *html.Node, tag string) []*html.Node {
	var all []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && (tag == "" || n.Data == tag) {
			all = append(all, n)
		}
	}
	return all
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" && d.Parent.Data != "style" {
			b.WriteString(d.Data)
		} else if d.Type == html.ElementNode && slices.Contains([]string{"dt", "dd", "th", "td", "li"}, d.Data) {
			b.WriteString(" ")
		}
	}
	return b.String()
}

func byID(doc *html.Node, id string) *html.Node {
	for _, n := range elements(doc, "") {
		if v, _ := attr(n, "id"); v == id {
			return n
		}
	}
	return nil
}

// fromMemory gives evidence back from its content.
func fromMemory(content map[string]string) Kept {
	return func(e Evidence) ([]byte, error) {
		if text, ok := content[e.SHA256]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("not there")
	}
}

// soundPage says what is wrong with a page whatever it tells: what it would
// fetch or run, where a link leads to nothing, what a screen reader would trip
// over.
func soundPage(doc *html.Node) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	ids := map[string]bool{}
	for _, n := range elements(doc, "") {
		if id, ok := attr(n, "id"); ok {
			if id == "" || strings.ContainsAny(id, " \t\n") || ids[id] {
				say("the id %q is empty, has spaces or stands twice", id)
			}
			ids[id] = true
		}
	}
	labels := map[string]bool{}
	for _, n := range elements(doc, "label") {
		of, _ := attr(n, "for")
		labels[of] = true
	}
	for _, n := range elements(doc, "") {
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcset", a.Key == "action", a.Key == "formaction":
				say("<%s> has %s", n.Data, a.Key)
			case a.Key == "src" && !strings.HasPrefix(a.Val, "data:image/png;base64,") && !strings.HasPrefix(a.Val, "data:image/jpeg;base64,"):
				say("<%s> loads %q", n.Data, a.Val)
			case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
				if !ids[a.Val[1:]] {
					say("%q leads nowhere", a.Val)
				}
			case a.Key == "href" && !evidencePath.MatchString(a.Val):
				say("<%s> leads to %q", n.Data, a.Val)
			case slices.Contains([]string{"aria-labelledby", "aria-describedby", "for"}, a.Key) && !ids[a.Val]:
				say("%s of <%s> names %q, which is not there", a.Key, n.Data, a.Val)
			}
		}
	}
	return append(wrong, soundElements(doc, labels)...)
}

// soundElements looks at the elements themselves.
func soundElements(doc *html.Node, labels map[string]bool) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	level := 0
	for _, n := range elements(doc, "") {
		switch n.Data {
		case "link", "iframe", "object", "embed", "base", "video", "audio", "svg":
			say("there is a <%s>", n.Data)
		case "img":
			if alt, _ := attr(n, "alt"); alt == "" {
				say("an image without alt")
			}
		case "input", "select":
			if id, _ := attr(n, "id"); !labels[id] {
				say("the field %q has no label", id)
			}
		case "h1", "h2", "h3", "h4", "h5", "h6":
			if now := int(n.Data[1] - '0'); now > level+1 {
				say("<%s> %q comes after <h%d>", n.Data, textOf(n), level)
			} else {
				level = now
			}
			if strings.TrimSpace(textOf(n)) == "" {
				say("a <%s> is empty", n.Data)
			}
		}
	}
	if n := len(elements(doc, "script")); n != 2 {
		say("%d scripts", n)
	}
	for _, landmark := range []string{"header", "nav", "main", "footer", "h1"} {
		if n := len(elements(doc, landmark)); n != 1 {
			say("%d <%s>", n, landmark)
		}
	}
	return wrong
}

var evidencePath = regexp.MustCompile(`^evidence/[0-9a-f]{64}\.[a-z]+$`)

func TestPageOfAnyRunIsSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := finish(anyResults(t)...)
		texts := rapid.SliceOfN(rapid.String(), 4, 4).Draw(t, "texts")
		for i := range r.Results {
			r.Results[i].Title, r.Results[i].Template, r.Results[i].Scenario, r.Results[i].Message = texts[0]+"!", texts[i%4], texts[(i+1)%4], texts[(i+2)%4]
		}
		r.Templates = []Template{{Key: texts[0]}, {Key: texts[1], File: texts[2]}, {Key: texts[1]}}
		if wrong := soundPage(second(pageOf(t, r, nil))); len(wrong) > 0 {
			t.Fatalf("%q", wrong)
		}
	})
}

func second[A, B any](_ A, b B) B { return b }

// The page forbids everything but its own script and style, by their digests.
func TestPolicyOfThePage(t *testing.T) {
	_, doc := pageOf(t, sample(), nil)
	policy := ""
	for _, n := range elements(doc, "meta") {
		if v, _ := attr(n, "http-equiv"); v == "Content-Security-Policy" {
			policy, _ = attr(n, "content")
		}
	}
	want := fmt.Sprintf("default-src 'none'; script-src '%s'; style-src '%s'; img-src data:; base-uri 'none'; form-action 'none'",
		contentHash(elements(doc, "script")[1].FirstChild.Data), contentHash(elements(doc, "style")[0].FirstChild.Data))
	if policy != want {
		t.Errorf("policy\n%s\nwant, by what stands in the page,\n%s", policy, want)
	}
	for _, asset := range []string{htmlStyle, htmlScript, htmlSource} {
		if strings.Contains(asset, "http:") || strings.Contains(asset, "https:") || strings.Contains(asset, "url(") || strings.Contains(asset, "innerHTML") {
			t.Error("the page's own source names an address, or makes markup of texts")
		}
	}
}

// hostile are texts that would do something on a page that does not escape.
var hostile = []string{
	`<script>alert(1)</script>`, `</script><script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`,
	`<!--`, `]]>`, `{{.Run}}`, `javascript:alert(1)`, `<token>`, `</pre></details><h1>`, `&lt;b&gt;`, "\u202etxt.exe", "a\x1b[31mb\x00c", `</style><style>*{display:none}`,
	`<svg/onload=alert(1)>`, `\u003cb\u003e`, "\u2028",
}

func TestHostileTextsAreShown(t *testing.T) {
	for i, text := range hostile {
		p := Planned{ID: text + "/apex/" + text, Case: text, Title: text, Requirements: []string{text}, Subject: SubjectTemplate, Level: MUST, Template: text, Scenario: text}
		pass := p
		pass.ID, pass.Exemplar = text+"/apex/pass", true
		blocked := p
		blocked.ID = text + "/apex/blocked"
		none := p
		none.ID = text + "/apex/none"
		sum := fmt.Sprintf("%064x", i+1)
		file := "evidence/" + sum + ".txt"
		zone := fmt.Sprintf("%064x", i+0x1000)
		evidence := []Evidence{{Kind: "dom", Title: text, SHA256: sum, File: file, Bytes: 1}, {Kind: "zone", Title: text, SHA256: zone, File: file, Bytes: 1},
			{Kind: "zone", Title: text, SHA256: sum, File: file, Bytes: 1}, {Kind: "link", Title: text, SHA256: sum}}
		plan := []Planned{p, pass, blocked, none}
		r := newRun(plan...)
		r.Command, r.Edition, r.Profile, r.Consent, r.ToolVersion = []string{text}, text, text, text, text
		r.Templates = []Template{{Key: text, File: text, ProviderID: text, ServiceID: text, SHA256: text}}
		r.NotCovered, r.StaleBaseline, r.Next = []string{text}, []string{text}, []string{text}
		r.Results = []Result{
			{Planned: p, Outcome: Fail, Assertions: 1, Message: text + "!", Rerun: text, Rule: text, DCTL: text, File: text, Evidence: evidence,
				Failure: &Failure{Requirement: text, Clause: text, Sent: text, Expected: []string{text, text}, Actual: text, Mend: text},
				Notes:   []Note{{"removes", text}, {"exposure", text}, {text, text}}},
			{Planned: pass, Outcome: Pass, Assertions: 1, Evidence: evidence, Notes: []Note{{text, text}}},
			{Planned: blocked, Outcome: Blocked, BlockedBy: p.ID},
			{Planned: none, Outcome: NotApplicable, Reason: text, Message: text},
		}
		r.Finish(finished)
		source, doc := pageOf(t, r, fromMemory(map[string]string{sum: text, zone: "another zone"}))
		if wrong := soundPage(doc); len(wrong) > 0 {
			t.Errorf("%q: %q", text, wrong)
		}
		if n := strings.Count(textOf(doc), show(text)); n < 30 {
			t.Errorf("%q is shown %d times; the page leaves it out or changes it", text, n)
		}
		if strings.ContainsAny(source, "\u202e\x1b\x00\u2028") {
			t.Errorf("%q: a character that changes how the page reads came through", text)
		}
		var data struct{ Scenarios, Reasons, Requirements []string }
		if err := json.Unmarshal([]byte(elements(doc, "script")[0].FirstChild.Data), &data); err != nil || len(data.Scenarios) != 1 || len(data.Reasons) != 1 {
			t.Errorf("%q: the data of the script: %+v, %v", text, data, err)
		}
	}
}

// A page of the sample, with what the eye looks for in its place.
func TestPageOfASample(t *testing.T) {
	r := sample()
	r.Results[0].Notes = []Note{{"removes", "www.example.net. 300 IN A 203.0.113.9"}, {"no-redirect", "No redirect."}}
	r.Results[3].Notes = []Note{{"exposure", "%v% chooses the whole name"}}
	sum := r.Results[0].Evidence[0].SHA256
	source, doc := pageOf(t, r, fromMemory(map[string]string{sum: "192.0.2.1 and <b>"}))
	if wrong := soundPage(doc); len(wrong) > 0 {
		t.Error(wrong)
	}
	for id, want := range map[string][]string{
		"overview": {"2 ✓ pass", "1 ✗ fail", "Planned: 8 cases of 2 templates. Requirements with a verdict: 4, without one: 4.", "Then run it again alone: "},
		"mend":     {"Failed (1)", "DC-APPLY-ALL-WRITTEN MUST, 1 template", "Mend: Give the record the host", "example.com.mail host: NXDOMAIN from 127.0.0.1", "Errors of the harness (1)", "Could not be told (1)", "Warnings (1)", "DC-TMPL-LOGO SHOULD, 1 template"},
		"exposure": {"1 template lets whoever makes a link choose values or names.", "shop.example.web: 1 value or name"},
		"t-example.com.mail": {"✗ 1 fail, ⚡ 1 harness-error, ✓ 1 pass", "templates/example.com.mail.json, version 3, SHA-256 e3b0c442", "In the scenario apex the apply removes: - www.example.net. 300 IN A 203.0.113.9",
			"Remarks No redirect.", "apex – passed: records-served", "Observation: www.example.net. A (40 bytes) 192.0.2.1 and <b>"},
		"r-example.com.mail-host-records-served": {"Missed DC-APPLY-ALL-WRITTEN, a MUST about the template", "Clause Every record", "Sent GET /v2/", `host=a<b>"'\x1b[31m]]>`,
			"Expected, one of www.example.net. 300 IN A 192.0.2.1 www.example.net. 300 IN A 192.0.2.2", "Came back NXDOMAIN from 127.0.0.1", "Mend Give", "Place templates/example.com.mail.json:12:7 record 2",
			"Note dcspec-2.3 asks", "Expected by the reference", "Run again dcconform certify --seed 7", "Case example.com.mail/host/records-served"},
		"t-shop.example.web":  {"Not tried ⊘ blocked apex state-returned, by apex/consent-browser", "What somebody without the key controls %v% chooses the whole name", "not applicable: groups (no-groups)"},
		"t-about-no-template": {"not applicable passed: control-dial"},
		"checks":              {"records-served Title of records-served Example", "Requirements without a result", "DC-ASYNC-TOKEN"},
		"run":                 {"Command dcconform certify templates", "Seed 7", "Took 2m41s", "about the harness 1 0 0 0 0 0 0"},
	} {
		section := byID(doc, id)
		if section == nil {
			t.Errorf("there is no %q", id)
			continue
		}
		text := oneLine(textOf(section))
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s has no %q:\n%s", id, part, text)
			}
		}
	}
	golden(t, "report.html", []byte(strings.NewReplacer(htmlStyle, "\n", htmlScript, "\n", attributeText(contentHash(htmlStyle)), "STYLE", attributeText(contentHash(htmlScript)), "SCRIPT").Replace(source)))
}

// attributeText is a digest as it stands in an attribute.
func attributeText(s string) string { return strings.ReplaceAll(s, "+", "&#43;") }

// What one template says again and again is told once, and every case of it
// can still be found.
func TestTheSameIsToldOnce(t *testing.T) {
	var results []Result
	for _, scenario := range []string{"apex", "host", "mail-zone"} {
		p := planned(scenario, SubjectTemplate, MUST)
		p.Requirements, p.Scenario = []string{"DC-ONE"}, scenario
		results = append(results, result(p, Fail))
	}
	other := result(planned("other", SubjectTemplate, MUST), Fail)
	other.Failure = &Failure{Requirement: "DC-ONE", Clause: "The record is served (5.2).", Actual: "SERVFAIL"}
	results = append(results, other)
	_, doc := pageOf(t, finish(results...), nil)
	articles := elements(doc, "article")
	if len(articles) != 2 {
		t.Fatalf("%d findings, want 2", len(articles))
	}
	text := oneLine(textOf(articles[0]))
	if !strings.HasSuffix(text, "The same elsewhere ✗ fail host case-host ✗ fail mail-zone case-mail-zone") {
		t.Errorf("the first finding ends differently: %s", text)
	}
	for _, id := range []string{"r-apex", "r-host", "r-mail-zone", "r-other"} {
		if byID(doc, id) == nil {
			t.Errorf("%s cannot be linked to", id)
		}
	}
}

// The examples of a finding are of different templates, as far as there are.
func TestExamplesOfAFinding(t *testing.T) {
	var results []Result
	for i, template := range []string{"a", "a", "a", "b", "", "", "c"} {
		p := planned(fmt.Sprint("case", i), SubjectTemplate, MUST)
		p.Template, p.Requirements = template, []string{"DC-ONE"}
		results = append(results, result(p, Fail))
	}
	_, doc := pageOf(t, finish(results...), nil)
	var got []string
	for _, a := range elements(byID(doc, "mend"), "a") {
		href, _ := attr(a, "href")
		got = append(got, href)
	}
	if want := []string{"#r-case0", "#r-case3", "#r-case4"}; !slices.Equal(got, want) {
		t.Errorf("examples %v, want %v", got, want)
	}
}

func TestScreenshotsOnThePage(t *testing.T) {
	png := string(picture(t))
	big := png + strings.Repeat("\x00", htmlImagePiece)
	content := map[string]string{sumOf(1): png, sumOf(2): big, sumOf(3): "<svg onload=alert(1)>", sumOf(4): "\x89PNG\r\n\x1a\n and no more"}
	res := result(planned("a", SubjectTemplate, MUST), Fail)
	for i := range 6 {
		n := max(1, i) // the first one twice
		res.Evidence = append(res.Evidence, Evidence{Kind: "screenshot", Title: fmt.Sprint("shot ", i), SHA256: sumOf(n), File: "evidence/" + sumOf(n) + ".png", Bytes: len(content[sumOf(n)])})
	}
	_, doc := pageOf(t, finish(res), fromMemory(content))
	images := elements(doc, "img")
	if len(images) != 1 {
		t.Fatalf("%d images, want the one that is one and is small", len(images))
	}
	for name, want := range map[string]string{"alt": "Screenshot: shot 0", "width": "3", "height": "2"} {
		if got, _ := attr(images[0], name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	var files []string
	for _, a := range elements(elements(doc, "article")[0], "a") {
		href, _ := attr(a, "href")
		files = append(files, href)
	}
	if want := []string{"#e-" + sumOf(1), "evidence/" + sumOf(2) + ".png", "evidence/" + sumOf(3) + ".png", "evidence/" + sumOf(4) + ".png", "evidence/" + sumOf(5) + ".png"}; !slices.Equal(files, want) {
		t.Errorf("links to %q, want %q", files, want)
	}
	text := oneLine(textOf(elements(doc, "article")[0]))
	for _, want := range []string{"Screenshot: shot 1: the same as here", "Screenshot: shot 2: evidence/000000000000….png", "Screenshot: shot 3: evidence/000000000000….png", "Screenshot: shot 4: evidence/000000000000….png", "Screenshot: shot 5: evidence/000000000000….png"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	if wrong := soundPage(doc); len(wrong) > 0 {
		t.Error(wrong)
	}
}

func sumOf(n int) string { return fmt.Sprintf("%064x", n) }

// A zone that was seen before is shown with what changed, a sign before each
// line, so that nobody needs to see colours.
func TestZonesBeforeAndAfter(t *testing.T) {
	first, later := result(planned("a", SubjectTemplate, MUST), Fail), result(planned("b", SubjectTemplate, MUST), Fail)
	later.Failure = &Failure{Clause: "c", Actual: "else"}
	zone := func(n int) Evidence {
		return Evidence{Kind: "zone", Title: "zone", SHA256: sumOf(n), File: "evidence/" + sumOf(n) + ".txt", Bytes: 9}
	}
	first.Evidence = []Evidence{zone(1), zone(2)}
	later.Evidence = []Evidence{zone(2), zone(3)}
	_, doc := pageOf(t, finish(first, later), fromMemory(map[string]string{sumOf(1): "a 1\nb 2\nb 2\nc 3\n", sumOf(2): "c 3\nb 2\nd 4\n", sumOf(3): ""}))
	var got []string
	for _, pre := range elements(doc, "pre") {
		got = append(got, strings.TrimRight(textOf(pre), "\n"))
	}
	want := []string{"a 1\nb 2\nb 2\nc 3", "- a 1\n- b 2\n  c 3\n  b 2\n+ d 4", "  c 3\n  b 2\n  d 4", "- c 3\n- b 2\n- d 4"}
	if !slices.Equal(got, want) {
		t.Errorf("zones %q\nwant  %q", got, want)
	}
	if text := textOf(doc); !strings.Contains(text, "Zone: zone, and what changed (1 added, 2 removed)") || !strings.Contains(text, "(0 added, 0 removed)") {
		t.Errorf("the number of changes is not said")
	}
}

// The cases of a target have names of their own each: what one saw there is not
// what the names of another one were before.
func TestZonesOfATargetsCasesAreNotCompared(t *testing.T) {
	one, other := result(planned("a", SubjectProvider, MUST), Fail), result(planned("b", SubjectProvider, MUST), Fail)
	one.Template, other.Template = "", ""
	one.Evidence = []Evidence{{Kind: "zone", Title: "zone", SHA256: sumOf(1), File: "evidence/" + sumOf(1) + ".txt", Bytes: 9}}
	other.Evidence = []Evidence{{Kind: "zone", Title: "zone", SHA256: sumOf(2), File: "evidence/" + sumOf(2) + ".txt", Bytes: 9}}
	_, doc := pageOf(t, finish(one, other), fromMemory(map[string]string{sumOf(1): "a 1\n", sumOf(2): "b 2\n"}))
	if text := textOf(doc); strings.Contains(text, "what changed") {
		t.Errorf("the zones of two cases are compared")
	}
}

func TestAnchorsAreUnique(t *testing.T) {
	taken := map[string]bool{}
	for _, tc := range [][2]string{{"a/b", "r-a-b"}, {"A b", "r-a-b--2"}, {"a-b--2", "r-a-b--2--2"}, {"", "r-"}, {"ä<\"", "r----"}, {strings.Repeat("x", 200), "r-" + strings.Repeat("x", 120) + "-"}} {
		if got := slug(taken, "r-", tc[0]); got != tc[1] {
			t.Errorf("%q became %q, want %q", tc[0], got, tc[1])
		}
	}
}

func TestShow(t *testing.T) {
	for in, want := range map[string]string{
		"plain ünïcödé 例え": "plain ünïcödé 例え", "a\u202eb": `a\u202eb`, "a\u200db": "a\u200db", "\ufeffa": `\ufeffa`, "a\u00adb": `a\u00adb`, "a\x1bb": `a\x1bb`, "a\nb": "a\nb",
	} {
		if got := show(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 33612: "33,612", 1234567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d became %s", n, got)
		}
	}
	for n, want := range map[int]string{1: "1 byte", 999: "999 bytes", 1000: "1.0 kB", 2_500_000: "2.5 MB"} {
		if got := size(n); got != want {
			t.Errorf("%d became %s", n, got)
		}
	}
}
