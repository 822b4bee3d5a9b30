package sqs

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"apex/internal/store"
)

// An attributeRule is what an attribute of a queue may be (SetQueueAttributes).
type attributeRule struct {
	min, max int      // of numbers
	values   []string // of words
	fifo     bool     // of FIFO queues alone
	json     bool
	initial  string
}

var attributeRules = map[string]attributeRule{
	"VisibilityTimeout":             {max: 43200, initial: "30"},
	"MaximumMessageSize":            {min: 1024, max: 1 << 20, initial: "262144"},
	"MessageRetentionPeriod":        {min: 60, max: 1209600, initial: "345600"},
	"DelaySeconds":                  {max: 900, initial: "0"},
	"ReceiveMessageWaitTimeSeconds": {max: 20, initial: "0"},
	"KmsDataKeyReusePeriodSeconds":  {min: 60, max: 86400},
	"Policy":                        {json: true},
	"RedrivePolicy":                 {json: true},
	"RedriveAllowPolicy":            {json: true},
	"KmsMasterKeyId":                {},
	"SqsManagedSseEnabled":          {values: []string{"true", "false"}, initial: "true"},
	"FifoQueue":                     {values: []string{"true"}, fifo: true, initial: "true"},
	"ContentBasedDeduplication":     {values: []string{"true", "false"}, fifo: true, initial: "false"},
	"DeduplicationScope":            {values: []string{"queue", "messageGroup"}, fifo: true, initial: "queue"},
	"FifoThroughputLimit":           {values: []string{"perQueue", "perMessageGroupId"}, fifo: true, initial: "perQueue"},
}

// checkAttributes refuses what a queue cannot be given.
func checkAttributes(attributes map[string]string, fifo bool) error {
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		value := attributes[name]
		rule, known := attributeRules[name]
		switch {
		case !known || rule.fifo && !fifo && value != "false":
			return fault("InvalidAttributeName", "Unknown Attribute %s.", name)
		case value == "": // takes the attribute away
		case !rule.allows(value):
			return fault("InvalidAttributeValue", "Invalid value for the parameter %s.", name)
		}
	}
	if attributes["KmsMasterKeyId"] != "" && attributes["SqsManagedSseEnabled"] == "true" {
		return fault("InvalidAttributeValue", "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.")
	}
	return nil
}

func (rule attributeRule) allows(value string) bool {
	switch {
	case rule.values != nil:
		return slices.Contains(rule.values, value) || rule.fifo && value == "false"
	case rule.json:
		return json.Valid([]byte(value))
	case rule.max > 0:
		n, err := strconv.Atoi(value)
		return err == nil && n >= rule.min && n <= rule.max
	}
	return true
}

// attribute returns an attribute's value, set or initial.
func (q Queue) attribute(name string) string {
	if value := q.Spec.Attributes[name]; value != "" {
		return value
	}
	return attributeRules[name].initial
}

// seconds returns an attribute that is a duration.
func (q Queue) seconds(name string) time.Duration {
	n, _ := strconv.Atoi(q.attribute(name)) // checked when it was set
	return time.Duration(n) * time.Second
}

// describe returns all attributes of a queue.
func (q Queue) describe(r store.Reader, now time.Time) map[string]string {
	out := map[string]string{
		"QueueArn": queueARN(q.Key), "CreatedTimestamp": strconv.FormatInt(q.Spec.Created.Unix(), 10),
		"LastModifiedTimestamp": strconv.FormatInt(q.Spec.Modified.Unix(), 10),
	}
	for name, rule := range attributeRules {
		if value := q.attribute(name); value != "" && (!rule.fifo || q.fifo()) {
			out[name] = value
		}
	}
	if out["KmsMasterKeyId"] != "" {
		out["SqsManagedSseEnabled"] = "false"
		if out["KmsDataKeyReusePeriodSeconds"] == "" {
			out["KmsDataKeyReusePeriodSeconds"] = "300"
		}
	}
	visible, hidden, delayed := 0, 0, 0
	for _, m := range Messages.Prefix(r, q.Key+":") {
		switch {
		case q.expired(m, now):
		case !m.Spec.Visible.After(now):
			visible++
		case m.Spec.Received > 0:
			hidden++
		default:
			delayed++
		}
	}
	out["ApproximateNumberOfMessages"] = strconv.Itoa(visible)
	out["ApproximateNumberOfMessagesNotVisible"] = strconv.Itoa(hidden)
	out["ApproximateNumberOfMessagesDelayed"] = strconv.Itoa(delayed)
	return out
}

// expired tells whether a queue has kept a message long enough.
func (q Queue) expired(m Message, now time.Time) bool {
	return now.Sub(m.Spec.Sent) > q.seconds("MessageRetentionPeriod")
}
