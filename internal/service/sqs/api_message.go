package sqs

import (
	"context"
	"strconv"
	"time"

	"apex/internal/api"
	"apex/internal/api/sqsapi"
	"apex/internal/store"
)

func (s *Service) deleteMessage(ctx context.Context, call *api.Call, in *sqsapi.DeleteMessageRequest) (*sqsapi.DeleteMessageOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		q, err := findQueue(tx, call, in.QueueUrl)
		if err != nil {
			return err
		}
		return remove(tx, q, *in.ReceiptHandle)
	})
}

// remove deletes the message that a handle is of, unless it was received again
// since: then the handle is an old one. Gone is no error.
func remove(tx *store.Tx, q Queue, handle string) error {
	number, receipt, err := readHandle(handle)
	if err != nil {
		return err
	}
	if m, ok := Messages.Get(tx, messageKey(q.Key, number)); ok && m.Spec.Receipt == receipt {
		Messages.Delete(tx, m.Key)
	}
	return nil
}

func (s *Service) deleteMessageBatch(ctx context.Context, call *api.Call, in *sqsapi.DeleteMessageBatchRequest) (*sqsapi.DeleteMessageBatchResult, error) {
	ids := make([]string, len(in.Entries))
	for i, entry := range in.Entries {
		ids[i] = *entry.Id
	}
	if err := checkBatch(ids); err != nil {
		return nil, err
	}
	out := &sqsapi.DeleteMessageBatchResult{}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		*out = sqsapi.DeleteMessageBatchResult{Successful: []sqsapi.DeleteMessageBatchResultEntry{}, Failed: []sqsapi.BatchResultErrorEntry{}}
		q, err := findQueue(tx, call, in.QueueUrl)
		if err != nil {
			return err
		}
		for _, entry := range in.Entries {
			if err := remove(tx, q, *entry.ReceiptHandle); err != nil {
				out.Failed = append(out.Failed, failed(*entry.Id, err))
				continue
			}
			out.Successful = append(out.Successful, sqsapi.DeleteMessageBatchResultEntry{Id: entry.Id})
		}
		return nil
	})
}

func (s *Service) changeMessageVisibility(ctx context.Context, call *api.Call, in *sqsapi.ChangeMessageVisibilityRequest) (*sqsapi.ChangeMessageVisibilityOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		q, err := findQueue(tx, call, in.QueueUrl)
		if err != nil {
			return err
		}
		return hide(tx, q, *in.ReceiptHandle, *in.VisibilityTimeout, call.Now)
	})
}

// hide changes for how long a message that is being worked on stays invisible.
func hide(tx *store.Tx, q Queue, handle string, seconds int64, now time.Time) error {
	number, receipt, err := readHandle(handle)
	if err != nil {
		return err
	}
	if seconds < 0 || seconds > 43200 {
		return badValue("VisibilityTimeout", strconv.FormatInt(seconds, 10), "VisibilityTimeout must be between 0 and 43200.")
	}
	m, ok := Messages.Get(tx, messageKey(q.Key, number))
	switch {
	case !ok:
		return badValue("ReceiptHandle", handle, "Message does not exist or is not available for visibility timeout change.")
	case m.Spec.Receipt != receipt || !m.Spec.Visible.After(now):
		return fault("MessageNotInflight", "The message referred to isn't in flight.")
	}
	m.Spec.Visible = now.Add(time.Duration(seconds) * time.Second)
	Messages.Put(tx, m)
	return nil
}

func (s *Service) changeMessageVisibilityBatch(ctx context.Context, call *api.Call, in *sqsapi.ChangeMessageVisibilityBatchRequest) (*sqsapi.ChangeMessageVisibilityBatchResult, error) {
	ids := make([]string, len(in.Entries))
	for i, entry := range in.Entries {
		ids[i] = *entry.Id
	}
	if err := checkBatch(ids); err != nil {
		return nil, err
	}
	out := &sqsapi.ChangeMessageVisibilityBatchResult{}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		*out = sqsapi.ChangeMessageVisibilityBatchResult{Successful: []sqsapi.ChangeMessageVisibilityBatchResultEntry{}, Failed: []sqsapi.BatchResultErrorEntry{}}
		q, err := findQueue(tx, call, in.QueueUrl)
		if err != nil {
			return err
		}
		for _, entry := range in.Entries {
			if err := hide(tx, q, *entry.ReceiptHandle, api.Val(entry.VisibilityTimeout), call.Now); err != nil {
				out.Failed = append(out.Failed, failed(*entry.Id, err))
				continue
			}
			out.Successful = append(out.Successful, sqsapi.ChangeMessageVisibilityBatchResultEntry{Id: entry.Id})
		}
		return nil
	})
}
