package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// edited is the open template with members put before its records.
func edited(members string) string {
	return strings.Replace(openTemplate, `"records"`, members+`, "records"`, 1)
}

func TestRefusedRequests(t *testing.T) {
	const broken = "This link does not work"
	for _, c := range []struct {
		name, query string
		status      int
		heading     string
		// detail is what the page tells developers, description what the
		// redirect tells them; none when the redirect itself is the trouble.
		detail, description string
		options             []option
	}{
		{"no domain", "ip=192.0.2.7&v=x", 400, broken, "the link has no domain; add the zone that the template is for", "domain is missing", nil},
		{"empty domain", "domain=&ip=192.0.2.7&v=x", 400, broken, "the link has no domain; add the zone that the template is for", "domain is missing", nil},
		{"domain in other case", "Domain=example.com&ip=192.0.2.7&v=x", 400, broken, "the link has no domain; add the zone that the template is for", "domain is missing", nil},
		{"domain with a hyphen first", "domain=-a.example&ip=192.0.2.7&v=x", 400, broken, "domain", "invalid-request", nil},
		{"domain with a space", "domain=a%20b&ip=192.0.2.7&v=x", 400, broken, "domain", "invalid-request", nil},
		{"wildcard domain", "domain=*.x&ip=192.0.2.7&v=x", 400, broken, "domain", "invalid-request", nil},
		{"list of hosts", site + "&host=a,b", 400, broken, "host", "invalid-request", nil},
		{"empty label in host", site + "&host=a..b", 400, broken, "host", "invalid-request", nil},
		{"long label in host", site + "&host=" + strings.Repeat("a", 64), 400, broken, "host", "invalid-request", nil},
		{"missing variable", "domain=example.com&v=x", 400, broken, "record 1, pointsTo", "missing-variable in record 1", nil},
		{"variable in other case", "domain=example.com&IP=192.0.2.7&v=x", 400, broken, "record 1, pointsTo", "missing-variable in record 1", nil},
		{"empty address", "domain=example.com&ip=&v=x", 400, broken, "record 1, pointsTo", "invalid-address in record 1", nil},
		{"wrong address", "domain=example.com&ip=999.1.1.1&v=x", 400, broken, "record 1, pointsTo", "invalid-address in record 1", nil},
		{"unknown group", site + "&groupId=nope", 400, broken, "groupId: no record is in group nope; the template has verification (compared with case)", "no-such-group", nil},
		{"group in other case", site + "&groupId=Verification", 400, broken, "groupId", "no-such-group", nil},
		{"empty group", site + "&groupId=", 400, broken, "groupId: the value is empty; leave the parameter out to apply every group", "invalid-request", nil},
		{"empty member in groups", site + "&groupId=verification,,x", 400, broken, "groupId", "invalid-request", nil},
		{"repeated domain", site + "&domain=example.com", 400, broken, "the parameter domain stands in the link 2 times; send it once", "a parameter cannot be used", nil},
		{"repeated domain, escaped", site + "&d%6Fmain=other.test", 400, broken, "the parameter domain stands in the link 2 times; send it once", "a parameter cannot be used", nil},
		{"repeated host", site + "&host=&host=a", 400, broken, "the parameter host stands in the link 2 times; send it once", "a parameter cannot be used", nil},
		{"repeated variable", site + "&ip=192.0.2.8", 400, broken, "the parameter ip stands in the link 2 times; send it once", "a parameter cannot be used", nil},
		{"repeated group", site + "&groupId=verification&groupId=x", 400, broken, "the parameter groupId stands in the link 2 times; send it once", "a parameter cannot be used", nil},
		{"repeated state", site + "&state=a&state=b", 400, broken, "the parameter state stands in the link 2 times; send it once", "state cannot be used", nil},
		{"repeated redirect_uri", site + "&redirect_uri=https%3A%2F%2Fsp.test%2F&redirect_uri=https%3A%2F%2Fevil.test%2F", 400, broken, "the parameter redirect_uri stands in the link", "", nil},
		{"repeated crit", site + "&crit=a&crit=b", 400, broken, "the parameter crit stands in the link 2 times; send it once", "crit cannot be used", nil},
		{"line break in domain", "domain=example.com%0d%0a&ip=192.0.2.7&v=x", 400, broken, "the value of domain holds the control character U+000D; leave it out", "a parameter cannot be used", nil},
		{"zero in host", site + "&host=a%00", 400, broken, "the value of host holds the control character U+0000; leave it out", "a parameter cannot be used", nil},
		{"tab in a variable", "domain=example.com&ip=192.0.2.7&v=%09", 400, broken, "the value of v holds the control character U+0009; leave it out", "a parameter cannot be used", nil},
		{"delete in a variable", "domain=example.com&ip=192.0.2.7&v=%7f", 400, broken, "the value of v holds the control character U+007F; leave it out", "a parameter cannot be used", nil},
		{"line separator in a variable", "domain=example.com&ip=192.0.2.7&v=%E2%80%A8", 400, broken, "the value of v holds the control character U+2028; leave it out", "a parameter cannot be used", nil},
		{"no UTF-8", "domain=example.com&ip=192.0.2.7&v=%ff", 400, broken, "the value of v is not UTF-8 after decoding; percent-encode its UTF-8 octets", "a parameter cannot be used", nil},
		{"line break in state", site + "&state=%0d%0aX:y", 400, broken, "the value of state holds the control character U+000D; leave it out", "state cannot be used", nil},
		{"broken escape", site + "&foo=100%", 400, broken, `foo: the value "100%" has a malformed percent-escape "%"; write a per cent sign as %25`, "", nil},
		{"critical parameter", site + "&vnd.example.dryRun=1&crit=vnd.example.dryRun", 400, broken, "crit calls the parameter vnd.example.dryRun critical, and this provider does not understand it; leave it out of crit when it may be ignored", "crit names a parameter that is not understood", nil},
		{"critical parameter among others", site + "&x=1&crit=domain,ip,absent,x", 400, broken, "crit calls the parameter x critical", "crit names a parameter that is not understood", nil},
		{"blocked", site, 403, "This service cannot be set up by a link", "The template sets syncBlock.", "the template may not be applied in the synchronous flow (syncBlock)", []option{withTemplates(edited(`"syncBlock": true`))}},
		{"host required", site, 400, "This service needs a sub-domain", "hostRequired", "host-required", []option{withTemplates(edited(`"hostRequired": true`))}},
		{"host required, empty", site + "&host=", 400, "This service needs a sub-domain", "hostRequired", "host-required", []option{withTemplates(edited(`"hostRequired": true`))}},
		{"long caller's name", site + "&providerName=" + strings.Repeat("x", 256), 400, broken, "providerName has more than 255 characters; shorten it", "a parameter cannot be used", []option{withTemplates(edited(`"sharedProviderName": true`))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.options...)
			before := w.zoneAt("example.com")
			b := w.browser()
			p := b.get(w.apply("site", c.query))
			if p.status != c.status || p.heading() != c.heading || p.away != "" {
				t.Errorf("ended with %d %q, sent to %q; want %d %q", p.status, p.heading(), p.away, c.status, c.heading)
			}
			contains(t, p.text(), "Nothing has been changed.", c.detail)
			if strings.Contains(p.body, `value="confirm"`) {
				t.Error("the page can be approved")
			}
			// The control twin is the same world with a good request.
			p = b.get(w.apply("site", c.query+listed))
			switch {
			case c.description == "" && p.away != "":
				t.Errorf("sent to %q", p.away)
			case c.description != "":
				got := parseTarget(t, p.away)
				code := map[int]string{400: "invalid_request", 403: "unauthorized_client"}[c.status]
				if got.Get("error") != code || got.Get("error_description") != c.description {
					t.Errorf("sent to %q, want error %s and description %q", p.away, code, c.description)
				}
			}
			if after := w.zoneAt("example.com"); after != before {
				t.Errorf("the zone has changed to\n%s", after)
			}
		})
	}
}

