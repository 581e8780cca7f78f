package trial

import (
	"context"
	"errors"
	"testing"
)

func TestMemo(t *testing.T) {
	var m memo[int]
	asked := 0
	ask := func(good bool, err error) func() (int, bool, error) {
		return func() (int, bool, error) { asked++; return asked, good, err }
	}
	down := errors.New("down")
	expect := func(what string, value int, err error, want int, wantErr error) {
		t.Helper()
		if value != want || !errors.Is(err, wantErr) || asked != want {
			t.Errorf("%s: %d, %v, asked %d times; want %d, %v", what, value, err, asked, want, wantErr)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	v, err := m.get(ended, "a", ask(false, down))
	expect("cut short", v, err, 1, down)
	v, err = m.get(t.Context(), "a", ask(false, down))
	expect("failed", v, err, 2, down)
	v, err = m.get(t.Context(), "a", ask(false, nil))
	expect("failed again", v, err, 3, nil)
	v, err = m.get(t.Context(), "a", ask(true, nil))
	expect("no third time", v, err, 3, nil)
	v, err = m.get(t.Context(), "b", ask(true, nil))
	expect("good", v, err, 4, nil)
	v, err = m.get(t.Context(), "b", ask(false, down))
	expect("kept", v, err, 4, nil)
}
