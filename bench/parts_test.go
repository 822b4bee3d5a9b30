package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"apex/internal/regiontest"
)

// parts are what is needed to start the server as a script would: a template of
// a data directory with the database and its user in it, the server's program,
// and a Redis that runs already.
type parts struct {
	dir, program string
	redis        int // its port
}

const (
	logFileSize = "--innodb-log-file-size=32M" // as the region's, and as the template's: it is not made anew
	account     = "CREATE DATABASE crm;\nCREATE USER crm IDENTIFIED BY 'crm';\nGRANT ALL ON crm.* TO crm;\n"
)

func prepare(b *testing.B) parts {
	b.Helper()
	p := parts{dir: b.TempDir(), redis: regiontest.FreePort(b)}
	p.program = filepath.Join(p.dir, "server")
	do(b, exec.Command("go", "build", "-C", root+"/crm", "-trimpath", "-ldflags", "-s -w", "-o", p.program, "./cmd/server"))
	launch(b, exec.Command("redis-server", "--port", fmt.Sprint(p.redis), "--bind", "127.0.0.1", "--dir", p.dir, "--save", ""))
	do(b, exec.Command("mariadb-install-db", "--no-defaults", "--user=root", "--datadir="+p.template(), logFileSize,
		"--skip-test-db", "--skip-name-resolve"))
	first := filepath.Join(p.dir, "first.sql")
	if err := os.WriteFile(first, []byte(account), 0o600); err != nil {
		b.Fatal(err)
	}
	_, stop := p.database(b, p.template(), "--init-file="+first)
	stop()
	return p
}

func (p parts) template() string { return filepath.Join(p.dir, "template") }

// start measures a database from the template to its first query, and then the
// server on it to its first answer, which it gives once it has made its tables.
func (p parts) start(b *testing.B) (database, server time.Duration) {
	b.Helper()
	data := filepath.Join(b.TempDir(), "data")
	begin := time.Now()
	do(b, exec.Command("cp", "-a", p.template(), data))
	port, stopDatabase := p.database(b, data)
	defer stopDatabase()
	database = time.Since(begin)

	begin = time.Now()
	own := regiontest.FreePort(b)
	cmd := exec.Command(p.program)
	cmd.Env = append(os.Environ(), "APP_ENV=dev", fmt.Sprint("PORT=", own), "DRAIN_DELAY=0s",
		fmt.Sprintf("DATABASE_URL=mysql://crm:crm@127.0.0.1:%d/crm", port),
		fmt.Sprintf("REDIS_URL=redis://127.0.0.1:%d/0", p.redis))
	stopServer := launch(b, cmd)
	defer stopServer()
	answers(b, fmt.Sprintf("http://127.0.0.1:%d%s", own, open))
	return database, time.Since(begin)
}

// database starts MariaDB, as durable as the region's, and waits for its first
// answer to a query.
func (p parts) database(b *testing.B, data string, options ...string) (port int, stop func()) {
	b.Helper()
	program, err := exec.LookPath("mariadbd")
	if err != nil {
		program = "/usr/sbin/mariadbd" // not on every user's PATH
	}
	port = regiontest.FreePort(b)
	stop = launch(b, exec.Command(program, append([]string{
		"--no-defaults", "--user=root", "--datadir=" + data, "--socket=" + filepath.Join(p.dir, "sock"),
		fmt.Sprint("--port=", port), "--bind-address=127.0.0.1", "--skip-name-resolve",
		"--log-bin=binlog", "--sync-binlog=1", logFileSize,
	}, options...)...))
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd, cfg.DBName, cfg.Net = "crm", "crm", "crm", "tcp"
	cfg.Addr, cfg.Logger = net.JoinHostPort("127.0.0.1", fmt.Sprint(port)), &mysql.NopLogger{}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		b.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	wait(b, "the database answers", func() bool {
		var one int
		return db.QueryRowContext(b.Context(), "SELECT 1").Scan(&one) == nil
	})
	return port, stop
}

// launch starts a program that ends when stop is called, and in any case with
// the benchmark.
func launch(b *testing.B, cmd *exec.Cmd) (stop func()) {
	b.Helper()
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait()
		close(ended)
	}()
	stop = func() {
		cmd.Process.Signal(syscall.SIGTERM) // one that has ended is what is wanted
		select {
		case <-ended:
		case <-time.After(patience):
			cmd.Process.Kill()
			<-ended
		}
	}
	b.Cleanup(func() {
		if stop(); b.Failed() {
			b.Logf("%s:\n%s", filepath.Base(cmd.Path), log.String())
		}
	})
	return stop
}

func do(b *testing.B, cmd *exec.Cmd) {
	b.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%s: %v\n%s", filepath.Base(cmd.Path), err, out)
	}
}
