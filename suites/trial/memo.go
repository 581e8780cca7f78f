package trial

import (
	"context"
	"sync"
)

// memo keeps what is asked for once in a run. What did not come out well is
// asked for once more, by the next case that wants it, and then no longer: a
// target that is slow to say nothing would be so in every case. The zero value
// is empty.
type memo[T any] struct {
	mu   sync.Mutex
	kept map[string]*attempt[T]
}

type attempt[T any] struct {
	value T
	err   error
	tries int
	good  bool
}

// memoTries is how often something is asked for that does not come out well.
const memoTries = 2

// get returns what ask has found for a key, or asks; good says that there is
// no better answer to be had. What the end of the context cut short is not
// kept.
func (m *memo[T]) get(ctx context.Context, key string, ask func() (value T, good bool, err error)) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.kept[key]
	if a == nil {
		a = &attempt[T]{}
	}
	if a.good || a.tries == memoTries {
		return a.value, a.err
	}
	value, good, err := ask()
	if err != nil && ctx.Err() != nil {
		return value, err
	}
	a.value, a.good, a.err = value, good, err
	a.tries++
	if m.kept == nil {
		m.kept = map[string]*attempt[T]{}
	}
	m.kept[key] = a
	return value, err
}
