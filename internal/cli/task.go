package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

type runCmd struct {
	targetFlags
	Service string            `arg:"" help:"The service whose image, network and secrets the task has."`
	Detach  bool              `short:"d" help:"Print the task's id and do not wait for its end."`
	Set     map[string]string `help:"Environment variables of the task, over the service's." placeholder:"NAME=VALUE"`
	CPU     int               `help:"CPU units; the service's by default." placeholder:"UNITS"`
	Memory  int               `help:"Memory in MiB; the service's by default." placeholder:"MIB"`
	Args    []string          `arg:"" optional:"" help:"Arguments for the image's entry point, after --; the service's by default."`
}

// Run runs one task, prints what it writes, and exits with its code.
func (c runCmd) Run(a *app) error {
	_, t, cfg, err := c.open()
	if err != nil {
		return err
	}
	r := oneTask{observer: observer{target: t, ecs: ecs.NewFromConfig(cfg)}, logs: cloudwatchlogs.NewFromConfig(cfg), app: a}
	if err := r.start(a.ctx, c); err != nil {
		return err
	}
	if c.Detach {
		fmt.Fprintln(a.stdout, taskIDOf(r.task))
		return nil
	}
	return r.follow(a.ctx)
}

// oneTask is a task run by hand.
type oneTask struct {
	observer
	logs          *cloudwatchlogs.Client
	app           *app
	task          ecstypes.Task
	container     string
	group, stream string
	next          *string // where the log goes on
}

// start runs a task of the service's definition where the service's tasks run.
func (r *oneTask) start(ctx context.Context, c runCmd) error {
	cluster := aws.String(r.prefix())
	out, err := r.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: cluster, Services: []string{c.Service}})
	if err != nil {
		return fmt.Errorf("find service %s: %w", c.Service, err)
	}
	if len(out.Services) == 0 {
		return hinted(fmt.Errorf("find service %s: there is none", c.Service), "apex status")
	}
	service := out.Services[0]
	definition, err := r.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: service.TaskDefinition})
	if err != nil {
		return fmt.Errorf("find what %s runs: %w", c.Service, err)
	}
	main := mainContainer(definition.TaskDefinition.ContainerDefinitions, c.Service)
	r.container = aws.ToString(main.Name)
	ran, err := r.ecs.RunTask(ctx, &ecs.RunTaskInput{
		Cluster: cluster, TaskDefinition: service.TaskDefinition, LaunchType: ecstypes.LaunchTypeFargate,
		NetworkConfiguration: service.NetworkConfiguration, StartedBy: aws.String("apex run"), Overrides: c.overrides(r.container),
	})
	if err != nil {
		return fmt.Errorf("run a task of %s: %w", c.Service, err)
	}
	if len(ran.Tasks) == 0 {
		return fmt.Errorf("run a task of %s: %s", c.Service, aws.ToString(ran.Failures[0].Detail))
	}
	r.task = ran.Tasks[0]
	if log := main.LogConfiguration; log != nil {
		r.group = log.Options["awslogs-group"]
		r.stream = log.Options["awslogs-stream-prefix"] + "/" + r.container + "/" + taskIDOf(r.task)
	}
	return nil
}

// mainContainer is the one that has the service's name, else the first that the
// task needs.
func mainContainer(all []ecstypes.ContainerDefinition, service string) ecstypes.ContainerDefinition {
	for _, c := range all {
		if aws.ToString(c.Name) == service {
			return c
		}
	}
	for _, c := range all {
		if c.Essential == nil || *c.Essential {
			return c
		}
	}
	return all[0]
}

func (c runCmd) overrides(container string) *ecstypes.TaskOverride {
	o := ecstypes.ContainerOverride{Name: &container, Command: c.Args}
	for name, value := range c.Set {
		o.Environment = append(o.Environment, ecstypes.KeyValuePair{Name: &name, Value: &value})
	}
	all := &ecstypes.TaskOverride{ContainerOverrides: []ecstypes.ContainerOverride{o}}
	if c.CPU > 0 {
		all.Cpu = aws.String(strconv.Itoa(c.CPU))
	}
	if c.Memory > 0 {
		all.Memory = aws.String(strconv.Itoa(c.Memory))
	}
	return all
}

// taskPoll is the time between two looks at a task and its log.
const taskPoll = 200 * time.Millisecond

// follow prints the task's log until it has ended, and returns its exit code as an
// error. A task whose command is interrupted is stopped.
func (r *oneTask) follow(ctx context.Context) error {
	for {
		out, err := r.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: r.task.ClusterArn, Tasks: []string{*r.task.TaskArn}})
		if ctx.Err() != nil {
			return r.stop(ctx)
		}
		if err != nil || len(out.Tasks) == 0 {
			return fmt.Errorf("follow task %s: %w", taskIDOf(r.task), errors.Join(err, errors.New("it is not described")))
		}
		r.task = out.Tasks[0]
		ended := aws.ToString(r.task.LastStatus) == "STOPPED"
		if err := r.print(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		if ended {
			return r.verdict()
		}
		select {
		case <-ctx.Done():
		case <-time.After(taskPoll):
		}
	}
}

// stopTimeout bounds the call that stops a task whose command was interrupted.
const stopTimeout = 10 * time.Second

func (r *oneTask) stop(ctx context.Context) error {
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	_, err := r.ecs.StopTask(late, &ecs.StopTaskInput{Cluster: r.task.ClusterArn, Task: r.task.TaskArn, Reason: aws.String("apex run was interrupted")})
	return errors.Join(fmt.Errorf("run task %s: interrupted; it is stopped", taskIDOf(r.task)), err)
}

// print writes what the task logged since the last time.
func (r *oneTask) print(ctx context.Context) error {
	for r.group != "" {
		out, err := r.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
			LogGroupName: &r.group, LogStreamName: &r.stream, StartFromHead: aws.Bool(true), NextToken: r.next,
		})
		if missing(err, "ResourceNotFoundException") { // it has not begun
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the log of task %s: %w", taskIDOf(r.task), err)
		}
		for _, e := range out.Events {
			fmt.Fprintln(r.app.stdout, aws.ToString(e.Message))
		}
		if aws.ToString(out.NextForwardToken) == aws.ToString(r.next) || len(out.Events) == 0 {
			r.next = out.NextForwardToken
			return nil
		}
		r.next = out.NextForwardToken
	}
	return nil
}

// verdict is how the task's main container ended.
func (r *oneTask) verdict() error {
	for _, c := range r.task.Containers {
		if aws.ToString(c.Name) != r.container || c.ExitCode == nil {
			continue
		}
		if *c.ExitCode != 0 && aws.ToString(c.Reason) != "" {
			fmt.Fprintf(r.app.stderr, "apex: error: task %s: %s\n", taskIDOf(r.task), *c.Reason)
		}
		if *c.ExitCode != 0 {
			return exitError(*c.ExitCode)
		}
		return nil
	}
	return fmt.Errorf("task %s did not run: %s", taskIDOf(r.task), aws.ToString(r.task.StoppedReason))
}
