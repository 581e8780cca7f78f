package client

import (
	"context"
	"fmt"
)

// Seen waits for the first hit of a token as Wait does, and leaves it for Wait:
// for those who want to know that the user came back while another judges how.
func (c *Callback) Seen(ctx context.Context, token string) (Hit, error) {
	for {
		c.mu.Lock()
		box, ok := c.tokens[token]
		if !ok {
			c.mu.Unlock()
			return Hit{}, fmt.Errorf("callback: token %q is not known; make it with NewToken", token)
		}
		if len(box.hits) > 0 {
			h := box.hits[0]
			// The signal may have been taken to get here.
			box.signal()
			c.mu.Unlock()
			return h, nil
		}
		c.mu.Unlock()
		select {
		case <-box.ready:
		case <-ctx.Done():
			return Hit{}, fmt.Errorf("%w: %w", ErrNoCallback, context.Cause(ctx))
		case <-c.done:
			return Hit{}, fmt.Errorf("%w: the callback server was closed", ErrNoCallback)
		}
	}
}
