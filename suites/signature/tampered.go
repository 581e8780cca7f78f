package signature

import (
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/trial"
)

// Section 8.3.4 (7): whoever changes a link after it was signed gets nowhere.
// The control twin is the link as it was signed.
var tampered = []trial.Case{
	{Key: "signature-tampered-variable", Title: "a request whose variables were changed is refused",
		Requirements: []string{"DC-SIG-TAMPER-VALUE"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			r := t.Request("signed")
			t.RefusesEach("DC-SIG-TAMPER-VALUE", r, r.Records(),
				changed(t, "ip changed", r, "ip=192.0.2.2", "ip=192.0.2.3"),
				changed(t, "text changed", r, "text=signed", "text=signee"),
				changed(t, "text emptied", r, "text=signed", "text="))
		}},
	{Key: "signature-tampered-place", Title: "a request whose domain or host was changed is refused",
		Requirements: []string{"DC-SIG-TAMPER-VALUE"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			t.Watch("sub", "note.sub")
			r := t.Request("signed")
			domain, host := "domain="+client.Encode(t.Domain()), "host="+client.Encode(t.Host())
			variants := []trial.Variant{
				changed(t, "domain changed", r, domain, "domain=x-"+client.Encode(t.Domain())),
				changed(t, "host changed", r, host, "host=sub."+client.Encode(t.Host())),
				changed(t, "host taken into the domain", r, domain+"&"+host, "domain="+client.Encode(t.Root())),
			}
			if child, ok := t.Has("child"); ok {
				variants = append(variants, changed(t, "domain changed to another one of the user", r, domain, "domain="+client.Encode(child.Name)))
			}
			t.RefusesEach("DC-SIG-TAMPER-VALUE", r, r.Records(), variants...)
		}},
	{Key: "signature-tampered-return", Title: "a request whose redirect_uri or state was changed, or to which one was added, is refused",
		Requirements: []string{"DC-SIG-TAMPER-VALUE"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			r := t.Request("signed").With("state", "s1")
			back := "redirect_uri=" + client.Encode(r.Value("redirect_uri"))
			t.RefusesEach("DC-SIG-TAMPER-VALUE", r, r.Records(),
				changed(t, "state changed", r, "state=s1", "state=s2"),
				changed(t, "state taken out", r, "&state=s1", ""),
				changed(t, "redirect_uri changed", r, back, back+"%2Fx"))
			stateless := t.Request("signed")
			t.RefusesEach("DC-SIG-TAMPER-VALUE", stateless, stateless.Records(),
				changed(t, "state added", stateless, "&text=", "&state=s2&text="))
			bare := stateless.Without("redirect_uri")
			t.RefusesEach("DC-SIG-TAMPER-VALUE", bare, bare.Records(),
				changed(t, "redirect_uri added", bare, "&text=", "&"+back+"&text="))
		}},
	{Key: "signature-tampered-selection", Title: "a request whose groupId or providerName was changed, taken out or added is refused",
		Requirements: []string{"DC-SIG-TAMPER-VALUE"}, Templates: []string{"signed-groups"},
		Body: func(t *trial.Trial) {
			r := t.Request("signed-groups").With("providerName", "Shop")
			t.RefusesEach("DC-SIG-TAMPER-VALUE", r, r.Records(),
				changed(t, "a group taken out", r, "groupId=first%2Csecond", "groupId=first"),
				changed(t, "groups in another order", r, "groupId=first%2Csecond", "groupId=second%2Cfirst"),
				changed(t, "groupId taken out", r, "groupId=first%2Csecond&", ""),
				changed(t, "providerName changed", r, "providerName=Shop", "providerName=Bank"),
				changed(t, "providerName taken out", r, "&providerName=Shop", ""))
		}},
	{Key: "signature-tampered-set", Title: "a request to which a parameter was added is refused, wherever it stands",
		Requirements: []string{"DC-SIG-TAMPER-VALUE"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			r := t.Request("signed")
			t.RefusesEach("DC-SIG-TAMPER-VALUE", r, r.Records(),
				changed(t, "a parameter before the signature", r, "&text=", "&utm=1&text="),
				changed(t, "a parameter at the beginning", r, "domain=", "aaa=1&domain="),
				changed(t, "a variable twice", r, "&text=signed", "&text=signed&text=other"),
				appended("a parameter behind the signature", r, "&utm=1"),
				appended("a variable again behind the signature", r, "&text=other"))
		}},
	{Key: "signature-tampered-raw", Title: "a changed octet in a query in unusual form is seen",
		Requirements: []string{"DC-SIG-TAMPER-VALUE"}, Templates: []string{"signed"},
		Body: func(t *trial.Trial) {
			r := octets(t, "text=a%2bb&redirect_uri={back}&ip=192.0.2.2&host={host}&domain={domain}")
			t.RefusesEach("DC-SIG-TAMPER-VALUE", r, []string{"@ 600 A 192.0.2.2", `note 600 TXT "v=a+b"`},
				changed(t, "a letter changed", r, "text=a%2bb", "text=a%2bc"),
				changed(t, "an escape changed", r, "text=a%2bb", "text=a%2db"))
		}},
	{Key: "signature-tampered-form", Title: "a request that was sorted or encoded anew after it was signed is refused",
		Requirements: []string{"DC-SIG-TAMPER-VALUE"}, Templates: []string{"signed"},
		// ietf-05 lets a provider rebuild the text, which hides the change.
		Editions: []register.Edition{register.DCSpec23},
		Body: func(t *trial.Trial) {
			r := octets(t, "domain={domain}&host={host}&ip=192.0.2.2&redirect_uri={back}&text=a%2Bb")
			host := "host=" + client.Encode(t.Host())
			t.RefusesEach("DC-SIG-TAMPER-VALUE", r, []string{"@ 600 A 192.0.2.2", `note 600 TXT "v=a+b"`},
				changed(t, "the escape in lower case", r, "a%2Bb", "a%2bb"),
				changed(t, "a letter escaped", r, "text=a", "text=%61"),
				changed(t, "another order", r, host+"&ip=192.0.2.2", "ip=192.0.2.2&"+host))
		}},
}
