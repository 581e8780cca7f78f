package oauthclient

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/dcconform/dcconform/suites/client"
	"github.com/dcconform/dcconform/suites/target"
)

// wire carries one request of the library, its form put where place says, and
// keeps what was answered.
type wire struct {
	recorder *target.Recorder
	place    Place
	answer   Answer
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	if w.place != InForm {
		var err error
		if req, err = w.moved(req); err != nil {
			return nil, err
		}
	}
	reply, exchange, err := w.recorder.Do(req)
	w.answer = Answer{Reply: reply, Exchange: exchange, Err: err}
	if err != nil {
		return nil, err
	}
	return &http.Response{Status: fmt.Sprintf("%d %s", reply.Status, http.StatusText(reply.Status)), StatusCode: reply.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: reply.Header,
		Body: io.NopCloser(bytes.NewReader(reply.Body)), ContentLength: int64(len(reply.Body)), Request: req}, nil
}

// moved is a request with a form body, its parameters elsewhere. A
// RoundTripper leaves the caller's request as it is.
func (w *wire) moved(req *http.Request) (*http.Request, error) {
	text, err := io.ReadAll(req.Body)
	_ = req.Body.Close() // The library's body is a string.
	if err != nil {
		return nil, fmt.Errorf("the request of the library cannot be read: %w", err)
	}
	var params []client.Param
	for pair := range strings.SplitSeq(string(text), "&") {
		name, value, _ := strings.Cut(pair, "=")
		params = append(params, client.Param{Name: plain(name), Value: plain(value)})
	}
	return request(req.Context(), req.Method, req.URL.String(), params, w.place, false)
}

// plain is a text of the library's form, which it has escaped itself.
func plain(s string) string {
	text, err := url.QueryUnescape(s)
	if err != nil {
		return s
	}
	return text
}
