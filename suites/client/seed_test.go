package client_test

import "flag"

// A property that fails fails for everybody: the seed is fixed, and
// -rapid.seed on the command line tries another (0 a random one).
func init() {
	if err := flag.Set("rapid.seed", "20261007"); err != nil {
		panic(err)
	}
}
