package certify

import (
	"os"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/browser"
	"github.com/dcconform/dcconform/suites/register"
)

// withBrowser starts a world that approves in a browser, or skips aloud.
func withBrowser(t *testing.T) *World {
	t.Helper()
	found, err := browser.Find("")
	if err != nil {
		t.Skipf("no browser, so that no consent page is driven: %v", err)
	}
	return start(t, Options{Seed: 1, Consent: ConsentBrowser, Browser: string(found)})
}

// A template goes through a real browser, and nothing asks for an address
// outside while it does.
func TestConsentInTheBrowser(t *testing.T) {
	w := withBrowser(t)
	for _, c := range []struct {
		source   Source
		scenario string
	}{{source(t, "alder"), "apex"}, {blockedSource(), "async-apex"}} {
		sc, f := flowOf(t, w, c.source, c.scenario)
		for key, r := range play(t, sc, func(string) {}) {
			if r.Outcome != reports.Pass && r.Reason != "no-room" {
				t.Errorf("%s: %s is %s: %s", c.scenario, key, r.Outcome, r.Message)
			}
		}
		if len(f.outcome.Pages) < 3 || f.outcome.Pages[0].Screenshot == nil {
			t.Errorf("%s: %d pages were seen, the first has a screenshot: %v", c.scenario, len(f.outcome.Pages), len(f.outcome.Pages) > 0 && f.outcome.Pages[0].Screenshot != nil)
		}
	}
	if w.browser == nil || w.browser.Starts() != 1 {
		t.Error("the flows did not share one browser")
	}
	if denied := w.Denied(); len(denied) > 0 {
		t.Errorf("denied dials: %q", denied)
	}
	if strays, more := w.callback.Strays(); len(strays)+more > 0 {
		t.Errorf("the browser asked for %d things that no flow expects, the first is %s", len(strays)+more, strays[0].URL)
	}
}

// Of each template one page of either flow is a browser's affair: the first
// consent, and the first grant. Where there is no browser these end without a
// verdict, and the others go on.
func TestWhichFlowsNeedABrowser(t *testing.T) {
	const none = "no browser was found: install it"
	for _, c := range []struct {
		name, mode string
		s          Source
		want       string
	}{
		{"by form", ConsentForm, source(t, "alder"), ""},
		{"both flows", ConsentBrowser, source(t, "alder"), "apex async-apex"},
		{"a host is required", ConsentBrowser, source(t, "larch"), "host async-host"},
		{"groups", ConsentBrowser, blockedSource(), "apex async-apex"},
	} {
		var in []string
		for _, sc := range Scenarios(Options{Edition: register.IETF05, Seed: 1, Async: true, Consent: c.mode}, []Source{c.s}, nil) {
			if f, ok := sc.World.(*flow); ok && f.inBrowser {
				in = append(in, sc.Name)
			}
		}
		if got := strings.Join(in, " "); got != c.want {
			t.Errorf("%s: in the browser are %q, want %q", c.name, got, c.want)
		}
	}
	w := start(t, Options{Seed: 1, Consent: ConsentBrowser, NoBrowser: none})
	for scenario, want := range map[string]reports.Outcome{"async-apex": reports.Inconclusive, "async-host": reports.Pass} {
		sc, _ := flowOf(t, w, blockedSource(), scenario)
		r := play(t, sc, func(string) {})["authorize"]
		if r.Outcome != want || want == reports.Inconclusive && (r.Reason != "no-browser" || r.Message != none) {
			t.Errorf("%s is %s (%s) %s, want %s", scenario, r.Outcome, r.Reason, r.Message, want)
		}
	}
}

// A browser that dies in the middle of a run makes one flow inconclusive and
// not the ones after it.
func TestBrowserKilledInMidRun(t *testing.T) {
	w := withBrowser(t)
	for i, c := range []struct {
		template string
		kill     bool
		want     reports.Outcome
		reason   string
	}{{"alder", false, reports.Pass, ""}, {"birch", true, reports.Inconclusive, "browser-gone"}, {"cedar", false, reports.Pass, ""}} {
		sc, _ := flowOf(t, w, source(t, c.template), "apex")
		results := play(t, sc, func(key string) {
			if key != "apply" || !c.kill {
				return
			}
			p, err := os.FindProcess(w.browser.Pid())
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Kill(); err != nil {
				t.Fatal(err)
			}
		})
		if r := results["apply"]; r.Outcome != c.want || r.Reason != c.reason {
			t.Errorf("flow %d: %s (%s) %s, want %s (%s)", i+1, r.Outcome, r.Reason, r.Message, c.want, c.reason)
		}
	}
}
