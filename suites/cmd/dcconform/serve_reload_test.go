package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// templateText is a template of a service in a version.
func templateText(service string, version int) string {
	return fmt.Sprintf(`{"providerId":"a.example","providerName":"A","serviceId":%q,"serviceName":"S","version":%d,
"records":[{"type":"A","host":"@","pointsTo":"%%ip%%","ttl":60}]}`, service, version)
}

// A second look at the files takes what is sound, leaves what is broken as it
// was, and says both.
func TestReread(t *testing.T) {
	t.Chdir(t.TempDir())
	put := func(file, text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("dir", 0o700); err != nil {
		t.Fatal(err)
	}
	one, two := filepath.Join("dir", "one.json"), filepath.Join("dir", "two.json")
	piped, err := dc.Parse("-", []byte(templateText("piped", 1)))
	if err != nil {
		t.Fatal(err)
	}
	have := []*dc.Template{piped}
	for _, step := range []struct {
		name   string
		change func()
		want   []string // what is served: service and version
		said   []string
	}{
		{"nothing there yet", func() {}, []string{"piped 1"}, []string{"no template files: the folder dir holds no *.json file; all templates stay as they were"}},
		{"new ones", func() { put(one, templateText("one", 1)); put(two, templateText("two", 1)) }, []string{"piped 1", "one 1", "two 1"},
			[]string{one + " is new: a.example/one, version 1", two + " is new: a.example/two, version 1"}},
		{"nothing new", func() { put(filepath.Join("dir", ".one.json.swp"), "x") }, []string{"piped 1", "one 1", "two 1"}, nil},
		{"a version", func() { put(one, templateText("one", 2)) }, []string{"piped 1", "one 2", "two 1"}, []string{one + " was reloaded: a.example/one, version 2"}},
		{"half of a file", func() { put(one, templateText("one", 3)[:60]) }, []string{"piped 1", "one 2", "two 1"},
			[]string{one + ":1:61: the file ends before its JSON is complete; close every string, array and object; version 2 of before stays"}},
		{"many problems", func() { put(one, `{"providerId":"a.example"}`) }, []string{"piped 1", "one 2", "two 1"},
			[]string{one + `:1:1: the template has no providerName; add the member "providerName" (and 3 more); version 2 of before stays`}},
		{"whole again", func() { put(one, templateText("one", 3)) }, []string{"piped 1", "one 3", "two 1"}, []string{one + " was reloaded: a.example/one, version 3"}},
		{"ids of another", func() { put(two, templateText("one", 9)) }, []string{"piped 1", "one 3", "two 1"},
			[]string{two + " has the providerId and serviceId of " + one + "; version 1 of before stays"}},
		{"a new one that is broken", func() { put(two, templateText("two", 2)); put(filepath.Join("dir", "three.json"), "[]") }, []string{"piped 1", "one 3", "two 2"},
			[]string{filepath.Join("dir", "three.json") + ":1:1: the file holds an array where a template is expected; a template is a JSON object: write { … }; it is not served", two + " was reloaded: a.example/two, version 2"}},
		{"one less", func() { _ = os.Remove(one); _ = os.Remove(filepath.Join("dir", "three.json")) }, []string{"piped 1", "two 2"},
			[]string{one + " is gone, and a.example/one with it"}},
		{"none", func() { _ = os.Remove(two) }, []string{"piped 1", "two 2"}, []string{"no template files: the folder dir holds no *.json file; all templates stay as they were"}},
	} {
		step.change()
		next, said := reread([]string{"dir"}, have)
		have = next
		var got []string
		for _, tmpl := range next {
			got = append(got, fmt.Sprintf("%s %d", tmpl.ServiceID, tmpl.Version))
		}
		if strings.Join(got, ", ") != strings.Join(step.want, ", ") {
			t.Errorf("%s: there are %q", step.name, got)
		}
		if strings.Join(said, "\n") != strings.Join(step.said, "\n") {
			t.Errorf("%s: it says\n%s", step.name, strings.Join(said, "\n"))
		}
	}
}

// serve follows a file that an editor saves, and says so.
func TestServeReloads(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot interrupt another process")
	}
	dir := t.TempDir()
	put := func(text string) {
		t.Helper()
		part := filepath.Join(dir, ".part")
		if err := os.WriteFile(part, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(part, filepath.Join(dir, "one.json")); err != nil {
			t.Fatal(err)
		}
	}
	put(templateText("one", 1))
	s, err := startServe(dir, "--format", "json", "--templates", "one.json")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	for _, step := range [][2]string{
		{templateText("one", 2), "dcconform serve: --templates: one.json was reloaded: a.example/one, version 2"},
		{"{", "dcconform serve: --templates: one.json:1:2: the file ends before its JSON is complete; close every string, array and object; version 2 of before stays"},
		{templateText("other", 4), "dcconform serve: --templates: one.json was reloaded: a.example/other, version 4"},
	} {
		put(step[0])
		if line := <-s.stderr; line != step[1] {
			t.Errorf("it says\n%s\nand not\n%s", line, step[1])
		}
	}
	status, body, err := request("GET", s.ready.Admin+"/tenants/@", "", s.ready.CA)
	if err != nil || status != 200 || !strings.Contains(body, `"templates":["a.example/other"]`) {
		t.Errorf("%d %s %v", status, body, err)
	}
	if code, said, err := s.end(); err != nil || code != 0 {
		t.Errorf("exit %d, %v\n%s", code, err, said)
	}
}

// The lines of the start screen work when they are pasted.
func TestScreenLinesWork(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot interrupt another process")
	}
	s, err := startServe(t.TempDir(), "--zone", "shop.example")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	_, after, found := strings.Cut(s.screen, "\nTry:\n")
	lines := strings.Split(after, "\n")
	if !found || len(lines) < 2 {
		t.Fatalf("the screen has nothing to try\n%s", s.screen)
	}
	for i, want := range []string{`"127.0.0.1:`, `"providerId":"dcconform.example"`} {
		words := strings.Fields(lines[i])
		if _, err := exec.LookPath(words[0]); err != nil {
			t.Logf("%s is not installed, so that its line was not tried", words[0])
			continue
		}
		out, err := exec.Command(words[0], words[1:]...).Output()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%s\n%s%v", lines[i], out, err)
		}
	}
	if code, said, err := s.end(); err != nil || code != 0 {
		t.Errorf("exit %d, %v\n%s", code, err, said)
	}
}
