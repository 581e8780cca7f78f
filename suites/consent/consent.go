// Package consent takes a user's part at a DNS provider: it opens an apply
// link, signs in, reads the consent page, confirms or cancels, and follows the
// user to where the provider sends him. Two drivers do so: Form, which reads
// forms and runs no script, and Browser, which is a headless Chromium. It is
// the only room that drives a browser.
package consent

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/dcconform/dcconform/suites/target"
)

// Driver approves, cancels or reads at a consent page. These methods return an Outcome
// in every case: with an error it holds what was seen until then. A page that
// refuses the request is no error but an Outcome without a consent page.
// Drivers are safe for concurrent use; each flow has its own cookies, unless
// Options.Session says otherwise.
type Driver interface {
	// Approve signs in where asked and presses the button that confirms.
	Approve(ctx context.Context, link string, who target.Credentials, o Options) (*Outcome, error)
	// Cancel signs in where asked and presses the button that cancels.
	Cancel(ctx context.Context, link string, who target.Credentials, o Options) (*Outcome, error)
	// Read signs in where asked, opens what the consent page hides, and
	// leaves without pressing anything: the last page is the consent page, or
	// one that refuses. Outcome.Pressed is false.
	Read(ctx context.Context, link string, who target.Credentials, o Options) (*Outcome, error)
	// Close frees what the driver holds, and ends its browser.
	Close() error
}

// Ceilings of a flow. They are limits, not waits.
const (
	// FlowCeiling bounds a whole flow, unless Options has another.
	FlowCeiling = 60 * time.Second
	// PageCeiling bounds the load of one page in the browser.
	PageCeiling = 20 * time.Second
	// LingerCeiling bounds the wait for a result page that goes on by itself,
	// by a script or a refresh: some providers show for a moment that all is
	// well before they send the user back.
	LingerCeiling = 5 * time.Second
	// MaxPages is how many pages a flow may show before it is called lost.
	MaxPages = 12
	// MaxHops is how many redirects one request may take.
	MaxHops = 10
)

// Options change one flow. The zero value is a flow at a provider whose pages
// are all on the host of the link, with the default recipe.
type Options struct {
	// Home lists further hosts ("login.provider.test", with its port where
	// it is not 443) that belong to the provider. The host of the link
	// always does. The user has come back once he is on any other.
	Home []string
	// Session is the signed-in user, kept over flows. Nil gives the flow
	// cookies of its own, so that it is asked to sign in.
	Session *Session
	// Recipe finds the parts of the pages; nil is DefaultRecipe. Others come
	// from package recipes.
	Recipe *Recipe
	// Ceiling bounds the flow; 0 is FlowCeiling.
	Ceiling time.Duration
	// Linger bounds the wait at a result page that has the means to go on by
	// itself; 0 is LingerCeiling. The form driver needs not wait.
	Linger time.Duration
	// Header is sent with each request, beside or in the place of what a
	// browser sends. The browser driver cannot, and sends its own.
	Header http.Header
	// Screenshots asks for a picture of each page; the form driver has none.
	Screenshots bool
	// Width and Height are the browser's window in CSS pixels; 0 is 1280 by
	// 900. Phone emulates a phone of that size.
	Width, Height int64
	Phone         bool
}

// Kind is what a page was for.
type Kind string

// The kinds of pages.
const (
	SignIn   Kind = "sign-in"
	Consent  Kind = "consent"
	Between  Kind = "between"  // a page that the recipe has a step for
	Result   Kind = "result"   // the provider's last page, good or bad
	Returned Kind = "returned" // the service provider's page
	Stuck    Kind = "stuck"    // the page that the flow did not get past
)

// Page is one page that the user saw.
type Page struct {
	Kind   Kind
	URL    string
	Status int // 0 when no response came
	Title  string
	// Text is the readable text, one line for each block.
	Text string
	// Tables are the page's tables, row by row, cell by cell: the records.
	Tables [][][]string
	// Alerts are the texts of elements marked as alert, status or warning.
	Alerts []string
	// HTML is the document without secrets.
	HTML string
	// Screenshot is a PNG; nil when none was taken.
	Screenshot []byte
}

// Outcome is what became of a flow.
type Outcome struct {
	// Link is the link as made. Sent is the URL as it went out: browsers
	// re-encode, and a signature that survives one driver and not the other
	// is a finding.
	Link, Sent string
	// Final is the URL of the last page, or of the last redirect when its
	// host could not be reached.
	Final string
	// Returned says that the provider sent the user to another host.
	Returned bool
	// Closed says that the provider's page closed its window, or asked to.
	// The form driver runs no script and never sees that.
	Closed bool
	// SignedIn says that the flow was asked to sign in and did. It is false
	// where a session was still good.
	SignedIn bool
	// Pressed says that the button that was asked for was pressed.
	Pressed bool
	// Pages are the pages in the order in which they were seen.
	Pages []Page
	// Exchanges are the requests for documents, secrets taken out.
	Exchanges []*target.Exchange
	// Requests are the URLs of everything that the pages asked for.
	Requests []string
	// Console is what the pages wrote to the browser's console.
	Console []string
}

// Page finds the first page of a kind.
func (o *Outcome) Page(k Kind) (Page, bool) {
	for _, p := range o.Pages {
		if p.Kind == k {
			return p, true
		}
	}
	return Page{}, false
}

// Last is the page that the flow ended on.
func (o *Outcome) Last() (Page, bool) {
	if len(o.Pages) == 0 {
		return Page{}, false
	}
	return o.Pages[len(o.Pages)-1], true
}

// Errors of the drivers. Each is wrapped with what was seen.
var (
	// ErrSignIn says that the provider asked for the password again.
	ErrSignIn = errors.New("the provider did not take the user name and password")
	// ErrNoUser says that the provider asks to sign in where the caller has
	// named nobody: an imported session is over, or was never good.
	ErrNoUser = errors.New("the provider asks to sign in, and no user is named")
	// ErrControl says that a page lacks a control that the flow needs.
	ErrControl = errors.New("a control of the page was not found")
	// ErrNotWeb says that a redirect leads to no web address, such as a
	// javascript: URL; Outcome.Final has it as received.
	ErrNotWeb = errors.New("the user was sent to what is no web address")
	// ErrScripts says that the recipe's pages are made by scripts, which the
	// form driver does not run.
	ErrScripts = errors.New("the pages need a browser")
	// ErrLost says that the flow went over MaxPages or MaxHops.
	ErrLost = errors.New("the flow does not come to an end")
	// ErrBrowserGone says that the browser ended or could not be reached. It
	// says nothing about the provider. The driver starts a new browser at
	// the next flow; whether to try again is the caller's choice.
	ErrBrowserGone = errors.New("the browser is gone")
)
