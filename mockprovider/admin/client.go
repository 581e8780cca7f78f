package admin

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/dcconform/dcconform/mockprovider/instance"
)

// Client calls the management API of a mock. Where the API has no answer but
// an error, the client's error is an *Error. Tenants are named by their name;
// "" is the default tenant.
type Client struct {
	url  string
	http *http.Client
}

// NewClient returns a client for the API at a URL, as Provider.AdminURL gives
// it. It uses no proxy. Close it when it is no longer needed.
func NewClient(address string) *Client {
	return &Client{url: strings.TrimSuffix(address, "/"), http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}}
}

// Close closes the connections that are not in use. The client may be used
// again.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// call makes a request; in and out may be nil.
func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s %s: the request cannot be written: %w", method, path, err)
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.url+path, body)
	if err != nil {
		return fmt.Errorf("the management API at %q: %w", c.url, err)
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return fmt.Errorf("the management API: %w", err)
	}
	text, err := io.ReadAll(resp.Body)
	if closing := resp.Body.Close(); err == nil {
		err = closing
	}
	switch {
	case err != nil:
		return fmt.Errorf("%s %s: the answer cannot be read: %w", method, path, err)
	case resp.StatusCode >= 300:
		return refusal(resp.StatusCode, text)
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("%s %s: the answer is not what the management API answers: %w", method, path, err)
	}
	return nil
}

func refusal(status int, text []byte) *Error {
	var body struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(text, &body) != nil || body.Error == "" {
		return problem(status, "the management API answers with status %d and no reason", status)
	}
	return &Error{status, body.Error}
}

// at is the path of a tenant, and of what is below it.
func at(tenant string, below ...string) string {
	if tenant == "" {
		tenant = defaultTenant
	}
	path := "/tenants/" + url.PathEscape(tenant)
	for _, b := range below {
		path += "/" + url.PathEscape(b)
	}
	return path
}

// Tenants lists all tenants, sorted by name.
func (c *Client) Tenants(ctx context.Context) ([]Tenant, error) {
	var out struct {
		Tenants []Tenant `json:"tenants"`
	}
	err := c.call(ctx, http.MethodGet, "/tenants", nil, &out)
	return out.Tenants, err
}

// CreateTenant makes a tenant, whole or not at all.
func (c *Client) CreateTenant(ctx context.Context, n NewTenant) (Tenant, error) {
	var out Tenant
	err := c.call(ctx, http.MethodPost, "/tenants", n, &out)
	return out, err
}

// Tenant returns a tenant.
func (c *Client) Tenant(ctx context.Context, tenant string) (Tenant, error) {
	var out Tenant
	err := c.call(ctx, http.MethodGet, at(tenant), nil, &out)
	return out, err
}

// DeleteTenant takes a tenant and its zones out.
func (c *Client) DeleteTenant(ctx context.Context, tenant string) error {
	return c.call(ctx, http.MethodDelete, at(tenant), nil, nil)
}

// SetTemplates makes a tenant know exactly these templates.
func (c *Client) SetTemplates(ctx context.Context, tenant string, templates ...[]byte) (Tenant, error) {
	in := map[string][]jsontext.Value{"templates": {}}
	for _, t := range templates {
		in["templates"] = append(in["templates"], t)
	}
	var out Tenant
	err := c.call(ctx, http.MethodPut, at(tenant, "templates"), in, &out)
	return out, err
}

// CreateZone hosts a zone.
func (c *Client) CreateZone(ctx context.Context, tenant string, n NewZone) (Zone, error) {
	var out Zone
	err := c.call(ctx, http.MethodPost, at(tenant, "zones"), n, &out)
	return out, err
}

// Zone returns a zone in its present state.
func (c *Client) Zone(ctx context.Context, tenant, name string) (Zone, error) {
	var out Zone
	err := c.call(ctx, http.MethodGet, at(tenant, "zones", name), nil, &out)
	return out, err
}

// ReplaceZone makes a zone hold exactly the records of a text in presentation
// format, and have exactly these templates applied. SOA and NS of the apex
// stay where the text has none.
func (c *Client) ReplaceZone(ctx context.Context, tenant, name, text string, instances ...instance.Instance) (Zone, error) {
	var out Zone
	in := map[string]any{"text": text}
	if len(instances) > 0 {
		in["instances"] = instances
	}
	err := c.call(ctx, http.MethodPut, at(tenant, "zones", name), in, &out)
	return out, err
}

