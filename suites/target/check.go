package target

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/dcconform/dcconform/suites/register"
)

// check fills the defaults in and notes what cannot be run with.
func (r *reader) check(c *Config) {
	r.checkEdition(c)
	r.checkDomains(c)
	r.checkDNS(c)
	r.checkSettings(c)
	r.checkHTTP(c)
	r.checkAccounts(c)
	r.checkClaims(c)
	r.checkLimits(c)
	r.checkOurs(c)
	r.checkOAuth(c)
	r.checkConsent(c)
	r.checkHooks(c)
	c.fill()
}

// has reports whether a path is in the file at all; its value may be wrong.
func (r *reader) has(path string) bool {
	_, ok := r.places[path]
	return ok
}

// sound reports whether a path is in the file and nothing has been said about
// it, so that one mistake is told once.
func (r *reader) sound(path string) bool {
	return r.has(path) && !slices.ContainsFunc(r.problems, func(p Problem) bool { return p.Path == path })
}

func (r *reader) checkEdition(c *Config) {
	if r.sound("profile") {
		r.editionOf(c)
	}
	switch {
	case !r.has("edition"):
		if !r.has("profile") {
			r.say("edition", "is missing and has no default: name what the provider is judged by, dcspec-2.3 (what deployed providers follow) or ietf-05")
		}
	case !r.sound("edition"):
	case c.Edition == register.Async00:
		r.say("edition", "async-00 extends an edition and is none: name ietf-05 and claim async: true")
	case c.Edition != register.IETF05 && c.Edition != register.DCSpec23:
		r.say("edition", "%q is no edition: name dcspec-2.3 or ietf-05", c.Edition)
	}
}

// editionOf takes the edition from the profile.
func (r *reader) editionOf(c *Config) {
	if r.profiles == nil {
		r.say("profile", "no profiles are known here: name the edition and remove the profile")
		return
	}
	edition, err := r.profiles(c.Profile)
	switch {
	case err != nil:
		r.say("profile", "%v", err)
	case r.has("edition") && c.Edition != edition:
		r.say("profile", "%s follows %s, and the edition given is %s: remove one of them", c.Profile, edition, c.Edition)
	default:
		c.Edition = edition
	}
}

// The roles of a domain. See Domain.Role.
const (
	RoleOrdinary = ""
	RoleForeign  = "foreign"
	RoleIDN      = "idn"
	RoleChild    = "child"
	RoleBrand    = "brand"
	RoleAbsent   = "absent"
)

var roles = []string{RoleForeign, RoleIDN, RoleChild, RoleBrand, RoleAbsent}

func (r *reader) checkDomains(c *Config) {
	if len(c.Domains) == 0 {
		if !r.has("domains") || r.sound("domains") {
			r.say("domains", "names no domain: give at least one zone of the account that is there for the tests")
		}
		return
	}
	first, ordinary := map[string]int{}, false
	for i := range c.Domains {
		d, at := &c.Domains[i], fmt.Sprintf("domains[%d]", i)
		ordinary = ordinary || d.Role == RoleOrdinary
		if !r.has(at + ".name") {
			r.say(at, "has no name: write name: and the zone")
		} else if r.sound(at + ".name") {
			r.domain(&d.Name, at+".name")
		}
		if j, twice := first[d.Name]; twice && d.Name != "" {
			r.say(at+".name", "%s is domains[%d] already: remove one", d.Name, j)
		} else {
			first[d.Name] = i
		}
		if r.has(at+".role") && !slices.Contains(roles, d.Role) {
			r.say(at+".role", "%q is no role (%s): leave it out for an ordinary zone", d.Role, suggest(d.Role, roles))
		}
		if r.sound(at+".account") && !slices.ContainsFunc(c.Accounts, func(a Account) bool { return a.User == d.Account }) {
			r.say(at+".account", "%q is the user of no account: add it to accounts", d.Account)
		}
	}
	if !ordinary {
		r.say("domains", "none is an ordinary zone: give one without a role, which most cases write to")
	}
	r.checkRoles(c)
}

// checkRoles holds names to what their roles say.
func (r *reader) checkRoles(c *Config) {
	for i, d := range c.Domains {
		at := fmt.Sprintf("domains[%d]", i)
		parent := ""
		for _, other := range c.Domains {
			if strings.HasSuffix(d.Name, "."+other.Name) && len(other.Name) > len(parent) {
				parent = other.Name
			}
		}
		switch {
		case !r.sound(at + ".name"):
		case d.Role == RoleChild && parent == "":
			r.say(at+".role", "child is a zone below another one of the list, and %s is below none: add its parent", d.Name)
		case d.Role == RoleOrdinary && parent != "":
			r.say(at+".name", "%s is below %s: say role: child", d.Name, parent)
		case d.Role == RoleIDN && !strings.Contains("."+d.Name, ".xn--"):
			r.say(at+".role", "idn is a zone whose name is not ASCII, and %s is: give another or remove the role", d.Name)
		}
	}
}

