package logs

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"pgregory.net/rapid"

	"apex/internal/dataplane/logfile"
	"apex/internal/service/logs/pattern"
	"apex/internal/service/servicetest"
)

var (
	all  = mustParse("")
	none = mustParse("none")
)

func mustParse(text string) *pattern.Pattern {
	p, err := pattern.Parse(text)
	if err != nil {
		panic(err)
	}
	return p
}

func TestFilter(t *testing.T) {
	f := start(t)
	f.stream("a/1", "a/2", "b")
	f.put("a/1", 60*time.Second, "one", "three error")
	f.put("a/2", 59500*time.Millisecond, "two", "four ERROR")
	f.put("b", 50*time.Second, "five")
	end := aws.Int64(f.now.Now().Add(-59 * time.Second).UnixMilli())
	for want, in := range map[string]sdk.FilterLogEventsInput{
		"a/1:one a/2:two a/1:three error a/2:four ERROR b:five": {},
		"a/1:one a/1:three error":                               {LogStreamNames: []string{"a/1"}},
		"a/1:one a/2:two a/1:three error a/2:four ERROR":        {LogStreamNamePrefix: aws.String("a/")},
		"a/1:three error":                                       {FilterPattern: aws.String("error")},
		"a/1:one a/2:two a/1:three error":                       {EndTime: end},
		"a/1:three error a/2:four ERROR b:five":                 {StartTime: end},
		"":                                                      {FilterPattern: aws.String("none")},
	} {
		for _, limit := range []*int32{nil, aws.Int32(1), aws.Int32(2)} {
			in.Limit = limit
			if got := f.filter(in); got != want {
				t.Errorf("%+v: %q, want %q", in, got, want)
			}
		}
	}
	for name, tt := range map[string]struct {
		in   sdk.FilterLogEventsInput
		want string
	}{
		"no such stream":   {sdk.FilterLogEventsInput{LogStreamNames: []string{"x"}}, "ResourceNotFoundException"},
		"names and prefix": {sdk.FilterLogEventsInput{LogStreamNames: []string{"b"}, LogStreamNamePrefix: aws.String("b")}, "InvalidParameterException"},
		"bad token":        {sdk.FilterLogEventsInput{NextToken: aws.String("x")}, "InvalidParameterException"},
		"columns":          {sdk.FilterLogEventsInput{FilterPattern: aws.String("[a, b")}, "InvalidParameterException"},
		"regex":            {sdk.FilterLogEventsInput{FilterPattern: aws.String("%(a)%")}, "InvalidParameterException"},
		"open quote":       {sdk.FilterLogEventsInput{FilterPattern: aws.String(`"a`)}, "InvalidParameterException"},
	} {
		tt.in.LogGroupName = aws.String(group)
		if _, err := f.FilterLogEvents(t.Context(), &tt.in); servicetest.Code(err) != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

// A client that follows a group as "aws logs tail --follow" does sees every
// event of every stream once, while tasks write and new streams come.
func TestFollowMissesNothing(t *testing.T) {
	f := start(t)
	const streams, events = 4, 120
	env := f.env
	env.Now = time.Now
	client := sdk.NewFromConfig(servicetest.Config(t, env, f.Routes()))
	begin := time.Now()
	var tasks sync.WaitGroup
	for i := range streams {
		name := fmt.Sprint("task-", i)
		f.stream(name)
		tasks.Go(func() {
			w, err := logfile.OpenWriter(StreamDir(f.env.Home, scope, group, name))
			if err != nil {
				t.Error(err)
				return
			}
			defer w.Close()
			for n := range events {
				stamp := time.Now()
				time.Sleep(time.Duration((n*7+i*3)%9) * time.Millisecond) // between a line's time and its write
				w.Append(stamp, fmt.Append(nil, name, " ", n))
			}
		})
	}
	ended := make(chan struct{})
	go func() { tasks.Wait(); close(ended) }()
	times := follow(t, client, begin, ended)
	if len(times) != streams*events {
		t.Errorf("%d of %d events seen", len(times), streams*events)
	}
	for message, n := range times {
		if n != 1 {
			t.Errorf("%q seen %d times", message, n)
		}
	}
}

// follow asks again and again from the newest time seen, and drops the events
// of that time that it knows; it asks once more after the end.
func follow(t *testing.T, c *sdk.Client, from time.Time, ended <-chan struct{}) map[string]int {
	in := sdk.FilterLogEventsInput{LogGroupName: aws.String(group), StartTime: aws.Int64(from.UnixMilli()), Limit: aws.Int32(37)}
	seen, known := map[string]int{}, map[string]int64{}
	newest := *in.StartTime
	for last := false; ; {
		out, err := c.FilterLogEvents(t.Context(), &in)
		if err != nil {
			t.Error(err)
			return seen
		}
		for _, e := range out.Events {
			if _, ok := known[*e.EventId]; !ok {
				known[*e.EventId] = *e.Timestamp
				seen[*e.Message]++
			}
			newest = max(newest, *e.Timestamp)
		}
		if in.NextToken = out.NextToken; in.NextToken != nil {
			continue
		}
		maps.DeleteFunc(known, func(_ string, at int64) bool { return at < newest })
		in.StartTime = aws.Int64(newest)
		select {
		case <-ended:
			if last {
				return seen
			}
			last = true
		default:
		}
	}
}

// However streams are cut into pages, a merge yields each event once, and in
// order of time where the streams are.
func TestMergeProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		home := t.TempDir()
		dirs, total := map[string]string{}, 0
		for i := range rapid.IntRange(1, 4).Draw(r, "streams") {
			name := fmt.Sprint(i)
			dirs[name] = home + "/" + name
			w, err := logfile.OpenWriter(dirs[name])
			if err != nil {
				r.Fatal(err)
			}
			at := int64(0)
			for range rapid.IntRange(0, 12).Draw(r, "events") {
				at += int64(rapid.IntRange(0, 2).Draw(r, "pause"))
				w.Append(time.UnixMilli(at), []byte(name))
				total++
			}
			w.Close()
		}
		look := search{dirs: dirs, limit: rapid.IntRange(1, 5).Draw(r, "page"), pattern: all}
		seen, last := map[string]bool{}, int64(0)
		for {
			got, err := look.run()
			if err != nil {
				r.Fatal(err)
			}
			for _, e := range got.events {
				if seen[*e.EventId] || *e.Timestamp < last {
					r.Fatalf("event %s at %d after %d", *e.EventId, *e.Timestamp, last)
				}
				seen[*e.EventId], last = true, *e.Timestamp
			}
			if got.token == nil {
				break
			}
			if look.places, err = parsePlaces(*got.token); err != nil {
				r.Fatal(err)
			}
		}
		if len(seen) != total {
			r.Fatalf("%d of %d events", len(seen), total)
		}
	})
}

func BenchmarkFilter(b *testing.B) {
	dirs := map[string]string{}
	const events = 20_000
	for i := range 4 {
		name := fmt.Sprint(i)
		dirs[name] = b.TempDir()
		w, err := logfile.OpenWriter(dirs[name])
		if err != nil {
			b.Fatal(err)
		}
		for n := range events {
			w.Append(time.UnixMilli(int64(n)), []byte(strings.Repeat("x", 150)))
		}
		w.Close()
	}
	b.SetBytes(4 * events * 150)
	for b.Loop() {
		if _, err := (search{dirs: dirs, limit: maxEvents, pattern: none}).run(); err != nil {
			b.Fatal(err)
		}
	}
}
