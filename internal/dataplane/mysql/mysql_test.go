package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"apex/internal/dataplane/supervisor"
)

// TestMain lets the test binary stand in for apex.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "supervise" {
		os.Exit(supervisor.Main(os.Args[2:]))
	}
	os.Exit(withCache(m))
}

// withCache gives all tests of the run one cache for templates.
func withCache(m *testing.M) int {
	dir, err := os.MkdirTemp("", "apex-mysql-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	os.Setenv("XDG_CACHE_HOME", dir)
	return m.Run()
}

// instance is a config of an instance that the test's end removes.
func instance(t testing.TB) Config {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root")
	}
	engine, err := FindEngine(t.Context())
	if errors.Is(err, ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Dir: filepath.Join(closedDir(t), "db-1"), Executable: executable, Engine: engine,
		Address: netip.MustParseAddr("127.0.0.1"), Port: freePort(t), ServerID: 1, BufferPool: 32 << 20,
		Master: User{"admin", `pass"word'\` + "`1"}, Database: "app",
	}
	t.Cleanup(func() {
		if err := Remove(context.Background(), cfg.Dir); err != nil {
			t.Error(err)
		}
	})
	return cfg
}

// closedDir is a directory that only root may enter, as a home is.
func closedDir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// networkNamespace makes one whose loopback has the address.
func networkNamespace(t testing.TB, address string) (path string) {
	t.Helper()
	name := fmt.Sprintf("apex-mysqltest-%d", os.Getpid())
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", name).Run() })
	for _, args := range []string{"netns add " + name, "-n " + name + " link set lo up", "-n " + name + " addr add " + address + "/32 dev lo"} {
		if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v: %s", args, err, out)
		}
	}
	return "/run/netns/" + name
}

func TestInANetworkNamespace(t *testing.T) {
	cfg := instance(t)
	cfg.Namespace = networkNamespace(t, "10.9.8.7")
	cfg.Address = netip.MustParseAddr("10.9.8.7")
	applied(t, cfg)
	ours, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	its, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", observed(t, cfg.Dir).PID))
	if err != nil || its == ours {
		t.Errorf("it runs in %s, as we do (%v)", its, err)
	}
	if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", cfg.Port)); err == nil {
		conn.Close()
		t.Error("it is reached from the host")
	}
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func applied(t testing.TB, cfg Config) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	if err := Apply(ctx, cfg); err != nil {
		t.Fatal(err)
	}
}

