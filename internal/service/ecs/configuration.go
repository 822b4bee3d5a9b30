package ecs

import (
	"math"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/service/elbv2"
	"apex/internal/store"
)

// AWS's defaults of a deployment configuration.
const (
	defaultBake       = 15 // minutes; of deployments that shift traffic
	defaultCanary     = 5.0
	defaultCanaryBake = 10
	defaultLinear     = 10.0
	defaultLinearBake = 6
	maxBake           = 1440
)

// alarmBake is for how long alarms are watched after a rolling update that has no
// bake time.
const alarmBake = 5 * time.Minute

// newRollout lays a deployment configuration over another.
func newRollout(old ecsapi.DeploymentConfiguration, in *ecsapi.DeploymentConfiguration) (ecsapi.DeploymentConfiguration, error) {
	if in == nil {
		in = &ecsapi.DeploymentConfiguration{}
	}
	out := ecsapi.DeploymentConfiguration{
		MaximumPercent:           api.Ptr(api.Or(in.MaximumPercent, api.Or(old.MaximumPercent, 200))),
		MinimumHealthyPercent:    api.Ptr(api.Or(in.MinimumHealthyPercent, api.Or(old.MinimumHealthyPercent, 100))),
		DeploymentCircuitBreaker: old.DeploymentCircuitBreaker, Alarms: old.Alarms, LifecycleHooks: old.LifecycleHooks,
		Strategy: api.Ptr(api.Or(in.Strategy, api.Or(old.Strategy, ecsapi.DeploymentStrategyRolling))),
	}
	if in.DeploymentCircuitBreaker != nil {
		out.DeploymentCircuitBreaker = in.DeploymentCircuitBreaker
	}
	if in.Alarms != nil {
		out.Alarms = in.Alarms
	}
	if in.LifecycleHooks != nil {
		out.LifecycleHooks = in.LifecycleHooks
	}
	bake := int64(0)
	if shifts(*out.Strategy) {
		bake = defaultBake
	}
	if api.Val(old.Strategy) == *out.Strategy {
		bake = api.Or(old.BakeTimeInMinutes, bake)
	}
	out.BakeTimeInMinutes = api.Ptr(api.Or(in.BakeTimeInMinutes, bake))
	out.DeploymentCircuitBreaker = normalBreaker(out.DeploymentCircuitBreaker)
	if err := stepsOf(&out, old, in); err != nil {
		return out, err
	}
	return out, checkRollout(out, in)
}

// normalBreaker writes out a circuit breaker as AWS gives it back.
func normalBreaker(b *ecsapi.DeploymentCircuitBreaker) *ecsapi.DeploymentCircuitBreaker {
	if b == nil {
		b = &ecsapi.DeploymentCircuitBreaker{}
	}
	return &ecsapi.DeploymentCircuitBreaker{
		Enable: api.Ptr(api.Val(b.Enable)), Rollback: api.Ptr(api.Val(b.Rollback)),
		ResetOnHealthyTask: b.ResetOnHealthyTask, ThresholdConfiguration: b.ThresholdConfiguration,
	}
}

// stepsOf fills in how a canary or linear deployment shifts.
func stepsOf(out *ecsapi.DeploymentConfiguration, old ecsapi.DeploymentConfiguration, in *ecsapi.DeploymentConfiguration) error {
	strategy := *out.Strategy
	if in.CanaryConfiguration != nil && strategy != ecsapi.DeploymentStrategyCanary {
		return invalid("canaryConfiguration is only valid with the CANARY deployment strategy.")
	}
	if in.LinearConfiguration != nil && strategy != ecsapi.DeploymentStrategyLinear {
		return invalid("linearConfiguration is only valid with the LINEAR deployment strategy.")
	}
	switch strategy {
	case ecsapi.DeploymentStrategyCanary:
		var c ecsapi.CanaryConfiguration
		if from := firstOf(in.CanaryConfiguration, old.CanaryConfiguration); from != nil {
			c = *from
		}
		c.CanaryPercent = api.Ptr(api.Or(c.CanaryPercent, defaultCanary))
		c.CanaryBakeTimeInMinutes = api.Ptr(api.Or(c.CanaryBakeTimeInMinutes, defaultCanaryBake))
		out.CanaryConfiguration = &c
		return checkStep("canaryPercent", *c.CanaryPercent, 0.1, "canaryBakeTimeInMinutes", *c.CanaryBakeTimeInMinutes)
	case ecsapi.DeploymentStrategyLinear:
		var l ecsapi.LinearConfiguration
		if from := firstOf(in.LinearConfiguration, old.LinearConfiguration); from != nil {
			l = *from
		}
		l.StepPercent = api.Ptr(api.Or(l.StepPercent, defaultLinear))
		l.StepBakeTimeInMinutes = api.Ptr(api.Or(l.StepBakeTimeInMinutes, defaultLinearBake))
		out.LinearConfiguration = &l
		return checkStep("stepPercent", *l.StepPercent, 3, "stepBakeTimeInMinutes", *l.StepBakeTimeInMinutes)
	}
	return nil
}

