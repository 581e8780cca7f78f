package async

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/oauthclient"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 6.4: what a code is good for.
var tokens = []trial.Case{
	{Key: "async-token-endpoint", Title: "tokens come from a POST to v2/oauth/access_token below urlAPI",
		Requirements: []string{"DC-ASYNC-TOKEN-ENDPOINT"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-TOKEN-ENDPOINT"
			c, r := t.ServiceProvider(), t.Authorization("plain")
			get := t.TokenRequest(c, t.Coded(r)).In(oauthclient.InQuery).By("GET").Send()
			t.Require(id, yields(get), gomega.BeFalse(), check.About{Sent: get.Sent(), Expected: []string{"no token for a GET"}, Actual: get.String()})
			var seen []string
			var replies []trial.Reply
			for _, place := range []oauthclient.Place{oauthclient.InJSON, oauthclient.InQuery, oauthclient.InForm} {
				post := t.TokenRequest(c, t.Coded(r)).In(place).Send()
				if post.Good() && yields(post) {
					t.Note("reading", "tokens are given for parameters "+place.String())
					t.Require(id, true, isTrue, check.About{})
					return
				}
				seen, replies = append(seen, place.String()+": "+post.String()), append(replies, post)
			}
			t.Known(c, replies...)
			t.Require(id, seen, gomega.BeEmpty(), check.About{Sent: "POST " + c.TokenEndpoint(), Expected: []string{"a status of 2xx and an access_token"}, Actual: strings.Join(seen, "; ")})
		}},
	{Key: "async-token-places", Title: "the parameters of a token request stand in the query or in a JSON body",
		Requirements: []string{"DC-ASYNC-TOKEN-PARAM-PLACES"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-TOKEN-PARAM-PLACES"
			c, r := t.ServiceProvider(), t.Authorization("plain")
			places := []oauthclient.Place{oauthclient.InQuery, oauthclient.InJSON, oauthclient.Mixed}
			var answers []oauthclient.Answer
			var replies []trial.Reply
			for _, place := range places {
				a := t.Redeem(c, t.Coded(r), place)
				answers, replies = append(answers, a), append(replies, replyOf(a))
			}
			t.Known(c, replies...)
			for i, place := range places {
				a := answers[i]
				t.Require(id, a.Good() && granted(a), isTrue, check.About{Sent: a.Exchange.Method + " " + a.Exchange.URL + ", parameters " + place.String(),
					Expected: []string{"tokens"}, Actual: a.Exchange.String() + outcome(a)})
			}
			form := t.Redeem(c, t.Coded(r), oauthclient.InForm)
			reading := "a form body, as stock libraries send it, is accepted"
			if !form.Good() {
				reading = "a form body, as stock libraries send it, is refused"
				t.Require(id, form.Status() >= 400 && form.Status() < 500, isTrue, check.About{Sent: "the same in a form body",
					Expected: []string{"tokens", "a status of 4xx"}, Actual: form.Exchange.String()})
			}
			t.Note("reading", reading)
		}},
	{Key: "async-library", Title: "a stock OAuth library gets through the whole flow",
		Requirements: []string{"DC-ASYNC-AUTHZ-ENDPOINT", "DC-ASYNC-TOKEN-RESPONSE"}, Templates: []string{"text", "address"},
		Body: func(t *trial.Trial) {
			c := t.ServiceProvider()
			place := placeOf(t, c, t.Authorization("text", "address"))
			e := t.Allow(fromLibrary(t, c, "text", "address"))
			if e.Code() == "" {
				// By its one difference in the divider it is judged elsewhere.
				t.Note("reading", "the link of a stock library, which divides templates by a plus, gets no code for several of them")
				e = t.Allow(fromLibrary(t, c, "text"))
			}
			t.Require("DC-ASYNC-AUTHZ-ENDPOINT", e.Code(), gomega.Not(gomega.BeEmpty()), about(e, "a code, as for the same parameters in another order"))
			a := t.Redeem(c, e.Code(), place)
			t.Require("DC-ASYNC-TOKEN-RESPONSE", a.Good() && a.Token != nil && a.Token.ExpiresIn > 0, isTrue, check.About{Sent: "POST " + a.Exchange.URL,
				Expected: []string{"tokens that the library reads, with the seconds that they are good for"}, Actual: a.Exchange.String() + outcome(a)})
		}},
	{Key: "async-token-response", Title: "the reply to a token request is JSON with the members that it has to have",
		Requirements: []string{"DC-ASYNC-TOKEN-RESPONSE"}, Templates: []string{"plain"}, Body: response},
	{Key: "async-token-status", Title: "a token request that is refused is answered with a status of 4xx",
		Requirements: []string{"DC-ASYNC-TOKEN-STATUS"}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			c := t.ServiceProvider()
			t.Granted(t.Authorization("plain"))
			good := t.TokenRequest(c, "no-such-code-at-all")
			refused(t, "DC-ASYNC-TOKEN-STATUS", requests{
				"a code that nobody gave": func() trial.TokenRequest { return good },
				"an empty code":           func() trial.TokenRequest { return good.With("code", "") },
				"an unknown client":       func() trial.TokenRequest { return good.With("client_id", "no-such-client") },
				"nothing at all": func() trial.TokenRequest {
					return good.Without("code", "redirect_uri", "grant_type", "client_id", "client_secret")
				},
				"a refresh token that nobody gave": func() trial.TokenRequest { return refresh(good, "no-such-token") },
			})
		}},
}

