package route53

import (
	"context"
	"reflect"

	"apex/internal/api"
	"apex/internal/api/route53api"
	"apex/internal/awsid"
	"apex/internal/store"
)

func findCheck(r store.Reader, call *api.Call, id *string) (HealthCheck, error) {
	h, ok := HealthChecks.Get(r, scopeOf(call).Key(api.Val(id)))
	if !ok {
		return h, route53api.NewNoSuchHealthCheck("A health check with id %s does not exist.", api.Val(id))
	}
	return h, nil
}

func (s *Service) createHealthCheck(ctx context.Context, call *api.Call, in *route53api.CreateHealthCheckRequest) (*route53api.CreateHealthCheckResponse, error) {
	config := *in.HealthCheckConfig
	if err := checkHealthConfig(&config); err != nil {
		return nil, err
	}
	fillHealthDefaults(&config)
	made := HealthCheck{Key: scopeOf(call).Key(awsid.UUID()), Spec: HealthCheckSpec{CallerReference: *in.CallerReference, Config: config, Version: 1}}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		for _, h := range HealthChecks.Prefix(tx, scopeOf(call).Prefix()) {
			if h.Spec.CallerReference != made.Spec.CallerReference {
				continue
			}
			if made = h; !reflect.DeepEqual(h.Spec.Config, config) {
				return route53api.NewHealthCheckAlreadyExists("A health check with the caller reference %s exists with other settings.", *in.CallerReference)
			}
			return nil
		}
		if err := checkChildren(tx, call, &config, ""); err != nil {
			return err
		}
		HealthChecks.Put(tx, made)
		return nil
	})
	if err != nil {
		return nil, err
	}
	location := api.Ptr("https://route53.amazonaws.com/2013-04-01/healthcheck/" + idOf(made.Key))
	return &route53api.CreateHealthCheckResponse{HealthCheck: describeCheck(&made), Location: location}, nil
}

// checkChildren wants a calculated check's children to exist, and not to lead
// back to it.
func checkChildren(r store.Reader, call *api.Call, config *route53api.HealthCheckConfig, own string) error {
	for _, id := range config.ChildHealthChecks {
		child, ok := HealthChecks.Get(r, scopeOf(call).Key(id))
		switch {
		case !ok:
			return route53api.NewInvalidInput("Invalid parameter : The health check %s does not exist", id)
		case id == own || *child.Spec.Config.Type == route53api.HealthCheckTypeCalculated:
			return route53api.NewInvalidInput("Invalid parameter : A calculated health check cannot have the calculated health check %s as its child", id)
		}
	}
	return nil
}

func describeCheck(h *HealthCheck) *route53api.HealthCheck {
	out := &route53api.HealthCheck{
		Id: api.Ptr(idOf(h.Key)), CallerReference: &h.Spec.CallerReference,
		HealthCheckConfig: &h.Spec.Config, HealthCheckVersion: &h.Spec.Version,
	}
	return out
}

func (s *Service) getHealthCheck(_ context.Context, call *api.Call, in *route53api.GetHealthCheckRequest) (*route53api.GetHealthCheckResponse, error) {
	h, err := findCheck(s.store.Snapshot(), call, in.HealthCheckId)
	if err != nil {
		return nil, err
	}
	return &route53api.GetHealthCheckResponse{HealthCheck: describeCheck(&h)}, nil
}

func (s *Service) updateHealthCheck(ctx context.Context, call *api.Call, in *route53api.UpdateHealthCheckRequest) (*route53api.UpdateHealthCheckResponse, error) {
	var h HealthCheck
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		if h, err = findCheck(tx, call, in.HealthCheckId); err != nil {
			return err
		}
		if v := in.HealthCheckVersion; v != nil && *v != h.Spec.Version {
			return route53api.NewHealthCheckVersionMismatch("The health check is at version %d, not %d.", h.Spec.Version, *v)
		}
		amend(&h.Spec.Config, in)
		if err := checkHealthConfig(&h.Spec.Config); err != nil {
			return err
		}
		if err := checkChildren(tx, call, &h.Spec.Config, idOf(h.Key)); err != nil {
			return err
		}
		h.Spec.Version++
		HealthChecks.Put(tx, h)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &route53api.UpdateHealthCheckResponse{HealthCheck: describeCheck(&h)}, nil
}

