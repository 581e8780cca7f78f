package reports

import (
	"bytes"
	"strings"
	"testing"
)

// A shard that contradicts itself cannot be relied on.
func TestShardsThatContradictThemselves(t *testing.T) {
	shard := func(change func(r *Run)) error {
		a, b := planned("a", SubjectTemplate, MUST), planned("b", SubjectTemplate, MUST)
		r := newRun(a)
		r.Scope, r.Shard, r.WholePlan = ScopeFiltered, &Shard{Index: 1, Of: 2, Scope: ScopeFull}, []Planned{a, b}
		r.Results = []Result{result(a, Pass)}
		r.Finish(finished)
		change(r)
		var text bytes.Buffer
		if err := WriteJSON(&text, r); err != nil {
			t.Fatal(err)
		}
		back, err := ReadJSON(bytes.NewReader(text.Bytes()))
		if err == nil {
			if back.Shard.String() != "1/2" || len(back.WholePlan) != 2 || back.WholePlan[1].ID != "b" {
				t.Errorf("read back: %+v", back)
			}
			if err := validate(t, compiledSchema(t), text.String()); err != nil {
				t.Error(err)
			}
		}
		return err
	}
	if err := shard(func(*Run) {}); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(r *Run){
		"report: there is a whole plan, but the run is no shard":     func(r *Run) { r.Shard = nil },
		"report: there is no shard 3/2":                              func(r *Run) { r.Shard.Index = 3 },
		"report: there is no shard 0/2":                              func(r *Run) { r.Shard.Index = 0 },
		`report: unknown scope "half" of the shard`:                  func(r *Run) { r.Shard.Scope = "half" },
		`report: the scope is "full", but the run is shard 1/2`:      func(r *Run) { r.Scope = ScopeFull },
		"report: the whole plan has 0 cases, and this shard alone 1": func(r *Run) { r.WholePlan = nil },
	} {
		if err := shard(change); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nwant  %s", err, want)
		}
	}
}
