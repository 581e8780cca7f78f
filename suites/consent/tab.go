package consent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	dctarget "github.com/dcconform/dcconform/suites/target"
)

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// flow runs one flow in a window of its own.
func (b *Browser) flow(ctx context.Context, link string, who dctarget.Credentials, o Options, what intent) (*Outcome, error) {
	f, err := newFlow(link, who, o, what, b.Redactor)
	if err != nil {
		return &Outcome{Link: link}, err
	}
	ctx, cancel := bounded(ctx, o)
	defer cancel()
	if err := f.enter(ctx); err != nil {
		return f.out, err
	}
	defer func() { f.leave() }()
	run, err := b.acquire(ctx)
	if err != nil {
		return f.out, err
	}
	if b.OneWindow {
		b.turn.Lock()
		defer b.turn.Unlock()
		err = ended(ctx, inWindow(ctx, run, f, o))
	} else {
		err = ended(ctx, inTab(ctx, run, f, o))
	}
	if err != nil && run.gone() {
		return f.out, fmt.Errorf("%w: %w", ErrBrowserGone, err)
	}
	return f.out, err
}

// ownProfile gives a window cookies, storage and a cache of its own, and takes
// them away with it.
func ownProfile() chromedp.ContextOption {
	return chromedp.WithNewBrowserContext(func(p *target.CreateBrowserContextParams) { p.DisposeOnDetach = new(true) })
}

// inTab opens a window with cookies of its own, runs the flow and closes it.
func inTab(ctx context.Context, run *process, f *flow, o Options) error {
	t := &tab{flow: f, opts: o, net: newTracker()}
	tabCtx, closeTab := chromedp.NewContext(run.ctx,
		ownProfile(),
		chromedp.WithListener(t.net.event))
	defer closeTab()
	return t.follow(ctx, tabCtx)
}

// inWindow runs the flow in the window that all share, as if it were new.
func inWindow(ctx context.Context, run *process, f *flow, o Options) error {
	if run.window == nil {
		// A profile of its own here, too: the default one asks services of
		// the browser about the passwords that it sees.
		run.window, run.closeWindow = chromedp.NewContext(run.ctx, ownProfile())
		if err := chromedp.Do(run.window); err != nil {
			return fmt.Errorf("open a window: %w", err)
		}
	}
	t := &tab{flow: f, opts: o, net: newTracker(), shared: true}
	// The listener goes with the flow's own context, which ends before the
	// window does.
	tabCtx, cancel := context.WithCancel(run.window)
	defer cancel()
	err := t.follow(ctx, tabCtx)
	select {
	case <-t.detached:
		run.closeWindow()
		run.window = nil
	default:
	}
	return err
}

// follow runs the flow in its window.
func (t *tab) follow(ctx, window context.Context) error {
	// What runs in the window is bound to its context by value and to the
	// caller's by cancellation.
	tabCtx, end := context.WithCancelCause(window)
	defer end(nil)
	stop := context.AfterFunc(ctx, func() { end(context.Cause(ctx)) })
	defer stop()
	t.ctx = tabCtx
	if err := t.prepare(); err != nil {
		return err
	}
	t.flow.surface = t
	err := t.flow.run(ctx)
	if err == nil {
		err = t.keep(ctx)
	}
	if err != nil {
		t.stuck(window)
	}
	t.net.report(t.flow)
	return err
}

// tab is a flow's window. Its methods take the caller's context for the
// interface's sake; tab.ctx ends with it.
type tab struct {
	flow *flow
	opts Options
	ctx  context.Context
	net  *tracker
	// shared is set when an earlier flow may have left something here.
	shared bool
	// given are the cookies that the window has of the flow's session.
	given []kept
	// detached closes when the page closes its window.
	detached <-chan struct{}
}

func (t *tab) prepare() error {
	if t.shared {
		if err := t.forget(); err != nil {
			return fmt.Errorf("clear what the flow before left: %w", err)
		}
	}
	width, height := t.opts.Width, t.opts.Height
	if width == 0 || height == 0 {
		width, height = 1280, 900
	}
	var more []chromedp.EmulateViewportOption
	if t.opts.Phone {
		more = append(more, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulateScale(2))
	}
	if err := chromedp.Do(t.ctx, chromedp.EmulateViewport(width, height, more...)); err != nil {
		return fmt.Errorf("open a window: %w", err)
	}
	var err error
	if t.detached, err = chromedp.Detached(t.ctx); err != nil {
		return fmt.Errorf("open a window: %w", err)
	}
	if err := t.give(); err != nil {
		return fmt.Errorf("hand the session to the browser: %w", err)
	}
	t.net.begin(cdp.FrameID(chromedp.FromContext(t.ctx).Target.TargetID), func() {
		// A dialog stops the page until somebody answers, and events must
		// not wait for commands.
		go func() {
			_, err := chromedp.Call(t.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
			t.net.dialogDone(err)
		}()
	})
	return nil
}

// forget makes a used window like a new one: an empty page, no cookies, no
// cache. Only then does the flow begin to listen.
func (t *tab) forget() error {
	if _, err := chromedp.Call(t.ctx, page.Navigate, page.NavigateParams{URL: "about:blank"}); err != nil {
		return err
	}
	if _, err := chromedp.Call(t.ctx, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
		return err
	}
	if _, err := chromedp.Call(t.ctx, network.ClearBrowserCache, cdp.Empty{}); err != nil {
		return err
	}
	return chromedp.Listen(t.ctx, t.net.event)
}

func (t *tab) open(_ context.Context, link string) (*view, error) {
	before := t.net.mark()
	res, err := chromedp.Call(t.ctx, page.Navigate, page.NavigateParams{URL: link})
	if sent := t.net.firstSent(); sent != "" {
		t.flow.out.Sent = sent
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("open the link: %w", err)
	case res.ErrorText != "":
		return t.failed(res.ErrorText)
	}
	return t.settle(before)
}

// failed is a document that did not load. Where it stands on another host, the
// user was sent there all the same.
func (t *tab) failed(text string) (*view, error) {
	at := t.net.lastURL()
	t.flow.out.Final = at
	if t.flow.away(at) {
		return &view{url: at, doc: &document{}}, nil
	}
	return nil, fmt.Errorf("GET %s: %s", t.flow.redact.URL(at), text)
}

// settle waits until the document that was asked for after the mark has
// loaded, and looks at it.
func (t *tab) settle(before mark) (*view, error) {
	ctx, cancel := context.WithTimeoutCause(t.ctx, PageCeiling, fmt.Errorf("no page within %s after %s", PageCeiling, t.flow.redact.URL(t.net.lastURL())))
	defer cancel()
	for {
		end, err := t.net.wait(ctx, before, t.detached)
		switch {
		case err != nil:
			return nil, err
		case end.closed:
			return &view{closed: true}, nil
		case end.crashed:
			return nil, fmt.Errorf("%w: the page's process crashed", ErrBrowserGone)
		case end.failed != "":
			return t.failed(end.failed)
		}
		v, err := t.look(ctx, end)
		if errors.Is(err, chromedp.ErrTargetDetached) {
			return &view{closed: true}, nil
		}
		if !t.net.moved(end) {
			return v, ended(ctx, err)
		}
		// A script or a refresh went on while we looked.
	}
}