// What no record and no flow uses is ignored, however odd it is.
func TestAcceptedRequests(t *testing.T) {
	critical := withTemplates(strings.Replace(openTemplate, `"ttl": 600, "groupId": "verification"`, `"ttl": 600`, 1))
	for _, c := range []struct {
		name, query string
		// want stands in the zone afterwards.
		want    string
		options []option
	}{
		{"plain", site, "www.example.com. 600 IN A 192.0.2.7\n", nil},
		{"unknown parameters", site + "&utm_source=x&foo=%25bar%25&vnd.example.x=1&dc.foo=1&type=NS&ttl=1&records[0][host]=x&pointsTo=198.51.100.1", "www.example.com. 600 IN A 192.0.2.7\n", nil},
		{"repeated unknown parameter", site + "&utm=1&utm=2", "www.example.com. 600 IN A 192.0.2.7\n", nil},
		{"control character in an unknown parameter", site + "&utm=%00", "www.example.com. 600 IN A 192.0.2.7\n", nil},
		{"built-ins are not parameters", site + "&fqdn=evil.test", "www.example.com. 600 IN A 192.0.2.7\n", nil},
		{"instanceId", site + "&instanceId=i1", "www.example.com. 600 IN A 192.0.2.7\n", nil},
		{"names of protocol and template are understood", site + "&crit=domain,groupId,host,ip,v,state,instanceId,sig,key,crit,absent,vnd.example.absent", "www.example.com. 600 IN A 192.0.2.7\n", nil},
		{"empty crit", site + "&crit=", "www.example.com. 600 IN A 192.0.2.7\n", nil},
		{"crit in 2.3", site + "&x=1&crit=x", "www.example.com. 600 IN A 192.0.2.7\n", []option{withEdition(dc.DCSpec23)}},
		{"empty host", site + "&host=", "www.example.com. 600 IN A 192.0.2.7\n", nil},
		{"host of several labels", site + "&host=a.b", "www.a.b.example.com. 600 IN A 192.0.2.7\n", nil},
		{"host in capitals", site + "&host=BAR", "www.bar.example.com. 600 IN A 192.0.2.7\n", nil},
		{"host as U-label", site + "&host=b%C3%BCcher", "www.xn--bcher-kva.example.com. 600 IN A 192.0.2.7\n", nil},
		{"host as A-label", site + "&host=xn--bcher-kva", "www.xn--bcher-kva.example.com. 600 IN A 192.0.2.7\n", nil},
		{"host with underscore", site + "&host=_acme-challenge", "www._acme-challenge.example.com. 600 IN A 192.0.2.7\n", nil},
		{"domain in capitals with a dot", "domain=EXAMPLE.COM.&ip=192.0.2.7&v=x", "www.example.com. 600 IN A 192.0.2.7\n", nil},
		{"escaped name", "d%6Fmain=example.com&%69p=192.0.2.7&v=x", "www.example.com. 600 IN A 192.0.2.7\n", nil},
		{"empty value", "domain=example.com&ip=192.0.2.7&v=", `example.com. 600 IN TXT ""` + "\n", nil},
		{"value without equals sign", "domain=example.com&ip=192.0.2.7&v", `example.com. 600 IN TXT ""` + "\n", nil},
		{"decoded once", "domain=example.com&ip=192.0.2.7&v=shm%3A1%3AHello%2541%2B", `example.com. 600 IN TXT "shm:1:Hello%41+"` + "\n", nil},
		{"plus is a plus", "domain=example.com&ip=192.0.2.7&v=a+b", `example.com. 600 IN TXT "a+b"` + "\n", nil},
		{"plus is a space in 2.3", "domain=example.com&ip=192.0.2.7&v=a+b", `example.com. 600 IN TXT "a b"` + "\n", []option{withEdition(dc.DCSpec23)}},
		{"semicolon is no separator", "domain=example.com&ip=192.0.2.7&v=a;host=b", `example.com. 600 IN TXT "a;host=b"` + "\n", nil},
		{"group", "domain=example.com&ip=192.0.2.7&v=g&groupId=nope%2Cverification", `example.com. 600 IN TXT "g"` + "\n", nil},
		{"every record without a group", "domain=example.com&ip=192.0.2.7&v=x", `example.com. 600 IN TXT "x"` + "\n", []option{critical}},
		{"host given as required", site + "&host=shop", "www.shop.example.com. 600 IN A 192.0.2.7\n", []option{withTemplates(edited(`"hostRequired": true`))}},
		{"unused variable of another group", "domain=example.com&ip=192.0.2.7&groupId=a", "www.example.com. 600 IN A 192.0.2.7\n", []option{withTemplates(strings.Replace(openTemplate, `"pointsTo"`, `"groupId": "a", "pointsTo"`, 1))}},
		{"repeated name that is not allowed", site + "&providerName=a&providerName=b", "www.example.com. 600 IN A 192.0.2.7\n", nil},
		{"empty redirect_uri", site + "&redirect_uri=", "www.example.com. 600 IN A 192.0.2.7\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.options...)
			b := w.browser()
			p := b.open(w.apply("site", c.query))
			if p.path != "/ux/consent" {
				t.Fatalf("ended with %d %q:\n%s", p.status, p.heading(), p.text())
			}
			if p = b.answer(p, "confirm"); p.heading() != "Done" {
				t.Fatalf("ended with %d %q:\n%s", p.status, p.heading(), p.text())
			}
			contains(t, w.zoneAt("example.com"), c.want)
			for _, odd := range []string{"evil", "198.51.100.1", "NS x"} {
				if strings.Contains(w.zoneAt("example.com"), odd) {
					t.Errorf("%s got into the zone:\n%s", odd, w.zoneAt("example.com"))
				}
			}
		})
	}
}

