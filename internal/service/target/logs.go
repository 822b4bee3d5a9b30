package target

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"apex/internal/api"
	"apex/internal/arn"
)

// write puts an event into a log group, in a stream of the event's own.
func (s *Service) write(ctx context.Context, d Delivery) error {
	name, err := arn.Parse(d.Spec.Target.ARN)
	if err != nil {
		return fmt.Errorf("%w: %w", errForGood, err)
	}
	group := strings.TrimSuffix(strings.TrimPrefix(name.Resource, "log-group:"), ":*")
	stream := token(d.Key)
	err = s.call(ctx, d, account(d), step{service: "logs", operation: "CreateLogStream", input: map[string]any{"LogGroupName": group, "LogStreamName": stream}})
	if known := (*api.Error)(nil); err != nil && !(errors.As(err, &known) && known.Code == "ResourceAlreadyExistsException") {
		return err
	}
	return s.call(ctx, d, account(d), step{service: "logs", operation: "PutLogEvents", input: map[string]any{
		"LogGroupName": group, "LogStreamName": stream,
		"LogEvents": []any{map[string]any{"Timestamp": d.Spec.At.UnixMilli(), "Message": d.Spec.Input}},
	}})
}
