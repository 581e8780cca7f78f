package dc

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestRealTemplates parses the checkout of real templates that DC_TEMPLATES
// names. All but one of them are templates; that one has a duplicate key.
func TestRealTemplates(t *testing.T) {
	dir := os.Getenv("DC_TEMPLATES")
	if dir == "" {
		t.Skip("DC_TEMPLATES is not set: real templates not tried")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates in %s: %v", dir, err)
	}
	for _, f := range files {
		_, err := ReadFile(f)
		var problems Problems
		if duplicateKey[filepath.Base(f)] {
			if !errors.As(err, &problems) || len(problems) != 1 || problems[0].Class != ProblemDuplicate {
				t.Errorf("%s has one duplicate key, got: %v", f, err)
			}
			continue
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// duplicateKey are the real templates with a duplicate key.
var duplicateKey = map[string]bool{"aiprospectscout.com.mail.json": true}
