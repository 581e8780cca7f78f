package discovery

import (
	"strings"

	"github.com/onsi/gomega"
	"golang.org/x/net/idna"

	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/target"
	"github.com/dcconform/dcconform/suites/trial"
)

// Sections 3 and 7.2: which names the provider has settings for.
var names = []trial.Case{
	{Key: "discovery-apex-only", Title: "settings are given for a zone and not for names below it",
		Requirements: []string{"DC-DISC-APEX-ONLY"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			prefix := held(t)
			if texts := t.Contents("www." + t.Domain()); len(texts) > 0 {
				t.Note("sub-domain-txt", "_domainconnect.www."+t.Domain()+" has a TXT: "+strings.Join(texts, ", "))
			}
			for _, label := range []string{"www.", "bystander.", "a.b."} {
				r := t.Get(trial.SettingsURL(prefix, label+t.Domain()))
				t.Require("DC-DISC-APEX-ONLY", r.Status, gomega.Equal(404), check.About{Sent: r.Sent(),
					Expected: []string{"status 404"}, Actual: r.String(), Mend: "look up the name as it is in the path; do not strip labels from it"})
			}
		}},
	{Key: "discovery-child-zone", Title: "a zone of its own below another one has settings of its own",
		Requirements: []string{"DC-DISC-APEX-ONLY"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			child := t.Other("child").Name
			r := t.Get(trial.SettingsURL(held(t), child))
			t.Require("DC-DISC-APEX-ONLY", r.Good(), gomega.BeTrue(), check.About{Sent: r.Sent(),
				Expected: []string{"the settings of " + child}, Actual: r.String()})
			if !isSettings(r) {
				// Whether the zone is known does not show, and that this is no
				// answer at all is for the chapter of settings.
				t.Note("end-point", r.Sent()+": "+r.String())
				t.Blocked(judgeSettings)
			}
		}},
	{Key: "discovery-not-found", Title: "the settings call for a zone that is not held is answered with 404",
		Requirements: []string{"DC-DISC-SETTINGS-NOT-FOUND"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			prefix := held(t)
			absent := []string{"dcconform-unregistered.example"}
			for _, d := range t.World.Target.Domains {
				if d.Role == "absent" {
					absent = append(absent, d.Name)
				}
			}
			for _, name := range absent {
				r := t.Get(trial.SettingsURL(prefix, name))
				t.Require("DC-DISC-SETTINGS-NOT-FOUND", r.Status, gomega.Equal(404), check.About{Sent: r.Sent(),
					Expected: []string{"status 404, with or without a body"}, Actual: r.String()})
			}
		}},
	{Key: "discovery-domain-case", Title: "the settings call takes a domain in any letter case",
		Requirements: []string{"DC-DISC-DOMAIN-CASE"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			alike(t, "DC-DISC-DOMAIN-CASE", t.Domain(), strings.ToUpper(t.Domain()))
		}},
	{Key: "discovery-domain-case-apply", Title: "an apply request takes domain and host in any letter case",
		Requirements: []string{"DC-DISC-DOMAIN-CASE"}, Templates: []string{"address"},
		Body: func(t *trial.Trial) {
			r := t.Request("address")
			t.Twin(r)
			r = r.With("domain", strings.ToUpper(t.Domain())).With("host", strings.ToUpper(t.Host()))
			t.Applies("DC-DISC-DOMAIN-CASE", r, "@ 600 A 192.0.2.10")
		}},
	{Key: "discovery-idn", Title: "the settings call takes a domain as A-labels and as U-labels",
		Requirements: []string{"DC-DISC-DOMAIN-IDN"}, Where: trial.ReadOnly,
		Body: func(t *trial.Trial) {
			d := t.Other("idn")
			alike(t, "DC-DISC-DOMAIN-IDN", d.Name, unicode(t, d))
		}},
	{Key: "discovery-idn-apply", Title: "an apply request takes domain as A-labels and as U-labels",
		Requirements: []string{"DC-DISC-DOMAIN-IDN"}, Templates: []string{"address"},
		Body: func(t *trial.Trial) {
			d := t.Other("idn")
			ascii := t.Request("address").With("domain", d.Name)
			t.Twin(ascii)
			t.Reaches("DC-DISC-DOMAIN-IDN", ascii.With("domain", unicode(t, d)))
		}},
}

// held is the prefix, once the settings call of the zone itself has worked: the
// control twin of calls that are to find nothing.
func held(t *trial.Trial) string {
	prefix := t.Prefix(t.Domain())
	if r := t.Get(trial.SettingsURL(prefix, t.Domain())); !r.Good() {
		t.Note("settings", r.Sent()+": "+r.String())
		t.Blocked(judgeSettings)
	}
	return prefix
}

// alike states that two spellings of a domain have the same settings.
func alike(t *trial.Trial, id, name, other string) {
	prefix := t.Prefix(t.Domain())
	first := t.Get(trial.SettingsURL(prefix, name))
	want, err := trial.ParseObject(first.Body)
	if err != nil || !first.Good() {
		t.Note("settings", first.Sent()+": "+first.String())
		t.Blocked(judgeSettings)
	}
	second := t.Get(trial.SettingsURL(prefix, other))
	about := check.About{Sent: second.Sent(), Expected: []string{"what is answered for " + name + ": " + first.String()}, Actual: second.String()}
	got, err := trial.ParseObject(second.Body)
	t.Require(id, err == nil && second.Good(), gomega.BeTrue(), about)
	// A member may say which domain was asked for, as it was written.
	about.Actual = "members " + strings.Join(got.Names(), ", ")
	about.Expected = []string{"members " + strings.Join(want.Names(), ", ")}
	t.Require(id, got.Names(), gomega.Equal(want.Names()), about)
	for _, member := range []string{"providerId", "urlAPI", "urlSyncUX"} {
		was, _ := want.Text(member)
		is, _ := got.Text(member)
		about.Expected, about.Actual = []string{member + " " + was}, member+" "+is
		t.Require(id, is, gomega.Equal(was), about)
	}
}

// unicode is a domain in U-labels.
func unicode(t *trial.Trial, d target.Domain) string {
	name, err := idna.Display.ToUnicode(d.Name)
	t.Broken(err)
	if name == d.Name {
		t.Inconclusive("no-u-labels", "the domain "+d.Name+" of the role idn has no other spelling: give it in A-labels (xn--)")
	}
	return name
}
