package sqs

import (
	"fmt"
	"log/slog"
	"time"

	"apex/internal/api"
	"apex/internal/api/sqsapi"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves the queues of all scopes.
type Service struct {
	store *store.Store
	log   *slog.Logger
	now   func() time.Time
	base  string // the endpoint's URL, which queues' URLs begin with
}

// New returns the service.
func New(env service.Env) *Service {
	return &Service{store: env.Store, log: env.Log, now: env.Now, base: fmt.Sprintf("http://127.0.0.1:%d", env.Port)}
}

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	const plain = "encryption settings are kept and given back; messages lie in the region's store as they are"
	return []api.Route{
		sqsapi.AddPermission.Handle(s.addPermission),
		sqsapi.CancelMessageMoveTask.Handle(s.cancelMessageMoveTask).Limited("a move task is over when it is answered"),
		sqsapi.ChangeMessageVisibility.Handle(s.changeMessageVisibility),
		sqsapi.ChangeMessageVisibilityBatch.Handle(s.changeMessageVisibilityBatch),
		sqsapi.CreateQueue.Handle(s.createQueue).Limited(plain),
		sqsapi.DeleteMessage.Handle(s.deleteMessage),
		sqsapi.DeleteMessageBatch.Handle(s.deleteMessageBatch),
		sqsapi.DeleteQueue.Handle(s.deleteQueue),
		sqsapi.GetQueueAttributes.Handle(s.getQueueAttributes),
		sqsapi.GetQueueUrl.Handle(s.getQueueURL),
		sqsapi.ListDeadLetterSourceQueues.Handle(s.listDeadLetterSourceQueues),
		sqsapi.ListMessageMoveTasks.Handle(s.listMessageMoveTasks),
		sqsapi.ListQueueTags.Handle(s.listQueueTags),
		sqsapi.ListQueues.Handle(s.listQueues),
		sqsapi.PurgeQueue.Handle(s.purgeQueue),
		sqsapi.ReceiveMessage.Handle(s.receiveMessage),
		sqsapi.RemovePermission.Handle(s.removePermission),
		sqsapi.SendMessage.Handle(s.sendMessage),
		sqsapi.SendMessageBatch.Handle(s.sendMessageBatch),
		sqsapi.SetQueueAttributes.Handle(s.setQueueAttributes).Limited(plain),
		sqsapi.StartMessageMoveTask.Handle(s.startMessageMoveTask).Limited("all messages at once, whatever the rate"),
		sqsapi.TagQueue.Handle(s.tagQueue),
		sqsapi.UntagQueue.Handle(s.untagQueue),
	}
}
