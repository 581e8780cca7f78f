package batch

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

const template = `{"providerId":"sp.example","providerName":"S","serviceId":"site","serviceName":"S","records":[` +
	`{"type":"A","host":"@","pointsTo":"%ip%","ttl":300},` +
	`{"type":"CNAME","host":"www","pointsTo":"@","ttl":300,"groupId":"g1"},` +
	`{"type":"REDIR301","host":"go","target":"https://Example.net/A?b=1&c=d","groupId":"g2"}]}`

func runText(t testing.TB, in string) (string, Summary) {
	t.Helper()
	var out bytes.Buffer
	s, err := Run(context.Background(), strings.NewReader(in), &out)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), s
}

// line makes a question; rest are further members.
func line(rest string) string {
	return `{"id":"q","template":` + template + `,"domain":"example.com"` + rest + "}\n"
}

func refusal(class, message string) string {
	text, err := json.Marshal(message)
	if err != nil {
		panic(err)
	}
	return `{"id":"q","ok":false,"error":{"class":"` + class + `","message":` + string(text) + "}}\n"
}

func unreadable(id, message string) string {
	return strings.Replace(strings.Replace(refusal("invalid-input", "line 1: "+message), "}}\n", `,"line":1}}`+"\n", 1), `"id":"q",`, id, 1)
}

