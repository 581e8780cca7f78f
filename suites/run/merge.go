package run

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dcconform/dcconform/reports"
	"github.com/dcconform/dcconform/reports/shard"
)

// MergeOptions are the flags of report merge.
type MergeOptions struct {
	// Dirs are the folders, or report.json files, of the shards.
	Dirs []string
	// Out is the folder of the joined report.
	Out string
	// Baseline is the file of known failures; empty is none.
	Baseline string
	// Sign is the file of a private key that signs the bundle; empty signs
	// nothing.
	Sign string
	// Strict makes warnings count for the exit code.
	Strict bool
	// NoColor keeps colours out of the summary.
	NoColor bool
	// Command is the command line, for the report.
	Command        []string
	Stdout, Stderr io.Writer
	// Now decides what has expired in the baseline; nil is time.Now.
	Now func() time.Time
}

// Merge joins the reports of shards and returns the exit code that one run of
// the whole plan would have had. An error has been turned into the code
// already; it is for printing.
func Merge(o MergeOptions) (int, error) {
	key, err := readSigner(o.Sign)
	if err != nil {
		return reports.ExitUsage, err
	}
	r, err := o.join()
	if err != nil {
		return reports.ExitUsage, err
	}
	var folders []string
	for _, dir := range o.Dirs {
		folders = append(folders, folderOf(dir))
	}
	left, err := reports.Write(o.Out, r, folders, also...)
	if err != nil {
		return reports.ExitUsage, err
	}
	if err := seal(o.Out, r, key); err != nil {
		return reports.Exit{Unsure: true, Failed: r.Verdict == reports.NonConformant}.Code(), err
	}
	if len(left) > 0 {
		fmt.Fprintf(o.Stderr, "%d pieces of evidence are not in the folders of the shards, or were changed; the report names them without showing them\n", len(left))
	}
	err = reports.WriteSummary(o.Stdout, r, reports.SummaryOptions{Report: o.Out, Color: !o.NoColor && isTerminal(o.Stdout), Strict: o.Strict})
	return reports.ExitCode(r, o.Strict), err
}

func (o *MergeOptions) join() (*reports.Run, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	parts, err := o.parts()
	if err != nil {
		return nil, err
	}
	options := shard.Options{Command: o.Command}
	if o.Baseline != "" {
		data, err := os.ReadFile(o.Baseline)
		if err != nil {
			return nil, fmt.Errorf("--baseline: %w", err)
		}
		now := o.Now()
		b, err := reports.ReadBaseline(o.Baseline, data, now)
		if err != nil {
			return nil, fmt.Errorf("--baseline: %w", err)
		}
		options.BaselineSHA256 = b.SHA256
		options.Baseline = func(r *reports.Run, whole []reports.Planned) { r.HoldAgainst(b, whole, now) }
	}
	r, err := shard.Join(parts, options)
	if err != nil {
		return nil, err
	}
	r.Next = joinedNext(r, parts)
	return r, nil
}

// parts reads the reports. A folder in which a shard left none is a shard that
// died before it began, and said; a folder that is not there is a mistake.
func (o *MergeOptions) parts() ([]shard.Part, error) {
	var parts []shard.Part
	var empty []string
	for _, dir := range o.Dirs {
		if sameFile(folderOf(dir), o.Out) {
			return nil, fmt.Errorf("--out %s: that is the folder of a shard; name another one", o.Out)
		}
		r, err := reports.Open(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if info, statErr := os.Stat(dir); statErr != nil || !info.IsDir() {
				return nil, fmt.Errorf("%s: there is no such report; name the --out folder of a shard", dir)
			}
			empty = append(empty, dir)
		case err != nil:
			return nil, err
		default:
			parts = append(parts, shard.Part{Name: dir, Run: r})
		}
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("%s: no folder holds a %s; name the --out folders of the shards", strings.Join(empty, ", "), reports.ReportFile)
	}
	for _, dir := range empty {
		fmt.Fprintf(o.Stderr, "%s: the folder holds no %s; its shard counts as missing\n", dir, reports.ReportFile)
	}
	return parts, nil
}

func folderOf(path string) string {
	if strings.HasSuffix(path, ".json") {
		return filepath.Dir(path)
	}
	return path
}

// joinedNext is what the run of the whole plan would have proposed beside what
// its results say.
func joinedNext(r *reports.Run, parts []shard.Part) []string {
	var next []string
	if gone := shard.Missing(parts); len(gone) > 0 {
		next = append(next, fmt.Sprintf("Run the shards that are missing (%s of %d), and merge again.", numbers(gone), parts[0].Run.Shard.Of))
	}
	for _, p := range parts {
		for _, line := range p.Run.Next {
			if strings.HasPrefix(line, installBrowser) && !slices.Contains(next, line) {
				next = append(next, line)
			}
		}
	}
	if r.Subject == reports.SubjectProvider {
		next = append(next, lacking(r)...)
	}
	return next
}

func numbers(list []int) string {
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = fmt.Sprint(n)
	}
	return strings.Join(words, ", ")
}
