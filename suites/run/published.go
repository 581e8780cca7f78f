package run

import (
	"cmp"
	"context"
	"crypto/rsa"
	"errors"
	"sync"

	"github.com/dcconform/dcconform/fixtures/keys"
	"github.com/dcconform/dcconform/mockprovider/dc"
	"github.com/dcconform/dcconform/suites/certify"
)

// KeyQuestion asks for the key that a service provider has published.
type KeyQuestion struct {
	// Domain is a template's syncPubKeyDomain, Label what stands below it.
	Domain, Label string
	// Private is what the service provider signs with; nil when that was not
	// given.
	Private *rsa.PrivateKey
	Edition dc.Edition
}

// askedAtOnce bounds how many keys are looked up at a time.
const askedAtOnce = 16

// lookUpKeys asks for the key of every template, each name once. It happens
// before the run, which then leaves this machine no more.
func (c *certification) lookUpKeys(ctx context.Context) error {
	if c.o.DNS == "" {
		return nil
	}
	edition, err := dc.ParseEdition(string(c.world.Edition))
	if err != nil {
		return err
	}
	private, err := c.world.Own(c.o.Key)
	if err != nil {
		return usageError{err}
	}
	domains := map[string]string{}
	for _, s := range c.sources {
		if t, err := dc.Parse(s.File, s.Data); err == nil && t.SyncPubKeyDomain != "" {
			domains[certify.KeyAt(t)] = t.SyncPubKeyDomain
		}
	}
	if len(domains) == 0 {
		return usageError{errors.New("--dns: none of the templates has a syncPubKeyDomain, so that there is no key to ask for; leave --dns away")}
	}
	c.world.KeyServer, c.world.Published = c.o.DNS, map[string]certify.PublishedKey{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	turn := make(chan struct{}, askedAtOnce)
	for at, domain := range domains {
		wg.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			k := c.o.LookUp(ctx, KeyQuestion{Domain: domain, Label: cmp.Or(c.o.KeyHost, keys.Label), Private: private, Edition: edition})
			mu.Lock()
			defer mu.Unlock()
			c.world.Published[at] = k
		})
	}
	wg.Wait()
	return nil
}