// Links of 8,000 octets have to work, also through the sign-in; what is too
// long is refused whole.
func TestLongLinks(t *testing.T) {
	for _, size := range []int{2000, 4000, 7990, 8000, 20000, 65000} {
		w := newWorld(t)
		b := w.browser()
		base := w.server.URL + w.apply("mail", "")
		raw := "domain=example.com&v=x&redirect_uri=https%3A%2F%2Fsp.test%2Fcb&state="
		state := strings.Repeat("s", size-len(base)-len(signed(raw)))
		link := w.apply("mail", signed(raw+state))
		p := b.answer(b.open(link), "confirm")
		if want := "https://sp.test/cb?state=" + state; p.away != want {
			t.Errorf("%d octets: status %d %q, sent to %.80q…", size, p.status, p.heading(), p.away)
		}
	}
	w := newWorld(t)
	b := w.browser()
	p := b.get(w.apply("site", site+listed+"&state="+strings.Repeat("s", 70<<10)))
	if p.status != http.StatusRequestURITooLong || p.away != "" || p.heading() != "This link is too long" {
		t.Errorf("70 KiB: %d %q", p.status, p.heading())
	}
	if p := b.get("/v2/example.com/settings?x=" + strings.Repeat("s", 70<<10)); p.status != http.StatusRequestURITooLong {
		t.Errorf("settings with 70 KiB: %d", p.status)
	}
}

