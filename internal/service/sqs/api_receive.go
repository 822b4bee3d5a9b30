package sqs

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/sqsapi"
	"apex/internal/awsid"
	"apex/internal/store"
)

func (s *Service) receiveMessage(ctx context.Context, call *api.Call, in *sqsapi.ReceiveMessageRequest) (*sqsapi.ReceiveMessageResult, error) {
	q, err := findQueue(s.store.Snapshot(), call, in.QueueUrl)
	if err == nil {
		err = checkReceive(in)
	}
	if err != nil {
		return nil, err
	}
	wait := q.seconds("ReceiveMessageWaitTimeSeconds")
	if in.WaitTimeSeconds != nil {
		wait = time.Duration(*in.WaitTimeSeconds) * time.Second
	}
	until := s.now().Add(wait)
	for {
		messages, err := s.take(ctx, q.Key, in)
		if err != nil || len(messages) > 0 || !s.now().Before(until) {
			return &sqsapi.ReceiveMessageResult{Messages: messages}, err
		}
		if err := s.await(ctx, q.Key, until); err != nil {
			return nil, err
		}
	}
}

func checkReceive(in *sqsapi.ReceiveMessageRequest) error {
	switch n, v, w := api.Or(in.MaxNumberOfMessages, 1), api.Val(in.VisibilityTimeout), api.Val(in.WaitTimeSeconds); {
	case n < 1 || n > 10:
		return badValue("MaxNumberOfMessages", strconv.FormatInt(n, 10), "Must be between 1 and 10, if provided.")
	case v < 0 || v > 43200:
		return badValue("VisibilityTimeout", strconv.FormatInt(v, 10), "Must be between 0 and 43200, if provided.")
	case w < 0 || w > 20:
		return badValue("WaitTimeSeconds", strconv.FormatInt(w, 10), "Must be >= 0 and <= 20, if provided.")
	}
	return nil
}

// await returns when there may be a message, or at the time until.
func (s *Service) await(ctx context.Context, queue string, until time.Time) error {
	q, ok := Queues.Get(s.store.Snapshot(), queue)
	if !ok {
		return errNoQueue
	}
	now := s.now()
	if _, then := pick(kept(s.store.Snapshot(), q, now), q.fifo(), 1, now); !then.IsZero() && then.Before(until) {
		until = then
	}
	waiting, cancel := context.WithTimeout(ctx, until.Sub(now))
	defer cancel()
	_ = s.store.Wait(waiting, func(snap store.Snapshot) bool { // its error is that the time is over
		at := s.now()
		q, ok := Queues.Get(snap, queue)
		found, then := pick(kept(snap, q, at), q.fifo(), 1, at)
		return !ok || len(found) > 0 || !then.IsZero() && then.Before(until)
	})
	return ctx.Err()
}

// kept yields a queue's messages that are not too old.
func kept(r store.Reader, q Queue, now time.Time) iter.Seq[Message] {
	return func(yield func(Message) bool) {
		for _, m := range Messages.Prefix(r, q.Key+":") {
			if !q.expired(m, now) && !yield(m) {
				return
			}
		}
	}
}

// take hides messages from other receivers and returns them.
func (s *Service) take(ctx context.Context, queue string, in *sqsapi.ReceiveMessageRequest) (out []sqsapi.Message, err error) {
	now := s.now().UTC()
	if empty(s.store.Snapshot(), queue, now) {
		return nil, nil // without a write
	}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		out = nil
		q, ok := Queues.Get(tx, queue)
		if !ok {
			return errNoQueue
		}
		hide := q.seconds("VisibilityTimeout")
		if in.VisibilityTimeout != nil {
			hide = time.Duration(*in.VisibilityTimeout) * time.Second
		}
		chosen, _ := pick(kept(tx, q, now), q.fifo(), int(api.Or(in.MaxNumberOfMessages, 1)), now)
		for _, m := range chosen {
			if bury(tx, q, m) {
				continue
			}
			m.Spec.Received++
			if m.Spec.First.IsZero() {
				m.Spec.First = now
			}
			m.Spec.Visible, m.Spec.Receipt = now.Add(hide), awsid.Hex(32)
			Messages.Put(tx, m)
			out = append(out, shown(m, in))
		}
		return nil
	})
}

func empty(r store.Reader, queue string, now time.Time) bool {
	q, ok := Queues.Get(r, queue)
	found, _ := pick(kept(r, q, now), q.fifo(), 1, now)
	return ok && len(found) == 0
}

// shown is a message as its receiver gets it.
func shown(m Message, in *sqsapi.ReceiveMessageRequest) sqsapi.Message {
	out := sqsapi.Message{
		MessageId: &m.Spec.ID, Body: &m.Spec.Body, MD5OfBody: api.Ptr(digest(m.Spec.Body)),
		ReceiptHandle: api.Ptr(handleOf(m.number(), m.Spec.Receipt)),
	}
	wanted := slices.Concat(in.AttributeNames, in.MessageSystemAttributeNames)
	for name, value := range systemAttributes(m) {
		if value != "" && (slices.Contains(wanted, "All") || slices.Contains(wanted, name)) {
			if out.Attributes == nil {
				out.Attributes = map[string]string{}
			}
			out.Attributes[name] = value
		}
	}
	chosen := map[string]Attribute{}
	for name, a := range m.Spec.Attributes {
		if slices.ContainsFunc(in.MessageAttributeNames, func(want string) bool { return named(want, name) }) {
			chosen[name] = a
		}
	}
	if len(chosen) == 0 {
		return out
	}
	out.MD5OfMessageAttributes = api.Ptr(digestOf(chosen))
	out.MessageAttributes = map[string]sqsapi.MessageAttributeValue{}
	for name, a := range chosen {
		value := sqsapi.MessageAttributeValue{DataType: api.Ptr(a.Type), BinaryValue: a.Binary}
		if len(a.Binary) == 0 {
			value.StringValue = api.Ptr(a.String)
		}
		out.MessageAttributes[name] = value
	}
	return out
}

// named tells whether a receiver that asks for want gets the attribute.
func named(want, name string) bool {
	prefix, open := strings.CutSuffix(want, ".*")
	return want == "All" || want == name || open && (prefix == "" || strings.HasPrefix(name, prefix+"."))
}

func systemAttributes(m Message) map[string]string {
	millis := func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
	out := map[string]string{
		"SenderId": m.Spec.Sender, "SentTimestamp": millis(m.Spec.Sent),
		"ApproximateReceiveCount": strconv.Itoa(m.Spec.Received), "ApproximateFirstReceiveTimestamp": millis(m.Spec.First),
		"AWSTraceHeader": m.Spec.Trace, "MessageGroupId": m.Spec.Group, "DeadLetterQueueSourceArn": m.Spec.Source,
	}
	if m.Spec.Dedup != "" {
		maps.Copy(out, map[string]string{"MessageDeduplicationId": m.Spec.Dedup, "SequenceNumber": m.number()})
	}
	return out
}
