package mockprovider_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dcconform/dcconform/mockprovider"
	"github.com/dcconform/dcconform/mockprovider/fault"
)

// look is one request, or a few, that a fault is seen by: what they come to at
// a provider as it should be, and at one with the fault.
type look struct {
	fault, good, bad string
	stateful         bool
	see              func(w *asyncWorld) string
}

// end is where a link leads that the user confirms, or cancels.
func end(action string, overrides ...string) func(*asyncWorld) string {
	return func(w *asyncWorld) string {
		to, _ := w.answer(action, overrides...)
		return to
	}
}

// redeemed is what a token request for a fresh code is answered with.
func redeemed(overrides ...string) func(*asyncWorld) string {
	return func(w *asyncWorld) string {
		_, code := w.answer("confirm")
		status, _ := w.ask(code, overrides...)
		return status
	}
}

// called is what a call is answered with, with a token for t1 at the apex.
func called(path, params string, granted ...string) func(*asyncWorld) string {
	return func(w *asyncWorld) string {
		access, _ := w.token(granted...)
		return w.call(access, path, strings.ReplaceAll(params, "NAME", w.tenant.Name()))
	}
}

var looks = slices.Concat([]look{
	{"async-without-url", "true", "false", false, func(w *asyncWorld) string {
		_, text := w.do(http.MethodGet, w.base+"/v2/"+w.domain("a")+"/settings", "", "", "")
		if strings.Contains(text, `"urlAsyncUX":"`+w.base+`/ux/async"`) {
			return "true"
		}
		return "false"
	}},
	{"async-no-template-query", "200", "404", false, func(w *asyncWorld) string {
		resp, _ := w.do(http.MethodGet, w.base+"/api/v2/domainTemplates/providers/sp.test/services/lock", "", "", "")
		return resp.Status[:3]
	}},
	{"unknown-client-redirect", "page 400", "https://evil.test/?error=unauthorized_client", false, end("confirm", "client_id=nobody", "redirect_uri=https://evil.test/")},
	{"bad-redirect-followed", "page 400", "https://evil.test/?error=invalid_request", false, end("confirm", "redirect_uri=https://evil.test/")},
	{"async-services-segment", registered + "&code=CODE&state=s1", "page 404", false, end("confirm")},
	{"silent-code", "page 200", registered + "&code=CODE&state=s1", false, func(w *asyncWorld) string {
		resp, _ := w.page(w.link())
		if to := resp.Header.Get("Location"); to != "" {
			return codeValue.ReplaceAllString(to, "code=CODE")
		}
		return "page " + resp.Status[:3]
	}},
	{"scope-comma", registered + "&code=CODE&state=s1", registered + "&error=invalid_scope&error_description=scope%20is%20a%20list%20of%20templates%20that%20are%20supported%20here&state=s1", false, end("confirm", "scope=t1%20t2")},
	{"scope-unknown-dropped", registered + "&error=invalid_scope&error_description=scope%20is%20a%20list%20of%20templates%20that%20are%20supported%20here&state=s1", registered + "&code=CODE&state=s1", false, end("confirm", "scope=t1%20t9")},
	{"blank-host-dropped", "200", "401", false, called("t1/apply", "v=1&force=1", "host=s1,")},
	{"absent-host-grants-nothing", "200", "401", false, called("t1/apply", "v=1&force=1")},
	{"apex-always-granted", "401", "200", false, called("t1/apply", "v=1&force=1", "host=s1")},
	{"code-in-fragment", registered + "&code=CODE&state=s1", registered + "&state=s1#code=CODE", false, end("confirm")},
	{"async-state-lost", registered + "&error=access_denied&error_description=user_cancel%3A%20the%20user%20did%20not%20agree%20to%20the%20changes&state=s1", registered + "&error=access_denied&error_description=user_cancel%3A%20the%20user%20did%20not%20agree%20to%20the%20changes", false, end("cancel")},
	{"cancel-with-code", registered + "&error=access_denied&error_description=user_cancel%3A%20the%20user%20did%20not%20agree%20to%20the%20changes&state=s1", registered + "&error=access_denied&error_description=user_cancel%3A%20the%20user%20did%20not%20agree%20to%20the%20changes&state=s1&code=c0ffee", false, end("cancel")},
	{"code-beside-error", registered + "&error=invalid_scope&error_description=scope%20is%20a%20list%20of%20templates%20that%20are%20supported%20here&state=s1", registered + "&error=invalid_scope&error_description=scope%20is%20a%20list%20of%20templates%20that%20are%20supported%20here&state=s1&code=c0ffee", false, end("confirm", "scope=t1%20t9")},
	{"odd-state-refused", registered + "&code=CODE&state=a%20b", "page 500", false, end("confirm", "state=a%20b")},
	{"redirect-prefix-match", "page 400", "https://sp.test.evil.test/cb?code=CODE&state=s1", false, end("confirm", "redirect_uri=https://sp.test.evil.test/cb")},
	{"redirect-path-ignored", "page 400", "https://sp.test/cb/../x?code=CODE&state=s1", false, end("confirm", "redirect_uri=https://sp.test/cb/../x")},
	{"response-type-required", registered + "&code=CODE&state=s1", registered + "&error=unsupported_response_type&error_description=response_type%20is%20code%2C%20or%20absent&state=s1", false, end("confirm", "response_type")},
	{"response-type-ignored", registered + "&error=unsupported_response_type&error_description=response_type%20is%20code%2C%20or%20absent&state=s1", registered + "&code=CODE&state=s1", false, end("confirm", "response_type=token")},
	{"first-pair-only", "by hand", "", false, func(w *asyncWorld) string {
		access, _ := w.token()
		w.call(access, "t1/apply", "v=1&force=1")
		_, body := w.page(w.link("scope=t2%20t1", "v=2"))
		if strings.Contains(body, `id="lost"`) || strings.Contains(body, "t1."+w.domain("a")) {
			return "by hand"
		}
		return ""
	}},
	{"raw-escape-at-consent", "a:b", "a%3Ab", false, func(w *asyncWorld) string {
		_, body := w.page(w.link("v=a%3Ab"))
		_, rest, _ := strings.Cut(body, "<dt>Value of <bdi>v</bdi></dt><dd><bdi>")
		value, _, _ := strings.Cut(rest, "<")
		return value
	}},
	{"async-name-replaces", "Allow <bdi>One</bdi>", "Allow <bdi>More</bdi>", false, func(w *asyncWorld) string {
		_, body := w.page(w.link("serviceName=More", "providerName=Reseller"))
		_, rest, _ := strings.Cut(body, "<h1>")
		heading, _, _ := strings.Cut(rest, "</h1>")
		return heading
	}},
	{"any-zone", "page 403", registered + "&code=CODE&state=s1", false, func(w *asyncWorld) string {
		to, _ := w.answer("confirm", "domain="+w.domain("o"))
		if strings.Contains(to, "error=access_denied") {
			return "page 403"
		}
		return to
	}},
}, tokenLooks, bearerLooks, callLooks, revertLooks)