func firstOf[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

func checkStep(name string, percent, least float64, bakeName string, bake int64) error {
	if tenths := percent * 10; percent < least || percent > 100 || math.Abs(tenths-math.Round(tenths)) > 1e-6 {
		return invalid("%s must be a multiple of 0.1 from %.1f to 100.0, not %g.", name, least, percent)
	}
	return checkBake(bakeName, bake)
}

func checkBake(name string, minutes int64) error {
	if minutes < 0 || minutes > maxBake {
		return invalid("%s must be from 0 to %d, not %d.", name, maxBake, minutes)
	}
	return nil
}

func checkRollout(out ecsapi.DeploymentConfiguration, in *ecsapi.DeploymentConfiguration) error {
	if *out.MaximumPercent < 100 || *out.MinimumHealthyPercent < 0 || *out.MinimumHealthyPercent > 100 {
		return invalid("maximumPercent must be at least 100 and minimumHealthyPercent from 0 to 100.")
	}
	if *out.MaximumPercent == 100 && *out.MinimumHealthyPercent == 100 {
		return invalid("Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.")
	}
	if in.EarlySuccessCriteria != nil && api.Val(in.EarlySuccessCriteria.Enable) {
		return unbuiltService("earlySuccessCriteria")
	}
	if a := out.Alarms; a != nil && api.Val(a.Enable) && len(a.AlarmNames) == 0 {
		return invalid("alarmNames cannot be empty when deployment alarms are enabled.")
	}
	if t := out.DeploymentCircuitBreaker.ThresholdConfiguration; t != nil && api.Val(t.Value) < 1 {
		return invalid("thresholdConfiguration: value must be at least 1.")
	}
	for _, h := range out.LifecycleHooks {
		if err := checkHook(h); err != nil {
			return err
		}
	}
	return checkBake("bakeTimeInMinutes", *out.BakeTimeInMinutes)
}

// checkHook refuses what this region cannot call. A hook that is a task, by the
// ARN of its definition, is an extension of this region.
func checkHook(h ecsapi.DeploymentLifecycleHook) error {
	if len(h.LifecycleStages) == 0 {
		return invalid("A lifecycle hook must have at least one lifecycle stage.")
	}
	if api.Val(h.TargetType) == ecsapi.DeploymentLifecycleHookTargetTypePause {
		for _, stage := range h.LifecycleStages {
			if stage == stageTest || stage == stageProduction {
				return invalid("PAUSE hooks cannot be configured at the stage %s.", stage)
			}
		}
		return nil
	}
	switch target := api.Val(h.HookTargetArn); {
	case strings.Contains(target, ":lambda:"):
		return unbuiltService("lifecycle hooks that are Lambda functions; use hooks of type PAUSE, or the ARN of a task definition, whose task then is the hook")
	case !strings.Contains(target, ":task-definition/"):
		return invalid("The hookTargetArn of a lifecycle hook must be an ARN.")
	}
	return nil
}

// checkTraffic checks that traffic can be shifted between two target groups of
// each load balancer, if the configuration shifts.
func checkTraffic(r store.Reader, rollout ecsapi.DeploymentConfiguration, balancers []ecsapi.LoadBalancer) error {
	if !shifts(api.Val(rollout.Strategy)) {
		return nil
	}
	for _, lb := range balancers {
		a := lb.AdvancedConfiguration
		if a == nil || a.AlternateTargetGroupArn == nil || a.ProductionListenerRule == nil || a.RoleArn == nil {
			return invalid("advancedConfiguration with alternateTargetGroupArn, productionListenerRule and roleArn is required for load balancers of a service with the %s deployment strategy.", *rollout.Strategy)
		}
		if *a.AlternateTargetGroupArn == api.Val(lb.TargetGroupArn) {
			return invalid("alternateTargetGroupArn must be another target group than targetGroupArn.")
		}
		for _, rule := range []*string{a.ProductionListenerRule, a.TestListenerRule} {
			if rule == nil {
				continue
			}
			if err := elbv2.CheckShift(r, *rule, api.Val(lb.TargetGroupArn), *a.AlternateTargetGroupArn); err != nil {
				return invalid("The listener rule %s cannot shift traffic: %v.", *rule, err)
			}
		}
	}
	return nil
}

// thresholdOf is how many failures break the circuit: half of what is desired,
// from 3 to 200, unless the service says otherwise.
func thresholdOf(b *ecsapi.DeploymentCircuitBreaker, desired int64) int {
	kind, value := ecsapi.ThresholdTypeBoundedPercent, int64(50)
	if b != nil && b.ThresholdConfiguration != nil {
		kind, value = api.Val(b.ThresholdConfiguration.Type), api.Val(b.ThresholdConfiguration.Value)
	}
	share := (desired*value + 99) / 100
	switch kind {
	case ecsapi.ThresholdTypeCount:
		return int(value)
	case ecsapi.ThresholdTypeUnboundedPercent:
		return int(max(share, 1))
	}
	return int(min(max(share, 3), 200))
}

// minutes is a number of minutes of a configuration.
func minutes(n *int64) time.Duration { return time.Duration(api.Val(n)) * time.Minute }
