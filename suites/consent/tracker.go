package consent

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"

	"github.com/dcconform/dcconform/suites/target"
)

// tracker follows what a window does by the events that the browser sends, so
// that nothing has to be polled. Its event method must be quick.
type tracker struct {
	mu       sync.Mutex
	dialog   func()        // answers a dialog
	changed  chan struct{} // closed and replaced at each change
	main     cdp.FrameID
	docs     []*docRequest
	loaded   map[cdp.LoaderID]bool
	urls     []string
	console  []string
	headers  map[network.RequestID]*extra
	crashed  bool
	closing  bool // the page asked to close its window
	pending  bool // the page asked for another and no request went out yet
	finished map[network.RequestID]string
}

// docRequest is one request for a document of the main frame; each redirect
// is one of its own.
type docRequest struct {
	id       network.RequestID
	loader   cdp.LoaderID
	hop      int // position among the requests of one id
	ex       *target.Exchange
	answered bool
}

// extra are the header fields as they were on the wire, in the order of hops.
type extra struct{ request, response []http.Header }

// mark is a point in the life of a window: how many documents were asked for.
type mark int

// settled is how the last document ended.
type settled struct {
	docs    int
	status  int
	closed  bool
	crashed bool
	failed  string
}

func newTracker() *tracker {
	return &tracker{
		changed: make(chan struct{}), loaded: make(map[cdp.LoaderID]bool),
		headers: make(map[network.RequestID]*extra), finished: make(map[network.RequestID]string),
	}
}

// begin says which frame is the window's own and how dialogs are answered.
func (t *tracker) begin(main cdp.FrameID, dialog func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.main, t.dialog = main, dialog
}

// event takes one event of the window.
func (t *tracker) event(ev any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		t.request(ev)
	case *network.EventRequestWillBeSentExtraInfo:
		x := t.extra(ev.RequestID)
		x.request = append(x.request, header(ev.Headers))
	case *network.EventResponseReceivedExtraInfo:
		x := t.extra(ev.RequestID)
		x.response = append(x.response, header(ev.Headers))
	case *network.EventResponseReceived:
		if d := t.last(ev.RequestID); d != nil {
			d.answer(ev.Response)
		}
	case *network.EventLoadingFailed:
		if d := t.last(ev.RequestID); d != nil {
			t.finished[ev.RequestID] = ev.ErrorText
			d.ex.Error = ev.ErrorText
		}
	case *page.EventLifecycleEvent:
		if ev.FrameID == t.main && ev.Name == "load" {
			t.loaded[ev.LoaderID] = true
		}
	case *page.EventFrameRequestedNavigation:
		if ev.FrameID == t.main && ev.Disposition == page.ClientNavigationDispositionCurrentTab {
			t.pending = true
		}
	case *page.EventFrameNavigated:
		if ev.Frame.ID == t.main {
			t.pending = false
		}
	case *inspector.EventTargetCrashed:
		t.crashed = true
	case *page.EventJavascriptDialogOpening:
		t.console = append(t.console, fmt.Sprintf("dialog %s: %s", ev.Type, ev.Message))
		if t.dialog != nil {
			t.dialog()
		}
	default:
		t.say(ev)
	}
	close(t.changed)
	t.changed = make(chan struct{})
}

// refusedClose is what Chromium says when a page calls window.close() in a
// window that no script opened, as a flow's window is. That keeps the page for
// its picture, and still tells what the page wanted.
const refusedClose = "Scripts may close only the windows that were opened by them"

