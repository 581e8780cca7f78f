package house

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// project is the tree that this test stands in.
func project(t *testing.T) fs.FS {
	t.Helper()
	root := filepath.Join("..", "..")
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatalf("the project's root is not two folders up: %v", err)
	}
	return os.DirFS(root)
}

func report(t *testing.T, broken []string) {
	t.Helper()
	for _, b := range broken {
		t.Error(b)
	}
}

func TestImportsOfTheProject(t *testing.T) {
	imports, err := Imports(project(t))
	if err != nil {
		t.Fatal(err)
	}
	own := 0
	for _, i := range imports {
		if strings.HasPrefix(i.Path, Module+"/") {
			own++
		}
	}
	if own < 20 {
		t.Fatalf("only %d imports of the project's own packages were found: the rules were not tried", own)
	}
	report(t, CheckImports(imports))
}

func TestFilesOfTheProject(t *testing.T) {
	broken, err := CheckFiles(project(t))
	if err != nil {
		t.Fatal(err)
	}
	report(t, broken)
}

func TestTopLevelOfTheProject(t *testing.T) {
	entries, err := fs.ReadDir(project(t), ".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	report(t, CheckTopLevel(names))
}

// Each case is a graph with one violation; the message names who, what, where
// and why.
func TestCheckImportsFinds(t *testing.T) {
	own := func(from, to string) Import {
		return Import{From: from, Path: Module + "/" + to, File: from + "/x.go"}
	}
	lib := func(from, path string) Import { return Import{From: from, Path: path, File: from + "/x.go"} }
	test := func(i Import) Import { i.Test = true; return i }
	for _, c := range []struct {
		name string
		in   []Import
		want string
	}{
		{"fixtures is a leaf", []Import{own("fixtures", "mockprovider/dc")}, "fixtures must not import mockprovider/dc (fixtures/x.go): " + leaf},
		{"keys are a leaf", []Import{own("fixtures/keys", "fixtures")}, "fixtures/keys must not import fixtures (fixtures/keys/x.go): " + leaf},
		{"reports is a leaf", []Import{own("reports", "suites/register")}, "reports must not import suites/register (reports/x.go): " + leaf},
		{"dc is a leaf", []Import{own("mockprovider/dc", "mockprovider/zone")}, "mockprovider/dc must not import mockprovider/zone (mockprovider/dc/x.go): " + leaf},
		{"resolve and zone are apart", []Import{own("mockprovider/resolve", "mockprovider/zone")}, "mockprovider/resolve must not import mockprovider/zone (mockprovider/resolve/x.go): " + pure},
		{"zone and sign are apart", []Import{own("mockprovider/zone", "mockprovider/sign")}, "mockprovider/zone must not import mockprovider/sign (mockprovider/zone/x.go): " + pure},
		{"sign and store", []Import{own("mockprovider/sign", "mockprovider/store")}, "mockprovider/sign must not import mockprovider/store (mockprovider/sign/x.go): " + pure},
		{"store is below web", []Import{own("mockprovider/store", "mockprovider/web")}, "mockprovider/store must not import mockprovider/web (mockprovider/store/x.go): " + layer},
		{"web and dnsd are apart", []Import{own("mockprovider/web", "mockprovider/dnsd")}, "mockprovider/web must not import mockprovider/dnsd (mockprovider/web/x.go): " + layer},
		{"below web too", []Import{own("mockprovider/web/async", "mockprovider/dnsd")}, "mockprovider/web/async must not import mockprovider/dnsd (mockprovider/web/async/x.go): " + layer},
		{"mock and suites", []Import{own("mockprovider", "suites/client")}, "mockprovider must not import suites/client (mockprovider/x.go): the mock stands alone: it can be embedded in a test of anybody's, without the harness"},
		{"mock and reports", []Import{own("mockprovider/x", "reports")}, "mockprovider/x must not import reports (mockprovider/x/x.go): the mock stands alone: it can be embedded in a test of anybody's, without the harness"},
		{"a test of the mock and suites", []Import{test(own("mockprovider/web", "suites/client"))}, "mockprovider/web must not import suites/client (mockprovider/web/x.go): " + layer},
		{"own signer", []Import{own("suites/client", "mockprovider/sign")}, "suites/client must not import mockprovider/sign (suites/client/x.go): the harness signs and encodes by itself: with the mock's code a mistake in it would confirm itself"},
		{"own signer in tests", []Import{test(own("suites/client", "mockprovider/sign"))}, "suites/client must not import mockprovider/sign (suites/client/x.go): the harness signs and encodes by itself: with the mock's code a mistake in it would confirm itself"},
		{"chapter and core", []Import{own("suites/spf", "mockprovider/zone")}, "suites/spf must not import mockprovider/zone (suites/spf/x.go): " + judge},
		{"chapter and mock", []Import{own("suites/spf", "mockprovider")}, "suites/spf must not import mockprovider (suites/spf/x.go): " + judge},
		{"chapter and chapter", []Import{own("suites/spf", "suites/conflict")}, "suites/spf must not import suites/conflict (suites/spf/x.go): " + judge},
		{"certify and sign", []Import{own("suites/certify", "mockprovider/sign")}, "suites/certify must not import mockprovider/sign (suites/certify/x.go): certify computes what to expect from any template by the core with zero Rules, the one chapter that may; signing, serving and faults are not for computing"},
		{"run and mock", []Import{own("suites/run", "mockprovider/zone")}, "suites/run must not import mockprovider/zone (suites/run/x.go): run plans, starts children and collects; of the mock it needs the template parser, and the diagnosis of signatures, which words failures and decides none"},
		{"chapter and the suite", []Import{own("suites/run", "suites")}, "suites/run must not import suites (suites/run/x.go): run plans, starts children and collects; of the mock it needs the template parser, and the diagnosis of signatures, which words failures and decides none"},
		{"run and the rules", []Import{own("suites/run", "suites/house")}, "suites/run must not import suites/house (suites/run/x.go): run plans, starts children and collects; of the mock it needs the template parser, and the diagnosis of signatures, which words failures and decides none"},
		{"run and main", []Import{own("suites/run", "suites/cmd/dcconform")}, "suites/run must not import suites/cmd/dcconform (suites/run/x.go): run plans, starts children and collects; of the mock it needs the template parser, and the diagnosis of signatures, which words failures and decides none"},
		{"main and chapter", []Import{own("suites/cmd/dcconform", "suites/spf")}, "suites/cmd/dcconform must not import suites/spf (suites/cmd/dcconform/x.go): " + wires},
		{"main and consent", []Import{own("suites/cmd/dcconform", "suites/consent")}, "suites/cmd/dcconform must not import suites/consent (suites/cmd/dcconform/x.go): " + wires},
		{"values and zone", []Import{own("suites/values", "mockprovider/zone")}, "suites/values must not import mockprovider/zone (suites/values/x.go): values are invented by the template alone; the core says whether they fit"},
		{"the suite and the core", []Import{test(own("suites", "mockprovider/zone"))}, "suites must not import mockprovider/zone (suites/x.go): the suite under go test and ginkgo is a main of its own: it wires chapters to a target"},
		{"unknown room", []Import{own("tools", "reports")}, "tools imports reports (tools/x.go): no rule knows this room; add it to suites/house"},
		{"root", []Import{lib("suites/run", Module)}, "suites/run imports the module's root (suites/run/x.go): no package stands there"},
		{"Ginkgo in the mock", []Import{lib("mockprovider/zone", "github.com/onsi/ginkgo/v2")}, "mockprovider/zone imports github.com/onsi/ginkgo/v2, which only suites/... may (mockprovider/zone/x.go): " + libraries[0].reason},
		{"Gomega in a test of reports", []Import{test(lib("reports", "github.com/onsi/gomega"))}, "reports imports github.com/onsi/gomega, which only suites/... may (reports/x.go): " + libraries[1].reason},
		{"chromedp", []Import{lib("suites/run", "github.com/chromedp/cdproto/page")}, "suites/run imports github.com/chromedp/cdproto/page, which only suites/consent may (suites/run/x.go): " + libraries[3].reason},
		{"a second OAuth client", []Import{lib("suites/trial", "golang.org/x/oauth2")}, "suites/trial imports golang.org/x/oauth2, which only suites/oauthclient may (suites/trial/x.go): " + libraries[2].reason},
		{"Ginkgo and reports", []Import{lib("suites/check", "github.com/onsi/ginkgo/v2"), own("suites/check", "reports")}, "suites/check imports both Ginkgo and reports: only suites/run and the suite beside it know both, so that either can be replaced in one place"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := CheckImports(c.in); !slices.Equal(got, []string{c.want}) {
				t.Errorf("\n got %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestCheckImportsAllows(t *testing.T) {
	for _, i := range []Import{
		{From: "suites/spf", Path: Module + "/suites/check"},
		{From: "suites/spf", Path: "github.com/onsi/ginkgo/v2"},
		{From: "suites/run", Path: Module + "/suites/spf"},
		{From: "suites/run", Path: Module + "/suites/certify"},
		{From: "suites", Path: Module + "/suites/run", Test: true},
		{From: "suites/consent", Path: "github.com/chromedp/chromedp"},
		{From: "suites/cmd/dcconform", Path: Module + "/mockprovider/zone"},
		{From: "mockprovider", Path: Module + "/mockprovider/web"},
		{From: "mockprovider/sign", Path: Module + "/fixtures/keys", Test: true},
		{From: "reports", Path: Module + "/reports", Test: true},
		{From: "reports", Path: "github.com/onsi/ginkgolike"},
		{From: "fixtures", Path: "embed"},
		{From: "suites/run", Path: "github.com/chromedpx/y"},
	} {
		if got := CheckImports([]Import{i}); len(got) > 0 {
			t.Errorf("%s -> %s is refused: %q", i.From, i.Path, got)
		}
	}
	run := []Import{
		{From: "suites/run", Path: "github.com/onsi/ginkgo/v2"},
		{From: "suites/run", Path: "github.com/onsi/ginkgo/v2/types"},
		{From: "suites/run", Path: Module + "/reports"},
	}
	if got := CheckImports(run); len(got) > 0 {
		t.Errorf("suites/run is refused: %q", got)
	}
	ginkgoAlone := []Import{
		{From: "suites/spf", Path: "github.com/onsi/ginkgo/v2"},
		{From: "suites/spf", Path: "github.com/onsi/ginkgo/v2/types"},
	}
	if got := CheckImports(ginkgoAlone); len(got) > 0 {
		t.Errorf("a chapter with Ginkgo alone is refused: %q", got)
	}
}

func TestImports(t *testing.T) {
	tree := fstest.MapFS{
		"a/b/c.go":            {Data: []byte("package b\nimport x \"d/e\"\n")},
		"a/b/c_test.go":       {Data: []byte("package b\nimport \"f\"\n")},
		"a/testdata/x.go":     {Data: []byte("package x\nimport \"hidden\"\n")},
		".ci/x.go":            {Data: []byte("package x\nimport \"hidden\"\n")},
		"a/notes.txt":         {Data: []byte("import")},
		"conformance-report/": {Mode: fs.ModeDir},
	}
	got, err := Imports(tree)
	if err != nil {
		t.Fatal(err)
	}
	want := []Import{
		{From: "a/b", Path: "d/e", File: "a/b/c.go"},
		{From: "a/b", Path: "f", Test: true, File: "a/b/c_test.go"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	if _, err := Imports(fstest.MapFS{"a.go": {Data: []byte("not Go")}}); err == nil {
		t.Error("a file that is not Go is accepted")
	}
}

func TestCheckFilesFinds(t *testing.T) {
	long := "package p\n" + strings.Repeat("\n", MaxLines)
	for _, c := range []struct {
		name, file, src string
		want            []string
	}{
		{"clean", "p/p.go", "package p\n\n// F does.\nfunc F() {}\n", nil},
		{"long", "p/p.go", long, []string{"p/p.go: 501 lines, more than 500: which concept is missing?"}},
		{"as long as may be", "p/p.go", strings.TrimSuffix(long, "\n"), nil},
		{"generated", "p/p.go", "// Code generated by x. DO NOT EDIT.\n" + long, nil},
		{"sleep", "p/p.go", "package p\nimport \"time\"\nfunc f() { time.Sleep(1) }\n", []string{"p/p.go:3: time.Sleep: waits are event-driven here, a sleep is too short or too long"}},
		{"sleep in a test", "p/p_test.go", "package p\nimport \"time\"\nfunc f() { time.Sleep(1) }\n", nil},
		{"panic", "p/p.go", "package p\nfunc f() { panic(1) }\n", []string{"p/p.go:2: panic: product code returns errors, the edge renders them"}},
		{"unwinding", "p/p.go", "package p\ntype s struct{}\nfunc f() { panic(s{}) }\n", nil},
		{"focus", "p/p.go", "package p\nimport . \"github.com/onsi/ginkgo/v2\"\nfunc f() { FIt(\"\") }\n", []string{"p/p.go:3: FIt: focused, pending and flake-tolerant specs are green by absence"}},
		{"pending, qualified", "p/p_test.go", "package p\nimport \"github.com/onsi/ginkgo/v2\"\nvar _ = ginkgo.PDescribe(\"\")\n", []string{"p/p_test.go:3: PDescribe: focused, pending and flake-tolerant specs are green by absence"}},
		{"decorator", "p/p.go", "package p\nimport \"github.com/onsi/ginkgo/v2\"\nvar _ = ginkgo.It(\"\", ginkgo.Focus)\n", []string{"p/p.go:3: Focus: focused, pending and flake-tolerant specs are green by absence"}},
		{"the same word without Ginkgo", "p/p.go", "package p\nfunc f(Pending int) {}\n", nil},
		{"path of a machine", "p/p.go", "package p\nvar x = \"/home/ann/x\"\n", []string{"p/p.go:2: \"/home/ann/x\": a path of one machine"}},
		{"path of a Windows machine", "p/p.go", "package p\nvar x = `C:\\Users\\ann\\x`\n", []string{"p/p.go:2: `C:\\Users\\ann\\x`: a path of one machine"}},
		{"path of a workplace", "p/p_test.go", "package p\nvar x = \"/root/src\"\n", []string{"p/p_test.go:2: \"/root/src\": a path of one machine"}},
		{"path of somebody called mel", "p/p.go", "package p\nvar x = \"/Users/mel/x\"\n", []string{"p/p.go:2: \"/Users/mel/x\": a path of one machine"}},
		{"path of nobody", "p/p.go", "package p\nvar x = []string{\"/home/me/x\", `C:\\Users\\me\\x`, `C:\\Program Files\\x`}\n", nil},
		{"path of a system", "p/p.go", "package p\nvar x = \"/usr/bin/chromium\"\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := CheckFiles(fstest.MapFS{c.file: {Data: []byte(c.src)}})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("\n got %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestCheckTopLevelFinds(t *testing.T) {
	all := append([]string{".gitignore", ".ci", "bin"}, topLevel...)
	if got := CheckTopLevel(all); len(got) > 0 {
		t.Errorf("the allowed names are refused: %q", got)
	}
	got := CheckTopLevel(append(all, "docs"))
	want := "docs does not belong at the top level: it holds suites, mockprovider, fixtures, reports, go.mod, go.sum, Makefile, README.md, LICENSE and dot-files"
	if !slices.Equal(got, []string{want}) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
	if got := CheckTopLevel(slices.DeleteFunc(all, func(n string) bool { return n == "LICENSE" })); !slices.Equal(got, []string{"LICENSE is missing at the top level"}) {
		t.Errorf("a missing licence gives %q", got)
	}
}
