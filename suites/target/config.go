package target

import (
	"time"

	"github.com/dcconform/dcconform/suites/register"
)

// Config is a target.yaml: a DNS provider under test, how it is reached and
// what it claims. The zero value of every optional field is explained with it;
// Load fills the defaults in and checks the rest.
type Config struct {
	// Name is how reports call the provider; "" is the host of its settings.
	Name string `yaml:"name"`
	// Edition is the edition that the provider is judged by. It has no
	// default: either Edition or Profile names it.
	Edition register.Edition `yaml:"edition"`
	// Profile names a provider whose edition is known, in the place of Edition.
	// What the target supports is for Claims to say.
	Profile string `yaml:"profile"`
	// Domains are zones in the account that are there for the tests; at least
	// one. Nothing outside them is ever touched.
	Domains []Domain `yaml:"domains"`
	// DNS is where the zones are observed.
	DNS DNS `yaml:"dns"`
	// Settings is an authority and path that stands in for what _domainconnect
	// says, for a staging system: "staging.provider.example/dc". "" asks DNS.
	Settings string `yaml:"settings"`
	// HTTP is how HTTPS requests are made.
	HTTP HTTP `yaml:"http"`
	// Accounts can sign in and own the domains; the first is used unless a
	// domain names another.
	Accounts []Account `yaml:"accounts"`
	// Session is a file with an imported session (cookies.txt or a JSON array
	// of cookies) that is signed in already; "" signs in.
	Session string `yaml:"session"`
	// Templates is under which names the conformance templates were onboarded.
	Templates Templates `yaml:"templates"`
	// Links is how apply links are made.
	Links Links `yaml:"links"`
	// Callback is where the provider redirects to, and KeyZone how it finds
	// our public keys.
	Callback Callback `yaml:"callback"`
	KeyZone  KeyZone  `yaml:"keyZone"`
	// OAuth is how the run is registered for the asynchronous flow.
	OAuth OAuth `yaml:"oauth"`
	// Claims says which optional parts the provider has: true, false, or
	// unknown where a claim is not there. The names are register.Need's.
	Claims map[register.Need]bool `yaml:"claims"`
	// Hosts bounds the names that are written below each domain.
	Hosts Hosts `yaml:"hosts"`
	// Limits are ceilings, never waits.
	Limits Limits `yaml:"limits"`
	// Consent is how the pages are operated.
	Consent Consent `yaml:"consent"`
	// Hooks set up and take down records by the provider's own means.
	Hooks Hooks `yaml:"hooks"`

	// File is where the configuration was read from; relative paths in it are
	// relative to its folder, and Load has resolved them.
	File string `yaml:"-"`
}

// Domain is one zone at the provider.
type Domain struct {
	Name string `yaml:"name"`
	// Account is the user name of the account that owns it; "" is the first.
	Account string `yaml:"account"`
	// Apex permits cases that write at the apex of this zone. Default false.
	Apex bool `yaml:"apex"`
	// Role tells what else the zone is good for: "" is an ordinary zone,
	// "foreign" belongs to another account, "idn" has a non-ASCII name, "child"
	// is a zone of its own below another domain of the list, "brand" is of
	// another brand, "absent" is a name that the provider does not hold.
	Role string `yaml:"role"`
}

// DNS is where zones are observed.
type DNS struct {
	// Servers are host:port of authoritative servers. Each is asked, and the
	// answers are compared.
	Servers []string `yaml:"servers"`
	// Resolver is host:port of a resolver, for targets whose servers cannot be
	// asked directly. One of the two is required.
	Resolver string `yaml:"resolver"`
	// AXFR permits zone transfers from the first server, so that "nothing else
	// has changed" is said of the whole zone.
	AXFR bool `yaml:"axfr"`
}

// HTTP is how HTTPS requests are made.
type HTTP struct {
	// CA are PEM files with further certificate authorities.
	CA []string `yaml:"ca"`
	// ClientCert and ClientKey are PEM files for mutual TLS.
	ClientCert string `yaml:"clientCert"`
	ClientKey  string `yaml:"clientKey"`
	// Proxy is the URL of an HTTP proxy; "" uses none, the environment's
	// neither.
	Proxy string `yaml:"proxy"`
	// BasicUser and BasicPassword answer for a staging system's gate.
	BasicUser     string `yaml:"basicUser"`
	BasicPassword Secret `yaml:"basicPassword"`
	// Headers are added to every request to the provider.
	Headers map[string]Secret `yaml:"headers"`
	// Hosts gives names another address, "name:port" to "address:port", as
	// curl's --connect-to does.
	Hosts map[string]string `yaml:"hosts"`
	// Rate is the most requests per second; 0 is unbounded.
	Rate float64 `yaml:"rate"`
}

// Account can sign in.
type Account struct {
	User     string `yaml:"user"`
	Password Secret `yaml:"password"`
}

// Secret is a text that is never printed. In the file it is the text itself,
// or {file: PATH} or {env: NAME}.
type Secret struct{ value string }

// Templates is under which names the conformance templates were onboarded.
type Templates struct {
	// ProviderID is their providerId; "" is "conformance.dcconform.example".
	ProviderID string `yaml:"providerId"`
	// KeyDomain is their syncPubKeyDomain; "" is "keys.dcconform.example".
	KeyDomain string `yaml:"keyDomain"`
	// RedirectDomain is their syncRedirectDomain; "" is
	// "callback.dcconform.example".
	RedirectDomain string `yaml:"redirectDomain"`
	// Missing are service ids that were not onboarded; their cases are not
	// applicable, and a MUST among them leaves the verdict partial.
	Missing []string `yaml:"missing"`
}

