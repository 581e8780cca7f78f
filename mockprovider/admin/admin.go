// Package admin is the management API of the mock provider, for tests that
// drive it from outside, and the client for it. It is JSON over HTTP on a
// listener of its own.
//
//	GET    /tenants                                all tenants
//	POST   /tenants                                NewTenant -> Tenant
//	GET    /tenants/{tenant}                       Tenant
//	DELETE /tenants/{tenant}
//	PUT    /tenants/{tenant}/templates             {"templates":[{…}]} -> Tenant
//	POST   /tenants/{tenant}/zones                 NewZone -> Zone
//	GET    /tenants/{tenant}/zones/{zone}          Zone
//	PUT    /tenants/{tenant}/zones/{zone}          {"text"} -> Zone
//	POST   /tenants/{tenant}/zones/{zone}/records  Records -> Zone
//	GET    /tenants/{tenant}/testing               {"templates":[Testing]}
//	PUT    /tenants/{tenant}/testing               {"templates":[Testing]}: exactly these are under test
//	GET    /tenants/{tenant}/clients               {"clients":[registration.Client]}, with digests for secrets
//	PUT    /tenants/{tenant}/clients               {"clients":[registration.Client]}: exactly these are registered
//	GET    /tenants/{tenant}/grants                {"grants":[Grant]}
//	DELETE /tenants/{tenant}/grants/{grant}        revokes it, as its user can
//	GET    /tenants/{tenant}/faults                {"faults":["…"]}
//	PUT    /tenants/{tenant}/faults                {"faults":["…"]}: exactly these
//	PUT    /tenants/{tenant}/faults/{fault}        this one too
//	DELETE /tenants/{tenant}/faults/{fault}        this one no more
//	GET    /tenants/{tenant}/script                {"steps":[Waiting]}
//	POST   /tenants/{tenant}/script                Step -> Waiting
//	DELETE /tenants/{tenant}/script                all steps
//	GET    /faults                                 {"faults":[Fault]}
//	PUT    /keys/{name}                            {"txt":["…"]}: TXT records of a public key
//	GET    /journal?since=&limit=&tenant=&kind=&wait=   Journal
//	GET    /                                       a page for people
//	GET    /live?since=&state=                     what happens, as server-sent events, for that page
//	GET    /settled?quiet=&timeout=                {"next"}, or 504
//
// The default tenant, whose name is empty, is @ in a path. Durations are
// written as in Go: 500ms, 2s. An error is {"error":"a sentence"}. A member
// that is not known, or stands there twice, is an error that names it.
package admin

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/dcconform/dcconform/mockprovider/fault"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// Config describes the management API of one mock provider.
type Config struct {
	// Store is what is managed. Required.
	Store *store.Store
	// NewTenant makes a tenant; nil is Store.NewTenant.
	NewTenant func(store.TenantConfig) (*store.Tenant, error)
	// URL is the origin of the mock's web side, without a slash at its end; the
	// URLs of tenants begin with it. "" leaves them without.
	URL string
	// Hosts are names, beside localhost and IP addresses, under which the API
	// is called; under any other it does not answer, so that no web page can
	// reach it by a name that it has made point here.
	Hosts []string
	// Notes are the first lines of the page at the root, asked for each time it
	// is shown; nil is none.
	Notes func() []Note
	// Logger gets what goes wrong inside; nil discards it.
	Logger *slog.Logger
}

// maxBody bounds what is read of a request, in octets.
const maxBody = 16 << 20

// New returns the handler of the API. It starts no goroutine.
func New(c Config) (http.Handler, error) {
	if c.Store == nil {
		return nil, errors.New("admin: Config.Store is nil; give the store that is to be managed")
	}
	if c.NewTenant == nil {
		c.NewTenant = c.Store.NewTenant
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	a := &api{Config: c, mux: http.NewServeMux()}
	a.route()
	return a, nil
}

type api struct {
	Config
	mux *http.ServeMux
	// switching serialises changes of one fault among others.
	switching sync.Mutex
}

func (a *api) route() {
	a.mux.HandleFunc("GET /{$}", a.index)
	a.mux.HandleFunc("GET /live", a.live)
	for pattern, answer := range map[string]answer{
		"GET /tenants":                                a.listTenants,
		"POST /tenants":                               a.createTenant,
		"GET /tenants/{tenant}":                       a.tenant(a.showTenant),
		"DELETE /tenants/{tenant}":                    a.tenant(a.deleteTenant),
		"PUT /tenants/{tenant}/templates":             a.tenant(a.putTemplates),
		"POST /tenants/{tenant}/zones":                a.tenant(a.createZone),
		"GET /tenants/{tenant}/zones/{zone}":          a.tenant(a.showZone),
		"PUT /tenants/{tenant}/zones/{zone}":          a.tenant(a.putZone),
		"POST /tenants/{tenant}/zones/{zone}/records": a.tenant(a.changeRecords),
		"GET /tenants/{tenant}/testing":               a.tenant(a.showTesting),
		"PUT /tenants/{tenant}/testing":               a.tenant(a.putTesting),
		"GET /tenants/{tenant}/clients":               a.tenant(a.showClients),
		"PUT /tenants/{tenant}/clients":               a.tenant(a.putClients),
		"GET /tenants/{tenant}/grants":                a.tenant(a.showGrants),
		"DELETE /tenants/{tenant}/grants/{grant}":     a.tenant(a.deleteGrant),
		"GET /tenants/{tenant}/faults":                a.tenant(a.showFaults),
		"PUT /tenants/{tenant}/faults":                a.tenant(a.putFaults),
		"PUT /tenants/{tenant}/faults/{fault}":        a.tenant(a.putFault),
		"DELETE /tenants/{tenant}/faults/{fault}":     a.tenant(a.deleteFault),
		"GET /tenants/{tenant}/script":                a.tenant(a.showScript),
		"POST /tenants/{tenant}/script":               a.tenant(a.addStep),
		"DELETE /tenants/{tenant}/script":             a.tenant(a.clearScript),
		"GET /faults":                                 a.listFaults,
		"PUT /keys/{name}":                            a.putKey,
		"GET /journal":                                a.journal,
		"GET /settled":                                a.settled,
		"/": func(r *http.Request) (any, error) {
			return nil, problem(http.StatusNotFound, "there is no %s %s here", r.Method, r.URL.Path)
		},
	} {
		a.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			body, err := answer(r)
			a.send(w, r, body, err)
		})
	}
}