// say notes what goes to the browser's console.
func (t *tracker) say(ev any) {
	switch ev := ev.(type) {
	case *runtime.EventConsoleAPICalled:
		var parts []string
		for _, a := range ev.Args {
			s := string(a.Value)
			if a.Description != "" {
				s = a.Description
			}
			parts = append(parts, strings.Trim(s, `"`))
		}
		t.console = append(t.console, string(ev.Type)+": "+strings.Join(parts, " "))
	case *runtime.EventExceptionThrown:
		t.console = append(t.console, "exception: "+ev.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		t.closing = t.closing || strings.Contains(ev.Entry.Text, refusedClose)
		t.console = append(t.console, string(ev.Entry.Level)+": "+ev.Entry.Text+" "+ev.Entry.URL)
	}
}

// request notes a request, and the redirect that led to it.
func (t *tracker) request(ev *network.EventRequestWillBeSent) {
	t.urls = append(t.urls, ev.Request.URL)
	if ev.Type != network.ResourceTypeDocument || ev.FrameID != t.main {
		return
	}
	t.pending = false
	hop := 0
	if d := t.last(ev.RequestID); d != nil {
		hop = d.hop + 1
		if ev.RedirectResponse != nil {
			d.answer(ev.RedirectResponse)
		}
	}
	ex := &target.Exchange{Method: ev.Request.Method, URL: ev.Request.URL, RequestHeader: header(ev.Request.Headers)}
	for _, e := range ev.Request.PostDataEntries {
		ex.RequestBody += string(e.Bytes)
	}
	t.docs = append(t.docs, &docRequest{id: ev.RequestID, loader: ev.LoaderID, hop: hop, ex: ex})
}

func (d *docRequest) answer(r *network.Response) {
	d.answered = true
	d.ex.Status, d.ex.Proto, d.ex.Header = int(r.Status), r.Protocol, header(r.Headers)
}

func (t *tracker) last(id network.RequestID) *docRequest {
	for i := len(t.docs) - 1; i >= 0; i-- {
		if t.docs[i].id == id {
			return t.docs[i]
		}
	}
	return nil
}

func (t *tracker) extra(id network.RequestID) *extra {
	x := t.headers[id]
	if x == nil {
		x = &extra{}
		t.headers[id] = x
	}
	return x
}

// header turns the protocol's header fields, where repeated ones are joined by
// line feeds, into Go's.
func header(h network.Headers) http.Header {
	out := make(http.Header, len(h))
	for name, value := range h {
		for v := range strings.SplitSeq(fmt.Sprint(value), "\n") {
			out.Add(name, v)
		}
	}
	return out
}

func (t *tracker) mark() mark {
	t.mu.Lock()
	defer t.mu.Unlock()
	return mark(len(t.docs))
}

// now is the state of a page that has settled.
func (t *tracker) now() settled {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state()
}

func (t *tracker) state() settled {
	s := settled{docs: len(t.docs)}
	if s.docs > 0 {
		s.status = t.docs[s.docs-1].ex.Status
	}
	return s
}

// moved reports whether the window went on after it had settled.
func (t *tracker) moved(s settled) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.docs) != s.docs || t.pending
}

// wait returns once a document that was asked for after the mark has loaded or
// failed, or the window is no more.
func (t *tracker) wait(ctx context.Context, since mark, detached <-chan struct{}) (settled, error) {
	for {
		t.mu.Lock()
		changed, s := t.changed, t.state()
		s.crashed = t.crashed
		done := s.crashed
		if s.docs > int(since) && !t.pending {
			d := t.docs[s.docs-1]
			s.failed = t.finished[d.id]
			done = done || s.failed != "" || t.loaded[d.loader]
		}
		t.mu.Unlock()
		if done {
			return s, nil
		}
		select {
		case <-changed:
		case <-detached:
			s.closed = true
			return s, nil
		case <-ctx.Done():
			return s, context.Cause(ctx)
		}
	}
}

// leaves reports whether the window asks for another document after the mark,
// is closed, or asks to be. A context that ends first is no error.
func (t *tracker) leaves(ctx context.Context, since mark, detached <-chan struct{}) (bool, error) {
	for {
		t.mu.Lock()
		changed, more, closing := t.changed, len(t.docs) > int(since) || t.pending, t.closing
		t.mu.Unlock()
		switch {
		case closing:
			return false, nil
		case more:
			return true, nil
		}
		select {
		case <-changed:
		case <-detached:
			return true, nil
		case <-ctx.Done():
			return false, nil
		}
	}
}

// firstSent is the first URL that went out.
func (t *tracker) firstSent() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.docs) == 0 {
		return ""
	}
	return t.docs[0].ex.URL
}

// lastURL is the last document that was asked for.
func (t *tracker) lastURL() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.docs) == 0 {
		return ""
	}
	return t.docs[len(t.docs)-1].ex.URL
}

// dialogDone notes that a dialog could not be answered.
func (t *tracker) dialogDone(err error) {
	if err == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.console = append(t.console, "dialog not answered: "+err.Error())
}

// report moves what was seen into the flow's outcome, without secrets.
func (t *tracker) report(f *flow) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := f.redact
	f.out.Closed = f.out.Closed || t.closing
	for _, d := range t.docs {
		ex := d.ex
		if x := t.headers[d.id]; x != nil {
			if d.hop < len(x.request) {
				ex.RequestHeader = x.request[d.hop]
			}
			if d.hop < len(x.response) && d.answered {
				ex.Header = x.response[d.hop]
			}
		}
		ex.RequestBody = r.Body(ex.RequestHeader.Get("Content-Type"), []byte(ex.RequestBody))
		ex.RequestHeader, ex.Header = r.Header(ex.RequestHeader), r.Header(ex.Header)
		ex.URL = r.URL(ex.URL)
		f.out.Exchanges = append(f.out.Exchanges, ex)
	}
	for _, u := range t.urls {
		f.out.Requests = append(f.out.Requests, r.URL(u))
	}
	for _, line := range t.console {
		f.out.Console = append(f.out.Console, r.Text(line))
	}
}
