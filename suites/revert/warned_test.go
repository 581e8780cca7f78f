package revert

import (
	"net/http"
	"testing"

	"github.com/dcconform/dcconform/suites/trial"
)

func answer(body string, fields ...string) trial.Reply {
	r := trial.Reply{Status: 200, Header: http.Header{"Date": {"now"}}, Body: []byte(body)}
	for _, f := range fields {
		r.Header.Set(f, "x")
	}
	return r
}

func TestWarned(t *testing.T) {
	type two = [2]trial.Reply
	same := func(r trial.Reply) two { return two{r, r} }
	for _, tc := range []struct {
		name       string
		done, idle two
		want       bool
	}{
		{"nothing is said", same(answer("")), same(answer("")), false},
		{"the same is said", same(answer("done")), same(answer("done")), false},
		{"another word", same(answer("done")), same(answer("nothing to do")), true},
		{"a word where there was none", same(answer("")), same(answer("noop")), true},
		{"a word more", same(answer(`{"status":"ok"}`)), same(answer(`{"status":"ok","warning":"not applied"}`)), true},
		{"a word less", same(answer(`{"removed":["note"]}`)), same(answer(`{"removed":[]}`)), true},
		{"all words less", same(answer(`{"removed":["note"]}`)), same(answer(`{}`)), true},
		{"a count", same(answer(`{"removed":2}`)), same(answer(`{"removed":0}`)), true},
		{"another order of the same", same(answer(`{"a":1,"b":2}`)), same(answer(`{"b":2,"a":1}`)), false},
		{"no body where there was one", same(answer("done")), same(answer(" \n")), false},
		{"an id of each answer", two{answer("done 5f2a"), answer("done 77bc")}, two{answer("done 90de"), answer("done 12ab")}, false},
		{"the time, all in one second", same(answer("done at 12:00:01")), same(answer("done at 12:00:01")), false},
		{"the time, a second between", two{answer("at 12:00:01"), answer("at 12:00:02")}, two{answer("at 12:00:01"), answer("at 12:00:02")}, false},
		{"the time, a second at the end", two{answer("at 12:00:01"), answer("at 12:00:01")}, two{answer("at 12:00:01"), answer("at 12:00:02")}, false},
		{"an id beside a warning", two{answer("done 5f2a"), answer("done 77bc")}, two{answer("idle 90de"), answer("idle 12ab")}, true},
		{"a warning once", same(answer("done")), two{answer("nothing to do"), answer("done")}, false},
		{"the request repeated", same(answer("done at dcc7")), same(answer("done at never.dcc7")), false},
		{"a field", same(answer("done")), same(answer("done", "Warning")), true},
		{"a field on its own", same(answer("")), same(answer("", "X-Dc-Note")), true},
		{"a field of the body", same(answer("done")), same(answer("done", "Content-Length", "Etag")), false},
		{"a field that others have", two{answer("", "X-Node"), answer("")}, same(answer("", "X-Node")), false},
	} {
		if got := warned(tc.done, tc.idle, []string{"dcc7", "never.dcc7", ""}); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
	other := answer("")
	other.Status = 204
	if warned(same(answer("")), same(other), nil) {
		t.Error("another status of 2xx is taken for a warning")
	}
}
