package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"

	"apexai/crm/db"
	"apexai/crm/internal/account"
	"apexai/crm/internal/config"
	"apexai/crm/internal/database"
	"apexai/crm/internal/demo"
	"apexai/crm/internal/session"
)

// full is what the figures are for.
var full = demo.Size{Companies: 4000, People: 50000, Deals: 5000, Activities: 200000, Tasks: 5000}

// A workspace is the records and somebody's way to them.
type workspace struct {
	cookie string
	size   demo.Size
}

func (m *machine) settings() map[string]string {
	return map[string]string{
		"APP_ENV": "dev", "DATABASE_URL": m.mysql.URL, "REDIS_URL": m.redis.URL, "DB_MAX_OPEN": "3", "DRAIN_DELAY": "0s", "LOG_LEVEL": "warn",
		"RATE_USER": "0", // else it is the limit that is measured "RATE_USER": "0",
	}
}

// fill makes the records with the program's own stores, and signs in.
func (m *machine) fill(ctx context.Context, scale float64) (workspace, error) {
	settings := m.settings()
	c, err := config.Load(func(name string) string { return settings[name] })
	if err != nil {
		return workspace{}, err
	}
	if _, err := database.Prepare(ctx, c.Database, db.Migrations(), slog.New(slog.NewTextHandler(io.Discard, nil))); err != nil {
		return workspace{}, err
	}
	opened, err := database.Open(c.Database, 2)
	if err != nil {
		return workspace{}, err
	}
	defer opened.Close()
	who, err := account.Store{DB: opened}.Demo(ctx, "olivia@demo.example", "Olivia Park", time.Now().UTC())
	if err != nil {
		return workspace{}, err
	}
	ws := workspace{size: scaled(full, scale)}
	told := time.Now()
	many := ws.size.Activities
	ws.size.Activities /= 100 // the rest below
	filled, err := demo.Filler{DB: opened, Tenant: who.Tenant(), Progress: func(made, total int) {
		if time.Since(told) > 5*time.Second {
			told = time.Now()
			fmt.Fprintf(os.Stderr, "%d of %d records\n", made, total)
		}
	}}.Fill(ctx, ws.size)
	if err == nil && filled {
		err = activities(ctx, opened, who.Tenant(), many-ws.size.Activities)
	}
	if err != nil {
		return workspace{}, err
	}
	options, err := redis.ParseURL(m.redis.URL)
	if err != nil {
		return workspace{}, err
	}
	client := redis.NewClient(options)
	defer client.Close()
	token, err := session.Store{Redis: client, Now: time.Now}.Create(ctx, who.User.ID, who.Workspace.ID, session.Origin{})
	ws.cookie = "apex_sid=" + token
	return ws, err
}

func scaled(s demo.Size, by float64) demo.Size {
	part := func(n int) int { return max(1, int(float64(n)*by)) }
	return demo.Size{Companies: part(s.Companies), People: part(s.People), Deals: part(s.Deals), Activities: part(s.Activities), Tasks: part(s.Tasks)}
}

// build makes a program of this module.
func (m *machine) build(ctx context.Context, pkg string) (string, error) {
	out := filepath.Join(m.dir, filepath.Base(pkg))
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", pkg, err, text)
	}
	return out, nil
}

func (m *machine) startServer(ctx context.Context) (*process, error) {
	program, err := m.build(ctx, "./cmd/server")
	if err != nil {
		return nil, err
	}
	env := []string{"GOMEMLIMIT=850MiB"}
	for name, value := range m.settings() {
		env = append(env, name+"="+value)
	}
	return m.start(ctx, "/health", env, program)
}
