package sqs

import (
	"encoding/json"
	"slices"
	"strconv"

	"apex/internal/store"
)

// A redrive is where a queue's messages go that were received too often.
type redrive struct {
	target string // the dead-letter queue's ARN
	max    int
}

// parseRedrive reads a RedrivePolicy, whose count clients write as a number or as
// text.
func parseRedrive(text string) (redrive, bool) {
	var read struct {
		Target string `json:"deadLetterTargetArn"`
		Max    any    `json:"maxReceiveCount"`
	}
	if json.Unmarshal([]byte(text), &read) != nil {
		return redrive{}, false
	}
	r := redrive{target: read.Target}
	switch n := read.Max.(type) {
	case float64:
		r.max = int(n)
	case string:
		r.max, _ = strconv.Atoi(n)
	}
	return r, r.target != "" && r.max >= 1 && r.max <= 1000
}

// redrive returns where a queue's messages go, if anywhere.
func (q Queue) redrive() (redrive, bool) { return parseRedrive(q.Spec.Attributes["RedrivePolicy"]) }

// checkRedrive refuses a policy whose dead-letter queue cannot take the messages.
func checkRedrive(r store.Reader, own Queue, text string) error {
	if text == "" {
		return nil
	}
	policy, ok := parseRedrive(text)
	if !ok {
		return badValue("RedrivePolicy", text, "Invalid value for maxReceiveCount or deadLetterTargetArn.")
	}
	key, ok := keyOfARN(policy.target)
	target, exists := Queues.Get(r, key)
	switch {
	case !ok || !exists:
		return badValue("RedrivePolicy", text, "Dead letter target does not exist.")
	case target.fifo() != own.fifo():
		return badValue("RedrivePolicy", text, "Dead-letter queue must be same type of queue as the source.")
	case !target.takesFrom(queueARN(own.Key)):
		return badValue("RedrivePolicy", text, "Queue does not have permission to use the dead-letter queue.")
	}
	return nil
}

// takesFrom tells whether a queue's RedriveAllowPolicy lets another use it.
func (q Queue) takesFrom(source string) bool {
	var allow struct {
		Permission string   `json:"redrivePermission"`
		Sources    []string `json:"sourceQueueArns"`
	}
	text := q.Spec.Attributes["RedriveAllowPolicy"]
	if text == "" || json.Unmarshal([]byte(text), &allow) != nil {
		return true
	}
	return allow.Permission == "allowAll" || allow.Permission == "byQueue" && slices.Contains(allow.Sources, source)
}

// bury moves a message that was received too often into the dead-letter queue, and
// reports whether it did.
func bury(tx *store.Tx, q Queue, m Message) bool {
	policy, ok := q.redrive()
	if !ok || m.Spec.Received < policy.max {
		return false
	}
	key, _ := keyOfARN(policy.target)
	if _, exists := Queues.Get(tx, key); !exists {
		return false
	}
	Messages.Delete(tx, m.Key)
	spec := m.Spec
	spec.Source, spec.Receipt, spec.Visible = queueARN(q.Key), "", spec.Sent
	Messages.Put(tx, Message{Key: messageKey(key, next(tx, key)), Spec: spec})
	return true
}