// Section 6.4: what has to fit.
var exchanges = []trial.Case{
	{Key: "async-code-or-refresh", Title: "a token request has a code or a refresh token, and the grant type says which",
		Requirements: []string{"DC-ASYNC-CODE-XOR-REFRESH", tokenStatus}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			c, r := t.ServiceProvider(), t.Authorization("plain")
			g := t.Granted(r)
			one := func() trial.TokenRequest { return t.TokenRequest(c, t.Coded(r)) }
			bad := requests{
				"neither code nor refresh_token":          func() trial.TokenRequest { return one().Without("code") },
				"grant_type refresh_token with a code":    func() trial.TokenRequest { return one().With("grant_type", "refresh_token") },
				"grant_type refresh_token and no token":   func() trial.TokenRequest { return one().With("grant_type", "refresh_token").Without("code") },
				"grant_type refresh_token, code as token": func() trial.TokenRequest { code := t.Coded(r); return refresh(t.TokenRequest(c, code), code) },
			}
			if g.Refresh != "" {
				bad["both code and refresh_token"] = func() trial.TokenRequest {
					token := t.Granted(r).Refresh
					return one().With("refresh_token", token)
				}
				bad["grant_type authorization_code with a refresh_token"] = func() trial.TokenRequest {
					return t.TokenRequest(c, "").Without("code").With("refresh_token", t.Granted(r).Refresh)
				}
			}
			refused(t, "DC-ASYNC-CODE-XOR-REFRESH", bad)
		}},
	{Key: "async-redirect-repeated", Title: "a token request repeats the redirect URI of the request for permission",
		Requirements: []string{"DC-ASYNC-REDIRECT-REPEATED", tokenStatus}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			c, r := t.ServiceProvider(), t.Authorization("plain")
			t.Granted(r)
			uri := c.RedirectURI
			bad := requests{"without redirect_uri": func() trial.TokenRequest { return t.TokenRequest(c, t.Coded(r)).Without("redirect_uri") }}
			for _, other := range []string{"", strings.ToUpper(uri), uri + "/", uri + "?", strings.Replace(uri, "https://", "http://", 1), "https://elsewhere.dcconform.example/"} {
				bad["redirect_uri="+other] = func() trial.TokenRequest { return t.TokenRequest(c, t.Coded(r)).With("redirect_uri", other) }
			}
			refused(t, "DC-ASYNC-REDIRECT-REPEATED", bad)
		}},
	{Key: "async-grant-types", Title: "tokens are given for a code and for a refresh token, and for nothing else",
		Requirements: []string{"DC-ASYNC-GRANT-TYPES", tokenStatus}, Templates: []string{"plain"},
		Body: grantTypes},
	{Key: "async-refresh", Title: "a refresh token is good for a new access token",
		Requirements: []string{"DC-ASYNC-GRANT-TYPES"}, Templates: []string{"text"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-GRANT-TYPES"
			c := t.ServiceProvider()
			g := t.Granted(t.Authorization("text"))
			if g.Refresh == "" {
				t.NotApplicable("no-refresh-token", "the target gives no refresh tokens")
			}
			a := t.Renew(c, g.Refresh)
			t.Require(id, a.Good() && granted(a), isTrue, check.About{Sent: "POST " + a.Exchange.URL + ", grant_type=refresh_token",
				Expected: []string{"a new access token"}, Actual: a.Exchange.String() + outcome(a)})
			works(t, g.Apply("text"))
			t.Writes(id, g.Apply("text").As(trial.AccessToken(a)), `@ 600 TXT "plain"`)
		}},
	{Key: "async-client-authenticated", Title: "codes and tokens are for the client that can show its secret",
		Requirements: []string{"DC-ASYNC-CLIENT-AUTHENTICATED", tokenStatus}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			c, r := t.ServiceProvider(), t.Authorization("plain")
			g := t.Granted(r)
			one := func() trial.TokenRequest { return t.TokenRequest(c, t.Coded(r)) }
			bad := requests{"without client_id": func() trial.TokenRequest { return one().Without("client_id") },
				"an unknown client_id": func() trial.TokenRequest { return one().With("client_id", "no-such-client") }}
			if c.Secret != "" {
				bad["without client_secret"] = func() trial.TokenRequest { return one().Without("client_secret") }
				bad["an empty client_secret"] = func() trial.TokenRequest { return one().With("client_secret", "") }
				bad["a wrong client_secret"] = func() trial.TokenRequest { return one().With("client_secret", c.Secret+"x") }
				if g.Refresh != "" {
					bad["a refresh token and a wrong client_secret"] = func() trial.TokenRequest {
						return refresh(t.TokenRequest(c, ""), t.Granted(r).Refresh).With("client_secret", c.Secret+"x")
					}
				}
			}
			refused(t, "DC-ASYNC-CLIENT-AUTHENTICATED", bad)
		}},
	{Key: "async-code-of-another", Title: "a code or a refresh token of one client is of no use to another",
		Requirements: []string{"DC-ASYNC-CLIENT-AUTHENTICATED", tokenStatus}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			other, r := t.OtherServiceProvider(), t.Authorization("plain")
			g := t.Granted(r)
			t.GrantedTo(other, t.AuthorizationFor(other, "plain"))
			bad := requests{"the code of another client": func() trial.TokenRequest { return t.TokenRequest(other, t.Coded(r)) }}
			if g.Refresh != "" {
				bad["the refresh token of another client"] = func() trial.TokenRequest {
					return refresh(t.TokenRequest(other, ""), t.Granted(r).Refresh)
				}
			}
			refused(t, "DC-ASYNC-CLIENT-AUTHENTICATED", bad)
		}},
	{Key: "async-code-once", Title: "a code is good once",
		Requirements: []string{"DC-ASYNC-CODE-ONCE-SHORT", tokenStatus}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			const id = "DC-ASYNC-CODE-ONCE-SHORT"
			c, r := t.ServiceProvider(), t.Authorization("plain")
			t.Granted(r)
			code := t.Coded(r)
			if first := t.TokenRequest(c, code).Send(); !first.Good() {
				t.Inconclusive("control-twin", "a code that has to be good for tokens is not: "+first.String())
			}
			again := t.TokenRequest(c, code).Send()
			t.Require(id, yields(again), gomega.BeFalse(), check.About{Sent: again.Sent() + ", for the second time",
				Expected: []string{"a status of 4xx"}, Actual: again.String()})
			atFault(t, again)
		}},
	{Key: "async-code-expires", Title: "a code is good for as long as was said, and no longer",
		Requirements: []string{"DC-ASYNC-CODE-ONCE-SHORT", tokenStatus}, Templates: []string{"plain"},
		Body: func(t *trial.Trial) {
			c, life := t.CodeServiceProvider()
			t.GrantedTo(c, t.AuthorizationFor(c, "plain"))
			after := func(wait func(string, time.Duration)) trial.Reply {
				code := t.Coded(t.AuthorizationFor(c, "plain"))
				wait("codes", life)
				return t.TokenRequest(c, code).Send()
			}
			late := after(t.Outlast)
			if yields(late) {
				late = after(t.OutlastClocks)
			}
			if trial.ClientRefused(late) != "" {
				t.Inconclusive("control-twin", "the client itself is refused, whatever its code is good for: "+late.String())
			}
			t.Require("DC-ASYNC-CODE-ONCE-SHORT", yields(late), gomega.BeFalse(), check.About{Sent: fmt.Sprintf("%s, %s after the code was given", late.Sent(), life),
				Expected: []string{"a status of 4xx"}, Actual: late.String()})
			atFault(t, late)
		}},
}

