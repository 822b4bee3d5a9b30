package sqs

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/sqsapi"
	"apex/internal/store"
)

// The limits of a batch (SQS API reference).
const (
	maxBatch     = 10
	maxBatchSize = 1 << 20
)

func (s *Service) sendMessage(ctx context.Context, call *api.Call, in *sqsapi.SendMessageRequest) (*sqsapi.SendMessageResult, error) {
	letter, err := letterOf(call, in.MessageBody, in.MessageAttributes, in.MessageSystemAttributes)
	if err != nil {
		return nil, err
	}
	letter.Group, letter.Dedup, letter.Delay = api.Val(in.MessageGroupId), api.Val(in.MessageDeduplicationId), in.DelaySeconds
	var m Message
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		q, err := findQueue(tx, call, in.QueueUrl)
		if err == nil {
			m, err = send(tx, q, letter, call.Now)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	sent := resultOf("", m)
	return &sqsapi.SendMessageResult{
		MessageId: sent.MessageId, MD5OfMessageBody: sent.MD5OfMessageBody, MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
		MD5OfMessageSystemAttributes: sent.MD5OfMessageSystemAttributes, SequenceNumber: sent.SequenceNumber,
	}, nil
}

func resultOf(id string, m Message) sqsapi.SendMessageBatchResultEntry {
	out := sqsapi.SendMessageBatchResultEntry{Id: &id, MessageId: api.Ptr(m.Spec.ID), MD5OfMessageBody: api.Ptr(digest(m.Spec.Body))}
	if len(m.Spec.Attributes) > 0 {
		out.MD5OfMessageAttributes = api.Ptr(digestOf(m.Spec.Attributes))
	}
	if m.Spec.Trace != "" {
		out.MD5OfMessageSystemAttributes = api.Ptr(digestOf(map[string]Attribute{"AWSTraceHeader": {Type: "String", String: m.Spec.Trace}}))
	}
	if strings.Contains(m.Key, ".fifo:") {
		out.SequenceNumber = api.Ptr(m.number())
	}
	return out
}

// letterOf reads what both ways of sending share.
func letterOf(call *api.Call, body *string, attributes map[string]sqsapi.MessageAttributeValue, system map[string]sqsapi.MessageSystemAttributeValue) (Letter, error) {
	letter := Letter{Body: *body, Sender: call.Principal.ID}
	for name, value := range system {
		if name != "AWSTraceHeader" {
			return letter, badValue("MessageSystemAttributeName", name, "want AWSTraceHeader")
		}
		letter.Trace = api.Val(value.StringValue)
	}
	if len(attributes) > 10 {
		return letter, api.Invalid("InvalidParameterValue", "Number of message attributes [%d] exceeds the allowed maximum [10].", len(attributes))
	}
	for name, value := range attributes {
		a := Attribute{Type: *value.DataType, String: api.Val(value.StringValue), Binary: value.BinaryValue}
		kind, _, _ := strings.Cut(a.Type, ".")
		full := kind == "Binary" && len(a.Binary) > 0 || (kind == "String" || kind == "Number") && a.String != ""
		if !full {
			return letter, api.Invalid("InvalidParameterValue", "The message attribute '%s' must contain a non-empty value of its type, String, Number or Binary.", name)
		}
		if letter.Attributes == nil {
			letter.Attributes = map[string]Attribute{}
		}
		letter.Attributes[name] = a
	}
	return letter, nil
}

func (s *Service) sendMessageBatch(ctx context.Context, call *api.Call, in *sqsapi.SendMessageBatchRequest) (*sqsapi.SendMessageBatchResult, error) {
	ids, size := make([]string, len(in.Entries)), 0
	for i, entry := range in.Entries {
		ids[i], size = *entry.Id, size+len(*entry.MessageBody)
	}
	if err := checkBatch(ids); err != nil {
		return nil, err
	}
	if size > maxBatchSize {
		return nil, fault("BatchRequestTooLong", "Batch requests cannot be longer than %d bytes. You have sent %d bytes.", maxBatchSize, size)
	}
	out := &sqsapi.SendMessageBatchResult{}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		*out = sqsapi.SendMessageBatchResult{Successful: []sqsapi.SendMessageBatchResultEntry{}, Failed: []sqsapi.BatchResultErrorEntry{}}
		q, err := findQueue(tx, call, in.QueueUrl)
		if err != nil {
			return err
		}
		for _, entry := range in.Entries {
			letter, err := letterOf(call, entry.MessageBody, entry.MessageAttributes, entry.MessageSystemAttributes)
			letter.Group, letter.Dedup, letter.Delay = api.Val(entry.MessageGroupId), api.Val(entry.MessageDeduplicationId), entry.DelaySeconds
			var m Message
			if err == nil {
				m, err = send(tx, q, letter, call.Now)
			}
			if err != nil {
				out.Failed = append(out.Failed, failed(*entry.Id, err))
				continue
			}
			out.Successful = append(out.Successful, resultOf(*entry.Id, m))
		}
		return nil
	})
}
