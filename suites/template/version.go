package template

import (
	"bytes"
	"regexp"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// versionForm is dc-version: positive, without sign, leading zero, fraction
// and exponent.
var versionForm = regexp.MustCompile(`^[1-9][0-9]*$`)

func init() {
	declare(Rule{
		ID: "TMPL-VERSION-FORM", Title: "version is no plain positive number", Level: Error, DCTL: []string{"DCTL1006", "DCTL0003"},
		Editions: ietf, Requirements: []string{"DC-TMPL-VERSION-SYNTAX"},
		Why:     "Providers compare the value; 1.0, 1e2 and -1 do not survive every parser.",
		Mend:    "Write digits alone, starting with 1.",
		Differs: "The linter has 0 as information only.",
		check: func(p *pass) {
			raw := bytes.TrimSpace(p.t.Member("version"))
			if !p.t.Has("version") || len(raw) == 0 || raw[0] == '"' || versionForm.Match(raw) || !numeric(raw) {
				return
			}
			f := p.member("version", "version is %s", raw)
			if string(raw) != "0" {
				f.DCTL = "DCTL0003"
			}
		},
	})
	declare(Rule{
		ID: "TMPL-VERSION-MISSING", Title: "the template has no version", Level: Info, DCTL: []string{"DCTL1006"},
		Why:  "Providers refresh a template when its version changes; the public repository asks for it.",
		Mend: `Write "version": 1, and raise it with every change.`,
		check: func(p *pass) {
			if !p.t.Has("version") {
				p.member("version", "the template has no version")
			} else if p.t.Version == 0 && p.options.Edition == dc.DCSpec23 && string(p.t.Member("version")) == "0" {
				p.member("version", "version is 0")
			}
		},
	})
	declare(Rule{
		ID: "TMPL-SPEC-VERSION", Title: "templateSpecVersion is not 1", Level: Error,
		Editions: ietf, Requirements: []string{"DC-TMPL-SPECVERSION-VALUE"},
		Why:  "A provider refuses a template that is written for a version it does not know. No published edition defines another than 1: a number above it is a warning.",
		Mend: "Write 1, or delete the member.",
		check: func(p *pass) {
			raw := bytes.TrimSpace(p.t.Member("templateSpecVersion"))
			switch {
			case !p.t.Has("templateSpecVersion") || len(raw) == 0 || !numeric(raw) || string(raw) == "1":
			case versionForm.Match(raw):
				p.member("templateSpecVersion", "templateSpecVersion is %s, which no published edition defines", raw).Level = Warning
			default:
				p.member("templateSpecVersion", "templateSpecVersion is %s", raw)
			}
		},
	})
}

// numeric reports whether a JSON value is a number; others have been reported
// while the file was read.
func numeric(raw []byte) bool { return raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9' }
