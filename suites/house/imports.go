// Package house holds the rules of this source tree that a compiler does not
// know: who may import whom, what stands at the top level, how long a file may
// be. Its tests apply them to the tree; the rules are here, apart, so that
// each can be shown to bite.
package house

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Module is the path of the project's module.
const Module = "github.com/dcconform/dcconform"

// Import is one import declaration: package (slash-separated folder below the
// module, "." for its root) and imported path.
type Import struct {
	From string
	// Path is the import path as written.
	Path string
	// Test is set in a _test.go file.
	Test bool
	// File is where it stands, for messages.
	File string
}

// room is what one package, or all below it ("x/..."), may import of the
// project, and why not more.
type room struct {
	name   string
	may    []string
	reason string
}

const (
	leaf  = "it is a leaf: what everybody reads depends on nothing"
	pure  = "the core is pure and its parts do not know each other: each can be read, tested and replaced alone"
	layer = "inside the mock the layers are web, dnsd, admin, fault -> store -> zone, resolve, sign -> dc"
	judge = "what is expected must not come from what is judged: a chapter compares with literal records and reaches a provider over the wire only"
	wires = "main wires commands to rooms; what does the work is in those"
)

// core are the pure packages of the mock.
var core = []string{"mockprovider/dc", "mockprovider/resolve", "mockprovider/zone", "mockprovider/sign"}

// ground is what all black-box packages stand on.
var ground = []string{"suites/target", "suites/register"}

// vocabulary is what chapters are written in.
var vocabulary = append([]string{
	"suites/check", "suites/match", "suites/client", "suites/oauthclient", "suites/observe", "suites/consent", "suites/seed",
}, ground...)

