package fault

import (
	"maps"
	"regexp"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/mockprovider/store"
)

// expression is a variable in a field (9.1.1).
var expression = regexp.MustCompile(`%([A-Za-z0-9_-]+)%`)

// rereading renders those records once more that are read in another way:
// change gets copies of the record and of the request, and says whether it has
// changed them. What cannot be rendered then is refused.
func rereading(change func(ask *resolve.Request, rec *dc.Record) bool) func(*store.TenantConfig) {
	return rendering(func(t *dc.Template, ask resolve.Request, records []dc.Resolved, err error) ([]dc.Resolved, error) {
		var all []dc.Resolved
		for _, r := range records {
			rec, other := t.Records[r.Index], ask
			other.Variables = maps.Clone(ask.Variables)
			if !change(&other, &rec) {
				all = append(all, r)
				continue
			}
			again, againErr := renderOne(t, rec, other)
			if againErr != nil {
				return nil, againErr
			}
			all = append(all, again...)
		}
		return all, err
	})
}

// renderOne renders one record of a template, whatever its group.
func renderOne(t *dc.Template, rec dc.Record, ask resolve.Request) ([]dc.Resolved, error) {
	one := *t
	one.HostRequired, one.Records, ask.Groups = false, []dc.Record{rec}, nil
	records, err := resolve.Resolve(&one, ask, dc.Rules{})
	for i := range records {
		records[i].Index = rec.Index
	}
	return records, err
}

// valuesIn changes the values of the variables that stand in some fields of a
// template's records.
func valuesIn(fields func(rec *dc.Record) []string, change func(ask *resolve.Request, value string) string) func(*store.TenantConfig) {
	return asking(func(t *dc.Template, ask *resolve.Request) {
		stands := map[string]bool{}
		for i := range t.Records {
			for _, field := range fields(&t.Records[i]) {
				for _, found := range expression.FindAllStringSubmatch(field, -1) {
					stands[found[1]] = true
				}
			}
		}
		for name := range stands {
			if v, given := ask.Variables[name]; given {
				ask.Variables[name] = change(ask, v)
			}
		}
	})
}

// hostField is the host of a record.
func hostField(rec *dc.Record) []string { return []string{rec.Host} }

// numberFields are those that hold numbers, but the time to live.
func numberFields(rec *dc.Record) []string { return []string{rec.Priority, rec.Weight, rec.Port} }

// targetOf is pointsTo in records of some types.
func targetOf(types ...string) func(rec *dc.Record) []string {
	return func(rec *dc.Record) []string {
		for _, t := range types {
			if rec.Type == t {
				return []string{rec.PointsTo}
			}
		}
		return nil
	}
}
