package claims

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

const meaning = "DC-SET-RESERVED-MEANING"

// member is the case of a claim and the members of the settings that show it.
func member(key string, need register.Need, names ...string) trial.Case {
	return trial.Case{Key: key, Title: "what is said of " + string(need) + " is so",
		Requirements: []string{meaning}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			claimed, said := t.World.Target.Claims[need]
			if !said {
				t.NotApplicable("claim-missing", fmt.Sprintf("the target does not say whether it has %s", need))
			}
			var wrong []string
			for _, name := range names {
				if there(t, name) != claimed {
					wrong = append(wrong, fmt.Sprintf("%s is there: %t", name, !claimed))
				}
			}
			agree(t, need, claimed, wrong, fmt.Sprintf("the settings have %s exactly where the target claims %s", strings.Join(names, " and "), need))
		}}
}

// async is the case of the claims that rest on the asynchronous flow (async-00
// section 5): it begins at urlAsyncUX, and ends at the API, which templates are
// taken back by, too.
var async = trial.Case{Key: "claims-async", Title: "what is said of async and revert is so",
	Requirements: []string{meaning}, Where: trial.ReadOnly,
	Body: func(t *trial.Trial) {
		flow, said := t.World.Target.Claims[register.NeedAsync]
		revert := t.World.Target.Claims[register.NeedRevert]
		if !said && !revert {
			t.NotApplicable("claim-missing", "the target does not say whether it has async")
		}
		need, claimed := register.NeedAsync, flow || revert
		if revert && !flow {
			need = register.NeedRevert
		}
		var wrong []string
		if there(t, "urlAsyncUX") != claimed {
			wrong = append(wrong, fmt.Sprintf("urlAsyncUX is there: %t", !claimed))
		}
		if claimed && !there(t, "urlAPI") {
			wrong = append(wrong, "urlAPI is there: false")
		}
		agree(t, need, claimed, wrong, fmt.Sprintf("the settings have urlAsyncUX exactly where the target claims %s, and urlAPI with it", need))
	}}

func there(t *trial.Trial, name string) bool { return valued(t.Document(t.Place()).Object, name) }

// valued reports whether settings have a value for a member. Providers without
// what it is about send null or nothing between quotes, too; that has cases of
// its own.
func valued(settings trial.Object, name string) bool {
	for _, v := range settings.All(name) {
		if text := string(v); text != "null" && text != `""` {
			return true
		}
	}
	return false
}

func agree(t *trial.Trial, need register.Need, claimed bool, wrong []string, expected string) {
	t.Require(meaning, wrong, gomega.BeEmpty(), check.About{Sent: "the settings of " + t.Domain(),
		Expected: []string{expected}, Actual: fmt.Sprintf("claimed: %t; %s", claimed, strings.Join(wrong, "; ")),
		Mend: fmt.Sprintf("correct claims.%s in target.yaml, or the provider", need)})
}
