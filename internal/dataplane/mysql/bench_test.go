package mysql

import (
	"context"
	"os"
	osexec "os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// BenchmarkStart compares the time from nothing to the master user's first query
// with that of a bare server on a copy of the same template. Run both in turn:
//
//	go test -run '^$' -bench Start -benchtime 10x -count 3 ./internal/dataplane/mysql
func BenchmarkStart(b *testing.B) {
	b.Run("bare", func(b *testing.B) { benchmarkStart(b, startBare) })
	b.Run("instance", func(b *testing.B) { benchmarkStart(b, startInstance) })
}

func benchmarkStart(b *testing.B, start func(testing.TB, Config) (stop func())) {
	warm := instance(b)
	if _, err := template(b.Context(), warm.Engine, warm.Templates); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		cfg := instance(b)
		b.StartTimer()
		stop := start(b, cfg)
		b.StopTimer()
		stop()
		b.StartTimer()
	}
}

func startInstance(b testing.TB, cfg Config) func() {
	applied(b, cfg)
	if err := client(b, cfg).PingContext(b.Context()); err != nil {
		b.Fatal(err)
	}
	return func() {
		if err := Remove(context.Background(), cfg.Dir); err != nil {
			b.Fatal(err)
		}
	}
}

// startBare does what a script would: cp, then the server, then ask until it
// answers.
func startBare(b testing.TB, cfg Config) func() {
	from, err := template(b.Context(), cfg.Engine, cfg.Templates)
	if err != nil {
		b.Fatal(err)
	}
	home := filepath.Join(b.TempDir(), "home")
	if err := os.MkdirAll(home, 0o755); err != nil {
		b.Fatal(err)
	}
	if out, err := osexec.Command("cp", "-a", filepath.Join(from, "data"), home).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	cmd := osexec.Command(cfg.Engine.Path, "--no-defaults", "--user=root", "--datadir="+home+"/data",
		"--socket="+home+"/mysql.sock", "--log-bin=binlog", "--sync-binlog=1",
		"--innodb-log-file-size="+logFileSize, "--innodb-buffer-pool-size=32M", "--skip-name-resolve", "--skip-networking")
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	dir := filepath.Dir(home) // as an instance's directory: home/mysql.sock
	deadline := time.Now().Add(60 * time.Second)
	for withAdmin(b.Context(), dir, func(a *admin) error { return a.db.PingContext(b.Context()) }) != nil {
		if time.Now().After(deadline) {
			b.Fatal("the bare server does not answer")
		}
		time.Sleep(time.Millisecond)
	}
	return func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}
}
