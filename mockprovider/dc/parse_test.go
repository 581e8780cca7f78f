package dc

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// plain is a template with the records given.
func plain(records string) string {
	return `{"providerId":"example.com","providerName":"Example","serviceId":"web","serviceName":"Web","records":[` + records + `]}`
}

// problemsOf parses what must not parse and returns the error's text.
func problemsOf(t *testing.T, src string) string {
	t.Helper()
	got, err := Parse("t.json", []byte(src))
	if err == nil {
		t.Fatalf("no error for %.200s", src)
	}
	if got != nil {
		t.Error("a template is returned together with problems")
	}
	var ps Problems
	if !errors.As(err, &ps) || len(ps) == 0 {
		t.Fatalf("the error is %T, not Problems", err)
	}
	return err.Error()
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct{ name, src, want string }{
		{"nothing", "", "t.json:1:1: the file is empty; write a template, a JSON object"},
		{"white space", " \r\n\t\n", "t.json:1:1: the file is empty; write a template, a JSON object"},
		{"UTF-16", "\xff\xfe{\x00}\x00", "t.json:1:1: the file is in UTF-16; save it as UTF-8"},
		{"an array", "[]", "t.json:1:1: the file holds an array where a template is expected; a template is a JSON object: write { … }"},
		{"null", "null", "t.json:1:1: the file holds null where a template is expected; a template is a JSON object: write { … }"},
		{"cut off", "{\n \"a\": [1, 2", "t.json:2:12: the file ends before its JSON is complete; close every string, array and object"},
		{"cut off in a string", `{"a": "b`, "t.json:1:9: the file ends before its JSON is complete; close every string, array and object"},
		{"comma at the end", "{\n  \"a\": 1,\n}", "t.json:2:9: the file is not JSON: invalid character ',' at start of value; delete the comma"},
		{"comma at the end of an array", "{\n  \"a\": [1 , ]\n}", "t.json:2:11: the file is not JSON: invalid character ',' at start of value; delete the comma"},
		{"comma missing", "{\"a\": 1\n \"b\": 2}", "t.json:2:2: the file is not JSON: invalid character '\"' after object value (expecting ',' or '}'); write a comma before it"},
		{"comment", "{ // name\n}", "t.json:1:3: the file is not JSON: invalid character '/' at start of value; JSON has no comments: delete it"},
		{"single quotes", "{'a':1}", "t.json:1:2: the file is not JSON: invalid character '\\'' at start of value; write strings in double quotes"},
		{"lone surrogate", `{"a":"\ud800"}`, "t.json:1:7: the file is not JSON: invalid surrogate pair `\\ud800\"}` in string; mend it at this place, and check the file with any JSON tool"},
		{"invalid UTF-8", "{\"a\":\"\xff\"}", "t.json:1:7: the file is not JSON: invalid UTF-8; mend it at this place, and check the file with any JSON tool"},
		{"leading zero", `{"version":01}`, "t.json:1:13: the file is not JSON: invalid character '1' after object value (expecting ',' or '}'); mend it at this place, and check the file with any JSON tool"},
		{"two templates", plain("") + "\n{}", "t.json:2:1: text follows the end of the template; a file holds one template: delete it"},
		{"text behind", plain("") + " x", "t.json:1:106: text follows the end of the template; a file holds one template: delete it"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, problemsOf(t, tc.src)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestParseCollects wants every problem of a file at once, in its order.
func TestParseCollects(t *testing.T) {
	src := "{\r\n" +
		"\t\"providerId\": \"my provider\",\r\n" +
		"\t\"serviceId\": \"" + strings.Repeat("s", 64) + "\",\r\n" +
		"\t\"serviceName\": null,\r\n" +
		"\t\"hostRequired\": \"true\",\r\n" +
		"\t\"version\": 1.5,\r\n" +
		"\t\"providerId\": 5,\r\n" +
		"\t\"vnd.example.deep\": [{\"a\": 1, \"a\": 2}],\r\n" +
		"\t\"crit\": [\"a\", 1],\r\n" +
		"\t\"records\": [\r\n" +
		"\t\t{\"type\": \"MX\", \"host\": \"@\", \"pointsTo\": 5, \"priority\": true, \"host\": 7},\r\n" +
		"\t\t\"A\",\r\n" +
		"\t\t{\"host\": \"@\"}\r\n" +
		"\t]\r\n" +
		"}\r\n"
	want := strings.Join([]string{
		`t.json:1:1: the template has no providerName; add the member "providerName"`,
		`t.json:2:16: providerId holds the character ' '; use only ASCII letters, digits, hyphens, underscores and dots`,
		`t.json:3:15: serviceId has 64 characters, the limit is 63; shorten it`,
		`t.json:4:2: the template has no serviceName; add the member "serviceName"`,
		`t.json:5:18: hostRequired is a string where true or false is expected; write true or false without quotes`,
		`t.json:6:13: version is 1.5 where an integer is expected; write digits alone`,
		`t.json:7:2: the member "providerId" stands here a second time, first in line 2; delete one of them`,
		`t.json:8:32: the member "a" stands here a second time, first in line 8; delete one of them`,
		`t.json:9:16: crit holds a number where a string is expected; write names in double quotes`,
		`t.json:11:3: record 1, MX, has no ttl; add the member "ttl"`,
		`t.json:11:43: pointsTo is a number where a string is expected; put the value in double quotes`,
		`t.json:11:58: priority is a boolean where a number or a string is expected; write digits, or one variable in double quotes`,
		`t.json:11:64: the member "host" stands here a second time, first in line 11; delete one of them`,
		`t.json:12:3: record 2 is a string where an object is expected; a record is a JSON object: write { … }`,
		`t.json:13:3: record 3 has no type; add the member "type"`,
	}, "\n")
	if diff := cmp.Diff(want, problemsOf(t, src)); diff != "" {
		t.Error(diff)
	}
	_, err := Parse("t.json", []byte(src))
	var places []string
	for _, p := range err.(Problems) {
		places = append(places, p.Class+" "+p.Pointer)
	}
	wantPlaces := []string{
		"missing-field ", "id-syntax /providerId", "id-too-long /serviceId", "missing-field ",
		"wrong-type /hostRequired", "wrong-type /version", "duplicate-key /providerId",
		"duplicate-key /vnd.example.deep/0/a", "wrong-type /crit/1",
		"missing-field /records/0", "wrong-type /records/0/pointsTo", "wrong-type /records/0/priority", "duplicate-key /records/0/host",
		"wrong-type /records/1", "missing-field /records/2",
	}
	if diff := cmp.Diff(wantPlaces, places); diff != "" {
		t.Error(diff)
	}
}

func TestParseLimits(t *testing.T) {
	padded := func(size int) []byte {
		s := plain("")
		return []byte(s + strings.Repeat(" ", size-len(s)))
	}
	if _, err := Parse("t.json", padded(MaxFileSize)); err != nil {
		t.Errorf("a file of exactly the limit: %v", err)
	}
	_, err := Parse("t.json", padded(MaxFileSize+1))
	want := "t.json: the file is larger than the limit of 1048576 octets for a template; split the template or remove what is not part of it"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	big := filepath.Join(t.TempDir(), "big.json")
	if err := os.WriteFile(big, padded(10<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(big); err == nil || !strings.HasSuffix(err.Error(), strings.TrimPrefix(want, "t.json")) {
		t.Errorf("ReadFile of 10 MB: %v", err)
	}

	nested := func(depth int) string {
		// The template's own object is the first level.
		return strings.TrimSuffix(plain(""), "}") + `,"x":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + "}"
	}
	if _, err := Parse("t.json", []byte(nested(MaxDepth))); err != nil {
		t.Errorf("%d levels: %v", MaxDepth, err)
	}
	for _, depth := range []int{MaxDepth + 1, 200_000} {
		want := "t.json:1:172: values are nested deeper than 64 levels; take out what is nested so deep: a template has an object, its records, and their members"
		if got := problemsOf(t, nested(depth)); got != want {
			t.Errorf("%d levels:\n got %s\nwant %s", depth, got, want)
		}
	}
	if got := problemsOf(t, strings.Repeat(`{"":`, 5000)); got != "t.json:1:257: values are nested deeper than 64 levels; take out what is nested so deep: a template has an object, its records, and their members" {
		t.Errorf("objects: %s", got)
	}

	many := problemsOf(t, plain(strings.Repeat("1,", 60)+"1"))
	if n := strings.Count(many, "\n"); n != 50 || !strings.HasSuffix(many, "\nand 11 more problems") {
		t.Errorf("61 problems print as %d lines, the last %q", n+1, many[strings.LastIndex(many, "\n"):])
	}
}

func TestParseIDs(t *testing.T) {
	with := func(provider, service string) string {
		return fmt.Sprintf(`{"providerId":%q,"providerName":"P","serviceId":%q,"serviceName":"S","records":[]}`, provider, service)
	}
	long := strings.Repeat("a", 63)
	for _, id := range []string{"a", "9", long, "Zenfolio", "a.b-c_d", "-", "_x", "domain.verification.template"} {
		if tmpl, err := Parse("t.json", []byte(with(id, id))); err != nil {
			t.Errorf("%q: %v", id, err)
		} else if got := tmpl.ID(); got != (TemplateID{id, id}) {
			t.Errorf("%q is read as %v", id, got)
		}
	}
	for id, want := range map[string]string{
		"":         "serviceId is empty; write 1 to 63 ASCII letters, digits, hyphens, underscores and dots",
		long + "a": "serviceId has 64 characters, the limit is 63; shorten it",
		"a/b":      "serviceId holds the character '/'; use only ASCII letters, digits, hyphens, underscores and dots",
		"a b":      "serviceId holds the character ' '; use only ASCII letters, digits, hyphens, underscores and dots",
		"a~b":      "serviceId holds the character '~'; use only ASCII letters, digits, hyphens, underscores and dots",
		"a%62":     "serviceId holds the character '%'; use only ASCII letters, digits, hyphens, underscores and dots",
		"é":        "serviceId holds the character 'é'; use only ASCII letters, digits, hyphens, underscores and dots",
	} {
		if got := problemsOf(t, with("example.com", id)); !strings.HasSuffix(got, ": "+want) || strings.Contains(got, "\n") {
			t.Errorf("%q:\n got %s\nwant %s", id, got, want)
		}
	}
}

func TestParseIntegers(t *testing.T) {
	with := func(version string) string {
		return strings.TrimSuffix(plain(""), "}") + `,"version":` + version + "}"
	}
	for text, want := range map[string]int64{
		"1": 1, "0": 0, "-1": -1, "20220101": 20220101, "2022010112": 2022010112, "1.0": 1, "1e2": 100, "10e-1": 1,
		"9223372036854775807": 1<<63 - 1, "null": 0, "0e99": 0,
	} {
		tmpl, err := Parse("t.json", []byte(with(text)))
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if tmpl.Version != want {
			t.Errorf("%s is read as %d", text, tmpl.Version)
		}
	}
	for text, want := range map[string]string{
		"1.5":                                "version is 1.5 where an integer is expected; write digits alone",
		`"1"`:                                "version is a string where an integer is expected; write digits without quotes",
		"true":                               "version is a boolean where an integer is expected; write digits without quotes",
		"9223372036854775808":                "version is a number that does not fit 64 bits; use a smaller one",
		"1e999999999":                        "version is a number that does not fit 64 bits; use a smaller one",
		"1" + strings.Repeat("0", 50) + ".0": "version is a number that does not fit 64 bits; use a smaller one",
	} {
		if got := problemsOf(t, with(text)); got != "t.json:1:115: "+want {
			t.Errorf("%s:\n got %s\nwant %s", text, got, want)
		}
	}
}

// TestParseAccepts reads one template with every liberty that real ones take.
func TestParseAccepts(t *testing.T) {
	src := "\xef\xbb\xbf{\r\n" +
		"\t\"providerId\": \"Example.COM\", \"providerName\": \"Ex\\u0061mple\",\r\n" +
		"\t\"serviceId\": \"a.b\", \"serviceName\": \"S\",\r\n" +
		"\t\"logoUrl\": null, \"syncBlock\": true, \"vnd.example.x\": {\"a\": [1, null]}, \"foo\": null, \"version\": 2,\r\n" +
		"\t\"records\": [\r\n" +
		"\t\t{\"type\": \"A\", \"host\": \"\", \"pointsTo\": \"%a-b%\", \"ttl\": \"3600\", \"priority\": false, \"data\": 7},\r\n" +
		"\t\t{\"type\": \"SPFM\", \"host\": \"@\", \"spfRules\": \"exists:%{i}.x\", \"ttl\": 300},\r\n" +
		"\t\t{\"type\": \"APEXCNAME\", \"pointsTo\": \"x.example\", \"ttl\": 60, \"essential\": \"No\"},\r\n" +
		"\t\t{\"type\": \"APEXCNAME\", \"host\": \"@\", \"pointsTo\": \"x.example\", \"ttl\": 60},\r\n" +
		"\t\t{\"type\": \"REDIR301\", \"target\": \"https://x.example/\"},\r\n" +
		"\t\t{\"type\": \"TXT\", \"host\": \"@\", \"data\": \"100%\", \"ttl\": \"%t%\", \"groupId\": null}\r\n" +
		"\t]\r\n}"
	tmpl, err := Parse("dir/a.json", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	if tmpl.ID().String() != "Example.COM.a.b" || tmpl.ProviderName != "Example" || !tmpl.SyncBlock || tmpl.Version != 2 || tmpl.File != "dir/a.json" {
		t.Errorf("read as %+v", tmpl)
	}
	if string(tmpl.Raw) != src {
		t.Error("Raw is not the file")
	}
	if got := string(tmpl.Unknown["vnd.example.x"]); got != `{"a": [1, null]}` || len(tmpl.Unknown) != 1 {
		t.Errorf("unknown members: %s of %d", got, len(tmpl.Unknown))
	}
	if tmpl.Has("logoUrl") || !tmpl.Has("version") || tmpl.Has("nothing") || string(tmpl.Member("logoUrl")) != "null" {
		t.Error("null is absent, and can be told from a missing member")
	}
	if got := tmpl.Position("version"); got != (Position{Line: 4, Column: 86}) {
		t.Errorf("version stands at %v", got)
	}
	if got := tmpl.Position("nothing"); got != (Position{}) {
		t.Errorf("an absent member stands at %v", got)
	}
	if got := tmpl.Position("providerId"); got != (Position{Line: 2, Column: 2}) {
		t.Errorf("providerId stands at %v", got)
	}
	r := tmpl.Records[0]
	if r.TTL != "3600" || r.PointsTo != "%a-b%" || r.Host != "" || r.Priority != "" || r.Data != "" {
		t.Errorf("record 1 is read as %+v", r)
	}
	if string(r.Unknown["priority"]) != "false" || string(r.Unknown["data"]) != "7" {
		t.Errorf("members of other types are kept: %v", r.Unknown)
	}
	if r.Pos != (Position{Line: 6, Column: 3}) || r.Position("ttl") != (Position{Line: 6, Column: 50}) || string(r.Member("ttl")) != `"3600"` {
		t.Errorf("record 1 stands at %v, its ttl %s at %v", r.Pos, r.Member("ttl"), r.Position("ttl"))
	}
	if tmpl.Records[2].Essential != "No" || tmpl.Records[2].Has("host") || !tmpl.Records[3].Has("host") {
		t.Error("APEXCNAME with and without host")
	}
	if last := tmpl.Records[5]; last.Index != 5 || last.Data != "100%" || last.TTL != "%t%" || last.GroupID != "" {
		t.Errorf("the last record is read as %+v", last)
	}
}

// TestParseKeepsNoAlias changes the caller's buffer after parsing.
func TestParseKeepsNoAlias(t *testing.T) {
	src := []byte(plain(`{"type":"A","host":"@","pointsTo":"192.0.2.1","ttl":60,"x":1}`))
	tmpl, err := Parse("t.json", src)
	if err != nil {
		t.Fatal(err)
	}
	digest := tmpl.Digest()
	for i := range src {
		src[i] = 'x'
	}
	if tmpl.Digest() != digest || string(tmpl.Member("serviceId")) != `"web"` || string(tmpl.Records[0].Unknown["x"]) != "1" {
		t.Error("the template changed with the caller's buffer")
	}
}

// TestRequiredMembers drops every member of every type in turn. It holds the
// list against Table 1 of ietf-05 section 6.2, written out here once more.
func TestRequiredMembers(t *testing.T) {
	for _, tc := range []struct {
		recordType       string
		needed, optional []string
	}{
		{"A", []string{"host", "pointsTo", "ttl"}, []string{"groupId", "essential"}},
		{"AAAA", []string{"host", "pointsTo", "ttl"}, nil},
		{"CNAME", []string{"host", "pointsTo", "ttl"}, nil},
		{"NS", []string{"host", "pointsTo", "ttl"}, nil},
		{"MX", []string{"host", "pointsTo", "ttl", "priority"}, nil},
		{"TXT", []string{"host", "data", "ttl"}, []string{"txtConflictMatchingMode", "txtConflictMatchingPrefix"}},
		{"SRV", []string{"name", "target", "ttl", "priority", "weight", "port", "protocol", "service"}, nil},
		{"SPFM", []string{"host", "spfRules"}, []string{"ttl"}},
		{"CAA", []string{"host", "data", "ttl"}, nil},
		{"TYPE65280", []string{"host", "data", "ttl"}, nil},
		{"TYPE257", []string{"host", "data", "ttl"}, nil},
		{"APEXCNAME", []string{"pointsTo", "ttl"}, []string{"host"}},
		{"REDIR301", []string{"target"}, []string{"host", "ttl"}},
		{"REDIR302", []string{"target"}, []string{"host"}},
		{"NOSUCHTYPE", nil, []string{"host", "data"}},
		{"TYPE5", []string{"host", "ttl", "data"}, nil},
		{"TYPE15", []string{"host", "ttl", "data"}, []string{"priority"}},
		{"TYPE33", []string{"host", "ttl", "data"}, nil},
	} {
		record := func(without string) string {
			fields := []string{fmt.Sprintf(`"type":%q`, tc.recordType)}
			for _, f := range append(append([]string{}, tc.needed...), tc.optional...) {
				if f != without {
					fields = append(fields, fmt.Sprintf("%q:%q", f, "1"))
				}
			}
			return plain("{" + strings.Join(fields, ",") + "}")
		}
		if _, err := Parse("t.json", []byte(record(""))); err != nil {
			t.Errorf("%s with all members: %v", tc.recordType, err)
		}
		for _, f := range tc.needed {
			got := problemsOf(t, record(f))
			if !strings.Contains(got, fmt.Sprintf("record 1, %s, has no %s; add the member %q", tc.recordType, f, f)) {
				t.Errorf("%s without %s: %s", tc.recordType, f, got)
			}
		}
		for _, f := range tc.optional {
			if _, err := Parse("t.json", []byte(record(f))); err != nil {
				t.Errorf("%s without %s: %v", tc.recordType, f, err)
			}
		}
	}
}

// TestRequiredByNumber: a record of a core type by number that has neither
// data nor a value of its own is asked for data.
func TestRequiredByNumber(t *testing.T) {
	for record, want := range map[string]string{
		`{"type":"TYPE5","host":"@","ttl":1}`:                                                                    "has no data",
		`{"type":"TYPE33","name":"@","service":"_s","ttl":1}`:                                                    "has no host",
		`{"type":"TYPE15","host":"@","pointsTo":"x","ttl":1}`:                                                    "has no priority",
		`{"type":"TYPE15","host":"@","pointsTo":"x","ttl":1,"data":"y"}`:                                         "has no priority",
		`{"type":"TYPE33","target":"x","ttl":1,"priority":1,"weight":1,"port":1,"protocol":"_t","service":"_s"}`: "has no name",
	} {
		if got := problemsOf(t, plain(record)); !strings.Contains(got, want+"; add the member") {
			t.Errorf("%s: %s", record, got)
		}
	}
	full := `{"type":"TYPE33","name":"@","target":"x","ttl":1,"priority":1,"weight":1,"port":1,"protocol":"_t","service":"_s"}`
	if _, err := Parse("t.json", []byte(plain(full))); err != nil {
		t.Error(err)
	}
}

// TestStrayMembersOfAnyType: what means nothing on a type may be anything.
func TestStrayMembersOfAnyType(t *testing.T) {
	for _, record := range []string{
		`{"type":"SRV","host":5,"name":"@","target":"x","ttl":1,"priority":1,"weight":1,"port":1,"protocol":"_t","service":"_s"}`,
		`{"type":"SPFM","host":"@","spfRules":"a","ttl":true}`,
		`{"type":"CNAME","host":"@","pointsTo":"x","ttl":1,"txtConflictMatchingMode":[]}`,
		`{"type":"CAA","host":"@","data":"x","ttl":1,"pointsTo":{}}`,
		`{"type":"NS1","pointsTo":5,"ttl":{}}`,
	} {
		if _, err := Parse("t.json", []byte(plain(record))); err != nil {
			t.Errorf("%s: %v", record, err)
		}
	}
	for _, record := range []string{
		`{"type":"TYPE33","host":5,"data":"x","ttl":1}`,
		`{"type":"A","host":"@","pointsTo":"x","ttl":true}`,
		`{"type":"TXT","host":"@","data":"x","ttl":1,"txtConflictMatchingMode":[]}`,
		`{"type":"CAA","host":"@","data":5,"ttl":1}`,
		`{"type":"A","host":"@","pointsTo":"x","ttl":1,"groupId":5}`,
	} {
		if got := problemsOf(t, plain(record)); !strings.Contains(got, " is expected; ") {
			t.Errorf("%s: %s", record, got)
		}
	}
}

func TestPointers(t *testing.T) {
	_, err := Parse("t.json", []byte(`{"a/b":{"~c":1,"~c":2}}`))
	if ps := err.(Problems); ps[0].Pointer != "" || ps[len(ps)-1].Pointer != "/a~1b/~0c" {
		t.Errorf("got %+v", ps)
	}
}

func TestBooleans(t *testing.T) {
	tmpl, err := Parse("t.json", []byte(strings.TrimSuffix(plain(""), "}")+`,"shared":true,"syncBlock":false,"hostRequired":null}`))
	if err != nil || !tmpl.Shared || tmpl.SyncBlock || tmpl.HostRequired {
		t.Errorf("%+v %v", tmpl, err)
	}
}

func TestCanonicalType(t *testing.T) {
	for in, want := range map[string]string{
		"A": "A 1", "TYPE1": "A 1", "TYPE005": "CNAME 5", "TYPE257": "CAA 257", "CAA": "CAA 257",
		"TYPE65280": "TYPE65280 65280", "SPFM": "SPFM 0", "REDIR301": "REDIR301 0", "APEXCNAME": "APEXCNAME 0", "ANY": "ANY 255",
		"": "", "a": "", "txt": "", "TYPE": "", "TYPE0": "", "TYPE65536": "", "TYPE 65": "", "TYPE0x41": "", "type5": "",
		"TYPE-1": "", "TYPE+5": "", "A ": "", "None": "", "NS1": "", "CLASS1": "", "A\n": "",
	} {
		got := ""
		if name, code, ok := CanonicalType(in); ok {
			got = fmt.Sprintf("%s %d", name, code)
		}
		if got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func TestReadFileNamesTheFile(t *testing.T) {
	_, err := ReadFile(filepath.Join(t.TempDir(), "absent.json"))
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "absent.json") {
		t.Errorf("got %v", err)
	}
	if _, err := ReadFile(t.TempDir()); err == nil {
		t.Error("a folder is read as a template")
	}
}
