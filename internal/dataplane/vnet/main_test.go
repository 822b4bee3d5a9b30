package vnet

import (
	"os"
	"testing"

	"apex/internal/dataplane/supervisor"
)

// The test binary stands for the apex binary, which agents are started from.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "vnet":
			os.Exit(Main(os.Args[2:]))
		case "supervise":
			os.Exit(supervisor.Main(os.Args[2:]))
		}
	}
	os.Exit(m.Run())
}
