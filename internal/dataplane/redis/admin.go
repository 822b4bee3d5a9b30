package redis

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"apex/internal/dataplane/supervisor"
)

// An admin is a session of the administrator, by the socket.
type admin struct{ client *goredis.Client }

// withAdmin runs fn in one session.
func withAdmin(ctx context.Context, dir string, fn func(*admin) error) error {
	password, err := adminPassword(dir)
	if err != nil {
		return err
	}
	conn, err := supervisor.Dial(ctx, socketPath(dir)) // here, because the client would retry and log
	if err != nil {
		return err
	}
	defer conn.Close()
	client := goredis.NewClient(&goredis.Options{
		Dialer:   func(context.Context, string, string) (net.Conn, error) { return conn, nil },
		Username: adminName, Password: password,
		Protocol: 2, DisableIdentity: true,
		PoolSize: 1, MaxRetries: -1, // the caller tries again
		ContextTimeoutEnabled: true,
	})
	defer client.Close()
	return fn(&admin{client})
}

// set gives the running server its settings and users.
func (a *admin) set(ctx context.Context, settings, users map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if err := a.client.ConfigSet(ctx, name, settings[name]).Err(); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(users)) {
		command := []any{"ACL", "SETUSER", name}
		for _, rule := range strings.Fields(users[name]) {
			command = append(command, rule)
		}
		if err := a.client.Do(ctx, command...).Err(); err != nil {
			return fmt.Errorf("set user %s: %w", name, err)
		}
	}
	return nil
}

// info returns the fields of one section of INFO.
func (a *admin) info(ctx context.Context, section string) (map[string]string, error) {
	text, err := a.client.Info(ctx, section).Result()
	if err != nil {
		return nil, err
	}
	fields := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			fields[name] = value
		}
	}
	return fields, nil
}
