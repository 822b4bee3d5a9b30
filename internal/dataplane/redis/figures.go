package redis

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"apex/internal/dataplane/supervisor"
)

// Figures are what a running server counts. Counters begin with the server.
type Figures struct {
	CPU     time.Duration // of all threads
	MainCPU time.Duration // of the thread that runs commands

	Connections, NewConnections int64
	Hits, Misses                int64
	Evictions, Expired          int64
	Keys                        int64
	UsedMemory, MaxMemory       int64 // bytes
	NetworkIn, NetworkOut       int64 // bytes
	Commands, Reads, Writes     int64 // commands of all kinds, of the kinds that read, that write
}

// Measure reads a running server's figures.
func Measure(ctx context.Context, dir string) (Figures, error) {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	var f Figures
	err := withAdmin(ctx, dir, func(a *admin) error {
		fields, err := a.info(ctx, "everything")
		if err != nil {
			return err
		}
		f = figuresOf(fields)
		return nil
	})
	if err != nil {
		return f, fmt.Errorf("measure redis: %w", err)
	}
	process, err := supervisor.Observe(supervisorDir(dir))
	if err != nil {
		return f, err
	}
	usage, err := supervisor.UsageOf(process.PID)
	f.CPU = usage.CPU
	return f, err
}

// figuresOf reads the fields of INFO.
func figuresOf(fields map[string]string) Figures {
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(fields[name], 10, 64)
		return n
	}
	f := Figures{
		MainCPU:     seconds(fields["used_cpu_sys_main_thread"]) + seconds(fields["used_cpu_user_main_thread"]),
		Connections: number("connected_clients"), NewConnections: number("total_connections_received"),
		Hits: number("keyspace_hits"), Misses: number("keyspace_misses"),
		Evictions: number("evicted_keys"), Expired: number("expired_keys"),
		UsedMemory: number("used_memory"), MaxMemory: number("maxmemory"),
		NetworkIn: number("total_net_input_bytes"), NetworkOut: number("total_net_output_bytes"),
		Commands: number("total_commands_processed"),
	}
	for name, value := range fields {
		if strings.HasPrefix(name, "db") && strings.HasPrefix(value, "keys=") {
			f.Keys += leading(value, "keys=")
		}
		command, ok := strings.CutPrefix(name, "cmdstat_")
		switch calls := leading(value, "calls="); {
		case !ok:
		case reads[command]:
			f.Reads += calls
		case writes[command]:
			f.Writes += calls
		}
	}
	return f
}

func seconds(text string) time.Duration {
	v, _ := strconv.ParseFloat(text, 64)
	return time.Duration(v * float64(time.Second))
}

// leading reads the number behind a name at the front of "name=12,other=3".
func leading(text, name string) int64 {
	rest, _ := strings.CutPrefix(text, name)
	digits, _, _ := strings.Cut(rest, ",")
	n, _ := strconv.ParseInt(digits, 10, 64)
	return n
}

// reads and writes are the commands that ElastiCache counts as GetTypeCmds and
// SetTypeCmds: those that read, and that change, values of any type.
var (
	reads = set("get mget getrange strlen exists hget hmget hgetall hkeys hvals hlen hexists llen lrange lindex scard smembers sismember " +
		"smismember sdiff sinter sunion zscore zcard zcount zrange zrangebyscore zrevrange zrank zrevrank xrange xlen xread ttl pttl type bitcount getbit geopos geodist pfcount")
	writes = set("set mset setex psetex setnx msetnx setrange append incr incrby incrbyfloat decr decrby getset getdel getex hset hmset hsetnx hincrby hdel " +
		"lpush rpush lpop rpop lset lrem ltrim lpushx rpushx sadd srem spop zadd zrem zincrby xadd xdel xtrim del unlink expire pexpire expireat persist rename setbit geoadd pfadd")
)

func set(words string) map[string]bool {
	all := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		all[word] = true
	}
	return all
}
