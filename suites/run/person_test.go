package run

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// Whoever writes answers never waits for a reader, and nothing of them is lost.
func TestLinesDoNotWait(t *testing.T) {
	l := newLines()
	want := strings.Repeat("an answer\n", 100_000)
	if n, err := l.Write([]byte(want)); n != len(want) || err != nil {
		t.Fatal(n, err)
	}
	read := make(chan string)
	go func() {
		got, err := io.ReadAll(l)
		if err != nil {
			t.Error(err)
		}
		read <- string(got)
	}()
	if _, err := io.WriteString(l, "the last\n"); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-read; got != want+"the last\n" {
		t.Errorf("%d octets of %d", len(got), len(want)+9)
	}
}

// Answers go to the child that runs; when none does they wait for one.
func TestRelay(t *testing.T) {
	var first, second bytes.Buffer
	r := &relay{}
	r.from(strings.NewReader("before\n"))
	r.attach(&first)
	r.from(strings.NewReader("to the first\n"))
	r.attach(&second)
	r.from(strings.NewReader("to the second\n"))
	r.attach(nil)
	r.from(strings.NewReader("after\n"))
	if first.String() != "before\nto the first\n" || second.String() != "to the second\n" {
		t.Errorf("first %q, second %q", first.String(), second.String())
	}
}
