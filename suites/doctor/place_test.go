package doctor

import (
	"slices"
	"testing"

	"github.com/dcconform/dcconform/fixtures/keys"
	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/observe"
)

// published is a name server with a test key at a name, and a link that was
// signed by it.
func published(t *testing.T, at, label string) (*client.KeyServer, string) {
	t.Helper()
	server, err := client.NewKeyServer(t.Context(), "127.0.0.1:0", "example.net")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	pair, err := keys.Load(keys.Second)
	if err != nil {
		t.Fatal(err)
	}
	records, err := client.KeyRecords(&pair.Private.PublicKey, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.PublishKey(t.Context(), at, records); err != nil {
		t.Fatal(err)
	}
	text := client.Canonical(asked)
	return server, endpoint + text + "&key=" + label + "&sig=" + client.Encode(signature(t, text, pair.Private))
}

func ask(s *client.KeyServer) Server {
	return Server{observe.Server{Addr: s.Addr(), Recursive: true, Tries: 1}}
}

func TestKeyInTheWrongPlaceIsNamed(t *testing.T) {
	tests := []struct {
		name, domain, at, label string
		want                    []string
	}{
		{"the label stands in syncPubKeyDomain too", "_dck1.keys.example.net", "_dck1.keys.example.net", "_dck1", []string{"place-label-twice"}},
		{"at the bare domain", "keys.example.net", "keys.example.net", "_dck1", []string{"place-bare-domain"}},
		{"the zone was appended once more", "keys.example.net", "_dck1.keys.example.net.example.net", "_dck1", []string{"place-domain-twice"}},
		{"without the underscore", "keys.example.net", "dck1.keys.example.net", "_dck1", []string{"place-underscore"}},
		{"with an underscore", "keys.example.net", "_dck1.keys.example.net", "dck1", []string{"place-underscore"}},
		{"key is a whole name", "keys.example.net", "_dck1.keys.example.net", "_dck1.keys.example.net", []string{"place-full-name"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server, link := published(t, test.at, test.label)
			r := examine(t, Question{Link: link, Domain: test.domain, Keys: ask(server)})
			wantCauses(t, r, test.want)
		})
	}
}

// Records without a name stand wherever the key is looked up, so that the label
// alone tells whether that can be where they were published.
func TestWholeNameInKeyIsNamedWithoutTheDNS(t *testing.T) {
	pair, err := keys.Load(keys.Second)
	if err != nil {
		t.Fatal(err)
	}
	text := client.Canonical(asked)
	bare := file(t, "p=1,a=RS256,d="+pair.Data)
	for _, test := range []struct {
		name, label, domain string
		want                []string
	}{
		{"the label alone", "_dck1", "shop.example.net", nil},
		{"the whole name", "_dck1.shop.example.net", "shop.example.net", []string{"place-full-name"}},
		{"the whole name with its dot", "_dck1.shop.example.net.", "shop.example.net", []string{"place-full-name"}},
		{"in other letters", "_DCK1.Shop.Example.net", "shop.example.NET.", []string{"place-full-name"}},
		{"the domain is not known", "_dck1.shop.example.net", "", nil},
		{"another domain", "_dck1.shop.example.net", "example.org", nil},
		{"the end of a label", "_dck1-shop.example.net", "shop.example.net", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			link := endpoint + text + "&key=" + test.label + "&sig=" + client.Encode(signature(t, text, pair.Private))
			r := examine(t, Question{Link: link, Domain: test.domain, Keys: bare})
			if r.Key.Bits != 2048 || r.Key.Records != 1 {
				t.Errorf("key %+v", r.Key)
			}
			if test.want != nil {
				wantCauses(t, r, test.want)
			} else if r.Verdict != Verifies {
				t.Errorf("%s: %+v", r.Verdict, r.Signature)
			}
		})
	}
}

// A sound key is asked for at its name and nowhere else.
func TestSoundKeyIsAskedForOnce(t *testing.T) {
	server, link := published(t, "_dck1.keys.example.net", "_dck1")
	r := examine(t, Question{Link: link, Domain: "keys.example.net", Keys: ask(server)})
	if r.Verdict != Verifies || r.ExitCode() != 0 || r.Key.Name != "_dck1.keys.example.net" || r.Key.Bits != 2048 {
		t.Errorf("%+v, key %+v", r, r.Key)
	}
	questions := server.Asked("", 0)
	names := make([]string, len(questions))
	for i, q := range questions {
		names[i] = q.Type + " " + q.Name
	}
	if !slices.Equal(names, []string{"TXT _dck1.keys.example.net."}) {
		t.Errorf("asked %q", names)
	}
}

func TestKeyBehindAnAlias(t *testing.T) {
	server, link := published(t, "real.example.net", "_dck1")
	if err := server.Alias("_dck1.keys.example.net", "real.example.net"); err != nil {
		t.Fatal(err)
	}
	if r := examine(t, Question{Link: link, Domain: "keys.example.net", Keys: ask(server)}); r.Verdict != Verifies {
		t.Errorf("%+v", r.Signature)
	}
	// A chain that leads to itself ends.
	if err := server.Alias("_dck1.keys.example.net", "_dck1.keys.example.net"); err != nil {
		t.Fatal(err)
	}
	r := examine(t, Question{Link: link, Domain: "keys.example.net", Keys: ask(server)})
	if r.Verdict != Unknown || r.Next[0] != "The key could not be looked up: the key at _dck1.keys.example.net is behind more than 8 aliases." {
		t.Errorf("%s %q", r.Verdict, r.Next)
	}
}

func TestKeyThatCannotBeLookedUp(t *testing.T) {
	server, link := published(t, "_dck1.keys.example.net", "_dck1")
	if err := server.Disturb("_dck1.keys.example.net", client.KeyFails); err != nil {
		t.Fatal(err)
	}
	r := examine(t, Question{Link: link, Domain: "keys.example.net", Keys: ask(server)})
	if r.Verdict != Unknown || r.ExitCode() != ExitUnknown || r.Signature != nil {
		t.Errorf("%+v", r)
	}
	if want := "The key could not be looked up: " + server.Addr() + " answers SERVFAIL for _dck1.keys.example.net."; r.Next[0] != want {
		t.Errorf("next is %q, want %q", r.Next[0], want)
	}
	k := CheckKey(t.Context(), "_dck1.keys.example.net", ask(server))
	if !k.Unknown || k.ExitCode() != ExitUnknown || k.Strict || k.Lenient {
		t.Errorf("%+v", k)
	}
}

// A name without a key is an answer: a provider refuses the link.
func TestNoKeyAtTheName(t *testing.T) {
	server, link := published(t, "other.example.net", "_dck1")
	r := examine(t, Question{Link: link, Domain: "keys.example.net", Keys: ask(server)})
	if r.Verdict != Refused || r.ExitCode() != ExitRefused || len(r.Signature.Causes) != 0 || len(r.Signature.Facts) != 1 || r.Signature.Facts[0].Code != "key-nowhere" {
		t.Errorf("%+v", r.Signature)
	}
}