// requests are token requests by what is wrong with each. They are made when
// they are sent, so that the code or token of each is the newest that there is:
// a provider may honour no other.
type requests map[string]func() trial.TokenRequest

// refresh is a request for a refresh token in place of a code.
func refresh(r trial.TokenRequest, token string) trial.TokenRequest {
	return r.Without("code", "redirect_uri").With("grant_type", "refresh_token").With("refresh_token", token)
}

// refused states that token requests are refused with a status of 4xx and give
// no token.
func refused(t *trial.Trial, id string, bad requests) {
	var wrong, status []string
	for _, what := range slices.Sorted(maps.Keys(bad)) {
		reply := bad[what]().Send()
		switch {
		case yields(reply):
			wrong = append(wrong, what+": "+reply.String())
		case reply.Status < 400 || reply.Status >= 500:
			status = append(status, what+": "+reply.String())
		}
	}
	about := check.About{Sent: fmt.Sprintf("%d token requests that differ from a good one in one point each", len(bad)),
		Expected: []string{"a status of 4xx and no token, for each"}, Actual: strings.Join(wrong, "; ")}
	t.Require(id, wrong, gomega.BeEmpty(), about)
	about.Actual = strings.Join(status, "; ")
	t.Require(tokenStatus, status, gomega.BeEmpty(), about)
}

