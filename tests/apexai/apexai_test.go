package apexai

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"apex/internal/regiontest"
)

// TestApexAI is the story of one stack, in the order in which it happens to it.
func TestApexAI(t *testing.T) {
	s := up(t)
	for _, chapter := range []struct {
		name string
		test func(*testing.T, stack)
	}{
		{"two tasks of each service run in both zones", settles},
		{"paths reach the service that the rules say", paths},
		{"a second up changes nothing", secondUp},
		{"a task by hand seeds demo records", seeds},
		{"a team works in two browsers", teamWork},
		{"the aws CLI is answered, and refused with a wrong key", awsCLI},
		{"logs tell what the server did", logs},
		{"a changed file changes just what it must", changedFile},
		{"the region is killed under load", killRegion},
		{"killed tasks and supervisors are replaced", killTasks},
		{"the database is killed", killDatabase},
		{"the database's password is rotated under load", rotatePassword},
		{"the database reboots under load", rebootDatabase},
		{"the database fails over under load", failOver},
		{"the cache restarts under load", restartCache},
		{"a new server rolls out amid an import and a draft", rollOut},
		{"the balancer is killed", killBalancer},
		{"drills under load fail no request", drills},
		{"a person added in the browser outlives down and up", browserAndRestart},
	} {
		t.Run(chapter.name, func(t *testing.T) { chapter.test(t, s) })
	}
}

func settles(t *testing.T, s stack) {
	s.settled(t)
	if st := s.status(t); !strings.HasSuffix(st.URLs["studio"], fmt.Sprintf(":%d/", s.Home.HTTPPort)) || st.Region.PID == 0 {
		t.Errorf("status %+v", st)
	}
}

// paths checks the rules /api/* and /socket.io/*, and all else. The server
// answers problems in JSON, the studio pages in HTML.
func paths(t *testing.T, s stack) {
	for path, service := range map[string]string{
		"/":                       "studio",
		"/people":                 "studio",
		"/api":                    "studio", // no slash: the pattern is /api/*
		"/API/v1/people":          "studio", // patterns know case
		"/api?x=/api/":            "studio", // and no query
		"/socket.io":              "studio",
		"/health":                 "studio", // the server's own is for the balancer alone
		"/api/":                   "server",
		"/api/v1/people":          "server",
		"/socket.io/?x=1":         "server",
		"/standins/identity/demo": "standins",
	} {
		_, header, body := get(t, s.url(path))
		got := "server"
		if strings.HasPrefix(header.Get("Content-Type"), "text/html") {
			got = "studio"
		}
		if header.Get("X-Stand-In") != "" {
			got = "standins"
		}
		if got != service {
			t.Errorf("%s reached the %s, want the %s: %.80s", path, got, service, body)
		}
	}
}

func secondUp(t *testing.T, s stack) {
	before := s.tasks(t)
	s.Apex(t, "up")
	if after := s.tasks(t); !sameTasks(before, after) {
		t.Errorf("tasks were %v and are %v", before, after)
	}
}

// tasks are the ARNs of the running tasks.
func (s stack) tasks(t *testing.T) map[string]bool {
	t.Helper()
	out, err := ecs.NewFromConfig(s.AWS(t)).ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("apexai-dev")})
	if err != nil {
		t.Fatal(err)
	}
	tasks := map[string]bool{}
	for _, arn := range out.TaskArns {
		tasks[arn] = true
	}
	return tasks
}

func sameTasks(a, b map[string]bool) bool {
	for arn := range a {
		if !b[arn] {
			return false
		}
	}
	return len(a) == len(b)
}