func (r *reader) checkDNS(c *Config) {
	if !r.has("dns.servers") && !r.has("dns.resolver") {
		r.say("dns", "says nowhere to observe the zones: give servers (the authoritative ones) or a resolver")
	}
	if r.sound("dns.servers") && len(c.DNS.Servers) == 0 {
		r.say("dns.servers", "is an empty list: give one server at least, as 192.0.2.53:53")
	}
	for i, server := range c.DNS.Servers {
		at := fmt.Sprintf("dns.servers[%d]", i)
		r.endpoint(server, at, "53")
		if j := slices.Index(c.DNS.Servers, server); j < i {
			r.say(at, "is dns.servers[%d] already: remove one", j)
		}
	}
	if r.has("dns.resolver") {
		r.endpoint(c.DNS.Resolver, "dns.resolver", "53")
	}
	if c.DNS.AXFR && len(c.DNS.Servers) == 0 {
		r.say("dns.axfr", "needs an authoritative server to transfer from: give servers, or remove it")
	}
}

func (r *reader) checkSettings(c *Config) {
	if !r.sound("settings") {
		return
	}
	s := c.Settings
	switch {
	case s == "":
		r.say("settings", "is empty: give an authority and a path, or remove it to ask DNS")
		return
	case strings.Contains(s, "://"):
		_, rest, _ := strings.Cut(s, "://")
		r.say("settings", "is an authority and a path, as in the TXT record: write %s without the scheme", rest)
		return
	case strings.ContainsAny(s, "?#"):
		r.say("settings", "is an authority and a path: remove the query and the fragment")
		return
	}
	u, err := url.Parse("https://" + s + "/v2")
	if err != nil || u.Hostname() == "" || u.User != nil {
		r.say("settings", "%q is no authority with a path: write it as provider.example:8443/dc", s)
		return
	}
	if _, err := port(u.Port()); u.Port() != "" && err != nil {
		r.say("settings", "%v", err)
	}
}

func (r *reader) checkAccounts(c *Config) {
	for i, a := range c.Accounts {
		at := fmt.Sprintf("accounts[%d]", i)
		if a.User == "" && (!r.has(at+".user") || r.sound(at+".user")) {
			r.say(at, "has no user: write user: and the name that signs in")
		}
		if !r.has(at + ".password") {
			r.say(at, "has no password: give a text, {file: PATH} or {env: NAME}")
		} else if r.sound(at+".password") && a.Password.value == "" && !r.within(at+".password.") {
			r.say(at+".password", "is empty: give a text, {file: PATH} or {env: NAME}")
		}
		if j := slices.IndexFunc(c.Accounts, func(b Account) bool { return b.User == a.User }); j < i && a.User != "" {
			r.say(at+".user", "%q is accounts[%d] already: remove one", a.User, j)
		}
	}
	if r.sound("session") {
		c.Session = r.readable("session", c.Session)
	}
	if len(c.Accounts) == 0 && !r.has("accounts") && !r.has("session") && !c.Consent.Manual {
		r.say("accounts", "is missing, and nobody can sign in: give accounts, an imported session, or consent: {manual: true}")
	}
}

// within reports whether something is said already about a place below.
func (r *reader) within(prefix string) bool {
	return slices.ContainsFunc(r.problems, func(p Problem) bool { return strings.HasPrefix(p.Path, prefix) })
}

func (r *reader) checkClaims(c *Config) {
	for _, need := range slices.Sorted(maps.Keys(c.Claims)) {
		if !slices.Contains(claimNames(), string(need)) {
			r.say("claims."+string(need), "unknown claim; %s", suggest(string(need), claimNames()))
		}
	}
	if c.Claim(register.NeedStateful) == Supported && c.Claim(register.NeedStateless) == Supported {
		r.say("claims.stateless", "contradicts claims.stateful: a provider remembers what it applied or does not; make one false")
	}
	if c.Claim(register.NeedRevert) == Supported && c.Claim(register.NeedAsync) == Unsupported {
		r.say("claims.revert", "contradicts claims.async: templates are taken back by the asynchronous API")
	}
}

func (r *reader) checkLimits(c *Config) {
	for _, l := range []struct {
		name       string
		value, max time.Duration
	}{
		{"request", c.Limits.Request, MaxRequest},
		{"flow", c.Limits.Flow, MaxFlow},
		{"propagation", c.Limits.Propagation, MaxPropagation},
		{"case", c.Limits.Case, MaxCase},
		{"linger", c.Limits.Linger, MaxLinger},
	} {
		if l.value > l.max {
			r.say("limits."+l.name, "%s is beyond the ceiling of %s: give less", brief(l.value), brief(l.max))
		}
	}
	if !r.has("hosts") {
		return
	}
	if r.sound("hosts.limit") && (c.Hosts.Limit < 1 || c.Hosts.Limit > MaxHosts) {
		r.say("hosts.limit", "%d is not between 1 and %d", c.Hosts.Limit, MaxHosts)
	}
	if !r.sound("hosts.prefix") {
		return
	}
	prefix := strings.ToLower(c.Hosts.Prefix)
	if !label(prefix) || len(prefix) > MaxPrefix {
		r.say("hosts.prefix", "%q does not begin a host name: take 1 to %d letters, digits and hyphens, a letter or digit first", c.Hosts.Prefix, MaxPrefix)
		return
	}
	c.Hosts.Prefix = prefix
}

// brief is a duration without its zero parts: 1h, not 1h0m0s.
func brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
