package sqs

import (
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
)

// Find returns what deciding on access must know of a queue.
func Find(r store.Reader, name arn.ARN) (service.Resource, bool) {
	q, ok := Queues.Get(r, name.Scope().Key(name.Resource))
	return service.Resource{Policy: q.Spec.Attributes["Policy"], Tags: q.Spec.Tags}, ok
}
