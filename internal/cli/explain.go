package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"apex/internal/cli/release"
)

type explainCmd struct {
	Access  explainAccessCmd  `cmd:"" help:"Say which statement of which policy lets a role do something, or not: apex explain access s3:GetObject ARN --as task."`
	Scaling explainScalingCmd `cmd:"" help:"Say what scaling will do next with a service, and why not more."`
	Task    explainTaskCmd    `cmd:"" help:"Say why a task runs, waits or stopped: apex explain task 3f2a."`
}

type explainTaskCmd struct {
	targetFlags
	Task   string `arg:"" help:"The task's id, or the beginning of it."`
	Output string `short:"o" help:"text or json." enum:"text,json" default:"text"`
}

// A taskStory is what is known of a task, in the order in which one asks.
type taskStory struct {
	Task       string   `json:"task"`
	Definition string   `json:"taskDefinition"`
	Group      string   `json:"group"`
	Status     string   `json:"status"`
	Zone       string   `json:"zone"`
	Verdict    string   `json:"verdict"`
	Containers []string `json:"containers"`
	Targets    []string `json:"targets,omitempty"`
	Events     []string `json:"events,omitempty"`
	Log        []string `json:"log,omitempty"`
	Hint       string   `json:"hint,omitempty"`
}

// Run collects what AWS says of a task and puts it into words.
func (c explainTaskCmd) Run(a *app) error {
	_, t, cfg, err := c.open()
	if err != nil {
		return err
	}
	e := taskExplainer{t, ecs.NewFromConfig(cfg), elb.NewFromConfig(cfg), release.New(cfg, t.prefix())}
	task, err := e.find(a.ctx, c.Task)
	if err != nil {
		return err
	}
	story, err := e.explain(a.ctx, task)
	if err != nil {
		return err
	}
	if c.Output == "json" {
		return writeJSON(a.stdout, story)
	}
	return story.print(a.stdout)
}

// A taskExplainer asks for everything that concerns a task.
type taskExplainer struct {
	target
	ecs     *ecs.Client
	elb     *elb.Client
	release *release.Client
}

// find returns the one task, running or stopped, whose id begins as given.
func (e taskExplainer) find(ctx context.Context, id string) (ecstypes.Task, error) {
	id = id[strings.LastIndexByte(id, '/')+1:]
	var found []string
	for _, status := range []ecstypes.DesiredStatus{ecstypes.DesiredStatusRunning, ecstypes.DesiredStatusStopped} {
		pages := ecs.NewListTasksPaginator(listTasks(e.ecs.ListTasks), &ecs.ListTasksInput{Cluster: aws.String(e.prefix()), DesiredStatus: status})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return ecstypes.Task{}, fmt.Errorf("list tasks: %w", err)
			}
			for _, arn := range page.TaskArns {
				if strings.HasPrefix(arn[strings.LastIndexByte(arn, '/')+1:], id) {
					found = append(found, arn)
				}
			}
		}
	}
	switch len(found) {
	case 0:
		return ecstypes.Task{}, hinted(fmt.Errorf("task %s: there is none", id), "apex status lists tasks; stopped ones are remembered for an hour")
	case 1:
		out, err := e.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(e.prefix()), Tasks: found})
		if err != nil || len(out.Tasks) == 0 {
			return ecstypes.Task{}, fmt.Errorf("describe task %s: %w", id, err)
		}
		return out.Tasks[0], nil
	}
	return ecstypes.Task{}, fmt.Errorf("task %s: %d tasks begin so: give more of the id", id, len(found))
}

const storyLines = 10 // of the task's log

func (e taskExplainer) explain(ctx context.Context, t ecstypes.Task) (taskStory, error) {
	arn := aws.ToString(t.TaskArn)
	story := taskStory{
		Task: arn[strings.LastIndexByte(arn, '/')+1:], Definition: release.Short(aws.ToString(t.TaskDefinitionArn)),
		Group: aws.ToString(t.Group), Status: aws.ToString(t.LastStatus), Zone: aws.ToString(t.AvailabilityZone),
		Containers: containerLines(t),
	}
	service, isService := strings.CutPrefix(story.Group, "service:")
	if isService {
		s, err := e.release.Service(ctx, service)
		if err != nil {
			return story, err
		}
		if story.Targets, err = e.targets(ctx, s, t); err != nil {
			return story, err
		}
		story.Events = eventsOf(s, story.Task)
	}
	if d, err := e.release.Definition(ctx, aws.ToString(t.TaskDefinitionArn)); err == nil {
		story.Log = e.release.TaskLog(ctx, d, arn, storyLines)
	}
	story.Verdict, story.Hint = verdictOf(t, story)
	return story, nil
}

// targets says how the load balancer sees the task.
func (e taskExplainer) targets(ctx context.Context, s ecstypes.Service, t ecstypes.Task) (lines []string, err error) {
	for _, lb := range s.LoadBalancers {
		out, err := e.elb.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: lb.TargetGroupArn})
		if err != nil {
			return nil, fmt.Errorf("describe target health: %w", err)
		}
		for _, d := range out.TargetHealthDescriptions {
			if address := aws.ToString(d.Target.Id); address == release.Address(t) && address != "" {
				lines = append(lines, targetLine(groupName(aws.ToString(lb.TargetGroupArn)), d.TargetHealth))
			}
		}
	}
	return lines, nil
}

func targetLine(group string, h *elbtypes.TargetHealth) string {
	line := group + ": " + string(h.State)
	if text := aws.ToString(h.Description); text != "" {
		line += ": " + text
	}
	return line
}

func containerLines(t ecstypes.Task) (lines []string) {
	for _, c := range t.Containers {
		line := aws.ToString(c.Name) + ": " + strings.ToLower(aws.ToString(c.LastStatus))
		if c.ExitCode != nil {
			line += fmt.Sprintf(", exit code %d", *c.ExitCode)
		}
		if c.HealthStatus != "" && c.HealthStatus != ecstypes.HealthStatusUnknown {
			line += ", " + strings.ToLower(string(c.HealthStatus))
		}
		if reason := aws.ToString(c.Reason); reason != "" {
			line += ": " + reason
		}
		lines = append(lines, line)
	}
	return lines
}

// eventsOf are the service's events that name the task, the oldest first.
func eventsOf(s ecstypes.Service, task string) (lines []string) {
	for i := len(s.Events) - 1; i >= 0; i-- {
		if text := aws.ToString(s.Events[i].Message); strings.Contains(text, task) {
			lines = append(lines, aws.ToTime(s.Events[i].CreatedAt).UTC().Format(time.TimeOnly)+" "+text)
		}
	}
	return lines
}

func (s taskStory) print(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "task %s of %s, %s, %s, %s\n%s\n", s.Task, s.Group, s.Definition, s.Zone, s.Status, s.Verdict)
	for _, part := range []struct {
		title string
		lines []string
	}{{"containers", s.Containers}, {"load balancer", s.Targets}, {"events", s.Events}, {"last words", s.Log}} {
		if len(part.lines) > 0 {
			fmt.Fprintf(&b, "\n%s\n  %s\n", part.title, strings.Join(part.lines, "\n  "))
		}
	}
	if s.Hint != "" {
		fmt.Fprintf(&b, "\n%s\n", s.Hint)
	}
	_, err := io.WriteString(out, b.String())
	return err
}
