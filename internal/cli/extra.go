package cli

import (
	"context"
	"errors"
	"fmt"
	"os/exec"

	"apex/internal/region"
)

// extraChecks are for what up needs at times, and for what is good to have.
func extraChecks() []check {
	return []check{
		{"ports", true, lookPorts, "", nil},
		{"Go", false, lookProgram("go"), "services that are built need it: https://go.dev/dl", nil},
		{"MySQL client", false, lookProgram("mysql", "mariadb"), "`apex db shell` needs it: apt-get install mariadb-client-core", nil},
		{"Redis client", false, lookProgram("redis-cli"), "`apex cache shell` needs it: apt-get install redis-tools", nil},
		{"aws CLI", false, lookProgram("aws"), "`apex aws` needs it: apt-get install awscli", nil},
	}
}

func lookPorts(_ context.Context, home region.Home) (string, error) {
	if err := checkPorts(home); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d, %d and %d are free or ours", home.Port, home.HTTPPort, home.HTTPSPort), nil
}

// lookProgram looks for a program under any of its names.
func lookProgram(names ...string) func(context.Context, region.Home) (string, error) {
	return func(context.Context, region.Home) (string, error) {
		for _, name := range names {
			if path, err := exec.LookPath(name); err == nil {
				return path, nil
			}
		}
		return "", errors.New("not installed")
	}
}