// client is a connection pool of the master user, by TCP.
func client(t testing.TB, cfg Config) *sql.DB {
	t.Helper()
	dsn := driver.NewConfig()
	dsn.User, dsn.Passwd = cfg.Master.Name, cfg.Master.Password
	dsn.Net, dsn.Addr = "tcp", fmt.Sprintf("%s:%d", cfg.Address, cfg.Port)
	dsn.DBName = cfg.Database
	dsn.Logger = &driver.NopLogger{}
	connector, err := driver.NewConnector(dsn)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

func run(t testing.TB, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func value(t testing.TB, db *sql.DB, query string) (v string) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func observed(t testing.TB, dir string) State {
	t.Helper()
	s, err := Observe(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// await waits until the instance is as wanted.
func await(t testing.TB, dir, what string, want func(State) bool) State {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for time.Now().Before(deadline) {
		if s := observed(t, dir); want(s) {
			return s
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("never %s: %+v", what, observed(t, dir))
	return State{}
}

func TestInstance(t *testing.T) {
	cfg := instance(t)
	applied(t, cfg)
	first := observed(t, cfg.Dir)
	if !first.Ready || first.Version == "" || first.Connections != 0 || first.Fault != "" {
		t.Fatalf("state %+v", first)
	}
	db := client(t, cfg)
	run(t, db, "CREATE TABLE t (n INT PRIMARY KEY, name VARCHAR(40)) ENGINE=InnoDB")
	run(t, db, "INSERT INTO t VALUES (1, 'naïve ☃')")
	for query, want := range map[string]string{
		"SELECT name FROM t":                             "naïve ☃",
		"SELECT @@GLOBAL.local_infile":                   "0",
		"SELECT @@GLOBAL.sync_binlog":                    "1",
		"SELECT @@GLOBAL.log_bin":                        "1",
		"SELECT @@GLOBAL.innodb_flush_log_at_trx_commit": "1",
		"SELECT @@GLOBAL.skip_name_resolve":              "1",
		"SELECT @@GLOBAL.secure_file_priv":               "/mnt/files/",
		"SELECT @@GLOBAL.character_set_server":           "utf8mb4",
	} {
		if got := value(t, db, query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	applied(t, cfg) // nothing changed
	if s := observed(t, cfg.Dir); s.PID != first.PID {
		t.Errorf("a second Apply restarted the server: %+v", s)
	}
}

func TestMasterUserIsNoAdministrator(t *testing.T) {
	cfg := instance(t)
	applied(t, cfg)
	db := client(t, cfg)
	for _, statement := range []string{
		"SET GLOBAL max_connections = 5",
		"SELECT 'x' INTO OUTFILE '/mnt/files/x'",
		"SHUTDOWN",
		"CREATE DATABASE other", // allowed
	} {
		_, err := db.ExecContext(t.Context(), statement)
		if allowed := strings.HasPrefix(statement, "CREATE"); (err == nil) != allowed {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func TestNoPasswordOnDiskOrInArguments(t *testing.T) {
	cfg := instance(t)
	cfg.Master.Password = "PlainlyVisible42"
	applied(t, cfg)
	s := observed(t, cfg.Dir)
	args, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", s.PID))
	if err != nil || strings.Contains(string(args), cfg.Master.Password) {
		t.Errorf("arguments %q, %v", args, err)
	}
	err = filepath.WalkDir(cfg.Dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil // the server may have removed it
		}
		if data, err := os.ReadFile(path); err == nil && strings.Contains(string(data), cfg.Master.Password) {
			t.Errorf("the password is in %s", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestKilledServerKeepsCommittedRows(t *testing.T) {
	cfg := instance(t)
	applied(t, cfg)
	db := client(t, cfg)
	run(t, db, "CREATE TABLE t (n INT PRIMARY KEY) ENGINE=InnoDB")
	for round := 1; round <= 2; round++ {
		run(t, db, fmt.Sprintf("INSERT INTO t VALUES (%d)", round))
		before := observed(t, cfg.Dir)
		if err := syscall.Kill(before.PID, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		await(t, cfg.Dir, "ready again", func(s State) bool { return s.Ready && s.PID != before.PID })
		if got := value(t, client(t, cfg), "SELECT COUNT(*) FROM t"); got != fmt.Sprint(round) {
			t.Fatalf("%s rows after kill %d", got, round)
		}
	}
}

func TestKilledSupervisor(t *testing.T) {
	cfg := instance(t)
	applied(t, cfg)
	run(t, client(t, cfg), "CREATE TABLE t (n INT) ENGINE=InnoDB")
	if err := syscall.Kill(observed(t, cfg.Dir).Supervisor, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	await(t, cfg.Dir, "gone", func(s State) bool { return !s.Running && s.PID == 0 })
	applied(t, cfg)
	if got := value(t, client(t, cfg), "SELECT COUNT(*) FROM t"); got != "0" {
		t.Errorf("%s rows", got)
	}
}

func TestPasswordChange(t *testing.T) {
	cfg := instance(t)
	applied(t, cfg)
	pid := observed(t, cfg.Dir).PID
	old := client(t, cfg)
	run(t, old, "DO 1")
	cfg.Master.Password = "another"
	applied(t, cfg)
	run(t, client(t, cfg), "DO 1")
	cfg.Master.Password = "wrong"
	if err := client(t, cfg).PingContext(t.Context()); !isDenied(err) {
		t.Errorf("the wrong password: %v", err)
	}
	if now := observed(t, cfg.Dir).PID; now != pid {
		t.Error("the server was restarted")
	}
}

func isDenied(err error) bool {
	var e *driver.MySQLError
	return errors.As(err, &e) && e.Number == 1045
}

func TestPasswordChangedBySQLIsLeft(t *testing.T) {
	cfg := instance(t)
	applied(t, cfg)
	run(t, client(t, cfg), "ALTER USER 'admin'@'%' IDENTIFIED BY 'by-hand'")
	applied(t, cfg)
	cfg.Master.Password = "by-hand"
	run(t, client(t, cfg), "DO 1")
}

func TestParameters(t *testing.T) {
	cfg := instance(t)
	cfg.Variables = map[string]string{"max_connections": "77"}
	applied(t, cfg)
	before := observed(t, cfg.Dir)
	cfg.Variables = map[string]string{"max_connections": "88", "character_set_server": "latin1"}
	applied(t, cfg)
	if s := observed(t, cfg.Dir); s.PID != before.PID {
		t.Error("variables restarted the server")
	}
	cfg.Parameters = map[string]string{"innodb_purge_threads": "2"}
	applied(t, cfg)
	if s := observed(t, cfg.Dir); s.PID == before.PID {
		t.Error("parameters did not restart the server")
	}
	db := client(t, cfg)
	for name, want := range map[string]string{
		"max_connections": "88", "innodb_purge_threads": "2", "character_set_server": "latin1",
	} {
		if got := value(t, db, "SELECT @@GLOBAL."+name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestStopAndStart(t *testing.T) {
	cfg := instance(t)
	applied(t, cfg)
	run(t, client(t, cfg), "CREATE TABLE t (n INT) ENGINE=InnoDB")
	for range 2 { // the second finds nothing to stop
		if err := Stop(t.Context(), cfg.Dir); err != nil {
			t.Fatal(err)
		}
	}
	if s := observed(t, cfg.Dir); s.Running || s.PID != 0 {
		t.Errorf("state %+v", s)
	}
	applied(t, cfg)
	run(t, client(t, cfg), "SELECT * FROM t")
	if log := supervisor.LogTail(supervisorDir(cfg.Dir)); strings.Contains(log, "crash recovery") {
		t.Errorf("it was not stopped in good order:\n%s", log)
	}
}

// A server that cannot start says why, within the time given.
func TestFaultsShowTheServersWords(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil func(t *testing.T, cfg *Config)
		want  string
	}{
		"wrong owner": {func(t *testing.T, cfg *Config) {
			applied(t, *cfg)
			if err := Stop(t.Context(), cfg.Dir); err != nil {
				t.Fatal(err)
			}
			if err := os.Chown(cfg.home()+"/data/ibdata1", 0, 0); err != nil {
				t.Fatal(err)
			}
		}, "ibdata1"},
		"port in use": {func(t *testing.T, cfg *Config) {
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", cfg.Port))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { l.Close() })
		}, "Address already in use"},
		"unknown setting": {func(_ *testing.T, cfg *Config) {
			cfg.Parameters = map[string]string{"no_such_setting": "1"}
		}, "no-such-setting"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := instance(t)
			tt.spoil(t, &cfg)
			ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
			defer cancel()
			err := Apply(ctx, cfg)
			if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "_", "-"), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// A data directory whose copy was cut short is made again.
func TestUnfinishedCopyIsMadeAgain(t *testing.T) {
	cfg := instance(t)
	for _, name := range []string{"data", "data.new"} {
		if err := os.MkdirAll(filepath.Join(cfg.home(), name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(cfg.home(), name, "ibdata1"), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	applied(t, cfg)
	run(t, client(t, cfg), "DO 1")
}

func TestShellCommand(t *testing.T) {
	cfg := instance(t)
	applied(t, cfg)
	cmd, err := ShellCommand(cfg.Dir, "--batch", "--skip-column-names", "--execute", "SELECT CURRENT_USER(), DATABASE()", cfg.Database)
	if err != nil {
		t.Skip(err)
	}
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != "root@localhost\tapp\n" {
		t.Errorf("%q, %v", out, err)
	}
}

func TestObserveNothing(t *testing.T) {
	if s := observed(t, filepath.Join(t.TempDir(), "none")); s != (State{}) {
		t.Errorf("state %+v", s)
	}
}

func TestMeasureCountsWhatClientsDo(t *testing.T) {
	cfg := instance(t)
	applied(t, cfg)
	before, err := Measure(t.Context(), cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	db := client(t, cfg)
	run(t, db, "CREATE TABLE t (n INT PRIMARY KEY, filler VARCHAR(2000)) ENGINE=InnoDB")
	for n := range 20 {
		run(t, db, fmt.Sprintf("INSERT INTO t VALUES (%d, REPEAT('x', 2000))", n))
	}
	after, err := Measure(t.Context(), cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if after.Connections != 1 || after.Queries-before.Queries < 21 || after.Writes <= before.Writes || after.WriteBytes <= before.WriteBytes {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
	if after.Resident == 0 || after.Stored == 0 || after.CPU == 0 {
		t.Errorf("after %+v", after)
	}
}
