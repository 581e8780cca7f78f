package consent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/dcconform/dcconform/suites/target"
)

// StartCeiling bounds the start of the browser, and its end.
const StartCeiling = 30 * time.Second

// StartTries is how often in a row a browser may fail to start before it is
// given up: one that hangs would cost every flow the ceiling.
const StartTries = 2

// Browser is the driver that is a headless Chromium: one process, started at
// the first flow, and for each flow a window with cookies of its own. Nothing
// that a page asks for leaves the machine: every name and address but those of
// Allow is resolved to Fallback, no proxy is used, and the browser's own
// services are off. Its fields are set before use.
type Browser struct {
	// Path is the executable; see package browser. Required.
	Path string
	// Allow lists the provider's authorities as they stand in URLs, with
	// port ("127.0.0.1:8443", "provider.test:443"), each with the address
	// that is dialled for it. An empty address is the authority itself.
	Allow map[string]string
	// Fallback is the address that everything else is taken to: the callback
	// server. Empty lets all other names fail to resolve.
	Fallback string
	// Pins are the public keys (target.Pin) of servers that are trusted
	// without a known CA. Other bad certificates stay errors.
	Pins []string
	// NoSandbox turns the browser's sandbox off where it cannot work. It is
	// always off for root and in containers, where Chromium does not start
	// otherwise.
	NoSandbox bool
	// OneWindow runs the flows one after another in one window, with cookies
	// and cache cleared in between, which takes a fraction of the time: a
	// window costs more than a flow. By default each flow has a window and a
	// profile of its own, and flows may overlap.
	OneWindow bool
	// Redactor takes secrets out of evidence, beside the flow's password.
	Redactor target.Redactor

	turn   sync.Mutex // held by the flow in the one window
	mu     sync.Mutex
	run    *process
	starts int
	// failures counts the last starts that failed, in a row; failed is why.
	failures int
	failed   error
	closed   bool
}

// process is a running browser.
type process struct {
	ctx    context.Context // a chromedp context; its values name the browser
	cancel context.CancelFunc
	// window is the one that flows share, nil until the first or after it was
	// closed; closeWindow closes it.
	window      context.Context
	closeWindow context.CancelFunc
}

// Approve implements Driver.
func (b *Browser) Approve(ctx context.Context, link string, who target.Credentials, o Options) (*Outcome, error) {
	return b.flow(ctx, link, who, o, approving)
}

// Cancel implements Driver.
func (b *Browser) Cancel(ctx context.Context, link string, who target.Credentials, o Options) (*Outcome, error) {
	return b.flow(ctx, link, who, o, canceling)
}

// Read implements Driver.
func (b *Browser) Read(ctx context.Context, link string, who target.Credentials, o Options) (*Outcome, error) {
	return b.flow(ctx, link, who, o, reading)
}

// Starts is how many times a browser was started: once, and once more after
// each ErrBrowserGone that was followed by a flow.
func (b *Browser) Starts() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.starts
}

// Pid is the process id of the running browser, 0 when none runs.
func (b *Browser) Pid() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.run == nil {
		return 0
	}
	if p := chromedp.FromContext(b.run.ctx).Browser.Process(); p != nil {
		return p.Pid
	}
	return 0
}

// Close ends the browser, waits for its processes and removes its profile. No
// flow can be started after it.
func (b *Browser) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	if b.run == nil {
		return nil
	}
	run := b.run
	b.run = nil
	ctx, cancel := context.WithTimeout(run.ctx, StartCeiling)
	defer cancel()
	err := chromedp.Cancel(ctx)
	run.cancel()
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("end the browser: %w", err)
	}
	return nil
}

// acquire returns the running browser, started where none runs.
func (b *Browser) acquire(ctx context.Context) (*process, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, errors.New("the browser driver was closed")
	}
	if b.run != nil && !b.run.gone() {
		return b.run, nil
	}
	if b.run != nil {
		b.run.cancel()
		b.run = nil
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	if b.failures >= StartTries {
		return nil, fmt.Errorf("%w: given up after %d tries", b.failed, b.failures)
	}
	run, err := b.start(ctx)
	if err != nil {
		err = fmt.Errorf("%w: start %s: %w", ErrBrowserGone, b.Path, err)
		if ctx.Err() == nil {
			b.failures, b.failed = b.failures+1, err
		}
		return nil, err
	}
	b.run, b.failures = run, 0
	b.starts++
	return run, nil
}

// start runs the executable. The browser's life must not hang on the context
// of the flow that happens to be first; that context only bounds the start.
func (b *Browser) start(ctx context.Context) (*process, error) {
	if _, err := os.Stat(b.Path); err != nil {
		return nil, err
	}
	alloc, cancelAlloc := chromedp.NewExecAllocator(context.Background(), b.options()...)
	root, cancelRoot := chromedp.NewContext(alloc, chromedp.WithErrorf(func(string, ...any) {}), chromedp.WithLogf(func(string, ...any) {}))
	cancel := func() { cancelRoot(); cancelAlloc() }
	ctx, release := context.WithTimeoutCause(ctx, StartCeiling, fmt.Errorf("the browser did not start within %s", StartCeiling))
	defer release()
	var startErr error
	started := make(chan struct{})
	go func() { startErr = chromedp.Do(root); close(started) }()
	select {
	case <-started:
		if startErr != nil {
			cancel()
			return nil, startErr
		}
		return &process{ctx: root, cancel: cancel}, nil
	case <-ctx.Done():
		cancel()
		<-started
		return nil, context.Cause(ctx)
	}
}

