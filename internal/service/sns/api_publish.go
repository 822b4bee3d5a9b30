package sns

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"apex/internal/api"
	"apex/internal/api/snsapi"
	"apex/internal/store"
)

// The limits of a message (SNS API reference).
const (
	maxMessage = 256 << 10
	maxBatch   = 10
)

func (s *Service) publish(ctx context.Context, call *api.Call, in *snsapi.PublishInput) (*snsapi.PublishResponse, error) {
	target := api.Or(in.TopicArn, api.Val(in.TargetArn))
	if in.PhoneNumber != nil || target == "" {
		return nil, snsapi.NewInvalidParameterException("Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter; the region sends no text messages")
	}
	m, err := messageOf(in.Message, in.Subject, in.MessageStructure, in.MessageAttributes)
	if err != nil {
		return nil, err
	}
	out := &snsapi.PublishResponse{}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		topic, err := findTopic(tx, target)
		if err == nil {
			err = mine(call, topic.Key)
		}
		if err != nil {
			return err
		}
		out.MessageId = api.Ptr(publish(tx, topic, m, call.Now))
		return nil
	})
}

func (s *Service) publishBatch(ctx context.Context, call *api.Call, in *snsapi.PublishBatchInput) (*snsapi.PublishBatchResponse, error) {
	if err := checkBatch(in.PublishBatchRequestEntries); err != nil {
		return nil, err
	}
	out := &snsapi.PublishBatchResponse{Successful: []snsapi.PublishBatchResultEntry{}, Failed: []snsapi.BatchResultErrorEntry{}}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		topic, err := findTopic(tx, *in.TopicArn)
		if err == nil {
			err = mine(call, topic.Key)
		}
		if err != nil {
			return err
		}
		for _, entry := range in.PublishBatchRequestEntries {
			m, err := messageOf(entry.Message, entry.Subject, entry.MessageStructure, entry.MessageAttributes)
			if err != nil {
				out.Failed = append(out.Failed, snsapi.BatchResultErrorEntry{
					Id: entry.Id, Code: api.Ptr("InvalidParameter"), Message: api.Ptr(err.Error()), SenderFault: api.Ptr(true),
				})
				continue
			}
			id := publish(tx, topic, m, call.Now)
			out.Successful = append(out.Successful, snsapi.PublishBatchResultEntry{Id: entry.Id, MessageId: &id})
		}
		return nil
	})
}

func checkBatch(entries []snsapi.PublishBatchRequestEntry) error {
	switch {
	case len(entries) == 0:
		return snsapi.NewEmptyBatchRequestException("The batch request doesn't contain any entries.")
	case len(entries) > maxBatch:
		return snsapi.NewTooManyEntriesInBatchRequestException("The batch request contains more entries than permissible.")
	}
	size, seen := 0, map[string]bool{}
	for _, entry := range entries {
		if size += len(*entry.Message); size > maxMessage {
			return snsapi.NewBatchRequestTooLongException("The length of all the batch messages put together is more than the limit.")
		}
		if seen[*entry.Id] {
			return snsapi.NewBatchEntryIdsNotDistinctException("Two or more batch entries in the request have the same Id.")
		}
		seen[*entry.Id] = true
	}
	return nil
}

// messageOf reads and checks a message.
func messageOf(body, subject, structure *string, attributes map[string]snsapi.MessageAttributeValue) (Message, error) {
	m := Message{Body: *body, Subject: api.Val(subject)}
	switch {
	case m.Body == "":
		return m, snsapi.NewInvalidParameterException("Invalid parameter: Empty message")
	case len(m.Body) > maxMessage:
		return m, snsapi.NewInvalidParameterException("Invalid parameter: Message too long")
	case subject != nil && (m.Subject == "" || utf8.RuneCountInString(m.Subject) > 100 || strings.ContainsAny(m.Subject, "\r\n")):
		return m, snsapi.NewInvalidParameterException("Invalid parameter: Subject")
	}
	if structure != nil {
		var texts map[string]string
		if *structure != "json" || json.Unmarshal([]byte(m.Body), &texts) != nil || texts["default"] == "" {
			return m, snsapi.NewInvalidParameterException("Invalid parameter: Message Structure - No default entry in JSON message body")
		}
		m.Structured = true
	}
	for name, value := range attributes {
		attribute, ok := attributeOf(value)
		if !ok {
			return m, snsapi.NewInvalidParameterValueException("The message attribute '%s' has a value that does not fit its type.", name)
		}
		if m.Attributes == nil {
			m.Attributes = map[string]Attribute{}
		}
		m.Attributes[name] = attribute
	}
	return m, nil
}

func attributeOf(in snsapi.MessageAttributeValue) (Attribute, bool) {
	a := Attribute{Type: *in.DataType, Value: api.Val(in.StringValue)}
	kind, _, _ := strings.Cut(a.Type, ".")
	switch kind {
	case "Binary":
		a.Value = base64.StdEncoding.EncodeToString(in.BinaryValue)
		return a, len(in.BinaryValue) > 0
	case "Number":
		_, err := strconv.ParseFloat(a.Value, 64)
		return a, err == nil
	case "String":
		return a, a.Value != "" && (a.Type != "String.Array" || json.Valid([]byte(a.Value)))
	}
	return a, false
}
