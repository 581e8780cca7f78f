package template

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

var (
	ruleIDTwice = declare(Rule{
		ID: "TMPL-ID-TWICE", Title: "two templates have the same ids", Level: Error, DCTL: []string{"DCTL1004"},
		Requirements: []string{"DC-TMPL-FILE-NAME"},
		Why:          "A provider installs one template for a pair of ids, and the public repository one file for a pair in lower case.",
		Mend:         "Change serviceId in one of them.",
		Differs:      "The linter compares with letter case, although it wants both in one file; it takes a file that is named twice for a clash, and a slash inside an id for the one between them.",
	})
	ruleUnchanged = declare(Rule{
		ID: "TMPL-VERSION-UNCHANGED", Title: "the content has changed and the version has not", Level: Error,
		Requirements: []string{"DC-TMPL-VERSION-CHANGES"},
		Why:          "Providers refresh a template when its version is another, so they keep applying the old records. The public repository refuses such a change. dcspec-2.3 wants the new number to be the greater one.",
		Mend:         "Raise version.",
	})
)

func init() {
	declare(Rule{
		ID: "TMPL-FILE-NAME", Title: "the file is not named by the ids", Level: Warning, DCTL: []string{"DCTL1003"},
		Requirements: []string{"DC-TMPL-FILE-NAME"},
		Why:          "The public repository names a file providerId.serviceId.json in lower case, and refuses another name. Elsewhere the name does not matter.",
		Mend:         "Rename the file before you propose it there.",
		Differs:      "The linter has this as an error.",
		check: func(p *pass) {
			name := p.t.File
			if name == "" || name == "-" || p.t.ProviderID == "" || p.t.ServiceID == "" {
				return
			}
			name = name[strings.LastIndexAny(name, `/\`)+1:]
			if want := strings.ToLower(p.t.ID().String()) + ".json"; name != want {
				p.member("providerId", "the file is named %s, the ids make it %s", name, want)
			}
		},
	})
}

// clashes remembers where a pair of ids, in lower case, was first seen.
type clashes map[string]*dc.Template

func (c clashes) check(t *dc.Template, o Options) []Finding {
	key := strings.ToLower(t.ProviderID) + "\x00" + strings.ToLower(t.ServiceID)
	first, seen := c[key]
	if !seen {
		c[key] = t
		return nil
	}
	if first.File == t.File && t.File != "-" {
		return nil
	}
	p := &pass{t: t, options: o, rule: ruleIDTwice}
	f := p.member("serviceId", "the ids %s stand in %s too", quoted(t.ID().String()), first.File)
	if first.ID() != t.ID() {
		f.DCTL = ""
	}
	return p.sorted()
}

// CheckChange compares a template with an earlier state of it: content that
// has changed wants another version (ietf-05 section 6.1), in dcspec-2.3 a
// greater one. Order of members and white space are no content.
func CheckChange(earlier, t *dc.Template, o Options) []Finding {
	was, is := content(earlier.Raw), content(t.Raw)
	if bytes.Equal(was, is) {
		return nil
	}
	p := &pass{t: t, options: o, rule: ruleUnchanged}
	switch {
	case earlier.Version == t.Version && !t.Has("version"):
		p.member("version", "the content is another than in %s, and there is no version", earlier.File)
	case earlier.Version == t.Version:
		p.member("version", "the content is another than in %s, and version is still %d", earlier.File, t.Version)
	case o.Edition == dc.DCSpec23 && t.Version < earlier.Version:
		p.member("version", "version is %d, it was %d in %s", t.Version, earlier.Version, earlier.File)
	}
	return p.sorted()
}

// content is the template without its version, in one form: members in
// order, no white space, numbers as they were written.
func content(raw []byte) []byte {
	var members map[string]any
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))))
	d.UseNumber()
	if d.Decode(&members) != nil {
		return raw
	}
	delete(members, "version")
	out, err := json.Marshal(members)
	if err != nil {
		return raw
	}
	return out
}
