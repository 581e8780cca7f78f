package template

import (
	"slices"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// One mistake is said once: these are all findings on a record, not those of
// one rule.
func TestOneMistakeIsSaidOnce(t *testing.T) {
	for _, test := range []struct {
		member, value string
		want          []string
	}{
		{"record", fill(aTTL, "300"), nil},
		{"record", fill(aTTL, `"1h"`), []string{"TMPL-TTL"}},
		{"record", `{"type": "A", "host": "@", "pointsTo": "web.example.net", "ttl": 300}`, []string{"TMPL-ADDRESS"}},
		{"record", fill(aHost, "a..b"), []string{"TMPL-HOST-SYNTAX"}},
		{"record", fill(aHost, "www.example.com."), []string{"TMPL-HOST-OUTSIDE"}},
		{"record", fill(cnameTo, "mail.@"), []string{"TMPL-POINTSTO"}},
		{"record", fill(mxPrio, "65536"), []string{"TMPL-NUMBER"}},
		{"record", fill(mxPrio, `""`), []string{"TMPL-VALUE-EMPTY"}},
		{"record", fill(srvWith("protocol"), "tcp"), []string{"TMPL-SRV-PROTOCOL"}},
		{"record", fill(srvWith("target"), ""), []string{"TMPL-VALUE-EMPTY"}},
		{"record", fill(typed, "txt"), []string{"TMPL-TYPE"}},
		{"record", fill(typed, "SOA"), []string{"TMPL-TYPE"}},
		{"record", `{"type": "A", "host": "@", "ttl": 300}`, []string{"TMPL-MEMBER-MISSING"}},
		{"record", `{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": true}`, []string{"TMPL-JSON-TYPE"}},
		{"record", `{"type": "A", "host": "@", "pointsTo": 7, "ttl": 300}`, []string{"TMPL-JSON-TYPE"}},
		{"record", `{"type": "CNAME", "host": "x", "pointsTo": "a.example.net", "ttl": 300}, {"type": "NS", "host": "x", "pointsTo": "a.example.net", "ttl": 300}`, []string{"TMPL-BELOW-DELEGATION", "TMPL-CNAME-NOT-ALONE"}},
		{"record", fill(txtMember, `"txtConflictMatchingMode": "Prefix"`), []string{"TMPL-TXT-PREFIX-MISSING"}},
		{"record", fill(txtMember, `"txtConflictMatchingMode": "Prefix", "txtConflictMatchingPrefix": "%v%"`), []string{"TMPL-TXT-PREFIX"}},
		{"record", fill(spfm, "v=spf1"), []string{"TMPL-SPF-RULES"}},
		{"record", fill(spfm, ""), []string{"TMPL-VALUE-EMPTY"}},
		{"record", fill(aMember, `"spfRules": "all"`), []string{"TMPL-FIELD-STRAY"}},
		{"record", fill(aMember, `"protocol": "x", "priority": "x"`), []string{"TMPL-FIELD-STRAY", "TMPL-FIELD-STRAY"}},
		{"record", `{"type": "SPFM", "host": "@", "spfRules": "mx", "ttl": "1h"}`, []string{"TMPL-FIELD-STRAY"}},
		{"record", `{"type": "A", "host": "@", "pointsTo": "192.0.2.1"}`, []string{"TMPL-MEMBER-MISSING"}},
		{"syncPubKeyDomain", `"domainconnect.co.uk"`, nil},
		{"syncRedirectDomain", "7", []string{"TMPL-JSON-TYPE"}},
		{"a.b", "1", []string{"TMPL-MEMBER-NAME"}},
		{"crit", "[]", []string{"TMPL-CRIT", "TMPL-NEW-MEMBER"}},
		{"version", "0", []string{"TMPL-VERSION-FORM"}},
		{"version", `"1"`, []string{"TMPL-JSON-TYPE"}},
		{"syncPubKeyDomain", "", []string{"TMPL-UNSIGNED"}},
		{"syncRedirectDomain", `"https://www.example.net"`, []string{"TMPL-REDIRECT-DOMAIN"}},
	} {
		findings, _ := CheckSource(Source{File: "a.example.net.s.json", Data: build(test.member, test.value)}, Options{})
		var got []string
		for _, f := range findings {
			got = append(got, f.Rule)
		}
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s %s: %q, want %q", test.member, test.value, got, test.want)
		}
	}
}

func TestFindingsAreInTheOrderOfTheFile(t *testing.T) {
	data := build("record", `{"type": "MX", "ttl": "1h", "priority": "ten", "pointsTo": "mail.@", "host": "a..b"}`)
	findings, parsed := CheckSource(Source{File: "a.example.net.s.json", Data: data}, Options{})
	var got []string
	for _, f := range findings {
		got = append(got, f.Field)
	}
	if want := []string{"ttl", "priority", "pointsTo", "host"}; !slices.Equal(got, want) || parsed == nil {
		t.Errorf("%q, want %q", got, want)
	}
}

// A file that is no template still gets all that can be said about it.
func TestProblemsDoNotHideTheRest(t *testing.T) {
	data := build("syncBlock", `"no",`+"\n"+`"syncBlock": true, "logoUrl": "http://a.example.net/l.svg"`)
	findings, parsed := CheckSource(Source{File: "f.json", Data: data}, Options{})
	var got []string
	for _, f := range findings {
		got = append(got, f.Rule)
	}
	want := []string{"TMPL-FILE-NAME", "TMPL-JSON-TYPE", "TMPL-MEMBER-TWICE", "TMPL-LOGO"}
	if !slices.Equal(got, want) || parsed != nil {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSameFileTwiceIsNoClash(t *testing.T) {
	s := Source{File: "a.example.net.s.json", Data: build("version", "1")}
	if got := CheckAll([]Source{s, s}, Options{}); len(got) != 0 {
		t.Errorf("a file that is named twice: %v", got)
	}
	s.File = "-"
	if got := CheckAll([]Source{s, s}, Options{}); len(got) != 1 || got[0].Rule != "TMPL-ID-TWICE" {
		t.Errorf("two templates on standard input: %v", got)
	}
}

// A rule of a provider, or of another edition, is silent unless it is asked
// for.
func TestRulesThatAreNotAskedFor(t *testing.T) {
	data := build("warnPhishing", "true")
	count := func(o Options, prefix string) int {
		n := 0
		findings, _ := CheckSource(Source{File: "-", Data: data}, o)
		for _, f := range findings {
			if strings.HasPrefix(f.Rule, prefix) {
				n++
			}
		}
		return n
	}
	if count(Options{}, "TMPL-CF-") != 0 || count(Options{Profile: ProfileCloudflare}, "TMPL-CF-") == 0 {
		t.Error("the profile does not choose its rules")
	}
	if count(Options{}, "TMPL-WARNPHISHING-RESERVED") != 1 || count(Options{Edition: dc.DCSpec23}, "TMPL-WARNPHISHING-RESERVED") != 0 {
		t.Error("the edition does not choose its rules")
	}
}

func TestLevels(t *testing.T) {
	for level, want := range map[Level]string{Info: "info", Warning: "warning", Error: "error", 9: "level(9)"} {
		if got := level.String(); got != want {
			t.Errorf("%d is %q, want %q", level, got, want)
		}
	}
}
