package elbv2_test

import (
	"os"
	"testing"

	"apex/internal/dataplane/balancer"
	"apex/internal/dataplane/supervisor"
	"apex/internal/dataplane/vnet"
)

// The test binary stands for apex: "supervise DIR", "balancer DIR", "vnet DIR".
func TestMain(m *testing.M) {
	if len(os.Args) > 2 {
		switch os.Args[1] {
		case "supervise":
			os.Exit(supervisor.Main(os.Args[2:]))
		case "vnet":
			os.Exit(vnet.Main(os.Args[2:]))
		case "balancer":
			os.Exit(balancer.Main(os.Args[2:]))
		}
	}
	os.Exit(m.Run())
}
