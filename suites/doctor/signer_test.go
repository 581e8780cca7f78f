package doctor

import (
	"context"
	"strings"
	"testing"

	"github.com/dcconform/dcconform/fixtures/keys"
	"github.com/dcconform/dcconform/mockprovider/dc"
)

func TestCheckSigner(t *testing.T) {
	second, err := keys.Load(keys.Second)
	if err != nil {
		t.Fatal(err)
	}
	third, err := keys.Load(keys.Third)
	if err != nil {
		t.Fatal(err)
	}
	server, _ := published(t, "_dck1.keys.example.net", "_dck1")
	bare, _ := published(t, "keys.example.net", "_dck1")
	const sound = "p=1,a=RS256,d="
	tests := []struct {
		name string
		s    Signer
		fits bool
		// codes are those of the causes, joined by blanks.
		codes, problem, mend string
	}{
		{name: "the key is there", fits: true,
			s: Signer{Domain: "keys.example.net", Label: "_dck1", Private: second.Private, Keys: ask(server)}},
		{name: "a dot at the end of the domain", fits: true,
			s: Signer{Domain: "keys.example.net.", Label: "_dck1", Private: second.Private, Keys: ask(server)}},
		{name: "another key is there", codes: "wrong-key-published",
			s:       Signer{Domain: "keys.example.net", Label: "_dck1", Private: third.Private, Keys: ask(server)},
			problem: "the signature was made with the key that you hold, and another key is published",
			mend:    "publish the public half of the key that you sign with, or sign with the one that is published"},
		{name: "at the bare domain", codes: "place-bare-domain",
			s:       Signer{Domain: "keys.example.net", Label: "_dck1", Private: second.Private, Keys: ask(bare)},
			problem: "the key is published at the bare domain, without its label (keys.example.net)",
			mend:    "publish the key at the label that key names, below syncPubKeyDomain"},
		{name: "nothing is there", codes: "key-nowhere",
			s:       Signer{Domain: "other.example.net", Label: "_dck1", Private: second.Private, Keys: ask(server)},
			problem: "there is no key record at the name that is looked up (_dck1.other.example.net)",
			mend:    "publish the key at the label that key names, below syncPubKeyDomain"},
		{name: "PKCS#1 is published", codes: "key-pkcs1",
			s:       Signer{Domain: "keys.example.net", Label: "_dck1", Private: second.Private, Keys: file(t, sound+second.PKCS1)},
			problem: "the key is published in PKCS#1 form (RSA PUBLIC KEY)",
			mend:    "publish the SubjectPublicKeyInfo: openssl rsa -RSAPublicKey_in -pubout"},
		{name: "without a key of one's own, a sound one is enough",
			s: Signer{Domain: "keys.example.net", Label: "_dck1", Keys: ask(server)}},
		{name: "without a key of one's own, and nothing there",
			s:       Signer{Domain: "other.example.net", Label: "_dck1", Keys: ask(server)},
			problem: "there is no TXT record at _dck1.other.example.net; publish the records there that dcconform key txt prints, and see that the name is the key label followed by syncPubKeyDomain once"},
		{name: "a label that is none",
			s:       Signer{Domain: "keys.example.net", Label: "a b", Private: second.Private, Keys: ask(server)},
			problem: `key is "a b"; it has to be a DNS label such as _dcpubkeyv1, without dots at its end or elsewhere`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := CheckSigner(t.Context(), test.s)
			if p.Unknown {
				t.Fatalf("unknown: %s", p.Why)
			}
			var codes []string
			for _, c := range p.Causes {
				codes = append(codes, c.Code)
			}
			if got := strings.Join(codes, " "); got != test.codes || p.Fits != test.fits {
				t.Errorf("fits %v by %q, want %v by %q", p.Fits, got, test.fits, test.codes)
			}
			if problem, mend := p.Problem(); problem != test.problem || mend != test.mend {
				t.Errorf("problem %q\nmend %q\nwant %q\nmend %q", problem, mend, test.problem, test.mend)
			}
		})
	}
}

func TestCheckSignerCannotTell(t *testing.T) {
	pair, err := keys.Load(keys.Second)
	if err != nil {
		t.Fatal(err)
	}
	server, _ := published(t, "_dck1.keys.example.net", "_dck1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := CheckSigner(ctx, Signer{Domain: "keys.example.net", Label: "_dck1", Private: pair.Private, Edition: dc.IETF05, Keys: ask(server)})
	if !p.Unknown || !strings.HasPrefix(p.Why, "The key could not be looked up: ") {
		t.Errorf("unknown %v: %s", p.Unknown, p.Why)
	}
	if problem, mend := p.Problem(); problem != "" || mend != "" {
		t.Errorf("what is not known is called a problem: %q, %q", problem, mend)
	}
}
