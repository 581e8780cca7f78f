package consent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// seen is what a script reads off a page in one go.
type seen struct {
	URL  string `json:"url"`
	HTML string `json:"html"`
}

// look copies the page into a document of its own, where nothing runs and
// nothing loads, and marks the copy's elements with their numbers and with what
// scripts and style sheets made of them. The page itself is left as it is.
const look = `(() => {
  const root = document.documentElement;
  if (!root) return {url: document.location.href, html: ""};
  const all = document.querySelectorAll("*");
  const copy = document.implementation.createHTMLDocument("").importNode(root, true);
  const twins = [copy, ...copy.querySelectorAll("*")];
  all.forEach((e, i) => {
    let mark = String(i);
    if (e.type === "hidden" || !(e.checkVisibility ? e.checkVisibility({visibilityProperty: true}) : e.offsetParent)) mark += "h";
    if (e.checked === true) mark += "c";
    if (e.matches(":disabled")) mark += "d";
    twins[i].setAttribute("` + markAttr + `", mark);
  });
  return {url: document.location.href, html: copy.outerHTML};
})()`

var marks = regexp.MustCompile(` ` + markAttr + `="[0-9]+[a-z]*"`)

func (t *tab) look(ctx context.Context, end settled) (*view, error) {
	s, err := chromedp.Run(ctx, chromedp.Evaluate[seen](look))
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	v := &view{
		at: mark(end.docs), url: s.URL, status: end.status, html: marks.ReplaceAll([]byte(s.HTML), nil),
		doc: parse([]byte(s.HTML), true, t.flow.finder.extra...),
	}
	if t.opts.Screenshots {
		if v.shot, err = chromedp.Run(ctx, chromedp.FullScreenshot(100)); err != nil {
			return nil, fmt.Errorf("screenshot: %w", err)
		}
	}
	return v, nil
}

// selector names the control in the page: by its number, and only as long as
// what has that number is what was looked at.
func (c *control) selector() chromedp.JSPath {
	return chromedp.JSPath(c.expression())
}

func (c *control) expression() string {
	return fmt.Sprintf(`(e => e && e.localName === %q && e.id === %q && (e.getAttribute("name") || "") === %q ? e : null)(document.querySelectorAll("*")[%d])`,
		c.tag, c.id, c.name, c.index)
}

func (t *tab) fill(_ context.Context, c *control, text string) error {
	ctx, cancel := context.WithTimeoutCause(t.ctx, PageCeiling, fmt.Errorf("field %q did not take text within %s", c.label, PageCeiling))
	defer cancel()
	var err error
	if c.value != "" {
		err = chromedp.Do(ctx, chromedp.SetValue(c.selector(), ""))
	}
	if err == nil {
		err = chromedp.Do(ctx, chromedp.SendKeys(c.selector(), text))
	}
	if err != nil {
		return ended(ctx, fmt.Errorf("field %q: %w", c.label, err))
	}
	return nil
}

func (t *tab) tick(_ context.Context, c *control) error {
	ctx, cancel := context.WithTimeoutCause(t.ctx, PageCeiling, fmt.Errorf("box %q could not be ticked within %s", c.label, PageCeiling))
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Click(c.selector())); err != nil {
		return ended(ctx, fmt.Errorf("box %q: %w", c.label, err))
	}
	return nil
}

// chosen sets a list as a user does, so that scripts hear of it.
const chosen = `((e, i) => {
  if (!e) return false;
  e.selectedIndex = i;
  for (const name of ["input", "change"]) e.dispatchEvent(new Event(name, {bubbles: true}));
  return true;
})(%s, %d)`

func (t *tab) choose(_ context.Context, c *control, option string) error {
	i, err := c.option(option)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(t.ctx, PageCeiling, fmt.Errorf("list %q could not be set within %s", c.label, PageCeiling))
	defer cancel()
	done, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf(chosen, c.expression(), i)))
	if err != nil {
		return ended(ctx, fmt.Errorf("list %q: %w", c.label, err))
	}
	if !done {
		return fmt.Errorf("%w: list %q went away", ErrControl, c.label)
	}
	return nil
}

func (t *tab) press(_ context.Context, c *control) (*view, error) {
	before := t.net.mark()
	ctx, cancel := context.WithTimeoutCause(t.ctx, PageCeiling, fmt.Errorf("button %q could not be pressed within %s", c.label, PageCeiling))
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Click(c.selector())); err != nil && !errors.Is(err, chromedp.ErrTargetDetached) {
		return nil, ended(ctx, fmt.Errorf("button %q: %w", c.label, err))
	}
	return t.settle(before)
}

// reveal presses what opens a part of the page; no other page follows.
func (t *tab) reveal(_ context.Context, c *control) (*view, error) {
	ctx, cancel := context.WithTimeoutCause(t.ctx, PageCeiling, fmt.Errorf("%q could not be opened within %s", c.label, PageCeiling))
	defer cancel()
	now := t.net.now()
	open, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf("Boolean(%s?.parentElement?.open)", c.expression())))
	if err == nil && !open {
		err = chromedp.Do(ctx, chromedp.Click(c.selector()))
	}
	if err != nil {
		return nil, ended(ctx, fmt.Errorf("%q: %w", c.label, err))
	}
	return t.look(ctx, now)
}

// linger waits for a while where the page has the means to go on. Since it was
// looked at it may have gone already, and then the window shows another page,
// which says nothing of those means.
func (t *tab) linger(_ context.Context, shown *view) (*view, error) {
	able, err := chromedp.Run(t.ctx, chromedp.Evaluate[bool](`Boolean(document.querySelector('script, meta[http-equiv="refresh" i]'))`))
	switch {
	case t.net.moved(settled{docs: int(shown.at)}):
		return t.settle(shown.at)
	case err != nil || !able:
		return nil, ended(t.ctx, err)
	}
	ctx, cancel := context.WithTimeout(t.ctx, cmp.Or(t.opts.Linger, LingerCeiling))
	defer cancel()
	if gone, err := t.net.leaves(ctx, shown.at, t.detached); err != nil || !gone {
		return nil, ended(t.ctx, err)
	}
	return t.settle(shown.at)
}

// stuckCeiling bounds the last look at a page where a flow failed.
const stuckCeiling = 5 * time.Second

// stuck keeps what stands in the window when a flow fails, with a picture: the
// flow's own context may have ended. What cannot be had is left out, since the
// failure itself is what counts.
func (t *tab) stuck(window context.Context) {
	ctx, cancel := context.WithTimeout(window, stuckCeiling)
	defer cancel()
	t.opts.Screenshots = true
	v, err := t.look(ctx, t.net.now())
	if err != nil || strings.HasPrefix(v.url, "about:") {
		return
	}
	last := len(t.flow.out.Pages) - 1
	t.flow.see(Stuck, v)
	if last < 0 {
		return
	}
	if seen, now := &t.flow.out.Pages[last], t.flow.out.Pages[last+1]; seen.URL == now.URL && seen.Text == now.Text {
		// It is known what the page is for; only the picture is new.
		seen.Screenshot = now.Screenshot
		t.flow.out.Pages = t.flow.out.Pages[:last+1]
	}
}

func (t *tab) again(_ context.Context) (*view, error) {
	ctx, cancel := context.WithTimeoutCause(t.ctx, PageCeiling, fmt.Errorf("the page could not be read within %s", PageCeiling))
	defer cancel()
	return t.look(ctx, t.net.now())
}
