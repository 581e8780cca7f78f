package fault

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// applies are misbehaviours in reading an apply request.
var applies = []Fault{
	{"sync-path-dropped", "The router knows apply requests without the path of urlSyncUX alone.",
		[]string{"DC-REQ-ENDPOINT"},
		serving(applyPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if !strings.HasPrefix(r.URL.Path, "/v2/") {
				http.NotFound(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})},
	{"two-kilobyte-query-limit", "What is kept of a link while the user signs in ends after 2048 octets.",
		[]string{"DC-REQ-URL-LENGTH-ACCEPTED"}, overSignIn(func(raw string) string { return raw[:min(len(raw), 2048)] })},
	{"four-kilobyte-link-limit", "Links of more than 4096 octets are refused.",
		[]string{"DC-REQ-URL-LENGTH-ACCEPTED"}, longerThan(4096, http.StatusRequestURITooLong)},
	{"truncated-long-query", "What follows the first 16384 octets of a query is silently lost.",
		[]string{"DC-REQ-URL-LENGTH-REJECTED"}, func(c *store.TenantConfig) {
			c.Hooks.Query = append(c.Hooks.Query, func(raw string) string { return raw[:min(len(raw), 16384)] })
		}},
	{"long-link-breaks-down", "A link of more than 16384 octets ends in a server error.",
		[]string{"DC-REQ-URL-LENGTH-REJECTED"}, longerThan(16384, http.StatusInternalServerError)},

	{"double-decode", "Values are percent-decoded twice.",
		[]string{"DC-REQ-PERCENT-DECODE"}, values(func(v string) string {
			if twice, err := url.PathUnescape(v); err == nil {
				return twice
			}
			return v
		})},
	{"escaped-names-unknown", "The names of parameters are compared as they were sent, not decoded.",
		[]string{"DC-REQ-PERCENT-DECODE"}, parameters(func(raw string) string {
			return eachPair(raw, func(name, v string) (string, string) { return strings.ReplaceAll(name, "%", "%25"), v })
		})},
	{"form-decoding", "Queries are decoded as forms are, so that a plus becomes a space.",
		[]string{"DC-REQ-PLUS-LITERAL"}, parameters(func(raw string) string { return strings.ReplaceAll(raw, "+", "%20") })},

	{"session-default-domain", "A request without a usable domain is for the user's own domain.",
		[]string{"DC-REQ-DOMAIN-REQUIRED"}, defaultDomain},
	{"missing-domain-breaks-down", "A request without domain ends in a server error.",
		[]string{"DC-REQ-DOMAIN-REQUIRED"}, serving(applyPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if !r.URL.Query().Has("domain") {
				http.Error(w, "Internal Server Error", http.StatusInternalServerError)
				return
			}
			next.ServeHTTP(w, r)
		})},
	{"parent-zone-apply", "Where domain is no zone, labels are stripped from it until one is found.",
		[]string{"DC-REQ-DOMAIN-IS-APEX"}, parentZone},
	{"delegated-zone-refused", "Zones below another zone of the user cannot be changed.",
		[]string{"DC-REQ-DOMAIN-IS-APEX"}, delegatedRefused},
	{"comma-host-sync", "host may be a list, of which the first name counts.",
		[]string{"DC-REQ-HOST-SINGLE"}, asking(func(_ *dc.Template, ask *resolve.Request) { ask.Host, _, _ = strings.Cut(ask.Host, ",") })},
	{"empty-labels-skipped", "Empty labels of host are left out, wherever they stand.",
		[]string{"DC-REQ-HOST-SINGLE"}, asking(func(_ *dc.Template, ask *resolve.Request) {
			labels := strings.FieldsFunc(ask.Host, func(c rune) bool { return c == '.' })
			ask.Host = strings.Join(labels, ".")
		})},
	{"host-name-letters-only", "host has to be a host name of letters, digits and hyphens.",
		[]string{"DC-REQ-HOST-SINGLE"}, asking(func(_ *dc.Template, ask *resolve.Request) {
			if strings.ContainsFunc(ask.Host, func(c rune) bool { return c != '-' && c != '.' && !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
				ask.Host = "-"
			}
		})},
	{"dotted-host-breaks-down", "A host with a dot at its end ends in a server error.",
		[]string{"DC-REQ-HOST-SINGLE"}, serving(applyPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if strings.HasSuffix(r.URL.Query().Get("host"), ".") {
				http.Error(w, "Internal Server Error", http.StatusInternalServerError)
				return
			}
			next.ServeHTTP(w, r)
		})},

	{"scheme-relative-redirect", "A redirect_uri that begins with two slashes is followed.",
		[]string{"DC-REQ-REDIRECT-URI-ABSOLUTE", "DC-REDIR-OPEN-REDIRECT"}, following(func(uri string) bool { return strings.HasPrefix(uri, "//") })},
	{"relative-redirect", "A redirect_uri that is only a path is followed, on the provider's own host.",
		[]string{"DC-REQ-REDIRECT-URI-ABSOLUTE"}, following(func(uri string) bool { return strings.HasPrefix(uri, "/") && !strings.HasPrefix(uri, "//") })},
	{"split-before-decode", "groupId is split at its commas before it is decoded, so that an escaped one divides nothing.",
		[]string{"DC-REQ-GROUPID-LIST"},
		parameters(func(raw string) string {
			return eachPair(raw, func(name, v string) (string, string) {
				if name == "groupId" {
					v = strings.NewReplacer("%2C", "%2E", "%2c", "%2E").Replace(v)
				}
				return name, v
			})
		})},
	{"bad-list-is-no-list", "A groupId that cannot be read counts as none, and so selects every group.",
		[]string{"DC-REQ-GROUPID-LIST"}, parameters(func(raw string) string {
			return keepPairs(raw, func(segment string) bool {
				list, ok := strings.CutPrefix(segment, "groupId=")
				plain, err := url.PathUnescape(list)
				return !ok || list == "" || err == nil && !slices.ContainsFunc(strings.Split(plain, ","), func(group string) bool {
					return group == "" || strings.ContainsFunc(group, unicode.IsSpace)
				})
			})
		})},
	{"unknown-template-breaks-down", "A request for an unknown template ends in a server error.",
		[]string{"DC-REQ-UNKNOWN-TEMPLATE"}, bending(applyPath, func(_ *http.Request, a *answer) {
			if a.status == http.StatusNotFound {
				a.page(http.StatusInternalServerError, "<!DOCTYPE html><title>Error</title><p>no rows in result set")
			}
		})},
	{"late-validation", "That a variable is missing is noticed after the approval.",
		[]string{"DC-REQ-VALIDATE-BEFORE-CONSENT", "DC-REQ-MISSING-VARIABLE"}, lateValidation},
	{"literal-variable-written", "Where a variable is missing its expression is written as it stands.",
		[]string{"DC-REQ-MISSING-VARIABLE"}, filling(func(name string) string { return "%" + name + "%" })},
	{"missing-variable-empty", "A missing variable is taken for an empty one.",
		[]string{"DC-REQ-MISSING-VARIABLE"}, filling(func(string) string { return "" })},
	{"unknown-parameter-400", "A request with a parameter that the template does not use is refused.",
		[]string{"DC-REQ-IGNORE-UNREFERENCED", "DC-EXT-PARAM-UNKNOWN-IGNORED"}, refusingNames(func(t *dc.Template, name string) bool {
			return name != "instanceId" && !slices.ContainsFunc(resolve.Variables(t, nil), func(v resolve.Variable) bool { return v.Name == name })
		})},
	{"case-folded-variables", "The names of parameters are compared without regard to letter case.",
		[]string{"DC-REQ-CASE-SENSITIVE-NAMES"}, parameters(func(raw string) string {
			return eachPair(raw, func(name, v string) (string, string) {
				for _, known := range flowParameters {
					if strings.EqualFold(name, known) {
						return known, v
					}
				}
				return strings.ToLower(name), v
			})
		})},
	{"instanceid-breaks-sync", "A request with instanceId is refused, for that is a word of the asynchronous flow.",
		[]string{"DC-REQ-INSTANCEID-ACCEPTED"}, refusingNames(func(_ *dc.Template, name string) bool { return name == "instanceId" })},

	{"syncblock-ignored", "A template with syncBlock is offered all the same.",
		[]string{"DC-REQ-SYNCBLOCK"}, forgive(store.GuardSyncBlock)},
	{"syncblock-private-code", "A template with syncBlock is refused with an error code of the provider's own.",
		[]string{"DC-REQ-SYNCBLOCK", "DC-REDIR-ERROR-CODES"}, refusing(store.GuardSyncBlock, func(r *store.Refusal) { r.Code = "sync_blocked" })},
	{"hostrequired-empty-host", "hostRequired is not looked at, and a CNAME is put at the apex.",
		[]string{"DC-REQ-HOSTREQUIRED"}, both(rendering(hostAnyway), planning(cnameAtApex))},
	{"description-as-headline", "The consent page has the description as its headline.",
		[]string{"DC-TMPL-DESCRIPTION-HIDDEN"}, telling(func(t *dc.Template, told *store.Told) {
			if t.Description != "" {
				told.Service += ": " + t.Description
			}
		})},
	{"size-limit-at-apply", "A template of more than 50 records is taken, and fails after the approval.",
		[]string{"DC-TMPL-PROVIDER-RECORD-LIMIT"}, sizeLimit},
	{"first-fifty-written", "Of a template of more than 50 records the first 50 are written.",
		[]string{"DC-TMPL-PROVIDER-RECORD-LIMIT"}, writing(func(_ *zone.Zone, c zone.Change) zone.Change {
			c.Add = c.Add[:min(len(c.Add), 50)]
			return c
		})},
}

