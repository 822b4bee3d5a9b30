package events

import (
	"context"
	"encoding/json"
	"slices"

	"apex/internal/api"
	"apex/internal/api/eventsapi"
	"apex/internal/arn"
)

// A document is a bus's policy; statements stay as they were given.
type document struct {
	Version   string
	Statement []json.RawMessage
}

func parseDocument(text string) document {
	doc := document{Version: "2012-10-17"}
	if text != "" {
		_ = json.Unmarshal([]byte(text), &doc) // one that is no list of statements is replaced
	}
	return doc
}

func sidIs(id string) func(json.RawMessage) bool {
	return func(raw json.RawMessage) bool {
		var s struct{ Sid string }
		return json.Unmarshal(raw, &s) == nil && s.Sid == id
	}
}

func (s *Service) putPermission(ctx context.Context, call *api.Call, in *eventsapi.PutPermissionRequest) (*eventsapi.PutPermissionOutput, error) {
	return nil, s.changeBus(ctx, call, busName(in.EventBusName), func(bus *Bus) error {
		if in.Policy != nil {
			if !json.Valid([]byte(*in.Policy)) {
				return invalid("Parameter Policy is not valid. Reason: it is no JSON.")
			}
			bus.Spec.Policy = *in.Policy
			return nil
		}
		if in.StatementId == nil || in.Principal == nil || in.Action == nil {
			return invalid("Parameter(s) StatementId, Principal and Action, or Policy, must be specified.")
		}
		raw, err := json.Marshal(statementOf(bus.Key, in))
		if err != nil {
			return err
		}
		doc := parseDocument(bus.Spec.Policy)
		doc.Statement = append(slices.DeleteFunc(doc.Statement, sidIs(*in.StatementId)), raw)
		return bus.setPolicy(doc)
	})
}

func statementOf(bus string, in *eventsapi.PutPermissionRequest) map[string]any {
	out := map[string]any{"Sid": *in.StatementId, "Effect": "Allow", "Action": *in.Action, "Resource": busARN(bus), "Principal": "*"}
	if *in.Principal != "*" {
		out["Principal"] = map[string]string{"AWS": arn.Scope{Account: *in.Principal}.ARN("iam", "root")}
	}
	if c := in.Condition; c != nil {
		out["Condition"] = map[string]any{*c.Type: map[string]string{*c.Key: *c.Value}}
	}
	return out
}

func (b *Bus) setPolicy(doc document) error {
	b.Spec.Policy = ""
	if len(doc.Statement) == 0 {
		return nil
	}
	text, err := json.Marshal(doc)
	b.Spec.Policy = string(text)
	return err
}

func (s *Service) removePermission(ctx context.Context, call *api.Call, in *eventsapi.RemovePermissionRequest) (*eventsapi.RemovePermissionOutput, error) {
	return nil, s.changeBus(ctx, call, busName(in.EventBusName), func(bus *Bus) error {
		if api.Val(in.RemoveAllPermissions) {
			bus.Spec.Policy = ""
			return nil
		}
		doc := parseDocument(bus.Spec.Policy)
		before := len(doc.Statement)
		doc.Statement = slices.DeleteFunc(doc.Statement, sidIs(api.Val(in.StatementId)))
		if bus.Spec.Policy == "" || len(doc.Statement) == before {
			return eventsapi.NewResourceNotFoundException("Statement with the provided id does not exist.")
		}
		return bus.setPolicy(doc)
	})
}
