package selftest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/fixtures/keys"
	"github.com/dcconform/dcconform/suites/target"
)

// TargetPassword is the password in the file that Stranger writes.
const TargetPassword = userPassword

// The key with which a stranger puts records into zones by dynamic update.
const updateKey, updateSecret = "stranger", "c3RyYW5nZXIncyBrZXkgZm9yIHVwZGF0ZXM="

// Stranger makes a tenant as World does, and writes into dir what somebody
// needs who reaches it over its ports and knows nothing else: a target.yaml and
// the certificate of its authority. close takes the tenant down.
func (b *Bench) Stranger(ctx context.Context, dir string, o Options) (file string, closeWorld func(), err error) {
	key, err := keys.Signing()
	if err != nil {
		return "", nil, err
	}
	if err := b.keys.PublishKey(ctx, keys.Label+"."+fixtures.DefaultIdentity.KeyDomain, key.TXT); err != nil {
		return "", nil, err
	}
	b.asked.Store(b.keys)
	file = filepath.Join(dir, "target.yaml")
	for name, data := range map[string][]byte{file: []byte(b.yaml(o)), filepath.Join(dir, "ca.pem"): b.provider.CAPEM()} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return "", nil, err
		}
	}
	c, err := b.tenantConfig(o)
	if err != nil {
		return "", nil, err
	}
	tenant, err := b.provider.NewTenant(c)
	if err != nil {
		return "", nil, err
	}
	revoke := revoker(tenant)
	b.revoke.Store(&revoke)
	return file, func() { b.provider.RemoveTenant(tenant) }, nil
}

// Revoke takes back what a user has allowed at the tenant that Stranger has made
// last, as he would on a page of the provider. It fails where there is none.
func (b *Bench) Revoke(ctx context.Context, user string) error {
	revoke := b.revoke.Load()
	if revoke == nil {
		return errors.New("there is no tenant to take permissions back at")
	}
	return (*revoke)(ctx, user)
}

// yaml is what is described as a file.
func (b *Bench) yaml(o Options) string {
	c := b.described(o)
	c.DNS.Resolver = b.provider.DNSAddr()
	c.Hooks.Update = &target.Update{Server: b.provider.DNSAddr(), Key: updateKey, Secret: target.NewSecret(updateSecret)}
	if o.Describe != nil {
		o.Describe(c)
	}
	var s strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&s, format+"\n", args...) }
	line("name: %s\nedition: %s\ndomains:", c.Name, c.Edition)
	for _, d := range c.Domains {
		line("  - name: %s", d.Name)
		if d.Apex {
			line("    apex: true")
		}
		if d.Role != "" {
			line("    role: %s", d.Role)
		}
		if d.Account != "" {
			line("    account: %s", d.Account)
		}
	}
	line("dns:\n  servers: [%s]\n  resolver: %q\n  axfr: %v", strings.Join(c.DNS.Servers, ", "), c.DNS.Resolver, c.DNS.AXFR)
	if c.Settings != "" {
		line("settings: %s", c.Settings)
	}
	line("http:\n  ca: [ca.pem]\n  hosts:\n    \"127.0.0.1:80\": %q\naccounts:", b.provider.ForwardAddr())
	for _, a := range c.Accounts {
		line("  - user: %s\n    password: %q", a.User, a.Password.Reveal())
	}
	if c.KeyZone.Listen != "" {
		line("keyZone:\n  listen: %q", c.KeyZone.Listen)
	} else {
		line("keyZone:\n  published: true")
	}
	registration(line, c.OAuth)
	limits(line, c.Limits)
	line("hosts:\n  limit: %d\nclaims:", c.Hosts.Limit)
	var claims []string
	for need, has := range c.Claims {
		claims = append(claims, fmt.Sprintf("  %s: %v", need, has))
	}
	slices.Sort(claims)
	line("%s", strings.Join(claims, "\n"))
	if u := c.Hooks.Update; u != nil {
		line("hooks:\n  update: {server: %q, key: %s, secret: %q}", u.Server, u.Key, u.Secret.Reveal())
	}
	return s.String()
}

// registration is how the run is registered as an OAuth client.
func registration(line func(string, ...any), o target.OAuth) {
	if o.Client == "" {
		return
	}
	line("oauth:\n  redirect: %q", o.Redirect)
	for _, c := range []struct {
		member, id, of string
		secret         target.Secret
	}{{"client", o.Client, "secret", o.Secret}, {"otherClient", o.OtherClient, "otherSecret", o.OtherSecret},
		{"briefClient", o.BriefClient, "briefSecret", o.BriefSecret}, {"codeClient", o.CodeClient, "codeSecret", o.CodeSecret}} {
		if c.id != "" {
			line("  %s: %s\n  %s: %q", c.member, c.id, c.of, c.secret.Reveal())
		}
	}
	if o.CodeLife > 0 {
		line("  codeLife: %s", o.CodeLife)
	}
}

// limits are those that differ from the defaults.
func limits(line func(string, ...any), l target.Limits) {
	if l == (target.Limits{}) {
		return
	}
	line("limits:")
	for _, limit := range []struct {
		name  string
		value time.Duration
	}{{"request", l.Request}, {"flow", l.Flow}, {"propagation", l.Propagation}, {"case", l.Case}, {"linger", l.Linger}} {
		if limit.value != 0 {
			line("  %s: %s", limit.name, limit.value)
		}
	}
}
