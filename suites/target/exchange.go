package target

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Exchange is one HTTP request and response as sent, as evidence: secrets are
// already taken out (see Redactor). A signature stays, since it is what cases
// are about and is public in every link.
type Exchange struct {
	Method string `json:"method"`
	// URL is the whole request URL with the raw bytes of its query.
	URL           string      `json:"url"`
	RequestHeader http.Header `json:"requestHeader,omitempty"`
	RequestBody   string      `json:"requestBody,omitempty"`
	// Status is 0 when no response came; Error then says why.
	Status int         `json:"status,omitempty"`
	Proto  string      `json:"proto,omitempty"`
	Header http.Header `json:"header,omitempty"`
	// Body is what was read of the response body.
	Body string `json:"body,omitempty"`
	// Truncated says that the body was longer than what was read.
	Truncated bool   `json:"truncated,omitempty"`
	Error     string `json:"error,omitempty"`
	// Seconds is the time from sending to the last byte read.
	Seconds float64 `json:"seconds"`
	// Via are the redirects that were followed to get here, oldest first.
	Via []*Exchange `json:"via,omitempty"`
}

// String is the exchange in one line: what was asked, what was answered.
func (e *Exchange) String() string {
	if e.Status == 0 {
		return fmt.Sprintf("%s %s -> no response: %s", e.Method, e.URL, e.Error)
	}
	return fmt.Sprintf("%s %s -> %d, %d bytes", e.Method, e.URL, e.Status, len(e.Body))
}

// Text is the exchange as people read HTTP: request lines, response lines,
// header fields sorted by name.
func (e *Exchange) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", e.Method, e.URL)
	writeHeader(&b, e.RequestHeader)
	if e.RequestBody != "" {
		fmt.Fprintf(&b, "\n%s\n", e.RequestBody)
	}
	b.WriteByte('\n')
	if e.Status == 0 {
		fmt.Fprintf(&b, "no response: %s\n", e.Error)
		return b.String()
	}
	fmt.Fprintf(&b, "%s %d %s\n", e.Proto, e.Status, http.StatusText(e.Status))
	writeHeader(&b, e.Header)
	if e.Body != "" {
		fmt.Fprintf(&b, "\n%s\n", e.Body)
	}
	if e.Truncated {
		b.WriteString("[the body goes on]\n")
	}
	if e.Error != "" {
		fmt.Fprintf(&b, "[%s]\n", e.Error)
	}
	return b.String()
}

func writeHeader(b *strings.Builder, h http.Header) {
	// Header.Write sorts by name and writes CRLF; people read LF.
	var buf bytes.Buffer
	if err := h.Write(&buf); err != nil {
		return
	}
	b.WriteString(strings.ReplaceAll(buf.String(), "\r\n", "\n"))
}

// Reply is a response with its secrets, for the flow alone: never recorded.
type Reply struct {
	Status    int
	Header    http.Header
	Body      []byte
	Truncated bool
}

// Recorder sends requests one at a time, without following redirects, and
// keeps an Exchange of each. The zero value is not usable: it needs a
// Transport.
type Recorder struct {
	// Transport sends. See NewTransport.
	Transport http.RoundTripper
	// Redactor takes secrets out of what is recorded; the zero value knows
	// the usual places.
	Redactor Redactor
	// BodyLimit is how many bytes of a body are read; 0 is BodyCeiling.
	BodyLimit int64
	// Total bounds one request from dial to last byte; 0 is HeaderCeiling.
	Total time.Duration
}

// Do sends req. The Exchange is never nil. The error is that of the transport
// or of reading the body; a status is never an error, and a body beyond the
// limit is cut and marked.
func (r *Recorder) Do(req *http.Request) (*Reply, *Exchange, error) {
	total := r.Total
	if total == 0 {
		total = HeaderCeiling
	}
	limit := r.BodyLimit
	if limit == 0 {
		limit = BodyCeiling
	}
	ctx, cancel := context.WithTimeoutCause(req.Context(), total,
		fmt.Errorf("no complete answer within %s", total))
	defer cancel()
	ex := &Exchange{Method: req.Method, URL: r.Redactor.URL(req.URL.String()), RequestHeader: r.Redactor.Header(req.Header)}
	if req.Body != nil && req.GetBody != nil {
		ex.RequestBody = r.requestBody(req)
	}
	start := time.Now()
	defer func() { ex.Seconds = time.Since(start).Seconds() }()
	res, err := r.Transport.RoundTrip(req.WithContext(ctx))
	if err != nil {
		err = because(ctx, err)
		ex.Error = r.Redactor.Text(err.Error())
		return nil, ex, err
	}
	defer res.Body.Close()
	ex.Status, ex.Proto, ex.Header = res.StatusCode, res.Proto, r.Redactor.Header(res.Header)
	body, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	reply := &Reply{Status: res.StatusCode, Header: res.Header, Body: body}
	if int64(len(body)) > limit {
		reply.Body, reply.Truncated = body[:limit], true
	}
	ex.Body, ex.Truncated = r.Redactor.Body(res.Header.Get("Content-Type"), reply.Body), reply.Truncated
	if err != nil {
		err = because(ctx, err)
		ex.Error = r.Redactor.Text(err.Error())
		return reply, ex, fmt.Errorf("reading the answer of %s: %w", req.URL.Redacted(), err)
	}
	return reply, ex, nil
}

// because puts our own ceiling in the place of "context deadline exceeded",
// which tells nobody whose deadline it was.
func because(ctx context.Context, err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, err) {
			return fmt.Errorf("%w: %w", cause, err)
		}
	}
	return err
}

func (r *Recorder) requestBody(req *http.Request) string {
	rc, err := req.GetBody()
	if err != nil {
		return ""
	}
	defer rc.Close()
	b, err := io.ReadAll(io.LimitReader(rc, BodyCeiling))
	if err != nil {
		return ""
	}
	return r.Redactor.Body(req.Header.Get("Content-Type"), b)
}
