package reports

import (
	"bytes"
	"encoding/json"
	"regexp"
	"time"
)

// What differs between two runs of one seed, wherever it stands in a text:
// ports, the tokens of redirects, and signatures over them.
var volatile = []struct {
	pattern *regexp.Regexp
	stand   string
}{
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`/dcconform/[0-9a-f]{24}`), "/dcconform/TOKEN"},
	{regexp.MustCompile(`%2Fdcconform%2F[0-9a-f]{24}`), "%2Fdcconform%2FTOKEN"},
	{regexp.MustCompile(`([?&]sig=)[^&\s]+`), "${1}SIGNATURE"},
}

// Projection is the report without what may differ between two runs of one
// seed: times, the command line, digests of evidence, and in texts ports,
// tokens and signatures. Two such runs have equal projections, whatever the
// number of jobs. The run itself stays as it is.
func (r *Run) Projection() ([]byte, error) {
	p := *r
	p.Started, p.Finished, p.Command = time.Time{}, time.Time{}, nil
	p.Results = append([]Result(nil), r.Results...)
	for i := range p.Results {
		p.Results[i] = p.Results[i].projected()
	}
	var b bytes.Buffer
	if err := WriteJSON(&b, &p); err != nil {
		return nil, err
	}
	return []byte(steady(b.String())), nil
}

// projected is a result in which nothing is left but texts that differs.
func (res Result) projected() Result {
	res.Seconds, res.EvidenceSHA256 = 0, ""
	kept := make([]Evidence, 0, len(res.Evidence))
	for _, e := range res.Evidence {
		kept = append(kept, Evidence{Kind: e.Kind, Title: e.Title, SHA256: zeroDigest})
	}
	res.Evidence = kept
	return res
}

// Same reports whether two results say the same, apart from what may differ
// between two runs of one seed; see Run.Projection.
func (res Result) Same(other Result) bool {
	a, errA := json.Marshal(res.projected())
	b, errB := json.Marshal(other.projected())
	return errA == nil && errB == nil && steady(string(a)) == steady(string(b))
}

// zeroDigest stands for a digest that a projection leaves out.
const zeroDigest = "0000000000000000000000000000000000000000000000000000000000000000"