// answer answers a request with what is to be sent; nil is an empty answer.
type answer func(r *http.Request) (any, error)

// created is a body with the status 201.
type created struct{ body any }

// Error is an answer of the API that is none.
type Error struct {
	// Status is the HTTP status.
	Status int
	// Message is a sentence.
	Message string
}

func (e *Error) Error() string { return e.Message }

func problem(status int, format string, args ...any) *Error {
	return &Error{status, fmt.Sprintf(format, args...)}
}

// ServeHTTP answers one request.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := a.admit(r); err != nil {
		a.send(w, r, nil, err)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	a.mux.ServeHTTP(w, r)
}

// admit refuses what a web page in somebody's browser could send.
func (a *api) admit(r *http.Request) error {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if host != "localhost" && net.ParseIP(host) == nil && !slices.Contains(a.Hosts, host) {
		return problem(http.StatusMisdirectedRequest, "the management API does not answer under the name %q: call it by its address", host)
	}
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		return problem(http.StatusForbidden, "the management API takes no changes from web pages")
	}
	return nil
}

// send writes an answer.
func (a *api) send(w http.ResponseWriter, r *http.Request, body any, err error) {
	status := http.StatusOK
	if c, ok := body.(created); ok {
		status, body = http.StatusCreated, c.body
	}
	if err != nil {
		e, ok := errors.AsType[*Error](err)
		if !ok {
			e = problem(http.StatusBadRequest, "%v", err)
		}
		status, body = e.Status, map[string]string{"error": e.Message}
	}
	if body == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	text, err := json.Marshal(body)
	if err != nil {
		a.Logger.Error("an answer cannot be written", "request", r.Method+" "+r.URL.Path, "error", err)
		status, text = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be written; see the log"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if _, err := w.Write(append(text, '\n')); err != nil {
		a.Logger.Debug("client went away", "error", err)
	}
}

// read decodes the body of a request.
func read(r *http.Request, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return problem(http.StatusUnsupportedMediaType, "the body has to be JSON, and its Content-Type application/json")
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return problem(http.StatusRequestEntityTooLarge, "the body has more than %d octets", maxBody)
		}
		return problem(http.StatusBadRequest, "the body cannot be read: %v", err)
	}
	return decode(text, into)
}

func decode(text []byte, into any) error {
	err := json.Unmarshal(text, into, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		switch {
		case errors.Is(e, json.ErrUnknownName):
			return problem(http.StatusBadRequest, "the member %s is not known here", e.JSONPointer)
		case e.Err != nil:
			return problem(http.StatusBadRequest, "the member %s: %v", e.JSONPointer, e.Err)
		case e.JSONPointer == "":
			return problem(http.StatusBadRequest, "the body has to be a JSON object")
		}
		return problem(http.StatusBadRequest, "the member %s has the wrong type: it is a JSON %s", e.JSONPointer, kind(e.JSONKind))
	}
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok && !errors.Is(err, io.ErrUnexpectedEOF) {
		if errors.Is(e, jsontext.ErrDuplicateName) {
			return problem(http.StatusBadRequest, "the member %s stands there twice", e.JSONPointer)
		}
		return problem(http.StatusBadRequest, "the body is not JSON at octet %d: %s", e.ByteOffset, strings.TrimPrefix(e.Err.Error(), "jsontext: "))
	}
	return problem(http.StatusBadRequest, "the body is not JSON: it ends too early")
}

func kind(k jsontext.Kind) string {
	switch k {
	case 't', 'f':
		return "boolean"
	case '{':
		return "object"
	case '[':
		return "array"
	}
	return k.String()
}

// tenant finds the tenant of a path.
func (a *api) tenant(show func(*store.Tenant, *http.Request) (any, error)) answer {
	return func(r *http.Request) (any, error) {
		name := r.PathValue("tenant")
		if name == defaultTenant {
			name = ""
		}
		t, ok := a.Store.Tenant(name)
		if !ok {
			return nil, problem(http.StatusNotFound, "there is no tenant %q", name)
		}
		return show(t, r)
	}
}

// defaultTenant stands for the empty name in paths: no tenant can have it.
const defaultTenant = "@"

// findFault finds a fault of the catalogue, with the status of a wrong body
// where there is none.
func findFault(name string) (fault.Fault, error) {
	f, err := fault.Find(name)
	if err != nil {
		return f, problem(http.StatusBadRequest, "%v", err)
	}
	return f, nil
}
