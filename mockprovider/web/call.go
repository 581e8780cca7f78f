package web

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/dcconform/dcconform/mockprovider/dc"
)

// maxCall bounds the body of a call, in octets.
const maxCall = 64 << 10

// callError is an answer to a call that cannot be carried out.
type callError struct {
	status  int
	message string
	// records are those in conflict.
	records []conflictRecord
	// challenge is the WWW-Authenticate of a 401.
	challenge string
}

func (e *callError) Error() string { return e.message }

// conflictRecord is a record in a conflict body (async-00 section 6.6).
type conflictRecord struct {
	Type string `json:"type"`
	// Host is relative to the domain, @ for the domain itself.
	Host string `json:"host"`
	Data string `json:"data"`
}

// malformed is a call that is wrong in itself.
func malformed(err error) *callError {
	return &callError{status: http.StatusBadRequest, message: err.Error()}
}

// refuseCall answers a call with an error: its status, which stands in the
// body as well, a message for developers, and the records in conflict.
func (x *exchange) refuseCall(e *callError) {
	if e.challenge != "" {
		x.w.Header().Set("WWW-Authenticate", e.challenge)
	}
	x.note("call", "refused: %d %s", e.status, e.message)
	x.w.Header().Set("Cache-Control", "no-store")
	x.json(e.status, struct {
		Code    string           `json:"code"`
		Message string           `json:"message"`
		Records []conflictRecord `json:"records,omitempty"`
	}{strconv.Itoa(e.status), e.message, e.records})
}

// parameters are those of a call, from its query and its body alike.
type parameters struct {
	dc.Query
	// nested are members of a JSON body that are objects or arrays.
	nested map[string]bool
}

// readCall reads the parameters of a POST. Those of the query are
// percent-decoded, and those of a JSON body are not; a form is taken where the
// end-point takes one. That a name stands there twice shows where it is read.
func (x *exchange) readCall(forms bool) (parameters, *callError) {
	p := parameters{nested: map[string]bool{}}
	body, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, maxCall))
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return p, &callError{status: http.StatusRequestEntityTooLarge, message: fmt.Sprintf("the body has more than %d octets", maxCall)}
		}
		return p, malformed(errors.New("the body cannot be read"))
	}
	more, refused := "", (*callError)(nil)
	if len(body) > 0 {
		if more, refused = p.body(x.r.Header.Get("Content-Type"), body, forms); refused != nil {
			return p, refused
		}
	}
	// The query is decoded by itself, since only in it a plus may be a space.
	query, err := dc.ParseQuery(x.r.URL.RawQuery, x.config.Rules.Edition == dc.DCSpec23)
	if err != nil {
		return p, malformed(err)
	}
	var all strings.Builder
	for _, pair := range query.Pairs() {
		all.WriteString(encode(pair.Name) + "=" + encode(pair.Value) + "&")
	}
	if p.Query, err = dc.ParseQuery(all.String()+more, false); err != nil {
		return p, malformed(err)
	}
	return p, nil
}

// body is the parameters of a body, as a query without a plus in it.
func (p *parameters) body(contentType string, body []byte, forms bool) (string, *callError) {
	kind, _, err := mime.ParseMediaType(contentType)
	switch {
	case err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json")):
		return p.object(body)
	case err == nil && forms && kind == "application/x-www-form-urlencoded":
		form, err := dc.ParseQuery(string(body), true)
		if err != nil {
			return "", malformed(err)
		}
		var b strings.Builder
		for _, pair := range form.Pairs() {
			b.WriteString(encode(pair.Name) + "=" + encode(pair.Value) + "&")
		}
		return b.String(), nil
	}
	message := "the body is application/json, and its Content-Type says so"
	if forms {
		message = "the body is application/json or application/x-www-form-urlencoded, and its Content-Type says so"
	}
	return "", &callError{status: http.StatusUnsupportedMediaType, message: message}
}

// object reads a JSON object. Strings are taken as they are, numbers and
// booleans as they are written, null as absent.
func (p *parameters) object(body []byte) (string, *callError) {
	var members map[string]jsontext.Value
	if err := json.Unmarshal(body, &members); err != nil || members == nil {
		if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok && errors.Is(e, jsontext.ErrDuplicateName) {
			return "", malformed(fmt.Errorf("the member %s of the body stands there twice; send it once", strings.TrimPrefix(string(e.JSONPointer), "/")))
		}
		return "", malformed(errors.New("the body is no JSON object"))
	}
	var b strings.Builder
	for name, value := range members {
		text := string(value)
		switch value.Kind() {
		case 'n':
			continue
		case '"':
			if err := json.Unmarshal(value, &text); err != nil {
				return "", malformed(fmt.Errorf("the member %s of the body is no text", name))
			}
		case '{', '[':
			p.nested[name] = true
		}
		b.WriteString(encode(name) + "=" + encode(text) + "&")
	}
	return b.String(), nil
}

// flat refuses members that are read and are no text.
func (p parameters) flat(names ...string) error {
	for _, name := range names {
		if p.nested[name] {
			return fmt.Errorf("the member %s of the body is an object or an array; send it as text", name)
		}
	}
	return nil
}

// text reads parameters that are each there once at most.
func (p parameters) text(into map[string]*string) error {
	for name, value := range into {
		var err error
		if *value, err = parameter(p.Query, name); err == nil {
			err = p.flat(name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
