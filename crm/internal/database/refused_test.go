package database

import (
	"bytes"
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"apexai/crm/internal/config"
)

// What MySQL refuses is told at once, with what to look at and without the
// password, and for good once it has been so for long.
func TestRefusals(t *testing.T) {
	engine := mariaDB(t)
	for url, want := range map[string]string{
		strings.Replace(engine.URL, "//crm:", "//crm:hush", 1): "user or password is wrong: look at DATABASE_URL",
		strings.Replace(engine.URL, "//crm:", "//hush:", 1):    "user or password is wrong: look at DATABASE_URL",
		engine.URL + "_other":    "database", // none of this name, or none for this user
		engine.URL + "?tls=true": "it speaks no TLS",
	} {
		settings := map[string]string{"DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1"}
		c, err := config.Load(func(name string) string { return settings[name] })
		if err != nil {
			t.Fatal(err)
		}
		connector, err := connectorOf(c.Database, driverConfig(c.Database))
		if err != nil {
			t.Fatal(err)
		}
		pool := sql.OpenDB(connector)
		var log bytes.Buffer
		wait := waiting{log: slog.New(slog.NewTextHandler(&log, nil)), patience: 200 * time.Millisecond}
		conn, err := wait.until(t.Context(), pool)
		if err == nil {
			conn.Close()
			t.Errorf("%s: it was let in", want)
		} else if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "has refused this server for") {
			t.Errorf("%s: %v", want, err)
		}
		told := log.String()
		if strings.Count(told, "\n") != 1 || !strings.Contains(told, "level=ERROR") || !strings.Contains(told, want) {
			t.Errorf("%s: told %s", want, told)
		}
		if password := string(c.Database.Password); password != "" && strings.Contains(told+fmt.Sprint(err), password) {
			t.Errorf("the password is shown: %s %v", told, err)
		}
		pool.Close()
	}
}

// Absence is no refusal, and what was refused may be there the next time.
func TestWaitingTells(t *testing.T) {
	var log bytes.Buffer
	w := waiting{log: slog.New(slog.NewTextHandler(&log, nil)), patience: time.Hour}
	away, wrong := errors.New("connection refused"), fmt.Errorf("x: %w", &mysql.MySQLError{Number: errAccessDenied})
	for _, err := range []error{away, away, wrong, wrong, away, fmt.Errorf("tls: %w", &tls.CertificateVerificationError{Err: errors.New("unknown")})} {
		if fault := w.judge(context.Background(), err); fault != nil {
			t.Errorf("%v: %v", err, fault)
		}
	}
	levels := strings.Count(log.String(), "level=WARN")*10 + strings.Count(log.String(), "level=ERROR")
	if levels != 22 {
		t.Errorf("told %s", log.String())
	}
}
