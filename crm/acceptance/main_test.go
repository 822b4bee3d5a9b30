// Package acceptance holds the whole CRM to what it promises: real processes
// of two server tasks, the studio, and the stand-ins, behind a router that
// sends each request to the next task, over a MariaDB and a Redis of its own.
package acceptance

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"apexai/crm/internal/engines"
	"apexai/crm/internal/standins/identity"
)

// crm is the one stack of all tests here, which run one after another: each
// leaves it whole.
var crm *stack

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "crm-acceptance-")
	if err == nil {
		defer os.RemoveAll(dir)
		err = os.Chmod(dir, 0o755) // MariaDB runs as another user
	}
	if err == nil {
		crm, err = up(dir)
		defer crm.down()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "acceptance:", err)
		return 1
	}
	code := m.Run()
	if crm.raced() {
		code = 1
	}
	if code != 0 {
		crm.tails()
	}
	return code
}

// A stack is everything that runs.
type stack struct {
	dir              string
	mysql, redis     *engines.Process
	servers          []*process
	studio, standins *process
	router           *router
	url              string
	forTasks         []string
}

func up(dir string) (*stack, error) {
	s := &stack{dir: dir}
	build := exec.Command("go", "build", "-trimpath", "-o", dir+"/bin/", "../cmd/server", "../cmd/studio", "../cmd/standins")
	if out, err := build.CombinedOutput(); err != nil {
		return s, fmt.Errorf("build: %w: %s", err, out)
	}
	var err error
	ctx := context.Background()
	if s.mysql, err = engines.MariaDB(ctx, filepath.Join(dir, "mysql")); err != nil {
		return s, err
	}
	if s.redis, err = engines.Redis(ctx, filepath.Join(dir, "redis")); err != nil {
		return s, err
	}
	if s.router, err = route(); err != nil {
		return s, err
	}
	s.url = s.router.url
	if s.standins, err = s.start("standins", nil); err != nil {
		return s, err
	}
	s.forTasks = []string{
		"DATABASE_URL=" + s.mysql.URL, "REDIS_URL=" + s.redis.URL, "PUBLIC_URL=" + s.url, "DB_MAX_OPEN=6", "RATE_USER=0", "RATE_KEY=0", "RATE_SIGN_IN=0",
		"FIREBASE_PROJECT_ID=" + identity.Project, "FIREBASE_AUTH_URL=/standins/identity/v1", "FIREBASE_CERTS_URL=" + s.url + identity.CertificatesAt,
		"GEMINI_API_KEY=standin", "GEMINI_BASE_URL=" + s.standins.url + "/standins/model/gemini",
		"OPENAI_API_KEY=standin", "OPENAI_BASE_URL=" + s.standins.url + "/standins/model/openai/v1",
	}
	for i := range 2 {
		task, err := s.start(fmt.Sprintf("server-%d", i+1), s.forTasks)
		if err != nil {
			return s, err
		}
		s.servers = append(s.servers, task)
	}
	if s.studio, err = s.start("studio", nil); err != nil {
		return s, err
	}
	s.router.set(s.servers, s.studio, s.standins)
	return s, s.router.ready()
}

func (s *stack) down() {
	for _, p := range append([]*process{s.studio, s.standins}, s.servers...) {
		p.kill()
	}
	for _, e := range []*engines.Process{s.redis, s.mysql} {
		if e != nil {
			e.Kill()
		}
	}
}

// raced says that a process has told of a data race; with GOFLAGS=-race they look.
func (s *stack) raced() (found bool) {
	for _, p := range append([]*process{s.studio, s.standins}, s.servers...) {
		if _, race, ok := strings.Cut(p.text(), "WARNING: DATA RACE"); ok {
			fmt.Fprintf(os.Stderr, "%s: DATA RACE%.4000s\n", p.name, race)
			found = true
		}
	}
	return found
}

// tails shows the ends of all logs.
func (s *stack) tails() {
	for _, p := range append([]*process{s.studio, s.standins}, s.servers...) {
		if p != nil {
			text := p.text()
			fmt.Fprintf(os.Stderr, "--- %s:\n%s\n", p.name, text[max(0, len(text)-4000):])
		}
	}
}
