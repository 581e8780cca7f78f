package run

import (
	"strings"

	"github.com/dcconform/dcconform/mockprovider/sign"
)

// explainEffort is how many texts are tried for a failed case.
const explainEffort = 100_000

// explainSignature says in a sentence what there is to know about a link whose
// signature a case has failed over. Which mistake a broken link has is known
// here by the same means as in doctor; of a sound one, by which wrong ways to
// verify a provider refuses it. Cases are judged before, and without it.
func explainSignature(link string, txt []string) string {
	if txt == nil {
		return ""
	}
	endpoint, query, _ := strings.Cut(link, "?")
	e := sign.Evidence{URL: endpoint, Query: query, Effort: explainEffort}
	if len(txt) > 0 {
		records := make([][]string, len(txt))
		for i, t := range txt {
			records[i] = []string{t}
		}
		e.Places = []sign.Place{{Name: "the key name", TXT: records}}
	}
	d := sign.Diagnose(e)
	if !d.Verifies {
		return "This link does not verify: " + d.String() + "."
	}
	var ways []string
	for _, m := range sign.Misreaders(query) {
		ways = append(ways, m.Does)
	}
	return "This link verifies with the published key, over the query as it was sent without sig and key. " +
		"A provider refuses it that does one of these before it verifies: it " + strings.Join(ways, "; it ") + "."
}
