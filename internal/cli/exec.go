package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"apex/internal/datachannel"
)

// defaultShell is what exec runs unless it is told.
const defaultShell = "/bin/sh"

type execCmd struct {
	targetFlags
	Service   string   `arg:"" help:"The service."`
	Task      string   `help:"The task, by the beginning of its id; one that runs by default." placeholder:"ID"`
	Container string   `help:"The container; the service's own by default." placeholder:"NAME"`
	Command   []string `arg:"" optional:"" help:"What to run, after --; a shell by default."`
}

// Run runs a program in a running container, at this terminal.
func (c execCmd) Run(a *app) error {
	_, t, cfg, err := c.open()
	if err != nil {
		return err
	}
	o := observer{target: t, ecs: ecs.NewFromConfig(cfg)}
	task, err := o.chooseTask(a.ctx, c.Service, c.Task)
	if err != nil {
		return err
	}
	command := c.Command
	if len(command) == 0 {
		command = []string{defaultShell}
	}
	session, err := o.enter(a.ctx, task, c.container(task), command)
	if err != nil {
		return err
	}
	end, err := converse(a.ctx, session, a.stdout)
	if err != nil {
		return err
	}
	if end.Message != "" && end.Code == 127 && len(c.Command) == 0 {
		return hinted(fmt.Errorf("exec into %s: its image has no shell (%s)", c.Service, defaultShell),
			"name a program that the image has: apex exec "+c.Service+" -- PROGRAM")
	}
	if end.Message != "" {
		return fmt.Errorf("exec into %s: %s", c.Service, end.Message)
	}
	if end.Code != 0 {
		return exitError(end.Code)
	}
	return nil
}

// container is the one that is named, else the one that has the service's name,
// else the first.
func (c execCmd) container(task ecstypes.Task) string {
	if c.Container != "" {
		return c.Container
	}
	for _, each := range task.Containers {
		if aws.ToString(each.Name) == c.Service {
			return c.Service
		}
	}
	return aws.ToString(task.Containers[0].Name)
}

// chooseTask finds a running task of a service.
func (o observer) chooseTask(ctx context.Context, service, id string) (ecstypes.Task, error) {
	tasks, err := o.tasks(ctx, service)
	if err != nil {
		return ecstypes.Task{}, fmt.Errorf("find tasks of %s: %w", service, err)
	}
	var others []string
	for _, t := range tasks {
		if strings.HasPrefix(taskIDOf(t), id) {
			return t, nil
		}
		others = append(others, taskIDOf(t))
	}
	if len(others) == 0 {
		return ecstypes.Task{}, hinted(fmt.Errorf("find tasks of %s: none runs", service), "apex status")
	}
	return ecstypes.Task{}, hinted(fmt.Errorf("find task %s of %s: it does not run", id, service), "tasks that run: "+strings.Join(others, ", "))
}

func taskIDOf(t ecstypes.Task) string {
	arn := aws.ToString(t.TaskArn)
	return arn[strings.LastIndexByte(arn, '/')+1:]
}

// enter opens a session with a program in a container.
func (o observer) enter(ctx context.Context, task ecstypes.Task, container string, command []string) (*datachannel.Client, error) {
	out, err := o.ecs.ExecuteCommand(ctx, &ecs.ExecuteCommandInput{
		Cluster: task.ClusterArn, Task: task.TaskArn, Container: &container, Interactive: true, Command: aws.String(quoted(command)),
	})
	if missing(err, "InvalidParameterException") && !task.EnableExecuteCommand {
		return nil, hinted(fmt.Errorf("exec into task %s: it was started without execute command", taskIDOf(task)),
			"apex up, and then a new deployment of the service, start tasks that can be entered")
	}
	if err != nil {
		return nil, fmt.Errorf("exec into task %s: %w", taskIDOf(task), err)
	}
	return datachannel.Dial(ctx, aws.ToString(out.Session.StreamUrl), aws.ToString(out.Session.TokenValue))
}

// quoted joins words so that splitting them as a shell does gives them back.
func quoted(words []string) string {
	var all []string
	for _, w := range words {
		all = append(all, "'"+strings.ReplaceAll(w, "'", `'\''`)+"'")
	}
	return strings.Join(all, " ")
}

// converse joins the session with this process's input and output until it ends.
func converse(ctx context.Context, session *datachannel.Client, stdout io.Writer) (datachannel.End, error) {
	defer session.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	restore, err := rawTerminal(os.Stdin)
	if err != nil {
		return datachannel.End{}, err
	}
	defer restore()
	go followSize(ctx, session)
	go typeInput(ctx, session)
	out := stdout
	if !isTerminal(os.Stdout) {
		out = plainLines{stdout}
	}
	return session.Print(ctx, out)
}

// endOfInput is what a terminal takes for the end of its input.
const endOfInput = "\x04"

func typeInput(ctx context.Context, session *datachannel.Client) {
	typed := make([]byte, 4096)
	for {
		n, err := os.Stdin.Read(typed)
		if n > 0 && session.Type(ctx, append([]byte(nil), typed[:n]...)) != nil {
			return
		}
		if errors.Is(err, io.EOF) {
			_ = session.Type(ctx, []byte(endOfInput)) // a session that has ended says so itself
		}
		if err != nil {
			return
		}
	}
}

// plainLines turns the line ends of terminals into those of files.
type plainLines struct{ to io.Writer }

// Write writes b with plain ends of lines.
func (p plainLines) Write(b []byte) (int, error) {
	if _, err := io.WriteString(p.to, strings.ReplaceAll(string(b), "\r\n", "\n")); err != nil {
		return 0, err
	}
	return len(b), nil
}