// rooms is in order: the first name that fits decides.
var rooms = []room{
	{"fixtures", nil, leaf},
	{"fixtures/...", nil, leaf},
	{"reports", nil, leaf},
	{"reports/...", []string{"reports", "reports/..."}, "what is made of reports depends on reports alone"},
	{"mockprovider/dc", nil, leaf},
	{"mockprovider/resolve", []string{"mockprovider/dc"}, pure},
	{"mockprovider/zone", []string{"mockprovider/dc"}, pure},
	{"mockprovider/sign", []string{"mockprovider/dc"}, pure},
	{"mockprovider/oauth", nil, "an authorization server knows clients and tokens; what they are for is looked at by others"},
	{"mockprovider/instance", []string{"mockprovider/dc", "mockprovider/zone"}, "an applied template written down is the same wherever it stands"},
	{"mockprovider/registration", []string{"mockprovider/oauth"}, "a client written down is the same wherever it stands"},
	{"mockprovider/batch", append([]string{"mockprovider/instance"}, core...), "a batch plan is the core and nothing else, so that it can be compared with any other engine"},
	{"mockprovider/store", append([]string{"mockprovider/oauth"}, core...), layer},
	{"mockprovider/dnsd/...", append([]string{"mockprovider/store"}, core...), layer},
	{"mockprovider/web/...", append([]string{"mockprovider/oauth", "mockprovider/store", "mockprovider/web"}, core...), layer},
	{"mockprovider/fault", append([]string{"mockprovider/oauth", "mockprovider/store"}, core...), layer},
	{"mockprovider/state", append([]string{"mockprovider/instance", "mockprovider/registration", "mockprovider/store"}, core...), "a state file is the store written down, whoever serves it"},
	{"mockprovider/watch", nil, "it watches files, whatever is in them"},
	{"mockprovider/admin", append([]string{"mockprovider/instance", "mockprovider/oauth", "mockprovider/registration", "mockprovider/store", "mockprovider/fault"}, core...), layer},
	{"mockprovider/...", []string{"mockprovider/...", "fixtures/..."}, "the mock stands alone: it can be embedded in a test of anybody's, without the harness"},

	{"suites/register", nil, "the register is data: it knows nobody who checks it"},
	{"suites/house", nil, "the rules of the tree depend on nothing in the tree"},
	{"suites/browser", nil, "finding and installing a browser comes before anything that uses one"},
	{"suites/doctor", append([]string{"suites/observe", "suites/client"}, core...), "the doctor explains by the core, and judges no provider: no chapter may lean on it; the client plays the signer and the name server in its tests"},
	{"suites/target", []string{"suites/register"}, judge},
	{"suites/client", ground, "the harness signs and encodes by itself: with the mock's code a mistake in it would confirm itself"},
	{"suites/oauthclient", append([]string{"suites/client"}, ground...), judge},
	{"suites/observe", ground, judge},
	{"suites/seed", ground, judge},
	{"suites/match", append([]string{"suites/observe"}, ground...), judge},
	{"suites/consent", append([]string{"suites/client", "suites/browser", "fixtures/recipes"}, ground...), judge},
	{"suites/check", append([]string{"suites/match", "reports"}, ground...), "the vocabulary knows the result model, because a check ends in a result, and nothing that is under test"},
	{"suites/trial", append([]string{"fixtures/...", "suites/check", "suites/match", "suites/client", "suites/oauthclient", "suites/observe", "suites/consent", "suites/seed", "reports"}, ground...), judge},
	{"suites/provider", append([]string{"suites/chapter", "suites/trial", "suites/seed", "suites/browser", "fixtures/...", "reports"}, vocabulary...), "it puts chapters and a target together; the mock is a target like others"},
	{"suites/selftest/prove", []string{"suites/selftest", "suites/provider", "suites/trial", "suites/register", "suites/target", "reports", "mockprovider/dc", "mockprovider/fault", "mockprovider/oauth", "mockprovider/store", "mockprovider/zone"}, "it is for the tests of chapters alone"},
	{"suites/selftest/vacuity", append([]string{"suites/selftest", "suites/provider", "suites/trial", "reports", "mockprovider/dc", "mockprovider/oauth", "mockprovider/resolve", "mockprovider/store", "mockprovider/zone"}, vocabulary...), "it sets up providers that are none, and judges them as any target"},
	{"suites/selftest", append([]string{"suites/trial", "suites/seed", "suites/provider", "fixtures/...", "reports", "mockprovider", "mockprovider/dc", "mockprovider/oauth", "mockprovider/store", "mockprovider/zone", "mockprovider/fault"}, vocabulary...), "selftest sets the mock up, as it should be and with its faults, and judges it as any target"},
	{"suites/probe", []string{"suites/client", "suites/observe", "suites/target"}, "a probe asks what a service provider asks, by the harness's own client"},
	{"suites/onboarding", []string{"fixtures/profiles", "mockprovider/dc", "suites/profile", "reports"}, "an onboarding is a template, what is known of a provider, and a mail"},
	{"suites/profile", []string{"fixtures/profiles", "mockprovider/dc", "mockprovider/resolve", "reports"}, "it judges a template by facts; what a provider answers on the wire is not looked at"},
	{"suites/values", []string{"mockprovider/dc", "mockprovider/resolve"}, "values are invented by the template alone; the core says whether they fit"},
	{"suites/template", []string{"mockprovider/dc", "mockprovider/resolve", "suites/register", "reports/github"}, "static rules read templates with the parser of the core, and ask it whether a fixed record can be made at all; nothing is judged by what it answers on the wire"},
	{"suites/catalogue", []string{"suites/certify", "suites/provider", "suites/register", "suites/template", "mockprovider/fault", "fixtures/..."}, "the catalogue joins what others declare, and runs nothing"},
	{"suites/certify", append([]string{
		"mockprovider", "mockprovider/dc", "mockprovider/oauth", "mockprovider/resolve", "mockprovider/zone", "mockprovider/store", "mockprovider/profile",
		"suites/values", "suites/template", "suites/browser", "fixtures/...", "reports", "reports/bundle",
	}, vocabulary...), "certify computes what to expect from any template by the core with zero Rules, the one chapter that may; signing, serving and faults are not for computing"},
	{"suites/run", append([]string{
		"suites/certify", "suites/chapter", "suites/profile", "suites/provider", "suites/trial", "suites/selftest", "suites/selftest/vacuity", "suites/values", "suites/template", "suites/browser", "fixtures/...", "reports", "reports/...", "mockprovider/dc", "mockprovider/sign",
	}, vocabulary...), "run plans, starts children and collects; of the mock it needs the template parser, and the diagnosis of signatures, which words failures and decides none"},
	{"suites/cmd/...", append([]string{
		"suites/target", "suites/provider", "suites/doctor", "suites/onboarding", "suites/profile", "suites/observe",
		"suites/run", "suites/probe", "suites/certify", "suites/values", "suites/client", "suites/browser", "suites/catalogue", "suites/register",
		"mockprovider", "mockprovider/oauth", "mockprovider/registration", "mockprovider/store", "mockprovider/profile", "mockprovider/batch", "mockprovider/fault", "mockprovider/watch", "reports", "reports/...", "fixtures/...",
	}, core...), wires},
	{"suites", append([]string{"suites/run", "suites/certify", "suites/chapter", "suites/provider", "suites/selftest", "suites/browser", "mockprovider", "reports"}, vocabulary...), "the suite under go test and ginkgo is a main of its own: it wires chapters to a target"},
	{"suites/...", append([]string{"suites/trial"}, vocabulary...), judge},
}

