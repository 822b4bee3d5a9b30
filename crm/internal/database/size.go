package database

// PoolSize divides what MySQL serves among all tasks that may run at once:
// twice as many as wanted, as a roll-out starts the new before the old stop.
// Some connections are left for administrators and migrations.
func PoolSize(maxConnections, maxTasks int) int {
	const (
		reserve = 8
		rollout = 2
		least   = 2
		most    = 16
	)
	return min(max((maxConnections-reserve)/(maxTasks*rollout), least), most)
}
