package logs

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"apex/internal/regiontest"
)

const group = "/story/server"

// A story is a region with a log group.
type story struct {
	*regiontest.Region
	*sdk.Client
	t *testing.T
}

func begin(t *testing.T, streams ...string) *story {
	r := regiontest.Start(t)
	s := &story{r, sdk.NewFromConfig(r.AWS(t)), t}
	s.must(s.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: aws.String(group)}))
	for _, name := range streams {
		s.must(s.CreateLogStream(t.Context(), &sdk.CreateLogStreamInput{LogGroupName: aws.String(group), LogStreamName: &name}))
	}
	return s
}

func (s *story) must(_ any, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err, s.LogTail())
	}
}

func (s *story) put(stream string, at time.Time, messages ...string) {
	s.t.Helper()
	in := &sdk.PutLogEventsInput{LogGroupName: aws.String(group), LogStreamName: &stream}
	for _, m := range messages {
		in.LogEvents = append(in.LogEvents, types.InputLogEvent{Timestamp: aws.Int64(at.UnixMilli()), Message: &m})
	}
	s.must(s.PutLogEvents(s.t.Context(), in))
}

// awsEnv is what apex env gives a shell.
func (s *story) awsEnv() []string {
	env := s.Env()
	for _, line := range strings.Split(s.Apex(s.t, "env"), "\n") {
		if line, ok := strings.CutPrefix(line, "export "); ok {
			env = append(env, strings.ReplaceAll(line, "'", ""))
		}
	}
	return env
}

// cli2 finds an AWS CLI that has `logs tail`: version 2.
func cli2(t *testing.T) string {
	for _, dir := range strings.Split(os.Getenv("PATH"), ":") {
		path := dir + "/aws"
		if out, err := exec.Command(path, "--version").Output(); err == nil && strings.HasPrefix(string(out), "aws-cli/2") {
			return path
		}
	}
	t.Skip("SKIPPED: no AWS CLI of version 2")
	return ""
}

func TestTailFollowsInTheRealCLI(t *testing.T) {
	path := cli2(t)
	s := begin(t, "a", "b")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "logs", "tail", group, "--follow", "--format", "short", "--since", "10m")
	cmd.Env, cmd.Stderr = append(s.awsEnv(), "PYTHONUNBUFFERED=1"), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.put("a", time.Now(), "already there")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for i, want := range []string{"already there", "first", "second", "third"} {
		if i > 0 {
			s.put([]string{"a", "b"}[i%2], time.Now(), want)
		}
		if !lines.Scan() || !strings.HasSuffix(lines.Text(), want) {
			t.Fatalf("line %q, want %s", lines.Text(), want)
		}
	}
	cancel()
	cmd.Wait()
}

func TestLiveTailOverTheEndpoint(t *testing.T) {
	s := begin(t, "a")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := s.StartLiveTail(ctx, &sdk.StartLiveTailInput{LogGroupIdentifiers: []string{"arn:aws:logs:us-east-1:000000000000:log-group:" + group}}, func(o *sdk.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("plainHost", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				return next.HandleInitialize(smithyhttp.DisableEndpointHostPrefix(ctx, true), in)
			}), middleware.Before)
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	stream := out.GetStream()
	defer stream.Close()
	for e := range stream.Events() {
		switch e := e.(type) {
		case *types.StartLiveTailResponseStreamMemberSessionStart:
			s.put("a", time.Now(), "as it happens")
		case *types.StartLiveTailResponseStreamMemberSessionUpdate:
			if shown := e.Value.SessionResults; len(shown) > 0 {
				if *shown[0].Message != "as it happens" {
					t.Errorf("shown: %s", *shown[0].Message)
				}
				return
			}
		}
	}
	t.Errorf("the session ended: %v", stream.Err())
}

// Every line makes its metric once, though the region is killed again and again
// between and under the lines.
func TestMetricOfLinesThroughKills(t *testing.T) {
	s := begin(t, "a")
	s.must(s.PutMetricFilter(t.Context(), &sdk.PutMetricFilterInput{
		LogGroupName: aws.String(group), FilterName: aws.String("errors"), FilterPattern: aws.String("ERROR"),
		MetricTransformations: []types.MetricTransformation{{MetricName: aws.String("Errors"), MetricNamespace: aws.String("story"), MetricValue: aws.String("1")}},
	}))
	metrics, start, total := cloudwatch.NewFromConfig(s.AWS(t)), time.Now().Add(-time.Minute), 0
	sum := func() (n float64) {
		out, err := metrics.GetMetricStatistics(t.Context(), &cloudwatch.GetMetricStatisticsInput{
			Namespace: aws.String("story"), MetricName: aws.String("Errors"), Period: aws.Int32(60), Statistics: []cwtypes.Statistic{cwtypes.StatisticSum},
			StartTime: &start, EndTime: aws.Time(time.Now().Add(time.Minute)),
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range out.Datapoints {
			n += *p.Sum
		}
		return n
	}
	for round := range 4 {
		for range 5 {
			s.put("a", time.Now(), "ERROR one", "fine", "ERROR two")
			total += 2
		}
		if round%2 == 0 { // before the feed has looked, or after
			regiontest.Await(t, "the lines are counted", func() bool { return sum() == float64(total) })
			time.Sleep(50 * time.Millisecond)
		}
		s.Kill(t)
		s.StartDaemon(t)
	}
	regiontest.Await(t, fmt.Sprint(total, " lines are counted"), func() bool { return sum() == float64(total) })
	time.Sleep(3 * time.Second)
	if got := sum(); got != float64(total) {
		t.Errorf("%g lines counted of %d", got, total)
	}
	out, err := s.FilterLogEvents(t.Context(), &sdk.FilterLogEventsInput{LogGroupName: aws.String(group), FilterPattern: aws.String("ERROR")})
	if err != nil || len(out.Events) != total {
		t.Errorf("%d lines kept of %d, %v", len(out.Events), total, err)
	}
}

// A group whose events are older than its retention is emptied: in answers at
// once, and on the disk.
func TestRetentionEmptiesAGroup(t *testing.T) {
	s := begin(t, "old", "both")
	long := strings.Repeat("x", 1000)
	var lines []string
	for range 900 {
		lines = append(lines, long)
	}
	s.put("old", time.Now().AddDate(0, 0, -2), lines...)
	s.put("both", time.Now().AddDate(0, 0, -2), "older")
	s.put("both", time.Now(), "newer")
	stored := func() int64 {
		out, err := s.DescribeLogGroups(t.Context(), &sdk.DescribeLogGroupsInput{})
		if err != nil {
			t.Fatal(err)
		}
		return *out.LogGroups[0].StoredBytes
	}
	regiontest.Await(t, "the group's size is seen", func() bool { return stored() > 900_000 })
	s.must(s.PutRetentionPolicy(t.Context(), &sdk.PutRetentionPolicyInput{LogGroupName: aws.String(group), RetentionInDays: aws.Int32(1)}))
	out, err := s.FilterLogEvents(t.Context(), &sdk.FilterLogEventsInput{LogGroupName: aws.String(group)})
	if err != nil || len(out.Events) != 1 || *out.Events[0].Message != "newer" {
		t.Errorf("%d events, %v", len(out.Events), err)
	}
	regiontest.Await(t, "the disk is emptied", func() bool { return stored() < 10_000 })
}
