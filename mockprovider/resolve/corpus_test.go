package resolve

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// TestRealTemplates resolves the checkout of real templates that DC_TEMPLATES
// names without giving values: those without variables resolve, the others
// say which one is missing, and the rest fails for a reason that is listed.
func TestRealTemplates(t *testing.T) {
	dir := os.Getenv("DC_TEMPLATES")
	if dir == "" {
		t.Skip("DC_TEMPLATES is not set: real templates not tried")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates in %s: %v", dir, err)
	}
	count := map[dc.ErrorClass]int{}
	for _, f := range files {
		tmpl, err := dc.ReadFile(f)
		if err != nil {
			continue // judged in package dc
		}
		needed := Variables(tmpl, nil)
		_, err = Resolve(tmpl, Request{Domain: "example.com", Host: "sub"}, dc.Rules{})
		var e *dc.Error
		switch {
		case err == nil:
			count["none"]++
		case errors.As(err, &e):
			count[e.Class]++
		default:
			t.Errorf("%s: %v is not a *dc.Error", f, err)
		}
		if missing := errors.Is(err, &dc.Error{Class: dc.ErrVariable}); missing != (len(needed) > 0) {
			t.Errorf("%s: needs %v, got: %v", f, needed, err)
		} else if err != nil && !missing {
			t.Logf("%s: %v", f, err)
		}
	}
	t.Logf("%v", count)
	if count["none"] == 0 || count[dc.ErrVariable] == 0 {
		t.Errorf("templates of both kinds are expected, got %v", count)
	}
}
