package trial

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/consent"
	"github.com/dcconform/dcconform/suites/oauthclient"
)

// approve is the driver's way to confirm.
var approve travel = consent.Driver.Approve

// Send sends a token request, whatever comes of it.
func (r TokenRequest) Send() Reply {
	params := make([]client.Param, len(r.params))
	var secrets []string
	for i, p := range r.params {
		params[i] = client.Param{Name: p[0], Value: p[1]}
		if p[0] != "grant_type" && p[0] != "redirect_uri" && p[0] != "client_id" {
			secrets = append(secrets, p[1])
		}
	}
	r.t.spared(r.t.World.patience.allow(wayRequest))
	a := r.client.Send(r.t.Context(), r.method, r.client.TokenEndpoint(), params, r.place, "", secrets...)
	return reply(r.t.answered(wayRequest, "the token request", a))
}

// Call is a request to apply or revert a template (async-00 sections 6.6 and
// 6.7) in the making: a value, as Request is.
type Call struct {
	t                       *Trial
	client                  oauthclient.Client
	provider, service, verb string
	params                  []client.Param
	place                   oauthclient.Place
	token                   string
	method                  string
	raw                     string
	broken                  bool
}

// Apply is the ordinary request to apply a template at the case's root, which
// leads to its Records: domain, host, groupId and the variables.
func (g *Grant) Apply(service string) Call {
	c := g.call(service, "apply")
	template := g.t.Template(service)
	if len(template.Groups) > 0 {
		c = c.With("groupId", strings.Join(template.Groups, ","))
	}
	for _, name := range slices.SortedFunc(maps.Keys(template.Variables), cmp.Compare[string]) {
		c = c.With(name, template.Variables[name])
	}
	return c
}

// Revert is the ordinary request to take a template back from the case's root.
func (g *Grant) Revert(service string) Call { return g.call(service, "revert") }

func (g *Grant) call(service, verb string) Call {
	c := Call{t: g.t, client: g.Client, provider: g.t.World.identity().ProviderID, service: service, verb: verb, token: g.Access, method: "POST"}
	c = c.With("domain", g.t.Domain())
	if g.t.host != "" {
		c = c.With("host", g.t.host)
	}
	return c
}

// With sets a parameter, in the place of an earlier one of the name or at the
// end. {domain}, {host} and {root} in the value are replaced.
func (c Call) With(name, value string) Call {
	c.params = slices.Clone(c.params)
	value = c.t.expand(value)
	for i := range c.params {
		if c.params[i].Name == name {
			c.params[i].Value = value
			return c
		}
	}
	c.params = append(c.params, client.Param{Name: name, Value: value})
	return c
}

// Without takes parameters out.
func (c Call) Without(names ...string) Call {
	c.params = slices.DeleteFunc(slices.Clone(c.params), func(p client.Param) bool { return slices.Contains(names, p.Name) })
	return c
}

// Below makes the call at a name below the case's own.
func (c Call) Below(name string) Call { return c.With("host", name+".{host}") }

// In puts the parameters elsewhere; a call has them in the query.
func (c Call) In(place oauthclient.Place) Call {
	c.place = place
	return c
}

// As sends another token; "" sends none.
func (c Call) As(token string) Call {
	c.token = token
	return c
}

// Of names another template in the path.
func (c Call) Of(provider, service string) Call {
	c.provider, c.service = provider, service
	return c
}

// Raw puts a text behind the query, or begins it, as it stands here.
func (c Call) Raw(text string) Call {
	c.raw = text
	return c
}

// Broken makes the body one that is cut off in the middle, and no JSON.
func (c Call) Broken() Call {
	c.broken = true
	return c
}

// Send sends the call, whatever comes of it. No answer ends the case.
func (c Call) Send() Reply {
	return reply(c.t.answered(wayCall, "the request to "+c.verb, c.ready()()))
}

// Together sends calls at once, whatever comes of them: none of them is there
// whole before the provider has begun with all (see oauthclient.Meeting). The
// parameters stand in the query, and a JSON body without members is what they
// wait with. Where somebody in front of the provider does not let them wait
// (status 417), they are sent again without, as a client has to (RFC 9110
// section 10.1.1), and are at once by their beginning alone. No answer to one
// ends the case.
func (t *Trial) Together(calls ...Call) []Reply {
	replies := t.meet(oauthclient.NewMeeting(len(calls)), calls)
	if slices.ContainsFunc(replies, func(r Reply) bool { return r.Status != http.StatusExpectationFailed }) {
		return replies
	}
	t.Note("reading", "calls cannot wait for one another: Expect: 100-continue is answered with status 417")
	return t.meet(nil, calls)
}

func (t *Trial) meet(meeting *oauthclient.Meeting, calls []Call) []Reply {
	answers := make([]oauthclient.Answer, len(calls))
	sends := make([]func() oauthclient.Answer, len(calls))
	for i, c := range calls {
		c.client.Meeting = meeting
		sends[i] = c.In(oauthclient.Mixed).ready()
	}
	var all sync.WaitGroup
	for i, send := range sends {
		all.Go(func() { answers[i] = send() })
	}
	all.Wait()
	replies := make([]Reply, len(calls))
	for i, a := range answers {
		replies[i] = reply(t.answered(wayCall, "the request to "+calls[i].verb, a))
	}
	return replies
}

