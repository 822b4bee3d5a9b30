package balancer

import (
	"os"
	"testing"
)

// The test binary is the balancer as well: "balancer.test balancer DIR [worker]".
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "balancer" {
		os.Exit(Main(os.Args[2:]))
	}
	os.Exit(m.Run())
}
