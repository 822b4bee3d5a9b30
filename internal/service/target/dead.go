package target

import (
	"context"
	"errors"
	"strings"

	"apex/internal/api"
	"apex/internal/service"
	"apex/internal/service/sqs"
	"apex/internal/service/sts"
	"apex/internal/store"
)

// giveUp takes a delivery out of the outbox, and puts it into the dead-letter queue
// with what befell it, where there is one that takes it.
func (s *Service) giveUp(ctx context.Context, d Delivery, fault error, exhausted string) error {
	s.log.WarnContext(ctx, "delivery given up", "source", d.Spec.Source, "target", d.Spec.Target.ARN, "tries", d.Status.Tries+1, "error", fault)
	return s.env.Store.Update(ctx, func(tx *store.Tx) error {
		Deliveries.Delete(tx, d.Key)
		queue := d.Spec.Target.DeadLetters
		if queue == "" || !sqs.Exists(tx, queue) {
			return nil
		}
		if err := s.mayBury(tx, d); err != nil {
			s.log.WarnContext(ctx, "dead-letter queue refused", "source", d.Spec.Source, "queue", queue, "error", err)
			return nil
		}
		return sqs.SendTo(tx, queue, sqs.Letter{Body: body(d), Attributes: story(d, fault, exhausted), Sender: d.Spec.Service}, s.env.Now().UTC())
	})
}

func (s *Service) mayBury(r store.Reader, d Delivery) error {
	ask := service.Ask{
		Account: d.Spec.Account, Region: d.Spec.Region, Action: "sqs:SendMessage", Resource: d.Spec.Target.DeadLetters,
		Keys: map[string][]string{"aws:sourcearn": {d.Spec.Source}, "aws:sourceaccount": {d.Spec.Account}},
	}
	if !strings.HasPrefix(d.Spec.Service, "scheduler.") {
		ask.Service = d.Spec.Service
		return s.env.Allowed(r, ask)
	}
	var err error
	if ask.Principal, err = sts.ServiceSession(r, d.Spec.Target.Role, d.Spec.Service, d.Spec.Source, token(d.Key)); err != nil {
		return err
	}
	return s.env.Allowed(r, ask)
}

func body(d Delivery) string {
	if d.Spec.Input == "" {
		return "{}"
	}
	return d.Spec.Input
}

// story says in attributes why a message is a dead letter (EventBridge user guide,
// Using dead-letter queues).
func story(d Delivery, fault error, exhausted string) map[string]sqs.Attribute {
	code, message := "SDK_CLIENT_ERROR", fault.Error()
	if known := (*api.Error)(nil); errors.As(fault, &known) {
		code, message = known.Code, known.Message
	}
	out := map[string]sqs.Attribute{}
	for name, value := range map[string]string{
		"ERROR_CODE": code, "ERROR_MESSAGE": message, "RULE_ARN": d.Spec.Source, "TARGET_ARN": d.Spec.Target.ARN,
		"EXHAUSTED_RETRY_CONDITION": exhausted,
	} {
		if value != "" {
			out[name] = sqs.Attribute{Type: "String", String: value}
		}
	}
	return out
}
