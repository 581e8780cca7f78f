package probe

import "context"

// Check is the rule for addresses, for tests.
func Check(address string) error {
	return newGuard("", false).check(context.Background(), "tcp", address, nil)
}
