package client

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/dcconform/dcconform/suites/target"
)

// TemplateMediaType is what a reply with a whole template is marked with
// (ietf-05 section 8.2).
const TemplateMediaType = "application/domainconnect-template+json"

// TemplateInfo is what a provider says about a template (ietf-05 section 8.2).
type TemplateInfo struct {
	// Supported is false when the provider answered 404.
	Supported bool
	// Version is the deployed version as written, "" when not disclosed.
	Version string
	// Template is the whole template, nil when not disclosed.
	Template []byte
	// MediaType is the media type of the reply without parameters.
	MediaType string
}

// QueryTemplate asks whether a provider supports a template. An empty reply, a
// version and a whole template all mean yes. accept may be "" or
// TemplateMediaType, which asks for the whole template. A status other than
// 2xx and 404, a redirect and a body that is not a JSON object are errors.
func (c *Client) QueryTemplate(ctx context.Context, urlAPI, providerID, serviceID, accept string) (TemplateInfo, *target.Exchange, error) {
	var info TemplateInfo
	base, err := endpoint(urlAPI, "urlAPI")
	if err != nil {
		return info, nil, fmt.Errorf("template query: %w", err)
	}
	if accept == "" {
		accept = "*/*"
	}
	at := base + "/v2/domainTemplates/providers/" + Encode(providerID) + "/services/" + Encode(serviceID)
	reply, ex, err := c.get(ctx, at, accept, 0)
	if err != nil {
		return info, ex, fmt.Errorf("template query: %w", err)
	}
	if reply.Status == http.StatusNotFound {
		return info, ex, nil
	}
	if reply.Status < 200 || reply.Status > 299 {
		return info, ex, fmt.Errorf("template query: status %d from %s", reply.Status, at)
	}
	if info, err = parseQueryReply(reply); err != nil {
		return info, ex, fmt.Errorf("template query: %s: %w", at, err)
	}
	return info, ex, nil
}

func parseQueryReply(reply *target.Reply) (TemplateInfo, error) {
	info := TemplateInfo{Supported: true}
	if t, _, err := mime.ParseMediaType(reply.Header.Get("Content-Type")); err == nil {
		info.MediaType = t
	}
	// A JSON decoder calls no bytes at all an error; the plain form of the
	// reply is exactly that.
	if len(reply.Body) == 0 {
		return info, nil
	}
	var members map[string]jsontext.Value
	if err := json.Unmarshal(reply.Body, &members); err != nil {
		return TemplateInfo{}, fmt.Errorf("the body is neither empty nor a JSON object: %w", err)
	}
	if members == nil {
		return TemplateInfo{}, errors.New("the body is neither empty nor a JSON object: null")
	}
	if v, ok := members["version"]; ok && v.Kind() != 'n' {
		info.Version = string(v)
	}
	if v, ok := members["records"]; ok && v.Kind() == '[' {
		info.Template = reply.Body
	}
	return info, nil
}
