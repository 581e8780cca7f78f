package conflict

import "github.com/dcconform/dcconform/suites/trial"

// Section 10.4: MX, SRV, addresses and the types without a rule.
var types = []trial.Case{
	{Key: "conflict-mx", Title: "a new MX takes the place of every MX, whatever its preference",
		Requirements: []string{"DC-CONFLICT-MX"}, Templates: []string{"mail"}, Seeds: true,
		Body: func(t *trial.Trial) {
			replaces{id: "DC-CONFLICT-MX", template: "mail", new: []string{"@ 600 MX 5 mx.service.example."},
				gone:  []string{"@ 300 MX 5 mx1.old.example.", "@ 300 MX 20 mx2.old.example."},
				stays: []string{"@ 300 A 203.0.113.1", `@ 300 TXT "stays"`}}.judge(t)
		}},
	{Key: "conflict-srv", Title: "a new SRV takes the place of SRV at its full owner, and of no other service's",
		Requirements: []string{"DC-CONFLICT-SRV"}, Templates: []string{"telephony"}, Seeds: true,
		Body: func(t *trial.Trial) {
			replaces{id: "DC-CONFLICT-SRV", template: "telephony", new: []string{"_sip._tcp 600 SRV 10 20 5060 sip.service.example."},
				gone:  []string{"_sip._tcp 300 SRV 1 1 5061 sip.old.example."},
				stays: []string{"_xmpp._tcp 300 SRV 1 1 5222 xmpp.old.example.", "_sip._udp 300 SRV 1 1 5060 sip.old.example."}}.judge(t)
		}},
	{Key: "conflict-a-over-addresses", Title: "a new A takes the place of every A and AAAA",
		Requirements: []string{"DC-CONFLICT-ADDRESS"}, Templates: []string{"address"}, Seeds: true,
		Body: func(t *trial.Trial) {
			replaces{id: "DC-CONFLICT-ADDRESS", template: "address", new: []string{"@ 600 A 192.0.2.10"}, gone: addresses, stays: notAddresses}.judge(t)
		}},
	{Key: "conflict-aaaa-over-addresses", Title: "a new AAAA takes the place of every A and AAAA",
		Requirements: []string{"DC-CONFLICT-ADDRESS"}, Templates: []string{"address6"}, Seeds: true,
		Body: func(t *trial.Trial) {
			replaces{id: "DC-CONFLICT-ADDRESS", template: "address6", new: []string{"@ 600 AAAA 2001:db8::10"}, gone: addresses, stays: notAddresses}.judge(t)
		}},
	{Key: "conflict-other-types", Title: "a type without a rule joins its like",
		Requirements: []string{"DC-CONFLICT-OTHER-TYPES"}, Templates: []string{"authorities", "alias"}, Seeds: true,
		Body: func(t *trial.Trial) {
			replaces{id: "DC-CONFLICT-OTHER-TYPES", template: "authorities",
				new:   []string{`@ 600 CAA 0 issue "ca1.example.net"`, `@ 600 CAA 0 issuewild ";"`},
				stays: []string{`@ 300 CAA 0 issue "ca.old.example"`}}.judge(t)
		}},
}

var (
	addresses    = []string{"@ 300 A 203.0.113.1", "@ 300 A 203.0.113.2", "@ 300 AAAA 2001:db8::1", "@ 300 AAAA 2001:db8::2"}
	notAddresses = []string{"@ 300 MX 10 mx.old.example.", `@ 300 TXT "stays"`}
)
