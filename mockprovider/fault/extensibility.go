package fault

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// extensions are misbehaviours towards what no edition defines.
var extensions = []Fault{
	{"unknown-property-rejected", "A template with a member that no edition defines is refused.",
		[]string{"DC-EXT-TEMPLATE-UNKNOWN-IGNORED"}, templating(func(t *dc.Template) *dc.Template {
			if len(t.Unknown) > 0 {
				return nil
			}
			return t
		})},
	{"template-crit-ignored", "A template is applied in spite of a critical member that is not understood.",
		[]string{"DC-EXT-TEMPLATE-CRIT-REFUSED"}, templating(func(t *dc.Template) *dc.Template {
			if len(t.Crit) > 0 {
				t.Crit = []string{"records"}
			}
			return t
		})},
	{"crit-absent-refused", "A critical member refuses the template although it is not there.",
		[]string{"DC-EXT-TEMPLATE-CRIT-ABSENT-NAME"}, templating(func(t *dc.Template) *dc.Template {
			for _, name := range t.Crit {
				if !t.Has(name) {
					return nil
				}
			}
			return t
		})},
	{"unknown-field-rejected", "A record with a field that no edition defines is dropped.",
		[]string{"DC-EXT-RECORD-UNKNOWN-IGNORED"}, templating(func(t *dc.Template) *dc.Template {
			t.Records = slices.DeleteFunc(t.Records, func(r dc.Record) bool { return len(r.Unknown) > 0 && len(r.Crit) == 0 })
			return t
		})},
	{"stray-data-used", "The data of an A record wins over its pointsTo.",
		[]string{"DC-EXT-FIELD-WRONG-TYPE-IGNORED"}, templating(func(t *dc.Template) *dc.Template {
			for i, r := range t.Records {
				if r.Type == "A" && r.Data != "" {
					t.Records[i].PointsTo = r.Data
				}
			}
			return t
		})},
	{"stray-field-refused", "A template with a priority on a CNAME is refused.",
		[]string{"DC-EXT-FIELD-WRONG-TYPE-IGNORED"}, templating(func(t *dc.Template) *dc.Template {
			if slices.ContainsFunc(t.Records, func(r dc.Record) bool { return r.Type == "CNAME" && r.Has("priority") }) {
				return nil
			}
			return t
		})},
	{"record-crit-skips-record", "Of a template only the record with the critical field is left out.",
		[]string{"DC-EXT-RECORD-CRIT-REFUSED"}, templating(func(t *dc.Template) *dc.Template {
			t.Records = slices.DeleteFunc(t.Records, unmetCrit)
			return t
		})},
	{"record-crit-ignored", "A record is written in spite of a critical field that is not understood.",
		[]string{"DC-EXT-RECORD-CRIT-REFUSED"}, templating(func(t *dc.Template) *dc.Template {
			for i, r := range t.Records {
				if unmetCrit(r) {
					t.Records[i].Crit = []string{"ttl"}
				}
			}
			return t
		})},
	{"record-crit-absent-refused", "A critical field refuses the template although it is not there.",
		[]string{"DC-EXT-RECORD-CRIT-ABSENT-NAME"}, templating(func(t *dc.Template) *dc.Template {
			for _, r := range t.Records {
				if slices.ContainsFunc(r.Crit, func(name string) bool { return !r.Has(name) }) {
					return nil
				}
			}
			return t
		})},
	{"spec-version-ignored", "A template of an unknown format version is applied.",
		[]string{"DC-EXT-SPECVERSION-UNSUPPORTED"}, templating(func(t *dc.Template) *dc.Template {
			if t.SpecVersion > 1 {
				t.SpecVersion = 1
			}
			return t
		})},
	{"spec-version-required", "A template without a format version is taken for an old copy, and refused, where another has the same records and gives one.",
		[]string{"DC-EXT-SPECVERSION-DEFAULT"}, oldCopies},
	{"spec-version-refused", "Templates that give their format version are refused.",
		[]string{"DC-EXT-SPECVERSION-DEFAULT"}, templating(func(t *dc.Template) *dc.Template {
			if t.Has(formatVersion) {
				return nil
			}
			return t
		})},
	{"vnd-param-400", "A request with an unknown prefixed parameter is refused.",
		[]string{"DC-EXT-PARAM-UNKNOWN-IGNORED", "DC-REQ-IGNORE-UNREFERENCED"},
		spoiling(func(raw string) bool { return strings.Contains(raw, "vnd.") && !strings.Contains(raw, "crit=") })},
	{"crit-parameter-ignored", "crit is ignored in a request.",
		[]string{"DC-EXT-PARAM-CRIT-REFUSED"}, parameters(func(raw string) string {
			return keepPairs(raw, func(segment string) bool { return !strings.HasPrefix(segment, "crit=") })
		})},
	{"crit-parameter-absent-refused", "A critical parameter refuses the request although it is not there.",
		[]string{"DC-EXT-PARAM-CRIT-ABSENT-NAME"},
		spoiling(func(raw string) bool {
			q, err := url.ParseQuery(raw)
			return err == nil && slices.ContainsFunc(strings.Split(q.Get("crit"), ","), func(name string) bool { return name != "" && !q.Has(name) })
		})},
	{"crit-list-string-compare", "A list of critical parameters is taken for one unknown name.",
		[]string{"DC-EXT-PARAM-CRIT-ABSENT-NAME"},
		spoiling(func(raw string) bool {
			q, err := url.ParseQuery(raw)
			return err == nil && strings.Contains(q.Get("crit"), ",")
		})},
	{"crit-empty-breaks", "An empty crit breaks the server.",
		[]string{"DC-EXT-PARAM-CRIT-ABSENT-NAME"}, func(c *store.TenantConfig) {
			c.Hooks.Web = append(c.Hooks.Web, func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if strings.Contains(r.URL.RawQuery+"&", "crit=&") {
						http.Error(w, "index out of range", http.StatusInternalServerError)
						return
					}
					next.ServeHTTP(w, r)
				})
			})
		}},
}

