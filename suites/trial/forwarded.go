package trial

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
)

// Forwarded asks for a path at a name over plain HTTP, as somebody does who
// types the name: at an address that the target's own name servers have for
// it. It asks until accept is content, or the time for changes to be seen is
// up, and returns the last answer. A redirect is not followed. ok is false when
// the name has no address; a server that gives no answer makes the case
// inconclusive, since it may be that it is reached in another way from where
// the run is. The name is relative to the case's root, or absolute with a dot
// at the end.
func (t *Trial) Forwarded(name, path string, accept func(Reply) bool) (last Reply, ok bool) {
	t.Watch(name)
	host := t.absolute(t.expand(name))
	var problem error
	var asked string
	_, _ = t.World.wait(t, func(lines []string) bool {
		for _, l := range lines {
			f := strings.Fields(l)
			if f[0] == host && (f[3] == "A" || f[3] == "AAAA") {
				asked = net.JoinHostPort(f[4], "80")
				last, problem = t.World.forwarded(t.Context(), asked, strings.TrimSuffix(host, "."), path)
				ok = true
				return problem == nil && accept(last)
			}
		}
		return false
	})
	t.recordReply(last)
	if problem != nil {
		t.Interrupted(problem)
		t.Inconclusive("no-web-server", unserved(strings.TrimSuffix(host, "."), asked, problem))
	}
	return last, ok
}

// unserved says that nobody answers at the address of a redirected name, and
// what to do.
func unserved(host, asked string, problem error) string {
	return fmt.Sprintf("%s is to be redirected, and at its address nobody answers HTTP: GET http://%s/, Host: %s: %v; where the web server that redirects is reached at another address from here, name it in target.yaml, http: {hosts: {%q: ADDRESS:PORT}}", host, asked, host, problem, asked)
}

// forwarded asks one address. It is what the target says of its own name, and
// so belongs to the target.
func (w *World) forwarded(ctx context.Context, at, host, path string) (Reply, error) {
	w.Dialer.Admit(at)
	var r Reply
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+at+path, nil)
	if err != nil {
		return r, err
	}
	req.Host = host
	req.Header.Set("User-Agent", "dcconform")
	reply, ex, err := w.HTTP.Do(req)
	r.Exchange = ex
	if reply != nil {
		r.Status, r.Header, r.Body = reply.Status, reply.Header, reply.Body
	}
	return r, err
}