// fromLibrary is a request for permission whose query is the library's.
func fromLibrary(t *trial.Trial, c oauthclient.Client, services ...string) trial.Request {
	link := c.LibraryLink(t.World.Target.Templates.ProviderID, services, "library", "domain", t.Domain(), "host", t.Host())
	_, query, _ := strings.Cut(link, "?")
	return t.Authorization(services...).Raw(func(string) string { return query })
}

// grantTypes asks for tokens by what is neither of the two grants. The older
// text has grant_type say which it is "usually", and excludes no others.
func grantTypes(t *trial.Trial) {
	const id = "DC-ASYNC-GRANT-TYPES"
	c, r := t.ServiceProvider(), t.Authorization("plain")
	t.Granted(r)
	who := t.User()
	missing := func() trial.TokenRequest { return t.TokenRequest(c, t.Coded(r)).Without("grant_type") }
	others := requests{
		"an unknown grant_type": func() trial.TokenRequest { return t.TokenRequest(c, t.Coded(r)).With("grant_type", "code") },
		"grant_type password": func() trial.TokenRequest {
			return alone(t, c, "password").With("username", who.User).With("password", who.Password)
		},
		"grant_type client_credentials": func() trial.TokenRequest { return alone(t, c, "client_credentials") },
	}
	if t.World.Edition != register.DCSpec23 {
		others["without grant_type"] = missing
		refused(t, id, others)
		return
	}
	refused(t, id, requests{"without grant_type": missing})
	for _, what := range slices.Sorted(maps.Keys(others)) {
		if reply := others[what]().Send(); yields(reply) {
			t.Note("reading", "there are tokens for "+what)
		}
	}
}

// alone is a token request by another grant than those of a code. A password
// stands in no URL, be the other parameters there.
func alone(t *trial.Trial, c oauthclient.Client, grant string) trial.TokenRequest {
	r := t.TokenRequest(c, "").Without("code", "redirect_uri").With("grant_type", grant)
	if t.TokenPlace() == oauthclient.InQuery {
		return r.In(oauthclient.Mixed)
	}
	return r
}

