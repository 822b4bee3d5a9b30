package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

type logsCmd struct {
	targetFlags
	Service  string         `arg:"" optional:"" help:"The service; all by default."`
	Follow   bool           `short:"f" help:"Go on with what is written from now on."`
	Since    time.Duration  `help:"How far to look back." default:"1h"`
	Lines    int            `short:"n" help:"How many lines at most before following; 0 is all." default:"100"`
	Grep     *regexp.Regexp `help:"Only lines that match the regular expression."`
	Task     string         `help:"Only the task whose id begins so." placeholder:"ID"`
	Previous bool           `short:"p" help:"Only each service's newest task that runs no more."`
	Query    string         `help:"Run a Logs Insights query over the lines instead of printing them." placeholder:"QUERY"`
	Output   string         `short:"o" help:"text, or json: an object for each line." enum:"text,json" default:"text"`
	JSON     bool           `name:"json" help:"The same as --output json."`
}

// Run prints events in the order of their time.
func (c logsCmd) Run(a *app) error {
	_, t, cfg, err := c.open()
	if err != nil {
		return err
	}
	r := &logReader{client: cloudwatchlogs.NewFromConfig(cfg), grep: c.Grep, task: c.Task, json: c.JSON || c.Output == "json"}
	if err := r.find(a.ctx, t, c.Service); err != nil {
		return err
	}
	r.from = time.Now().Add(-c.Since)
	if c.Query != "" {
		return r.query(a, c.Query)
	}
	if c.Previous {
		if err := r.onlyPrevious(a.ctx, observer{target: t, ecs: ecs.NewFromConfig(cfg)}); err != nil {
			return err
		}
	}
	return r.print(a, c.Lines, c.Follow)
}

// A logReader reads the log groups of services, each event once.
type logReader struct {
	client *cloudwatchlogs.Client
	groups []logGroup
	grep   *regexp.Regexp
	task   string // how a task's id begins
	json   bool
	from   time.Time
	seen   map[string]int64 // times of events at or after from, by event id
}

type logGroup struct {
	name, service string
	streams       []string // nil is all
}

// logLine is an event of a service.
type logLine struct {
	time    int64
	service string
	task    string
	message string
}

// find looks up the log groups of a service, or of all.
func (r *logReader) find(ctx context.Context, t target, service string) error {
	prefix := "/" + t.prefix() + "/"
	out, err := r.client.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &prefix})
	if err != nil {
		return fmt.Errorf("find log groups: %w", err)
	}
	var names []string
	for _, g := range out.LogGroups {
		name := strings.TrimPrefix(aws.ToString(g.LogGroupName), prefix)
		names = append(names, name)
		if service == "" || service == name {
			r.groups = append(r.groups, logGroup{name: *g.LogGroupName, service: name})
		}
	}
	if len(r.groups) == 0 {
		return hinted(fmt.Errorf("logs of %s: no such service", cmp.Or(service, t.prefix())), "services with logs: "+cmp.Or(strings.Join(names, ", "), "none"))
	}
	return nil
}

// followEvery is the time between two looks at a log that is followed.
const followEvery = 500 * time.Millisecond

func (r *logReader) print(a *app, last int, follow bool) error {
	lines, err := r.read(a.ctx)
	if last > 0 && len(lines) > last {
		lines = lines[len(lines)-last:]
	}
	for failures := 0; ; {
		if err == nil {
			failures = 0
			err = r.write(a.stdout, lines)
		} else if failures++; follow && failures < 60 { // the region may be starting again
			err = nil
		}
		if err != nil || !follow {
			return err
		}
		select {
		case <-a.ctx.Done():
			return nil
		case <-time.After(followEvery):
		}
		lines, err = r.read(a.ctx)
		if a.ctx.Err() != nil {
			return nil
		}
	}
}

