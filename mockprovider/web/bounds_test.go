package web

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"weak"

	"github.com/dcconform/dcconform/mockprovider/store"
)

func TestPendingIsBounded(t *testing.T) {
	now := time.Unix(0, 0)
	s := newPending(func() time.Time { return now })
	b := &bond{}
	for i := range maxPending + 1 {
		s.add(fmt.Sprint(i), b, &request{raw: "q"})
	}
	if _, ok := s.get("0", b); ok {
		t.Error("the oldest request is still there")
	}
	if _, ok := s.get("1", b); !ok {
		t.Error("the second oldest request is gone")
	}
	if s.order.Len() != maxPending || len(s.byID) != maxPending || s.octets != maxPending {
		t.Errorf("%d requests, %d ids, %d octets", s.order.Len(), len(s.byID), s.octets)
	}
	big := strings.Repeat("x", maxPendingOctets/2)
	for i := range 3 {
		s.add(fmt.Sprint("big", i), b, &request{raw: big})
	}
	if s.octets > maxPendingOctets || len(s.byID) != 2 {
		t.Errorf("%d octets in %d requests, want at most %d in 2", s.octets, len(s.byID), maxPendingOctets)
	}
	if _, ok := s.get("big2", &bond{}); ok {
		t.Error("another browser finds the request")
	}
	now = now.Add(pendingLife)
	if _, ok := s.get("big2", b); !ok {
		t.Error("expired a moment early")
	}
	now = now.Add(time.Nanosecond)
	if _, ok := s.get("big2", b); ok || s.order.Len() != 0 || s.octets != 0 {
		t.Errorf("not expired: %d requests, %d octets", s.order.Len(), s.octets)
	}
}

func TestSessionsAreBounded(t *testing.T) {
	now := time.Unix(0, 0)
	s := newSessions(func() time.Time { return now })
	tenant, other := &store.Tenant{}, &store.Tenant{}
	for i := range maxSessions {
		s.put(session{id: fmt.Sprint(i), tenant: weak.Make(tenant)})
	}
	if _, ok := s.get("0", tenant); !ok { // it is now the one used last
		t.Fatal("a session is gone before the bound is reached")
	}
	s.put(session{id: "last", tenant: weak.Make(tenant)})
	if _, ok := s.get("0", tenant); !ok {
		t.Error("the session used last is gone")
	}
	if _, ok := s.get("1", tenant); ok {
		t.Error("the session unused for longest is still there")
	}
	if _, ok := s.get("2", other); ok {
		t.Error("a session counts at another tenant")
	}
	now = now.Add(sessionLife)
	if _, ok := s.get("last", tenant); !ok {
		t.Error("expired a moment early")
	}
	now = now.Add(sessionLife)
	if _, ok := s.get("last", tenant); !ok {
		t.Error("expired although it was used")
	}
	now = now.Add(sessionLife + time.Nanosecond)
	if _, ok := s.get("last", tenant); ok || s.order.Len() != 0 || len(s.byID) != 0 {
		t.Errorf("not expired: %d sessions", s.order.Len())
	}
}
