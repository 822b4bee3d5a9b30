package logs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"apex/internal/dataplane/logfile"
	"apex/internal/service/servicetest"
)

// withoutPrefix tells the SDK to leave the endpoint's name as it is.
func withoutPrefix(o *sdk.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("withoutPrefix", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(smithyhttp.DisableEndpointHostPrefix(ctx, true), in)
		}), middleware.Before)
	})
}

// tail starts a session and returns its stream, once it has begun.
func (f *fixture) tail(in sdk.StartLiveTailInput) *sdk.StartLiveTailEventStream {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), 30*time.Second)
	client := sdk.NewFromConfig(f.cfg) // sessions of one client race with each other within the SDK
	out, err := client.StartLiveTail(ctx, &in, withoutPrefix)
	if err != nil {
		f.t.Fatal(err)
	}
	stream := out.GetStream()
	f.t.Cleanup(func() {
		cancel()
		stream.Close()
	})
	if first, ok := (<-stream.Events()).(*types.StartLiveTailResponseStreamMemberSessionStart); !ok || first.Value.SessionId == nil {
		f.t.Fatalf("the first event is %+v: %v", first, stream.Err())
	}
	return stream
}

// show collects what a session shows until it has so many events.
func show(t *testing.T, stream *sdk.StartLiveTailEventStream, events int) (got string, sampled bool) {
	t.Helper()
	var all []string
	for e := range stream.Events() {
		update, ok := e.(*types.StartLiveTailResponseStreamMemberSessionUpdate)
		if !ok {
			t.Fatalf("event %+v", e)
		}
		sampled = sampled || update.Value.SessionMetadata.Sampled
		for _, r := range update.Value.SessionResults {
			all = append(all, *r.LogStreamName+":"+*r.Message)
		}
		if len(all) >= events {
			return strings.Join(all, " "), sampled
		}
	}
	t.Fatalf("the session ended after %v: %v", all, stream.Err())
	return "", false
}

func TestLiveTail(t *testing.T) {
	f := start(t)
	f.stream("web/1", "job")
	f.put("web/1", time.Minute, "ERROR before")
	arn := GroupARN(scope.Key(group))
	every := f.tail(sdk.StartLiveTailInput{LogGroupIdentifiers: []string{arn}})
	faults := f.tail(sdk.StartLiveTailInput{LogGroupIdentifiers: []string{arn}, LogEventFilterPattern: aws.String("ERROR")})
	web := f.tail(sdk.StartLiveTailInput{LogGroupIdentifiers: []string{arn}, LogStreamNamePrefixes: []string{"web/"}})
	f.put("web/1", time.Minute, "fine", "ERROR one")
	w, err := logfile.OpenWriter(StreamDir(f.env.Home, scope, group, "job"))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.Append(f.now.Now(), []byte("ERROR two"))
	if got, _ := show(t, every, 3); got != "web/1:fine web/1:ERROR one job:ERROR two" {
		t.Errorf("all: %q", got)
	}
	if got, _ := show(t, faults, 2); got != "web/1:ERROR one job:ERROR two" {
		t.Errorf("ERROR: %q", got)
	}
	f.stream("web/2") // a new stream comes in too
	f.put("web/2", time.Second, "new")
	if got, _ := show(t, web, 3); got != "web/1:fine web/1:ERROR one web/2:new" {
		t.Errorf("web/: %q", got)
	}
}

func TestLiveTailShowsASample(t *testing.T) {
	f := start(t)
	f.stream("a")
	stream := f.tail(sdk.StartLiveTailInput{LogGroupIdentifiers: []string{GroupARN(scope.Key(group))}})
	var lines []string
	for i := range 2 * liveEvents {
		lines = append(lines, fmt.Sprint(i))
	}
	f.put("a", time.Hour, lines...)
	if got, sampled := show(t, stream, liveEvents); !sampled || len(strings.Fields(got)) != liveEvents {
		t.Errorf("sampled %v, %d events", sampled, len(strings.Fields(got)))
	}
}

func TestLiveTailEndsWithItsGroup(t *testing.T) {
	f := start(t)
	stream := f.tail(sdk.StartLiveTailInput{LogGroupIdentifiers: []string{group}})
	f.must(f.DeleteLogGroup(t.Context(), &sdk.DeleteLogGroupInput{LogGroupName: aws.String(group)}))
	for range stream.Events() {
	}
	if _, ok := errors.AsType[*types.SessionStreamingException](stream.Err()); !ok {
		t.Errorf("%v", stream.Err())
	}
}

func TestLiveTailFaults(t *testing.T) {
	f := start(t)
	for name, tt := range map[string]struct {
		in   sdk.StartLiveTailInput
		want string
	}{
		"unknown group":      {sdk.StartLiveTailInput{LogGroupIdentifiers: []string{"none"}}, "ResourceNotFoundException"},
		"pattern":            {sdk.StartLiveTailInput{LogGroupIdentifiers: []string{group}, LogEventFilterPattern: aws.String("{")}, "InvalidParameterException"},
		"names and prefixes": {sdk.StartLiveTailInput{LogGroupIdentifiers: []string{group}, LogStreamNames: []string{"a"}, LogStreamNamePrefixes: []string{"b"}}, "InvalidParameterException"},
		"streams of several": {sdk.StartLiveTailInput{LogGroupIdentifiers: []string{group, group}, LogStreamNames: []string{"a"}}, "InvalidParameterException"},
	} {
		if _, err := f.StartLiveTail(t.Context(), &tt.in, withoutPrefix); servicetest.Code(err) != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}
