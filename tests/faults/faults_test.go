package faults

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"apex/internal/regiontest"
)

// mustFail runs apex and returns its message.
func mustFail(t *testing.T, r *regiontest.Region, args ...string) string {
	t.Helper()
	out, err := r.TryApex(t.Context(), args...)
	if err == nil {
		t.Fatalf("apex %s succeeded:\n%s", strings.Join(args, " "), out)
	}
	return err.Error()
}

func wants(t *testing.T, message string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(message, part) {
			t.Errorf("the message lacks %q:\n%s", part, message)
		}
	}
}

func TestBrokenStackFile(t *testing.T) {
	r := regiontest.New(t)
	path := filepath.Join(t.TempDir(), "apex.yaml")
	os.WriteFile(path, []byte("name: x\nservices:\n  web:\n    image: y\n    memmory: 512\n"), 0o600)
	wants(t, mustFail(t, r, "up", "--file", path), "apex.yaml:5", "memmory", "memory")
	if _, ok := r.Home.Daemon(); ok {
		t.Error("a region was started for a broken file")
	}
	wants(t, mustFail(t, r, "up", "--file", path+".none"), "apex.yaml.none")
}

func TestPortsInUse(t *testing.T) {
	for name, port := range map[string]func(*regiontest.Region) int{
		"the endpoint's": func(r *regiontest.Region) int { return r.Home.Port },
		"the balancer's": func(r *regiontest.Region) int { return r.Home.HTTPPort },
	} {
		t.Run(name, func(t *testing.T) {
			r := regiontest.New(t)
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port(r)))
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			wants(t, mustFail(t, r, "up", "--file", writeStack(t, "serves")), fmt.Sprint(port(r)), "holds the port", "APEX_")
		})
	}
}

func TestTwoUpsAtOnce(t *testing.T) {
	r := regiontest.New(t)
	path := writeStack(t, "serves")
	results := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := r.TryApex(t.Context(), "up", "--file", path)
			results <- err
		}()
	}
	first, second := <-results, <-results
	for _, err := range []error{first, second} {
		if err != nil {
			wants(t, err.Error(), "process", "does so already")
		}
	}
	if first != nil && second != nil {
		t.Errorf("neither succeeded: %v, %v", first, second)
	}
}

func TestMissingEngine(t *testing.T) {
	r := regiontest.New(t)
	dir := t.TempDir() // a PATH with everything but the engines
	for _, tool := range []string{"go", "git"} {
		if path, err := exec.LookPath(tool); err == nil {
			os.Symlink(path, filepath.Join(dir, tool))
		}
	}
	t.Setenv("PATH", dir)
	out, err := r.TryApex(t.Context(), "doctor")
	wants(t, out+fmt.Sprint(err), "MISSING  Redis", "apt-get install redis-server", "apex: error")
	wants(t, mustFail(t, r, "up"), "redis-server")
}

// stopped waits until a task of the service stopped and returns why.
func stopped(t *testing.T, r *regiontest.Region) types.Task {
	t.Helper()
	client := ecs.NewFromConfig(r.AWS(t))
	cluster := aws.String("faults-dev")
	var task types.Task
	regiontest.Await(t, "a task stopped", func() bool {
		list, err := client.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: cluster, DesiredStatus: types.DesiredStatusStopped})
		if err != nil || len(list.TaskArns) == 0 {
			return false
		}
		out, err := client.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: cluster, Tasks: list.TaskArns[:1]})
		if err != nil || len(out.Tasks) == 0 || aws.ToString(out.Tasks[0].LastStatus) != "STOPPED" {
			return false
		}
		task = out.Tasks[0]
		return true
	})
	return task
}

func TestTasksThatFail(t *testing.T) {
	for does, tt := range map[string]struct {
		message []string // of apex up
		reason  string   // of the stopped task or its container
	}{
		"exits": {[]string{"web", "this task ends at once"}, "Essential container in task exited"},
		"eats":  {[]string{"web"}, "OutOfMemoryError"},
		"sick":  {[]string{"web"}, "failed ELB health checks"},
	} {
		t.Run(does, func(t *testing.T) {
			t.Parallel()
			r := regiontest.New(t)
			wants(t, mustFail(t, r, "up", "--file", writeStack(t, does), "--timeout", "20s"), tt.message...)
			task := stopped(t, r)
			reasons := aws.ToString(task.StoppedReason)
			for _, c := range task.Containers {
				reasons += "\n" + aws.ToString(c.Reason)
			}
			wants(t, reasons, tt.reason)
		})
	}
}

func TestCallersThatAreRefused(t *testing.T) {
	r := regiontest.Start(t)
	good, err := r.Home.Credentials()
	if err != nil {
		t.Fatal(err)
	}
	identity := func(c aws.Config, options ...func(*sts.Options)) string {
		_, err := sts.NewFromConfig(c, options...).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		var known smithy.APIError
		if errors.As(err, &known) {
			return known.ErrorCode()
		}
		return fmt.Sprint(err)
	}
	old := func(o *sts.Options) { o.HTTPSignerV4 = oldClock{v4.NewSigner()} }
	for name, tt := range map[string]struct{ got, want string }{
		"the administrator": {identity(r.AWS(t)), "<nil>"},
		"a wrong secret":    {identity(r.AWSAs(good.AccessKeyID, "wrong")), "SignatureDoesNotMatch"},
		"an unknown key":    {identity(r.AWSAs("AKIAUNKNOWNUNKNOWN00", "wrong")), "InvalidClientTokenId"},
		"an old clock":      {identity(r.AWS(t), old), "RequestTimeTooSkewed"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %s, want %s", name, tt.got, tt.want)
		}
	}
	resp, err := http.Post(r.Home.Endpoint(), "application/x-www-form-urlencoded", strings.NewReader("Action=GetCallerIdentity&Version=2011-06-15"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("an unsigned call: %s, want 403", resp.Status)
	}
}

// oldClock signs as of an hour ago.
type oldClock struct{ *v4.Signer }

func (c oldClock) SignHTTP(ctx context.Context, credentials aws.Credentials, r *http.Request, hash, service, region string, _ time.Time, options ...func(*v4.SignerOptions)) error {
	return c.Signer.SignHTTP(ctx, credentials, r, hash, service, region, time.Now().Add(-time.Hour), options...)
}