// flowParameters are the parameters of the flow itself.
var flowParameters = []string{"domain", "host", "redirect_uri", "state", "providerName", "serviceName", "groupId", "instanceId", "sig", "key", "crit"}

// eachPair changes names and values of a query, as received.
func eachPair(raw string, change func(name, v string) (string, string)) string {
	segments := strings.Split(raw, "&")
	for i, segment := range segments {
		name, v, found := strings.Cut(segment, "=")
		if name, v = change(name, v); found {
			name += "=" + v
		}
		segments[i] = name
	}
	return strings.Join(segments, "&")
}

// longerThan answers apply links of more octets than that with a status.
func longerThan(octets, status int) func(*store.TenantConfig) {
	return serving(applyPath, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if len(r.RequestURI) > octets {
			http.Error(w, http.StatusText(status), status)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// holds reports whether a tenant has a zone of exactly the name.
func holds(c *store.TenantConfig, name string) bool {
	return slices.ContainsFunc(c.Zones, func(h store.Hosted) bool {
		return strings.EqualFold(h.Zone.Origin(), strings.TrimSuffix(name, ".")+".")
	})
}

func defaultDomain(c *store.TenantConfig) {
	asking(func(_ *dc.Template, ask *resolve.Request) {
		if _, err := resolve.FQDN(ask.Domain, ""); (ask.Domain == "" || err != nil) && len(c.Zones) > 0 {
			ask.Domain = c.Zones[0].Zone.Origin()
		}
	})(c)
}

// parentZone puts the labels of domain that are too many in front of host.
func parentZone(c *store.TenantConfig) {
	asking(func(_ *dc.Template, ask *resolve.Request) {
		host, domain := ask.Host, ask.Domain
		for !holds(c, domain) {
			label, rest, more := strings.Cut(domain, ".")
			if !more {
				return
			}
			host, domain = strings.TrimSuffix(label+"."+host, "."), rest
		}
		ask.Host, ask.Domain = host, domain
	})(c)
}

func delegatedRefused(c *store.TenantConfig) {
	asking(func(_ *dc.Template, ask *resolve.Request) {
		if _, parent, ok := strings.Cut(ask.Domain, "."); ok && holds(c, parent) {
			ask.Domain = "nobody.invalid"
		}
	})(c)
}

// following lets more in as a redirect_uri.
func following(also func(uri string) bool) func(*store.TenantConfig) {
	return both(forgive(store.GuardEnding), deciding(func(r store.Redirect) bool { return r.Permitted || also(r.URI) }))
}

// filling gives variables that are missing a value.
func filling(with func(name string) string) func(*store.TenantConfig) {
	return asking(func(t *dc.Template, ask *resolve.Request) {
		for _, v := range resolve.Variables(t, ask.Groups) {
			if _, ok := ask.Variables[v.Name]; !ok {
				ask.Variables[v.Name] = with(v.Name)
			}
		}
	})
}

// lateValidation shows a consent page with nothing on it where a variable is
// missing, and says so when that was answered.
func lateValidation(c *store.TenantConfig) {
	var mu sync.Mutex
	shown := map[string]bool{}
	both(
		rendering(func(_ *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
			mu.Lock()
			defer mu.Unlock()
			var refused *dc.Error
			if !errors.As(err, &refused) || refused.Class != dc.ErrVariable || shown[fmt.Sprint(ask)] {
				delete(shown, fmt.Sprint(ask))
				return records, err
			}
			return nil, nil
		}),
		showing(func(_ *zone.Zone, p *store.Planned) {
			if len(p.Change.Add) == 0 {
				mu.Lock()
				defer mu.Unlock()
				shown[fmt.Sprint(p.Ask)] = true
			}
		}),
	)(c)
}

// sizeLimit fails over large templates once the user has seen the records.
func sizeLimit(c *store.TenantConfig) {
	var mu sync.Mutex
	shown := map[string]bool{}
	both(
		planning(func(_ *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
			mu.Lock()
			defer mu.Unlock()
			if len(records) > 50 && shown[fmt.Sprint(p.Ask)] {
				delete(shown, fmt.Sprint(p.Ask))
				return errors.New("too many records")
			}
			return err
		}),
		showing(func(_ *zone.Zone, p *store.Planned) {
			mu.Lock()
			defer mu.Unlock()
			shown[fmt.Sprint(p.Ask)] = true
		}),
	)(c)
}

// refusingNames refuses requests with a parameter of such a name, beside those
// of the flow.
func refusingNames(which func(t *dc.Template, name string) bool) func(*store.TenantConfig) {
	return both(
		signed(func(t *dc.Template, raw string, next func(string) (bool, error)) (bool, error) {
			for segment := range strings.SplitSeq(raw, "&") {
				name, _, _ := strings.Cut(segment, "=")
				if plain, err := url.PathUnescape(name); err == nil {
					name = plain
				}
				if (name == "instanceId" || !slices.Contains(flowParameters, name)) && which(t, name) {
					return false, errors.New(unknownParameter + name)
				}
			}
			return next(raw)
		}),
		refusing(store.GuardSignature, func(r *store.Refusal) {
			if strings.HasPrefix(r.Detail, unknownParameter) {
				r.Code, r.Description = "invalid_request", "unknown parameter"
			}
		}),
	)
}

// unknownParameter begins the error about one.
const unknownParameter = "unknown parameter "

// hostAnyway renders a template that needs a host without one.
func hostAnyway(t *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
	var refused *dc.Error
	if !errors.As(err, &refused) || refused.Class != dc.ErrHostRequired {
		return records, err
	}
	bent := *t
	bent.HostRequired = false
	return resolve.Resolve(&bent, ask, dc.Rules{})
}

// cnameAtApex writes what such a template leads to.
func cnameAtApex(_ *zone.Zone, records []dc.Resolved, p *store.Planned, err error) error {
	if err == nil || !p.Template.HostRequired || p.Ask.Host != "" {
		return err
	}
	p.Change, p.Conflicts = zone.Change{}, nil
	for _, r := range records {
		if added, recordErr := zone.FromRR(r.RR); recordErr == nil {
			p.Change.Add = append(p.Change.Add, added)
		}
	}
	return nil
}
