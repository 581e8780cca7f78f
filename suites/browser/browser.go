// Package browser finds a browser that the consent driver can drive: Chrome,
// Chromium or Edge, in that order of what users are likely to have. Where one
// can be installed without a prompt it does so; elsewhere it says how.
package browser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Path is the path of a browser's executable.
type Path string

// MinMajor is the oldest Chromium that has the headless mode that is used.
const MinMajor = 112

// ErrNotFound says that no browser was found. It is wrapped by *NotFoundError.
var ErrNotFound = errors.New("no browser found")

// NotFoundError lists where was looked, and says how to install a browser.
type NotFoundError struct {
	// Wanted is the path that was asked for, "" when a search was made.
	Wanted string
	// Looked are the names and places that were tried.
	Looked []string
	// Install is the exact command, or what to do where there is none.
	Install string
	// Cause is why Wanted cannot be used.
	Cause error
}

// Error is one sentence and the command.
func (e *NotFoundError) Error() string {
	if e.Wanted != "" {
		return fmt.Sprintf("--browser %s: %v; give the path of a Chrome, Chromium or Edge executable, or install one: %s", e.Wanted, e.Cause, e.Install)
	}
	return fmt.Sprintf("no Chrome, Chromium or Edge found; install one: %s; or name it with --browser PATH, or run with --consent form", e.Install)
}

// Unwrap makes errors.Is find ErrNotFound and the cause.
func (e *NotFoundError) Unwrap() []error {
	if e.Cause == nil {
		return []error{ErrNotFound}
	}
	return []error{ErrNotFound, e.Cause}
}

// Find returns the browser at the path explicit, or, when that is "", the
// first one on this machine. The error is a *NotFoundError.
func Find(explicit string) (Path, error) { return Host().Find(explicit) }

// Install installs a browser where that needs no prompt; Find then finds it.
// See System.Install.
func Install(ctx context.Context, out io.Writer) error { return Host().Install(ctx, out) }

// Version asks a browser for its version and refuses one that is too old.
func Version(ctx context.Context, p Path) (string, error) { return Host().Version(ctx, p) }

// Find is the function of the same name on a given system.
func (s System) Find(explicit string) (Path, error) {
	if explicit != "" {
		p, err := s.LookPath(explicit)
		if err != nil {
			return "", &NotFoundError{Wanted: explicit, Install: s.Command(), Cause: err}
		}
		return Path(p), nil
	}
	looked := s.candidates()
	for _, c := range looked {
		if p, err := s.LookPath(c); err == nil {
			return Path(p), nil
		}
	}
	return "", &NotFoundError{Looked: looked, Install: s.Command()}
}

// candidates are names on the search path and well-known places.
func (s System) candidates() []string {
	switch s.GOOS {
	case "windows":
		return s.windows()
	case "darwin":
		return s.darwin()
	}
	return []string{
		"google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "chrome",
		"microsoft-edge", "microsoft-edge-stable", "google-chrome-beta", "headless-shell",
		"/usr/bin/google-chrome", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/lib/chromium/chromium",
		"/opt/google/chrome/chrome", "/opt/microsoft/msedge/msedge", "/snap/bin/chromium",
	}
}

func (s System) darwin() []string {
	out := []string{"google-chrome", "chromium"}
	for _, app := range []string{"Google Chrome", "Chromium", "Microsoft Edge"} {
		in := "Applications/" + app + ".app/Contents/MacOS/" + app
		out = append(out, "/"+in)
		if s.Home != "" {
			out = append(out, path.Join(s.Home, in))
		}
	}
	return out
}

func (s System) windows() []string {
	out := []string{"chrome.exe", "msedge.exe"}
	for _, in := range []string{`Google\Chrome\Application\chrome.exe`, `Chromium\Application\chrome.exe`, `Microsoft\Edge\Application\msedge.exe`} {
		for _, root := range s.ProgramDirs {
			if root != "" {
				out = append(out, strings.TrimRight(root, `\`)+`\`+in)
			}
		}
	}
	return out
}

var versionText = regexp.MustCompile(`\b(\d+)(\.\d+){1,3}\b`)

// Version asks a browser for its version, "156.0.8078.79". A browser that does
// not answer or is older than MinMajor is an error that says what to do.
func (s System) Version(ctx context.Context, p Path) (string, error) {
	text, err := s.versionOutput(ctx, p)
	if err != nil {
		return "", fmt.Errorf("browser %s does not say its version: %w; try another with --browser PATH", p, err)
	}
	m := versionText.FindStringSubmatch(text)
	if m == nil {
		return "", fmt.Errorf("browser %s does not say its version but %q; try another with --browser PATH", p, strings.TrimSpace(text))
	}
	if major, err := strconv.Atoi(m[1]); err != nil || major < MinMajor {
		return m[0], fmt.Errorf("browser %s is version %s; want at least %d; update it or name another with --browser PATH", p, m[0], MinMajor)
	}
	return m[0], nil
}

// versionOutput runs the browser with --version. On Windows that would open a
// window; there the folder beside the executable has the version as its name.
func (s System) versionOutput(ctx context.Context, p Path) (string, error) {
	if s.GOOS != "windows" {
		out, err := s.Run(ctx, nil, string(p), "--version")
		return string(out), err
	}
	i := strings.LastIndexAny(string(p), `\/`)
	names, err := s.ReadDir(string(p)[:max(i, 0)])
	if err != nil {
		return "", err
	}
	names = slices.DeleteFunc(names, func(n string) bool { return versionText.FindString(n) != n })
	if len(names) == 0 {
		return "", errors.New("no version folder beside it")
	}
	slices.SortFunc(names, byNumber)
	return names[len(names)-1], nil
}

// byNumber orders "99.0.1" before "120.0.1".
func byNumber(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, _ := strconv.Atoi(as[i])
		y, _ := strconv.Atoi(bs[i])
		if x != y {
			return x - y
		}
	}
	return len(as) - len(bs)
}
