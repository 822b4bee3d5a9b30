package sqs

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/sqsapi"
	"apex/internal/awsid"
	"apex/internal/store"
)

// startMessageMoveTask moves a dead-letter queue's messages back where they came
// from, or to another queue, all in one transaction: the task is over when the call
// is answered.
func (s *Service) startMessageMoveTask(ctx context.Context, call *api.Call, in *sqsapi.StartMessageMoveTaskRequest) (*sqsapi.StartMessageMoveTaskResult, error) {
	own := move{Handle: awsid.Hex(40), Source: *in.SourceArn, Destination: api.Val(in.DestinationArn), Rate: in.MaxNumberOfMessagesPerSecond, Started: call.Now}
	return &sqsapi.StartMessageMoveTaskResult{TaskHandle: &own.Handle}, s.store.Update(ctx, func(tx *store.Tx) error {
		key, ok := keyOfARN(own.Source)
		_, exists := Queues.Get(tx, key)
		if !ok || !exists || own.Destination != "" && !Exists(tx, own.Destination) {
			return fault("ResourceNotFoundException", "The resource that you specified for the SourceArn or DestinationArn parameter doesn't exist.").Typed("ResourceNotFoundException")
		}
		own.Key, own.Moved = key+":"+own.Handle, 0
		for _, m := range Messages.Prefix(tx, key+":") {
			target := own.Destination
			if target == "" {
				target = m.Spec.Source
			}
			to, ok := keyOfARN(target)
			if _, exists := Queues.Get(tx, to); !ok || !exists {
				continue // it did not come from another queue, or that is gone
			}
			Messages.Delete(tx, m.Key)
			m.Spec.Source, m.Spec.Receipt, m.Spec.Received, m.Spec.Visible = "", "", 0, call.Now
			Messages.Put(tx, Message{Key: messageKey(to, next(tx, to)), Spec: m.Spec})
			own.Moved++
		}
		moves.Put(tx, own)
		return nil
	})
}

func (s *Service) listMessageMoveTasks(_ context.Context, _ *api.Call, in *sqsapi.ListMessageMoveTasksRequest) (*sqsapi.ListMessageMoveTasksResult, error) {
	key, ok := keyOfARN(*in.SourceArn)
	if !ok {
		return nil, fault("ResourceNotFoundException", "The resource that you specified for the SourceArn parameter doesn't exist.")
	}
	out := &sqsapi.ListMessageMoveTasksResult{Results: []sqsapi.ListMessageMoveTasksResultEntry{}}
	for _, m := range moves.Prefix(s.store.Snapshot(), key+":") {
		if len(out.Results) == int(api.Or(in.MaxResults, 1)) {
			break
		}
		entry := sqsapi.ListMessageMoveTasksResultEntry{
			Status: api.Ptr("COMPLETED"), SourceArn: api.Ptr(m.Source), MaxNumberOfMessagesPerSecond: m.Rate,
			ApproximateNumberOfMessagesMoved: api.Ptr(m.Moved), ApproximateNumberOfMessagesToMove: api.Ptr(m.Moved),
			StartedTimestamp: api.Ptr(m.Started.UnixMilli()),
		}
		if m.Destination != "" {
			entry.DestinationArn = api.Ptr(m.Destination)
		}
		out.Results = append(out.Results, entry)
	}
	return out, nil
}

func (s *Service) cancelMessageMoveTask(context.Context, *api.Call, *sqsapi.CancelMessageMoveTaskRequest) (*sqsapi.CancelMessageMoveTaskResult, error) {
	return nil, fault("ResourceNotFoundException", "There is no running task with that handle: a task is over when it is answered.")
}
