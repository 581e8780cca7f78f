package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/watch"
	"github.com/dcconform/dcconform/suites/certify"
)

// watched are the paths of --templates that can change.
func (o *serveOptions) watched() []string {
	return slices.DeleteFunc(slices.Clone(o.templates), func(p string) bool { return p == "-" })
}

// reloading has the tenant follow the files of --templates until the function
// that it returns is called.
func (o *serveOptions) reloading(ctx context.Context, tenant *store.Tenant, have []*dc.Template) (stop func() error, err error) {
	paths := o.watched()
	if len(paths) == 0 {
		return func() error { return nil }, nil
	}
	w, err := watch.New(paths)
	if err != nil {
		return nil, fmt.Errorf("--templates: %w", err)
	}
	say := func(text string) { _, _ = fmt.Fprintf(o.stderr, "dcconform serve: --templates: %s\n", text) }
	var before []string
	reload := func() {
		next, said := reread(paths, have)
		if !slices.Equal(next, have) {
			if err := tenant.Reconfigure(func(c *store.TenantConfig) { c.Templates = next }); err != nil {
				say(err.Error())
			}
		}
		for _, text := range said {
			// What is still broken was said already.
			if !slices.Contains(before, text) {
				say(text)
			}
		}
		have, before = next, said
	}
	reload() // for what has changed since they were read first
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx, reload, func(err error) { say(err.Error()) }) })
	return func() error {
		err := w.Close()
		running.Wait()
		return err
	}, nil
}

// reread reads the templates of the paths anew, and says what has become of
// them. One that is broken now stays as it was; when the paths cannot be read,
// all stay.
func reread(paths []string, have []*dc.Template) (next []*dc.Template, said []string) {
	sources, err := certify.Read(paths, nil)
	if err != nil {
		return have, []string{err.Error() + "; all templates stay as they were"}
	}
	r := &rereading{before: map[string]*dc.Template{}, from: map[dc.TemplateID]string{}}
	for _, t := range have {
		r.before[t.File] = t
		if t.File == "-" {
			_ = r.take(t) // it is the first
		}
	}
	read := map[string]bool{"-": true}
	for _, s := range sources {
		read[s.File] = true
		r.read(s)
	}
	for _, t := range have {
		if !read[t.File] {
			r.say("%s is gone, and %s with it", t.File, name(t))
		}
	}
	return r.next, r.said
}

// rereading is a second look at files.
type rereading struct {
	before map[string]*dc.Template
	from   map[dc.TemplateID]string
	next   []*dc.Template
	said   []string
}

func (r *rereading) say(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

// take enters a template unless another file has its ids.
func (r *rereading) take(t *dc.Template) error {
	if other, twice := r.from[t.ID()]; twice {
		return fmt.Errorf("%s has the providerId and serviceId of %s", t.File, other)
	}
	r.from[t.ID()] = t.File
	r.next = append(r.next, t)
	return nil
}

// read takes one file: as it is now, else as it was.
func (r *rereading) read(s certify.Source) {
	old := r.before[s.File]
	if old != nil && bytes.Equal(old.Raw, s.Data) && r.take(old) == nil {
		return
	}
	t, err := dc.Parse(s.File, s.Data)
	if err == nil {
		err = r.take(t)
	}
	switch {
	case err == nil && old == nil:
		r.say("%s is new: %s, version %d", s.File, name(t), t.Version)
	case err == nil:
		r.say("%s was reloaded: %s, version %d", s.File, name(t), t.Version)
	case old != nil && r.take(old) == nil:
		r.say("%s; version %d of before stays", firstOf(err), old.Version)
	default:
		r.say("%s; it is not served", firstOf(err))
	}
}

// firstOf is an error in one line: of many problems the first.
func firstOf(err error) string {
	problems, ok := errors.AsType[dc.Problems](err)
	if !ok || len(problems) < 2 {
		return err.Error()
	}
	return fmt.Sprintf("%v (and %d more)", problems[0], len(problems)-1)
}

func name(t *dc.Template) string { return t.ProviderID + "/" + t.ServiceID }