func (s *Service) deleteHealthCheck(ctx context.Context, call *api.Call, in *route53api.DeleteHealthCheckRequest) (*route53api.DeleteHealthCheckResponse, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		h, err := findCheck(tx, call, in.HealthCheckId)
		if err != nil {
			return err
		}
		HealthChecks.Delete(tx, h.Key)
		return nil
	})
}

func (s *Service) listHealthChecks(_ context.Context, call *api.Call, in *route53api.ListHealthChecksRequest) (*route53api.ListHealthChecksResponse, error) {
	limit, err := pageSize(in.MaxItems, mostChecks)
	if err != nil {
		return nil, err
	}
	var all []HealthCheck
	for _, h := range HealthChecks.Prefix(s.store.Snapshot(), scopeOf(call).Prefix()) {
		all = append(all, h)
	}
	shown, next := page(all, func(h *HealthCheck) string { return idOf(h.Key) }, in.Marker, limit)
	out := &route53api.ListHealthChecksResponse{
		HealthChecks: []route53api.HealthCheck{}, Marker: api.Ptr(api.Val(in.Marker)), NextMarker: next, IsTruncated: api.Ptr(next != nil), MaxItems: countText(limit),
	}
	for i := range shown {
		out.HealthChecks = append(out.HealthChecks, *describeCheck(&shown[i]))
	}
	return out, nil
}

func (s *Service) getHealthCheckCount(_ context.Context, call *api.Call, _ *route53api.GetHealthCheckCountRequest) (*route53api.GetHealthCheckCountResponse, error) {
	return &route53api.GetHealthCheckCountResponse{HealthCheckCount: api.Ptr(countOf(HealthChecks, s.store.Snapshot(), scopeOf(call).Prefix()))}, nil
}

func (s *Service) getHealthCheckStatus(_ context.Context, call *api.Call, in *route53api.GetHealthCheckStatusRequest) (*route53api.GetHealthCheckStatusResponse, error) {
	observed, _, err := s.observe(call, in.HealthCheckId)
	return &route53api.GetHealthCheckStatusResponse{HealthCheckObservations: observed}, err
}

func (s *Service) getLastFailureReason(_ context.Context, call *api.Call, in *route53api.GetHealthCheckLastFailureReasonRequest) (*route53api.GetHealthCheckLastFailureReasonResponse, error) {
	observed, healthy, err := s.observe(call, in.HealthCheckId)
	if healthy {
		observed = []route53api.HealthCheckObservation{}
	}
	return &route53api.GetHealthCheckLastFailureReasonResponse{HealthCheckObservations: observed}, err
}

// observe is what this region, as the only checker, sees.
func (s *Service) observe(call *api.Call, id *string) ([]route53api.HealthCheckObservation, bool, error) {
	snap := s.store.Snapshot()
	h, err := findCheck(snap, call, id)
	if err != nil {
		return nil, false, err
	}
	v := healthOf(snap, scopeOf(call), idOf(h.Key), 0)
	return []route53api.HealthCheckObservation{{
		Region: api.Ptr(call.Region), IPAddress: api.Ptr("127.0.0.1"),
		StatusReport: &route53api.StatusReport{Status: &v.report, CheckedTime: &call.Now},
	}}, v.healthy, nil
}

func (s *Service) getCheckerIPRanges(context.Context, *api.Call, *route53api.GetCheckerIpRangesRequest) (*route53api.GetCheckerIpRangesResponse, error) {
	return &route53api.GetCheckerIpRangesResponse{CheckerIpRanges: []string{}}, nil
}
