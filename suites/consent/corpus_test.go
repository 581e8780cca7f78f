package consent_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/target"
)

// Whoever approves a page of the corpus presses what confirms, and whoever
// cancels what cancels; where that cannot be told, nothing is pressed.
func TestCorpusIsPressed(t *testing.T) {
	pages := consent.Corpus(t)
	s := newStage(t)
	s.pages = map[string][]byte{}
	for _, p := range pages {
		s.pages[p.Name] = p.HTML
	}
	t.Run("form", func(t *testing.T) {
		d := &consent.Form{Transport: s.rt}
		for _, p := range pages {
			tryPage(t, s, d, p)
		}
	})
	t.Run("browser", func(t *testing.T) {
		b := newBrowser(t, s)
		b.OneWindow = true
		for _, p := range pages {
			tryPage(t, s, b, p)
		}
	})
}

func tryPage(t *testing.T, s *stage, d consent.Driver, p consent.CorpusPage) {
	t.Helper()
	_, inForm := d.(*consent.Form)
	link := s.URL + "/pages/" + p.Name + "?domain=example.com"
	options := consent.Options{Recipe: &p.Recipe}
	script := inForm && p.Want["form"] == "no"
	for _, try := range []struct {
		word string
		do   func() (*consent.Outcome, error)
		can  bool
	}{
		{"confirm", func() (*consent.Outcome, error) { return d.Approve(ctxFor(t), link, somebody, options) },
			!script && (!strings.Contains(p.Want["confirm"], " or ") && p.Want["confirm"] != "none" || !inForm && p.Want["approves"] == "browser")},
		{"cancel", func() (*consent.Outcome, error) { return d.Cancel(ctxFor(t), link, somebody, options) },
			!(inForm && p.Want["form"] == "no") || p.Name == "named-in-the-recipe"},
	} {
		s.forget()
		o, err := try.do()
		want := []string{}
		if try.can {
			want = []string{try.word}
		}
		if try.can != (err == nil) || err != nil && !errors.Is(err, consent.ErrControl) || o.Pressed != try.can {
			t.Errorf("%s: %s: pressed %v, %v", p.Name, try.word, o.Pressed, err)
		}
		got := []string{}
		for _, line := range s.pressed {
			word, body, _ := strings.Cut(line, " ")
			got = append(got, word)
			if sends := p.Want["sends"]; sends != "" && try.word == "confirm" && body != sends {
				t.Errorf("%s: sent %s, want %s", p.Name, body, sends)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s: pressed %s", p.Name, try.word, diff)
		}
	}
	shows := p.Want["shows"]
	if shows == "" && !inForm {
		return // the pages were read on the way to their buttons
	}
	o, err := d.Read(ctxFor(t), link, target.Credentials{}, options)
	if shows != "" && !inForm {
		if page, _ := o.Page(consent.Consent); err != nil || !strings.Contains(page.Text, shows) {
			t.Errorf("%s: does not show %q: %v\n%s", p.Name, shows, err, page.Text)
		}
	}
	if err != nil || o.Pressed || len(o.Pages) != 1 {
		t.Errorf("%s: read: pages %v, %v", p.Name, kinds(o), err)
	}
}
