package mockprovider

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/dcconform/dcconform/mockprovider/web"
)

// forwarding is the listener for names with a REDIR301 or REDIR302.
type forwarding struct {
	server  *http.Server
	serving sync.WaitGroup
	addr    netip.AddrPort
}

// serveForward binds the address for redirected names and begins to serve.
func (p *Provider) serveForward(ctx context.Context, r *run, log *slog.Logger) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", p.ForwardListen)
	if err != nil {
		return fmt.Errorf("redirected names cannot be served on %s: %w (when another program has the port, stop it or choose another; port 0 lets the system choose)", p.ForwardListen, err)
	}
	f := &forwarding{}
	if f.addr, err = netip.ParseAddrPort(l.Addr().String()); err != nil {
		return errors.Join(err, l.Close())
	}
	f.server = &http.Server{
		Handler: inFlight(r, web.Forward(r.store)), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 60 * time.Second,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	f.serving.Go(func() {
		if err := f.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the server of redirected names stopped", "addr", f.addr, "error", err)
		}
	})
	r.forward = f
	return nil
}

// address is what the DNS says of redirected names; the zero value is nothing.
// A server on all addresses of the machine is said to be on loopback.
func (f *forwarding) address() netip.Addr {
	switch {
	case f == nil:
		return netip.Addr{}
	case f.addr.Addr().IsUnspecified():
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return f.addr.Addr().Unmap()
}

func (f *forwarding) close(ctx context.Context) error {
	err := f.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests for redirected names were still being answered and were cut: %w", err), f.server.Close())
	}
	f.serving.Wait()
	return err
}

// ForwardAddr is host:port of the web server for redirected names; "" when the
// provider does not run, or runs without ForwardListen.
func (p *Provider) ForwardAddr() string {
	if r := p.started(); r != nil && r.forward != nil {
		return r.forward.addr.String()
	}
	return ""
}
