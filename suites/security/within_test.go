package security

import "testing"

func TestWithin(t *testing.T) {
	for address, want := range map[string]bool{
		"https://stranger.example/t":                            true,
		"https://STRANGER.example.:8443/t":                      true,
		"https://app.stranger.example/t":                        true,
		"https://callback.example@stranger.example/t":           true,
		"https://callback.example, https://stranger.example/%z": true,
		"https://callback.example/t?was=stranger.example":       false,
		"https://notstranger.example/t":                         false,
		"https://stranger.example.org/t":                        false,
		"":                                                      false,
	} {
		if got := within(address, "stranger.example"); got != want {
			t.Errorf("within(%q) is %t", address, got)
		}
	}
}
