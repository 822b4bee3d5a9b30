// Command apex runs an AWS architecture on this machine: see internal/cli.
//
// The same binary is every process that a region consists of. Its hidden
// sub-commands are told apart before the command line is parsed, so that the many
// small children start quickly.
package main

import (
	"os"

	"apex/internal/cli"
	"apex/internal/dataplane/balancer"
	"apex/internal/dataplane/supervisor"
	"apex/internal/dataplane/task"
	"apex/internal/dataplane/task/container"
	"apex/internal/dataplane/vnet"
	"apex/internal/region"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	if len(args) == 0 {
		return cli.Main(args)
	}
	switch args[0] {
	case "region":
		return region.Main(args[1:])
	case "supervise":
		return supervisor.Main(args[1:])
	case "task":
		return task.Main(args[1:])
	case "task-init":
		return container.InitMain(args[1:])
	case "balancer":
		return balancer.Main(args[1:])
	case "vnet":
		return vnet.Main(args[1:])
	}
	return cli.Main(args)
}
