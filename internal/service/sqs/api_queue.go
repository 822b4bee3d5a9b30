package sqs

import (
	"context"
	"maps"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/sqsapi"
	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

func (s *Service) createQueue(ctx context.Context, call *api.Call, in *sqsapi.CreateQueueRequest) (*sqsapi.CreateQueueResult, error) {
	name := *in.QueueName
	fifo := strings.HasSuffix(name, ".fifo")
	switch {
	case !isQueueName(name):
		return nil, api.Invalid("InvalidParameterValue", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	case fifo != (in.Attributes["FifoQueue"] == "true"):
		return nil, api.Invalid("InvalidParameterValue", "The name of a FIFO queue, and of no other, ends in .fifo.")
	}
	if err := checkAttributes(in.Attributes, fifo); err != nil {
		return nil, err
	}
	if err := tag.Tags(in.Tags).Validate(); err != nil {
		return nil, api.Invalid("InvalidParameterValue", "%v", err)
	}
	key := scopeOf(call).Key(name)
	q := Queue{Key: key, Spec: QueueSpec{Name: name, Attributes: set(nil, in.Attributes), Tags: in.Tags, Created: call.Now, Modified: call.Now}}
	return &sqsapi.CreateQueueResult{QueueUrl: api.Ptr(s.url(key))}, s.store.Update(ctx, func(tx *store.Tx) error {
		if old, ok := Queues.Get(tx, key); ok {
			return same(old, in.Attributes)
		}
		if err := checkRedrive(tx, q, in.Attributes["RedrivePolicy"]); err != nil {
			return err
		}
		Queues.Put(tx, q)
		return nil
	})
}

// same refuses to create a queue that is there with other attributes.
func same(old Queue, attributes map[string]string) error {
	for name, value := range attributes {
		if value != "" && old.attribute(name) != value {
			return fault("QueueNameExists", "A queue already exists with the same name and a different value for attribute %s", name)
		}
	}
	return nil
}

// set returns the attributes with others laid over them; an empty one takes away.
func set(old, others map[string]string) map[string]string {
	out := maps.Clone(old)
	if out == nil {
		out = map[string]string{}
	}
	for name, value := range others {
		if out[name] = value; value == "" {
			delete(out, name)
		}
	}
	return out
}

func (s *Service) deleteQueue(ctx context.Context, call *api.Call, in *sqsapi.DeleteQueueRequest) (*sqsapi.DeleteQueueOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		q, err := findQueue(tx, call, in.QueueUrl)
		if err != nil {
			return err
		}
		Queues.Delete(tx, q.Key)
		counters.Delete(tx, q.Key)
		clear(tx, q.Key)
		return nil
	})
}

// clear drops a queue's messages and what it remembers of them.
func clear(tx *store.Tx, queue string) {
	for key := range Messages.Prefix(tx, queue+":") {
		Messages.Delete(tx, key)
	}
	for key := range dedups.Prefix(tx, queue+":") {
		dedups.Delete(tx, key)
	}
}

// purgePause is how long SQS wants between two purges of a queue.
const purgePause = time.Minute

func (s *Service) purgeQueue(ctx context.Context, call *api.Call, in *sqsapi.PurgeQueueRequest) (*sqsapi.PurgeQueueOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		q, err := findQueue(tx, call, in.QueueUrl)
		if err != nil {
			return err
		}
		if call.Now.Sub(q.Spec.Purged) < purgePause {
			return fault("PurgeQueueInProgress", "Only one PurgeQueue operation on %s is allowed every 60 seconds.", q.Spec.Name)
		}
		q.Spec.Purged = call.Now
		Queues.Put(tx, q)
		for key := range Messages.Prefix(tx, q.Key+":") {
			Messages.Delete(tx, key)
		}
		return nil
	})
}

func (s *Service) getQueueURL(_ context.Context, call *api.Call, in *sqsapi.GetQueueUrlRequest) (*sqsapi.GetQueueUrlResult, error) {
	scope := arn.Scope{Account: api.Or(in.QueueOwnerAWSAccountId, call.Account), Region: call.Region}
	key := scope.Key(*in.QueueName)
	if _, ok := Queues.Get(s.store.Snapshot(), key); !ok {
		return nil, errNoQueue
	}
	return &sqsapi.GetQueueUrlResult{QueueUrl: api.Ptr(s.url(key))}, nil
}

func (s *Service) listQueues(_ context.Context, call *api.Call, in *sqsapi.ListQueuesRequest) (*sqsapi.ListQueuesResult, error) {
	var urls []string
	for key := range Queues.Prefix(s.store.Snapshot(), scopeOf(call).Key(api.Val(in.QueueNamePrefix))) {
		urls = append(urls, s.url(key))
	}
	urls, token, err := page(urls, in.MaxResults, in.NextToken)
	return &sqsapi.ListQueuesResult{QueueUrls: urls, NextToken: token}, err
}

func (s *Service) listDeadLetterSourceQueues(_ context.Context, call *api.Call, in *sqsapi.ListDeadLetterSourceQueuesRequest) (*sqsapi.ListDeadLetterSourceQueuesResult, error) {
	snap := s.store.Snapshot()
	own, err := findQueue(snap, call, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	urls := []string{}
	for key, q := range Queues.Prefix(snap, scopeOf(call).Prefix()) {
		if r, ok := q.redrive(); ok && r.target == queueARN(own.Key) {
			urls = append(urls, s.url(key))
		}
	}
	urls, token, err := page(urls, in.MaxResults, in.NextToken)
	return &sqsapi.ListDeadLetterSourceQueuesResult{QueueUrls: urls, NextToken: token}, err
}
