package logs

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/dataplane/logfile"
	"apex/internal/service/s3"
	"apex/internal/store"
)

// deliverTimeout is how long an HTTP destination may take for one delivery.
const deliverTimeout = 10 * time.Second

// A payload is what destinations are sent, gzipped (source: AWS's user guide,
// "Subscription filters").
type payload struct {
	MessageType         string         `json:"messageType"`
	Owner               string         `json:"owner"`
	LogGroup            string         `json:"logGroup"`
	LogStream           string         `json:"logStream"`
	SubscriptionFilters []string       `json:"subscriptionFilters"`
	LogEvents           []payloadEvent `json:"logEvents"`
}

type payloadEvent struct {
	ID        string `json:"id"`
	Timestamp int64  `json:"timestamp"`
	Message   string `json:"message"`
}

// controlMessage asks a destination whether it is there.
func controlMessage(now time.Time) payload {
	return payload{
		MessageType: "CONTROL_MESSAGE", Owner: "CloudwatchLogs", SubscriptionFilters: []string{},
		LogEvents: []payloadEvent{{Timestamp: now.UnixMilli(), Message: "CWL CONTROL MESSAGE: Checking health of destination."}},
	}
}

func dataMessage(filter SubscriptionFilter, stream Stream, events []logfile.Event) payload {
	scope, _ := arn.SplitKey(filter.Key)
	p := payload{
		MessageType: "DATA_MESSAGE", Owner: scope.Account, LogGroup: *filter.Spec.LogGroupName, LogStream: stream.Spec.Name,
		SubscriptionFilters: []string{*filter.Spec.FilterName},
	}
	for _, e := range events {
		p.LogEvents = append(p.LogEvents, payloadEvent{eventID(stream.Spec.Name, e.Position), e.Time.UnixMilli(), string(e.Message)})
	}
	return p
}

// deliver sends matching events of one stream to a filter's destination.
func (s *Service) deliver(ctx context.Context, snap store.Snapshot, filter SubscriptionFilter, stream Stream, events []logfile.Event) error {
	scope, _ := arn.SplitKey(filter.Key)
	to, _ := parseDestination(scope, api.Val(filter.Spec.DestinationArn))
	if to.group != "" {
		return s.deliverToGroup(ctx, scope, to.group, stream, events)
	}
	return s.send(ctx, snap, scope, to, dataMessage(filter, stream, events))
}

// send sends a payload to a URL or a bucket.
func (s *Service) send(ctx context.Context, snap store.Snapshot, scope arn.Scope, to destination, p payload) error {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := errors.Join(json.NewEncoder(z).Encode(p), z.Close()); err != nil {
		return err
	}
	if to.url != "" {
		return post(ctx, to.url, &b)
	}
	if p.MessageType == "CONTROL_MESSAGE" || to.bucket == "" {
		return nil // the bucket was seen when the filter was put
	}
	name := strings.Trim(strings.ReplaceAll(p.LogGroup, "/", "-"), "-") + "-" + s.now().UTC().Format("2006-01-02-15-04-05") + "-" + awsid.UUID() + ".gz"
	key := strings.TrimPrefix(to.prefix+"/"+s.now().UTC().Format("2006/01/02/15/")+name, "/")
	return s3.Deliver(snap, s.env, scope, to.bucket, key, "application/x-gzip", &b)
}

// post sends a gzipped payload; any answer but 2xx is a fault.
func post(ctx context.Context, url string, body io.Reader) error {
	ctx, cancel := context.WithTimeout(ctx, deliverTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Content-Encoding", "gzip")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("deliver: %w", err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)); err != nil {
		return fmt.Errorf("deliver to %s: %w", url, err)
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("deliver to %s: answered %s", url, answer.Status)
	}
	return nil
}

// deliverToGroup appends events to the stream of the same name in another group.
func (s *Service) deliverToGroup(ctx context.Context, scope arn.Scope, group string, stream Stream, events []logfile.Event) error {
	_, name := arn.SplitKey(group)
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		return EnsureStream(tx, scope, name, stream.Spec.Name, s.now())
	})
	if err != nil {
		return fmt.Errorf("deliver: %w", err)
	}
	return s.writers.appendTo(StreamDir(s.home, scope, name, stream.Spec.Name), events)
}