func TestUnknownTemplate(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"nope", "Site", "site%2Fapply", "..%2F..", strings.Repeat("a", 64), "%00", "%22"} {
		p := w.browser().get(w.apply(id, site+listed))
		if p.status != http.StatusNotFound || p.away != "" {
			t.Errorf("%s: status %d, sent to %q", id, p.status, p.away)
		}
	}
	p := w.browser().get(w.apply("nope", site))
	if p.heading() != "This service is not known here" {
		t.Errorf("heading %q", p.heading())
	}
	contains(t, p.text(), "Nothing has been changed.", "No template with these ids is supported; ids compare with case.")
}

// The caller's names are shown beside the template's, and only when the
// template lets the caller add them.
func TestSharedNames(t *testing.T) {
	for _, c := range []struct {
		name, members     string
		provider, service bool
	}{
		{"none", `"version": 7`, false, false},
		{"provider", `"sharedProviderName": true`, true, false},
		{"provider, old name", `"shared": true`, true, false},
		{"service", `"sharedServiceName": true`, false, true},
		{"both", `"sharedProviderName": true, "sharedServiceName": true`, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(edited(c.members), `"version": 7,`, "", 1)
			w := newWorld(t, withTemplates(text))
			p := w.browser().open(w.apply("site", site+"&providerName=CALLER-P&serviceName=CALLER-S"))
			contains(t, p.text(), "Sorrel Pages", "Web Site")
			if got := strings.Contains(p.text(), "The link adds: CALLER-P"); got != c.provider {
				t.Errorf("the caller's providerName is shown: %t", got)
			}
			if got := strings.Contains(p.text(), "The link adds: CALLER-S"); got != c.service {
				t.Errorf("the caller's serviceName is shown: %t", got)
			}
			if !c.provider && !c.service && strings.Contains(p.body, "CALLER") {
				t.Error("a name that is not allowed stands on the page")
			}
		})
	}
}

