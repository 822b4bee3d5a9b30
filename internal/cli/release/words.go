package release

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

const (
	wordsTimeout = 5 * time.Second // bounds the search for the reason of a failure
	lastLines    = 8
)

// lastWords is the end of the probe's log, for people; empty if it has none.
func (p *probe) lastWords() string {
	if p.task == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), wordsTimeout)
	defer cancel()
	d, err := p.Definition(ctx, p.definition)
	if err != nil {
		return ""
	}
	var text strings.Builder
	for _, line := range p.TaskLog(ctx, d, p.task, lastLines) {
		fmt.Fprintf(&text, "\n  | %s", line)
	}
	return text.String()
}

// TaskLog returns the last lines that a task's containers wrote to CloudWatch
// Logs; none if they write elsewhere or nothing.
func (c *Client) TaskLog(ctx context.Context, d types.TaskDefinition, task string, most int32) (lines []string) {
	id := task[strings.LastIndex(task, "/")+1:]
	for _, container := range d.ContainerDefinitions {
		l := container.LogConfiguration
		if l == nil || l.LogDriver != types.LogDriverAwslogs {
			continue
		}
		group, stream := l.Options["awslogs-group"], l.Options["awslogs-stream-prefix"]+"/"+aws.ToString(container.Name)+"/"+id
		out, err := c.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: &group, LogStreamName: &stream, Limit: &most})
		if err != nil {
			continue
		}
		for _, e := range out.Events {
			lines = append(lines, strings.TrimRight(aws.ToString(e.Message), "\n"))
		}
	}
	return lines
}
