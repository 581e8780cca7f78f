package dc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Settings is what a DNS provider says about a domain at
// /v2/{domain}/settings (ietf-05 section 7.2; dcspec-2.3, DNS Provider
// Discovery). Empty members are left out of the JSON.
type Settings struct {
	// ProviderID, ProviderName and URLAPI are required.
	ProviderID, ProviderName string
	// ProviderDisplayName is shown to users in place of ProviderName.
	ProviderDisplayName string
	// URLSyncUX is the prefix of apply links; absent means no sync flow.
	URLSyncUX string
	// URLAsyncUX is the prefix of the OAuth consent page; absent means no
	// async flow (async-00 section 5).
	URLAsyncUX string
	// URLAPI is the prefix of template queries and API calls.
	URLAPI string
	// URLControlPanel may hold %domain%.
	URLControlPanel string
	// Width and Height of a pop-up window in pixels; 0 when absent, which a
	// client takes as 750 (dcspec-2.3).
	Width, Height int
	// NameServers are the zone's name servers.
	NameServers []string
	// Crit lists members that a client has to understand (ietf-05 section
	// 7.2.1).
	Crit []string
	// Extra are further members. In MarshalJSON they win over a field of the
	// same name, so that a deliberate fault can send any value.
	Extra map[string]json.RawMessage
}

// settingsMember is one member in the order in which MarshalJSON writes it.
type settingsMember struct {
	name   string
	text   *string
	number *int
	list   *[]string
}

func (s *Settings) members() []settingsMember {
	return []settingsMember{
		{name: "providerId", text: &s.ProviderID},
		{name: "providerName", text: &s.ProviderName},
		{name: "providerDisplayName", text: &s.ProviderDisplayName},
		{name: "urlSyncUX", text: &s.URLSyncUX},
		{name: "urlAsyncUX", text: &s.URLAsyncUX},
		{name: "urlAPI", text: &s.URLAPI},
		{name: "urlControlPanel", text: &s.URLControlPanel},
		{name: "width", number: &s.Width},
		{name: "height", number: &s.Height},
		{name: "nameServers", list: &s.NameServers},
		{name: "crit", list: &s.Crit},
	}
}

// MarshalJSON writes the members that are set, in a fixed order, those of
// Extra last and sorted.
func (s Settings) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	write := func(name string, value any) error {
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		data, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("settings member %s: %w", name, err)
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(data)
		return nil
	}
	var errs []error
	for _, m := range s.members() {
		if _, replaced := s.Extra[m.name]; replaced {
			continue
		}
		switch {
		case m.text != nil && *m.text != "":
			errs = append(errs, write(m.name, *m.text))
		case m.number != nil && *m.number != 0:
			errs = append(errs, write(m.name, *m.number))
		case m.list != nil && len(*m.list) > 0:
			errs = append(errs, write(m.name, *m.list))
		}
	}
	names := make([]string, 0, len(s.Extra))
	for name := range s.Extra {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		errs = append(errs, write(name, s.Extra[name]))
	}
	b.WriteByte('}')
	return b.Bytes(), errors.Join(errs...)
}

// UnmarshalJSON reads settings as a tolerant client does: members that it
// does not know go to Extra, null is absent, and width and height may be
// strings of digits (real providers send them so). Another type of a known
// member is an error.
func (s *Settings) UnmarshalJSON(data []byte) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	*s = Settings{}
	for _, m := range s.members() {
		raw, ok := all[m.name]
		delete(all, m.name)
		if !ok || string(raw) == "null" {
			continue
		}
		if err := m.read(raw); err != nil {
			return fmt.Errorf("settings member %s: %w", m.name, err)
		}
	}
	if len(all) > 0 {
		s.Extra = all
	}
	return nil
}

func (m settingsMember) read(raw json.RawMessage) error {
	switch {
	case m.text != nil:
		return json.Unmarshal(raw, m.text)
	case m.list != nil:
		return json.Unmarshal(raw, m.list)
	}
	n, err := strconv.Atoi(strings.Trim(string(raw), `"`))
	if err != nil {
		return fmt.Errorf("%s is not a number of pixels", clip(string(raw)))
	}
	*m.number = n
	return nil
}
