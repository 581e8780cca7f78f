package prove

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/selftest"
)

// answers has calls to take a template back answered with these, when they are
// carried out and when there is nothing to take back.
func answers(done, status int, said, idle string) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Web = append(c.Hooks.Web, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasSuffix(r.URL.Path, "/revert") {
					next.ServeHTTP(w, r)
					return
				}
				given := httptest.NewRecorder()
				next.ServeHTTP(given, r)
				code, body := done, said
				if given.Code >= 300 {
					code, body = status, idle
				}
				w.WriteHeader(code)
				_, _ = w.Write([]byte(body))
			})
		})
	}
}

// counted answers calls to take a template back with 200, and with what each
// call has of its own.
func counted(said string) func(*store.TenantConfig) {
	var calls atomic.Int64
	return func(c *store.TenantConfig) {
		c.Hooks.Web = append(c.Hooks.Web, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasSuffix(r.URL.Path, "/revert") {
					next.ServeHTTP(w, r)
					return
				}
				next.ServeHTTP(httptest.NewRecorder(), r)
				_, _ = fmt.Fprintf(w, said, calls.Add(1), r.URL.Query().Get("host"))
			})
		})
	}
}

// The answers to a call that has nothing to take back, in either edition.
func TestAnswersWithoutEffect(t *testing.T) {
	for edition, outcomes := range map[register.Edition]struct{ same, empty, warned, missing, gone reports.Outcome }{
		register.IETF05:   {reports.Warning, reports.Warning, reports.Warning, reports.Pass, reports.Pass},
		register.DCSpec23: {reports.Fail, reports.Fail, reports.Pass, reports.Pass, reports.Pass},
	} {
		t.Run(string(edition), func(t *testing.T) {
			kept := selftest.Options{Edition: edition, Kind: selftest.Stateful}
			judge(t, []dud{
				{What: "200 with the same body", Case: "revert-gone", Options: kept, Break: answers(200, 200, "done", "done"), Outcome: outcomes.same},
				{What: "200 without a body", Case: "revert-gone", Options: kept, Break: answers(200, 200, "", ""), Outcome: outcomes.empty},
				{What: "200 with a warning", Case: "revert-gone", Options: kept, Break: answers(200, 200, "done", "nothing to do"), Outcome: outcomes.warned},
				{What: "200 with a number of its own", Case: "revert-gone", Options: kept, Break: counted("request %d done at %s"), Outcome: outcomes.same},
				{What: "200 with less in it", Case: "revert-gone", Options: kept, Break: answers(200, 200, `{"removed":["note"]}`, `{"removed":[]}`), Outcome: outcomes.warned},
				{What: "204 in place of 200", Case: "revert-gone", Options: kept, Break: answers(200, 204, "", ""), Outcome: outcomes.empty},
				{What: "200 with a number of its own, of instances", Case: "revert-unknown-instance", Options: kept, Break: counted("request %d done at %s"), Outcome: outcomes.same},
				{What: "200 with a warning of instances", Case: "revert-unknown-instance", Options: kept, Break: answers(200, 200, "done", "nothing to do"), Outcome: outcomes.warned},
				{What: "404 of instances", Case: "revert-unknown-instance", Options: kept, Break: answers(200, 404, "", ""), Outcome: outcomes.missing},
				{What: "404", Case: "revert-gone", Options: kept, Break: answers(200, 404, "", ""), Outcome: outcomes.missing},
				{What: "410", Case: "revert-gone", Options: kept, Break: answers(200, 410, "", ""), Outcome: outcomes.gone},
			})
		})
	}
}
