package main

import (
	"testing"

	"github.com/dcconform/dcconform/suites/probe"
)

func TestProbeTextIsHarmless(t *testing.T) {
	r := probe.Result{Domain: "shop.example", Resolver: "192.0.2.53:53", Dialed: []string{"192.0.2.53:53"}, Findings: []probe.Finding{
		{Step: probe.StepSettings, Status: probe.OK, Message: "the provider is \x1b]0;owned\a\u202eDNS"},
		{Step: probe.StepSettings, Status: probe.Problem, Message: "a\nb", Mend: "c\rd"},
	}}
	const want = "shop.example, as 192.0.2.53:53 sees it\n\nsettings\n  ok      the provider is \ufffd]0;owned\ufffd\ufffdDNS\n  PROBLEM a\ufffdb\n          c\ufffdd\n\nasked: 192.0.2.53:53\n"
	if got := probeText(r); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