// templating stands another template in for the one that was looked up; the
// function gets a copy, and returns nil where it is not supported.
func templating(change func(t *dc.Template) *dc.Template) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Template = append(c.Hooks.Template, func(t *dc.Template) *dc.Template {
			if t == nil {
				return nil
			}
			bent := *t
			bent.Records = slices.Clone(t.Records)
			return change(&bent)
		})
	}
}

// oldCopies refuses templates without a format version of which there is a copy
// with one.
func oldCopies(c *store.TenantConfig) {
	all := c.Templates
	templating(func(t *dc.Template) *dc.Template {
		copied := slices.ContainsFunc(all, func(other *dc.Template) bool {
			return other.Has(formatVersion) && slices.EqualFunc(other.Records, t.Records, func(a, b dc.Record) bool {
				return a.Type == b.Type && a.Host == b.Host && a.PointsTo == b.PointsTo && a.Data == b.Data
			})
		})
		if len(t.Unknown)+len(t.Crit) > 0 || slices.ContainsFunc(t.Records, func(r dc.Record) bool { return len(r.Unknown)+len(r.Crit) > 0 }) {
			return t
		}
		if copied && !t.Has(formatVersion) {
			return nil
		}
		return t
	})(c)
}

const formatVersion = "templateSpecVersion"

// unmetCrit reports whether a record calls a field critical that is there and
// that no edition defines.
func unmetCrit(r dc.Record) bool {
	return slices.ContainsFunc(r.Crit, func(name string) bool {
		_, unknown := r.Unknown[name]
		return unknown
	})
}

// spoiling makes requests unreadable that bad picks out.
func spoiling(bad func(raw string) bool) func(*store.TenantConfig) {
	return parameters(func(raw string) string {
		if bad(raw) {
			return raw + "&%zz"
		}
		return raw
	})
}