func awsCLI(t *testing.T, s stack) {
	program, err := exec.LookPath("/usr/bin/aws")
	if err != nil {
		t.Skip("SKIPPED: the aws CLI is not installed (awscli)")
	}
	env := s.Env()
	var variables map[string]string
	if err := json.Unmarshal([]byte(s.Apex(t, "env", "--shell", "json")), &variables); err != nil {
		t.Fatal(err)
	}
	for name, value := range variables {
		env = append(env, name+"="+value)
	}
	run := func(env []string, args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Env = append(env, "AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	groups, err := elasticloadbalancingv2.NewFromConfig(s.AWS(t)).DescribeTargetGroups(t.Context(), &elasticloadbalancingv2.DescribeTargetGroupsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		want string
		args []string
	}{
		{"task/apexai-dev/", []string{"ecs", "list-tasks", "--cluster", "apexai-dev"}},
		{"healthy", []string{"elbv2", "describe-target-health", "--target-group-arn", *groups.TargetGroups[0].TargetGroupArn}},
		{"mysql://", []string{"secretsmanager", "get-secret-value", "--secret-id", "apexai-dev/database"}},
		{"10.0.11.0/24", []string{"ec2", "describe-subnets"}},
		{"db.t3.micro", []string{"rds", "describe-db-instances"}},
		{"listening", []string{"logs", "tail", "/apexai-dev/server"}},
		{":root", []string{"sts", "get-caller-identity"}},
	} {
		if out, err := run(env, tt.args...); err != nil || !strings.Contains(out, tt.want) {
			t.Errorf("aws %s: %v, want %q in\n%.400s", strings.Join(tt.args, " "), err, tt.want, out)
		}
		if out, err := run(append(env, "AWS_SECRET_ACCESS_KEY=wrong"), tt.args...); err == nil {
			t.Errorf("aws %s with a wrong secret was answered:\n%.400s", strings.Join(tt.args, " "), out)
		}
	}
}

func logs(t *testing.T, s stack) {
	get(t, s.url("/api/v1/people"))
	regiontest.Await(t, "the request is in the server's log", func() bool {
		return strings.Contains(s.Apex(t, "logs", "server", "-n", "200"), "/api/v1/people")
	})
}

func killRegion(t *testing.T, s stack) {
	before := s.tasks(t)
	l := startLoad(t, s.url("/"), s.url("/api/v1/people"))
	regiontest.Await(t, "the load runs", func() bool { return l.count() > 100 })
	s.Kill(t)
	n := l.count()
	regiontest.Await(t, "requests go on without the region", func() bool { return l.count() > n+200 })
	s.Apex(t, "up")
	n = l.count()
	regiontest.Await(t, "requests go on with it", func() bool { return l.count() > n+100 })
	l.mustNotFail(t)
	if after := s.tasks(t); !sameTasks(before, after) {
		t.Errorf("tasks were %v and are %v: they were not adopted", before, after)
	}
}

func killTasks(t *testing.T, s stack) {
	for name, match := range map[string]string{"the studio's program": "/app/studio", "a server's supervisor": "task"} {
		t.Run(name, func(t *testing.T) {
			pid := s.process(t, match)
			before := s.tasks(t)
			syscall.Kill(pid, syscall.SIGKILL)
			regiontest.Await(t, "another task runs in its place", func() bool { return !sameTasks(before, s.tasks(t)) })
			s.settled(t)
		})
	}
}

func killDatabase(t *testing.T, s stack) {
	p := s.signIn(t)
	p.do(t, "POST", "/api/v1/people", `{"firstName":"Grace","lastName":"Hopper"}`)
	syscall.Kill(s.process(t, "mysqld"), syscall.SIGKILL)
	inARow := 0 // both server tasks must have found the database again
	regiontest.Await(t, "the committed row is there again", func() bool {
		code, out, err := p.try("GET", "/api/v1/people", "")
		inARow++
		if err != nil || code != 200 || !strings.Contains(out, "Hopper") {
			inARow = 0
		}
		return inARow == 20
	})
}

func killBalancer(t *testing.T, s stack) {
	old := s.process(t, "balancer")
	syscall.Kill(old, syscall.SIGKILL)
	code, _, _ := get(t, s.url("/"))
	if code != 200 {
		t.Errorf("the next request was answered %d", code)
	}
	if now := s.process(t, "balancer"); now == old {
		t.Error("the balancer was not killed")
	}
}
