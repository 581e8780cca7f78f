package batch

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/sign"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// areas are the folders of worked examples and how many each has at least, so
// that a lost folder is noticed.
var areas = map[string]int{
	"parse": 15, "host": 60, "variables": 40, "groups": 15, "types": 40, "conflict": 60,
	"spf": 25, "keys": 30, "signature": 30, "extensibility": 12, "ext-types": 12, "state": 50,
}

func TestVectors(t *testing.T) {
	vectors, err := fixtures.Vectors()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, v := range vectors {
		found[v.Area]++
		t.Run(v.Name, func(t *testing.T) {
			diff := ""
			switch {
			case v.Apply != nil:
				diff = applyDiff(t, v.Apply)
			case v.State != nil:
				diff = stateDiff(t, v.State)
			default:
				diff = signatureDiff(v.Signature)
			}
			if diff != "" {
				t.Errorf("%s (%s)\n%s", v.About, v.Section, diff)
			}
		})
	}
	for area, least := range areas {
		if found[area] < least {
			t.Errorf("area %s has %d vectors, at least %d are expected", area, found[area], least)
		}
		delete(found, area)
	}
	for area := range found {
		t.Errorf("area %s is not in the list of areas", area)
	}
	if len(vectors) < 150 {
		t.Errorf("%d vectors, at least 150 are expected", len(vectors))
	}
}

// applyDiff runs a vector against the core and says what differs.
func applyDiff(t *testing.T, v *fixtures.ApplyVector) string {
	t.Helper()
	edition, err := dc.ParseEdition(v.Request.Edition)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Want.Problems) > 0 {
		return problemsDiff(v)
	}
	c := Case{
		Template: []byte(v.Template), Zone: v.Zone, Domain: v.Request.Domain, Host: v.Request.Host,
		Groups: v.Request.Groups, Variables: v.Request.Variables, Rules: dc.Rules{Edition: edition},
	}
	plan, err := Work(c)
	if v.Want.Error != "" {
		if err == nil {
			return fmt.Sprintf("there is a plan, want error %s: %v", v.Want.Error, plan.Change)
		}
		if class := describe(err).Class; string(class) != v.Want.Error {
			return fmt.Sprintf("error %s (%v), want %s", class, err, v.Want.Error)
		}
		return ""
	}
	if err != nil {
		return fmt.Sprintf("error %s: %v", describe(err).Class, err)
	}
	return changeDiff(v, plan)
}

func problemsDiff(v *fixtures.ApplyVector) string {
	_, err := dc.Parse("template.json", []byte(v.Template))
	problems, _ := errors.AsType[dc.Problems](err)
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%s %d:%d", p.Class, p.Line, p.Column))
	}
	return cmp.Diff(v.Want.Problems, got)
}

// changeDiff compares the change, the conflicts and the whole zone afterwards.
func changeDiff(v *fixtures.ApplyVector, plan Plan) string {
	var conflicts []zone.Record
	for _, c := range plan.Conflicts {
		conflicts = append(conflicts, c.Record)
	}
	removed := append(slices.Clone(v.Want.Conflict), v.Want.Remove...)
	// The zone afterwards follows from the expected change, not from ours.
	after := append(texts(slices.Collect(plan.Before.Records())), v.Want.Add...)
	for _, r := range removed {
		after = without(after, func(have string) bool { return have == r })
	}
	for _, r := range v.Want.Retime {
		after = without(after, func(have string) bool { return noTTL(have) == noTTL(r) })
		after = append(after, r)
	}
	var b strings.Builder
	for _, part := range []struct {
		name string
		want []string
		got  []zone.Record
	}{
		{"added", v.Want.Add, plan.Change.Add},
		{"removed", removed, plan.Change.Remove},
		{"conflicts", v.Want.Conflict, conflicts},
		{"new TTL", v.Want.Retime, plan.Change.Retime},
		{"zone", after, slices.Collect(plan.After.Records())},
	} {
		if diff := recordsDiff(part.want, texts(part.got)); diff != "" {
			fmt.Fprintf(&b, "%s (-want +got):\n%s", part.name, diff)
		}
	}
	return b.String()
}

func texts(records []zone.Record) []string {
	var list []string
	for _, r := range records {
		list = append(list, r.String())
	}
	return list
}

func without(list []string, drop func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(list), drop)
}

// noTTL is a record without its second word.
func noTTL(record string) string {
	words := strings.SplitN(record, " ", 3)
	if len(words) < 3 {
		return record
	}
	return words[0] + " " + words[2]
}

// recordsDiff compares without order. A wanted TTL of * is any.
func recordsDiff(want, got []string) string {
	want, got = slices.Clone(want), slices.Clone(got)
	for i, w := range want {
		if at := slices.IndexFunc(got, func(g string) bool { return noTTL(g) == noTTL(w) }); at >= 0 && strings.Contains(w, " * IN ") {
			want[i] = got[at]
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if slices.Equal(want, got) {
		return ""
	}
	return cmp.Diff(want, got)
}

// signatureDiff runs a vector about a query or a key and says what differs.
func signatureDiff(v *fixtures.SignatureVector) string {
	got, err := signatureOf(v)
	if err != nil {
		if class := classOf(err); v.Want.Error != class {
			return fmt.Sprintf("error %s (%v), want %q", class, err, v.Want.Error)
		}
		return ""
	}
	if v.Want.Error != "" {
		return fmt.Sprintf("no error, want %s", v.Want.Error)
	}
	want := v.Want
	if !want.HasText {
		got.Text, got.HasText = "", false
	}
	if want.Sig == "" {
		got.Sig = ""
	}
	if want.Key == "" {
		got.Key = ""
	}
	if want.Bits+want.Fragments == 0 {
		got.Bits, got.Fragments, got.Warnings = 0, 0, 0
	}
	return cmp.Diff(want, got)
}

func classOf(err error) string {
	refused, _ := errors.AsType[*sign.Error](err)
	if refused == nil {
		return "unclassed"
	}
	return string(refused.Class)
}

func signatureOf(v *fixtures.SignatureVector) (got fixtures.SignatureWant, err error) {
	if v.HasQuery {
		if got.Text, got.Sig, got.Key, err = sign.Split(v.Query); err != nil {
			return got, err
		}
		got.HasText = true
	}
	if v.TXT == nil {
		return got, nil
	}
	key, err := sign.ParseKey(v.TXT)
	if err != nil {
		return got, err
	}
	got.Bits, got.Fragments, got.Warnings = key.RSA.N.BitLen(), key.Fragments, len(key.Warnings)
	if v.HasQuery {
		if err := sign.Verify(v.Query, key); err != nil {
			return got, err
		}
		got.Verifies = true
	}
	return got, nil
}
