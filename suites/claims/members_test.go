package claims

import (
	"testing"

	"github.com/dcconform/dcconform/suites/trial"
)

func TestValued(t *testing.T) {
	for text, want := range map[string]bool{
		`{"urlAsyncUX":"https://async.example"}`:                   true,
		`{"urlAsyncUX":null,"urlAsyncUX":"https://async.example"}`: true,
		`{"urlAsyncUX": null}`:                                     false,
		`{"urlAsyncUX":""}`:                                        false,
		`{"urlSyncUX":"https://sync.example"}`:                     false,
	} {
		o, err := trial.ParseObject([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := valued(o, "urlAsyncUX"); got != want {
			t.Errorf("%s: %t, want %t", text, got, want)
		}
	}
}
