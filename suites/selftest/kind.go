package selftest

import (
	"slices"
	"time"

	"github.com/dcconform/dcconform/fixtures"
	"github.com/dcconform/dcconform/mockprovider/oauth"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/suites/provider"
	"github.com/dcconform/dcconform/suites/register"
	"github.com/dcconform/dcconform/suites/target"
)

// Kind is what a mock is beside being correct or not: whether it remembers
// what it has applied, and whether it has the asynchronous flow. A case is run
// at the kind that has what it needs.
type Kind string

// The kinds.
const (
	// Plain remembers nothing, and has the synchronous flow alone.
	Plain Kind = ""
	// Async has the asynchronous flow, too, and cannot take a template back.
	Async Kind = "async"
	// Stateful remembers which templates it has applied, has the asynchronous
	// flow, and takes templates back.
	Stateful Kind = "stateful"
)

// kinds are all, in the order in which they are run.
var kinds = []Kind{Plain, Async, Stateful}

// Kinds lists every kind of mock.
func Kinds() []Kind { return slices.Clone(kinds) }

// KindOf is the kind of mock that a case with these needs is run at.
func KindOf(needs []register.Need) Kind {
	switch {
	case slices.Contains(needs, register.NeedStateful), slices.Contains(needs, register.NeedRevert):
		return Stateful
	case slices.Contains(needs, register.NeedAsync):
		return Async
	}
	return Plain
}

// KindsOfCases are the kinds of mock that the cases are run at, by their ids.
func KindsOfCases(reg *register.Register) map[string]Kind {
	all := map[string]Kind{}
	for _, ch := range provider.Chapters() {
		for i := range ch.Cases {
			c := &ch.Cases[i]
			all[ch.Name+"/"+c.Key] = KindOf(c.AllNeeds(reg))
		}
	}
	return all
}

// The OAuth clients that the mock has registered.
const (
	clientID, clientSecret           = "dcconform", "staple battery 9"
	otherClientID, otherClientSecret = "dcconform-2", "horse correct 10"
	briefClientID, briefClientSecret = "dcconform-3", "staple horse 11"
	codeClientID, codeClientSecret   = "dcconform-4", "battery horse 12"
)

// claim has a target claim what its kind has.
func (k Kind) claim(c *target.Config) {
	c.Claims[register.NeedStateful], c.Claims[register.NeedStateless] = k == Stateful, k != Stateful
	c.Claims[register.NeedAsync], c.Claims[register.NeedRevert] = k != Plain, k == Stateful
	if k == Plain {
		return
	}
	c.OAuth = target.OAuth{
		Client: clientID, Secret: target.NewSecret(clientSecret), OtherClient: otherClientID, OtherSecret: target.NewSecret(otherClientSecret),
		BriefClient: briefClientID, BriefSecret: target.NewSecret(briefClientSecret),
		CodeClient: codeClientID, CodeSecret: target.NewSecret(codeClientSecret), CodeLife: time.Minute,
		Redirect: "https://" + fixtures.DefaultIdentity.RedirectDomain + target.DefaultRedirectPath,
	}
}

// set makes a mock be of the kind.
func (k Kind) set(c *store.TenantConfig) {
	c.Rules.Stateful = k == Stateful
	if k == Plain {
		return
	}
	for _, p := range []struct {
		id, secret string
		life, code time.Duration
	}{{id: clientID, secret: clientSecret}, {id: otherClientID, secret: otherClientSecret},
		{id: briefClientID, secret: briefClientSecret, life: time.Minute}, {id: codeClientID, secret: codeClientSecret, code: time.Minute}} {
		c.Clients = append(c.Clients, oauth.Client{ID: p.id, Secret: oauth.Hash(p.secret), Providers: []string{fixtures.DefaultIdentity.ProviderID},
			Redirects: []string{"https://" + fixtures.DefaultIdentity.RedirectDomain + target.DefaultRedirectPath}, TokenLife: p.life, CodeLife: p.code})
	}
}
