package web

import (
	"container/list"
	"sync"
	"time"
)

const (
	// pendingLife is how long a user may take from the link to the answer.
	pendingLife = 15 * time.Minute
	// maxPending and maxPendingOctets bound the memory; the oldest goes.
	maxPending       = 4096
	maxPendingOctets = 64 << 20
)

// pending is a validated apply request that waits for the user. Each has an
// entry of its own, so that two tabs do not mix.
type pending struct {
	id      string
	owner   *bond
	request *request
	since   time.Time

	// mu is held while an answer is carried out, so that of two answers at
	// once the second finds the end of the first.
	mu  sync.Mutex
	end *ending
}

// ending is how a flow ended: with a redirect, or with a page.
type ending struct {
	location string
	page     outcomePage
}

// pendingRequests holds what waits, oldest first.
type pendingRequests struct {
	clock  func() time.Time
	mu     sync.Mutex
	byID   map[string]*list.Element
	order  *list.List
	octets int
}

func newPending(clock func() time.Time) *pendingRequests {
	return &pendingRequests{clock: clock, byID: map[string]*list.Element{}, order: list.New()}
}

// add keeps a request for the browser until it is answered or expires.
func (s *pendingRequests) add(id string, owner *bond, r *request) *pending {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &pending{id: id, owner: owner, request: r, since: s.clock()}
	s.byID[id] = s.order.PushBack(p)
	s.octets += len(r.raw)
	for s.order.Len() > maxPending || s.octets > maxPendingOctets && s.order.Len() > 1 {
		s.drop(s.order.Front())
	}
	return p
}

// get finds a request that waits for this browser.
func (s *pendingRequests) get(id string, owner *bond) (*pending, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for e := s.order.Front(); e != nil && s.clock().Sub(e.Value.(*pending).since) > pendingLife; e = s.order.Front() {
		s.drop(e)
	}
	e, ok := s.byID[id]
	if !ok || e.Value.(*pending).owner != owner {
		return nil, false
	}
	return e.Value.(*pending), true
}

func (s *pendingRequests) drop(e *list.Element) {
	p := s.order.Remove(e).(*pending)
	delete(s.byID, p.id)
	s.octets -= len(p.request.raw)
}
