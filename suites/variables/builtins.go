package variables

import (
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 9.1.2: the variables that nobody has to give.
var builtins = []trial.Case{
	{Key: "variables-builtins", Title: "domain, host and fqdn are the request's",
		Requirements: []string{"DC-VAR-BUILTINS"}, Templates: []string{"built-ins"},
		Body: func(t *trial.Trial) {
			holds(t, "DC-VAR-BUILTINS", t.Request("built-ins"), `builtins 600 TXT "{domain}|{host}|{root}|own"`)
		}},
	{Key: "variables-builtins-at-apex", Title: "without a host, fqdn is the domain, without a dot in front",
		Requirements: []string{"DC-VAR-BUILTINS"}, Templates: []string{"built-ins"}, Where: trial.AtApex,
		Body: func(t *trial.Trial) {
			holds(t, "DC-VAR-BUILTINS", t.Request("built-ins"), `builtins 600 TXT "{domain}||{domain}|own"`)
		}},
	// 9.2.1: a parameter of the same name does not replace one. The template's
	// own variable in the same request does take its value.
	{Key: "variables-builtin-not-overridden", Title: "a parameter named fqdn has no effect",
		Requirements: []string{"DC-VAR-BUILTIN-NOT-OVERRIDDEN"}, Templates: []string{"built-ins"},
		Body: func(t *trial.Trial) {
			holds(t, "DC-VAR-BUILTIN-NOT-OVERRIDDEN", t.Request("built-ins").And("fqdn", "evil.example").With("v", "mine"),
				`builtins 600 TXT "{domain}|{host}|{root}|mine"`)
		}},
	{Key: "variables-at-in-pointsto", Title: "@ in pointsTo is the name that the template is applied at",
		Requirements: []string{"DC-VAR-AT-IN-POINTSTO"}, Templates: []string{"self-pointing"},
		Body: func(t *trial.Trial) {
			e := t.Confirms("DC-VAR-AT-IN-POINTSTO", t.Request("self-pointing"))
			t.Holds("DC-VAR-AT-IN-POINTSTO", check.About{Sent: "GET " + e.Link + ", then Confirm"}, "www 600 CNAME {root}.", "@ 600 MX 10 {root}.")
		}},
	{Key: "variables-at-in-srv-target", Title: "@ as an SRV target is the name that the template is applied at",
		Requirements: []string{"DC-VAR-AT-IN-POINTSTO"}, Templates: []string{"self-service"}, Editions: []register.Edition{register.IETF05},
		Body: func(t *trial.Trial) {
			holds(t, "DC-VAR-AT-IN-POINTSTO", t.Request("self-service"), "_sip._tcp 600 SRV 1 2 5060 {root}.")
		}},
}
