package browser

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// machine is a made-up computer: the executables that are there, and what its
// commands do.
type machine struct {
	System
	files []string
	ran   []string
	// fail has what a command line fails with.
	fail map[string]error
	// says has what a command line prints; onRun happens before it.
	says  map[string]string
	onRun func(line string)
}

func newMachine(goos string, distro ...string) *machine {
	m := &machine{fail: map[string]error{}, says: map[string]string{}}
	m.System = System{GOOS: goos, Distro: distro, Home: "/home/me", ProgramDirs: []string{`C:\Program Files`, "", `C:\Users\me\AppData\Local\`}}
	m.LookPath = func(name string) (string, error) {
		if !slices.Contains(m.files, name) {
			return "", fmt.Errorf("%q: %w", name, fs.ErrNotExist)
		}
		if strings.ContainsAny(name, `/\`) {
			return name, nil
		}
		return "/path/" + name, nil
	}
	m.Run = func(_ context.Context, env []string, name string, args ...string) ([]byte, error) {
		line := strings.Join(append([]string{name}, args...), " ")
		m.ran = append(m.ran, strings.Join(append(slices.Clone(env), line), " "))
		if m.onRun != nil {
			m.onRun(line)
		}
		return []byte(m.says[line]), m.fail[line]
	}
	m.ReadDir = func(string) ([]string, error) { return nil, fs.ErrNotExist }
	return m
}

func TestFind(t *testing.T) {
	for name, c := range map[string]struct {
		goos  string
		files []string
		want  Path
	}{
		"linux, Chrome before Chromium": {"linux", []string{"chromium", "google-chrome"}, "/path/google-chrome"},
		"linux, Chromium before Edge":   {"linux", []string{"microsoft-edge", "chromium-browser"}, "/path/chromium-browser"},
		"linux, off the search path":    {"linux", []string{"/opt/google/chrome/chrome"}, "/opt/google/chrome/chrome"},
		"linux, snap":                   {"linux", []string{"/snap/bin/chromium"}, "/snap/bin/chromium"},
		"macOS":                         {"darwin", []string{"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"}, "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"},
		"macOS, the user's own":         {"darwin", []string{"/home/me/Applications/Chromium.app/Contents/MacOS/Chromium"}, "/home/me/Applications/Chromium.app/Contents/MacOS/Chromium"},
		"Windows":                       {"windows", []string{`C:\Program Files\Google\Chrome\Application\chrome.exe`, `C:\Program Files\Microsoft\Edge\Application\msedge.exe`}, `C:\Program Files\Google\Chrome\Application\chrome.exe`},
		"Windows, Edge alone":           {"windows", []string{`C:\Program Files\Microsoft\Edge\Application\msedge.exe`}, `C:\Program Files\Microsoft\Edge\Application\msedge.exe`},
		"Windows, the user's own":       {"windows", []string{`C:\Users\me\AppData\Local\Google\Chrome\Application\chrome.exe`}, `C:\Users\me\AppData\Local\Google\Chrome\Application\chrome.exe`},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(c.goos, "debian")
			m.files = c.files
			got, err := m.Find("")
			if err != nil || got != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestFindExplicit(t *testing.T) {
	m := newMachine("linux", "debian")
	m.files = []string{"/my/chrome", "chromium"}
	if got, err := m.Find("/my/chrome"); err != nil || got != "/my/chrome" {
		t.Errorf("%q, %v", got, err)
	}
	// A browser that was named and is not there must not be replaced by another.
	_, err := m.Find("/other/chrome")
	want := `--browser /other/chrome: "/other/chrome": file does not exist; give the path of a Chrome, Chromium or Edge executable, or install one: sudo apt-get update && sudo apt-get install -y chromium fonts-dejavu-core`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if !errors.Is(err, ErrNotFound) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("not typed: %v", err)
	}
}

func TestNotFoundSaysHowToInstall(t *testing.T) {
	for want, m := range map[string]*machine{
		"sudo apt-get update && sudo apt-get install -y chromium fonts-dejavu-core":         newMachine("linux", "debian"),
		"sudo apt-get update && sudo apt-get install -y chromium-browser fonts-dejavu-core": newMachine("linux", "ubuntu", "debian"),
		"sudo dnf install -y chromium dejavu-sans-fonts":                                    newMachine("linux", "rocky", "rhel", "centos", "fedora"),
		"sudo apk add chromium font-dejavu":                                                 newMachine("linux", "alpine"),
		"sudo pacman -S --noconfirm chromium ttf-dejavu":                                    newMachine("linux", "endeavouros", "arch"),
		"sudo zypper --non-interactive install chromium dejavu-fonts":                       newMachine("linux", "opensuse-leap", "suse", "opensuse"),
		"brew install --cask google-chrome":                                                 newMachine("darwin"),
		"winget install --exact --id Google.Chrome":                                         newMachine("windows"),
		"install Chromium with the system's package manager":                                newMachine("linux"),
	} {
		_, err := m.Find("")
		text := "no Chrome, Chromium or Edge found; install one: " + want + "; or name it with --browser PATH, or run with --consent form"
		if err == nil || err.Error() != text || !errors.Is(err, ErrNotFound) {
			t.Errorf("%s %v\n got %v\nwant %s", m.GOOS, m.Distro, err, text)
		}
		var nf *NotFoundError
		if !errors.As(err, &nf) || len(nf.Looked) < 4 || nf.Install != want {
			t.Errorf("%+v", nf)
		}
	}
	m := newMachine("linux", "debian")
	m.Root = true
	if got, want := m.Command(), "apt-get update && apt-get install -y chromium fonts-dejavu-core"; got != want {
		t.Errorf("root: %s", got)
	}
	if got := newMachine("freebsd").Command(); got != "install Chromium with the system's package manager" {
		t.Error(got)
	}
}

func TestInstallOnDebian(t *testing.T) {
	for name, c := range map[string]struct {
		root   bool
		distro []string
		ran    []string
		out    string
	}{
		"root": {true, []string{"debian"}, []string{
			"DEBIAN_FRONTEND=noninteractive apt-get update",
			"DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-dejavu-core",
			"/path/chromium --version",
		}, "$ apt-get update\n$ apt-get install -y --no-install-recommends chromium fonts-dejavu-core\ninstalled /path/chromium, version 156.0.8078.79\n"},
		"sudo without a password": {false, []string{"ubuntu", "debian"}, []string{
			"sudo -n true",
			"DEBIAN_FRONTEND=noninteractive sudo -n env DEBIAN_FRONTEND=noninteractive apt-get update",
			"DEBIAN_FRONTEND=noninteractive sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium-browser fonts-dejavu-core",
			"/path/chromium --version",
		}, "$ sudo -n env DEBIAN_FRONTEND=noninteractive apt-get update\n$ sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium-browser fonts-dejavu-core\ninstalled /path/chromium, version 156.0.8078.79\n"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine("linux", c.distro...)
			m.Root = c.root
			m.says["/path/chromium --version"] = "Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)\n"
			m.onRun = func(line string) {
				if strings.Contains(line, "install") {
					m.files = []string{"chromium"}
				}
			}
			var out bytes.Buffer
			if err := m.Install(t.Context(), &out); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.ran, m.ran); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.out, out.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestInstallErrors(t *testing.T) {
	boom := errors.New("exit status 100: E: no network")
	for name, c := range map[string]struct {
		machine *machine
		root    bool
		fail    string
		install bool
		version string
		want    string
	}{
		"macOS":   {machine: newMachine("darwin"), want: "cannot install a browser: this system's package manager is not driven from here; run: brew install --cask google-chrome"},
		"Windows": {machine: newMachine("windows"), want: "cannot install a browser: this system's package manager is not driven from here; run: winget install --exact --id Google.Chrome"},
		"Fedora":  {machine: newMachine("linux", "fedora"), root: true, want: "cannot install a browser: this system's package manager is not driven from here; run: dnf install -y chromium dejavu-sans-fonts"},
		"a password would be asked": {machine: newMachine("linux", "debian"), fail: "sudo -n true",
			want: "cannot install a browser: it needs a password (sudo -n does not work); run: sudo apt-get update && sudo apt-get install -y chromium fonts-dejavu-core"},
		"no network": {machine: newMachine("linux", "debian"), root: true, fail: "apt-get update",
			want: "cannot install a browser: apt-get update: exit status 100: E: no network; run: apt-get update && apt-get install -y chromium fonts-dejavu-core"},
		"installed and not there": {machine: newMachine("linux", "debian"), root: true,
			want: "cannot install a browser: the packages were installed and no browser is there; run: apt-get update && apt-get install -y chromium fonts-dejavu-core"},
		"too old": {machine: newMachine("linux", "debian"), root: true, install: true, version: "Chromium 90.0.1.2",
			want: "cannot install a browser: browser /path/chromium is version 90.0.1.2; want at least 112; update it or name another with --browser PATH; run: apt-get update && apt-get install -y chromium fonts-dejavu-core"},
	} {
		t.Run(name, func(t *testing.T) {
			m := c.machine
			m.Root = c.root
			if c.fail != "" {
				m.fail[c.fail] = boom
			}
			if c.install {
				m.files = []string{"chromium"}
				m.says["/path/chromium --version"] = c.version
			}
			err := m.Install(t.Context(), &bytes.Buffer{})
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			var cannot *CannotInstallError
			if !errors.As(err, &cannot) || c.fail != "" && !errors.Is(err, boom) {
				t.Errorf("not typed: %v", err)
			}
			if c.fail == "sudo -n true" && len(m.ran) != 1 {
				t.Errorf("went on without rights: %q", m.ran)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	m := newMachine("linux")
	for says, want := range map[string]string{
		"Chromium 156.0.8078.79 built on Debian": "156.0.8078.79",
		"Google Chrome 112.0.5615.49 \n":         "112.0.5615.49",
		"Microsoft Edge 140.0.1":                 "140.0.1",
		"Chromium 111.0.1.1":                     "browser /b is version 111.0.1.1; want at least 112; update it or name another with --browser PATH",
		"hello":                                  `browser /b does not say its version but "hello"; try another with --browser PATH`,
		"":                                       `browser /b does not say its version but ""; try another with --browser PATH`,
	} {
		m.says["/b --version"] = says
		got, err := m.Version(t.Context(), "/b")
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q\n got %s\nwant %s", says, got, want)
		}
	}
	m.fail["/b --version"] = errors.New("exec format error")
	if _, err := m.Version(t.Context(), "/b"); err == nil || err.Error() != "browser /b does not say its version: exec format error; try another with --browser PATH" {
		t.Error(err)
	}
}

// On Windows "--version" opens a window; the version is a folder's name.
func TestVersionOnWindows(t *testing.T) {
	m := newMachine("windows")
	m.ReadDir = func(dir string) ([]string, error) {
		if dir != `C:\Chrome\Application` {
			return nil, fs.ErrNotExist
		}
		return []string{"99.0.1.1", "chrome.exe", "140.0.7339.2", "140.0.7339.10", "SetupMetrics", "1.txt"}, nil
	}
	got, err := m.Version(t.Context(), `C:\Chrome\Application\chrome.exe`)
	if err != nil || got != "140.0.7339.10" {
		t.Errorf("%q, %v", got, err)
	}
	if len(m.ran) != 0 {
		t.Errorf("ran %q", m.ran)
	}
	if _, err := m.Version(t.Context(), `C:\other\chrome.exe`); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	m.ReadDir = func(string) ([]string, error) { return []string{"chrome.exe"}, nil }
	if _, err := m.Version(t.Context(), "chrome.exe"); err == nil || err.Error() != "browser chrome.exe does not say its version: no version folder beside it; try another with --browser PATH" {
		t.Error(err)
	}
}

func TestParseRelease(t *testing.T) {
	for in, want := range map[string][]string{
		"PRETTY_NAME=\"Debian\"\nID=debian\n":                  {"debian"},
		"ID=ubuntu\nID_LIKE=debian\n":                          {"ubuntu", "debian"},
		"ID_LIKE=\"rhel centos fedora\"\nID=\"rocky\"\r\nX\n#": {"rocky", "rhel", "centos", "fedora"},
		"": nil,
	} {
		if diff := cmp.Diff(want, parseRelease([]byte(in))); diff != "" {
			t.Errorf("%q: %s", in, diff)
		}
	}
}

// The real machine: a command that fails tells why, and a named file is found.
func TestHost(t *testing.T) {
	s := Host()
	if s.GOOS != runtime.GOOS || s.LookPath == nil || s.Run == nil || s.ReadDir == nil {
		t.Errorf("%+v", s)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if p, err := Find(self); err != nil || string(p) != self {
		t.Errorf("%q, %v", p, err)
	}
	if _, err := Find(filepath.Join(t.TempDir(), "no-browser")); !errors.Is(err, ErrNotFound) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if _, err := s.Run(t.Context(), nil, self, "-no-such-flag"); err == nil || !strings.Contains(err.Error(), "exit status 2: ") {
		t.Errorf("%v", err)
	}
	names, err := s.ReadDir(filepath.Dir(self))
	if err != nil || !slices.Contains(names, filepath.Base(self)) {
		t.Errorf("%q, %v", names, err)
	}
}
