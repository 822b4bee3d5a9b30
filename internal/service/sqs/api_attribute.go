package sqs

import (
	"context"
	"maps"
	"slices"

	"apex/internal/api"
	"apex/internal/api/sqsapi"
	"apex/internal/store"
	"apex/internal/tag"
)

func (s *Service) getQueueAttributes(_ context.Context, call *api.Call, in *sqsapi.GetQueueAttributesRequest) (*sqsapi.GetQueueAttributesResult, error) {
	snap := s.store.Snapshot()
	q, err := findQueue(snap, call, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for name, value := range q.describe(snap, call.Now) {
		if slices.Contains(in.AttributeNames, "All") || slices.Contains(in.AttributeNames, name) {
			out[name] = value
		}
	}
	return &sqsapi.GetQueueAttributesResult{Attributes: out}, nil
}

func (s *Service) setQueueAttributes(ctx context.Context, call *api.Call, in *sqsapi.SetQueueAttributesRequest) (*sqsapi.SetQueueAttributesOutput, error) {
	return nil, s.change(ctx, call, in.QueueUrl, func(tx *store.Tx, q *Queue) error {
		if err := checkAttributes(in.Attributes, q.fifo()); err != nil {
			return err
		}
		if value, given := in.Attributes["FifoQueue"]; given && value != q.attribute("FifoQueue") {
			return fault("InvalidAttributeName", "FifoQueue cannot be changed.")
		}
		if err := checkRedrive(tx, *q, in.Attributes["RedrivePolicy"]); err != nil {
			return err
		}
		q.Spec.Attributes = set(q.Spec.Attributes, in.Attributes)
		if in.Attributes["SqsManagedSseEnabled"] == "true" {
			delete(q.Spec.Attributes, "KmsMasterKeyId")
		}
		q.Spec.Modified = call.Now
		return nil
	})
}

// change edits the queue that a URL names.
func (s *Service) change(ctx context.Context, call *api.Call, url *string, edit func(*store.Tx, *Queue) error) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		q, err := findQueue(tx, call, url)
		if err != nil {
			return err
		}
		if err := edit(tx, &q); err != nil {
			return err
		}
		Queues.Put(tx, q)
		return nil
	})
}

func (s *Service) listQueueTags(_ context.Context, call *api.Call, in *sqsapi.ListQueueTagsRequest) (*sqsapi.ListQueueTagsResult, error) {
	q, err := findQueue(s.store.Snapshot(), call, in.QueueUrl)
	return &sqsapi.ListQueueTagsResult{Tags: maps.Clone(q.Spec.Tags)}, err
}

func (s *Service) tagQueue(ctx context.Context, call *api.Call, in *sqsapi.TagQueueRequest) (*sqsapi.TagQueueOutput, error) {
	if err := tag.Tags(in.Tags).Validate(); err != nil {
		return nil, api.Invalid("InvalidParameterValue", "%v", err)
	}
	return nil, s.change(ctx, call, in.QueueUrl, func(_ *store.Tx, q *Queue) error {
		if q.Spec.Tags = q.Spec.Tags.With(in.Tags); len(q.Spec.Tags) > tag.MaxCount {
			return api.Invalid("InvalidParameterValue", "Too many tags added for queue %s.", q.Spec.Name)
		}
		return nil
	})
}

func (s *Service) untagQueue(ctx context.Context, call *api.Call, in *sqsapi.UntagQueueRequest) (*sqsapi.UntagQueueOutput, error) {
	return nil, s.change(ctx, call, in.QueueUrl, func(_ *store.Tx, q *Queue) error {
		q.Spec.Tags = q.Spec.Tags.Without(in.TagKeys...)
		return nil
	})
}
