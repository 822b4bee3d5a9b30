// Command apex-task is the part of apex that runs beside each task: its supervisor
// and the first process of its containers.
//
// It is what `apex task` and `apex task-init` do, without the rest, which would
// cost each of those processes ten times the memory.
package main

import (
	"os"

	"apex/internal/dataplane/task"
	"apex/internal/dataplane/task/container"
)

func main() {
	if len(os.Args) < 2 {
		os.Exit(2)
	}
	switch os.Args[1] {
	case "task":
		os.Exit(task.Main(os.Args[2:]))
	case "task-init":
		os.Exit(container.InitMain(os.Args[2:]))
	}
	os.Exit(2)
}