// library is a module that only some rooms may import.
type library struct {
	path   string
	rooms  []string
	reason string
}

var libraries = []library{
	{"github.com/onsi/ginkgo/v2", []string{"suites/..."}, "Ginkgo runs conformance cases; our own packages are tested with plain testing, and users of the mock must not inherit 52 flags"},
	{"github.com/onsi/gomega", []string{"suites/..."}, "Gomega words conformance cases; our own packages are tested with plain testing"},
	{"golang.org/x/oauth2", []string{"suites/oauthclient"}, "one place is the OAuth client, so that every token request is recorded without its secrets"},
	{"github.com/chromedp", []string{"suites/consent"}, "one place drives the browser, so that trust, proxies and host rules are set once"},
}

// chapterPackages are the packages below suites that are no chapters.
var chapterPackages = func() map[string]bool {
	known := map[string]bool{}
	for _, r := range rooms {
		known[strings.TrimSuffix(r.name, "/...")] = true
	}
	return known
}()

// CheckImports returns one message for each import that breaks a rule, sorted.
// Test files may import fixtures, their own package and the proof of chapters
// beside what the package may; a file in testdata is not looked at.
func CheckImports(imports []Import) []string {
	broken := map[string]bool{}
	both := map[string]map[string]bool{}
	for _, i := range imports {
		if m := checkLibrary(i); m != "" {
			broken[m] = true
		}
		if m := checkRoom(i); m != "" {
			broken[m] = true
		}
		if within(i.Path, "github.com/onsi/ginkgo/v2") || i.Path == Module+"/reports" {
			if both[i.From] == nil {
				both[i.From] = map[string]bool{}
			}
			both[i.From][i.Path] = true
		}
	}
	for from, paths := range both {
		if from == "suites/run" || from == "suites" || !paths[Module+"/reports"] || len(paths) < 2 {
			continue
		}
		broken[from+" imports both Ginkgo and reports: only suites/run and the suite beside it know both, so that either can be replaced in one place"] = true
	}
	return slices.Sorted(maps.Keys(broken))
}

func checkLibrary(i Import) string {
	for _, l := range libraries {
		if !within(i.Path, l.path) || slices.ContainsFunc(l.rooms, func(r string) bool { return fits(r, i.From) }) {
			continue
		}
		return fmt.Sprintf("%s imports %s, which only %s may (%s): %s", i.From, i.Path, strings.Join(l.rooms, ", "), i.File, l.reason)
	}
	return ""
}

func checkRoom(i Import) string {
	to, ok := strings.CutPrefix(i.Path, Module+"/")
	if !ok {
		if i.Path == Module {
			return fmt.Sprintf("%s imports the module's root (%s): no package stands there", i.From, i.File)
		}
		return ""
	}
	if i.Test && (to == i.From || fits("fixtures/...", to) || within(to, "suites/selftest")) {
		return ""
	}
	for _, r := range rooms {
		if !fits(r.name, i.From) {
			continue
		}
		if slices.ContainsFunc(r.may, func(m string) bool { return allowed(m, to) }) {
			return ""
		}
		return fmt.Sprintf("%s must not import %s (%s): %s", i.From, to, i.File, r.reason)
	}
	return fmt.Sprintf("%s imports %s (%s): no rule knows this room; add it to suites/house", i.From, to, i.File)
}

// allowed reports whether a word of a room's list covers an imported package;
// suites/chapter stands for every chapter.
func allowed(word, to string) bool {
	if word == "suites/chapter" {
		return within(to, "suites") && to != "suites" && !chapterPackages[to] && !fits("suites/cmd/...", to)
	}
	return fits(word, to)
}

// fits reports whether a package is the room, or below it for "x/...".
func fits(room, pkg string) bool {
	if below, ok := strings.CutSuffix(room, "/..."); ok {
		return within(pkg, below)
	}
	return path.Clean(pkg) == room
}

func within(pkg, root string) bool {
	return pkg == root || strings.HasPrefix(pkg, root+"/")
}
