package dc

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseQuery(t *testing.T) {
	for _, tc := range []struct {
		name, raw string
		plus      bool
		want      []Pair
	}{
		{"nothing", "", false, nil},
		{"no equals sign", "a", false, []Pair{{"a", "", "a", ""}}},
		{"empty value", "host=", false, []Pair{{"host", "", "host", ""}}},
		{"no name", "=x", false, []Pair{{"", "x", "", "x"}}},
		{"empty parts", "&a=1&&b=2&", false, []Pair{{"a", "1", "a", "1"}, {"b", "2", "b", "2"}}},
		{"order and repeats", "b=1&a=2&b=3", false, []Pair{{"b", "1", "b", "1"}, {"a", "2", "a", "2"}, {"b", "3", "b", "3"}}},
		{"first equals sign", "v=a=b", false, []Pair{{"v", "a=b", "v", "a=b"}}},
		{"semicolon is text", "a=1;b=2", false, []Pair{{"a", "1;b=2", "a", "1;b=2"}}},
		{"colon", "v=shm%3A1%3AHello", false, []Pair{{"v", "shm:1:Hello", "v", "shm%3A1%3AHello"}}},
		{"decoded once", "v=%2541", false, []Pair{{"v", "%41", "v", "%2541"}}},
		{"escaped plus", "v=a%2Bb", true, []Pair{{"v", "a+b", "v", "a%2Bb"}}},
		{"plus in ietf-05", "v=a+b%20c", false, []Pair{{"v", "a+b c", "v", "a+b%20c"}}},
		{"plus in dcspec-2.3", "v=a+b%20c", true, []Pair{{"v", "a b c", "v", "a+b%20c"}}},
		{"lower-case escape", "v=a%2bb", false, []Pair{{"v", "a+b", "v", "a%2bb"}}},
		{"escaped name", "d%6Fmain=x", false, []Pair{{"domain", "x", "d%6Fmain", "x"}}},
		{"escaped separators", "v=a%26b%3Dc", false, []Pair{{"v", "a&b=c", "v", "a%26b%3Dc"}}},
		{"any octet", "v=%00%ff", false, []Pair{{"v", "\x00\xff", "v", "%00%ff"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			q, err := ParseQuery(tc.raw, tc.plus)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, q.Pairs()); diff != "" {
				t.Error(diff)
			}
			if q.Raw() != tc.raw {
				t.Errorf("Raw is %q", q.Raw())
			}
		})
	}
}

func TestParseQueryRefuses(t *testing.T) {
	long := strings.Repeat("x", 100)
	for raw, want := range map[string]string{
		"v=100%":             `v: the value "100%" has a malformed percent-escape "%"; write a per cent sign as %25`,
		"v=%2":               `v: the value "%2" has a malformed percent-escape "%2"; write a per cent sign as %25`,
		"a=1&v=%zz1":         `v: the value "%zz1" has a malformed percent-escape "%zz"; write a per cent sign as %25`,
		"v=%4g":              `v: the value "%4g" has a malformed percent-escape "%4g"; write a per cent sign as %25`,
		"%=1":                `the name of a parameter, "%", has a malformed percent-escape "%"; write a per cent sign as %25`,
		"v=" + long + "%":    `v: the value "` + long[:80] + `…" has a malformed percent-escape "%"; write a per cent sign as %25`,
		"%76=%%41":           `v: the value "%%41" has a malformed percent-escape "%%4"; write a per cent sign as %25`,
		"v=%e9&w=%+1&x=%20z": `w: the value "%+1" has a malformed percent-escape "%+1"; write a per cent sign as %25`,
	} {
		q, err := ParseQuery(raw, false)
		if !errors.Is(err, &Error{Class: ErrRequest}) || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", raw, err, want)
		}
		if q.Raw() != "" || q.Pairs() != nil {
			t.Errorf("%s: a query is returned together with an error", raw)
		}
	}
}

func TestQueryLookup(t *testing.T) {
	q, err := ParseQuery("domain=a.test&x=&d%6Fmain=b.test&host=h&Domain=c.test&x=2&x=3", false)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"domain", "x"}, q.Repeated()); diff != "" {
		t.Errorf("repeated: %s", diff)
	}
	if q.Get("domain") != "a.test" || q.Get("Domain") != "c.test" || q.Get("x") != "" || q.Get("y") != "" {
		t.Error("Get is the first value, with case")
	}
	if !q.Has("x") || q.Has("y") || q.Has("HOST") {
		t.Error("Has tells empty from absent, with case")
	}
	if diff := cmp.Diff([]string{"", "2", "3"}, q.All("x")); diff != "" {
		t.Error(diff)
	}
	if q.All("y") != nil {
		t.Error("All of an absent name")
	}
	if q, _ := ParseQuery("a=1&b=2", false); q.Repeated() != nil {
		t.Errorf("nothing repeats, got %v", q.Repeated())
	}
}

func TestParseGroupList(t *testing.T) {
	for value, want := range map[string][]string{
		"g1": {"g1"}, "verification,service": {"verification", "service"}, "a.b,A-b_1": {"a.b", "A-b_1"}, "a,a": {"a", "a"},
		strings.Repeat("g", 63): {strings.Repeat("g", 63)},
	} {
		got, err := ParseGroupList(value)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", value, err, diff)
		}
	}
	for value, want := range map[string]string{
		"":                      "groupId: the value is empty; leave the parameter out to apply every group",
		",":                     `groupId: the list "," has an empty member; write the groups with one comma between two`,
		"a,,b":                  `groupId: the list "a,,b" has an empty member; write the groups with one comma between two`,
		"a,":                    `groupId: the list "a," has an empty member; write the groups with one comma between two`,
		"a b":                   `groupId: "a b" is not a group id; a group id has ASCII letters, digits, hyphens, underscores and dots`,
		"a, b":                  `groupId: " b" is not a group id; a group id has ASCII letters, digits, hyphens, underscores and dots`,
		"a%2Cb":                 `groupId: "a%2Cb" is not a group id; a group id has ASCII letters, digits, hyphens, underscores and dots`,
		strings.Repeat("g", 64): "groupId: a group id has 64 characters, the limit is 63",
	} {
		got, err := ParseGroupList(value)
		if !errors.Is(err, &Error{Class: ErrRequest}) || err.Error() != want || got != nil {
			t.Errorf("%q:\n got %v %v\nwant %s", value, got, err, want)
		}
	}
}
