package certify

import (
	"errors"
	"fmt"

	"github.com/onsi/gomega"

	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/mockprovider/resolve"
	"github.com/dcconform/dcconform/suites/check"
	"github.com/dcconform/dcconform/suites/target"
	"github.com/dcconform/dcconform/suites/values"
)

var discoveryRequirements = []string{
	"DC-DISC-TXT-ANSWERED", "DC-DISC-TXT-FORM", "DC-DISC-TXT-NO-SCHEME",
	"DC-SET-JSON-OBJECT", "DC-SET-REQUIRED-MEMBERS", "DC-SET-URLSYNC-MEANS-SUPPORT",
}

// discovery finds the provider as a service provider does: the TXT record,
// then the settings (ietf-05 section 7).
func (f *flow) discovery(c *check.Case) {
	sp := f.w.serviceProvider()
	found, err := sp.Discover(c.Context(), f.domain)
	c.Interrupted(err)
	c.Record("observation", "discovery of "+f.domain, fmt.Appendf(nil, "%s TXT %q\n", found.Question, found.TXT))
	sent := "TXT " + found.Question
	c.Require("DC-DISC-TXT-ANSWERED", err, gomega.BeNil(), check.About{Sent: sent, Actual: text(err)})
	c.Require("DC-DISC-TXT-FORM", len(found.Prefixes), gomega.Equal(1),
		check.About{Sent: sent, Expected: []string{"one valid TXT record"}, Actual: fmt.Sprintf("%q", found.TXT)})
	c.Require("DC-DISC-TXT-NO-SCHEME", len(found.Rejected), gomega.BeZero(),
		check.About{Sent: sent, Expected: []string{"no scheme, query or fragment"}, Actual: fmt.Sprintf("%q", found.Rejected)})
	settings, exchange, err := sp.Settings(c.Context(), found.Prefixes[0], f.domain)
	c.Interrupted(err)
	recordExchange(c, "settings", exchange)
	sent = "GET https://" + found.Prefixes[0] + "/v2/" + f.domain + "/settings"
	c.Require("DC-SET-JSON-OBJECT", err, gomega.BeNil(), check.About{Sent: sent, Actual: text(err)})
	c.Require("DC-SET-REQUIRED-MEMBERS", settings.ProviderID != "" && settings.ProviderName != "" && settings.URLAPI != "", isTrue,
		check.About{Sent: sent, Expected: []string{"providerId, providerName and urlAPI"}, Actual: fmt.Sprintf("%+v", settings)})
	c.Require("DC-SET-URLSYNC-MEANS-SUPPORT", settings.URLSyncUX, gomega.Not(gomega.BeEmpty()),
		check.About{Sent: sent, Expected: []string{"a urlSyncUX"}, Actual: "no urlSyncUX"})
	f.settings = settings
}

func recordExchange(c *check.Case, title string, x *target.Exchange) {
	if x != nil {
		c.Record("exchange", title, []byte(x.Text()))
	}
}

var queryRequirements = []string{"DC-QRY-SUPPORTED-OK", "DC-EXT-TEMPLATE-CRIT-REFUSED", "DC-EXT-SPECVERSION-UNSUPPORTED", "DC-RT-UNSUPPORTED-WHOLE"}

// query asks whether the provider knows the template (ietf-05 section 8.2). A
// template that no provider could know has demands that nobody understands.
func (f *flow) query(c *check.Case) {
	info, exchange, err := f.w.serviceProvider().QueryTemplate(c.Context(), f.settings.URLAPI, f.t.ProviderID, f.t.ServiceID, "")
	c.Interrupted(err)
	recordExchange(c, "template query", exchange)
	sent := "template query for " + f.t.ID().String()
	c.Control("DC-QRY-SUPPORTED-OK", err, gomega.BeNil(), check.About{Sent: sent, Actual: text(err)})
	refusal := resolve.Supported(f.t, f.o.rules())
	c.Control("DC-QRY-SUPPORTED-OK", info.Supported, gomega.Equal(refusal == nil), check.About{Sent: sent,
		Actual: fmt.Sprintf("the mock says supported: %v, the reference says: %v", info.Supported, reason(refusal))})
	if refusal != nil {
		f.unsupported = true
		f.refused(c, refusal)
	}
}

// publishedKey says whether the service provider's key could be published
// where the template has it.
func (f *flow) publishedKey(c *check.Case) {
	name := f.w.key.Label + "." + f.t.SyncPubKeyDomain
	at := f.t.Position("syncPubKeyDomain")
	if f.keyErr != nil {
		c.At(f.t.File, at.Line, at.Column, 0)
	}
	c.Require("DC-TMPL-PUBKEYDOMAIN-SYNTAX", f.keyErr, gomega.BeNil(), check.About{Sent: "TXT records at " + name,
		Expected: []string{"a domain name in syncPubKeyDomain, below which keys can be published"}, Actual: text(f.keyErr),
		Mend: "name a domain of yours in syncPubKeyDomain, without the key's own label"})
}

func reason(err error) string {
	if err == nil {
		return "supported"
	}
	return err.Error()
}

var variableRequirements = []string{
	"DC-VAR-TYPE-CHECK", "DC-TMPL-VARIABLE-RESERVED", "DC-HOST-VALID-NAME", "DC-HOST-OUT-OF-ZONE",
	"DC-VAR-NUMERIC-RANGE", "DC-RT-GENERIC-CHECKED", "DC-TMPL-SPFRULES-TERMS", "DC-TMPL-POINTSTO-SYNTAX",
	"DC-TMPL-POINTSTO-NO-AT-ADDRESS", "DC-TMPL-TTL-SYNTAX",
}

// variables finds values with which every record is valid.
func (f *flow) variables(c *check.Case) {
	set, err := inventValues(f.t, f.o, f.place, f.domain)
	var impossible *values.Impossible
	var refusal *dc.Error
	switch {
	case err == nil:
		f.values = set
		_, err := resolve.Resolve(f.t, f.resolveRequest(), f.o.rules())
		c.Control("DC-VAR-TYPE-CHECK", err, gomega.BeNil(), check.About{Sent: fmt.Sprintf("values %v", set), Actual: text(err)})
		return
	case f.first != nil && f.first.impossible == err.Error():
		c.Blocked(f.key + "/" + f.first.place.name + "/variables")
	case errors.As(err, &impossible) && impossible.Record >= 0 && impossible.Record < len(f.t.Records):
		r := &f.t.Records[impossible.Record]
		at := r.Position(impossible.Field)
		if at.Line == 0 {
			at = r.Pos
		}
		c.At(f.t.File, at.Line, at.Column, impossible.Record+1)
	}
	f.impossible = err.Error()
	about := check.About{Sent: "values for the variables, by type from where they stand",
		Expected: []string{"at least one assignment with which every record is valid"}, Actual: err.Error()}
	if errors.As(err, &refusal) {
		c.Fail(f.requirementOf(refusal, variableRequirements, "DC-VAR-TYPE-CHECK"), about)
	}
	if impossible != nil && values.Reserved(impossible.Variable) != "" {
		c.Fail("DC-TMPL-VARIABLE-RESERVED", about)
	}
	c.Fail("DC-VAR-TYPE-CHECK", about)
}
