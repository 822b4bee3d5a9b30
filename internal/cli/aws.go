package cli

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"

	"apex/internal/region"
)

type awsCmd struct {
	Args []string `arg:"" optional:"" passthrough:"" help:"Arguments of the aws CLI."`
}

// Run becomes the aws CLI, with the region's variables.
func (c awsCmd) Run(*app) error {
	home, err := region.HomeFromEnv()
	if err != nil {
		return err
	}
	vars, err := variables(home)
	if err != nil {
		return err
	}
	path, err := exec.LookPath("aws")
	if err != nil {
		return hinted(errors.New("run aws: it is not installed"), "apt-get install awscli")
	}
	cmd := exec.Command(path, withoutDashes(c.Args)...)
	cmd.Env = awsEnvironment(os.Environ(), vars)
	return become(cmd)
}

// awsEnvironment is the environment with the region's variables in place of all
// that would lead the aws CLI elsewhere.
func awsEnvironment(environ []string, vars []variable) []string {
	env := slices.DeleteFunc(slices.Clone(environ), func(v string) bool { return strings.HasPrefix(v, "AWS_") })
	for _, v := range vars {
		env = append(env, v.name+"="+v.value)
	}
	return append(env, "AWS_PAGER=")
}

// withoutDashes drops the "--" that parts our arguments from another program's.
func withoutDashes(args []string) []string {
	if len(args) > 0 && args[0] == "--" {
		return args[1:]
	}
	return args
}

// become replaces this process by a command; it returns only if it cannot.
func become(cmd *exec.Cmd) error {
	if cmd.Dir != "" {
		if err := os.Chdir(cmd.Dir); err != nil {
			return err
		}
	}
	env := cmd.Env
	if env == nil {
		env = os.Environ()
	}
	return os.NewSyscallError("exec "+cmd.Path, syscall.Exec(cmd.Path, cmd.Args, env))
}
