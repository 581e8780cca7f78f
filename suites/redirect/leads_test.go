package redirect

import "testing"

func TestLeadsTo(t *testing.T) {
	const uri = "https://callback.example/t/12?x=1"
	for address, want := range map[string]bool{
		"https://callback.example/t/12?x=1":                true,
		"https://CALLBACK.example.:443/t/12/?x=1&state=s":  true,
		"https://callback.example/t/12?x=10":               false,
		"https://callback.example/t/12":                    false,
		"https://callback.example/t/123?x=1":               false,
		"https://callback.example:8443/t/12?x=1":           false,
		"http://callback.example/t/12?x=1":                 false,
		"https://callback.example.evil.example/t/12?x=1":   false,
		"https://callback.example@evil.example/t/12?x=1":   false,
		"https://callback.example:x@evil.example/t/12?x=1": false,
		"https://user@callback.example/t/12?x=1":           false,
		"":                                                 false,
		"https://%zz/":                                     false,
	} {
		if got := leadsTo(address, uri); got != want {
			t.Errorf("leadsTo(%q) is %t", address, got)
		}
	}
}
