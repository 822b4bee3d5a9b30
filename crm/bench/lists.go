package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"apexai/crm/internal/overhear"
)

const (
	listPath = "/api/v1/people?limit=50"
	clients  = 8
	rounds   = 2
)

// lists compares requests per CPU-second of the list with bare handlers that
// send MySQL the same statements: one in Go, one in Node with Express.
func (m *machine) lists(ctx context.Context, t *table, crm *process, ws workspace, burst time.Duration) error {
	statements, err := m.statements(ctx, ws)
	if err != nil {
		return err
	}
	t.add("statements of the list", float64(len(statements)), "", "at most 1 + 1 per relation (4)", 5)
	peers, err := m.peers(ctx, statements)
	if err != nil {
		return err
	}
	rates := map[string]float64{}
	for range rounds {
		for name, p := range map[string]*process{"crm": crm, "bare": peers.bare, "node": peers.node} {
			if p == nil {
				continue
			}
			rate, err := perCPUSecond(ctx, p, p.url+listPath, ws.cookie, burst)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			rates[name] = max(rates[name], rate)
		}
	}
	t.add("list of people, requests per CPU-second", rates["crm"], "", "", 0)
	t.add("the same of database/sql + net/http", rates["bare"], "", "", 0)
	t.addLeast("ratio to database/sql + net/http", rates["crm"]/rates["bare"], "×", "at least 0.6", 0.6)
	if peers.node != nil {
		t.add("the same of Express + mysql2", rates["node"], "", "", 0)
		t.addLeast("ratio to Express + mysql2", rates["crm"]/rates["node"], "×", "at least 2", 2)
	}
	return nil
}

func perCPUSecond(ctx context.Context, p *process, url, cookie string, for_ time.Duration) (float64, error) {
	if _, err := eagerly(ctx, url, cookie, clients, for_/4); err != nil { // warm
		return 0, err
	}
	before := p.cpu()
	answers, err := eagerly(ctx, url, cookie, clients, for_)
	return float64(answers) / (p.cpu() - before).Seconds(), err
}

// statements are what the server asks MySQL for one list.
func (m *machine) statements(ctx context.Context, ws workspace) ([]string, error) {
	ear, err := overhear.Listen(ctx, m.mysql.URL)
	if err != nil {
		return nil, err
	}
	env := []string{"DATABASE_URL=" + ear.URL}
	for name, value := range m.settings() {
		if name != "DATABASE_URL" {
			env = append(env, name+"="+value)
		}
	}
	env = append(env, "ROLE=web")
	crm, err := m.start(ctx, "/health", env, filepath.Join(m.dir, "server"))
	if err != nil {
		return nil, err
	}
	defer crm.stop()
	var before []string
	for range 20 { // at first it reads who asks, and what the records left to do is heard as well
		if _, err := ask(ctx, crm.url+listPath, ws.cookie); err != nil {
			return nil, err
		}
		heard := ear.Reads()
		if len(heard) > 0 && slices.Equal(heard, before) {
			return heard, nil
		}
		before = heard
	}
	return nil, errors.New("the list's statements are never the same twice")
}

type peers struct{ bare, node *process }

func (m *machine) peers(ctx context.Context, statements []string) (p peers, err error) {
	file := filepath.Join(m.dir, "statements.json")
	encoded, err := json.Marshal(statements)
	if err == nil {
		err = os.WriteFile(file, encoded, 0o644)
	}
	if err != nil {
		return p, err
	}
	u, err := url.Parse(m.mysql.URL)
	if err != nil {
		return p, err
	}
	password, _ := u.User.Password()
	env := []string{"STATEMENTS=" + file, "DB_ADDRESS=" + u.Host, "DB_USER=" + u.User.Username(), "DB_PASSWORD=" + password, "DB_NAME=" + filepath.Base(u.Path)}
	program, err := m.build(ctx, "./bench/bare")
	if err != nil {
		return p, err
	}
	if p.bare, err = m.start(ctx, listPath, env, program); err != nil {
		return p, err
	}
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat("bench/node/node_modules/express")
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "NOT MEASURED against Express: %v (make bench installs it)\n", err)
		return p, nil
	}
	p.node, err = m.start(ctx, listPath, append(env, "NODE_ENV=production"), node, "bench/node/server.mjs")
	return p, err
}
