package reports

import (
	"bytes"
	"cmp"
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

var jsonWriter = Writer{Name: "json", File: ReportFile, Write: plain(WriteJSON)}

// WriteJSON writes r as report.json. Lists that are nil are written as empty
// ones, as the schema wants them. Each result is one line, and a pass leaves
// out what Run.Checks says for all of its kind: a whole corpus stays small
// enough to be opened, and two reports are compared line by line.
func WriteJSON(w io.Writer, r *Run) error {
	head := *r
	head.Command = orEmpty(r.Command)
	if r.Target != nil {
		t := *r.Target
		t.Domains, t.Servers = orEmpty(t.Domains), orEmpty(t.Servers)
		head.Target = &t
	}
	head.Covered = orEmpty(r.Covered)
	head.NotCovered = orEmpty(r.NotCovered)
	if head.Counts == nil {
		head.Counts, head.CountsBy, head.CountsByLevel = countResults(r.Results)
	}
	head.Checks = checkTexts(r.Results)
	results := make([]Result, len(r.Results))
	for i := range r.Results {
		results[i] = slim(r.Results[i], head.Checks)
	}
	plan, whole := sound(r.Plan), sound(r.WholePlan)
	// The lists that grow with the run are left out here and come at the end.
	short := struct {
		*Run
		Templates  *struct{} `json:"templates,omitempty"`
		Judgements *struct{} `json:"judgements,omitempty"`
		Plan       *struct{} `json:"plan,omitempty"`
		WholePlan  *struct{} `json:"wholePlan,omitempty"`
		Results    *struct{} `json:"results,omitempty"`
	}{Run: &head}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(&short); err != nil {
		return fmt.Errorf("report.json: %w", err)
	}
	out := lines{w: w}
	out.write(bytes.TrimSuffix(b.Bytes(), []byte("\n}\n")))
	linesOf(&out, "templates", r.Templates)
	if len(r.Judgements) > 0 {
		linesOf(&out, "judgements", r.Judgements)
	}
	if len(plan) > 0 {
		linesOf(&out, "plan", plan)
	}
	if len(whole) > 0 {
		linesOf(&out, "wholePlan", whole)
	}
	linesOf(&out, "results", results)
	out.write([]byte("\n}\n"))
	if out.err != nil {
		return fmt.Errorf("report.json: %w", out.err)
	}
	return nil
}

// sound is a copy of a plan in which no list is nil.
func sound(plan []Planned) []Planned {
	plan = slices.Clone(plan)
	for i := range plan {
		plan[i].Requirements = orEmpty(plan[i].Requirements)
	}
	return plan
}

// lines writes until something goes wrong.
type lines struct {
	w   io.Writer
	err error
}

func (l *lines) write(p []byte) {
	if l.err == nil {
		_, l.err = l.w.Write(p)
	}
}

// linesOf writes a member that is a list, one element a line.
func linesOf[T any](l *lines, name string, list []T) {
	l.write([]byte(",\n  \"" + name + "\": ["))
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for i := range list {
		if l.err != nil {
			return
		}
		b.Reset()
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n    ")
		l.err = enc.Encode(&list[i])
		l.write(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	}
	if len(list) > 0 {
		l.write([]byte("\n  "))
	}
	l.write([]byte("]"))
}

// leavesOut reports whether report.json tells the result in short.
func (res *Result) leavesOut() bool { return res.Outcome == Pass || res.Outcome == NotApplicable }

// checkTexts is what most results in short say, by case; the others say their
// own. Where one of them says nothing the table does not speak for it.
func checkTexts(results []Result) map[string]CheckText {
	titles, levels, expected := tallies{}, tallies{}, tallies{}
	for i := range results {
		if res := &results[i]; res.leavesOut() {
			titles.add(res.Case, res.Title)
			levels.add(res.Case, string(res.Level))
			expected.add(res.Case, res.ExpectedBy)
		}
	}
	texts := map[string]CheckText{}
	for name := range titles {
		texts[name] = CheckText{titles.commonest(name), Level(levels.commonest(name)), expected.commonest(name)}
	}
	return texts
}

// tallies count texts by case.
type tallies map[string]map[string]int

func (t tallies) add(name, text string) {
	if t[name] == nil {
		t[name] = map[string]int{}
	}
	t[name][text]++
}

// commonest is the text that most have, the first in the alphabet of those
// that are equally common, or "" where one has none.
func (t tallies) commonest(name string) string {
	if t[name][""] > 0 {
		return ""
	}
	best := ""
	for _, text := range slices.Sorted(maps.Keys(t[name])) {
		if best == "" || t[name][text] > t[name][best] {
			best = text
		}
	}
	return best
}

// slim is a result as it stands in report.json.
func slim(res Result, texts map[string]CheckText) Result {
	res.Requirements = orEmpty(res.Requirements)
	if !res.leavesOut() {
		return res
	}
	text := texts[res.Case]
	if res.Title == text.Title {
		res.Title = ""
	}
	if res.Level == text.Level {
		res.Level = ""
	}
	if res.ExpectedBy == text.ExpectedBy {
		res.ExpectedBy = ""
	}
	res.Rerun = ""
	return res
}

// fill gives the results back what slim took, except the commands to run
// them again.
func (r *Run) fill() {
	for i := range r.Results {
		res := &r.Results[i]
		if !res.leavesOut() {
			continue
		}
		text := r.Checks[res.Case]
		res.Title = cmp.Or(res.Title, text.Title)
		res.Level = cmp.Or(res.Level, text.Level)
		res.ExpectedBy = cmp.Or(res.ExpectedBy, text.ExpectedBy)
	}
	r.Checks = nil
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
	r.fill()
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
	if err := r.verifyBaseline(); err != nil {
		return err
	}
	if err := r.verifyShard(); err != nil {
		return err
	}
	if err := r.verifyProfiles(); err != nil {
		return err
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
	case res.Known != nil && res.Outcome != Fail && res.Outcome != Warning:
		return fmt.Errorf("a result that ended in %s cannot be known to a baseline", res.Outcome)
	case res.Known != nil && !known([]string{"", LapsedExpired, LapsedReason}, res.Known.Lapsed):
		return fmt.Errorf("unknown word %q in lapsed", res.Known.Lapsed)
	}
	return nil
}

// verifyShard holds what a shard says of itself and the whole plan together.
func (r *Run) verifyShard() error {
	switch {
	case r.Shard == nil && len(r.WholePlan) > 0:
		return errors.New("there is a whole plan, but the run is no shard")
	case r.Shard == nil:
		return nil
	case r.Shard.Of < 1 || r.Shard.Index < 1 || r.Shard.Index > r.Shard.Of:
		return fmt.Errorf("there is no shard %s", r.Shard)
	case !known(scopes, r.Shard.Scope):
		return fmt.Errorf("unknown scope %q of the shard", r.Shard.Scope)
	case r.Scope != ScopeFiltered:
		return fmt.Errorf("the scope is %q, but the run is shard %s", r.Scope, r.Shard)
	case len(r.WholePlan) < r.Planned:
		return fmt.Errorf("the whole plan has %s, and this shard alone %d", cases(len(r.WholePlan)), r.Planned)
	}
	return nil
}

// verifyBaseline holds what is known against the baseline that knows it.
func (r *Run) verifyBaseline() error {
	counts := countKnown(r.Results)
	tied := slices.ContainsFunc(r.Results, func(res Result) bool { return res.Known != nil })
	switch {
	case r.Baseline == nil && (tied || len(r.StaleBaseline) > 0):
		return errors.New("a baseline has entries for results, but no baseline is named")
	case r.Baseline != nil && !maps.Equal(counts, r.Baseline.Known):
		return errors.New("the counts of known failures do not agree with the results")
	}
	return nil
}

func sameCounts[K comparable](a, b map[K]Counts) bool {
	return maps.EqualFunc(a, b, func(x, y Counts) bool { return maps.Equal(x, y) })
}