// Links is how apply links are made, where a provider takes fewer than the
// specification has it take.
type Links struct {
	// SigLast makes sig the last parameter of every signed link that is not
	// about the position of sig and key, for a provider that verifies no other;
	// Cloudflare is one. The specification leaves the position open
	// (DC-SIG-PAIR-POSITION): cases about it do not apply then, and the
	// requirement stays owed. Default false: sig and then key, at the end.
	SigLast bool `yaml:"sigLast"`
}

// Callback is the service provider's web server, which the run itself serves.
type Callback struct {
	// Listen is host:port; "" is a free port of the loopback interface.
	Listen string `yaml:"listen"`
	// Port stands in redirect URIs; 0 is the port that is listened on.
	Port int `yaml:"port"`
}

// KeyZone is how the target finds the public keys.
type KeyZone struct {
	// Listen is host:port for a name server of the run that serves
	// Templates.KeyDomain, to be delegated to or forwarded to; "" serves
	// none.
	Listen string `yaml:"listen"`
	// Update publishes the keys by RFC 2136 instead.
	Update *Update `yaml:"update"`
	// Published says that the keys of `provider --export-templates` have been
	// published by hand: no case that needs to change one is tried.
	Published bool `yaml:"published"`
}

// OAuth is how the run is registered as an OAuth client at the provider
// (async-00 section 6.2). Without it cases of the asynchronous flow do not
// apply, and their requirements stay owed where the flow is claimed.
type OAuth struct {
	// Client is the client id; "" is not registered. Secret is its secret; ""
	// is a client without one.
	Client string `yaml:"client"`
	Secret Secret `yaml:"secret"`
	// Redirect is the redirect URI that was registered; "" is the path
	// /dcconform/authorized at Templates.RedirectDomain, with Callback.Port.
	Redirect string `yaml:"redirect"`
	// OtherClient and OtherSecret are a second client with the same redirect
	// URI, for cases about what was given to another one; "" is none.
	OtherClient string `yaml:"otherClient"`
	OtherSecret Secret `yaml:"otherSecret"`
	// BriefClient and BriefSecret are a client with the same redirect URI whose
	// access tokens expire within seconds, for the case about that; "" is none.
	BriefClient string `yaml:"briefClient"`
	BriefSecret Secret `yaml:"briefSecret"`
	// CodeLife is how long codes are good for, as the provider has said; 0 is
	// not known, and it is not tried whether they expire. It is that of the
	// codes of CodeClient, a further client with the same redirect URI, where
	// there is one, and else of Client.
	CodeLife   time.Duration `yaml:"codeLife"`
	CodeClient string        `yaml:"codeClient"`
	CodeSecret Secret        `yaml:"codeSecret"`
}

// Hosts bounds the names that are written.
type Hosts struct {
	// Prefix begins the first label of every host; "" is "dcc".
	Prefix string `yaml:"prefix"`
	// Limit is how many hosts may be used; 0 is 1000.
	Limit int `yaml:"limit"`
}

// Limits are ceilings, never waits. Zero values are the defaults.
type Limits struct {
	// Request bounds one HTTP request (10 s), Flow one walk through the pages
	// (60 s), Propagation the time from the provider's success to the last
	// name server's answer (60 s), Case one case (5 min), Linger how long a
	// result page with a script may take to send the user back (5 s): the one
	// limit that is waited for in full where such a page stays.
	Request     time.Duration `yaml:"request"`
	Flow        time.Duration `yaml:"flow"`
	Propagation time.Duration `yaml:"propagation"`
	Case        time.Duration `yaml:"case"`
	Linger      time.Duration `yaml:"linger"`
}

// Consent is how the provider's pages are operated.
type Consent struct {
	// Recipe is the name of a built-in recipe or a file; "" finds controls by
	// role and text.
	Recipe string `yaml:"recipe"`
	// Home lists further hosts that belong to the provider.
	Home []string `yaml:"home"`
	// Manual asks the person at the terminal to operate the pages.
	Manual bool `yaml:"manual"`
}

// Hooks set up and take down records by the provider's own means. Without
// them, cases that need earlier state which no conformance template can make
// are not applicable.
type Hooks struct {
	// Seed and Reset are commands: the program and its arguments, without a
	// shell. Seed gets records in presentation format on standard input, Reset
	// names whose records are to be removed, one a line.
	Seed  []string `yaml:"seed"`
	Reset []string `yaml:"reset"`
	// Update does both by RFC 2136.
	Update *Update `yaml:"update"`
	// Revoke is a command as well, which takes back what a user has allowed
	// OAuth.Client: {user} in its arguments is the user's name, {client} the
	// client id. Without it the case about that does not apply.
	Revoke []string `yaml:"revoke"`
}

// Update is a server that takes RFC 2136 updates.
type Update struct {
	// Server is host:port.
	Server string `yaml:"server"`
	// Key, Algorithm and Secret are the TSIG key: its name, "hmac-sha256" or
	// "hmac-sha512", and the secret in base64.
	Key       string `yaml:"key"`
	Algorithm string `yaml:"algorithm"`
	Secret    Secret `yaml:"secret"`
}

// NewSecret makes a secret of a text.
func NewSecret(text string) Secret { return Secret{value: text} }

// Reveal is the text, for the one place that sends it.
func (s Secret) Reveal() string { return s.value }

// String keeps a secret out of logs and messages.
func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return "(secret)"
}

// GoString is String, for %#v.
func (s Secret) GoString() string { return s.String() }