// ChangeRecords adds and removes records of a zone in one step.
func (c *Client) ChangeRecords(ctx context.Context, tenant, name string, r Records) (Zone, error) {
	var out Zone
	err := c.call(ctx, http.MethodPost, at(tenant, "zones", name, "records"), r, &out)
	return out, err
}

// Catalogue lists all faults, sorted by name.
func (c *Client) Catalogue(ctx context.Context) ([]Fault, error) {
	var out struct {
		Faults []Fault `json:"faults"`
	}
	err := c.call(ctx, http.MethodGet, "/faults", nil, &out)
	return out.Faults, err
}

// Faults names the faults that are switched on at a tenant.
func (c *Client) Faults(ctx context.Context, tenant string) ([]string, error) {
	var out faultNames
	err := c.call(ctx, http.MethodGet, at(tenant, "faults"), nil, &out)
	return out.Faults, err
}

// SetFaults makes a tenant have exactly these faults.
func (c *Client) SetFaults(ctx context.Context, tenant string, faults ...string) error {
	return c.call(ctx, http.MethodPut, at(tenant, "faults"), faultNames{append([]string{}, faults...)}, nil)
}

// SwitchFault switches one fault of a tenant on or off and leaves the others.
func (c *Client) SwitchFault(ctx context.Context, tenant, fault string, on bool) error {
	method := http.MethodDelete
	if on {
		method = http.MethodPut
	}
	return c.call(ctx, method, at(tenant, "faults", fault), nil, nil)
}

// AddStep puts a step at the end of a tenant's script.
func (c *Client) AddStep(ctx context.Context, tenant string, s Step) (Waiting, error) {
	var out Waiting
	err := c.call(ctx, http.MethodPost, at(tenant, "script"), s, &out)
	return out, err
}

// Script lists what is left of a tenant's script.
func (c *Client) Script(ctx context.Context, tenant string) ([]Waiting, error) {
	var out struct {
		Steps []Waiting `json:"steps"`
	}
	err := c.call(ctx, http.MethodGet, at(tenant, "script"), nil, &out)
	return out.Steps, err
}

// ClearScript takes all steps out of a tenant's script.
func (c *Client) ClearScript(ctx context.Context, tenant string) error {
	return c.call(ctx, http.MethodDelete, at(tenant, "script"), nil, nil)
}

// PublishKey makes the TXT records at a key name be exactly txt.
func (c *Client) PublishKey(ctx context.Context, name string, txt ...string) error {
	return c.call(ctx, http.MethodPut, "/keys/"+url.PathEscape(name), map[string][]string{"txt": append([]string{}, txt...)}, nil)
}

// JournalQuery selects events of the journal. The zero value is all of them.
type JournalQuery struct {
	// Since is the number of the first event.
	Since int
	// Limit is the most events that are returned; 0 is 1000.
	Limit int
	// Tenant is a tenant's name, "@" for the default tenant and for what
	// belongs to none; "" selects all.
	Tenant string
	// Kind is one of the kinds of package store; "" selects all.
	Kind string
	// Wait is how long to wait for an event when there is none, at most a
	// minute.
	Wait time.Duration
}

// Journal returns a part of the journal.
func (c *Client) Journal(ctx context.Context, q JournalQuery) (Journal, error) {
	v := url.Values{}
	for name, n := range map[string]int{"since": q.Since, "limit": q.Limit} {
		if n != 0 {
			v.Set(name, strconv.Itoa(n))
		}
	}
	for name, s := range map[string]string{"tenant": q.Tenant, "kind": q.Kind} {
		if s != "" {
			v.Set(name, s)
		}
	}
	if q.Wait != 0 {
		v.Set("wait", q.Wait.String())
	}
	var out Journal
	err := c.call(ctx, http.MethodGet, "/journal?"+v.Encode(), nil, &out)
	return out, err
}

// Settled waits until nothing is in progress at the mock, and nothing was
// added to the journal for the quiet time. It returns the number that the next
// event will have. After the timeout (0 is ten seconds, a minute the most) the
// error, of status 504, names what is still running.
func (c *Client) Settled(ctx context.Context, quiet, timeout time.Duration) (int, error) {
	v := url.Values{"quiet": {quiet.String()}}
	if timeout != 0 {
		v.Set("timeout", timeout.String())
	}
	var out struct {
		Next int `json:"next"`
	}
	err := c.call(ctx, http.MethodGet, "/settled?"+v.Encode(), nil, &out)
	return out.Next, err
}
