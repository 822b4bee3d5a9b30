package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/config"
	"apexai/crm/internal/trace"
)

// openRedis: timeouts are short, as a caller who waits for a session waits
// for everything, and is better told to come back.
func openRedis(c config.Config, log *slog.Logger) (*redis.Client, error) {
	redis.SetLogger(told{log})
	options, err := redis.ParseURL(string(c.Redis))
	if err != nil {
		return nil, errors.New("REDIS_URL: cannot be used: want redis://:password@host:6379/0") // the cause would show the password
	}
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = time.Second, time.Second, time.Second
	options.PoolTimeout, options.PoolSize, options.MinIdleConns = time.Second, 16, 1
	options.MaxRetries, options.DialerRetries = 1, 1
	options.ContextTimeoutEnabled, options.DisableIdentity = true, true
	client := redis.NewClient(options)
	client.AddHook(counted{})
	return client, nil
}

// openQueue is a connection for the jobs library, which asks again at once
// whatever the answer: without Redis it must be slowed down.
func openQueue(c config.Config, log *slog.Logger) (*redis.Client, error) {
	client, err := openRedis(c, log)
	if err == nil {
		client.AddHook(patient{})
	}
	return client, err
}

// patient lets who was refused by the network wait before hearing of it.
type patient struct{ counted }

const patience = 250 * time.Millisecond

func (p patient) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if _, answered := errors.AsType[redis.Error](err); err != nil && !answered && ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-time.After(patience):
			}
		}
		return err
	}
}

// told takes what the client says of its connections: the commands that fail
// for it are logged by their requests.
type told struct{ log *slog.Logger }

func (t told) Printf(ctx context.Context, format string, args ...any) {
	t.log.DebugContext(ctx, "redis client", "says", fmt.Sprintf(format, args...))
}

// counted notes round trips in the request's trace.
type counted struct{}

func (counted) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := next(ctx, network, addr)
		if err != nil {
			return nil, fmt.Errorf("redis %s: %w", addr, err)
		}
		return conn, nil
	}
}

func (counted) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		defer trace.From(ctx).Command(time.Now())
		return next(ctx, cmd)
	}
}

func (counted) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		defer trace.From(ctx).Command(time.Now())
		return next(ctx, cmds)
	}
}
