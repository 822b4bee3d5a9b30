package ecs

import (
	"math"
	"slices"

	"apex/internal/api/ecsapi"
)

// The stages of a deployment that shifts traffic, in AWS's names and order.
const (
	stageReconcile     = ecsapi.ServiceDeploymentLifecycleStageReconcileService
	stagePreScaleUp    = ecsapi.ServiceDeploymentLifecycleStagePreScaleUp
	stageScaleUp       = ecsapi.ServiceDeploymentLifecycleStageScaleUp
	stagePostScaleUp   = ecsapi.ServiceDeploymentLifecycleStagePostScaleUp
	stageTest          = ecsapi.ServiceDeploymentLifecycleStageTestTrafficShift
	stagePostTest      = ecsapi.ServiceDeploymentLifecycleStagePostTestTrafficShift
	stagePreProduction = ecsapi.ServiceDeploymentLifecycleStagePreProductionTrafficShift
	stageProduction    = ecsapi.ServiceDeploymentLifecycleStageProductionTrafficShift
	stagePostShift     = ecsapi.ServiceDeploymentLifecycleStagePostProductionTrafficShift
	stageBake          = ecsapi.ServiceDeploymentLifecycleStageBakeTime
	stageCleanUp       = ecsapi.ServiceDeploymentLifecycleStageCleanUp
)

var stages = []string{
	stageReconcile, stagePreScaleUp, stageScaleUp, stagePostScaleUp, stageTest, stagePostTest,
	stagePreProduction, stageProduction, stagePostShift, stageBake, stageCleanUp,
}

// shift takes a deployment with two sets of tasks through its stages. Green is
// the target; blue is all that was there before.
//
//	RECONCILE_SERVICE              blue is of one revision
//	PRE_SCALE_UP                   hooks
//	SCALE_UP                       green starts, and all of it becomes healthy
//	POST_SCALE_UP                  hooks
//	TEST_TRAFFIC_SHIFT             the test listener's traffic goes to green
//	POST_TEST_TRAFFIC_SHIFT        hooks
//	PRE_PRODUCTION_TRAFFIC_SHIFT ┐ hooks; green must be whole
//	PRODUCTION_TRAFFIC_SHIFT     │ so much traffic goes to green as the step says
//	POST_PRODUCTION_TRAFFIC_SHIFT┘ hooks, and the pause until the next step
//	BAKE_TIME                      blue is still warm: going back is instant
//	CLEAN_UP                       blue goes
func (d *decider) shift() {
	st := &d.decision.Status
	if st.State == stateInProgress {
		d.advance()
	}
	switch green, blue := d.sets(); {
	case st.State == stateGoingBack:
		d.shiftBack(green, blue)
	case st.State == stateStopped:
		d.steer(serving(green), serving(blue))
		d.planSet(d.Target, green, d.Desired, false)
		d.planBlue(blue)
	default:
		want := 0
		if slices.Index(stages, st.Stage) >= slices.Index(stages, stageScaleUp) {
			want = d.Desired
		}
		d.planSet(d.Target, green, want, true)
		d.planBlue(blue)
	}
}

// steer gives all traffic to the one set that can serve, while a deployment that
// was given up leaves two.
func (d *decider) steer(green, blue int) {
	switch st := &d.decision.Status; {
	case green > 0 && blue == 0:
		st.Percent, st.Test = 100, true
	case green == 0 && blue > 0:
		st.Percent, st.Test = 0, false
	}
}

// planBlue keeps the old tasks until they shall go. What never was complete is
// kept as it is.
func (d *decider) planBlue(blue []planTask) {
	want := d.Desired
	if st := d.decision.Status; st.Stage == stageCleanUp && st.State != stateStopped {
		want = 0
	}
	if d.Source != "" || want == 0 {
		d.planSet(d.Source, blue, want, true)
	}
}

// planSet keeps so many tasks of one set.
func (d *decider) planSet(revision string, tasks []planTask, want int, start bool) {
	p := d.planInput
	p.Primary, p.Tasks, p.Desired, p.Rebalance = revision, tasks, want, false
	if revision != d.Target {
		p.Zones, p.Failures, p.LastFailure = d.SourceZones, d.SourceFailures, d.SourceLastFailure
	}
	if !start {
		p.Zones = nil
	}
	if want == 0 {
		p.MinPercent = 0
	}
	d.plan(p)
}

