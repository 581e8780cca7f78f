package fault

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/mockprovider/store"
)

func TestCatalogue(t *testing.T) {
	word := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]string{}
	for _, f := range All() {
		if !word.MatchString(f.Name) {
			t.Errorf("name %q: words in lower case with hyphens", f.Name)
		}
		if !strings.HasSuffix(f.Sentence, ".") || strings.TrimSpace(f.Sentence) != f.Sentence {
			t.Errorf("%s: %q is not a sentence", f.Name, f.Sentence)
		}
		var c store.TenantConfig
		f.Apply(&c)
		if len(f.Requirements) == 0 {
			t.Errorf("%s breaks no requirement", f.Name)
		}
		if reflect.DeepEqual(c, store.TenantConfig{}) {
			t.Errorf("%s changes nothing", f.Name)
		}
		if !reflect.ValueOf(c.Hooks).IsZero() {
			continue // functions cannot be compared
		}
		what := cmp.Diff(store.TenantConfig{}.Faults, c.Faults) + cmp.Diff(store.TenantConfig{}.Rules, c.Rules)
		if other, twice := seen[what]; twice {
			t.Errorf("%s does the same as %s", f.Name, other)
		}
		seen[what] = f.Name
	}
	if !slices.IsSorted(Names()) || len(slices.Compact(Names())) != len(All()) {
		t.Errorf("names are not sorted or repeat: %v", Names())
	}
}

// TestEveryStoreFaultHasAName fails when store.Faults grows and the catalogue
// does not.
func TestEveryStoreFaultHasAName(t *testing.T) {
	var all store.TenantConfig
	if err := Apply(&all, Names()...); err != nil {
		t.Fatal(err)
	}
	v := reflect.ValueOf(all.Faults)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("no fault sets store.Faults.%s", v.Type().Field(i).Name)
		}
	}
}

func TestUnknown(t *testing.T) {
	var c store.TenantConfig
	const want = `unknown fault "csrf": did you mean csrf-approve?`
	if err := Apply(&c, "any-zone", "csrf"); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if c.Faults != (store.Faults{}) {
		t.Errorf("faults were switched on beside an unknown one: %+v", c.Faults)
	}
	if err := Apply(&c, "any-zone"); err != nil || !c.Faults.AnyZone {
		t.Errorf("any-zone: %v, %+v", err, c.Faults)
	}
}
