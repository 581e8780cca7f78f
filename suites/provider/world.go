package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/fixtures/keys"
	"github.com/dcconform/dcconform/fixtures/recipes"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/observe"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/seed"
	"github.com/dcconform/dcconform/suites/target"
	"github.com/dcconform/dcconform/suites/trial"
)

// Who operates the consent pages.
const (
	ConsentBrowser = "browser"
	ConsentForm    = "form"
	// ConsentManual asks a person.
	ConsentManual = "manual"
)

// Options say which world is to be built.
type Options struct {
	// Consent is ConsentBrowser, ConsentForm or ConsentManual. Browser is the
	// executable, NoBrowser why there is none.
	Consent, Browser, NoBrowser string
	// Person is where the manual driver says what to do, Answers where its
	// answers come from; nil has none.
	Person  io.Writer
	Answers io.Reader
	// Created is told before anything may be written at the provider; nil is
	// nobody.
	Created func(target.Creation) error
	// Explain says what is wrong with a signature, for failures about one; nil
	// says nothing.
	Explain trial.Explain
}

// World is a target and the means to judge it.
type World struct {
	*trial.World
	closers []func() error
}

// Start builds the world of a target. What it starts listens on the loopback
// interface unless the target says otherwise. The caller ends it with Close.
func Start(ctx context.Context, c *target.Config, o Options, redactor target.Redactor) (*World, error) {
	reg, err := register.Load()
	if err != nil {
		return nil, err
	}
	w := &World{World: &trial.World{Target: c, Edition: c.Edition, Register: reg, Created: o.Created, Explain: o.Explain, Templates: map[string]fixtures.Conformance{}}}
	if err := w.start(ctx, o, redactor); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func (w *World) start(ctx context.Context, o Options, redactor target.Redactor) error {
	templates, err := fixtures.ConformanceTemplates()
	if err != nil {
		return err
	}
	for _, t := range templates {
		w.Templates[t.Service] = t
	}
	listen := w.Target.Callback.Listen
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	if w.Callback, err = client.NewCallbackAt(listen, nil); err != nil {
		return err
	}
	w.closers = append(w.closers, w.Callback.Close)
	if err := w.reach(redactor); err != nil {
		return err
	}
	w.Seeder, w.Revoke = seed.New(w.Target, w.Dialer.DialContext), seed.Revoker(w.Target)
	if err := w.publish(ctx); err != nil {
		return err
	}
	return w.operate(o, redactor)
}

// reach opens the ways to the provider: nobody else is dialled, and every host
// name that is not its own leads to the callback server.
func (w *World) reach(redactor target.Redactor) error {
	w.Dialer = w.Target.Dialer(w.Callback.Addr())
	w.Dialer.Fallback = w.Callback.Addr()
	transport, err := w.Target.Transport(w.Dialer, w.Callback.CA())
	if err != nil {
		return err
	}
	w.closers = append(w.closers, func() error { transport.CloseIdleConnections(); return nil })
	w.HTTP = &target.Recorder{Transport: transport, Redactor: redactor, Total: w.Target.Limits.Request}
	w.Form = &consent.Form{Transport: transport, Redactor: redactor}
	dns := w.Target.DNS.Resolver
	if dns == "" {
		dns = w.Target.DNS.Servers[0]
	}
	w.Client = &client.Client{DNS: dns, Dialer: w.Dialer, Transport: http.RoundTripper(transport), Redactor: redactor}
	w.Zones = observe.Of(w.Target, w.Dialer.DialContext)
	return nil
}

// publish makes the signing key resolvable.
func (w *World) publish(ctx context.Context) error {
	key, err := keys.Signing()
	if err != nil {
		return err
	}
	w.Key = &client.SigningKey{Private: key.Private, Label: keys.Label}
	zone := w.Target.KeyZone
	switch {
	case zone.Update != nil:
		w.Keys = client.KeyUpdater{To: *zone.Update, Zone: w.Target.Templates.KeyDomain, Dial: w.Dialer.DialContext}
	case zone.Listen != "":
		var server *client.KeyServer
		if server, err = client.NewKeyServer(ctx, zone.Listen, w.Target.Templates.KeyDomain); err == nil {
			w.Keys, w.closers = server, append(w.closers, server.Close)
		}
	default:
		return nil
	}
	if err != nil {
		return err
	}
	return w.Keys.PublishKey(ctx, w.Key.Label+"."+w.Target.Templates.KeyDomain, key.TXT)
}

// operate chooses who operates the pages.
func (w *World) operate(o Options, redactor target.Redactor) error {
	var err error
	w.Session = &consent.Session{}
	if file := w.Target.Session; file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("session: %w", err)
		}
		if w.Session, err = consent.ImportSession(file, data, time.Now()); err != nil {
			return err
		}
		redactor.Secrets = append(slices.Clone(redactor.Secrets), w.Session.Secrets()...)
		w.HTTP.Redactor, w.Form.Redactor, w.Client.Redactor = redactor, redactor, redactor
	}
	if w.Recipe, err = recipe(w.Target.Consent.Recipe); err != nil {
		return err
	}
	switch {
	case o.Consent == ConsentManual:
		w.Driver = &consent.Manual{Out: o.Person, In: o.Answers, Back: consent.CameBack(w.Callback)}
	case o.Consent == ConsentForm:
		w.Driver = w.Form
	case o.NoBrowser != "":
		w.NoDriver = o.NoBrowser
	case w.Target.HTTP.ClientCert != "" || w.Target.HTTP.Proxy != "" || w.Target.HTTP.BasicUser != "" || len(w.Target.HTTP.Headers) > 0:
		return fmt.Errorf("%s: a browser takes no clientCert, proxy, basicUser or headers from http: run with --consent form", w.Target.File)
	default:
		browser := &lateBrowser{world: w, path: o.Browser, redactor: redactor}
		w.Driver, w.closers = browser, append(w.closers, browser.Close)
	}
	return nil
}

// recipe is a built-in recipe by its name, or one of a file; "" is nil, the
// default one.
func recipe(name string) (*consent.Recipe, error) {
	if name == "" {
		return nil, nil
	}
	if built, err := recipes.Names(); err == nil && slices.Contains(built, name) {
		r, err := recipes.Named(name)
		return &r, err
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("consent.recipe: %w, and no built-in recipe has that name", err)
	}
	r, err := recipes.Parse(name, data)
	return &r, err
}

// Scenarios are the cases of the target's edition.
func (w *World) Scenarios() []*check.Scenario { return Scenarios(w.Edition, w.Register, w.World) }

// Close ends what Start has begun, the last first.
func (w *World) Close() error {
	var errs []error
	for _, end := range slices.Backward(w.closers) {
		errs = append(errs, end())
	}
	w.closers = nil
	return errors.Join(errs...)
}