const tokenStatus = "DC-ASYNC-TOKEN-STATUS"

// atFault states that a token request that gave nothing was answered with a
// status of 4xx. Of one that gave a token more was said before.
func atFault(t *trial.Trial, r trial.Reply) {
	if yields(r) {
		return
	}
	t.Require(tokenStatus, r.Status >= 400 && r.Status < 500, isTrue, check.About{Sent: r.Sent(),
		Expected: []string{"a status of 4xx: the request is at fault, and not the provider"}, Actual: r.String()})
}

// granted reports whether an answer has an access token, whatever else is wrong
// with it.
func granted(a oauthclient.Answer) bool {
	return yields(trial.Reply{Body: a.Reply.Body})
}

// yields reports whether a reply has an access token.
func yields(r trial.Reply) bool {
	object, err := trial.ParseObject(r.Body)
	if err != nil {
		return false
	}
	token, ok := object.Text("access_token")
	return ok && token != ""
}

// replyOf is an answer as that of a single request.
func replyOf(a oauthclient.Answer) trial.Reply {
	return trial.Reply{Status: a.Status(), Body: a.Reply.Body, Exchange: a.Exchange}
}

// placeOf is where the parameters of a token request get a token for the code of
// an ordinary request for permission. It ends the case where the client is
// refused in all places; where they get none for another reason, that is judged
// at the place that it returns.
func placeOf(t *trial.Trial, c oauthclient.Client, r trial.Request) oauthclient.Place {
	var replies []trial.Reply
	for _, place := range []oauthclient.Place{oauthclient.InJSON, oauthclient.InQuery, oauthclient.InForm} {
		a := t.Redeem(c, t.Coded(r), place)
		if a.Good() && granted(a) {
			return place
		}
		replies = append(replies, replyOf(a))
	}
	t.Known(c, replies...)
	return t.TokenPlace()
}

// outcome is what the client library says of a reply.
func outcome(a oauthclient.Answer) string {
	if a.Refused == nil {
		return ""
	}
	return "; the client library: " + strings.SplitN(a.Refused.Error(), "\n", 2)[0]
}

func response(t *trial.Trial) {
	const id = "DC-ASYNC-TOKEN-RESPONSE"
	r := t.Authorization("plain")
	t.Granted(r)
	reply := t.TokenRequest(t.ServiceProvider(), t.Coded(r)).Send()
	if !reply.Good() {
		t.Inconclusive("control-twin", "a code that has to be good for tokens is not: "+reply.String())
	}
	object, err := trial.ParseObject(reply.Body)
	expected := check.About{Sent: reply.Sent(), Expected: []string{"a JSON object"}, Actual: reply.String()}
	t.Require(id, err, gomega.BeNil(), expected)
	kind, _, _ := strings.Cut(reply.Header.Get("Content-Type"), ";")
	if kind != "application/json" {
		t.Note("reading", "the token reply is marked as "+kind)
	}
	token, _ := object.Text("access_token")
	expected.Expected = []string{"access_token, a text"}
	t.Require(id, token, gomega.Not(gomega.BeEmpty()), expected)
	typed, _ := object.Text("token_type")
	expected.Expected = []string{`token_type: "bearer"`}
	t.Require(id, strings.ToLower(typed), gomega.Equal("bearer"), expected)
	if typed != "bearer" {
		t.Note("reading", "token_type is "+typed)
	}
	seconds := object.All("expires_in")
	expected.Expected = []string{"expires_in, a number of seconds"}
	t.Require(id, len(seconds) == 1 && number(string(seconds[0])), isTrue, expected)
	refresh, ok := object.Text("refresh_token")
	expected.Expected = []string{"refresh_token, a text"}
	if t.World.Edition == "dcspec-2.3" || object.Has("refresh_token") {
		t.Require(id, ok && refresh != "", isTrue, expected)
	}
}

// number reports whether a JSON value is a number of seconds.
func number(value string) bool {
	n, err := strconv.ParseFloat(value, 64)
	return err == nil && n >= 0
}