// read returns events that no earlier read returned.
func (r *logReader) read(ctx context.Context) (lines []logLine, err error) {
	seen := map[string]int64{}
	for _, g := range r.groups {
		pages := cloudwatchlogs.NewFilterLogEventsPaginator(filterLogEvents(r.client.FilterLogEvents), &cloudwatchlogs.FilterLogEventsInput{
			LogGroupName: &g.name, StartTime: aws.Int64(r.from.UnixMilli()), LogStreamNames: g.streams,
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, fmt.Errorf("read logs of %s: %w", g.service, err)
			}
			for _, e := range page.Events {
				id := g.name + aws.ToString(e.EventId)
				seen[id] = aws.ToInt64(e.Timestamp)
				if _, old := r.seen[id]; !old && r.wanted(e) {
					lines = append(lines, newLogLine(g.service, e))
				}
			}
		}
	}
	r.advance(seen)
	slices.SortStableFunc(lines, func(a, b logLine) int { return cmp.Compare(a.time, b.time) })
	return lines, nil
}

// lateBy is how long after others an event of an earlier time may come in.
const lateBy = 5 * time.Second

// advance moves the start of the next read on, and forgets events before it.
func (r *logReader) advance(seen map[string]int64) {
	if from := time.Now().Add(-lateBy); from.After(r.from) {
		r.from = from
	}
	r.seen = seen
	for id, t := range seen {
		if t < r.from.UnixMilli() {
			delete(r.seen, id)
		}
	}
}

func (r *logReader) wanted(e types.FilteredLogEvent) bool {
	return strings.HasPrefix(taskOf(aws.ToString(e.LogStreamName)), r.task) &&
		(r.grep == nil || r.grep.MatchString(aws.ToString(e.Message)))
}

// taskOf is the id of the task that writes a stream.
func taskOf(stream string) string { return stream[strings.LastIndexByte(stream, '/')+1:] }

// onlyPrevious leaves of each group the stream of its newest task that has ended.
func (r *logReader) onlyPrevious(ctx context.Context, o observer) error {
	for i, g := range r.groups {
		tasks, err := o.tasks(ctx, g.service)
		if err != nil {
			return err
		}
		out, err := r.client.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{
			LogGroupName: &g.name, OrderBy: types.OrderByLastEventTime, Descending: aws.Bool(true),
		})
		if err != nil {
			return fmt.Errorf("find tasks of %s: %w", g.service, err)
		}
		ended := slices.DeleteFunc(out.LogStreams, func(s types.LogStream) bool {
			return s.LastEventTimestamp == nil || slices.ContainsFunc(tasks, func(t ecstypes.Task) bool {
				return taskIDOf(t) == taskOf(aws.ToString(s.LogStreamName))
			})
		})
		if len(ended) == 0 {
			return fmt.Errorf("logs of %s: no task has ended that wrote any", g.service)
		}
		r.groups[i].streams = []string{aws.ToString(ended[0].LogStreamName)}
		if first := ended[0].FirstEventTimestamp; first != nil && *first < r.from.UnixMilli() {
			r.from = time.UnixMilli(*first)
		}
	}
	return nil
}

func newLogLine(service string, e types.FilteredLogEvent) logLine {
	task := taskOf(aws.ToString(e.LogStreamName))
	return logLine{aws.ToInt64(e.Timestamp), service, task[:min(len(task), 8)], strings.TrimRight(aws.ToString(e.Message), "\n")}
}

func (r *logReader) write(out io.Writer, lines []logLine) error {
	w := bufio.NewWriter(out)
	for _, l := range lines {
		at := time.UnixMilli(l.time).UTC().Format("2006-01-02T15:04:05.000Z")
		if r.json {
			line, err := json.Marshal(map[string]string{"time": at, "service": l.service, "task": l.task, "message": l.message})
			if err != nil {
				return err
			}
			w.Write(append(line, '\n'))
			continue
		}
		fmt.Fprintf(w, "%s %s/%s %s\n", at, l.service, l.task, l.message)
	}
	return w.Flush()
}
