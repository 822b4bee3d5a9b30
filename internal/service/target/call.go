package target

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
)

// sdkTarget begins the ARNs of targets that are any operation of any service
// (EventBridge Scheduler user guide, Universal targets).
const sdkTarget = "aws-sdk:"

// Check answers an error for an ARN that nothing can be sent to.
func Check(text string) error {
	name, err := arn.Parse(text)
	if err != nil {
		return fmt.Errorf("target %s is no ARN", text)
	}
	switch {
	case name.Service == "scheduler" && strings.HasPrefix(name.Resource, sdkTarget):
		if _, operation := operationOf(name); operation == "" || readsOnly(operation) {
			return fmt.Errorf("target %s: want an operation that changes something", text)
		}
	case name.Service == "ecs" && strings.HasPrefix(name.Resource, "cluster/"), name.Service == "sns", name.Service == "sqs",
		name.Service == "events" && strings.HasPrefix(name.Resource, "event-bus/"), name.Service == "logs" && strings.HasPrefix(name.Resource, "log-group:"):
	default:
		return fmt.Errorf("target %s is not built: the region sends to ECS clusters, SNS topics, SQS queues, event buses and log groups", text)
	}
	return nil
}

func operationOf(name arn.ARN) (service, operation string) {
	service, operation, _ = strings.Cut(strings.TrimPrefix(name.Resource, sdkTarget), ":")
	return service, operation
}

func readsOnly(operation string) bool {
	for _, verb := range []string{"get", "describe", "list"} {
		if strings.HasPrefix(strings.ToLower(operation), verb) {
			return true
		}
	}
	return false
}

// A step is one call of a delivery, and what it does in the words of policies.
type step struct {
	service, operation string
	input              any // or raw JSON
	action, resource   string
}

// stepOf is the call that a delivery stands for.
func stepOf(d Delivery) (step, error) {
	name, err := arn.Parse(d.Spec.Target.ARN)
	if err != nil {
		return step{}, err
	}
	s := step{service: name.Service, resource: d.Spec.Target.ARN}
	switch name.Service {
	case "scheduler":
		s.service, s.operation = operationOf(name)
		s.input = json.RawMessage(body(d))
		return s, nil
	case "sns":
		s.operation, s.input = "Publish", map[string]any{"TopicArn": d.Spec.Target.ARN, "Message": d.Spec.Input}
	case "sqs":
		s.operation = "SendMessage"
		in := map[string]any{"QueueUrl": "/" + name.Account + "/" + name.Resource, "MessageBody": d.Spec.Input}
		if d.Spec.Target.Group != "" {
			in["MessageGroupId"], in["MessageDeduplicationId"] = d.Spec.Target.Group, token(d.Key)
		}
		s.input = in
	case "events":
		s.operation, s.input = "PutEvents", putEvents(d)
	case "ecs":
		s.operation = "RunTask"
		s.input, err = runTask(d)
	default:
		return s, fmt.Errorf("target %s is not built", d.Spec.Target.ARN)
	}
	s.action = s.service + ":" + s.operation
	return s, err
}

func putEvents(d Delivery) any {
	entry := map[string]any{"EventBusName": d.Spec.Target.ARN, "Detail": d.Spec.Input, "Time": d.Spec.At.UTC().Format(time.RFC3339)}
	if e := d.Spec.Target.Event; e != nil {
		entry["Source"], entry["DetailType"] = e.Source, e.DetailType
	}
	return map[string]any{"Entries": []any{entry}}
}

// runTask asks for the target's task, its overrides being the input. A token makes
// a second try after a lost answer no second task.
func runTask(d Delivery) (*ecsapi.RunTaskRequest, error) {
	in := ecsapi.RunTaskRequest{}
	if d.Spec.Target.Task != nil {
		in = *d.Spec.Target.Task
	}
	in.Cluster, in.ClientToken = &d.Spec.Target.ARN, api.Ptr(token(d.Key))
	text := strings.TrimSpace(d.Spec.Input)
	if text == "" || text == "{}" {
		return &in, nil
	}
	in.Overrides = &ecsapi.TaskOverride{}
	if err := json.Unmarshal([]byte(text), in.Overrides); err != nil {
		return nil, fmt.Errorf("the input is no task override: %w", err)
	}
	return &in, nil
}

// token is a name for a delivery that is the same at every try.
func token(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}
