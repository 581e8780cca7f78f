package target

import (
	"encoding/json"
	"fmt"
	"testing"
)

func sprint(c *Config) string    { return fmt.Sprint(c, *c) }
func sprintPlus(c Config) string { return fmt.Sprintf("%+v %v", c, c.Hooks.Update) }
func sprintGo(c Config) string   { return fmt.Sprintf("%#v %#v", c, c.Accounts) }

func marshal(t *testing.T, c *Config) string {
	t.Helper()
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
