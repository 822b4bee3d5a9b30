package sqs

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/store"
)

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }

// codes are what the query protocol calls the errors whose shapes bear another
// name; clients of both protocols match on them.
var codes = map[string]string{
	"QueueDoesNotExist":            "AWS.SimpleQueueService.NonExistentQueue",
	"QueueNameExists":              "QueueAlreadyExists",
	"PurgeQueueInProgress":         "AWS.SimpleQueueService.PurgeQueueInProgress",
	"MessageNotInflight":           "AWS.SimpleQueueService.MessageNotInflight",
	"UnsupportedOperation":         "AWS.SimpleQueueService.UnsupportedOperation",
	"EmptyBatchRequest":            "AWS.SimpleQueueService.EmptyBatchRequest",
	"TooManyEntriesInBatchRequest": "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
	"BatchEntryIdsNotDistinct":     "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
	"BatchRequestTooLong":          "AWS.SimpleQueueService.BatchRequestTooLong",
	"InvalidBatchEntryId":          "AWS.SimpleQueueService.InvalidBatchEntryId",
}

// fault makes an error of SQS by the name of its shape.
func fault(shape, format string, args ...any) *api.Error {
	code := shape
	if legacy, ok := codes[shape]; ok {
		code = legacy
	}
	return api.Invalid(code, format, args...).Typed("com.amazonaws.sqs#" + shape)
}

func badValue(name, value, reason string) *api.Error {
	return api.Invalid("InvalidParameterValue", "Value %s for parameter %s is invalid. Reason: %s", value, name, reason)
}

var errNoQueue = fault("QueueDoesNotExist", "The specified queue does not exist.")

// queueARN names a queue by its key.
func queueARN(key string) string {
	scope, name := arn.SplitKey(key)
	return scope.ARN("sqs", name)
}

// url is where clients find a queue.
func (s *Service) url(key string) string {
	scope, name := arn.SplitKey(key)
	return s.base + "/" + scope.Account + "/" + name
}

// keyOf returns the key of the queue that a URL names: any host's, since tasks
// reach the region at another than its people do.
func keyOf(call *api.Call, text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", fault("InvalidAddress", "The address %s is not valid for this endpoint.", text)
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) == 1 && parts[0] != "" { // a bare name is taken too
		return scopeOf(call).Key(parts[0]), nil
	}
	if len(parts) != 2 {
		return "", fault("InvalidAddress", "The address %s is not valid for this endpoint.", text)
	}
	return arn.Scope{Account: parts[0], Region: call.Region}.Key(parts[1]), nil
}

func findQueue(r store.Reader, call *api.Call, url *string) (Queue, error) {
	key, err := keyOf(call, *url)
	if err != nil {
		return Queue{}, err
	}
	q, ok := Queues.Get(r, key)
	if !ok {
		return Queue{}, errNoQueue
	}
	return q, nil
}

// keyOfARN returns the key of the queue that an ARN names.
func keyOfARN(text string) (string, bool) {
	name, err := arn.Parse(text)
	if err != nil || name.Service != "sqs" {
		return "", false
	}
	return name.Scope().Key(name.Resource), true
}

func (q Queue) fifo() bool { return strings.HasSuffix(q.Spec.Name, ".fifo") }

// isQueueName tells the names of queues: 1 to 80 letters, digits, - and _, with
// .fifo at the end of a FIFO queue's.
func isQueueName(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	bare := strings.TrimSuffix(name, ".fifo")
	return bare != "" && len(name) <= 80 && strings.Trim(bare, letters) == ""
}

// A receipt handle is the message's number and what this receive is known by.
func handleOf(number, receipt string) string {
	return base64.StdEncoding.EncodeToString([]byte(number + " " + receipt))
}

func readHandle(handle string) (number, receipt string, err error) {
	text, decodeErr := base64.StdEncoding.DecodeString(handle)
	number, receipt, ok := strings.Cut(string(text), " ")
	if decodeErr != nil || !ok || len(number) != len(numberOf(0)) {
		return "", "", fault("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
	}
	return number, receipt, nil
}

func numberOf(n int64) string { return fmt.Sprintf("%020d", n) }

func messageKey(queue, number string) string { return queue + ":" + number }

func (m Message) number() string { return m.Key[strings.LastIndexByte(m.Key, ':')+1:] }
