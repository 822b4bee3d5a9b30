package rds

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"apex/internal/api/rdsapi"
	"apex/internal/dataplane/mysql"
)

func TestCatalogue(t *testing.T) {
	all := catalogue()
	if len(all) < 90 || !slices.IsSortedFunc(all, func(a, b parameter) int { return strings.Compare(a.name, b.name) }) {
		t.Errorf("%d parameters; they must be in order, which paging needs", len(all))
	}
	for _, p := range all {
		if p.preset != "" && p.reaches != "kept" {
			if err := p.check(p.preset); err != nil {
				t.Errorf("its own preset is refused: %v", err)
			}
		}
	}
}

func TestCheckParameter(t *testing.T) {
	for name, tt := range map[string]struct {
		parameter, value string
		good             bool
	}{
		"in range":     {"max_connections", "200", true},
		"below":        {"max_connections", "0", false},
		"no number":    {"max_connections", "many", false},
		"a fraction":   {"max_connections", "1.5", false},
		"formula":      {"max_connections", "{DBInstanceClassMemory/9531392}", true},
		"a function":   {"max_connections", "{GREATEST({DBInstanceClassMemory/9531392},5000)}", false},
		"zero below":   {"max_connections", "{DBInstanceClassMemory/0}", false},
		"boolean":      {"slow_query_log", "1", true},
		"word for it":  {"slow_query_log", "ON", false},
		"float":        {"long_query_time", "0.5", true},
		"a line break": {"sql_mode", "A\nB", false},
	} {
		p, ok := findParameter(tt.parameter)
		if !ok {
			t.Fatal(tt.parameter)
		}
		if err := p.check(tt.value); (err == nil) != tt.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSettingsOf(t *testing.T) {
	values := map[string]ParameterValue{
		"wait_timeout":           {"60", rdsapi.ApplyMethodImmediate},
		"max_connections":        {"10", rdsapi.ApplyMethodPendingReboot},
		"innodb_purge_threads":   {"2", rdsapi.ApplyMethodPendingReboot},
		"lower_case_table_names": {"1", rdsapi.ApplyMethodPendingReboot},
		"max_execution_time":     {"5", rdsapi.ApplyMethodImmediate},
	}
	s := settingsOf(values, 1*gib, mysql.MariaDB)
	if len(s.live) != 1 || s.live["wait_timeout"] != "60" {
		t.Errorf("live: %v", s.live)
	}
	if len(s.static) != 2 || s.static["max_connections"] != "10" || s.static["innodb_purge_threads"] != "2" {
		t.Errorf("static: %v", s.static)
	}
	if s := settingsOf(nil, 2*gib, mysql.MySQL); s.live["max_connections"] != "170" {
		t.Errorf("without a group: %v", s.live)
	}
}

func FuzzEvaluate(f *testing.F) {
	for _, v := range []string{"7", "{DBInstanceClassMemory*3/4}", "{DBInstanceClassMemory/0}", "{LEAST(1,2)}", "{"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got, err := evaluate(value, gib)
		if err == nil && strings.HasPrefix(value, "{") && strings.Trim(got, "-0123456789") != "" {
			t.Errorf("%q became %q", value, got)
		}
	})
}

func TestClassMemory(t *testing.T) {
	for class, want := range map[string]int64{
		"db.t3.micro": 1 * gib, "db.t4g.large": 8 * gib, "db.m5.xlarge": 16 * gib, "db.r6g.large": 16 * gib, "db.t3.2xlarge": 32 * gib,
	} {
		if got, ok := classMemory(class); got != want || !ok {
			t.Errorf("%s has %d, %v", class, got, ok)
		}
	}
	for _, class := range []string{"", "db", "t3.micro", "db.m5.micro", "db.t3.4xlarge", "db.q9.large", "db..large", "db.t3.huge"} {
		if _, ok := classMemory(class); ok {
			t.Errorf("%q is a class", class)
		}
	}
	for _, class := range orderableClasses {
		if _, ok := classMemory(class); !ok {
			t.Errorf("%s is offered and unknown", class)
		}
	}
}

func TestBufferPool(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		class := rapid.Int64Range(0, 1<<40).Draw(t, "class")
		machine := rapid.Int64Range(0, 1<<40).Draw(t, "machine")
		got := bufferPool(class, machine)
		if got < smallestPool || got > smallestPool && (got > class/4*3 || got > machine/8) {
			t.Fatalf("%d of class %d on machine %d", got, class, machine)
		}
	})
}

func TestPending(t *testing.T) {
	tuesday := time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	spec := InstanceSpec{Sizing: Sizing{Class: "small"}, Settings: Settings{MaintenanceWindow: "mon:04:00-mon:05:00"}}
	spec.resize(Sizing{Class: "large"}, false, tuesday)
	if now := spec.at(tuesday.Add(time.Hour)); now.Class != "small" || now.wanted().Class != "large" || now.Change != 0 {
		t.Errorf("before the window: %+v", now)
	}
	then := spec.at(tuesday.AddDate(0, 0, 6))
	if then.Class != "large" || then.Change != 1 || !then.PendingAt.IsZero() {
		t.Errorf("in the window: %+v", then)
	}
	if again := then.at(tuesday.AddDate(0, 1, 0)); again.Change != 1 {
		t.Errorf("made twice: %+v", again)
	}
	spec.resize(Sizing{Class: "large"}, true, tuesday)
	if spec.Class != "large" || spec.Change != 1 {
		t.Errorf("at once: %+v", spec)
	}
}

func TestState(t *testing.T) {
	up := InstanceStatus{Created: true, Ready: true}
	for name, tt := range map[string]struct {
		spec   InstanceSpec
		status InstanceStatus
		want   string
	}{
		"new":           {InstanceSpec{Change: 1}, InstanceStatus{}, stateCreating},
		"not yet":       {InstanceSpec{}, InstanceStatus{Fault: "not yet"}, stateCreating},
		"no engine":     {InstanceSpec{}, InstanceStatus{Fault: "none", Failed: true}, stateFailed},
		"up":            {InstanceSpec{}, up, stateAvailable},
		"changing":      {InstanceSpec{Change: 1}, up, stateModifying},
		"rebooting":     {InstanceSpec{Reboots: 1}, up, stateRebooting},
		"crashed":       {InstanceSpec{}, InstanceStatus{Created: true}, stateRebooting},
		"to be stopped": {InstanceSpec{Stopped: true}, up, stateStopping},
		"stopped":       {InstanceSpec{Stopped: true}, InstanceStatus{Created: true, Stopped: true}, stateStopped},
		"to be started": {InstanceSpec{}, InstanceStatus{Created: true, Stopped: true}, stateStarting},
		"to be deleted": {InstanceSpec{Deleted: true, Stopped: true}, up, stateDeleting},
	} {
		if got := state(Instance{Spec: tt.spec, Status: tt.status}); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// Pages put together are the list, whatever their size.
func TestPage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,6}`), 0, 200, rapid.ID).Draw(t, "all")
		slices.Sort(all)
		size := rapid.Int64Range(20, 100).Draw(t, "size")
		var got []string
		var marker *string
		for {
			some, next, err := page(all, func(s string) string { return s }, &size, marker)
			if err != nil || int64(len(some)) > size {
				t.Fatalf("%d items, %v", len(some), err)
			}
			got = append(got, some...)
			if marker = next; next == nil {
				break
			}
		}
		if !slices.Equal(got, all) {
			t.Fatalf("%d of %d items", len(got), len(all))
		}
	})
}
