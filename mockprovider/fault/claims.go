package fault

import (
	"net/http"
	"strings"

	"github.com/dcconform/dcconform/mockprovider/store"
)

// contradictions are a provider that says of itself what is not so.
var contradictions = []Fault{
	{"spfm-denied", "The template query says that SPFM is not supported, though it is.",
		[]string{"DC-QRY-SUPPORTED-OK"}, denying("/services/spf")},
	{"ns-denied", "The template query says that NS records are not supported, though they are.",
		[]string{"DC-QRY-SUPPORTED-OK"}, denying("/services/delegation")},
	{"generic-types-denied", "The template query says that further record types are not supported, though they are.",
		[]string{"DC-QRY-SUPPORTED-OK"}, denying("/services/authorities")},
	{"numeric-variables-denied", "The template query says that variables in numbers are not supported, though they are.",
		[]string{"DC-QRY-SUPPORTED-OK"}, denying("/services/numbers")},
	{"shared-names-denied", "The template query says that shared templates are not supported, though they are.",
		[]string{"DC-QRY-SUPPORTED-OK"}, denying("/services/shared-provider")},
	{"ext-types-denied", "The template query says that the extension types are not supported, though they are.",
		[]string{"DC-QRY-SUPPORTED-OK"}, denying("/services/forwarding")},
	{"apexcname-denied", "The template query says that APEXCNAME is not supported, though it is.",
		[]string{"DC-QRY-SUPPORTED-OK"}, denying("/services/apex-cname")},
	{"caa-denied", "The template query says that CAA is not supported, though it is.",
		[]string{"DC-QRY-SUPPORTED-OK"}, denying("/services/certificate")},
	{"srv-denied", "The template query says that SRV is not supported, though it is.",
		[]string{"DC-QRY-SUPPORTED-OK"}, denying("/services/telephony")},
	{"control-panel-withheld", "The settings have no urlControlPanel, though there is one.",
		[]string{"DC-SET-RESERVED-MEANING"}, withholding("urlControlPanel")},
	{"name-servers-withheld", "The settings have no nameServers, though they are known.",
		[]string{"DC-SET-RESERVED-MEANING"}, withholding("nameServers")},
	{"window-size-withheld", "The settings have no width and height, though the pages want them.",
		[]string{"DC-SET-RESERVED-MEANING"}, withholding("width", "height")},
	{"height-withheld", "The settings have a width and no height.",
		[]string{"DC-SET-RESERVED-MEANING"}, withholding("height")},
	{"async-url-without-flow", "The settings name urlAsyncUX, though there is no asynchronous flow.",
		[]string{"DC-SET-RESERVED-MEANING"}, member("urlAsyncUX", "https://async.dcconform.example/ux")},
}

// denying answers the query for one template with 404.
func denying(end string) func(*store.TenantConfig) {
	return serving(func(path string) bool { return queryPath(path) && strings.HasSuffix(path, end) },
		func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(http.StatusNotFound) })
}

// withholding leaves members out of the settings.
func withholding(members ...string) func(*store.TenantConfig) {
	return func(c *store.TenantConfig) {
		c.Hooks.Settings = append(c.Hooks.Settings, func(_ string, doc map[string]any) {
			for _, m := range members {
				delete(doc, m)
			}
		})
	}
}
