package sqs

import (
	"context"
	"encoding/json"
	"slices"

	"apex/internal/api"
	"apex/internal/api/sqsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

// A document is a queue's policy as AddPermission writes it; statements of others
// stay as they are.
type document struct {
	Version   string
	ID        string            `json:"Id,omitempty"`
	Statement []json.RawMessage `json:"Statement"`
}

type statement struct {
	Sid       string
	Effect    string
	Principal map[string][]string
	Action    []string
	Resource  string
}

func parseDocument(q Queue) document {
	doc := document{Version: "2012-10-17", ID: queueARN(q.Key) + "/SQSDefaultPolicy"}
	if text := q.Spec.Attributes["Policy"]; text != "" {
		_ = json.Unmarshal([]byte(text), &doc) // one that is no list of statements is replaced
	}
	return doc
}

func (d document) sid(label string) func(json.RawMessage) bool {
	return func(raw json.RawMessage) bool {
		var s struct{ Sid string }
		return json.Unmarshal(raw, &s) == nil && s.Sid == label
	}
}

func (q *Queue) setPolicy(d document) error {
	if len(d.Statement) == 0 {
		q.Spec.Attributes = set(q.Spec.Attributes, map[string]string{"Policy": ""})
		return nil
	}
	text, err := json.Marshal(d)
	q.Spec.Attributes = set(q.Spec.Attributes, map[string]string{"Policy": string(text)})
	return err
}

func (s *Service) addPermission(ctx context.Context, call *api.Call, in *sqsapi.AddPermissionRequest) (*sqsapi.AddPermissionOutput, error) {
	return nil, s.change(ctx, call, in.QueueUrl, func(_ *store.Tx, q *Queue) error {
		doc := parseDocument(*q)
		if slices.ContainsFunc(doc.Statement, doc.sid(*in.Label)) {
			return badValue("Label", *in.Label, "Already exists.")
		}
		added := statement{Sid: *in.Label, Effect: "Allow", Resource: queueARN(q.Key), Principal: map[string][]string{}}
		for _, account := range in.AWSAccountIds {
			added.Principal["AWS"] = append(added.Principal["AWS"], arn.Scope{Account: account}.ARN("iam", "root"))
		}
		for _, action := range in.Actions {
			added.Action = append(added.Action, "SQS:"+action)
		}
		raw, err := json.Marshal(added)
		if err != nil {
			return err
		}
		doc.Statement = append(doc.Statement, raw)
		return q.setPolicy(doc)
	})
}

func (s *Service) removePermission(ctx context.Context, call *api.Call, in *sqsapi.RemovePermissionRequest) (*sqsapi.RemovePermissionOutput, error) {
	return nil, s.change(ctx, call, in.QueueUrl, func(_ *store.Tx, q *Queue) error {
		doc := parseDocument(*q)
		before := len(doc.Statement)
		doc.Statement = slices.DeleteFunc(doc.Statement, doc.sid(*in.Label))
		if len(doc.Statement) == before {
			return badValue("Label", *in.Label, "can't find label.")
		}
		return q.setPolicy(doc)
	})
}
