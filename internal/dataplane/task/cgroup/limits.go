package cgroup

import "strconv"

// period is the window of the CPU quota in microseconds, the kernel's default.
const period = 100_000

// A setting is one limit as each version writes it.
type setting struct {
	controller string
	v1, value1 string
	v2, value2 string
	optional   bool // the kernel may be built without it
}

// settings are the files to write for limits, in order: memory before its swap
// twin, which version 1 refuses to put below it.
func settings(l Limits) []setting {
	var all []setting
	if l.CPU > 0 {
		quota := decimal(int64(max(l.CPU*period/1024, 1000))) // the kernel's least is 1 ms
		all = append(all, setting{
			controller: "cpu",
			v1:         "cpu.cfs_quota_us", value1: quota,
			v2: "cpu.max", value2: quota + " " + decimal(period),
		})
	}
	if l.Shares > 0 {
		all = append(all, setting{
			controller: "cpu",
			v1:         "cpu.shares", value1: decimal(int64(max(l.Shares, 2))),
			v2: "cpu.weight", value2: decimal(weight(l.Shares)),
		})
	}
	if l.Memory > 0 {
		limit := decimal(l.Memory)
		all = append(all,
			setting{controller: "memory", v1: "memory.limit_in_bytes", value1: limit, v2: "memory.max", value2: limit},
			setting{
				controller: "memory", optional: true,
				v1: "memory.memsw.limit_in_bytes", value1: limit,
				v2: "memory.swap.max", value2: "0",
			})
	}
	if l.Reserve > 0 {
		reserve := decimal(l.Reserve)
		all = append(all, setting{
			controller: "memory",
			v1:         "memory.soft_limit_in_bytes", value1: reserve,
			v2: "memory.low", value2: reserve,
		})
	}
	if l.PIDs > 0 {
		count := decimal(l.PIDs)
		all = append(all, setting{controller: "pids", v1: "pids.max", value1: count, v2: "pids.max", value2: count})
	}
	return all
}

// weight maps shares (2 to 262144, default 1024) to version 2's weight (1 to
// 10000) along the line that runc and systemd use.
func weight(shares int) int64 {
	shares = min(max(shares, 2), 262144)
	return 1 + int64(shares-2)*9999/262142
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
