package certify

import (
	"os"
	"testing"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/browser"
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
	sc, f := flowOf(t, w, source(t, "alder"), "apex")
	for key, r := range play(t, sc, func(string) {}) {
		if r.Outcome != reports.Pass && r.Reason != "no-room" {
			t.Errorf("%s is %s: %s", key, r.Outcome, r.Message)
		}
	}
	if len(f.outcome.Pages) < 3 || f.outcome.Pages[0].Screenshot == nil {
		t.Errorf("%d pages were seen, the first has a screenshot: %v", len(f.outcome.Pages), len(f.outcome.Pages) > 0 && f.outcome.Pages[0].Screenshot != nil)
	}
	if denied := w.Denied(); len(denied) > 0 {
		t.Errorf("denied dials: %q", denied)
	}
	if strays, more := w.callback.Strays(); len(strays)+more > 0 {
		t.Errorf("the browser asked for %d things that no flow expects, the first is %s", len(strays)+more, strays[0].URL)
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
