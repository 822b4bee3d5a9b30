package ecs

import (
	"runtime"
	"time"

	"apex/internal/dataplane/task"
	"apex/internal/dataplane/task/cgroup"
)

// stats are one container's figures in the form of Docker's statistics, or null
// before it was measured.
func (v view) stats(c ContainerStatus) any {
	one, ok := v.s.meters.reading(v.t.Key)
	used, runs := one.last.Containers[c.Name]
	if !ok || !runs {
		return nil
	}
	before, last := v.s.meters.machineCPU()
	limit := used.MemoryLimit
	if limit == 0 {
		limit = one.last.Task.MemoryLimit
	}
	// The quota that throttles is the task's.
	rx, tx := ratesOf(one, one.last.At.Sub(one.before.At))
	return map[string]any{
		"name": c.Name, "id": c.RuntimeID, "num_procs": 0, "storage_stats": map[string]any{},
		"read": one.last.At.UTC().Format(time.RFC3339Nano), "preread": one.before.At.UTC().Format(time.RFC3339Nano),
		"pids_stats":   map[string]any{"current": used.PIDs},
		"cpu_stats":    dockerCPU(used, one.last.Task, last),
		"precpu_stats": dockerCPU(one.before.Containers[c.Name], one.before.Task, before),
		"memory_stats": map[string]any{
			"usage": used.Held, "limit": limit,
			"stats": map[string]any{"inactive_file": used.Cache, "total_inactive_file": used.Cache},
		},
		"blkio_stats":        dockerDisk(used),
		"networks":           dockerNetworks(one.last.Network),
		"network_rate_stats": map[string]any{"rx_bytes_per_sec": rx, "tx_bytes_per_sec": tx},
	}
}

func (v view) allStats() any {
	out := map[string]any{}
	for _, c := range v.t.Status.Containers {
		out[c.RuntimeID] = v.stats(c)
	}
	return out
}

func dockerCPU(used, task cgroup.Stats, machine time.Duration) map[string]any {
	return map[string]any{
		"cpu_usage":        map[string]any{"total_usage": used.CPU.Nanoseconds()},
		"system_cpu_usage": machine.Nanoseconds(),
		"online_cpus":      runtime.NumCPU(),
		"throttling_data": map[string]any{
			"periods": task.Periods, "throttled_periods": task.Throttled, "throttled_time": task.ThrottledFor.Nanoseconds(),
		},
	}
}

func dockerDisk(used cgroup.Stats) map[string]any {
	return map[string]any{"io_service_bytes_recursive": []map[string]any{
		{"major": 0, "minor": 0, "op": "Read", "value": used.Read},
		{"major": 0, "minor": 0, "op": "Write", "value": used.Written},
	}}
}

func dockerNetworks(all []task.Traffic) map[string]any {
	out := map[string]any{}
	for _, n := range all {
		out[n.Interface] = map[string]any{
			"rx_bytes": n.RxBytes, "rx_packets": n.RxPackets, "rx_errors": n.RxErrors, "rx_dropped": n.RxDropped,
			"tx_bytes": n.TxBytes, "tx_packets": n.TxPackets, "tx_errors": n.TxErrors, "tx_dropped": n.TxDropped,
		}
	}
	return out
}