var tokenLooks = []look{
	{"token-by-get", "405", "200", false, func(w *asyncWorld) string {
		_, code := w.answer("confirm")
		resp, _ := w.do(http.MethodGet, w.base+"/api/v2/oauth/access_token?grant_type=authorization_code&client_id=sp.test&client_secret=hush&code="+code+"&redirect_uri="+url.QueryEscape(registered), "", "", "")
		return resp.Status[:3]
	}},
	{"form-body-only", "200", "400 invalid_request", false, redeemed()},
	{"grant-type-ignored", "400 invalid_request", "200", false, redeemed("refresh_token=x")},
	{"redirect-not-compared", "400 invalid_grant", "200", false, redeemed("redirect_uri=https://sp.test/")},
	{"code-not-bound-to-client", "400 invalid_grant", "200", false, redeemed("client_id=second")},
	{"refresh-of-another-client", "400 invalid_grant", "200", false, func(w *asyncWorld) string {
		_, refresh := w.token()
		status, _ := w.ask("", "code", "grant_type=refresh_token", "refresh_token="+refresh, "client_id=second")
		return status
	}},
	{"secret-not-checked", "401 invalid_client", "200", false, redeemed("client_secret=husH")},
	{"code-replay", "400 invalid_grant", "200", false, func(w *asyncWorld) string {
		_, code := w.answer("confirm")
		w.ask(code)
		status, _ := w.ask(code)
		return status
	}},
	{"code-for-ever", "400 invalid_grant", "200", false, func(w *asyncWorld) string {
		_, code := w.answer("confirm", "client_id=hasty")
		status, _ := w.ask(code, "client_id=hasty")
		return status
	}},
	{"token-type-jwt", "bearer", "JWT", false, func(w *asyncWorld) string {
		_, code := w.answer("confirm")
		_, reply := w.ask(code)
		kind, _ := reply["token_type"].(string)
		return kind
	}},
	{"expires-as-date", "a number", "2030-01-01T00:00:00Z", false, func(w *asyncWorld) string {
		_, code := w.answer("confirm")
		_, reply := w.ask(code)
		if reply["expires_in"] == 3600.0 {
			return "a number"
		}
		text, _ := reply["expires_in"].(string)
		return text
	}},
	{"refresh-refused", "200", "400 unsupported_grant_type", false, func(w *asyncWorld) string {
		_, refresh := w.token()
		status, _ := w.ask("", "code", "grant_type=refresh_token", "refresh_token="+refresh)
		return status
	}},
	{"token-error-200", "400 invalid_grant", "200 invalid_grant", false, redeemed("code=x")},
	{"token-in-query", "401", "200", false, func(w *asyncWorld) string {
		access, _ := w.token()
		return w.call("", "t1/apply", "v=1&force=1&access_token="+access)
	}},
	{"missing-token-accepted", "401", "200", false, func(w *asyncWorld) string {
		access, _ := w.token()
		w.call(access, "t1/apply", "v=1&force=1")
		return w.call("", "t1/apply", "v=2&force=1")
	}},
	{"expired-token-honoured", "401", "200", false, called("t1/apply", "v=1&force=1", "client_id=short")},
	{"revoked-token-honoured", "401", "200", false, func(w *asyncWorld) string {
		access, _ := w.token()
		w.tenant.Grants().Revoke("alice", "1")
		return w.call(access, "t1/apply", "v=1&force=1")
	}},
	{"refresh-after-revoke", "400 invalid_grant", "200", false, func(w *asyncWorld) string {
		_, refresh := w.token()
		w.tenant.Grants().Revoke("alice", "1")
		status, _ := w.ask("", "code", "grant_type=refresh_token", "refresh_token="+refresh)
		return status
	}},
	{"user-only-check", "401", "200", false, called("t1/apply", "v=1&force=1&domain=b.NAME.test")},
	{"domain-not-checked", "401", "200", false, called("t1/apply", "v=1&force=1&domain=o.NAME.test")},
	{"client-wide-access", "401 401", "200 401", false, func(w *asyncWorld) string {
		access, _ := w.token()
		// That the client has asked is what counts, whatever came of it.
		w.page(w.link("domain=" + w.domain("o")))
		return w.call(access, "t1/apply", "v=1&force=1&domain="+w.domain("o")) + " " + w.call(access, "t1/apply", "v=1&force=1&domain="+w.domain("b"))
	}},
	{"host-suffix-match", "401", "200", false, called("t1/apply", "v=1&host=a.s1", "host=s1")},
	{"host-not-checked", "401", "200", false, called("t1/apply", "v=1&host=s2", "host=s1")},
	{"scope-not-checked", "401", "200", false, called("t2/apply", "")},
	{"provider-not-checked", "401", "200", false, called("other.test:t1/apply", "")},
}

