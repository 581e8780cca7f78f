package mockprovider_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/miekg/dns"

	"github.com/dcconform/dcconform/mockprovider"
	"github.com/dcconform/dcconform/mockprovider/store"
	"github.com/dcconform/dcconform/mockprovider/zone"
)

// A Domain Connect client finds its way in a plain test: the domain's TXT
// record at the mock's name server, then the settings over HTTPS.
func Example() {
	var p mockprovider.Provider
	if err := p.Start(context.Background()); err != nil {
		log.Fatal(err)
	}
	defer p.Close()

	z, err := zone.Parse("example.com", strings.NewReader("www 300 IN A 192.0.2.1\n"), "example.com.zone")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := p.NewTenant(store.TenantConfig{
		Name:         "shop",
		ProviderName: "A provider for this test",
		Users:        []store.User{{Name: "alice", Password: "wonderland"}},
		Zones:        []store.Hosted{{Zone: z, Owner: "alice"}},
	}); err != nil {
		log.Fatal(err)
	}

	q := new(dns.Msg).SetQuestion("_domainconnect.example.com.", dns.TypeTXT)
	answer, err := dns.Exchange(q, p.DNSAddr())
	if err != nil {
		log.Fatal(err)
	}
	host := answer.Answer[0].(*dns.TXT).Txt[0]
	resp, err := p.Client().Get("https://" + host + "/v2/example.com/settings")
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Status, strings.Contains(string(body), `"providerName":"A provider for this test"`))
	// Output: 200 OK true
}
