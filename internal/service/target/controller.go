package target

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/api/eventsapi"
	"apex/internal/controller"
	"apex/internal/service"
	"apex/internal/service/sts"
	"apex/internal/store"
)

// The pauses between tries double from the first to the last.
const (
	firstPause = time.Second
	lastPause  = 5 * time.Minute
)

// errForGood is a fault that another try would not mend.
var errForGood = errors.New("not to be tried again")

// A Service empties the outbox.
type Service struct {
	env service.Env
	log *slog.Logger
}

// New returns the service.
func New(env service.Env) *Service { return &Service{env: env, log: env.Log} }

// Routes returns none: nobody calls this service.
func (s *Service) Routes() []api.Route { return nil }

// Controllers returns what empties the outbox.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{controller.New(controller.Spec[Delivery, DeliveryStatus]{
		Name: "target/delivery", Table: Deliveries, Workers: 4,
		Status:    func(d *Delivery) *DeliveryStatus { return &d.Status },
		Reconcile: s.reconcile,
	})}
}

// reconcile makes one try, unless it is to wait.
func (s *Service) reconcile(ctx context.Context, snap store.Snapshot, key string) (DeliveryStatus, error) {
	d, ok := Deliveries.Get(snap, key)
	if !ok {
		return DeliveryStatus{}, nil
	}
	now := s.env.Now().UTC()
	until := d.Status.Next
	if d.Spec.NotBefore.After(until) {
		until = d.Spec.NotBefore
	}
	if wait := until.Sub(now); wait > 0 {
		return d.Status, controller.Again(wait)
	}
	fault := s.deliver(ctx, snap, d)
	if fault == nil {
		return d.Status, controller.Remove
	}
	if ctx.Err() != nil {
		return d.Status, ctx.Err()
	}
	next := DeliveryStatus{Tries: d.Status.Tries + 1, Error: fault.Error()}
	pause := min(firstPause<<min(d.Status.Tries, 16), lastPause)
	switch {
	case errors.Is(fault, errForGood):
		return d.Status, s.giveUp(ctx, d, fault, "")
	case next.Tries > d.Spec.Target.Retries:
		return d.Status, s.giveUp(ctx, d, fault, "MaximumRetryAttempts")
	case d.Spec.Target.MaxAge > 0 && now.Add(pause).Sub(d.Spec.At) > d.Spec.Target.MaxAge:
		return d.Status, s.giveUp(ctx, d, fault, "MaximumEventAgeInSeconds")
	}
	next.Next = now.Add(pause)
	return next, controller.Again(pause)
}

// deliver makes the call of a delivery.
func (s *Service) deliver(ctx context.Context, r store.Reader, d Delivery) error {
	if strings.HasPrefix(d.Spec.Target.ARN, "arn:aws:logs:") {
		return s.write(ctx, d)
	}
	what, err := stepOf(d)
	if err != nil {
		return fmt.Errorf("%w: %w", errForGood, err)
	}
	who, err := s.principal(r, d, what)
	if err != nil {
		return fmt.Errorf("%w: %w", errForGood, err)
	}
	return s.call(ctx, d, who, what)
}

// principal is who makes a delivery's call: the target's role, or the account where
// the target's policy lets the sender in.
func (s *Service) principal(r store.Reader, d Delivery, what step) (api.Principal, error) {
	if d.Spec.Target.Role != "" {
		return sts.ServiceSession(r, d.Spec.Target.Role, d.Spec.Service, d.Spec.Source, token(d.Key))
	}
	return account(d), s.env.Allowed(r, service.Ask{
		Service: d.Spec.Service, Account: d.Spec.Account, Region: d.Spec.Region, Action: what.action, Resource: what.resource,
		Keys: map[string][]string{"aws:sourcearn": {d.Spec.Source}, "aws:sourceaccount": {d.Spec.Account}},
	})
}

func account(d Delivery) api.Principal {
	return api.Principal{ARN: "arn:aws:iam::" + d.Spec.Account + ":root", ID: d.Spec.Account, Root: true}
}

func (s *Service) call(ctx context.Context, d Delivery, who api.Principal, what step) error {
	input, err := json.Marshal(what.input)
	if err != nil {
		return fmt.Errorf("%w: %w", errForGood, err)
	}
	out, err := s.env.Invoke(ctx, api.Invocation{
		Account: d.Spec.Account, Region: d.Spec.Region, Principal: who, Service: what.service, Operation: what.operation, Input: input,
	})
	if known := (*api.Error)(nil); errors.As(err, &known) && known.Status < http.StatusInternalServerError && known.Status != http.StatusTooManyRequests {
		return fmt.Errorf("%w: %w", errForGood, err)
	}
	if err != nil {
		return err
	}
	return refused(out)
}

// refused finds the faults that an answer of status 200 tells of.
func refused(out any) error {
	switch out := out.(type) {
	case *ecsapi.RunTaskResponse:
		if len(out.Failures) > 0 {
			return fmt.Errorf("run task: %s: %s", api.Val(out.Failures[0].Reason), api.Val(out.Failures[0].Detail))
		}
	case *eventsapi.PutEventsResponse:
		for _, entry := range out.Entries {
			if entry.ErrorCode != nil {
				return fmt.Errorf("%w: %s: %s", errForGood, *entry.ErrorCode, api.Val(entry.ErrorMessage))
			}
		}
	}
	return nil
}