// gone reports whether the process ended or its connection broke.
func (p *process) gone() bool {
	if p.ctx.Err() != nil {
		return true
	}
	select {
	case <-chromedp.FromContext(p.ctx).Browser.LostConnection:
		return true
	default:
		return false
	}
}

// quiet are the switches that keep the browser to itself: no first-run pages,
// no updates, no reports, no look-ups of its own.
var quiet = []string{
	"disable-background-networking", "disable-background-timer-throttling", "disable-backgrounding-occluded-windows",
	"disable-breakpad", "disable-client-side-phishing-detection", "disable-component-extensions-with-background-pages",
	"disable-component-update", "disable-crash-reporter", "disable-default-apps", "disable-dev-shm-usage",
	"disable-domain-reliability", "disable-extensions", "disable-field-trial-config", "disable-gpu",
	"disable-hang-monitor", "disable-ipc-flooding-protection", "disable-popup-blocking", "disable-prompt-on-repost",
	"disable-quic", "disable-renderer-backgrounding", "disable-search-engine-choice-screen", "disable-sync",
	"enable-automation", "hide-scrollbars", "metrics-recording-only", "mute-audio", "no-default-browser-check",
	"no-first-run", "no-pings", "no-proxy-server", "no-service-autorun", "safebrowsing-disable-auto-update", "use-mock-keychain",
}

// offFeatures are features that would call home or change what goes out.
var offFeatures = []string{
	"AutofillServerCommunication", "CertificateTransparencyComponentUpdater", "DialMediaRouteProvider",
	"DnsOverHttps", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "InterestFeedContentSuggestions",
	"MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "OptimizationGuideModelDownloading", "Translate",
}

// nowhere is where the browser's own services are sent: a name that can never
// exist (RFC 6761). Some of them run whatever switches say, and they must not
// be taken for something that a page asked for.
const nowhere = "https://nowhere.invalid/"

// services are the switches that name the browser's own services.
var services = map[string]string{
	"component-updater": "url-source=" + nowhere, "gaia-url": nowhere, "google-apis-url": nowhere,
	"google-base-url": nowhere, "google-url": nowhere, "lso-url": nowhere,
}

func (b *Browser) options() []chromedp.ExecAllocatorOption {
	opts := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(b.Path),
		chromedp.Flag("headless", "new"),
		chromedp.Flag("disable-features", strings.Join(offFeatures, ",")),
		chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("lang", "en-US"),
		chromedp.Flag("password-store", "basic"),
		chromedp.Flag("webrtc-ip-handling-policy", "disable_non_proxied_udp"),
		chromedp.Flag("host-resolver-rules", b.resolverRules()),
		chromedp.Flag("no-sandbox", b.NoSandbox || needsNoSandbox()),
	}
	for _, name := range quiet {
		opts = append(opts, chromedp.Flag(name, true))
	}
	for _, name := range sortedKeys(services) {
		opts = append(opts, chromedp.Flag(name, services[name]))
	}
	if len(b.Pins) > 0 {
		// The browser takes this switch only with a profile folder that is
		// not the user's; chromedp makes one for each start and removes it.
		opts = append(opts, chromedp.Flag("ignore-certificate-errors-spki-list", strings.Join(b.Pins, ",")))
	}
	return opts
}

// resolverRules maps every host and port. The first rule that matches counts,
// and rules hold for addresses as well as for names.
func (b *Browser) resolverRules() string {
	rules := []string{"MAP nowhere.invalid ^NOTFOUND"}
	for _, authority := range sortedKeys(b.Allow) {
		to := b.Allow[authority]
		if to == "" {
			to = authority
		}
		rules = append(rules, "MAP "+authority+" "+to)
	}
	rest := "^NOTFOUND"
	if b.Fallback != "" {
		rest = b.Fallback
	}
	return strings.Join(append(rules, "MAP * "+rest), ", ")
}

// needsNoSandbox knows where Chromium refuses to start with its sandbox.
func needsNoSandbox() bool {
	if runtime.GOOS != "linux" {
		return false
	}
	if os.Getuid() == 0 {
		return true
	}
	for _, mark := range []string{"/.dockerenv", "/run/.containerenv"} {
		if _, err := os.Stat(mark); err == nil {
			return true
		}
	}
	return false
}

// Authority is the host and port that a URL's host names, with the port of
// https where it names none: the form of Allow's keys.
func Authority(host string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return strings.ToLower(host)
	}
	return strings.ToLower(net.JoinHostPort(strings.Trim(host, "[]"), "443"))
}
