package template

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// These rules are found while a file is read.
var (
	ruleJSON = declare(Rule{
		ID: "TMPL-JSON", Title: "not a JSON template", Level: Error, DCTL: []string{"DCTL0003"},
		Why:     "Nobody can read the file, so no other rule has been tried.",
		Mend:    "Write one JSON object in UTF-8.",
		Differs: "The linter reads on over text behind the template and takes the document null for an empty template; it refuses a byte order mark, which JSON parsers may skip.",
	})
	ruleDuplicate = declare(Rule{
		ID: "TMPL-MEMBER-TWICE", Title: "a member stands twice", Level: Error,
		Why:  "One parser takes the first, another the last: two providers apply two templates.",
		Mend: "Delete one of the two.",
	})
	ruleJSONType = declare(Rule{
		ID: "TMPL-JSON-TYPE", Title: "a member has the wrong JSON type", Level: Error, DCTL: []string{"DCTL0003"},
		Requirements: []string{
			"DC-TMPL-REQUIRED-PROPS", "DC-TMPL-BOOLEAN-MEMBERS", "DC-TMPL-RECORDS-ARRAY", "DC-TMPL-VERSION-SYNTAX",
			"DC-TMPL-SPECVERSION-VALUE", "DC-TMPL-CRIT-FORM", "DC-TMPL-RECORD-CRIT-FORM",
		},
		Why:     `A strict provider refuses the template; a lenient one reads "syncBlock": "false" as true.`,
		Mend:    "Write the JSON type that the specification names.",
		Differs: "The linter takes any JSON value for ttl, priority, weight and port, and fractions only for these; here a version such as 1.0 is judged by its form and not by its type.",
	})
	ruleIDSyntax = declare(Rule{
		ID: "TMPL-ID-SYNTAX", Title: "providerId or serviceId has another form than ids have", Level: Error,
		DCTL:         []string{"DCTL1002", "DCTL1005"},
		Requirements: []string{"DC-TMPL-PROVIDERID-SYNTAX", "DC-TMPL-SERVICEID-SYNTAX"},
		Why:          "The ids are segments of URL paths and words of OAuth scopes; a slash makes the URL name another template. In dcspec-2.3 what needs no escaping there is a matter of information only.",
		Mend:         "Use 1 to 63 ASCII letters, digits, hyphens, underscores and dots.",
		Differs:      "The linter lets 64 characters pass, and two letters outside ASCII that become ASCII in lower case.",
	})
)

var (
	recordPointer = regexp.MustCompile(`^/records/(\d+)`)
	urlSafe       = regexp.MustCompile(`^[A-Za-z0-9._~-]*$`)
)

// fromProblems turns what keeps a file from being a template into findings.
// Members that are missing are left to a rule of their own when there is a
// template to look at.
func fromProblems(problems dc.Problems, t *dc.Template, o Options) []Finding {
	var findings []Finding
	for _, p := range problems {
		if p.Class == dc.ProblemMissing && t != nil {
			continue
		}
		f := Finding{File: p.File, Line: max(p.Line, 1), Column: max(p.Column, 1), Message: p.Message, Mend: p.Mend}
		rule := ruleOf(p, &f)
		f.Rule, f.Level = rule.ID, rule.Level
		if f.Mend == "" {
			f.Mend = rule.Mend
		}
		if m := recordPointer.FindStringSubmatch(p.Pointer); m != nil {
			n, _ := strconv.Atoi(m[1])
			f.Record = n + 1
		}
		if at := strings.LastIndexByte(p.Pointer, '/'); at >= 0 && !isIndex(p.Pointer[at+1:]) {
			f.Field = p.Pointer[at+1:]
		}
		if rule == ruleIDSyntax && o.Edition == dc.DCSpec23 && harmlessID(f.Field, t) {
			f.Level = Info
		}
		findings = append(findings, f)
	}
	return findings
}

func isIndex(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func harmlessID(member string, t *dc.Template) bool {
	id := t.ServiceID
	if member == "providerId" {
		id = t.ProviderID
	}
	return id != "" && urlSafe.MatchString(id)
}

// ruleOf chooses the rule of a problem and sets the linter's code.
func ruleOf(p dc.Problem, f *Finding) *Rule {
	switch p.Class {
	case dc.ProblemDuplicate:
		return ruleDuplicate
	case dc.ProblemID:
		f.DCTL = "DCTL1002"
		if strings.HasSuffix(p.Message, " is empty") {
			f.DCTL = "DCTL1005"
		}
		return ruleIDSyntax
	case dc.ProblemIDLength:
		f.DCTL = "DCTL1005"
		return ruleIDSyntax
	case dc.ProblemType, dc.ProblemRange:
		if p.Pointer == "" { // the file itself
			f.DCTL = "DCTL0003"
			return ruleJSON
		}
		if !numberPointer.MatchString(p.Pointer) {
			f.DCTL = "DCTL0003"
		}
		return ruleJSONType
	case dc.ProblemTrailing:
		return ruleJSON
	}
	f.DCTL = "DCTL0003"
	return ruleJSON
}

// numberPointer are the members of which the linter takes any JSON value.
var numberPointer = regexp.MustCompile(`^/records/\d+/(ttl|priority|weight|port)$`)
