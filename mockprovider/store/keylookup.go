package store

import (
	"context"
	"fmt"
)

// KeyResolver finds the TXT data of a key name: one element per record, each
// its character-strings. No data is (nil, nil); an error is a failed look-up.
type KeyResolver func(ctx context.Context, name string) ([][]string, error)

// KeyLookupError is a look-up of a public key that failed, as against a key
// that is not there.
type KeyLookupError struct {
	// Name is the key name, absolute.
	Name string
	Err  error
}

func (e *KeyLookupError) Error() string {
	return fmt.Sprintf("looking up the public key at %s: %v", e.Name, e.Err)
}

func (e *KeyLookupError) Unwrap() error { return e.Err }

// directOnly marks a context; see DirectOnly.
type directOnly struct{}

// DirectOnly asks a KeyResolver to take no record behind a CNAME, as providers
// do that misbehave (Faults.NoKeyAlias).
func DirectOnly(ctx context.Context) context.Context {
	return context.WithValue(ctx, directOnly{}, true)
}

// IsDirectOnly reports whether DirectOnly was asked for.
func IsDirectOnly(ctx context.Context) bool { return ctx.Value(directOnly{}) != nil }
