package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dcconform/dcconform/fixtures"
)

// TestMain lets scripts run this test binary under the program's name, so that
// children are started as the real program starts them.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"dcconform": func() { os.Exit(mainExit()) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                serveCommands(),
		Setup: func(env *testscript.Env) error {
			files, err := fixtures.Templates()
			if err != nil {
				return err
			}
			// Two embedded templates, one signed and one that is not.
			for _, f := range files {
				if f.Name == "alder.example.net.website.json" || f.Name == "willow.example.org.plain.json" {
					if err := os.WriteFile(filepath.Join(env.WorkDir, f.Name), f.Data, 0o600); err != nil {
						return err
					}
				}
			}
			env.Setenv("NO_COLOR", "1")
			return nil
		},
	})
}
