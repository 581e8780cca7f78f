package trial

import (
	"errors"
	"testing"
)

// Who runs the harness is told what to do, in the words of target.yaml.
func TestUnserved(t *testing.T) {
	got := unserved("dcc7.target.test", "192.0.2.1:80", errors.New("connection refused"))
	want := `dcc7.target.test is to be redirected, and at its address nobody answers HTTP: GET http://192.0.2.1:80/, Host: dcc7.target.test: connection refused; where the web server that redirects is reached at another address from here, name it in target.yaml, http: {hosts: {"192.0.2.1:80": ADDRESS:PORT}}`
	if got != want {
		t.Errorf("said\n%s\nwant\n%s", got, want)
	}
}
