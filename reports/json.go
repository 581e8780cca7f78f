package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	strictjson "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// WriteJSON writes r as report.json. Lists that are nil are written as empty
// ones, as the schema wants them.
func WriteJSON(w io.Writer, r *Run) error {
	out := *r
	out.Command = orEmpty(r.Command)
	out.Templates = orEmpty(r.Templates)
	out.Covered = orEmpty(r.Covered)
	out.NotCovered = orEmpty(r.NotCovered)
	out.Results = slices.Clone(orEmpty(r.Results))
	for i := range out.Results {
		out.Results[i].Requirements = orEmpty(out.Results[i].Requirements)
	}
	out.Plan = slices.Clone(r.Plan)
	for i := range out.Plan {
		out.Plan[i].Requirements = orEmpty(out.Plan[i].Requirements)
	}
	if out.Counts == nil {
		out.Counts, out.CountsBy, out.CountsByLevel = countResults(r.Results)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(&out); err != nil {
		return fmt.Errorf("report.json: %w", err)
	}
	return nil
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// ReadJSON reads a report.json and refuses one that cannot be relied on:
// unknown or repeated members, words outside the closed lists, counts or a
// verdict that the results do not give. The error names what is wrong, not the
// file, which the caller knows.
func ReadJSON(src io.Reader) (*Run, error) {
	data, err := io.ReadAll(src)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if err := readVersion(data); err != nil {
		return nil, err
	}
	r := new(Run)
	if err := decodeStrictly(data, r); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if err := r.verify(); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return r, nil
}

// decodeStrictly refuses unknown and repeated members and words in another
// case. Its texts are its own: those of the library change from build to build.
func decodeStrictly(data []byte, into any) error {
	err := strictjson.Unmarshal(data, into, strictjson.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	line := func(offset int64) int { return 1 + bytes.Count(data[:min(offset, int64(len(data)))], []byte("\n")) }
	var meaning *strictjson.SemanticError
	var syntax *jsontext.SyntacticError
	switch {
	case errors.As(err, &meaning) && errors.Is(meaning.Err, strictjson.ErrUnknownName):
		return fmt.Errorf("line %d: unknown member %q", line(meaning.ByteOffset), meaning.JSONPointer.LastToken())
	case errors.As(err, &syntax) && errors.Is(syntax.Err, jsontext.ErrDuplicateName):
		return fmt.Errorf("line %d: the member %q stands twice", line(syntax.ByteOffset), syntax.JSONPointer.LastToken())
	case meaning != nil:
		return fmt.Errorf("line %d: the value at %s has the wrong type", line(meaning.ByteOffset), meaning.JSONPointer)
	case syntax != nil:
		return fmt.Errorf("line %d: not JSON: %w", line(syntax.ByteOffset), syntax.Err)
	}
	return err
}

// readVersion looks at the schema number first, so that a newer report gets a
// better answer than a complaint about a member that is new in it.
func readVersion(data []byte) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return errors.New("report: the file is empty; the run that wrote it did not get as far as its plan")
	}
	var head struct {
		Schema int    `json:"schema"`
		Tool   string `json:"tool"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("report: not JSON: %w", err)
	}
	if head.Tool != Tool {
		return fmt.Errorf("report: the tool is %q; only reports of %s can be read", head.Tool, Tool)
	}
	if head.Schema != SchemaVersion {
		return fmt.Errorf("report: schema version %d; this version of %s reads %d", head.Schema, Tool, SchemaVersion)
	}
	return nil
}

// verify holds a report that was read against itself.
func (r *Run) verify() error {
	switch {
	case !known(subjects, r.Subject):
		return fmt.Errorf("unknown subject %q", r.Subject)
	case !known(scopes, r.Scope):
		return fmt.Errorf("unknown scope %q", r.Scope)
	case !known(states, r.State):
		return fmt.Errorf("unknown state %q", r.State)
	case !known(verdicts, r.Verdict):
		return fmt.Errorf("unknown verdict %q", r.Verdict)
	}
	seen := make(map[string]bool, len(r.Results))
	for _, res := range r.Results {
		if seen[res.ID] {
			return fmt.Errorf("two results have the id %q", res.ID)
		}
		seen[res.ID] = true
		if err := res.verify(); err != nil {
			return fmt.Errorf("result %q: %w", res.ID, err)
		}
	}
	all, bySubject, byLevel := countResults(r.Results)
	if !maps.Equal(all, r.Counts) || !sameCounts(bySubject, r.CountsBy) || !sameCounts(byLevel, r.CountsByLevel) {
		return fmt.Errorf("the counts do not agree with the %s", count(len(r.Results), "result", "results"))
	}
	if r.State == StateRunning {
		if r.Verdict != VerdictInconclusive {
			return fmt.Errorf("the verdict is %q while the run is running", r.Verdict)
		}
		return nil
	}
	if verdict, _ := r.judge(); verdict != r.Verdict {
		return fmt.Errorf("the verdict is %q, but the results give %q", r.Verdict, verdict)
	}
	return nil
}

func (res *Result) verify() error {
	switch {
	case strings.TrimSpace(res.ID) == "":
		return errors.New("no id")
	case !known(outcomes, res.Outcome):
		return fmt.Errorf("unknown outcome %q", res.Outcome)
	case !known(subjects, res.Subject):
		return fmt.Errorf("unknown subject %q", res.Subject)
	case !known(levels, res.Level):
		return fmt.Errorf("unknown level %q", res.Level)
	}
	return nil
}

func sameCounts[K comparable](a, b map[K]Counts) bool {
	return maps.EqualFunc(a, b, func(x, y Counts) bool { return maps.Equal(x, y) })
}
