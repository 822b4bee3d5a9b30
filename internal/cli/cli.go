package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit codes.
const (
	exitFailed = 1 // what was asked for did not happen
	exitUsage  = 2 // the command line is wrong
)

// commands is the command line as kong reads it.
type commands struct {
	Up         upCmd         `cmd:"" help:"Start the region if it does not run, and make it what the stack file says."`
	Down       downCmd       `cmd:"" help:"Stop everything that runs. Data stay; up brings all back."`
	Status     statusCmd     `cmd:"" help:"Show what runs, and how well."`
	Logs       logsCmd       `cmd:"" help:"Print what services wrote."`
	Deploy     deployCmd     `cmd:"" help:"Build, verify and roll out services, without a dropped request."`
	Rollback   rollbackCmd   `cmd:"" help:"Go back to the release before, or to another one."`
	Releases   releasesCmd   `cmd:"" help:"List the releases of a service."`
	Scale      scaleCmd      `cmd:"" help:"Change how many tasks a service has, or how that is decided."`
	Drill      drillCmd      `cmd:"" help:"Break something under load, and report what users saw."`
	LB         lbCmd         `cmd:"" name:"lb" help:"Ask the load balancer."`
	Explain    explainCmd    `cmd:"" help:"Say why something is as it is."`
	Exec       execCmd       `cmd:"" help:"Run a program in a running task, at this terminal: a shell by default."`
	Run        runCmd        `cmd:"" help:"Run one task of a service with other arguments, and print what it writes."`
	Env        envCmd        `cmd:"" help:"Print what AWS clients need to reach the region: eval \"$(apex env)\"."`
	AWS        awsCmd        `cmd:"" name:"aws" help:"Run the aws CLI against the region: apex aws -- ecs list-clusters."`
	DB         dbCmd         `cmd:"" name:"db" help:"Work with the database."`
	Cache      cacheCmd      `cmd:"" help:"Work with the cache."`
	Trust      trustCmd      `cmd:"" help:"Let this machine's programs and browsers believe the region's certificates."`
	Doctor     doctorCmd     `cmd:"" help:"Check what this machine can run, and say how to get what is missing."`
	Validate   validateCmd   `cmd:"" help:"Check the stack file, in all its environments."`
	Stack      stackCmd      `cmd:"" help:"Print the AWS resources that the stack file stands for."`
	Schema     schemaCmd     `cmd:"" help:"Print the JSON Schema of stack files, for editors."`
	Completion completionCmd `cmd:"" help:"Print a completion script for a shell."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// An app is what commands are given.
type app struct {
	ctx            context.Context
	stdout, stderr io.Writer
	parser         *kong.Kong
}

// Main runs the command line and returns the exit code.
func Main(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	return run(&app{ctx: ctx, stdout: os.Stdout, stderr: os.Stderr}, args)
}

// exited carries the exit code of kong's help out of its parser.
type exited int

func run(a *app, args []string) (code int) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(exited)
			if !ok {
				panic(r)
			}
			code = int(e)
		}
	}()
	var c commands
	parser, err := newParser(a, &c)
	if err != nil {
		return a.fail(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		a.fail(hinted(err, "apex --help"))
		return exitUsage
	}
	return a.fail(parsed.Run(a))
}

func newParser(a *app, c *commands) (*kong.Kong, error) {
	parser, err := kong.New(c,
		kong.Name("apex"),
		kong.Description("AWS architectures, for real, on this machine."),
		kong.UsageOnError(), kong.Writers(a.stdout, a.stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Exit(func(code int) { panic(exited(code)) }),
	)
	a.parser = parser
	return parser, err
}

// fail prints an error, if it is one, and returns the exit code for it.
func (a *app) fail(err error) int {
	if err == nil {
		return 0
	}
	var child exitError
	if errors.As(err, &child) {
		return int(child)
	}
	printError(a.stderr, err)
	return exitCode(err)
}

// An exitError is the exit code of a program that was run in our place and has
// said itself what went wrong.
type exitError int

// Error says how the program ended.
func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }
