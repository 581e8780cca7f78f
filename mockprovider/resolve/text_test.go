package resolve

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// A TXT record at bar.example.com, and what it is.
func txt(data string) string {
	return fmt.Sprintf(`{"type":"TXT","host":"@","data":%q,"ttl":60}`, data)
}

func isText(strs string) string { return "bar.example.com. 60 IN TXT " + strs }

func badText(why string) string { return "invalid-text: record 1, data: " + why }

func badEscape(text string) string {
	return badText(fmt.Sprintf(`the text %q has a backslash that escapes nothing; write \\ for a backslash`, text))
}

const (
	outside = `text stands outside the quotes; put every string in quotes, and write \" for a quote inside one`
	open    = `a quote is not closed; write \" for a quote inside a string`
)

func TestText(t *testing.T) {
	tryAll(t, dc.Rules{}, []tried{
		{txt("a b"), "", isText(`"a b"`)},
		{txt(`"a b"`), "", isText(`"a b"`)},
		{txt(`"a" "b"`), "", isText(`"a" "b"`)},
		{txt(` "a""b" `), "", isText(`"a" "b"`)},
		{txt("v=DMARC1; p=none"), "", isText(`"v=DMARC1; p=none"`)},
		{txt("@dv=1"), "", isText(`"@dv=1"`)},
		{txt("@"), "", isText(`"@"`)},
		{txt("mailto:a@b.example"), "", isText(`"mailto:a@b.example"`)},
		{txt(""), "", isText(`""`)},
		{txt(`""`), "", isText(`""`)},
		{txt(" a "), "", isText(`" a "`)},
		{txt(`a\"b\\c\059\100`), "", isText(`"a\"b\\c;d"`)},
		{txt(`a "b" c`), "", isText(`"a \"b\" c"`)},
		{txt(`\000\255`), "", isText(`"\000\255"`)},
		{txt("ü"), "", isText(`"\195\188"`)},
		{txt("(a) $INCLUDE x"), "", isText(`"(a) $INCLUDE x"`)},
	})
}

