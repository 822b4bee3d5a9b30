package redis

import (
	"context"
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

	redigo "github.com/gomodule/redigo/redis"
	goredis "github.com/redis/go-redis/v9"

	"apex/internal/dataplane/supervisor"
)

// TestMain lets the test binary stand in for apex.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "supervise" {
		os.Exit(supervisor.Main(os.Args[2:]))
	}
	os.Exit(m.Run())
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
		Dir: filepath.Join(closedDir(t), "cache-1"), Executable: executable, Engine: engine,
		Address: netip.MustParseAddr("127.0.0.1"), Port: freePort(t),
		Passwords: []string{"a Token 'of' \"sixteen\""}, MaxMemory: 64 << 20,
		Parameters: map[string]string{"maxmemory-policy": "allkeys-lru", "appendfsync": "always"},
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
	name := fmt.Sprintf("apex-redistest-%d", os.Getpid())
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

// client connects as a client does, by TCP.
func client(t testing.TB, cfg Config) *goredis.Client {
	t.Helper()
	c := goredis.NewClient(&goredis.Options{
		Addr: fmt.Sprintf("%s:%d", cfg.Address, cfg.Port), Password: strings.Join(cfg.Passwords, ""), MaxRetries: -1,
	})
	t.Cleanup(func() { c.Close() })
	return c
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
func await(t testing.TB, dir, what string, want func(State) bool) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for time.Now().Before(deadline) {
		if want(observed(t, dir)) {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("never %s: %+v", what, observed(t, dir))
}

func setting(t testing.TB, dir, name string) (value string) {
	t.Helper()
	err := withAdmin(t.Context(), dir, func(a *admin) error {
		all, err := redigo.StringMap(a.do(t.Context(), "CONFIG", "GET", name))
		value = all[name]
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestInstance(t *testing.T) {
	cfg := instance(t)
	applied(t, cfg)
	first := observed(t, cfg.Dir)
	if !first.Ready || first.Version != cfg.Engine.Version || first.Fault != "" {
		t.Fatalf("state %+v", first)
	}
	if err := client(t, cfg).Set(t.Context(), "key", "value", 0).Err(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"maxmemory": "67108864", "maxmemory-policy": "allkeys-lru", "appendfsync": "always", "appendonly": "yes", "save": "",
	} {
		if got := setting(t, cfg.Dir, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	applied(t, cfg) // nothing changed
	if s := observed(t, cfg.Dir); s.PID != first.PID {
		t.Errorf("a second Apply restarted the server: %+v", s)
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	cfg := instance(t)
	applied(t, cfg)
	stranger := cfg
	stranger.Passwords = nil
	if err := client(t, stranger).Get(t.Context(), "key").Err(); err == nil || !strings.HasPrefix(err.Error(), "NOAUTH") {
		t.Errorf("without a password: %v", err)
	}
	stranger.Passwords = []string{"wrong"}
	if err := client(t, stranger).Get(t.Context(), "key").Err(); err == nil || !strings.HasPrefix(err.Error(), "WRONGPASS") {
		t.Errorf("with a wrong password: %v", err)
	}
	c := client(t, cfg)
	for _, command := range []string{"CONFIG GET requirepass", "SHUTDOWN", "REPLICAOF 127.0.0.1 1", "ACL SETUSER default nopass"} {
		var words []any
		for _, w := range strings.Fields(command) {
			words = append(words, w)
		}
		if err := c.Do(t.Context(), words...).Err(); err == nil || !strings.HasPrefix(err.Error(), "NOPERM") {
			t.Errorf("%s: %v", command, err)
		}
	}
	if err := c.Eval(t.Context(), "return redis.call('set', KEYS[1], cmsgpack.pack({1}))", []string{"k"}).Err(); err != nil {
		t.Errorf("a script: %v", err)
	}
}

func TestNoPasswordOnDiskOrInArguments(t *testing.T) {
	cfg := instance(t)
	cfg.Passwords = []string{"PlainlyVisible42"}
	applied(t, cfg)
	args, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", observed(t, cfg.Dir).PID))
	if err != nil || strings.Contains(string(args), cfg.Passwords[0]) {
		t.Errorf("arguments %q, %v", args, err)
	}
	_ = filepath.WalkDir(cfg.Dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil
		}
		if data, err := os.ReadFile(path); err == nil && strings.Contains(string(data), cfg.Passwords[0]) {
			t.Errorf("the password is in %s", path)
		}
		return nil
	})
}

func TestKilledServerKeepsItsKeys(t *testing.T) {
	cfg := instance(t)
	applied(t, cfg)
	for round := int64(1); round <= 3; round++ {
		if n, err := client(t, cfg).Incr(t.Context(), "n").Result(); n != round || err != nil {
			t.Fatalf("round %d: %d, %v", round, n, err)
		}
		before := observed(t, cfg.Dir)
		if err := syscall.Kill(before.PID, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		await(t, cfg.Dir, "ready again", func(s State) bool { return s.Ready && s.PID != before.PID })
	}
}

func TestStopAndStart(t *testing.T) {
	cfg := instance(t)
	cfg.Parameters = nil // appendfsync everysec: a good stop still loses nothing
	applied(t, cfg)
	if err := client(t, cfg).Set(t.Context(), "key", "value", 0).Err(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second finds nothing to stop
		if err := Stop(t.Context(), cfg.Dir); err != nil {
			t.Fatal(err)
		}
	}
	if s := observed(t, cfg.Dir); s.Running || s.PID != 0 {
		t.Errorf("state %+v", s)
	}
	applied(t, cfg)
	if got, err := client(t, cfg).Get(t.Context(), "key").Result(); got != "value" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestChangesWithoutRestart(t *testing.T) {
	cfg := instance(t)
	applied(t, cfg)
	pid := observed(t, cfg.Dir).PID
	cfg.Passwords, cfg.MaxMemory = []string{"another"}, 32<<20
	cfg.Parameters = map[string]string{"maxmemory-policy": "noeviction"}
	applied(t, cfg)
	if err := client(t, cfg).Ping(t.Context()).Err(); err != nil {
		t.Errorf("with the new password: %v", err)
	}
	for name, want := range map[string]string{"maxmemory": "33554432", "maxmemory-policy": "noeviction", "appendfsync": "everysec"} {
		if got := setting(t, cfg.Dir, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	old := cfg
	cfg.Passwords = []string{"another", "newest"}
	applied(t, cfg)
	for _, p := range cfg.Passwords {
		old.Passwords = []string{p}
		if err := client(t, old).Ping(t.Context()).Err(); err != nil {
			t.Errorf("with either password: %v", err)
		}
	}
	cfg.Passwords = nil
	applied(t, cfg)
	if err := client(t, cfg).Ping(t.Context()).Err(); err != nil {
		t.Errorf("without a password: %v", err)
	}
	if now := observed(t, cfg.Dir).PID; now != pid {
		t.Error("the server was restarted")
	}
}

func TestFaultsShowTheServersWords(t *testing.T) {
	t.Run("port in use", func(t *testing.T) {
		cfg := instance(t)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", cfg.Port))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if err := Apply(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "Address already in use") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("unknown setting", func(t *testing.T) {
		cfg := instance(t)
		cfg.Parameters = map[string]string{"no-such-setting": "1"}
		if err := Apply(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "no-such-setting") {
			t.Errorf("got %v", err)
		}
	})
}

func TestShellCommand(t *testing.T) {
	cfg := instance(t)
	applied(t, cfg)
	cmd, err := ShellCommand(cfg.Dir, "ACL", "WHOAMI")
	if err != nil {
		t.Skip(err)
	}
	if out, err := cmd.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != adminName {
		t.Errorf("%q, %v", out, err)
	}
}

func TestObserveNothing(t *testing.T) {
	if s := observed(t, filepath.Join(t.TempDir(), "none")); s != (State{}) {
		t.Errorf("state %+v", s)
	}
}

func TestParseVersion(t *testing.T) {
	got, err := parseVersion("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d7c971a948f0\n")
	if got != "7.0.15" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := parseVersion("nothing"); err == nil {
		t.Error("nonsense was understood")
	}
}

func TestValidate(t *testing.T) {
	for name, parameters := range map[string]map[string]string{
		"newline": {"timeout": "1\nrequirepass x"},
		"quote":   {"timeout": `1" x`},
		"name":    {"time out": "1"},
	} {
		if err := (Config{Parameters: parameters}).validate(); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestMeasureCountsWhatClientsDo(t *testing.T) {
	cfg := instance(t)
	applied(t, cfg)
	before, err := Measure(t.Context(), cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	c := client(t, cfg)
	for i := range 10 {
		if err := c.Set(t.Context(), fmt.Sprint("key", i), "value", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20 { // half of them are there
		_ = c.Get(t.Context(), fmt.Sprint("key", i)).Err()
	}
	after, err := Measure(t.Context(), cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if after.Keys != 10 || after.Writes-before.Writes != 10 || after.Reads-before.Reads != 20 || after.Hits-before.Hits != 10 || after.Misses-before.Misses != 10 {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
	if after.UsedMemory == 0 || after.MaxMemory != 67108864 || after.NetworkIn <= before.NetworkIn || after.CPU < before.CPU {
		t.Errorf("after %+v", after)
	}
}