func TestRunAnswers(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{
			"a plan", line(`,"groups":["g1"],"host":"Shop","variables":{"ip":"192.0.2.1"},"zone":"Shop.example.com. 60 IN A 192.0.2.9\nexample.com. 60 IN MX 10 MAIL.Example.net.\nexample.com. 60 IN TXT Case"`),
			`{"id":"q","ok":true,"add":["shop.example.com. 300 IN A 192.0.2.1","www.shop.example.com. 300 IN CNAME shop.example.com."],"remove":["shop.example.com. 60 IN A 192.0.2.9"],"zone":["example.com. 60 IN MX 10 mail.example.net.","example.com. 60 IN TXT \"Case\"","shop.example.com. 300 IN A 192.0.2.1","www.shop.example.com. 300 IN CNAME shop.example.com."],"pseudo":[],"conflicts":[{"type":"A","host":"shop","data":"192.0.2.9","reason":"address"}]}` + "\n",
		},
		{
			"pseudo records", line(`,"groups":["g2"],"variables":{"ip":"192.0.2.1"},"zone":"www.example.com. 60 IN REDIR302 https://Old.example/\nexample.com. 60 IN APEXCNAME Old.example."`),
			`{"id":"q","ok":true,"add":["example.com. 300 IN A 192.0.2.1"],"remove":[],"zone":["example.com. 300 IN A 192.0.2.1"],"pseudo":[{"type":"REDIR301","host":"go","target":"https://Example.net/A?b=1&c=d"},{"type":"REDIR302","host":"www","target":"https://Old.example/"}],"conflicts":[{"type":"APEXCNAME","host":"@","data":"old.example.","reason":"extension"}]}` + "\n",
		},
		{
			"sorted by owner, type and data",
			`{"id":"q","template":{"providerId":"a","providerName":"a","serviceId":"b","serviceName":"b","records":[]},"domain":"example.com","zone":"b.example.com. 60 IN TXT b\nb.example.com. 60 IN TXT a\nb.example.com. 60 IN A 192.0.2.1\na.b.example.com. 60 IN A 192.0.2.1\nexample.com. 60 IN TYPE65280 \\# 1 aa\n"}` + "\n",
			`{"id":"q","ok":true,"add":[],"remove":[],"zone":["a.b.example.com. 60 IN A 192.0.2.1","b.example.com. 60 IN A 192.0.2.1","b.example.com. 60 IN TXT \"a\"","b.example.com. 60 IN TXT \"b\"","example.com. 60 IN TYPE65280 \\# 1 AA"],"pseudo":[],"conflicts":[]}` + "\n",
		},
		{"missing variable", line(""), refusal("missing-variable", "record 1, pointsTo: the variable %ip% has no value; give it in the request")},
		{"null is absent", line(`,"groups":null,"variables":null,"zone":null,"host":null,"state":null,"force":null,"edition":null`), refusal("missing-variable", "record 1, pointsTo: the variable %ip% has no value; give it in the request")},
		{"no such group", line(`,"groups":["g3"],"variables":{"ip":"192.0.2.1"}`), refusal("no-such-group", "groupId: no record is in group g3; the template has g1, g2 (compared with case)")},
		{"bad zone", line(`,"zone":"example.com. 60 IN A 192.0.2.1\nwww.example.org. 60 IN A 192.0.2.1"`), refusal("invalid-zone", "zone:2: www.example.org. is outside the zone example.com.")},
		{
			"stateful", line(`,"groups":["g1"],"state":"stateful","host":"Shop","instanceId":"i1","variables":{"ip":"192.0.2.1"}`),
			`{"id":"q","ok":true,"add":["shop.example.com. 300 IN A 192.0.2.1","www.shop.example.com. 300 IN CNAME shop.example.com."],"remove":[],"zone":["shop.example.com. 300 IN A 192.0.2.1","www.shop.example.com. 300 IN CNAME shop.example.com."],"pseudo":[],"conflicts":[],"instances":[{"provider":"sp.example","service":"site","domain":"example.com","host":"shop","id":"i1","groups":["g1"],"records":[{"record":"shop.example.com. 300 IN A 192.0.2.1"},{"record":"www.shop.example.com. 300 IN CNAME shop.example.com.","group":"g1"}]}],"removedInstances":[]}` + "\n",
		},
		{
			"instances in", line(`,"groups":["g1"],"state":"stateful","variables":{"ip":"192.0.2.1"},"zone":"example.com. 60 IN A 192.0.2.9\nold.example.com. 60 IN TXT x\nexample.com. 60 IN TXT \"v=spf1 mx include:a.example ~all\"","instances":[` +
				`{"provider":"other.example","service":"web","records":[{"record":"example.com. 60 IN A 192.0.2.9"},{"record":"old.example.com. 60 IN TXT x","essential":"OnApply"},{"record":"example.com. 0 IN SPFM include:a.example","base":"\"v=spf1 mx -all\""}]}]`),
			`{"id":"q","ok":true,"add":["example.com. 300 IN A 192.0.2.1","example.com. 60 IN TXT \"v=spf1 mx -all\"","www.example.com. 300 IN CNAME example.com."],` +
				`"remove":["example.com. 60 IN A 192.0.2.9","example.com. 60 IN TXT \"v=spf1 mx include:a.example ~all\"","old.example.com. 60 IN TXT \"x\""],` +
				`"zone":["example.com. 300 IN A 192.0.2.1","example.com. 60 IN TXT \"v=spf1 mx -all\"","www.example.com. 300 IN CNAME example.com."],"pseudo":[],"conflicts":[{"type":"A","host":"@","data":"192.0.2.9","reason":"address"}],` +
				`"instances":[{"provider":"sp.example","service":"site","domain":"example.com","groups":["g1"],"records":[{"record":"example.com. 300 IN A 192.0.2.1"},{"record":"www.example.com. 300 IN CNAME example.com.","group":"g1"}]}],` +
				`"removedInstances":[{"provider":"other.example","service":"web","domain":"example.com","why":"conflict","cause":["example.com. 60 IN A 192.0.2.9"],"gone":["example.com. 60 IN A 192.0.2.9","old.example.com. 60 IN TXT \"x\""]}]}` + "\n",
		},
		{
			"revert", line(`,"state":"stateful","revert":true,"zone":"example.com. 60 IN A 192.0.2.9\nexample.com. 60 IN MX 1 mx.example.net.","instances":[{"provider":"sp.example","service":"site","domain":"Example.COM.","records":[{"record":"example.com. 60 IN A 192.0.2.9"}]}]`),
			`{"id":"q","ok":true,"add":[],"remove":["example.com. 60 IN A 192.0.2.9"],"zone":["example.com. 60 IN MX 1 mx.example.net."],"pseudo":[],"conflicts":[],"instances":[],"removedInstances":[{"provider":"sp.example","service":"site","domain":"example.com","why":"reverted","cause":[],"gone":["example.com. 60 IN A 192.0.2.9"]}]}` + "\n",
		},
		{"revert of what is not there", line(`,"state":"stateful","revert":true,"host":"shop","instanceId":"i1"`), refusal("not-applied", "sp.example/site (i1) at shop.example.com is not applied; nothing is reverted")},
		{"instance of another zone", line(`,"state":"stateful","instances":[{"provider":"a","service":"b","domain":"example.org","records":[]}]`), refusal("invalid-input", "instance 1: the domain is example.org; the zone is example.com")},
		{"instance with a record elsewhere", line(`,"state":"stateful","variables":{"ip":"192.0.2.1"},"instances":[{"provider":"a","service":"b","records":[{"record":"example.com. 0 IN SPFM foo"}]}]`), refusal("invalid-input", `instances: record 1 of instance 1, a/b at example.com: "foo": no such mechanism; there are all, a, mx, ptr, ip4, ip6, include and exists`)},
		{"instances without state", line(`,"instances":[]`), unreadable(`"id":"q",`, `the member instances needs "state":"stateful"`)},
		{"revert without state", line(`,"revert":true`), unreadable(`"id":"q",`, `the member revert needs "state":"stateful"`)},
		{"instances that are none", line(`,"state":"stateful","instances":[{"service":1}]`), unreadable(`"id":"q",`, instancesAre+"; what is wrong is at /0/service")},
		{"instances as an object", line(`,"state":"stateful","instances":{}`), unreadable(`"id":"q",`, instancesAre)},
		{"a group of an instance that is a number", line(`,"state":"stateful","instances":[{"provider":"a","service":"b","groups":["g1",-1],"records":[]}]`), unreadable(`"id":"q",`, instancesAre+"; what is wrong is at /0/groups/1")},
		{"a record of a group that was not applied", line(`,"state":"stateful","instances":[{"provider":"a","service":"b","groups":["g1"],"records":[{"record":"example.com. 60 IN A 192.0.2.9","group":"g2"}]}]`), unreadable(`"id":"q",`, `record 1 of instance 1: its group "g2" is not among those that were applied: g1`)},
		{"a base of what is no mail rule", line(`,"state":"stateful","instances":[{"provider":"a","service":"b","records":[{"record":"example.com. 60 IN A 192.0.2.9","base":"x"}]}]`), unreadable(`"id":"q",`, `record 1 of instance 1: only an SPFM has a base, and "example.com. 60 IN A 192.0.2.9" is none`)},
		{"revert of a group", line(`,"state":"stateful","revert":true,"groups":["g1"]`), unreadable(`"id":"q",`, `the member groups has no meaning with "revert":true, which takes the whole template out; leave it out`)},
		{"revert of another instance", line(`,"state":"stateful","revert":true,"instanceId":"i2","instances":[{"provider":"sp.example","service":"site","id":"i1","records":[]}]`), refusal("not-applied", "sp.example/site (i2) at example.com is not applied; nothing is reverted")},
		{"no groups in the list", line(`,"groups":[]`), unreadable(`"id":"q",`, "the member groups is empty; leave it out to apply all of the template, or name groups")},
		{"instance with an unknown member", line(`,"state":"stateful","instances":[{"provider":"a","service":"b","hosts":"x","records":[]}]`), unreadable(`"id":"q",`, instancesAre+"; what is wrong is at /0/hosts")},
		{"instance of no template", line(`,"state":"stateful","instances":[{"provider":"a","records":[]}]`), unreadable(`"id":"q",`, "instance 1 has no provider or no service")},
		{"instance with a bad word", line(`,"state":"stateful","instances":[{"provider":"a","service":"b","records":[{"record":"example.com. 60 IN A 192.0.2.9","essential":"onapply"}]}]`), unreadable(`"id":"q",`, `record 1 of instance 1: essential is "onapply"; there are Always and OnApply`)},
		{"instance with two records in one", line(`,"state":"stateful","instances":[{"provider":"a","service":"b","records":[{"record":"example.com. 60 IN A 192.0.2.9\nexample.com. 60 IN A 192.0.2.8"}]}]`), unreadable(`"id":"q",`, `record 1 of instance 1: "example.com. 60 IN A 192.0.2.9\nexample.com. 60 IN A 192.0.2.8" holds 2 records; one is expected`)},
		{"not JSON", "{\"id\":\"q\",\n", unreadable(`"id":"q",`, "the line is not JSON: it ends too early")},
		{"nested too deeply", `{"id":"q","template":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + "}\n", unreadable(`"id":"q",`, "the values in the line are nested too deeply; a template needs three levels")},
		{"byte order mark", "\ufeff" + line(""), refusal("missing-variable", "record 1, pointsTo: the variable %ip% has no value; give it in the request")},
		{"not an object", "[1]\n", unreadable("", `the line is not a JSON object; write {"id": …, "template": {…}, "zone": "…", "domain": "…"}`)},
		{"two objects", "{\"id\":\"q\"} {}\n", unreadable(`"id":"q",`, "something follows the JSON object; write one object a line")},
		{"unknown member", line(`,"hosts":"x"`), unreadable(`"id":"q",`, `the member "hosts" is not known; there are id, template, zone, domain, host, groups, variables, state, instances, instanceId, revert, force and edition`)},
		{"member twice", line(`,"domain":"x"`), unreadable(`"id":"q",`, `the member "domain" stands there twice`)},
		{"no template", `{"id":"q","domain":"example.com"}` + "\n", unreadable(`"id":"q",`, "the member template is missing; give the template as a JSON object")},
		{"no domain", `{"id":"q","template":{}}` + "\n", unreadable(`"id":"q",`, "the member domain is missing; give the name of the zone")},
		{"zone of another type", line(`,"zone":["x"]`), unreadable(`"id":"q",`, "the member zone has to be a string with records in presentation format")},
		{"variable that is a number", line(`,"variables":{"ip":1}`), unreadable(`"id":"q",`, "the member variables has to be an object whose values are strings")},
		{"variable that is null", line(`,"variables":{"ip":null}`), unreadable(`"id":"q",`, "the member variables has to be an object whose values are strings")},
		{"variable twice", line(`,"variables":{"ip":"192.0.2.1","\u0069p":"192.0.2.2"}`), unreadable(`"id":"q",`, `the variable "ip" stands there twice`)},
		{"variables as a list", line(`,"variables":["ip"]`), unreadable(`"id":"q",`, "the member variables has to be an object whose values are strings")},
		{"group that is null", line(`,"groups":["g1",null]`), unreadable(`"id":"q",`, "the member groups has to be an array of strings")},
		{"groups as text", line(`,"groups":"g1"`), unreadable(`"id":"q",`, "the member groups has to be an array of strings")},
		{"unknown state", line(`,"state":"lively"`), unreadable(`"id":"q",`, `the state "lively" is not known; there are stateless and stateful`)},
		{"unknown edition", line(`,"edition":"ietf-99"`), unreadable(`"id":"q",`, `unknown edition "ietf-99": the editions are ietf-05 and dcspec-2.3`)},
		{"force of another type", line(`,"force":1`), unreadable(`"id":"q",`, "the member force has to be true or false")},
		{"no id", `{"template":{},"domain":"example.com","x":1}` + "\n", unreadable("", `the member "x" is not known; there are id, template, zone, domain, host, groups, variables, state, instances, instanceId, revert, force and edition`)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, s := runText(t, test.in)
			if got != test.want {
				t.Errorf("got\n%swant\n%s", got, test.want)
			}
			if s.Cases != 1 {
				t.Errorf("%d cases, want 1", s.Cases)
			}
		})
	}
}

// Thousands of questions of very different sizes come back in order, bad ones
// among them.
func TestRunKeepsTheOrder(t *testing.T) {
	const n = 1000
	var in, want strings.Builder
	bad := 0
	for i := range n {
		switch i % 5 {
		case 0:
			fmt.Fprintf(&in, "{\"id\":%d,\n", i)
			fmt.Fprintf(&want, "%d false\n", i)
			bad++
		case 1: // a zone that takes a while
			fmt.Fprintf(&in, "{\"id\":%d,\"template\":%s,\"domain\":\"example.com\",\"variables\":{\"ip\":\"192.0.2.1\"},\"groups\":[\"g1\"],\"zone\":\"%s\"}\n", i, template,
				strings.Repeat("a.example.com. 60 IN TXT x\\n", i%300))
			fmt.Fprintf(&want, "%d true\n", i)
		default:
			fmt.Fprintf(&in, "  {\"id\":%d,\"template\":%s,\"domain\":\"example.com\",\"variables\":{\"ip\":\"192.0.2.1\"},\"groups\":[\"g1\"]}\r\n \n", i, template)
			fmt.Fprintf(&want, "%d true\n", i)
		}
	}
	out, s := runText(t, in.String())
	var got strings.Builder
	for l := range strings.Lines(out) {
		var a Answer
		if err := json.Unmarshal([]byte(l), &a); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%s %v\n", a.ID, a.OK)
	}
	if got.String() != want.String() {
		t.Error("the answers do not come in the order of the questions")
	}
	if s != (Summary{Cases: n, Refused: bad, Unreadable: bad}) {
		t.Errorf("summary is %+v", s)
	}
}

// A line number counts every line of the input, blank ones too.
func TestRunNamesTheLine(t *testing.T) {
	out, s := runText(t, "\n"+line(`,"variables":{"ip":"192.0.2.1"}`)+"\n\t\n{x}")
	if !strings.Contains(out, `{"ok":false,"error":{"class":"invalid-input","message":"line 5: the line is not JSON: `) || !strings.HasSuffix(out, `,"line":5}}`+"\n") {
		t.Errorf("got %s", out)
	}
	if s.Cases != 2 || s.Refused != 1 {
		t.Errorf("summary is %+v", s)
	}
}

func TestRunWithoutCases(t *testing.T) {
	if out, s := runText(t, " \n\n"); out != "" || s.Cases != 0 {
		t.Errorf("got %q, %+v", out, s)
	}
}

// An id comes back as it was, whatever JSON it is.
func TestRunRepeatsTheID(t *testing.T) {
	for _, id := range []string{`"a\u003cb"`, `12345678901234567890`, `null`, `{"a":[1,true]}`, `""`} {
		out, _ := runText(t, `{"id":`+id+`,"x":1}`)
		if !strings.HasPrefix(out, `{"id":`+id+`,"ok":false`) {
			t.Errorf("id %s: got %s", id, out)
		}
	}
}

func TestRunTakesAHugeLine(t *testing.T) {
	records := strings.Repeat(`a.example.com. 60 IN TXT x\n`, 40_000)
	out, s := runText(t, line(`,"groups":["g1"],"variables":{"ip":"192.0.2.1"},"zone":"`+records+`"`)+"{}\n")
	if s.Cases != 2 || s.Refused != 1 || !strings.HasPrefix(out, `{"id":"q","ok":true,`) {
		t.Errorf("%+v, %.300s", s, out)
	}
}

func TestReadLineDropsWhatIsTooLong(t *testing.T) {
	r := bufio.NewReaderSize(strings.NewReader("1234\n"+strings.Repeat("x", 100)+"\n5678\n12345\n1"), 16)
	var got []string
	for {
		l, tooLong, err := readLine(r, 5)
		got = append(got, fmt.Sprintf("%s %v", strings.TrimSuffix(string(l), "\n"), tooLong))
		if err != nil {
			break
		}
	}
	if want := "1234 false| true|5678 false| true|1 false"; strings.Join(got, "|") != want {
		t.Errorf("got %s, want %s", strings.Join(got, "|"), want)
	}
	reply := task{number: 7, tooLong: true}.answer()
	if want := `{"ok":false,"error":{"class":"invalid-input","message":"line 7: the line is longer than 67108864 octets","line":7}}` + "\n"; string(reply.text) != want {
		t.Errorf("got %s", reply.text)
	}
}

// Whoever asks one question at a time gets its answer before the next one.
func TestRunAnswersAtOnce(t *testing.T) {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		_, err := Run(context.Background(), inR, outW)
		ended <- errors.Join(err, outW.Close())
	}()
	answers := bufio.NewReader(outR)
	for range 3 {
		if _, err := io.WriteString(inW, line(`,"groups":["g1"],"variables":{"ip":"192.0.2.1"}`)); err != nil {
			t.Fatal(err)
		}
		answer, err := answers.ReadString('\n')
		if err != nil || !strings.HasPrefix(answer, `{"id":"q","ok":true,`) {
			t.Fatalf("got %q, %v", answer, err)
		}
	}
	if err := inW.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A reader that fails is reported after all that it gave is answered; a
// writer that fails and a context that ends stop the run.
func TestRunErrors(t *testing.T) {
	boom := errors.New("boom")
	var out bytes.Buffer
	_, err := Run(context.Background(), io.MultiReader(strings.NewReader(strings.Repeat("{}\n", 100)), iotest.ErrReader(boom)), &out)
	if !errors.Is(err, boom) || err.Error() != "reading cases: boom" {
		t.Errorf("reader: %v", err)
	}
	if n := strings.Count(out.String(), "\n"); n != 100 {
		t.Errorf("%d answers before the reader failed, want 100", n)
	}
	r, w := io.Pipe()
	t.Cleanup(func() { _ = w.Close() })
	_ = r.CloseWithError(boom)
	if _, err = Run(context.Background(), strings.NewReader(strings.Repeat("{}\n", 100_000)), w); err == nil || err.Error() != "writing answers: boom" {
		t.Errorf("writer: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	blocked, never := io.Pipe()
	t.Cleanup(func() { _ = never.Close() })
	cancel()
	if _, err = Run(ctx, blocked, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("context: %v", err)
	}
}

func BenchmarkRun20000(b *testing.B) {
	in := strings.Repeat(line(`,"groups":["g1"],"variables":{"ip":"192.0.2.1"},"zone":"example.com. 60 IN A 192.0.2.9\nexample.com. 60 IN MX 10 mail.example.net."`), 20_000)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		if s, err := Run(context.Background(), strings.NewReader(in), io.Discard); err != nil || s.Cases != 20_000 || s.Refused > 0 {
			b.Fatal(s, err)
		}
	}
}

func FuzzRun(f *testing.F) {
	for _, seed := range runSeeds() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var out bytes.Buffer
		s, err := Run(context.Background(), strings.NewReader(in), &out)
		if err != nil {
			t.Fatal(err)
		}
		lines := 0
		for l := range strings.Lines(in) {
			if strings.TrimSpace(l) != "" {
				lines++
			}
		}
		answers := 0
		for l := range strings.Lines(out.String()) {
			var a Answer
			if err := json.Unmarshal([]byte(l), &a); err != nil {
				t.Fatalf("%q is not JSON: %v", l, err)
			}
			if a.OK == (a.Error != nil) {
				t.Errorf("ok and error disagree: %s", l)
			}
			answers++
		}
		if answers != s.Cases || answers > lines {
			t.Errorf("%d lines, %d answers, summary %+v", lines, answers, s)
		}
	})
}

func runSeeds() []string {
	return []string{
		"", "\n", "{}", "[]", "{\"id\":1}{}", line(""), line(`,"groups":["g1"],"variables":{"ip":"192.0.2.1"}`),
		line(`,"zone":"@ 60 IN A 192.0.2.1\n"`), line(`,"host":"*"`), line(`,"variables":{"ip":"\ud800"}`),
	}
}

func TestFuzzSeedsAreThere(t *testing.T) {
	if n := len(runSeeds()); n < 8 {
		t.Errorf("%d seeds for FuzzRun", n)
	}
}
