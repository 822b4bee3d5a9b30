package cli

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run the command line as the program apex.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"apex": func() { os.Exit(Main(os.Args[1:])) }})
}

// TestScripts runs what needs no region.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("APEX_HOME", env.WorkDir+"/home")
			env.Setenv("NO_COLOR", "1")
			return nil
		},
	})
}
