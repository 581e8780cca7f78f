package zone

import (
	"flag"
	"os"
	"testing"
)

// TestMain makes properties look a little longer than their default of 100;
// -rapid.checks on the command line still wins.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "400"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
