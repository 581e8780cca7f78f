package selftest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/fixtures/keys"
	"github.com/dcconform/dcconform/suites/register"
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
	file = filepath.Join(dir, "target.yaml")
	for name, data := range map[string][]byte{file: []byte(b.yaml(o.Edition)), filepath.Join(dir, "ca.pem"): b.provider.CAPEM()} {
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
	return file, func() { b.provider.RemoveTenant(tenant) }, nil
}

// yaml is config as a file.
func (b *Bench) yaml(edition register.Edition) string {
	c := b.config(edition)
	var s strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&s, format+"\n", args...) }
	line("name: %s\nedition: %s\ndomains:", c.Name, edition)
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
	line("dns:\n  servers: [%q]\n  resolver: %q\n  axfr: true", b.provider.DNSAddr(), b.provider.DNSAddr())
	line("http:\n  ca: [ca.pem]\naccounts:")
	for _, a := range c.Accounts {
		line("  - user: %s\n    password: %q", a.User, a.Password.Reveal())
	}
	line("keyZone:\n  published: true\nhosts:\n  limit: %d\nclaims:", c.Hosts.Limit)
	var claims []string
	for need, has := range c.Claims {
		claims = append(claims, fmt.Sprintf("  %s: %v", need, has))
	}
	slices.Sort(claims)
	line("%s", strings.Join(claims, "\n"))
	line("hooks:\n  update: {server: %q, key: %s, secret: %q}", b.provider.DNSAddr(), updateKey, updateSecret)
	return s.String()
}
