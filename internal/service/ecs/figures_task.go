package ecs

import (
	"strconv"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/dataplane/task/cgroup"
	"apex/internal/store"
)

// use is what a task or a container uses, in AWS's units.
type use struct {
	cpu, memory, read, written float64 // CPU units, MB, bytes in the time between
}

func useBetween(before, last cgroup.Stats, passed time.Duration) use {
	return use{
		cpu:     float64(last.CPU-before.CPU) / float64(passed) * 1024,
		memory:  float64(last.Memory) / (1 << 20),
		read:    float64(last.Read - before.Read),
		written: float64(last.Written - before.Written),
	}
}

// task adds the figures of one task.
func (s sheet) task(r store.Reader, scope arn.Scope, t Task, one reading) {
	passed := one.last.At.Sub(one.before.At)
	used := useBetween(one.before.Task, one.last.Task, passed)
	cpu, _ := strconv.ParseFloat(t.Spec.CPU, 64)
	memory, _ := strconv.ParseFloat(t.Spec.Memory, 64)
	cluster := dimensions{scope: scope, cluster: t.Spec.Cluster}
	of := []dimensions{cluster}
	if t.Spec.Service != "" {
		service := cluster
		service.service = t.Spec.Service
		of = append(of, service)
	}
	if cpu > 0 {
		s.add(spaceECS, "CPUUtilization", "Percent", 100*used.cpu/cpu, of...)
	}
	if memory > 0 {
		s.add(spaceECS, "MemoryUtilization", "Percent", 100*used.memory/memory, of...)
	}
	level := insightsOf(r, t)
	if level == insightsOff {
		return
	}
	family := cluster
	family.family = familyOf(t.Spec.Definition)
	of = append(of, family)
	if level == insightsEnhanced {
		for _, d := range of[1:] {
			d.task = t.Spec.ID
			of = append(of, d)
		}
		s.add(spaceInsights, "TaskCpuUtilization", "Percent", 100*used.cpu/max(cpu, 1), of...)
		s.add(spaceInsights, "TaskMemoryUtilization", "Percent", 100*used.memory/max(memory, 1), of...)
	}
	s.usage("", used, cpu, memory, of)
	s.network(one, passed, of)
	s.storage(r, scope, t, one, of)
	s.containers(r, scope, t, one, level, of)
}

// usage adds what is known of tasks and of containers alike. AWS puts the word
// Container before the names of the latter.
func (s sheet) usage(kind string, used use, cpu, memory float64, of []dimensions) {
	s.add(spaceInsights, kind+"CpuUtilized", "None", used.cpu, of...)
	s.add(spaceInsights, kind+"CpuReserved", "None", cpu, of...)
	s.add(spaceInsights, kind+"MemoryUtilized", "Megabytes", used.memory, of...)
	s.add(spaceInsights, kind+"MemoryReserved", "Megabytes", memory, of...)
	s.add(spaceInsights, kind+"StorageReadBytes", "Bytes", used.read, of...)
	s.add(spaceInsights, kind+"StorageWriteBytes", "Bytes", used.written, of...)
}

func (s sheet) network(one reading, passed time.Duration, of []dimensions) {
	rx, tx := ratesOf(one, passed)
	s.add(spaceInsights, "NetworkRxBytes", "Bytes/Second", rx, of...)
	s.add(spaceInsights, "NetworkTxBytes", "Bytes/Second", tx, of...)
}

// ratesOf are the bytes a second that came in and went out.
func ratesOf(one reading, passed time.Duration) (rx, tx float64) {
	for _, n := range one.last.Network {
		rx += float64(n.RxBytes)
		tx += float64(n.TxBytes)
	}
	for _, n := range one.before.Network {
		rx -= float64(n.RxBytes)
		tx -= float64(n.TxBytes)
	}
	return max(rx, 0) / passed.Seconds(), max(tx, 0) / passed.Seconds()
}

// defaultStorage is Fargate's, in GiB.
const defaultStorage = 20

func (s sheet) storage(r store.Reader, scope arn.Scope, t Task, one reading, of []dimensions) {
	s.add(spaceInsights, "EphemeralStorageReserved", "Gigabytes", float64(storageOf(r, scope, t)), of...)
	if one.disk >= 0 {
		s.add(spaceInsights, "EphemeralStorageUtilized", "Gigabytes", float64(one.disk)/(1<<30), of...)
	}
}

// storageOf is a task's ephemeral storage in GiB.
func storageOf(r store.Reader, scope arn.Scope, t Task) int64 {
	if o := t.Spec.Overrides; o != nil && o.EphemeralStorage != nil {
		return api.Val(o.EphemeralStorage.SizeInGiB)
	}
	d, err := findDefinition(r, scope, t.Spec.Definition)
	if err != nil || d.Definition.EphemeralStorage == nil {
		return defaultStorage
	}
	return api.Or(d.Definition.EphemeralStorage.SizeInGiB, defaultStorage)
}

// containers adds the health of the task's containers, and with enhanced
// observability the use of each.
func (s sheet) containers(r store.Reader, scope arn.Scope, t Task, one reading, level insights, of []dimensions) {
	reserved := map[string]ecsapi.ContainerDefinition{}
	if d, err := findDefinition(r, scope, t.Spec.Definition); err == nil {
		for _, c := range d.Definition.ContainerDefinitions {
			reserved[api.Val(c.Name)] = c
		}
	}
	for _, c := range t.Status.Containers {
		here := of
		if level == insightsEnhanced {
			here = nil
			for _, d := range of[1:] {
				d.container = c.Name
				here = append(here, d)
			}
			def := reserved[c.Name]
			memory := api.Or(def.MemoryReservation, api.Val(def.Memory))
			if last, ok := one.last.Containers[c.Name]; ok {
				used := useBetween(one.before.Containers[c.Name], last, one.last.At.Sub(one.before.At))
				s.usage("Container", used, float64(api.Val(def.Cpu)), float64(memory), here)
			}
			here = append(here, of...)
		}
		if def := reserved[c.Name]; def.RestartPolicy != nil && api.Val(def.RestartPolicy.Enabled) {
			s.add(spaceInsights, "RestartCount", "Count", float64(c.Restarts), here...)
		}
		if c.Health != "" {
			bad := 0.0
			if c.Health == ecsapi.HealthStatusUnhealthy {
				bad = 1
			}
			s.add(spaceInsights, "UnHealthyContainerHealthStatus", "Count", bad, here...)
		}
	}
}
