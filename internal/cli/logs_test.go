package cli

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"apex/internal/service/logs"
	"apex/internal/service/s3"
	"apex/internal/service/servicetest"
)

// readerOf returns a reader of a region with lines of two tasks.
func readerOf(t *testing.T) (*logReader, *app, *bytes.Buffer) {
	t.Helper()
	env := servicetest.Env(t, append(logs.Tables(), s3.Tables()...)...)
	service := logs.New(env)
	servicetest.Run(t, env, service.Controllers()...)
	t.Cleanup(func() { service.Stop(t.Context()) })
	r := &logReader{client: cloudwatchlogs.NewFromConfig(servicetest.Config(t, env, service.Routes()))}
	name := aws.String("/apexai-dev/server")
	if _, err := r.client.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: name}); err != nil {
		t.Fatal(err)
	}
	for i, stream := range []string{"server/server/aaa111", "server/server/bbb222"} {
		if _, err := r.client.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: name, LogStreamName: &stream}); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-time.Minute + time.Duration(i)*time.Second).UnixMilli()
		if _, err := r.client.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{
			LogGroupName: name, LogStreamName: &stream, LogEvents: []types.InputLogEvent{
				{Timestamp: &at, Message: aws.String(`{"level":"info","took":5}`)}, {Timestamp: &at, Message: aws.String(`{"level":"error","took":7}`)},
			},
		}); err != nil {
			t.Fatal(err)
		}
	}
	out := new(bytes.Buffer)
	a := &app{ctx: t.Context(), stdout: out, stderr: new(bytes.Buffer)}
	if err := r.find(t.Context(), target{Stack: "apexai", Environment: "dev"}, "server"); err != nil {
		t.Fatal(err)
	}
	r.from = time.Now().Add(-time.Hour)
	return r, a, out
}

func TestLogsQuery(t *testing.T) {
	r, a, out := readerOf(t)
	if err := r.query(a, "stats count(*) as n, sum(took) as total by level | sort n, level desc"); err != nil {
		t.Fatal(err)
	}
	if want := "LEVEL   N   TOTAL\ninfo    2   10\nerror   2   14\n"; out.String() != want {
		t.Errorf("printed\n%s, want\n%s", out, want)
	}
	out.Reset()
	r.json = true
	if err := r.query(a, "filter level = 'error' | limit 1 | display took"); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(strings.Fields(out.String()), ""); got != `[{"took":"7"}]` {
		t.Errorf("printed %s", got)
	}
}

func TestLogsQueryFault(t *testing.T) {
	r, a, _ := readerOf(t)
	err := r.query(a, "fields level\n| fliter took > 5")
	if err == nil || !strings.HasSuffix(err.Error(), "\n  | fliter took > 5\n    ^^^^^^") {
		t.Errorf("%v", err)
	}
}

func TestLogsOfATask(t *testing.T) {
	for name, tt := range map[string]struct {
		edit func(*logReader)
		want string // words of each line
	}{
		"task": {func(r *logReader) { r.task = "bbb" }, "server/bbb222 server/bbb222"},
		"grep": {func(r *logReader) { r.grep = regexp.MustCompile("error") }, "server/aaa111 server/bbb222"},
	} {
		r, a, out := readerOf(t)
		tt.edit(r)
		if err := r.print(a, 0, false); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
			got = append(got, strings.Fields(line)[1])
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v, want %s", name, got, tt.want)
		}
	}
}

func TestLogsInJSON(t *testing.T) {
	r, a, out := readerOf(t)
	r.json = true
	if err := r.print(a, 1, false); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.HasPrefix(got, `{"message":"{\"level\":\"error\",\"took\":7}","service":"server","task":"bbb222","time":"`) || strings.Count(got, "\n") != 1 {
		t.Errorf("printed %s", got)
	}
}
