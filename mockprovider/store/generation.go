package store

import "sync"

// generation counts changes, and wakes those who wait for one.
type generation struct {
	mu     sync.Mutex
	number uint64
	// next is closed on the next change; nil while nobody waits.
	next chan struct{}
}

// touch notes a change.
func (g *generation) touch() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.number++
	if g.next != nil {
		close(g.next)
		g.next = nil
	}
}

// Generation counts the changes of everything that outlives a request: zones,
// tenants, their configuration and faults, published keys. next is closed when the number
// rises. Who keeps a copy reads the number first and the store then, so that a
// change in between is seen the next time. Scripts are not counted.
func (s *Store) Generation() (number uint64, next <-chan struct{}) {
	g := &s.generation
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.next == nil {
		g.next = make(chan struct{})
	}
	return g.number, g.next
}
