package revert

import (
	"slices"
	"strings"
	"unicode"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/trial"
)

// round is what calls were answered with: one that has taken a template back,
// and some after or before it that had nothing to take.
type round struct {
	done trial.Reply
	idle []trial.Reply
}

// warning holds good answers to calls without effect against those to calls
// that had one: dcspec-2.3 asks for a warning, and leaves its form open. Answers
// may hold what no two have in common, such as a time or an id, so that
// everything is done twice, and what warns is what is the same both times.
// Since a call with an effect comes between the two without, a time or a count
// that both of these have is in its answer too.
func warning(t *trial.Trial, what []string, first, second round, masked []string) {
	for i, r := range first.idle {
		about := check.About{Sent: r.Sent() + ", " + what[i], Expected: []string{"status 410",
			"a warning that it has no effect, in any form: something that no answer to a call with an effect has, which is: " + first.done.String()}, Actual: r.String()}
		t.Require(notApplied, !r.Good() || warned([2]trial.Reply{first.done, second.done}, [2]trial.Reply{r, second.idle[i]}, masked), gomega.BeTrue(), about)
	}
}

// warned reports whether answers without an effect tell that they are: by words
// or fields that they have in common and none with an effect has, or by leaving
// out what all of those say. Which status of 2xx it is tells nothing, since any
// is a success, and an empty body says nothing. masked are texts of the requests, which may be repeated.
func warned(done, idle [2]trial.Reply, masked []string) bool {
	var did, said [2][]string
	for i := range 2 {
		did[i], said[i] = words(done[i], masked), words(idle[i], masked)
	}
	if slices.ContainsFunc(said[0], func(w string) bool { return common(said, w) && !either(did, w) }) {
		return true
	}
	return !blank(idle[0]) && !blank(idle[1]) && slices.ContainsFunc(did[0], func(w string) bool { return common(did, w) && !either(said, w) })
}

func common(of [2][]string, word string) bool {
	return slices.Contains(of[0], word) && slices.Contains(of[1], word)
}

func either(of [2][]string, word string) bool {
	return slices.Contains(of[0], word) || slices.Contains(of[1], word)
}

// framing are fields that say how a body is sent, and so differ with it.
var framing = []string{"Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Etag"}

func blank(r trial.Reply) bool { return strings.TrimSpace(string(r.Body)) == "" }

// words are the words of a body, and the names of the fields beside it.
func words(r trial.Reply, masked []string) []string {
	body := string(r.Body)
	for _, text := range slices.SortedFunc(slices.Values(masked), func(a, b string) int { return len(b) - len(a) }) {
		if text != "" {
			body = strings.ReplaceAll(body, text, " ")
		}
	}
	list := strings.FieldsFunc(body, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	for name := range r.Header {
		if !slices.Contains(framing, name) {
			list = append(list, "field "+name)
		}
	}
	return list
}