var callLooks = []look{
	{"put-only-apply", "200", "405", false, called("t1/apply", "v=1&force=1")},
	{"json-values-percent-decoded", `"a%2Bb"`, `"a+b"`, false, func(w *asyncWorld) string {
		access, _ := w.token("host=s1")
		w.called(http.MethodPost, access, "t1/apply", "host=s1", `{"v":"a%2Bb"}`)
		return w.records("t1.s1", "TXT")
	}},
	{"apply-query-only", "200", "400", false, func(w *asyncWorld) string {
		access, _ := w.token("host=s1")
		status, _ := w.called(http.MethodPost, access, "t1/apply", "host=s1", `{"v":"1"}`)
		return status
	}},
	{"consent-time-conflicts-cached", "409", "200", false, func(w *asyncWorld) string {
		access, _ := w.token("scope=t2")
		w.put("t2 300 IN A 192.0.2.77")
		return w.call(access, "t2/apply", "")
	}},
	{"empty-conflict-body", `{"code":"409","message":"Conflicting records","records":[{"type":"A","host":"t2","data":"192.0.2.77"}]}`, "", false, conflictBody},
	{"conflict-records-as-strings", `{"code":"409","message":"Conflicting records","records":[{"type":"A","host":"t2","data":"192.0.2.77"}]}`, `"records":["t2 A 192.0.2.77"]`, false, conflictBody},
	{"forced-leaves-old", "200 192.0.2.9", "200 192.0.2.77 192.0.2.9", false, forcedWith("1")},
	{"conflict-despite-force", "200 192.0.2.9", "409 192.0.2.77", false, forcedWith("1")},
	{"any-force-is-true", "409 192.0.2.77", "200 192.0.2.9", false, forcedWith("0")},
	{"api-error-500", "400", "500", false, called("t1/apply", "")},
	{"lost-update", `200 "1" "2"`, `200 "1" `, false, overtaken},
	{"async-syncblock", "200", "400", false, called("lock/apply", "v=1", "scope=lock")},
	{"instance-id-required", "200", "400", false, called("lock/apply", "v=1", "scope=lock")},
	{"instance-id-refused", "200", "400", false, called("lock/apply", "v=1&instanceId=i1", "scope=lock")},
	{"api-unknown-param-400", "200", "400", false, called("t1/apply", "v=1&force=1&foo=bar")},
}

