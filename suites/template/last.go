package template

import (
	"errors"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
)

func init() {
	declare(Rule{
		ID: "TMPL-RECORD-IMPOSSIBLE", Title: "the record cannot be written in DNS", Level: Error, lastResort: true,
		Requirements: []string{"DC-TMPL-FIELDS-PER-TYPE"},
		Why:          "The reference core has tried to make the record, whose values are all fixed, and could not. What other rules found is not said again.",
		Mend:         "Correct the value.",
		check:        checkImpossible,
	})
}

// checkImpossible resolves every record that no caller's variable touches.
func checkImpossible(p *pass) {
	request := resolve.Request{Domain: "customer.example"}
	if p.t.HostRequired {
		request.Host = "sub"
	}
	p.each(func(r *dc.Record) {
		for _, m := range substituted(r) {
			if len(named(r.Text(m))) > 0 || misread(r, m) {
				return
			}
		}
		if p.condemned(r) || r.Type == "" {
			return
		}
		only := *r
		only.GroupID, only.Crit, only.Index = "", nil, 0
		_, err := resolve.Resolve(&dc.Template{Records: []dc.Record{only}}, request, dc.Rules{Edition: p.options.Edition})
		var refusal *dc.Error
		if !errors.As(err, &refusal) || p.options.Edition == dc.DCSpec23 && r.PointsTo == "@" {
			return // dcspec-2.3 gives "@" a meaning for addresses too
		}
		message, mend, _ := strings.Cut(refusal.Message, "; ")
		f := p.record(r, refusal.Field, "%s", message)
		if mend != "" {
			f.Mend = strings.ToUpper(mend[:1]) + mend[1:] + "."
		}
	})
}