// ready does what comes before a call is sent; the result sends it.
func (c Call) ready() func() oauthclient.Answer {
	at := c.client.Endpoint(c.provider, c.service, c.verb)
	if c.verb == "apply" {
		c.t.Broken(c.t.World.created(c.t, c.service, client.Canonical(c.params)))
	}
	c.t.asked = true
	c.t.spared(c.t.World.patience.allow(wayCall))
	params := c.params
	if c.raw != "" {
		// What is raw stands in the query, which holds everything then.
		at, params = at+"?"+strings.TrimPrefix(client.Canonical(params)+"&"+c.raw, "&"), nil
	}
	sender, ctx := c.client, c.t.Context()
	if c.broken {
		sender.Cut = true
	}
	return func() oauthclient.Answer { return sender.Send(ctx, c.method, at, params, c.place, c.token) }
}

// Accepts states that a call is carried out: any status of 2xx.
func (t *Trial) Accepts(id string, c Call, expected ...string) Reply {
	r := c.Send()
	t.Require(id, r.Good(), gomega.BeTrue(), check.About{Sent: r.Sent(), Expected: append([]string{"a status of 2xx"}, expected...), Actual: r.String()})
	return r
}

// Writes states that a call is carried out, and that the zone comes to hold
// exactly the records at the case's names.
func (t *Trial) Writes(id string, c Call, records ...string) Reply {
	t.watchRecords(records)
	r := t.Accepts(id, c)
	t.Holds(id, check.About{Sent: r.Sent()}, records...)
	return r
}

// Wrote makes a call that is not what the case is about, and waits for the
// records. Where that does not work the case cannot be judged.
func (t *Trial) Wrote(c Call, records ...string) Reply {
	r := c.Send()
	if r.Good() {
		t.Settle(records...)
	}
	if missing := t.Missing(records...); !r.Good() || len(missing) > 0 {
		t.Inconclusive("control-twin", "a call that has to work did not: "+r.Sent()+": "+r.String()+"; missing: "+strings.Join(missing, ", "))
	}
	return r
}

// Attempt is one of several calls that are judged alike.
type Attempt struct {
	// What says in a few words what is special about it.
	What string
	// Send sends it.
	Send func() Reply
	// Good reports whether it was answered as it has to be; nil is by an error.
	// That errors of the caller are 4xx is a requirement of its own, StatusCodes.
	Good func(Reply) bool
}

// StatusCodes is the requirement that Rejects states of attempts without Good:
// a case that has such names it.
const StatusCodes = "DC-ASYNC-STATUS-CODES"

// judge reports whether an attempt was refused as it has to be, and whether it
// was where the provider broke down over it.
func (a Attempt) judge(r Reply) (ok, broken bool) {
	if a.Good != nil {
		return a.Good(r), false
	}
	return r.Status >= 400, r.Status >= 500
}

// Refusal is an attempt that has to be answered with an error.
func Refusal(what string, c Call) Attempt { return Attempt{What: what, Send: c.Send} }

// Unauthorized is an attempt that has to be answered with status 401; 403 is
// noted.
func (t *Trial) Unauthorized(what string, c Call) Attempt {
	return Attempt{What: what, Send: c.Send, Good: func(r Reply) bool {
		if r.Status == 403 {
			t.Note("reading", "a call without a valid token is answered with status 403")
		}
		return r.Status == 401 || r.Status == 403
	}}
}

// Rejects states that calls are refused and that nothing is written. good is
// their control twin: a call at the name twin below the case's own, which has
// to be carried out and to lead to the records there; when they are seen, what
// was written before would be seen as well. A call like it is made beforehand
// at another name of the permission (see Allowed), so that it is clear that
// calls work at all.
func (t *Trial) Rejects(id string, good Call, records []string, expected string, attempts ...Attempt) {
	t.watchRecords(records)
	works := good
	if t.host != "" {
		works = good.Below(first)
	}
	if r := works.Send(); !r.Good() {
		t.Inconclusive("control-twin", "a call that has to work did not: "+r.Sent()+": "+r.String())
	}
	before := t.Zone()
	var wrong, sent, broken, over []string
	for _, a := range attempts {
		r := a.Send()
		ok, down := a.judge(r)
		switch {
		case !ok:
			wrong, sent = append(wrong, a.What+": "+r.String()), append(sent, r.Sent())
		case down:
			broken, over = append(broken, a.What+": "+r.String()), append(over, r.Sent())
		}
	}
	after := t.Zone()
	twin := good.Send()
	if !twin.Good() && len(wrong) == 0 {
		t.Inconclusive("control-twin", "the control twin, which has to be carried out, was not: "+twin.Sent()+": "+twin.String())
	}
	t.Require(id, wrong, gomega.BeEmpty(), check.About{Sent: strings.Join(sent, " and "), Expected: []string{expected}, Actual: strings.Join(wrong, "; ")})
	about := check.About{Sent: fmt.Sprintf("%d calls that have to be refused, then the control twin %s", len(attempts), twin.Sent())}
	about.Expected, about.Actual = []string{"the zone stays as it was"}, "the zone has changed: "+difference(before, after)
	t.Require(id, after, gomega.Equal(before), about)
	about.Expected, about.Actual = nil, ""
	t.Holds(id, about, slices.Concat(undoTTL(before), records)...)
	if slices.ContainsFunc(attempts, func(a Attempt) bool { return a.Good == nil }) {
		t.Require(StatusCodes, broken, gomega.BeEmpty(), check.About{Sent: strings.Join(over, " and "),
			Expected: []string{"a status of 4xx: the call is at fault, and not the provider"}, Actual: strings.Join(broken, "; ")})
	}
}

// undoTTL are lines of a zone as records of a case.
func undoTTL(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		f := strings.SplitN(l, " ", 4) // owner, TTL, class, type and data
		out[i] = f[0] + " " + f[1] + " " + f[3]
	}
	return out
}
