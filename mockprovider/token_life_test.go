package mockprovider_test

import (
	"testing"

	"github.com/dcconform/dcconform/mockprovider"
)

// A token that lives for less than a second is not said to live for none.
func TestTokenLifeIsSaidInWholeSeconds(t *testing.T) {
	p := &mockprovider.Provider{}
	start(t, p)
	w := newAsyncWorld(t, p, "life", false)
	_, code := w.answer("confirm", "client_id=short")
	if status, reply := w.ask(code, "client_id=short"); status != "200" || reply["expires_in"] != 1.0 {
		t.Errorf("got %s %v", status, reply["expires_in"])
	}
}
