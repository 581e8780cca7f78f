package trial_test

import (
	"slices"
	"testing"

	"github.com/dcconform/dcconform/suites/trial"
)

func TestParseObject(t *testing.T) {
	o, err := trial.ParseObject([]byte("\n {\"b\": [1, \"x\"], \"a\":\"\\u00e9\",\"a\" : null, \"c\":{\"z\":1,\"y\":2}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`a: "é"`, `a: null`, `b: [1,"x"]`, `c: {"y":2,"z":1}`}
	if got := o.Lines(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, ok := o.Text("a"); ok {
		t.Error("a repeated member has a value of its own")
	}
	if len(o.All("a")) != 2 || !o.Has("c") || o.Has("A") {
		t.Errorf("members %q", o)
	}
	if items, ok := trial.Items(o.All("b")[0]); !ok || len(items) != 2 || string(items[1]) != `"x"` {
		t.Errorf("items %q, %v", items, ok)
	}
	if _, ok := trial.Items(o.All("c")[0]); ok {
		t.Error("an object has items")
	}
	if s, ok := trial.Text(o.All("a")[0]); !ok || s != "é" {
		t.Errorf("text %q, %v", s, ok)
	}
	if s, ok := trial.Text(o.All("a")[1]); ok {
		t.Errorf("null is the text %q", s)
	}
}

func TestParseObjectRefuses(t *testing.T) {
	for body, want := range map[string]string{
		"":                 "there is no body",
		" \r\n":            "there is no body",
		"[{}]":             "its top level is an array, not an object",
		"null":             "its top level is null, not an object",
		`"a"`:              "its top level is a string, not an object",
		"7":                "its top level is a number, not an object",
		"true":             "its top level is a boolean, not an object",
		"{} {}":            "something follows the object",
		"<html>":           "it is no JSON: jsontext: invalid character '<' at start of value",
		`{"a":1`:           "it is no JSON: jsontext: unexpected EOF after offset 6",
		`{"a":1,}`:         "it is no JSON: jsontext: invalid character ',' at start of value after offset 6",
		"{\"a\":\"\xfc\"}": "it is no JSON: jsontext: invalid UTF-8 within \"/a\" after offset 6",
		"\ufeff{}":         "it is no JSON: jsontext: invalid character '\\ufeff' at start of value",
	} {
		_, err := trial.ParseObject([]byte(body))
		if err == nil || err.Error() != want {
			t.Errorf("%q: got  %v\nwant %s", body, err, want)
		}
	}
}
