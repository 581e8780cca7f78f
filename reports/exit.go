package reports

// The exit codes of the program.
const (
	ExitConformant    = 0 // with or without warnings
	ExitNonConformant = 1 // a check of the run's own subject failed
	ExitUsage         = 2 // usage or configuration
	ExitInconclusive  = 3 // inconclusive, partial or harness error
	ExitStaleBaseline = 4 // a baseline entry no longer fits
	ExitNothing       = 5 // nothing was selected
)

// Exit is what may be true of a run when the program ends. Several things may
// be; Code knows which one is told.
type Exit struct {
	Usage   bool // the command line or a configuration file is wrong
	Nothing bool // nothing was selected
	Unsure  bool // inconclusive, partial or harness error
	Failed  bool // a check of the run's own subject failed
	Warned  bool // there are warnings and --strict is set
	Stale   bool // the baseline is stale
}

// Code is the exit code. The order is 2, 5, 3 when no subject failed, 1, 4, 0:
// a failure of the subject is never hidden by a harness error.
func (e Exit) Code() int {
	switch {
	case e.Usage:
		return ExitUsage
	case e.Nothing:
		return ExitNothing
	case e.Unsure && !e.Failed:
		return ExitInconclusive
	case e.Failed || e.Warned:
		return ExitNonConformant
	case e.Stale:
		return ExitStaleBaseline
	}
	return ExitConformant
}

// ExitCode computes the exit code from the results of r, not from its Verdict,
// so that it is right before Finish, too. With strict, warnings about the
// run's own subject are 1; a SHOULD or MAY that ended without a verdict is 3
// then, since nobody can say that it would have been clean.
//
// Failures and warnings that the baseline covers do not count here, so that a
// run in which nothing else failed and everything else was judged is 0, while
// its verdict stays non-conformant. What is blocked by a known failure does not
// count, either: it cannot be tried before that one is mended. A failure that a baseline entry names
// without covering it, since it has expired or knows another reason, is 4 and
// not 1: the entry is what somebody has to look at. It is a failure all the
// same, so 3 does not hide it.
func ExitCode(r *Run, strict bool) int {
	b := r.bill()
	others, _ := r.judgeOthers(b)
	return Exit{
		Nothing: r.nothingSelected(),
		Unsure:  b.lapsedFail == 0 && (!others.Green() || strict && b.openOther > 0),
		Failed:  b.unknownFail() > 0 || r.refusals() > 0,
		Warned:  strict && b.warning > b.knownWarning,
		Stale:   len(r.StaleBaseline) > 0 || b.lapsedFail > 0,
	}.Code()
}

// Meaning says in words what the exit code of the run tells; strict as for
// ExitCode.
func (r *Run) Meaning(strict bool) string {
	code := ExitCode(r, strict)
	b := r.bill()
	switch {
	case code == ExitNonConformant && b.unknownFail() == 0 && r.refusals() > 0:
		return "the profile " + r.Profile + " refuses " + count(r.refusals(), "template", "templates")
	case code == ExitNonConformant && b.unknownFail() == 0:
		return "there are warnings, and --strict was given"
	case code == ExitConformant && b.fail > 0:
		return "nothing failed that the baseline does not know"
	case code == ExitInconclusive && b.fail > 0:
		return "nothing failed that the baseline does not know, but not everything could be judged"
	}
	return ExitMeaning(code)
}

// ExitMeaning says in words what an exit code of this program tells.
func ExitMeaning(code int) string {
	switch code {
	case ExitConformant:
		return "conformant"
	case ExitNonConformant:
		return "not conformant"
	case ExitUsage:
		return "the command line or a configuration file is wrong"
	case ExitInconclusive:
		return "nothing failed, but not everything could be judged"
	case ExitStaleBaseline:
		return "the baseline no longer fits"
	case ExitNothing:
		return "nothing was selected"
	}
	return "unknown"
}
