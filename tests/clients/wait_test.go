package clients

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// wait runs one of the SDK's waiters.
func wait(ctx context.Context, c client, waiter string, members map[string]any) error {
	build := reflect.ValueOf(waiters[c.module+"."+waiter])
	if !build.IsValid() {
		return errors.New("the SDK has no such waiter")
	}
	// Every waiter's options have the pauses between its questions.
	quick := reflect.MakeFunc(build.Type().In(1).Elem(), func(args []reflect.Value) []reflect.Value {
		options := args[0].Elem()
		options.FieldByName("MinDelay").Set(reflect.ValueOf(20 * time.Millisecond))
		options.FieldByName("MaxDelay").Set(reflect.ValueOf(time.Second))
		return nil
	})
	wait := build.Call([]reflect.Value{c.value, quick})[0].MethodByName("Wait")
	in := reflect.New(wait.Type().In(1).Elem())
	if err := set(in.Elem(), members); err != nil {
		return err
	}
	out := wait.Call([]reflect.Value{reflect.ValueOf(ctx), in, reflect.ValueOf(time.Minute)})
	err, _ := out[0].Interface().(error)
	return err
}

// waitedFor demands a step for each waiter that asks an operation that is served.
func (u *run) waitedFor(t *testing.T, served map[string]bool) {
	for _, name := range slices.Sorted(maps.Keys(waiters)) {
		if served[asks(name)] && !u.waited[name] && !slices.Contains(notWaited, name) {
			t.Errorf("no step waits with %s", name)
		}
	}
}

// asks returns the operation that a waiter asks: that of its input.
func asks(waiter string) string {
	module, _, _ := strings.Cut(waiter, ".")
	wait, _ := reflect.TypeOf(waiters[waiter]).Out(0).MethodByName("Wait")
	input := wait.Type.In(2).Elem().Name()
	return module + "." + strings.TrimSuffix(input, "Input")
}

// notWaited are waiters for what a region has none of, or no step makes: the
// snapshots of database clusters.
var notWaited = []string{
	"ec2.InstanceExists", "ec2.InstanceRunning", "ec2.InstanceStopped", "ec2.InstanceTerminated",
	"ecr.ImageScanComplete", "cloudwatch.LogAlarmExists", "rds.DBClusterAvailable", "rds.DBSnapshotAvailable",
	"rds.DBClusterSnapshotAvailable", "rds.DBClusterSnapshotDeleted",
}

// limits are the members that bound a page. EC2 takes 5 at least, RDS 20.
var limits = regexp.MustCompile(`^(MaxResults|MaxItems|MaxRecords|Limit|PageSize|MaxKeys|MaxUploads|MaxParts|MaxBuckets)$`)

// page asks again, page by page, for what a step was answered, and counts: a
// list's items are the same however they come.
func (u *run) page(t *testing.T, c client, operation string, s step) {
	members, err := s.members(u.names)
	if err != nil {
		t.Error(err)
		return
	}
	in, err := c.input(operation, members)
	if err != nil {
		t.Error(err)
		return
	}
	for i := range in.Elem().NumField() { // what names its items is not paged
		if strings.HasSuffix(in.Type().Elem().Field(i).Name, "Ids") {
			in.Elem().Field(i).SetZero()
		}
	}
	small := reflect.New(in.Type().Elem())
	small.Elem().Set(in.Elem())
	least := map[string]int32{"ec2": 5, "rds": 20, "elasticache": 20}[c.module]
	for i := range in.Elem().NumField() {
		if limits.MatchString(in.Type().Elem().Field(i).Name) {
			if err := set(small.Elem().Field(i), max(least, 1)); err != nil {
				t.Error(err)
			}
		}
	}
	// A history may grow between the two.
	var whole, parts int
	for range 5 {
		if whole, err = u.pages(t.Context(), c, operation, in); err != nil {
			t.Errorf("%s in whole: %v", operation, err)
			return
		}
		if parts, err = u.pages(t.Context(), c, operation, small); err != nil {
			t.Errorf("%s in small pages: %v", operation, err)
			return
		}
		if parts == whole {
			return
		}
	}
	t.Errorf("%s: %d items in small pages, %d in large ones", operation, parts, whole)
}

// pages counts what a paginator gives: the items of all lists of its answers.
func (u *run) pages(ctx context.Context, c client, operation string, in reflect.Value) (items int, _ error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	build := reflect.ValueOf(paginators[c.module+"."+operation])
	ends := reflect.MakeFunc(build.Type().In(2).Elem(), func(args []reflect.Value) []reflect.Value {
		if stop := args[0].Elem().FieldByName("StopOnDuplicateToken"); stop.IsValid() {
			stop.SetBool(true) // the events of a log have no end
		}
		return nil
	})
	pages := build.Call([]reflect.Value{c.value, in, ends})[0]
	for n := 0; pages.MethodByName("HasMorePages").Call(nil)[0].Bool(); n++ {
		out := pages.MethodByName("NextPage").Call([]reflect.Value{reflect.ValueOf(ctx)})
		if err, _ := out[1].Interface().(error); err != nil {
			return items, fmt.Errorf("page %d: %w", n, err)
		}
		answer := out[0].Elem()
		for i := range answer.NumField() {
			if f := answer.Field(i); f.Kind() == reflect.Slice {
				items += f.Len()
			}
		}
	}
	return items, nil
}
