package release

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"apex/internal/graph"
)

// A Release is one revision of a service's task definition.
type Release struct {
	Revision   int32     `json:"revision"`
	Definition string    `json:"taskDefinition"`
	Image      string    `json:"image"`
	At         time.Time `json:"registered"`
	Running    int32     `json:"running"` // tasks of it
	Current    bool      `json:"current"` // what the service shall run
	Message    string    `json:"message,omitempty"`

	definition types.TaskDefinition
}

// History returns a service's releases, the newest first, at most so many.
func (c *Client) History(ctx context.Context, s types.Service, most int) ([]Release, error) {
	family, _, _ := strings.Cut(Short(aws.ToString(s.TaskDefinition)), ":")
	list, err := c.ecs.ListTaskDefinitions(ctx, &ecs.ListTaskDefinitionsInput{
		FamilyPrefix: &family, Sort: types.SortOrderDesc, MaxResults: aws.Int32(int32(most)),
	})
	if err != nil {
		return nil, fmt.Errorf("list releases of %s: %w", aws.ToString(s.ServiceName), err)
	}
	var releases []Release
	for _, arn := range list.TaskDefinitionArns {
		r, err := c.release(ctx, s, arn)
		if err != nil {
			return nil, err
		}
		releases = append(releases, r)
	}
	return releases, nil
}

func (c *Client) release(ctx context.Context, s types.Service, arn string) (Release, error) {
	out, err := c.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: &arn, Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags},
	})
	if err != nil {
		return Release{}, fmt.Errorf("describe release %s: %w", Short(arn), err)
	}
	d := *out.TaskDefinition
	r := Release{
		Revision: d.Revision, Definition: arn, At: aws.ToTime(d.RegisteredAt),
		Current: arn == aws.ToString(s.TaskDefinition), definition: d,
	}
	if len(d.ContainerDefinitions) > 0 {
		r.Image = aws.ToString(d.ContainerDefinitions[0].Image)
	}
	for _, t := range out.Tags {
		if aws.ToString(t.Key) == graph.TagMessage {
			r.Message = aws.ToString(t.Value)
		}
	}
	for _, d := range s.Deployments {
		if aws.ToString(d.TaskDefinition) == arn {
			r.Running += d.RunningCount
		}
	}
	return r, nil
}

// Previous returns the release before the current one; of those that are known,
// the newest with a smaller revision.
func Previous(releases []Release) (Release, bool) {
	i := slices.IndexFunc(releases, func(r Release) bool { return r.Current })
	if i < 0 || i+1 >= len(releases) {
		return Release{}, false
	}
	return releases[i+1], true
}

// Find returns the release with a revision.
func Find(releases []Release, revision int32) (Release, bool) {
	i := slices.IndexFunc(releases, func(r Release) bool { return r.Revision == revision })
	if i < 0 {
		return Release{}, false
	}
	return releases[i], true
}

// Discard takes a task definition out of the list of releases.
func (c *Client) Discard(ctx context.Context, definition string) error {
	_, err := c.ecs.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &definition})
	if err != nil {
		return fmt.Errorf("discard %s: %w", Short(definition), err)
	}
	return nil
}

// Diff says what differs between two releases, one line each: "- image a" and
// "+ image b". Of secrets it shows where they come from, never a value.
func Diff(a, b Release) []string {
	old, now := facts(a.definition), facts(b.definition)
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(union(old, now))) {
		if old[key] == now[key] {
			continue
		}
		if was, there := old[key]; there {
			lines = append(lines, "- "+key+" "+was)
		}
		if is, there := now[key]; there {
			lines = append(lines, "+ "+key+" "+is)
		}
	}
	return lines
}

func union(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// facts are what people compare of a task definition.
func facts(d types.TaskDefinition) map[string]string {
	f := map[string]string{
		"cpu": aws.ToString(d.Cpu), "memory": aws.ToString(d.Memory),
		"task-role": aws.ToString(d.TaskRoleArn), "execution-role": aws.ToString(d.ExecutionRoleArn),
	}
	for _, c := range d.ContainerDefinitions {
		name := aws.ToString(c.Name)
		f[name+" image"] = aws.ToString(c.Image)
		f[name+" command"] = strings.Join(c.Command, " ")
		for _, e := range c.Environment {
			f[name+" environment "+aws.ToString(e.Name)] = aws.ToString(e.Value)
		}
		for _, s := range c.Secrets {
			f[name+" secret "+aws.ToString(s.Name)] = aws.ToString(s.ValueFrom)
		}
		for _, p := range c.PortMappings {
			f[fmt.Sprintf("%s port %d", name, aws.ToInt32(p.ContainerPort))] = string(p.Protocol)
		}
	}
	return f
}
