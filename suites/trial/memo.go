package trial

import "sync"

// memo keeps what is asked for once in a run. An answer that is not good is
// asked for again, as often and at such distances as patience has it: a target
// that recovers is seen to, and one that does not is not asked by every case.
// No answer at all is not kept; who asks counts those. The zero value is
// empty.
type memo[T any] struct {
	mu    sync.Mutex
	kept  map[string]*attempt[T]
	tries patience
}

type attempt[T any] struct {
	value T
	good  bool
}

// get returns what ask has found for a key, or asks; good says that there is
// no better answer to be had.
func (m *memo[T]) get(key string, ask func() (value T, good bool, err error)) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if a := m.kept[key]; a != nil && (a.good || m.tries.allow(key) != nil) {
		return a.value, nil
	}
	value, good, err := ask()
	if err != nil {
		return value, err
	}
	if !good {
		m.tries.miss(key, nil)
	}
	if m.kept == nil {
		m.kept = map[string]*attempt[T]{}
	}
	m.kept[key] = &attempt[T]{value: value, good: good}
	return value, nil
}
