package reports

import "fmt"

// junitJudged adds a testcase for what each profile says to each template. Only
// the one profile that the run was asked about can fail.
func junitJudged(r *Run, add func(suite string, c junitCase)) {
	files, titles := map[string]string{}, map[string]string{}
	for _, t := range r.Templates {
		files[t.Key] = t.File
	}
	for _, p := range r.Profiles {
		titles[p.Name] = p.Title
	}
	for _, j := range r.Judgements {
		c := junitCase{ClassName: printable(j.Template + "/profile"), Name: printable(j.Profile), Time: junitTime(0), File: printable(files[j.Template])}
		said := printable(oneLine(fmt.Sprintf("%s: %s", titles[j.Profile], j.oneReason())))
		for _, reason := range j.Reasons {
			if c.Line == 0 && reason.Kind != ReasonHint {
				c.Line = reason.Line
			}
		}
		switch {
		case j.Verdict == ProfileRefused && j.Profile == r.Profile:
			c.Failure = &junitProblem{Message: said, Type: string(j.Verdict), Body: said}
		case j.Verdict == ProfileRefused, j.Verdict == ProfileUnknown:
			c.Skipped = &junitSkipped{Message: said}
		case j.Verdict == ProfileIgnores:
			c.SystemOut = &junitOut{said}
		}
		add(j.Template, c)
	}
}
