package admin

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/registration"
)

// Clients are registered with a tenant and while it runs, and what users have
// granted to them is seen and taken back.
func TestClientsAndGrants(t *testing.T) {
	m := manage(t)
	ctx := t.Context()
	first := registration.Client{ID: "sp.test", Secret: new("hush"), Redirects: []string{"https://sp.test/cb"}, TokenLife: "1m0s"}
	if _, err := m.CreateTenant(ctx, NewTenant{Name: "s", Clients: []registration.Client{first}}); err != nil {
		t.Fatal(err)
	}
	shown := first
	shown.Secret, shown.Digest = nil, new("dc8331bcb2283e89d275a1c2fe66f7bf5ac3163ec1967f149dd7e27906365f0c")
	got, err := m.Clients(ctx, "s")
	if diff := cmp.Diff([]registration.Client{shown}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	second := registration.Client{ID: "app", Redirects: []string{"https://app.test/"}}
	got, err = m.SetClients(ctx, "s", first, second)
	if diff := cmp.Diff([]registration.Client{shown, second}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	// What was shown can be sent again: no client becomes one without a secret.
	if got, err = m.SetClients(ctx, "s", got...); err != nil || got[0].Digest == nil {
		t.Errorf("%v, %v", err, got)
	}

	tenant, ok := m.store.Tenant("s")
	if !ok {
		t.Fatal("no tenant")
	}
	n := 0
	mint := func() (string, error) { n++; return fmt.Sprint("v", n), nil }
	client := tenant.Config().Clients[0]
	if !client.Secret.Matches("hush") {
		t.Error("the secret is another one")
	}
	_, err = tenant.Grants().Authorize(&client, oauth.Scope{User: "ann", Client: "sp.test", Provider: "sp.test", Services: []string{"t"}, Domain: "s.example.", Hosts: []string{""}}, "https://sp.test/cb", "", mint)
	if err != nil {
		t.Fatal(err)
	}
	grants, err := m.Grants(ctx, "s")
	if err != nil || len(grants) != 1 {
		t.Fatalf("%v, %v", err, grants)
	}
	want := Grant{ID: "1", User: "ann", Client: "sp.test", Provider: "sp.test", Services: []string{"t"}, Domain: "s.example.", Hosts: []string{""}, Since: grants[0].Since}
	if diff := cmp.Diff(want, grants[0]); diff != "" || want.Since.IsZero() {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if err := m.RevokeGrant(ctx, "s", "1"); err != nil {
		t.Error(err)
	}
	if grants, err = m.Grants(ctx, "s"); err != nil || len(grants) != 0 {
		t.Errorf("%v, %v", err, grants)
	}
	refused(t, m.RevokeGrant(ctx, "s", "1"), http.StatusNotFound, `tenant "s" has no grant "1" that could be revoked`)

	_, err = m.SetClients(ctx, "s", registration.Client{ID: "x"})
	refused(t, err, http.StatusBadRequest, "client x: it has no redirect URI: a code can be sent nowhere")
	_, err = m.SetClients(ctx, "s", registration.Client{ID: "x", Secret: new(""), Redirects: []string{"https://x.test/"}})
	refused(t, err, http.StatusBadRequest, "client x: secret is empty: give it a value, or leave it out")
	_, err = m.CreateTenant(ctx, NewTenant{Name: "t", Clients: []registration.Client{{}}})
	refused(t, err, http.StatusBadRequest, "client 1 has no id: give it one, such as its providerId")
	if got, err = m.SetClients(ctx, "s"); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", err, got)
	}
}
