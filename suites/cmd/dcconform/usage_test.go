package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

// said runs the program in this process and returns its exit code and what it
// said on standard error.
func said(t *testing.T, args ...string) (int, string) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stderr
	os.Stderr = write
	text := make(chan string, 1)
	go func() {
		var b bytes.Buffer
		_, _ = io.Copy(&b, read)
		text <- b.String()
	}()
	code := execute(context.Background(), args)
	os.Stderr = before
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	return code, <-text
}

// misuses are command lines that cannot be meant, and the whole of what is
// said about them. Every command has some.
var misuses = []struct{ line, want string }{
	{"certfy x.json", `there is no command "certfy"; did you mean certify; dcconform --help lists the commands`},
	{"zzz", `there is no command "zzz"; dcconform --help lists the commands`},
	{"--verson", "dcconform has no flag --verson; did you mean --version; dcconform --help lists the flags"},

	{"certify --consnet form", "certify has no flag --consnet; did you mean --consent; dcconform certify --help lists the flags"},
	{"certify --edition v1", `dcconform certify: unknown edition "v1": the editions are ietf-05 and dcspec-2.3`},
	{"certify --consent mouse", "dcconform certify: --consent mouse: there are browser and form"},
	{"certify --jobs many", "--jobs many: write a whole number; dcconform certify --help lists the flags"},
	{"certify --jobs -1", "dcconform certify: --jobs -1: a number from 1, or 0 for one per processor"},
	{"certify --seed -1", "--seed -1: write a whole number from 0; dcconform certify --help lists the flags"},
	{"certify --strict=perhaps", "--strict perhaps: write true or false, or nothing; dcconform certify --help lists the flags"},
	{"certify --out", "--out needs a value: --out folder; dcconform certify --help lists the flags"},
	{"certify nowhere.json", "dcconform certify: nowhere.json: there is no such file or folder; name a template or a folder of templates"},
	{"certify --static --jobs 2", "--jobs: means nothing with --static, which only reads templates"},

	{"provider", "dcconform provider: --target: name a target.yaml; dcconform provider --init writes one"},
	{"provider target.yaml", `provider takes no "target.yaml": a target is given as --target target.yaml`},
	{"provider --targte t.yaml", "provider has no flag --targte; did you mean --target; dcconform provider --help lists the flags"},
	{"provider --init a --clean b", "--init and --clean exclude each other: give one of them"},
	{"provider --target nowhere.yaml", "dcconform provider: --target: open nowhere.yaml: NOFILE"},

	{"serve now", `serve takes no "now": it has flags alone; dcconform serve --help has examples`},
	{"serve --fualt x", "serve has no flag --fualt; did you mean --fault; dcconform serve --help lists the flags"},
	{"serve --zone example.com=nowhere.zone", "--zone example.com=nowhere.zone: open nowhere.zone: NOFILE"},
	{"serve --zone", "--zone needs a value: --zone NAME[=FILE]; dcconform serve --help lists the flags"},

	{"demo --format yaml", "dcconform demo: --format yaml: there are text and json"},
	{"demo now", `demo takes no "now": it has flags alone; dcconform demo --help has examples`},

	{"list", "list wants what to list: requirements, cases, faults, rules; dcconform list --help has examples"},
	{"list cases --format yaml", `--format "yaml": did you mean json? There are text, json, markdown`},
	{"list cases --edtion ietf-05", "list has no flag --edtion; did you mean --edition; dcconform list --help lists the flags"},

	{"explain", "explain wants an ID: of a requirement, a case, a fault or a rule; dcconform explain --help has examples"},
	{"explain a b", `explain wants an ID: of a requirement, a case, a fault or a rule; "b" is too much; dcconform explain --help has examples`},
	{"explain DC-SIG-RAW-QUERRY", `nothing is called "DC-SIG-RAW-QUERRY"; did you mean DC-SIG-RAW-QUERY?`},

	{"plan site.json", `plan takes no "site.json": it has flags alone; dcconform plan --help has examples`},
	{"plan", "plan needs --template FILE, or --batch; plan --help has examples"},
	{"plan --template nowhere.json --domain a.example", "--template: open nowhere.json: NOFILE"},
	{"plan --template x --domain a.example --var novalue", "--var novalue: write name=value"},

	{"browser now", `browser takes no "now": it has flags alone; dcconform browser --help has examples`},
	{"browser --instal", "browser has no flag --instal; did you mean --install; dcconform browser --help lists the flags"},

	{"selftest extra", `selftest takes no "extra": it has flags alone; dcconform selftest --help has examples`},
	{"selftest --edition v1", "dcconform selftest: --edition v1: there are ietf-05 and dcspec-2.3"},
	{"selftest --fault zzz", `dcconform selftest: --fault "zzz" matches no fault`},

	{"report undo", `report has no command "undo"; dcconform report --help lists the commands`},
	{"report dif a b", `report has no command "dif"; did you mean diff; dcconform report --help lists the commands`},
	{"report diff a", "report diff takes two reports, the old one and the new one; 1 given"},
	{"report diff nowhere a", "nowhere: there is no such report; name the --out folder of a run, or its report.json"},
	{"report render", "report render takes a report: the --out folder of a run, or its report.json; 0 given"},
	{"report render --formt html x", "report render has no flag --formt; did you mean --format; dcconform report render --help lists the flags"},

	{"report merge", "report merge takes the --out folders of the shards; none given"},
	{"report verify", "report verify takes the --out folder of a run, and the templates that it was about; none given"},
	{"report verify --key", "--key needs a value: --key file; dcconform report verify --help lists the flags"},

	{"probe", "probe wants a domain, and a template when it is about one; dcconform probe --help has examples"},
	{"probe a b c", `probe wants a domain, and a template when it is about one; "c" is too much; dcconform probe --help has examples`},
	{"probe --timeout soon a.example", "--timeout soon: write a time such as 500ms, 2s or 1m; dcconform probe --help lists the flags"},

	{"doctor", "doctor takes one link, in quotation marks, or - for standard input; or --list alone"},
	{"doctor --key-txt a --dns b c", "--key-txt and --dns exclude each other: give one of them"},

	{"key", "key needs to know what to do: new, txt or check; key --help has examples"},
	{"key make", `key has no command "make"; dcconform key --help lists the commands`},
	{"key new", "key new wants the file to write; dcconform key new --help has examples"},
	{"key txt nowhere.pem", "key txt: open nowhere.pem: NOFILE"},
	{"key check --dns a --key-txt b c", "--key-txt and --dns exclude each other: give one of them"},

	{"completion", "completion wants the name of a shell: bash, zsh, fish or powershell; dcconform completion --help has examples"},
	{"completion tcsh", "completion has no script for tcsh: there are bash, zsh, fish and powershell"},
}