// sets splits the tasks into those of the target and all others.
func (d *decider) sets() (green, blue []planTask) {
	for _, t := range d.Tasks {
		if t.Deployment == d.Target {
			green = append(green, t)
		} else {
			blue = append(blue, t)
		}
	}
	return green, blue
}

func serving(tasks []planTask) (n int) {
	for _, t := range tasks {
		if t.Verdict == verdictHealthy {
			n++
		}
	}
	return n
}

// dark reports whether traffic goes to a target that cannot serve while what was
// there before can.
func (d *decider) dark() bool {
	green, blue := d.sets()
	st := d.decision.Status
	return st.Percent > 0 && st.Stage != stageCleanUp && d.Desired > 0 && serving(green) == 0 && serving(blue) > 0
}

// advance goes through the stages that are over.
func (d *decider) advance() {
	st := &d.decision.Status
	for st.State == stateInProgress {
		switch d.hooks() {
		case hooksPending:
			return
		case hooksFailed:
			d.fail("ECS deployment lifecycle hook", "hook failed at "+st.Stage, true, "Service deployment rolled back because a lifecycle hook failed.")
			return
		}
		if !d.stageOver() {
			return
		}
		d.nextStage()
	}
}

func (d *decider) hooks() hookState {
	if d.Hook == nil {
		return hooksDone
	}
	return d.Hook(d.decision.Status.Stage, d.decision.Status.Step)
}

// stageOver reports whether what a stage is for has come true.
func (d *decider) stageOver() bool {
	st := &d.decision.Status
	green, blue := d.sets()
	switch st.Stage {
	case stageReconcile:
		return d.Source == "" || !slices.ContainsFunc(blue, func(t planTask) bool { return t.Deployment != d.Source })
	case stageScaleUp:
		return serving(green) >= d.Desired
	case stagePreProduction:
		return serving(green) >= d.Desired
	case stagePostShift:
		return st.Percent >= 100 || d.passed(st.ShiftedAt, d.StepBake)
	case stageBake:
		return d.Source == "" || d.passed(st.StageAt, d.Bake)
	case stageCleanUp:
		return len(blue) == 0
	}
	return true
}

// nextStage enters the stage that follows and does what it is for.
func (d *decider) nextStage() {
	st := &d.decision.Status
	next := stages[min(slices.Index(stages, st.Stage)+1, len(stages)-1)]
	switch {
	case st.Stage == stageCleanUp:
		d.succeed()
		return
	case st.Stage == stagePostShift && st.Percent < 100:
		next = stagePreProduction
	}
	st.Stage, st.StageAt, st.UpdatedAt = next, d.now, d.now
	switch next {
	case stageTest:
		st.Test = true
	case stageProduction:
		st.Step++
		st.Percent, st.ShiftedAt = d.nextPercent(), d.now
	}
}

// nextPercent is the production traffic that the target has after the next step.
func (d *decider) nextPercent() float64 {
	st := d.decision.Status
	switch {
	case d.Strategy == ecsapi.DeploymentStrategyCanary && st.Percent == 0:
		return min(d.StepPercent, 100)
	case d.Strategy == ecsapi.DeploymentStrategyLinear:
		return min(math.Round((st.Percent+d.StepPercent)*10)/10, 100)
	}
	return 100
}

// shiftBack gives the traffic back as soon as what was there before can take it,
// and then ends the target's tasks.
func (d *decider) shiftBack(green, blue []planTask) {
	st := &d.decision.Status
	enough := 1 // the old set is warm; it was told to go only while cleaning up
	if p := (planner{planInput: d.planInput}); st.Stage == stageCleanUp {
		enough = max(1, p.least())
	}
	if serving(blue) >= enough || serving(green) == 0 {
		st.Percent, st.Test = 0, false
	}
	want := d.Desired
	if st.Percent == 0 {
		want = 0
	}
	d.planSet(d.Target, green, want, false)
	d.planSet(d.Source, blue, d.Desired, true)
	back := d.planInput
	back.Primary, back.Tasks = d.Source, blue
	if st.Percent == 0 && len(green) == 0 && (d.Superseded || len(d.Steps) == 0 && settled(back)) {
		d.returned()
	}
}

// weights are what a percentage of the target is in the weights of a listener
// rule: whole numbers up to 999, in tenths where they must be.
func weights(percent float64) (target, source int64) {
	if tenths := int64(math.Round(percent * 10)); tenths%10 != 0 {
		return tenths, 1000 - tenths
	}
	whole := int64(math.Round(percent))
	return whole, 100 - whole
}
