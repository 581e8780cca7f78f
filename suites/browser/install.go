package browser

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
)

// CannotInstallError says that a browser cannot be installed from here without
// asking somebody, and what that somebody should run.
type CannotInstallError struct {
	// Command is the exact command.
	Command string
	// Reason is why it was not run, or how it went wrong.
	Reason string
	// Cause is the error of the command that was run; nil when none was.
	Cause error
}

// Error is the reason and the command.
func (e *CannotInstallError) Error() string {
	return fmt.Sprintf("cannot install a browser: %s; run: %s", e.Reason, e.Command)
}

// Unwrap returns the cause.
func (e *CannotInstallError) Unwrap() error { return e.Cause }

// debianPackages are what a bare Debian machine needs. Without a font a page
// has no letters, and a screenshot of it shows nothing.
var debianPackages = []string{"chromium", "fonts-dejavu-core"}

// ubuntuPackages differ: there chromium is a snap behind chromium-browser.
var ubuntuPackages = []string{"chromium-browser", "fonts-dejavu-core"}

func (s System) packages() []string {
	if len(s.Distro) > 0 && s.Distro[0] == "ubuntu" {
		return ubuntuPackages
	}
	return debianPackages
}

func (s System) debian() bool { return s.GOOS == "linux" && slices.Contains(s.Distro, "debian") }

// Command is the exact command that installs a browser on this system.
func (s System) Command() string {
	sudo := "sudo "
	if s.Root {
		sudo = ""
	}
	like := func(ids ...string) bool {
		return slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(s.Distro, id) })
	}
	switch {
	case s.GOOS == "darwin":
		return "brew install --cask google-chrome"
	case s.GOOS == "windows":
		return "winget install --exact --id Google.Chrome"
	case s.GOOS != "linux":
		return "install Chromium with the system's package manager"
	case s.debian():
		return sudo + "apt-get update && " + sudo + "apt-get install -y " + strings.Join(s.packages(), " ")
	case like("fedora", "rhel", "centos"):
		return sudo + "dnf install -y chromium dejavu-sans-fonts"
	case like("alpine"):
		return sudo + "apk add chromium font-dejavu"
	case like("arch"):
		return sudo + "pacman -S --noconfirm chromium ttf-dejavu"
	case like("suse", "opensuse"):
		return sudo + "zypper --non-interactive install chromium dejavu-fonts"
	}
	return "install Chromium with the system's package manager"
}

// Install installs a browser on Debian and its like, as root or with sudo that
// asks for no password, and checks that one is there and new enough. Elsewhere, and when
// it fails, the error is a *CannotInstallError with the command to run. What
// it does is printed to out, one line for each command.
func (s System) Install(ctx context.Context, out io.Writer) error {
	if !s.debian() {
		return &CannotInstallError{Command: s.Command(), Reason: "this system's package manager is not driven from here"}
	}
	var prefix []string
	if !s.Root {
		if _, err := s.Run(ctx, nil, "sudo", "-n", "true"); err != nil {
			return &CannotInstallError{Command: s.Command(), Reason: "it needs a password (sudo -n does not work)", Cause: err}
		}
		// sudo drops the environment, so env sets it on the other side.
		prefix = []string{"sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"}
	}
	install := append([]string{"apt-get", "install", "-y", "--no-install-recommends"}, s.packages()...)
	for _, args := range [][]string{{"apt-get", "update"}, install} {
		args = append(slices.Clone(prefix), args...)
		if _, err := fmt.Fprintln(out, "$", strings.Join(args, " ")); err != nil {
			return fmt.Errorf("install a browser: %w", err)
		}
		if _, err := s.Run(ctx, []string{"DEBIAN_FRONTEND=noninteractive"}, args[0], args[1:]...); err != nil {
			return &CannotInstallError{Command: s.Command(), Reason: strings.Join(args, " ") + ": " + err.Error(), Cause: err}
		}
	}
	p, err := s.Find("")
	if err != nil {
		return &CannotInstallError{Command: s.Command(), Reason: "the packages were installed and no browser is there", Cause: err}
	}
	version, err := s.Version(ctx, p)
	if err != nil {
		return &CannotInstallError{Command: s.Command(), Reason: err.Error(), Cause: err}
	}
	if _, err := fmt.Fprintf(out, "installed %s, version %s\n", p, version); err != nil {
		return fmt.Errorf("install a browser: %w", err)
	}
	return nil
}