// TestTextFromValues: a value can bring text, and never syntax of the template.
func TestTextFromValues(t *testing.T) {
	tryAll(t, dc.Rules{}, []tried{
		{txt("%v%"), `a\"b`, isText(`"a\"b"`)},
		{txt("%v%"), `a\059b`, isText(`"a;b"`)},
		{txt("%v%"), `a\\b`, isText(`"a\\b"`)},
		{txt(`"%v%"`), `a\"b`, isText(`"a\"b"`)},
		{txt(`"%v%"`), ` a  b `, isText(`" a  b "`)},
		{txt(`"%v%"`), `x" "y`, isText(`"x\" \"y"`)},
		{txt(`"%v%"`), `x"`, isText(`"x\""`)},
		{txt(`"a" %v%`), "", isText(`"a"`)},
		{txt(`%v%x`), `"a" `, isText(`"\"a\" x"`)},
		{txt("%v%"), `"a b"`, isText(`"a b"`)},
		{txt("%v%"), `a" "b`, isText(`"a\" \"b"`)},
		{txt("%v%"), `"a" "b"`, isText(`"a" "b"`)},

		{txt(`"a`), "", badText(open)},
		{txt(`"a" b`), "", badText(outside)},
		{txt(`"a" %v%`), `"b"`, badText(outside)},
		{txt("%v%"), `"a`, badText(open)},
		{txt(`"%v%"`), `a\`, badEscape(`a\`)},
		{txt(`"a\%v%"`), `"`, badEscape(`"a\`)},
		{txt(`\0%v%9`), "5", badEscape(`\0`)},
		{txt(`\256`), "", badEscape(`\256`)},
		{txt(`a\1`), "", badEscape(`a\1`)},
		{txt(`a\12`), "", badEscape(`a\12`)},
		{txt("%v%"), "a\r\nb", badText(`the text holds the control character '\r'; remove it`)},
		{txt("%v%"), "a\x00", badText(`the text holds the control character '\x00'; remove it`)},
		{txt("%v%"), "a\x7f", badText(`the text holds the control character '\x7f'; remove it`)},
		{txt("%v%"), "a\tb", badText(`the text holds the control character '\t'; remove it`)},
		{txt("%v%"), `a\010b`, badText(`the value of %v% holds the control character '\n'; remove it`)},
		{txt("%v%"), `a\127b`, badText(`the value of %v% holds the control character '\x7f'; remove it`)},
	})
	tryAll(t, dc.Rules{Edition: dc.DCSpec23}, []tried{
		{txt("@"), "", isText(`"bar.example.com"`)},
		{txt("@dv=1"), "", isText(`"@dv=1"`)},
		{txt("%v%"), "@", isText(`"@"`)},
		{txt("a b"), "", isText(`"a b"`)},
		{txt("v=DMARC1; p=none"), "", isText(`"v=DMARC1; p=none"`)},
	})
}

// TestLongText splits at 255 octets so that the join is exact.
func TestLongText(t *testing.T) {
	s := func(c string, n int) string { return strings.Repeat(c, n) }
	for _, tc := range []struct{ data, v, want string }{
		{"%v%", s("a", 255), `"` + s("a", 255) + `"`},
		{"%v%", s("a", 256), `"` + s("a", 255) + `" "a"`},
		{"%v%", s("a", 255) + s("b", 145), `"` + s("a", 255) + `" "` + s("b", 145) + `"`},
		{"%v%", s("a", 510), `"` + s("a", 255) + `" "` + s("a", 255) + `"`},
		{`"x" "%v%" "y"`, s("a", 256), `"x" "` + s("a", 255) + `" "a" "y"`},
		// An escape counts as the one octet that it stands for.
		{"%v%", s("a", 254) + `\"b`, `"` + s("a", 254) + `\"" "b"`},
	} {
		tmpl := parse(t, "", fmt.Sprintf(`{"type":"TXT","host":"@","data":%q,"ttl":60}`, tc.data))
		if got := result(t, tmpl, Request{Variables: vars("v", tc.v)}, dc.Rules{}); got != "example.com. 60 IN TXT "+tc.want {
			t.Errorf("%s, %d octets: %s", tc.data, len(tc.v), got)
		}
	}
	tmpl := parse(t, "", `{"type":"TXT","host":"@","data":"%v%","ttl":60}`)
	fits := 255 * 255 // as many strings of 255 octets take 65280, one of 254 more fills the record
	if got := result(t, tmpl, Request{Variables: vars("v", s("a", fits+254))}, dc.Rules{}); !strings.HasPrefix(got, "example.com. 60 IN TXT ") {
		t.Errorf("65535 octets: %.100s", got)
	}
	want := "invalid-text: record 1, data: the text takes 65536 octets, a record holds 65535"
	if got := result(t, tmpl, Request{Variables: vars("v", s("a", fits+255))}, dc.Rules{}); got != want {
		t.Errorf("65536 octets: %.100s", got)
	}
}

func TestTextModes(t *testing.T) {
	for _, tc := range []struct {
		members      string
		mode         dc.TXTMode
		prefix, fail string
	}{
		{``, dc.TXTNone, "", ""},
		{`,"txtConflictMatchingMode":"None"`, dc.TXTNone, "", ""},
		{`,"txtConflictMatchingMode":"All","txtConflictMatchingPrefix":"x"`, dc.TXTAll, "", ""},
		{`,"txtConflictMatchingMode":"Prefix","txtConflictMatchingPrefix":"v=%v%"`, dc.TXTPrefix, "v=%v%", ""},
		{`,"txtConflictMatchingMode":"prefix","txtConflictMatchingPrefix":"x"`, dc.TXTPrefix, "x", ""},
		{`,"txtConflictMatchingMode":"Prefix"`, 0, "", "invalid-template: record 1, txtConflictMatchingPrefix: mode Prefix has no prefix; write the start of the text that conflicts"},
		{`,"txtConflictMatchingMode":"Some"`, 0, "", `invalid-template: record 1, txtConflictMatchingMode: "Some" is not a mode; write None, All or Prefix`},
	} {
		for _, record := range []string{`{"type":"TXT","host":"@","data":"x","ttl":60`, `{"type":"TYPE16","host":"@","data":"\\# 2 0178","ttl":60`} {
			tmpl := parse(t, "", record+tc.members+"}")
			got, err := Resolve(tmpl, Request{Domain: "example.com"}, dc.Rules{})
			switch {
			case tc.fail != "":
				if text := result(t, tmpl, Request{}, dc.Rules{}); text != tc.fail {
					t.Errorf("%s%s: %s", record, tc.members, text)
				}
			case err != nil || got[0].TXTMode != tc.mode || got[0].TXTPrefix != tc.prefix || got[0].Type != "TXT":
				t.Errorf("%s%s: %+v %v", record, tc.members, got, err)
			}
		}
	}
	lower := parse(t, "", `{"type":"TXT","host":"@","data":"x","ttl":60,"txtConflictMatchingMode":"all"}`)
	if got := result(t, lower, Request{}, dc.Rules{Edition: dc.DCSpec23}); !strings.HasPrefix(got, "invalid-template: ") {
		t.Errorf("letter case counts in dcspec-2.3: %s", got)
	}
}
