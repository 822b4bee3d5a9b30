package ecs

import (
	"context"
	"sync"
	"time"

	"apex/internal/controller"
	"apex/internal/dataplane/task"
	"apex/internal/dataplane/task/cgroup"
	"apex/internal/store"
)

// meterEvery is how often every task is measured.
const meterEvery = time.Second

// meters hold what was last measured of each running task, by its key.
type meters struct {
	scratch []byte // of the loop that measures

	mu      sync.Mutex // guards the rest; only the loop changes it
	all     map[string]*metered
	turn    string // the task whose disk usage was taken last
	machine [2]time.Duration
}

// metered is one task with its last two readings.
type metered struct {
	meter        *task.Meter
	before, last task.Stats // zero until there are as many
	disk         int64      // bytes; -1 until it was measured
}

func newMeters() *meters {
	return &meters{scratch: make([]byte, cgroup.Scratch), all: map[string]*metered{}}
}

// A reading is what a task used between two moments.
type reading struct {
	before, last task.Stats
	disk         int64
}

// meterController measures all tasks as long as the region runs.
func (s *Service) meterController() controller.Controller {
	return controller.Loop("ecs/meter", func(ctx context.Context) error {
		defer s.meters.close()
		tick := time.NewTicker(meterEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
				s.measure(ctx)
			}
		}
	})
}

// measure reads every running task and hands the figures to CloudWatch. A figure
// that cannot be kept is lost: there is another in a second.
func (s *Service) measure(ctx context.Context) {
	snap := s.store.Snapshot()
	s.meters.read(snap, s.taskDir, s.env.Now)
	now := s.env.Now()
	for f, samples := range figures(snap, s.meters.reading, now) {
		if err := s.env.Metrics.Add(f.id(), f.unit, samples...); err != nil {
			s.env.Log.WarnContext(ctx, "figures of tasks not kept", "metric", f.name, "error", err)
			return
		}
	}
}

// read reads every running task, and lets go of those that run no more.
func (m *meters) read(snap store.Snapshot, dir func(id string) string, now func() time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	running := map[string]bool{}
	next, first := "", ""
	for key, t := range Tasks.All(snap) {
		if last(t) != statusRunning {
			continue
		}
		one := m.all[key]
		if one == nil {
			meter, err := task.OpenMeter(dir(t.Spec.ID))
			if err != nil {
				continue // it ended just now
			}
			one = &metered{meter: meter, disk: -1}
			m.all[key] = one
		}
		stats, err := one.meter.Read(now(), m.scratch)
		if err != nil {
			continue
		}
		one.before, one.last = one.last, stats
		running[key] = true
		if insightsOf(snap, t) != insightsOff {
			if first == "" {
				first = key
			}
			if next == "" && key > m.turn {
				next = key
			}
		}
	}
	for key, one := range m.all {
		if !running[key] {
			one.meter.Close()
			delete(m.all, key)
		}
	}
	if m.turn = next; next == "" {
		m.turn = first
	}
	m.measureDisk(snap, dir)
	if total, err := task.MachineCPU(); err == nil {
		m.machine[0], m.machine[1] = m.machine[1], total
	}
}

// measureDisk looks through the files of one task, the next each time, so that
// it stays cheap.
func (m *meters) measureDisk(snap store.Snapshot, dir func(id string) string) {
	one := m.all[m.turn]
	t, ok := Tasks.Get(snap, m.turn)
	if one == nil || !ok {
		return
	}
	if used, err := task.DiskUsage(dir(t.Spec.ID)); err == nil {
		one.disk = used
	}
}

// reading returns a task's last two readings, if there are two.
func (m *meters) reading(key string) (reading, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	one := m.all[key]
	if one == nil || one.before.At.IsZero() || !one.last.At.After(one.before.At) {
		return reading{}, false
	}
	return reading{one.before, one.last, one.disk}, true
}

// machineCPU returns the machine's CPU time at the last two readings.
func (m *meters) machineCPU() (before, last time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.machine[0], m.machine[1]
}

func (m *meters) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, one := range m.all {
		one.meter.Close()
		delete(m.all, key)
	}
}
