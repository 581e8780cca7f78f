package web

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// connection is the key of the connection in a request's context.
type connection struct{}

// ConnContext is for http.Server: with it a scripted step can close the
// connection of a request over HTTP/2 too.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connection{}, c)
}

// scriptSubject is what a request looks like to the tenant's script: its kind
// and subject, or "" for what no step can wait for.
func scriptSubject(path []string) (kind, subject string) {
	below := afterSlashes(path)
	switch {
	case len(below) == 3 && below[0] == "v2" && below[2] == "settings":
		return store.RequestSettings, strings.TrimSuffix(decodeSegment(below[1]), ".")
	case len(below) > 1 && below[0] == "api":
		if id, ok := templatePath(below[1:], ""); ok {
			return store.RequestQuery, id.provider + "/" + id.service
		}
		return callSubject(afterSlashes(below[1:]))
	case len(below) > 1 && below[0] == "ux":
		if id, ok := templatePath(below[1:], "apply"); ok {
			return store.RequestApply, id.provider + "/" + id.service
		}
		if provider, ok := authorizationPath(below[1:]); ok {
			return store.RequestAuthorize, provider
		}
	}
	return "", ""
}

// callSubject is scriptSubject for the calls of the asynchronous flow.
func callSubject(path []string) (kind, subject string) {
	if strings.Join(path, "/") == "v2/oauth/access_token" {
		return store.RequestToken, ""
	}
	for _, verb := range []string{"apply", "revert"} {
		if id, ok := templatePath(path, verb); ok {
			return store.RequestCall, id.provider + "/" + id.service + "/" + verb
		}
	}
	return "", ""
}

// scripted does what the tenant's script has for this request. It is false
// when the request needs no further answer.
func (x *exchange) scripted(path []string) bool {
	if !x.Store.Scripted() {
		return true
	}
	kind, subject := scriptSubject(path)
	if kind == "" {
		return true
	}
	step, ok := x.tenant.NextStep(kind, printable(clip(subject)))
	if !ok {
		return true
	}
	if step.Delay > 0 && !x.pause(step.Delay) {
		return false
	}
	switch {
	case step.Close:
		x.hangUp()
		return false
	case step.Status != 0:
		x.w.WriteHeader(step.Status)
		x.write([]byte(step.Body))
		return false
	case step.Fault != nil:
		x.misbehave(step.Fault)
	}
	return true
}

// misbehave sets a fault for this exchange, and for the flow that it begins.
func (x *exchange) misbehave(f *store.Misbehaviour) {
	x.fault = f
	x.config = x.config.With(*f)
}

// pause waits. It is false, without an answer, when the client has gone or the
// server is about to stop.
func (x *exchange) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-x.r.Context().Done():
	case <-x.Stopping:
	}
	x.hangUp()
	return false
}

// hangUp closes the connection without an answer.
func (x *exchange) hangUp() {
	c, ok := x.r.Context().Value(connection{}).(net.Conn)
	if !ok {
		var err error
		if c, _, err = http.NewResponseController(x.w).Hijack(); err != nil {
			x.internal(err)
			return
		}
	}
	x.recorder.gone = true
	if err := c.Close(); err != nil {
		x.Logger.Debug("a connection was closed already", "error", err)
	}
}