var revertLooks = []look{
	{"revert-noop-200", "501", "200", false, called("t1/revert", "")},
	{"put-only-revert", "410", "405", true, called("t1/revert", "")},
	{"revert-body-ignored", "200 ", `200 "1"`, true, func(w *asyncWorld) string {
		access, _ := w.token("scope=lock", "host=s1,")
		for _, host := range []string{"", "s1"} {
			w.call(access, "lock/apply", "v=1&host="+host)
		}
		status, _ := w.called(http.MethodPost, access, "lock/revert", "", `{"domain":"`+w.domain("a")+`","host":"s1"}`)
		return status + " " + w.records("lock.s1", "TXT")
	}},
	{"revert-unchecked", "401", "200", true, func(w *asyncWorld) string {
		other, _ := w.token("scope=t2")
		w.call(other, "t2/apply", "")
		access, _ := w.token()
		return w.call(access, "t2/revert", "")
	}},
	{"revert-domain-unchecked", "401", "200", true, func(w *asyncWorld) string {
		other, _ := w.token("domain=" + w.domain("b"))
		w.call(other, "t1/apply", "v=1&domain="+w.domain("b"))
		access, _ := w.token()
		return w.call(access, "t1/revert", "domain="+w.domain("b"))
	}},
	{"revert-by-rendering", `410 "by hand"`, "410 ", true, func(w *asyncWorld) string {
		access, _ := w.token()
		status := w.call(access, "t1/revert", "")
		return strings.Replace(status, "200", "410", 1) + " " + w.records("t1", "TXT")
	}},
	{"second-revert-200", "410", "200", true, called("t1/revert", "")},
	{"unknown-instance-removes-all", `410 "1" "2"`, "200 ", true, instancesAfter("instanceId=i9")},
	{"unknown-instance-200", `410 "1" "2"`, `200 "1" "2"`, true, instancesAfter("instanceId=i9")},
	{"newest-instance-only", "200 ", `200 "1"`, true, instancesAfter("")},
	{"rrset-deleted", `"by hand too"`, "", true, func(w *asyncWorld) string {
		access, _ := w.token("scope=lock")
		w.call(access, "lock/apply", "v=1")
		w.put(`lock 600 IN TXT "by hand too"`)
		w.call(access, "lock/revert", "")
		return w.records("lock", "TXT")
	}},
	{"revert-drops-spf", `"v=spf1 a -all"`, "", true, func(w *asyncWorld) string {
		access, _ := w.token("scope=mail")
		w.call(access, "mail/apply", "")
		if got := w.records("", "TXT"); !strings.Contains(got, "include:mail.test") {
			return "not merged: " + got
		}
		w.call(access, "mail/revert", "")
		return w.records("", "TXT")
	}},
	{"revert-ignores-host", `"2"`, "", true, func(w *asyncWorld) string {
		access, _ := w.token("scope=lock", "host=s1,s2")
		w.call(access, "lock/apply", "v=1&host=s1")
		w.call(access, "lock/apply", "v=2&host=s2")
		w.call(access, "lock/revert", "host=s1")
		return w.records("lock.s2", "TXT")
	}},
}

