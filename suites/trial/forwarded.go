package trial

import (
	"context"
	"net"
	"net/http"
	"strings"
)

// Forwarded asks for a path at a name over plain HTTP, as somebody does who
// types the name: at an address that the target's own name servers have for
// it. It asks until accept is content, or the time for changes to be seen is
// up, and returns the last answer. A redirect is not followed. ok is false when
// the name has no address; a server that gives no answer makes the case
// inconclusive. The name is relative to the case's root, or absolute with a dot
// at the end.
func (t *Trial) Forwarded(name, path string, accept func(Reply) bool) (last Reply, ok bool) {
	t.Watch(name)
	host := t.absolute(t.expand(name))
	var problem error
	_, _ = t.World.wait(t, func(lines []string) bool {
		for _, l := range lines {
			f := strings.Fields(l)
			if f[0] == host && (f[3] == "A" || f[3] == "AAAA") {
				last, problem = t.World.forwarded(t.Context(), f[4], strings.TrimSuffix(host, "."), path)
				ok = true
				return problem == nil && accept(last)
			}
		}
		return false
	})
	t.recordReply(last)
	t.unanswered(problem)
	return last, ok
}

// forwarded asks one address. It is what the target says of its own name, and
// so belongs to the target.
func (w *World) forwarded(ctx context.Context, ip, host, path string) (Reply, error) {
	at := net.JoinHostPort(ip, "80")
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
