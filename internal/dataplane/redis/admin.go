package redis

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	redigo "github.com/gomodule/redigo/redis"

	"apex/internal/dataplane/supervisor"
)

// An admin is a session of the administrator, by the socket.
type admin struct{ conn redigo.ConnWithContext }

// withAdmin runs fn in one session.
func withAdmin(ctx context.Context, dir string, fn func(*admin) error) error {
	password, err := adminPassword(dir)
	if err != nil {
		return err
	}
	socket, err := supervisor.Dial(ctx, socketPath(dir))
	if err != nil {
		return err
	}
	conn := redigo.NewConn(socket, 0, 0) // the context bounds each call
	defer conn.Close()
	a := &admin{conn.(redigo.ConnWithContext)}
	if _, err := a.do(ctx, "AUTH", adminName, password); err != nil {
		return err
	}
	return fn(a)
}

func (a *admin) do(ctx context.Context, command string, args ...any) (any, error) {
	return a.conn.DoContext(ctx, command, args...)
}

func (a *admin) ping(ctx context.Context) error {
	_, err := a.do(ctx, "PING")
	return err
}

// set gives the running server its settings and users.
func (a *admin) set(ctx context.Context, settings, users map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if _, err := a.do(ctx, "CONFIG", "SET", name, settings[name]); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(users)) {
		rules := []any{"SETUSER", name}
		for _, rule := range strings.Fields(users[name]) {
			rules = append(rules, rule)
		}
		if _, err := a.do(ctx, "ACL", rules...); err != nil {
			return fmt.Errorf("set user %s: %w", name, err)
		}
	}
	return a.dropUsers(ctx, users)
}

// dropUsers takes away the users that are not among the wanted. The default one
// cannot go: it is turned off.
func (a *admin) dropUsers(ctx context.Context, wanted map[string]string) error {
	names, err := redigo.Strings(a.do(ctx, "ACL", "USERS"))
	if err != nil {
		return err
	}
	for _, name := range names {
		command := []any{"DELUSER", name}
		if _, ok := wanted[name]; ok {
			continue
		}
		if name == "default" {
			command = []any{"SETUSER", name, "reset"}
		}
		if _, err := a.do(ctx, "ACL", command...); err != nil {
			return fmt.Errorf("drop user %s: %w", name, err)
		}
	}
	return nil
}

// info returns the fields of one section of INFO.
func (a *admin) info(ctx context.Context, section string) (map[string]string, error) {
	text, err := redigo.String(a.do(ctx, "INFO", section))
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
