package jobs

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// Orphans are jobs whose task died: they count as running and nobody runs
// them. The library finds most of them after two minutes, and not those that
// lost their lease in an accident of Redis; this finds all of them sooner. A
// job that outlives several tasks is left to the library, which counts it as
// failed: it may be what kills them.
type Orphans struct {
	Redis *redis.Client
	seen  map[string]string // job to its lease, as it was the last time
}

const (
	orphansEvery = 4 * time.Second
	// Whoever runs a job extends its lease of 30 s every 5 s.
	unattended   = 12 * time.Second
	leaseOf      = 30 * time.Second
	orphanedMost = 3
)

// Periodic is the looking for orphans.
func (o *Orphans) Periodic() Periodic {
	return Periodic{Name: "jobs.orphans", Every: orphansEvery, Run: o.collect}
}

// suspects lists jobs that run by name, with the end of their lease.
var suspects = redis.NewScript(`
local found = {}
for _, id in ipairs(redis.call("LRANGE", KEYS[1], 0, -1)) do
	local lease = redis.call("ZSCORE", KEYS[2], id)
	if not lease or tonumber(lease) < tonumber(ARGV[1]) then
		found[#found + 1] = id
		found[#found + 1] = lease or ""
	end
end
return found`)

// requeue puts a job back into its queue, unless its lease has changed.
var requeue = redis.NewScript(`
local lease = redis.call("ZSCORE", KEYS[2], ARGV[1]) or ""
if lease ~= ARGV[2] then return 0 end
local key = KEYS[4] .. ARGV[1]
if redis.call("HINCRBY", key, "orphaned", 1) > tonumber(ARGV[3]) then
	if lease == "" then redis.call("ZADD", KEYS[2], 0, ARGV[1]) end
	return 0
end
if redis.call("LREM", KEYS[1], 1, ARGV[1]) == 0 then return 0 end
redis.call("ZREM", KEYS[2], ARGV[1])
redis.call("RPUSH", KEYS[3], ARGV[1])
redis.call("HSET", key, "state", "pending")
return 1`)

// collect puts back what looks orphaned for the second time.
func (o *Orphans) collect(ctx context.Context) error {
	now := map[string]string{}
	for _, queue := range []string{Critical, Default, Low} {
		base := "asynq:{" + queue + "}:"
		keys := []string{base + "active", base + "lease", base + "pending", base + "t:"}
		cutoff := time.Now().Add(leaseOf - unattended).Unix()
		found, err := suspects.Run(ctx, o.Redis, keys[:2], cutoff).StringSlice()
		if err != nil {
			return err
		}
		for i := 0; i+1 < len(found); i += 2 {
			job, lease := found[i], found[i+1]
			if was, twice := o.seen[queue+job]; !twice || was != lease {
				now[queue+job] = lease
				continue
			}
			if err := requeue.Run(ctx, o.Redis, keys, job, lease, orphanedMost).Err(); err != nil {
				return err
			}
		}
	}
	o.seen = now
	return nil
}
