package oauthclient_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/oauthclient"
	"github.com/dcconform/dcconform/suites/target"
)

// together sends n requests of one meeting, and returns their statuses.
func together(t *testing.T, url string, n int) []int {
	t.Helper()
	meeting := oauthclient.NewMeeting(n)
	c := oauthclient.Client{Meeting: meeting, Recorder: &target.Recorder{Transport: http.DefaultTransport}}
	answers := make([]oauthclient.Answer, n)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			answers[i] = c.Send(t.Context(), "POST", url, []client.Param{{Name: "host", Value: "a b"}}, oauthclient.Mixed, "token")
		})
	}
	all.Wait()
	statuses := make([]int, n)
	for i, a := range answers {
		if statuses[i] = a.Status(); a.Err != nil {
			t.Error(a.Err)
		}
	}
	return statuses
}

func TestMeeting(t *testing.T) {
	for range 20 {
		var begun, read atomic.Int32
		s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			begun.Add(1)
			body, err := io.ReadAll(r.Body)
			if n := begun.Load(); n != 4 {
				t.Errorf("a body was there when %d of 4 requests were", n)
			}
			if string(body) != "{}" || err != nil || r.URL.RawQuery != "host=a%20b" {
				t.Errorf("%s with %q, %v", r.URL, body, err)
			}
			read.Add(1)
		}))
		if got := together(t, s.URL, 4); !slices.Equal(got, []int{200, 200, 200, 200}) || read.Load() != 4 {
			t.Errorf("statuses %v, %d bodies", got, read.Load())
		}
		s.Close()
	}
}

// A request that is answered before its body is asked for keeps nobody waiting.
func TestMeetingWithoutOne(t *testing.T) {
	var first atomic.Bool
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if first.CompareAndSwap(false, true) {
			w.WriteHeader(http.StatusExpectationFailed)
			return
		}
		if _, err := io.ReadAll(r.Body); err != nil {
			t.Error(err)
		}
	}))
	defer s.Close()
	got := together(t, s.URL, 3)
	slices.Sort(got)
	if !slices.Equal(got, []int{200, 200, 417}) {
		t.Errorf("statuses %v", got)
	}
}

func TestMeetingOfNobody(t *testing.T) {
	oauthclient.NewMeeting(0)
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer s.Close()
	c := oauthclient.Client{Meeting: oauthclient.NewMeeting(0), Recorder: &target.Recorder{Transport: http.DefaultTransport}}
	if a := c.Send(t.Context(), "POST", s.URL, nil, oauthclient.InQuery, ""); a.Status() != 200 {
		t.Errorf("%+v", a)
	}
}
