package certify

import (
	"errors"
	"fmt"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/suites/check"
)

var parseRequirements = []string{"DC-TMPL-REQUIRED-PROPS", "DC-TMPL-RECORDS-ARRAY", "DC-TMPL-FIELDS-PER-TYPE"}

// fileScenario holds the one check that every file has: it is a template. A
// file that is none fails it, and has no flows.
func fileScenario(s Source, err error) *check.Scenario {
	return &check.Scenario{Name: "file", Template: s.Key, File: s.File, Checks: []check.Check{{
		Key: "parse", Title: "the file is a Domain Connect template", Subject: reports.SubjectTemplate,
		Requirements: parseRequirements,
		Body: func(c *check.Case) {
			var problems dc.Problems
			if errors.As(err, &problems) && len(problems) > 0 {
				c.At(s.File, problems[0].Line, problems[0].Column, 0)
			}
			c.Require("DC-TMPL-REQUIRED-PROPS", err, gomega.BeNil(), check.About{
				Sent:     fmt.Sprintf("read %s, %d bytes", s.File, len(s.Data)),
				Expected: []string{"a JSON object with providerId, providerName, serviceId, serviceName and records"},
				Actual:   text(err),
				Mend:     "mend the file at the places named",
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
