package syncapply

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 8.3.1: how long a link may be, and what becomes of longer ones.
var length = []trial.Case{
	{Key: "syncapply-long-link", Title: "links of up to 8000 octets are accepted",
		Requirements: []string{"DC-REQ-URL-LENGTH-ACCEPTED"}, Templates: []string{"plain", "signed", "three-texts"},
		Body: func(t *trial.Trial) {
			const id = "DC-REQ-URL-LENGTH-ACCEPTED"
			for _, service := range []string{"plain", "signed", "three-texts"} {
				t.Twin(t.Request(service))
			}
			var variants []trial.Variant
			for _, octets := range []int{2000, 4000, 7990} {
				for _, service := range []string{"plain", "signed"} {
					variants = append(variants, trial.Variant{What: fmt.Sprintf("%s, %d octets", service, octets), Request: long(t.Request(service), octets)})
				}
			}
			r := t.Request("three-texts")
			for _, name := range []string{"one", "two", "three"} {
				r = r.With(name, strings.Repeat(name, 80))
			}
			variants = append(variants, trial.Variant{What: "long values, 7990 octets", Request: long(r, 7990)})
			t.ReachesEach(id, variants...)
			t.Confirms(id, long(t.Request("plain"), 7990))
		}},
	{Key: "syncapply-long-link-signs-in", Title: "a link of 8000 octets is still whole after the sign-in",
		Requirements: []string{"DC-REQ-URL-LENGTH-ACCEPTED"}, Templates: []string{"plain", "signed"},
		Body: func(t *trial.Trial) {
			const id = "DC-REQ-URL-LENGTH-ACCEPTED"
			t.User()
			t.SignedOut()
			for _, service := range []string{"plain", "signed"} {
				t.Twin(t.Request(service))
				t.Reaches(id, long(t.Request(service), 7990))
			}
		}},
	// What is longer is refused whole or taken whole.
	{Key: "syncapply-too-long-link", Title: "a link is refused as too long, and never cut",
		Requirements: []string{"DC-REQ-URL-LENGTH-REJECTED"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			r := t.Request("plain")
			var wrong []string
			for _, octets := range []int{20_000, 70_000, 1_000_000} {
				if how, ok := wholeOrNothing(t, stuffed(r, octets)); ok {
					t.Note("reading", fmt.Sprintf("a link of %d octets: %s", octets, how))
				} else {
					wrong = append(wrong, fmt.Sprintf("of more than %d octets: %s", octets, how))
				}
			}
			e := t.Given(r, r.Records()...)
			if _, back := e.Back(); !back {
				t.Inconclusive("control-twin", "the short link did not lead back: "+e.String())
			}
			t.Require("DC-REQ-URL-LENGTH-REJECTED", wrong, gomega.BeEmpty(), check.About{
				Sent:     "apply links whose redirect_uri comes behind a parameter of 20,000, 70,000 and 1,000,000 octets",
				Expected: []string{"error=invalid_request", "status 414 or another 4xx", "the connection is closed", "acceptance of the whole link"},
				Actual:   strings.Join(wrong, "; ")})
		}},
}

// long is a request whose link has so many octets, by its state; signatures
// differ in their encoded length, so that a few may be missing.
func long(r trial.Request, octets int) trial.Request {
	state := strings.Repeat("s", octets-len(r.With("state", "").URL()))
	for {
		link := r.With("state", state)
		surplus := len(link.URL()) - octets
		if surplus <= 0 {
			return link
		}
		state = state[surplus:]
	}
}

// stuffed is a request that no part can be missing from unseen: a long
// parameter that nobody knows, and behind it what leads back.
func stuffed(r trial.Request, octets int) trial.Request {
	tail := "&redirect_uri=" + url.QueryEscape(r.Value("redirect_uri"))
	return r.Sending(r.Without("redirect_uri").Text() + "&vnd.dcconform.stuffing=" + strings.Repeat("x", octets) + tail)
}

// wholeOrNothing sends an over-long request and says what became of it; ok is
// false when it was neither refused, in one of many ways, nor carried out with
// everything that is in it.
func wholeOrNothing(t *trial.Trial, r trial.Request) (how string, ok bool) {
	reply, err := t.Try(r.URL())
	switch {
	case err != nil:
		return "the connection is closed", true
	case reply.Status >= http.StatusInternalServerError:
		return fmt.Sprintf("status %d", reply.Status), false
	case reply.Status >= http.StatusBadRequest:
		return fmt.Sprintf("status %d", reply.Status), true
	}
	e := t.Approve(r)
	_, back := e.Back()
	if !e.Asked() {
		return "refused: " + e.String(), e.Refused() && (!back || e.ErrorCode() == "invalid_request")
	}
	return "accepted: " + e.String(), back && e.Succeeded()
}
