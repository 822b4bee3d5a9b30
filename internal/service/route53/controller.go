package route53

import (
	"context"
	"strings"
	"time"

	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/service/cloudwatch"
	"apex/internal/service/ec2"
	"apex/internal/service/elbv2"
	"apex/internal/store"
)

// changeLife is how long a change can still be asked for.
const changeLife = 24 * time.Hour

// Controllers returns what publishes zones, and what forgets old changes.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{
		controller.New(controller.Spec[HostedZone, ZoneStatus]{
			Name: "route53/zone", Table: HostedZones, Status: func(z *HostedZone) *ZoneStatus { return &z.Status },
			Reconcile: s.publish,
			Watch: []controller.Trigger{
				controller.On(Records, zoneOfRecord),
				controller.On(HealthChecks, zonesOfAccount),
				controller.On(cloudwatch.Alarms, zonesOfAccount),
				controller.On(elbv2.LoadBalancers, zonesOfAccount),
				controller.On(ec2.Names, zonesOfAccount),
				controller.On(ec2.VPCs, zonesOfAccount),
			},
		}),
		controller.New(controller.Spec[Change, struct{}]{
			Name: "route53/change", Table: Changes, Status: func(c *Change) *struct{} { return &c.Status },
			Reconcile: s.forget,
		}),
	}
}

// zoneOfRecord cuts a record's key down to its zone's.
func zoneOfRecord(_ store.Snapshot, key string) []string {
	scope, rest := arn.SplitKey(key)
	id, _, _ := strings.Cut(rest, "/")
	return []string{scope.Key(id)}
}

func zonesOfAccount(snap store.Snapshot, key string) (keys []string) {
	scope, _ := arn.SplitKey(key)
	for k := range HostedZones.Prefix(snap, scope.Global().Prefix()) {
		keys = append(keys, k)
	}
	return keys
}

// publish hands a zone to the networks that see it, in each of their regions, and
// takes it from the others.
func (s *Service) publish(ctx context.Context, snap store.Snapshot, key string) (ZoneStatus, error) {
	zone, exists := HostedZones.Get(snap, key)
	wanted := map[arn.Scope]ec2.ZoneSpec{}
	if exists {
		wanted = audience(snap, &zone)
	}
	id := idOf(key)
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		for k := range ec2.Zones.All(snap) {
			scope, of := arn.SplitKey(k)
			if _, keep := wanted[scope]; of == id && !keep {
				ec2.DeleteZone(tx, scope, id)
			}
		}
		for scope, spec := range wanted {
			ec2.PutZone(tx, scope, id, spec)
		}
		return nil
	})
	return ZoneStatus{Published: zone.Spec.Serial}, err
}

// audience is who sees a zone, and what they see.
func audience(r store.Reader, zone *HostedZone) map[arn.Scope]ec2.ZoneSpec {
	out := map[arn.Scope]ec2.ZoneSpec{}
	if zone.Spec.Private {
		for _, v := range zone.Spec.VPCs {
			scope := arn.Scope{Account: v.Account, Region: v.Region}
			spec := out[scope]
			spec.VPCs = append(spec.VPCs, v.ID)
			out[scope] = spec
		}
	} else {
		account, _ := arn.SplitKey(zone.Key)
		for k := range ec2.VPCs.Prefix(r, account.Account+"/") {
			scope, _ := arn.SplitKey(k)
			out[scope] = ec2.ZoneSpec{}
		}
	}
	for scope, spec := range out {
		spec.Domain = domainOf(r, zone, scope.Region)
		out[scope] = spec
	}
	return out
}

// forget removes a change that is long past.
func (s *Service) forget(_ context.Context, snap store.Snapshot, key string) (struct{}, error) {
	c, ok := Changes.Get(snap, key)
	if !ok {
		return struct{}{}, nil
	}
	if left := c.Spec.SubmittedAt.Add(changeLife).Sub(s.now()); left > 0 {
		return struct{}{}, controller.Again(left)
	}
	return struct{}{}, controller.Remove
}
