package certify

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
)

var parseRequirements = []string{
	"DC-TMPL-REQUIRED-PROPS", "DC-TMPL-RECORDS-ARRAY", "DC-TMPL-FIELDS-PER-TYPE", "DC-TMPL-PROVIDERID-SYNTAX",
	"DC-TMPL-SERVICEID-SYNTAX", "DC-TMPL-VERSION-SYNTAX", "DC-TMPL-BOOLEAN-MEMBERS",
}

// fileScenario holds the one check that every file has: it is a template. A
// file that is none fails it, and has no flows.
func fileScenario(s Source, err error) *check.Scenario {
	return &check.Scenario{Name: "file", Template: s.Key, File: s.File, Checks: []check.Check{{
		Key: "parse", Title: "the file is a Domain Connect template", Subject: reports.SubjectTemplate,
		Requirements: parseRequirements,
		Body: func(c *check.Case) {
			actual := text(err)
			var problems dc.Problems
			if errors.As(err, &problems) && len(problems) > 0 {
				first := problems[0]
				c.At(s.File, first.Line, first.Column, 0)
				actual = first.Message
				for _, p := range problems[1:] {
					actual += fmt.Sprintf("; in line %d: %s", p.Line, p.Message)
				}
			}
			c.Require(requirementOfProblem(problems), err, gomega.BeNil(), check.About{
				Sent:     fmt.Sprintf("read %s, %d bytes", s.File, len(s.Data)),
				Expected: []string{"a JSON object with providerId, providerName, serviceId, serviceName and records"},
				Actual:   actual, Mend: mendOfProblems(problems),
			})
		},
	}}}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func mendOfProblems(problems dc.Problems) string {
	var mends []string
	for _, p := range problems {
		if p.Mend != "" && !slices.Contains(mends, p.Mend) {
			mends = append(mends, p.Mend)
		}
	}
	return strings.Join(mends, "; ")
}

// requirementOfProblem says which requirement the first problem misses, by
// where it stands; what is no JSON object at all has none of the members.
func requirementOfProblem(problems dc.Problems) string {
	if len(problems) == 0 || problems[0].Class == dc.ProblemDuplicate {
		return "DC-TMPL-REQUIRED-PROPS"
	}
	switch pointer := problems[0].Pointer; {
	case strings.HasPrefix(pointer, "/records/"):
		return "DC-TMPL-FIELDS-PER-TYPE"
	case pointer == "/records":
		return "DC-TMPL-RECORDS-ARRAY"
	case pointer == "/providerId":
		return "DC-TMPL-PROVIDERID-SYNTAX"
	case pointer == "/serviceId":
		return "DC-TMPL-SERVICEID-SYNTAX"
	case pointer == "/version":
		return "DC-TMPL-VERSION-SYNTAX"
	case booleans[strings.TrimPrefix(pointer, "/")]:
		return "DC-TMPL-BOOLEAN-MEMBERS"
	}
	return "DC-TMPL-REQUIRED-PROPS"
}

// booleans are the flags of a template (ietf-05 section 6.1).
var booleans = map[string]bool{
	"syncBlock": true, "hostRequired": true, "multiInstance": true, "shared": true,
	"sharedProviderName": true, "sharedServiceName": true, "warnPhishing": true,
}
