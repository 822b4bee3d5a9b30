package sqs

import (
	"errors"
	"strings"

	"apex/internal/api"
	"apex/internal/api/sqsapi"
)

// checkBatch refuses a batch whose entries cannot be told apart or are too many.
func checkBatch(ids []string) error {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	switch {
	case len(ids) == 0:
		return fault("EmptyBatchRequest", "There should be at least one SendMessageBatchRequestEntry in the request.")
	case len(ids) > maxBatch:
		return fault("TooManyEntriesInBatchRequest", "Maximum number of entries per request are %d. You have sent %d.", maxBatch, len(ids))
	}
	seen := map[string]bool{}
	for _, id := range ids {
		switch {
		case id == "" || len(id) > 80 || strings.Trim(id, letters) != "":
			return fault("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
		case seen[id]:
			return fault("BatchEntryIdsNotDistinct", "Id %s repeated.", id)
		}
		seen[id] = true
	}
	return nil
}

// failed is what a batch's answer says of an entry that could not be done.
func failed(id string, err error) sqsapi.BatchResultErrorEntry {
	out := sqsapi.BatchResultErrorEntry{Id: &id, Code: api.Ptr("InternalError"), SenderFault: api.Ptr(false), Message: api.Ptr(err.Error())}
	if known := (*api.Error)(nil); errors.As(err, &known) {
		out.Code, out.Message, out.SenderFault = &known.Code, &known.Message, api.Ptr(known.Status < 500)
	}
	return out
}
