package fault

import (
	"bytes"
	"html"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// securities are misbehaviours towards links that mean harm, beside those of
// the pages (fault.go).
var securities = []Fault{
	{"newline-record-injection", "A line break in a value ends the line of the zone file, and what follows is another record.",
		[]string{"DC-SEC-CONTROL-CHARACTERS"}, injecting},
	{"mass-assignment", "Parameters that are called ttl or pointsTo override these fields of the records.",
		[]string{"DC-SEC-TEMPLATE-SCOPE-ONLY"}, overriding},
	{"check-first-use-last", "Of a parameter that comes twice the first is checked and shown, and the last is used.",
		[]string{"DC-SEC-DUPLICATE-PARAMS"}, firstAndLastUsed},
	{"first-domain-checked", "Of two domains the first is looked for in the account, and the last is changed.",
		[]string{"DC-SEC-DUPLICATE-PARAMS"}, firstDomainChecked},
	{"acme-host-obscured", "The consent page leaves labels with an underscore out of the names that it shows.",
		[]string{"DC-SEC-UNDERSCORE-HOST"}, paging("consent", func(document []byte) []byte {
			return regexp.MustCompile(`(_[A-Za-z0-9-]+\.)+`).ReplaceAll(document, nil)
		})},
	{"underscore-like-any-other", "A host with an underscore is presented as any other.",
		[]string{"DC-SEC-UNDERSCORE-HOST", "DC-SEC-NAME-PROTECTION"}, unwarned(func(string) bool { return true })},
	{"domainconnect-overwritten", "A template can be applied at _domainconnect, as at any other name.",
		[]string{"DC-SEC-NAME-PROTECTION"}, unwarned(func(name string) bool {
			return slices.Contains(strings.Split(name, "."), "_domainconnect")
		})},
	{"framed-by-anybody", "The pages say that everybody may frame them.",
		[]string{"DC-SEC-CLICKJACKING"}, answers(func(_ *http.Request, a *answer) {
			policy := a.header.Get("Content-Security-Policy")
			a.header.Set("Content-Security-Policy", strings.Replace(policy, "frame-ancestors 'none'", "frame-ancestors *", 1))
		})},
	{"template-names-as-markup", "The names of templates are trusted, and put into the consent page as they are.",
		[]string{"DC-SEC-ESCAPED-OUTPUT"}, namesAsMarkup},
}

// unwarned takes the warnings about some special names off the consent page.
func unwarned(special func(name string) bool) func(*store.TenantConfig) {
	return telling(func(_ *dc.Template, told *store.Told) {
		told.Warnings = slices.DeleteFunc(slices.Clone(told.Warnings), func(w store.Warning) bool {
			return w.Special != "" && special(w.Special)
		})
	})
}

// namesAsMarkup undoes the escaping of what templates call themselves.
func namesAsMarkup(c *store.TenantConfig) {
	var mu sync.Mutex
	names := map[string]bool{}
	both(
		telling(func(t *dc.Template, _ *store.Told) {
			mu.Lock()
			defer mu.Unlock()
			names[t.ServiceName], names[t.ProviderName] = true, true
		}),
		paging("consent", func(document []byte) []byte {
			mu.Lock()
			defer mu.Unlock()
			for name := range names {
				document = bytes.ReplaceAll(document, []byte(html.EscapeString(name)), []byte(name))
			}
			return document
		}),
	)(c)
}

// requests remembers something about the last apply request for each name that
// templates are applied at. A fault that needs it holds for a tenant, and
// cannot be scripted for one request.
type requests struct {
	mu     sync.Mutex
	byName map[string]url.Values
}

func newRequests() *requests { return &requests{byName: map[string]url.Values{}} }

func (r *requests) note(domain, host string, values url.Values) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byName[strings.ToLower(host+"."+domain)] = values
}

func (r *requests) of(ask resolve.Request) url.Values {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byName[strings.ToLower(ask.Host+"."+ask.Domain)]
}

