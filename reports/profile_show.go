package reports

import (
	"fmt"
	"slices"
	"strings"
)

// manyProfiles is how many profiles get a line each in the summary.
const manyProfiles = 4

// profiles says what the profiles say: a few get a line each, more of them
// share lines, so that the summary stays on its screen.
func (p *page) profiles(r *Run) {
	switch {
	case len(r.Profiles) > manyProfiles && len(r.Templates) == 1:
		p.profilesByVerdict(r)
		return
	case len(r.Profiles) > manyProfiles:
		p.profileMatrix(r)
		return
	}
	counts := r.ProfileCounts()
	for i, prof := range r.Profiles {
		c := counts[prof.Name]
		style := ""
		if c[ProfileRefused] > 0 {
			style = yellow
		}
		if len(r.Templates) == 1 && len(r.Judgements) > i {
			p.whole(style, fmt.Sprintf("For %s: %s", prof.Title, shorten(r.Judgements[i].oneReason(), 400)))
			if r.Profile != "" {
				for _, hint := range r.Judgements[i].ofKind(ReasonHint) {
					p.whole("", "  "+shorten(hint, 400)) // its end is often what it is about
				}
			}
			continue
		}
		p.add(style, fmt.Sprintf("For %s: %s", prof.Title, profileWords(c)))
	}
}

// profilesByVerdict names the profiles by what they say to the one template.
func (p *page) profilesByVerdict(r *Run) {
	for _, v := range profileVerdicts {
		var names []string
		for _, j := range r.Judgements {
			if j.Verdict == v {
				names = append(names, j.Profile)
			}
		}
		if len(names) > 0 {
			p.add("", v.short()+": "+strings.Join(names, ", "))
		}
	}
}

// profileMatrix counts the verdicts of each profile, two profiles a line.
func (p *page) profileMatrix(r *Run) {
	p.add("", "For providers: how many templates accepted, with parts ignored, unknown, refused")
	counts := r.ProfileCounts()
	line := ""
	for i, prof := range r.Profiles {
		line += fmt.Sprintf("  %-14s", prof.Name)
		for _, v := range profileVerdicts {
			line += fmt.Sprintf("%5d", counts[prof.Name][v])
		}
		if i%2 == 1 || i == len(r.Profiles)-1 {
			p.add("", line)
			line = ""
		}
	}
}

// profileWords are counts of verdicts in words, in the order of the verdicts.
func profileWords(c map[ProfileVerdict]int) string {
	var parts []string
	for _, v := range profileVerdicts {
		if c[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c[v], v.short()))
		}
	}
	return strings.Join(parts, ", ")
}

// short is the verdict where there is no room for its reasons.
func (v ProfileVerdict) short() string {
	if v == ProfileIgnores {
		return "work with parts ignored"
	}
	return string(v)
}

// profiles is the table of counts.
func (b *markdownBook) profiles(md *strings.Builder) {
	r := b.run
	if len(r.Profiles) == 0 {
		return
	}
	md.WriteString("\n## Which providers would take what\n\n| provider | accepted | works, parts ignored | unknown | refused |\n|---|---|---|---|---|\n")
	counts := r.ProfileCounts()
	for _, p := range r.Profiles {
		fmt.Fprintf(md, "| %s ", mdCell(p.Title))
		for _, v := range profileVerdicts {
			fmt.Fprintf(md, "| %d ", counts[p.Name][v])
		}
		md.WriteString("|\n")
	}
	md.WriteString("\nJudged by what is published about each provider, not by asking it.\n")
}

// judged says what each profile says to one template, and why.
func (b *markdownBook) judged(md *strings.Builder, template string) {
	r := b.run
	if len(r.Profiles) == 0 {
		return
	}
	md.WriteString("\n### Providers\n\n")
	for i := range r.Profiles {
		p := &r.Profiles[i]
		at := slices.IndexFunc(r.Judgements, func(j Judgement) bool { return j.Template == template && j.Profile == p.Name })
		if at < 0 {
			continue
		}
		fmt.Fprintf(md, "- **%s**: %s\n", mdText(p.Title), mdText(shorten(r.Judgements[at].oneReason(), 600)))
		for _, hint := range r.Judgements[at].ofKind(ReasonHint) {
			fmt.Fprintf(md, "  - %s\n", mdText(hint))
		}
	}
}

// htmlProfiles is the part of the page about profiles.
type htmlProfiles struct {
	Text   string
	Words  []string
	Titles []string
	Counts []htmlProfileCount
	Matrix []htmlProfileRow
	More   string
	Why    []htmlProfileWhy
}

type htmlProfileCount struct {
	Title, Contact string
	N              []int
}

type htmlProfileRow struct {
	Name     string
	Verdicts []ProfileVerdict
}

type htmlProfileWhy struct {
	Title   string
	Reasons []htmlProfileReason
}

type htmlProfileReason struct {
	Kind         ReasonKind
	Text, Source string
}

// Bounds that keep the page small: the counts are always there, and
// report.json has everything.
const (
	profileRows = 200 // templates in the matrix
	profileWhy  = 20  // templates with reasons
)

// profilesOf is nil for a run that was asked about none.
func profilesOf(r *Run) *htmlProfiles {
	if len(r.Profiles) == 0 {
		return nil
	}
	h := &htmlProfiles{Text: "Judged by what is published about each provider, not by asking it: unknown means that no source says it."}
	for _, v := range profileVerdicts {
		h.Words = append(h.Words, v.words())
	}
	counts := r.ProfileCounts()
	byName := map[string]*Profile{}
	for i := range r.Profiles {
		p := &r.Profiles[i]
		byName[p.Name] = p
		row := htmlProfileCount{Title: p.Title, Contact: p.Mail}
		if row.Contact == "" {
			row.Contact = p.Page
		}
		for _, v := range profileVerdicts {
			row.N = append(row.N, counts[p.Name][v])
		}
		h.Counts, h.Titles = append(h.Counts, row), append(h.Titles, p.Title)
	}
	of := map[string][]Judgement{}
	for _, j := range r.Judgements {
		of[j.Template] = append(of[j.Template], j)
	}
	for i, t := range r.Templates {
		if i == profileRows {
			h.More = fmt.Sprintf("And %s; all of them are in %s.", count(len(r.Templates)-i, "more template", "more templates"), ReportFile)
			break
		}
		row := htmlProfileRow{Name: t.Key}
		for _, j := range of[t.Key] {
			row.Verdicts = append(row.Verdicts, j.Verdict)
			if i < profileWhy && len(j.Reasons) > 0 {
				h.Why = append(h.Why, whyOf(t.Key, byName[j.Profile], j))
			}
		}
		h.Matrix = append(h.Matrix, row)
	}
	return h
}

func whyOf(template string, p *Profile, j Judgement) htmlProfileWhy {
	w := htmlProfileWhy{Title: fmt.Sprintf("%s at %s: %s", template, p.Title, j.Verdict.words())}
	for _, r := range j.Reasons {
		w.Reasons = append(w.Reasons, htmlProfileReason{Kind: r.Kind, Text: r.Text, Source: p.source(r.Fact)})
	}
	return w
}
