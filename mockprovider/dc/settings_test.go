package dc

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSettingsJSON(t *testing.T) {
	for _, tc := range []struct {
		name string
		in   Settings
		want string
	}{
		{"required only", Settings{ProviderID: "p.test", ProviderName: "P", URLAPI: "https://p.test/api"},
			`{"providerId":"p.test","providerName":"P","urlAPI":"https://p.test/api"}`},
		{"everything", Settings{
			ProviderID: "p.test", ProviderName: "P", ProviderDisplayName: "P & Q", URLSyncUX: "https://p.test/s",
			URLAsyncUX: "https://p.test/a", URLAPI: "https://p.test/api", URLControlPanel: "https://p.test/%domain%",
			Width: 700, Height: 800, NameServers: []string{"ns1.p.test"}, Crit: []string{"vnd.example.a"},
			Extra: map[string]json.RawMessage{"vnd.example.b": json.RawMessage(`{"x":1}`), "vnd.example.a": json.RawMessage("null")}},
			`{"providerId":"p.test","providerName":"P","providerDisplayName":"P \u0026 Q","urlSyncUX":"https://p.test/s",` +
				`"urlAsyncUX":"https://p.test/a","urlAPI":"https://p.test/api","urlControlPanel":"https://p.test/%domain%",` +
				`"width":700,"height":800,"nameServers":["ns1.p.test"],"crit":["vnd.example.a"],"vnd.example.a":null,"vnd.example.b":{"x":1}}`},
		{"a fault replaces a member", Settings{ProviderID: "p.test", Width: 700,
			Extra: map[string]json.RawMessage{"width": json.RawMessage(`"800"`)}},
			`{"providerId":"p.test","width":"800"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := json.Marshal(tc.in)
			if err != nil || string(got) != tc.want {
				t.Errorf("%v\n got %s\nwant %s", err, got, tc.want)
			}
		})
	}
	if _, err := json.Marshal(Settings{Extra: map[string]json.RawMessage{"x": json.RawMessage("{")}}); err == nil {
		t.Error("broken JSON in Extra is written")
	}
}

func TestSettingsRead(t *testing.T) {
	var got Settings
	err := json.Unmarshal([]byte(`{"providerId":"p.test","providerName":"P","urlAPI":"https://p.test","width":"800",
		"height":null,"urlControlPanel":null,"crit":null,"nameServers":["a","b"],"market":"de","providerID":"q"}`), &got)
	want := Settings{ProviderID: "p.test", ProviderName: "P", URLAPI: "https://p.test", Width: 800,
		NameServers: []string{"a", "b"},
		Extra:       map[string]json.RawMessage{"market": json.RawMessage(`"de"`), "providerID": json.RawMessage(`"q"`)}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	for src, want := range map[string]string{
		`{"width":"wide"}`:  `settings member width: "wide" is not a number of pixels`,
		`{"urlAPI":5}`:      "settings member urlAPI: json: cannot unmarshal number into Go value of type string",
		`{"crit":"x"}`:      "settings member crit: json: cannot unmarshal string into Go value of type []string",
		`["providerId"]`:    "settings: json: cannot unmarshal array into Go value of type map[string]json.RawMessage",
		`{"width":{"a":1}}`: `settings member width: {"a":1} is not a number of pixels`,
	} {
		if err := json.Unmarshal([]byte(src), &got); err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", src, err, want)
		}
	}
}