// What is wrong on a command line is said whole, in one sentence, and ends
// with 2, or 5 where nothing was selected.
func TestMisuse(t *testing.T) {
	t.Chdir(t.TempDir())
	tried := map[string]bool{}
	for _, m := range misuses {
		words := strings.Fields(m.line)
		code, text := said(t, words...)
		if c, _, err := newRootCommand().Find(words); err == nil {
			tried[c.CommandPath()] = true
		}
		if code != 2 && (code != 5 || !strings.Contains(text, "matches no")) {
			t.Errorf("dcconform %s: exit code %d", m.line, code)
		}
		if strings.Count(text, "\n") != 1 {
			t.Errorf("dcconform %s says\n%s", m.line, text)
		}
		want := strings.TrimPrefix(m.want, "dcconform: ")
		if !strings.HasPrefix(want, "dcconform ") || strings.HasPrefix(want, "dcconform has") {
			want = "dcconform: " + want
		}
		// What the system says of a file that is not there, differs.
		head, _, system := strings.Cut(want, "NOFILE")
		if text != want+"\n" && (!system || !strings.HasPrefix(text, head)) {
			t.Errorf("dcconform %s says\n%sand not\n%s", m.line, text, want)
		}
	}
	for _, c := range everyCommand() {
		if !tried[c.CommandPath()] {
			t.Errorf("no misuse of %s is tried", c.CommandPath())
		}
	}
}

// near finds slips of the pen, and invents nothing.
func TestNear(t *testing.T) {
	list := []string{"consent", "case", "templates", "export-templates"}
	for word, want := range map[string]string{
		"consnet": "consent", "cas": "case", "template": "templates", "export": "export-templates", "zzzz": "", "x": "", "": "",
	} {
		if got := near(word, list); got != want {
			t.Errorf("%s: %s, want %s", word, got, fmt.Sprint(want))
		}
	}
}
