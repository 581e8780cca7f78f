package trial

import (
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
	v, err := m.get("a", ask(false, down))
	expect("no answer is not kept", v, err, 1, down)
	for n := range 3 {
		v, err = m.get("a", ask(false, nil))
		expect("a bad answer is asked for again", v, err, n+2, nil)
	}
	for range 10 {
		v, err = m.get("a", ask(true, nil))
		expect("and then it stands", v, err, 4, nil)
	}
	v, err = m.get("a", ask(true, nil))
	expect("but for one in a while", v, err, 5, nil)
	v, err = m.get("a", ask(false, down))
	expect("a good one stays", v, err, 5, nil)
	v, err = m.get("b", ask(true, nil))
	expect("each has its own", v, err, 6, nil)
}