// overtaken has one call come and go while another, which has begun, is waited
// for with its body.
func overtaken(w *asyncWorld) string {
	access, _ := w.token("host=s1,s2")
	body := &late{first: func() { w.call(access, "t1/apply", "host=s2&v=2") }, rest: strings.NewReader("{}")}
	address := w.base + "/api/v2/domainTemplates/providers/sp.test/services/t1/apply?host=s1&v=1&domain=" + w.domain("a")
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, address, body)
	if err != nil {
		w.t.Fatal(err)
	}
	r.ContentLength = 2
	for name, value := range map[string]string{"Authorization": "Bearer " + access, "Content-Type": "application/json", "Expect": "100-continue"} {
		r.Header.Set(name, value)
	}
	transport := w.provider.Client().Transport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	transport.ExpectContinueTimeout = time.Minute
	resp, err := transport.RoundTrip(r)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = resp.Body.Close()
	return strings.Join([]string{resp.Status[:3], w.records("t1.s1", "TXT"), w.records("t1.s2", "TXT")}, " ")
}

// late is a body before which something else is done.
type late struct {
	first func()
	rest  io.Reader
	once  sync.Once
}

// Read implements io.Reader.
func (l *late) Read(p []byte) (int, error) {
	l.once.Do(l.first)
	return l.rest.Read(p)
}

func conflictBody(w *asyncWorld) string {
	access, _ := w.token("scope=t2")
	w.put("t2 300 IN A 192.0.2.77")
	_, body := w.called(http.MethodPost, access, "t2/apply", "", "")
	return body
}

// forcedWith is what becomes of an address that is in the way.
func forcedWith(force string) func(*asyncWorld) string {
	return func(w *asyncWorld) string {
		access, _ := w.token("scope=t2")
		w.put("t2 300 IN A 192.0.2.77")
		return w.call(access, "t2/apply", "force="+force) + " " + w.records("t2", "A")
	}
}

// instancesAfter is what is left of two instances.
func instancesAfter(params string) func(*asyncWorld) string {
	return func(w *asyncWorld) string {
		access, _ := w.token("scope=lock")
		w.call(access, "lock/apply", "v=1&instanceId=i1")
		w.call(access, "lock/apply", "v=2&instanceId=i2")
		status := w.call(access, "lock/revert", params)
		return status + " " + w.records("lock", "TXT")
	}
}

// TestFaultsOfTheAsynchronousFlow shows each fault beside the provider as it
// should be, by requests that differ in nothing.
func TestFaultsOfTheAsynchronousFlow(t *testing.T) {
	p := &mockprovider.Provider{}
	start(t, p)
	seen := map[string]bool{}
	for _, l := range looks {
		seen[l.fault] = true
		t.Run(l.fault, func(t *testing.T) {
			if got := l.see(newAsyncWorld(t, p, l.fault+"-not", l.stateful)); got != l.good {
				t.Errorf("as it should be:\ngot  %s\nwant %s", got, l.good)
			}
			got := l.see(newAsyncWorld(t, p, l.fault, l.stateful, l.fault))
			if got != l.bad && (l.fault != "conflict-records-as-strings" || !strings.Contains(got, l.bad)) {
				t.Errorf("with the fault:\ngot  %s\nwant %s", got, l.bad)
			}
		})
	}
	for _, f := range fault.All() {
		flow := func(id string) bool { return strings.HasPrefix(id, "DC-ASYNC-") || strings.HasPrefix(id, "DC-REVERT-") }
		if slices.ContainsFunc(f.Requirements, flow) && !seen[f.Name] {
			t.Errorf("%s is not looked at", f.Name)
		}
	}
}
