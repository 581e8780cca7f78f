package mockprovider

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/dcconform/dcconform/mockprovider/admin"
)

// Note is a line of the page at the root of the management API.
type Note = admin.Note

// management is the listener of the management API.
type management struct {
	server  *http.Server
	serving sync.WaitGroup
	url     string
	// stop ends requests that wait for something to happen.
	stop context.CancelFunc
}

// serveAdmin binds the address of the management API and begins to serve.
// Its requests are not in the journal, which they are used to read.
func (p *Provider) serveAdmin(ctx context.Context, r *run, log *slog.Logger) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", p.AdminListen)
	if err != nil {
		return fmt.Errorf("the management API cannot listen on %s: %w (when another program has the port, stop it or choose another; port 0 lets the system choose)", p.AdminListen, err)
	}
	handler, err := admin.New(admin.Config{
		Store: r.store, NewTenant: r.newTenant, URL: r.url, Hosts: p.TLSNames, Notes: p.Notes, Logger: log,
	})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	alive, stop := context.WithCancel(context.WithoutCancel(ctx))
	m := &management{url: "http://" + p.authorityOf(l.Addr()), stop: stop}
	m.server = &http.Server{
		Handler:           handler,
		BaseContext:       func(net.Listener) context.Context { return alive },
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       60 * time.Second,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	m.serving.Go(func() {
		if err := m.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the management API stopped", "addr", l.Addr().String(), "error", err)
		}
	})
	r.admin = m
	return nil
}

func (m *management) close(ctx context.Context) error {
	m.stop()
	err := m.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests to the management API were still being answered and were cut: %w", err), m.server.Close())
	}
	m.serving.Wait()
	return err
}

// AdminURL is the origin of the management API, without a slash at its end:
// "http://127.0.0.1:43125"; "" when the provider does not run, or runs without
// AdminListen. See admin.NewClient.
func (p *Provider) AdminURL() string {
	if r := p.started(); r != nil && r.admin != nil {
		return r.admin.url
	}
	return ""
}