// injecting cuts values at a line break, and makes records of the lines behind
// it.
func injecting(c *store.TenantConfig) {
	seen := newRequests()
	both(
		parameters(func(raw string) string {
			var lines []string
			clean := eachPair(raw, func(name, v string) (string, string) {
				plain, err := url.PathUnescape(v)
				value, more, found := strings.Cut(plain, "\n")
				if err != nil || !found || slices.Contains(flowParameters, name) {
					return name, v
				}
				lines = append(lines, strings.Split(more, "\n")...)
				return name, url.PathEscape(strings.TrimRight(value, "\r\""))
			})
			query, err := url.ParseQuery(clean)
			if err == nil {
				seen.note(query.Get("domain"), query.Get("host"), url.Values{"line": lines})
			}
			return clean
		}),
		rendering(func(_ *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
			for _, line := range seen.of(ask)["line"] {
				rr, lineErr := dns.NewRR(strings.TrimRight(line, ";\""))
				if lineErr == nil && rr != nil {
					h := rr.Header()
					records = append(slices.Clip(records), dc.Resolved{Owner: h.Name, Type: dns.Type(h.Rrtype).String(), TTL: h.Ttl, RR: rr})
				}
			}
			return records, err
		}),
	)(c)
}

// overriding has the query decide about fields of the records.
func overriding(c *store.TenantConfig) {
	seen := newRequests()
	both(
		serving(applyPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			q := r.URL.Query()
			seen.note(q.Get("domain"), q.Get("host"), q)
			next.ServeHTTP(w, r)
		}),
		rendering(func(_ *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
			q := seen.of(ask)
			records = slices.Clone(records)
			for i := range records {
				overrideFields(&records[i], q)
			}
			return records, err
		}),
	)(c)
}

func overrideFields(r *dc.Resolved, q url.Values) {
	if r.RR == nil {
		return
	}
	r.RR = dns.Copy(r.RR)
	if ttl, err := strconv.ParseUint(q.Get("ttl"), 10, 31); err == nil {
		r.TTL = uint32(ttl)
		r.RR.Header().Ttl = r.TTL
	}
	if a, ok := r.RR.(*dns.A); ok {
		if ip := net.ParseIP(q.Get("pointsTo")).To4(); ip != nil {
			a.A = ip
		}
	}
}

// firstAndLastUsed leaves the first of each parameter in the query, and puts the
// last one in its place at the end.
func firstAndLastUsed(c *store.TenantConfig) {
	var mu sync.Mutex
	var swap *strings.Replacer
	use := func(text string) string {
		mu.Lock()
		defer mu.Unlock()
		return swap.Replace(text)
	}
	both(
		parameters(func(raw string) string {
			first := map[string]string{}
			var swaps []string
			kept := keepPairs(raw, func(segment string) bool {
				name, v := decodedPair(segment)
				earlier, twice := first[name]
				if twice && earlier != "" && earlier != v {
					swaps = append(swaps, earlier, v)
				} else {
					first[name] = v
				}
				return !twice
			})
			mu.Lock()
			defer mu.Unlock()
			swap = strings.NewReplacer(swaps...)
			return kept
		}),
		location(func(at string, _ store.Redirect, _ bool) string { return use(at) }),
		writing(func(_ *zone.Zone, change zone.Change) zone.Change {
			change.Add = slices.Clone(change.Add)
			for i, r := range change.Add {
				change.Add[i].Owner, change.Add[i].Data = use(r.Owner), use(r.Data)
			}
			return change
		}),
	)(c)
}

// decodedPair is a segment of a query as its reader has it.
func decodedPair(segment string) (name, v string) {
	name, v, _ = strings.Cut(segment, "=")
	if plain, err := url.PathUnescape(name); err == nil {
		name = plain
	}
	if plain, err := url.PathUnescape(v); err == nil {
		v = plain
	}
	return name, v
}

// firstDomainChecked uses the last of two domains, whoever has it.
func firstDomainChecked(c *store.TenantConfig) {
	var mu sync.Mutex
	twice := false
	parameters(func(raw string) string {
		var all []string
		rest := keepPairs(raw, func(segment string) bool {
			if strings.HasPrefix(segment, "domain=") {
				all = append(all, segment)
				return false
			}
			return true
		})
		mu.Lock()
		defer mu.Unlock()
		if twice = len(all) > 1; !twice {
			return raw
		}
		return rest + "&" + all[len(all)-1]
	})(c)
	c.Hooks.Refuse = append(c.Hooks.Refuse, func(g store.Guard, err error) error {
		mu.Lock()
		defer mu.Unlock()
		if g == store.GuardZone && twice {
			return nil
		}
		return err
	})
}
