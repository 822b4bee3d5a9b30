package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"

	driver "github.com/go-sql-driver/mysql"

	"apex/internal/dataplane/supervisor"
)

// An admin is a session of root@localhost, by the socket.
type admin struct{ db *sql.DB }

// withAdmin runs fn in one session.
func withAdmin(ctx context.Context, dir string, fn func(*admin) error) error {
	cfg := driver.NewConfig()
	cfg.User = "root"
	cfg.Net, cfg.Addr = "unix", socketPath(dir)
	cfg.InterpolateParams = true // account statements cannot be prepared
	cfg.Logger = &driver.NopLogger{}
	cfg.DialFunc = func(ctx context.Context, _, path string) (net.Conn, error) {
		return supervisor.Dial(ctx, path)
	}
	connector, err := driver.NewConnector(cfg)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	db.SetMaxOpenConns(1)
	return fn(&admin{db})
}

func socketPath(dir string) string { return filepath.Join(dir, "home", "mysql.sock") }

// setVariables sets what the running server may take at any time.
func (a *admin) setVariables(ctx context.Context, variables map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if err := a.setVariable(ctx, name, variables[name]); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	return nil
}

// setVariable sets a variable that differs. Numbers must not be quoted, words may
// be bare; validate has let nothing else through.
func (a *admin) setVariable(ctx context.Context, name, value string) error {
	var now string
	if err := a.db.QueryRowContext(ctx, "SELECT @@GLOBAL."+name).Scan(&now); err != nil {
		return err
	}
	if now == value {
		return nil
	}
	if !numeric(value) {
		_, err := a.db.ExecContext(ctx, "SET GLOBAL "+name+" = ?", value)
		return err
	}
	_, err := a.db.ExecContext(ctx, "SET GLOBAL "+name+" = "+value)
	return err
}

func numeric(s string) bool {
	for _, c := range s {
		if (c < '0' || c > '9') && c != '.' {
			return false
		}
	}
	return s != ""
}
