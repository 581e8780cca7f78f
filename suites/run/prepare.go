package run

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/browser"
	"github.com/dcconform/dcconform/suites/certify"
	"github.com/dcconform/dcconform/suites/register"
)

// certification is a prepared run.
type certification struct {
	o        CertifyOptions
	register *register.Register
	world    certify.Options
	sources  []certify.Source
	plan     []reports.Planned
	redactor *reports.Redactor
	run      reports.Run
}

// prepare reads and checks everything that the run depends on, so that what
// can be wrong on the command line is said before anything happens.
func prepare(o CertifyOptions) (*certification, error) {
	c := &certification{o: o}
	if c.o.Now == nil {
		c.o.Now = time.Now
	}
	if err := c.settings(); err != nil {
		return nil, usageError{err}
	}
	var err error
	if c.register, err = register.Load(); err != nil {
		return nil, err
	}
	if err := c.readSources(); err != nil {
		return nil, err
	}
	if err := c.readValues(); err != nil {
		return nil, usageError{err}
	}
	return c, c.makePlan()
}

func (c *certification) settings() error {
	edition, err := dc.ParseEdition(c.o.Edition)
	if err != nil {
		return err
	}
	if c.o.Consent == "" {
		c.o.Consent = certify.ConsentBrowser
	}
	if c.o.Consent != certify.ConsentBrowser && c.o.Consent != certify.ConsentForm {
		return fmt.Errorf("--consent %s: there are browser and form", c.o.Consent)
	}
	if c.o.Jobs < 0 {
		return fmt.Errorf("--jobs %d: a number from 1, or 0 for one per processor", c.o.Jobs)
	}
	if c.o.Jobs == 0 {
		c.o.Jobs = runtime.NumCPU()
	}
	c.world = certify.Options{Edition: register.Edition(edition.String()), Consent: c.o.Consent,
		Seed: c.o.Seed, KeyHost: c.o.KeyHost}
	c.redactor = &reports.Redactor{}
	if c.o.Key != "" {
		if c.world.KeyPEM, err = os.ReadFile(c.o.Key); err != nil {
			return fmt.Errorf("--key: %w", err)
		}
		if err := c.redactor.Add(string(c.world.KeyPEM)); err != nil {
			return fmt.Errorf("--key: %w", err)
		}
	}
	if err := c.world.CheckKey(c.o.Key); err != nil {
		return err
	}
	if err := c.redactor.Add(certify.Password(c.o.Seed)); err != nil {
		return err
	}
	if c.o.Consent == certify.ConsentBrowser {
		return c.findBrowser()
	}
	return nil
}

// findBrowser leaves a missing browser to the cases that need one: they are
// inconclusive and say how to install it. A path that the user gave and that
// is not there is a mistake on the command line.
func (c *certification) findBrowser() error {
	find := c.o.FindBrowser
	if find == nil {
		find = func(explicit string) (string, error) {
			p, err := browser.Find(explicit)
			return string(p), err
		}
	}
	found, err := find(c.o.Browser)
	if err != nil && c.o.Browser != "" {
		return fmt.Errorf("--browser: %w", err)
	}
	if err != nil {
		c.world.NoBrowser = err.Error()
		return nil
	}
	c.world.Browser = found
	return nil
}

func (c *certification) readSources() error {
	var err error
	if len(c.o.Paths) == 0 {
		embedded, err := fixtures.Templates()
		if err != nil {
			return err
		}
		for _, f := range embedded {
			c.sources = append(c.sources, certify.Source{File: f.Name, Data: f.Data})
		}
	} else if c.sources, err = certify.Read(c.o.Paths, c.o.Stdin); errors.Is(err, certify.ErrNoTemplates) {
		return nothingError{err}
	} else if err != nil {
		return usageError{err}
	}
	certify.Name(c.sources)
	return nil
}

func (c *certification) readValues() error {
	if c.o.Values == "" {
		return nil
	}
	data, err := os.ReadFile(c.o.Values)
	if err != nil {
		return fmt.Errorf("--values: %w", err)
	}
	c.world.ValuesFile, c.world.Values = c.o.Values, data
	if err := c.world.CheckValues(c.sources); err != nil {
		return fmt.Errorf("--values: %w", err)
	}
	return nil
}

// makePlan lists what the run owes, and what of it was asked for.
func (c *certification) makePlan() error {
	scenarios := certify.Scenarios(c.world, c.sources, nil)
	var all []reports.Planned
	for _, sc := range scenarios {
		if err := Validate(sc, c.register); err != nil {
			return err
		}
		all = append(all, sc.Planned(c.world.Edition, c.register)...)
	}
	scope := reports.ScopeFull
	c.plan = all
	if len(c.o.Cases) > 0 {
		ids, err := selectCases(scenarios, c.o.Cases)
		if err != nil {
			return err
		}
		c.plan = slices.DeleteFunc(slices.Clone(all), func(p reports.Planned) bool { return !ids[p.ID] })
		scope = reports.ScopeFiltered
	}
	if len(c.plan) == 0 {
		return nothingError{errors.New("nothing is selected: the plan is empty")}
	}
	reports.MarkExemplars(c.plan)
	c.run = reports.Run{ToolVersion: c.o.ToolVersion, Command: c.o.Command, Subject: reports.SubjectTemplate,
		Edition: string(c.world.Edition), Consent: c.o.Consent, Seed: c.o.Seed, Scope: scope,
		Templates: certify.Templates(c.sources)}
	return nil
}