// The description members are for developers. The twin is the marker in
// serviceName, which does show.
func TestDescriptionIsHidden(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	signIn := b.get(w.apply("site", site))
	consent := b.signIn(signIn, "alice", "wonder")
	done := b.answer(consent, "confirm")
	for _, p := range []page{signIn, consent, done, b.get(w.apply("site", "domain=example.com"))} {
		if strings.Contains(p.body, "MARKER") {
			t.Errorf("the page at %s shows a description", p.path)
		}
	}
	contains(t, consent.body, "Web Site")
}

// Only active records take part.
func TestInactiveGroupsAreNotShown(t *testing.T) {
	w := newWorld(t, withTemplates(strings.Replace(openTemplate, `"pointsTo"`, `"groupId": "service", "pointsTo"`, 1)))
	b := w.browser()
	p := b.open(w.apply("site", site+"&groupId=verification"))
	if strings.Contains(p.text(), "192.0.2.7") || strings.Contains(p.text(), "192.0.2.80") {
		t.Errorf("an inactive record, or a conflict with one, is shown:\n%s", p.text())
	}
	b.answer(p, "confirm")
	contains(t, w.zoneAt("example.com"), "www.example.com. 3600 IN A 192.0.2.80\n", `example.com. 600 IN TXT "x"`)
}

func TestWarnings(t *testing.T) {
	absolute := strings.Replace(openTemplate, `"host": "www"`, `"host": "%domain%."`, 1)
	for _, c := range []struct {
		name, query, template, want string
	}{
		{"underscore", site + "&host=_dmarc", openTemplate, "This changes a special name The name _dmarc.example.com has a part that begins with an underscore."},
		{"underscore inside", site + "&host=a._b", openTemplate, "This changes a special name The name a._b.example.com has a part"},
		{"elsewhere", site + "&host=bar", absolute, "Some records are elsewhere in your domain Besides bar.example.com, this changes example.com."},
	} {
		w := newWorld(t, withTemplates(c.template))
		contains(t, w.browser().open(w.apply("site", c.query)).text(), c.want)
	}
	w := newWorld(t)
	text := w.browser().open(w.apply("site", site+"&host=shop")).text()
	for _, none := range []string{"special name", "elsewhere"} {
		if strings.Contains(text, none) {
			t.Errorf("an ordinary host is warned of with %q", none)
		}
	}
}

// What DNS cannot hold shows when the zone is looked at, and ends the flow.
func TestRecordsThatCannotStand(t *testing.T) {
	text := strings.Replace(openTemplate, `{"type": "A", "host": "www", "pointsTo": "%ip%", "ttl": 600}`,
		`{"type": "CNAME", "host": "@", "pointsTo": "a.test", "ttl": 600}`, 1)
	w := newWorld(t, withTemplates(text))
	b := w.browser()
	before := w.zoneAt("example.com")
	p := b.open(w.apply("site", site))
	if p.status != http.StatusBadRequest || p.heading() != "These records do not fit your domain" {
		t.Errorf("ended with %d %q", p.status, p.heading())
	}
	p = b.open(w.apply("site", site+listed))
	if got := parseTarget(t, p.away); got.Get("error") != "invalid_request" || got.Get("error_description") != "cannot-coexist in record 1" {
		t.Errorf("sent to %q", p.away)
	}
	if after := w.zoneAt("example.com"); after != before {
		t.Errorf("the zone has changed to\n%s", after)
	}
}

// An SPF record that is merged is not a conflict, and is shown all the same.
func TestMergedRecordIsShown(t *testing.T) {
	text := strings.Replace(openTemplate, `{"type": "A", "host": "www", "pointsTo": "%ip%", "ttl": 600}`,
		`{"type": "SPFM", "host": "@", "spfRules": "include:sp.test"}`, 1)
	w := newWorld(t, withTemplates(text), withZone("spf.test", "alice", zoneText+`@ 600 IN TXT "v=spf1 mx ~all"`+"\n"))
	b := w.browser()
	p := b.open(w.apply("site", strings.Replace(site, "example.com", "spf.test", 1)))
	contains(t, p.text(), "1 record will be replaced by a merged one", `"v=spf1 mx ~all"`, `"v=spf1 mx include:sp.test ~all"`)
	if strings.Contains(p.text(), "in the way") {
		t.Error("a merge is shown as a conflict")
	}
}
