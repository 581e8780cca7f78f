package trial

import "testing"

func TestSigLast(t *testing.T) {
	for query, want := range map[string]string{
		"domain=a&sig=AB%3D&key=_k":      "domain=a&key=_k&sig=AB%3D",
		"sig=AB%3D&key=_k&domain=a":      "key=_k&domain=a&sig=AB%3D",
		"domain=a&key=_k&sig=AB%3D":      "domain=a&key=_k&sig=AB%3D",
		"sig=&key=":                      "key=&sig=",
		"domain=a&xsig=1&key=_k":         "domain=a&xsig=1&key=_k",
		"domain=a&sig=1&sig=2&key=_k":    "domain=a&sig=2&key=_k&sig=1",
		"domain=a&state=%26sig=1&key=_k": "domain=a&state=%26sig=1&key=_k",
	} {
		if got := sigLast(query); got != want {
			t.Errorf("sigLast(%q) is %q, want %q", query, got, want)
		}
	}
}
