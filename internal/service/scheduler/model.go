// Package scheduler serves Amazon EventBridge Scheduler: schedules, in groups, that
// call their targets at a time, at a rate, or by a cron expression in a time zone.
//
// A controller looks at each schedule when it is next due. It puts what is to be
// sent into the outbox of package target, in the transaction that notes the time:
// a region that was down when a schedule was due sends it late, once.
package scheduler

import (
	"fmt"
	"time"

	"apex/internal/api"
	"apex/internal/api/schedulerapi"
	"apex/internal/arn"
	"apex/internal/service/timetable"
	"apex/internal/store"
	"apex/internal/tag"
)

// The service's tables. The key of a schedule is its group's key, "/" and its name.
var (
	Schedules = store.NewTable("scheduler.schedules", func(s *Schedule) string { return s.Key })
	Groups    = store.NewTable("scheduler.groups", func(g *Group) string { return g.Key })
)

// Tables returns the service's tables.
func Tables() []store.AnyTable { return []store.AnyTable{Schedules, Groups} }

// defaultGroup is there without being made.
const defaultGroup = "default"

// A Group holds schedules.
type Group struct {
	Key  string // scope and name
	Spec GroupSpec
}

// A GroupSpec is what the API says of a group.
type GroupSpec struct {
	Name              string
	Tags              tag.Tags
	Token             string // of the call that made it
	Created, Modified time.Time
}

// A Schedule calls a target when it is due.
type Schedule struct {
	Key    string
	Spec   ScheduleSpec
	Status ScheduleStatus
}

// A ScheduleSpec is what the API says of a schedule.
type ScheduleSpec struct {
	Group, Name          string
	Description          *string
	Expression, Timezone string
	State                string
	Window               *schedulerapi.FlexibleTimeWindow
	Start, End           *time.Time
	After                string // ActionAfterCompletion
	Key                  *string
	Target               schedulerapi.Target
	Token                string // of the call that made it
	Created, Modified    time.Time
}

// A ScheduleStatus is what the controller has seen to.
type ScheduleStatus struct {
	Looked time.Time // what was due before is done
	Last   time.Time // when it was due last
}

// table is when a schedule is due.
func (spec ScheduleSpec) table() (timetable.Schedule, error) {
	zone, err := time.LoadLocation(spec.Timezone)
	if err != nil || spec.Timezone == "Local" {
		return timetable.Schedule{}, fmt.Errorf("time zone %q is not known", spec.Timezone)
	}
	return timetable.Parse(spec.Expression, zone)
}

func scopeOf(call *api.Call) arn.Scope { return arn.Scope{Account: call.Account, Region: call.Region} }

func scheduleKey(scope arn.Scope, group, name string) string { return scope.Key(group + "/" + name) }

// scheduleARN names a schedule by its key.
func scheduleARN(key string) string {
	scope, name := arn.SplitKey(key)
	return scope.ARN("scheduler", "schedule/"+name)
}

func groupARN(key string) string {
	scope, name := arn.SplitKey(key)
	return scope.ARN("scheduler", "schedule-group/"+name)
}

// findGroup returns a group; the default one has always been there.
func findGroup(r store.Reader, scope arn.Scope, name string) (Group, error) {
	g, ok := Groups.Get(r, scope.Key(name))
	switch {
	case ok:
		return g, nil
	case name == defaultGroup:
		begun := time.Date(2022, 11, 10, 0, 0, 0, 0, time.UTC)
		return Group{Key: scope.Key(name), Spec: GroupSpec{Name: name, Created: begun, Modified: begun}}, nil
	}
	return Group{}, schedulerapi.NewResourceNotFoundException("Schedule group %s does not exist.", name)
}
