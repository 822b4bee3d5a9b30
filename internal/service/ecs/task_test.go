package ecs

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	ssmsdk "github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"apex/internal/dataplane/logfile"
	"apex/internal/dataplane/task"
	"apex/internal/service/ec2"
	"apex/internal/service/logs"
	"apex/internal/service/servicetest"
	"apex/internal/service/ssm"
	"apex/internal/service/sts"
	"apex/internal/store"
)

// runOne runs one task and returns its id.
func (w *world) runOne(definition string, change func(*ecs.RunTaskInput)) string {
	w.t.Helper()
	in := &ecs.RunTaskInput{
		Cluster: aws.String("main"), TaskDefinition: &definition, LaunchType: types.LaunchTypeFargate, NetworkConfiguration: network(),
	}
	if change != nil {
		change(in)
	}
	out, err := w.client.RunTask(w.t.Context(), in)
	if err != nil || len(out.Tasks) != 1 {
		w.t.Fatalf("run task: %+v, %v", out, err)
	}
	return strings.TrimPrefix(*out.Tasks[0].TaskArn, scope.ARN("ecs", "task/main/"))
}

func (w *world) task(id string) types.Task {
	w.t.Helper()
	out, err := w.client.DescribeTasks(w.t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("main"), Tasks: []string{id}})
	if err != nil || len(out.Tasks) != 1 {
		w.t.Fatalf("describe task: %+v, %v", out, err)
	}
	return out.Tasks[0]
}

func (w *world) awaitTask(id, status string) {
	w.t.Helper()
	w.await("task is "+status, func(s store.Snapshot) bool {
		t, _ := Tasks.Get(s, taskKey(scope, "main", id))
		return last(t) == status
	})
}

// logged returns what the task's container wrote.
func (w *world) logged(id string) []string {
	w.t.Helper()
	events, _, err := logfile.Read(logs.StreamDir(w.env.Home, scope, groupName, "ecs/main/"+id), logfile.Query{})
	if err != nil {
		w.t.Fatal(err)
	}
	var lines []string
	for _, e := range events {
		lines = append(lines, string(e.Message))
	}
	return lines
}

// parameter puts a parameter into the Parameter Store.
func (w *world) parameter(name, value string, kind ssmtypes.ParameterType) {
	w.t.Helper()
	client := ssmsdk.NewFromConfig(servicetest.Config(w.t, w.env, ssm.New(w.env).Routes()))
	if _, err := client.PutParameter(w.t.Context(), &ssmsdk.PutParameterInput{Name: &name, Value: &value, Type: kind}); err != nil {
		w.t.Fatal(err)
	}
}

func TestTaskGetsWhatItsDefinitionSays(t *testing.T) {
	w := newWorld(t)
	w.run()
	w.cluster()
	w.parameter("/app/mode", "dark", ssmtypes.ParameterTypeString)
	w.parameter("/app/token", "hunter2", ssmtypes.ParameterTypeSecureString)
	definition := w.defineWith("job", func(c *types.ContainerDefinition) {
		c.Environment = []types.KeyValuePair{{Name: aws.String("FROM"), Value: aws.String("definition")}, {Name: aws.String("PLAIN"), Value: aws.String("x y")}}
		c.Secrets = []types.Secret{
			{Name: aws.String("URL"), ValueFrom: aws.String("database:url::")},
			{Name: aws.String("MODE"), ValueFrom: aws.String("/app/mode")},
			{Name: aws.String("TOKEN"), ValueFrom: aws.String(scope.ARN("ssm", "parameter/app/token"))},
		}
		c.User, c.WorkingDirectory = aws.String("1000"), aws.String("/srv")
	}, "env FROM", "env PLAIN", "env URL", "env MODE", "env TOKEN", "env OVER", "env AWS_REGION", "env AWS_ENDPOINT_URL", "id", "where", "limit 7", "exit 5")
	id := w.runOne(definition, func(in *ecs.RunTaskInput) {
		in.StartedBy = aws.String("a test")
		in.Overrides = &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{
			Name: aws.String("main"), Environment: []types.KeyValuePair{{Name: aws.String("OVER"), Value: aws.String("ride")}},
		}}}
	})
	w.awaitTask(id, statusStopped)
	got := w.logged(id)
	address := *w.task(id).Containers[0].NetworkInterfaces[0].PrivateIpv4Address
	want := []string{
		"env FROM=definition", "env PLAIN=x y", "env URL=mysql://db", "env MODE=dark", "env TOKEN=hunter2", "env OVER=ride", "env AWS_REGION=us-east-1",
		"env AWS_ENDPOINT_URL=http://169.254.170.23:4566", "id 1000 0 []", "where /srv " + hostname(scope, address),
	}
	if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	described := w.task(id)
	if c := described.Containers[0]; described.StopCode != types.TaskStopCodeEssentialContainerExited || *c.ExitCode != 5 ||
		*described.StoppedReason != "Essential container in task exited" || *described.StartedBy != "a test" || described.PullStoppedAt == nil ||
		c.ImageDigest == nil {
		t.Errorf("described %+v", described)
	}
	if n := ec2.NetworkInterfaces.Len(w.env.Store.Snapshot()); n != 0 {
		t.Errorf("%d interfaces are left", n)
	}
	if dirs, _ := w.svc.dirs(); len(dirs) != 0 {
		t.Errorf("directories are left: %v", dirs)
	}
}

func TestTaskFaults(t *testing.T) {
	w := newWorld(t)
	w.run()
	w.cluster()
	for name, tt := range map[string]struct {
		change func(*types.ContainerDefinition)
		verbs  string
		code   types.TaskStopCode
		reason string // of the task, or of its container
	}{
		"no image": {
			func(c *types.ContainerDefinition) { c.Image = aws.String(strings.Replace(imageName, "v1", "v9", 1)) }, "id",
			types.TaskStopCodeTaskFailedToStart, "CannotPullContainerError: ",
		},
		"foreign image": {
			func(c *types.ContainerDefinition) { c.Image = aws.String("docker.io/library/nginx") }, "id",
			types.TaskStopCodeTaskFailedToStart, "CannotPullContainerError: ",
		},
		"no secret": {func(c *types.ContainerDefinition) {
			c.Secrets = []types.Secret{{Name: aws.String("X"), ValueFrom: aws.String("nothing")}}
		}, "id", types.TaskStopCodeTaskFailedToStart, "ResourceInitializationError: unable to pull secrets or registry auth: "},
		"no log group": {
			func(c *types.ContainerDefinition) { c.LogConfiguration.Options["awslogs-group"] = "/none" }, "id",
			types.TaskStopCodeTaskFailedToStart, "ResourceInitializationError: failed to validate logger args: ",
		},
		"no program": {
			func(c *types.ContainerDefinition) { c.EntryPoint = []string{"/none"} }, "id",
			types.TaskStopCodeTaskFailedToStart, "CannotStartContainerError: ",
		},
		"eats its memory": {
			func(c *types.ContainerDefinition) { c.Memory = aws.Int32(32) }, "eat 256",
			types.TaskStopCodeEssentialContainerExited, "OutOfMemoryError: container killed due to memory usage",
		},
	} {
		t.Run(name, func(t *testing.T) {
			id := w.runOne(w.defineWith("job", tt.change, tt.verbs), nil)
			w.awaitTask(id, statusStopped)
			got := w.task(id)
			reason := aws.ToString(got.StoppedReason)
			if got.Containers[0].Reason != nil {
				reason = *got.Containers[0].Reason
			}
			if got.StopCode != tt.code || !strings.HasPrefix(reason, tt.reason) {
				t.Errorf("got %s %q %q, want %s %q", got.StopCode, aws.ToString(got.StoppedReason), reason, tt.code, tt.reason)
			}
		})
	}
}

func TestStopTaskEndsItGently(t *testing.T) {
	w := newWorld(t)
	w.run()
	w.cluster()
	id := w.runOne(w.define("job", "await 0"), nil)
	w.awaitTask(id, statusRunning)
	stopped, err := w.client.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: aws.String("main"), Task: &id, Reason: aws.String("enough")})
	if err != nil || *stopped.Task.DesiredStatus != "STOPPED" {
		t.Fatalf("stop: %+v, %v", stopped, err)
	}
	w.awaitTask(id, statusStopped)
	got := w.task(id)
	if *got.StoppedReason != "enough" || got.StopCode != types.TaskStopCodeUserInitiated || *got.Containers[0].ExitCode != 0 {
		t.Errorf("got %+v", got)
	}
	if lines := w.logged(id); !slices.Contains(lines, "got terminated") {
		t.Errorf("logged %q", lines)
	}
	for status, want := range map[types.DesiredStatus]int{types.DesiredStatusRunning: 0, types.DesiredStatusStopped: 1} {
		out, err := w.client.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("main"), DesiredStatus: status, Family: aws.String("job")})
		if err != nil || len(out.TaskArns) != want {
			t.Errorf("list %s: %v, %v", status, out, err)
		}
	}
}

func TestNextRegionAdoptsTasks(t *testing.T) {
	w := newWorld(t)
	stop := w.runUntil()
	w.cluster()
	one := w.define("web", "await 0")
	w.create("web", one, 2, nil)
	w.await("two run", func(s store.Snapshot) bool { return active(s, "web", one) == 2 })
	before := map[string]int{}
	for _, each := range tasksIn(w.env.Store.Snapshot(), "web") {
		state, err := task.Observe(w.svc.taskDir(each.Spec.ID))
		if err != nil {
			t.Fatal(err)
		}
		before[each.Spec.ID] = state.Containers[0].PID
	}
	stop()
	if err := os.MkdirAll(w.svc.taskDir(strings.Repeat("0", 32)), 0o700); err != nil { // left by a crash
		t.Fatal(err)
	}
	w.svc = New(w.env, w.blobs)
	w.run()
	eventually(t, "the leftover is gone", func() bool { // on the disk: no write to the store tells of it
		dirs, err := w.svc.dirs()
		return err == nil && len(dirs) == 2
	})
	if _, err := w.client.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("main"), Service: aws.String("web"), DesiredCount: aws.Int32(3)}); err != nil {
		t.Fatal(err)
	}
	w.await("three run", func(s store.Snapshot) bool { return active(s, "web", one) == 3 })
	for id, pid := range before {
		state, err := task.Observe(w.svc.taskDir(id))
		if err != nil || state.Containers[0].PID != pid {
			t.Errorf("task %s: process %d became %+v, %v", id, pid, state, err)
		}
	}
}

func TestTasksOfAStoppedRegionAreReplaced(t *testing.T) {
	w := newWorld(t)
	stop := w.runUntil()
	w.cluster()
	one := w.define("web", "await 0")
	w.create("web", one, 1, nil)
	w.await("it runs", func(s store.Snapshot) bool { return active(s, "web", one) == 1 })
	old := tasksIn(w.env.Store.Snapshot(), "web")[0]
	stop()
	if err := w.svc.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.run()
	w.await("another runs", func(s store.Snapshot) bool {
		was, _ := Tasks.Get(s, old.Key)
		return active(s, "web", one) == 1 && last(was) == statusStopped
	})
	if was, _ := Tasks.Get(w.env.Store.Snapshot(), old.Key); was.Status.Failed {
		t.Error("a task that the region stopped counts as failed")
	}
}

func TestMetadata(t *testing.T) {
	w := newWorld(t)
	w.run()
	w.cluster()
	id := w.runOne(w.define("job", "await 0"), nil)
	w.awaitTask(id, statusRunning)
	row, _ := Tasks.Get(w.env.Store.Snapshot(), taskKey(scope, "main", id))
	runtime := row.Status.Containers[0].RuntimeID
	get := func(from, path string) (int, map[string]any) {
		r := httptest.NewRequest("GET", path, nil)
		r.RemoteAddr = from + ":40000"
		answer := httptest.NewRecorder()
		w.svc.Metadata().ServeHTTP(answer, r)
		var body map[string]any
		_ = json.Unmarshal(answer.Body.Bytes(), &body)
		return answer.Code, body
	}
	eventually(t, "the container was measured twice", func() bool {
		_, body := get(row.Status.Address, "/v4/"+runtime+"/stats")
		return body["precpu_stats"] != nil
	})
	for path, want := range map[string]string{"": "Name", "/task": "TaskARN", "/taskWithTags": "TaskTags", "/stats": "memory_stats", "/task/stats": runtime} {
		if code, body := get(row.Status.Address, "/v4/"+runtime+path); code != 200 || body[want] == nil {
			t.Errorf("%s: got %d %v", path, code, body)
		}
		if code, _ := get("10.0.10.99", "/v4/"+runtime+path); code != 404 {
			t.Errorf("%s from elsewhere: got %d", path, code)
		}
	}
	code, body := get(row.Status.Address, "/v2/credentials/"+row.Spec.Credentials)
	key, _ := body["AccessKeyId"].(string)
	if code != 200 || body["RoleArn"] != taskRole {
		t.Fatalf("credentials: %d %v", code, body)
	}
	if c, ok := sts.Lookup(w.env.Store.Snapshot(), w.env.Sealer, key); !ok || c.Secret != body["SecretAccessKey"] {
		t.Errorf("the region does not know the key %q: %+v", key, c)
	}
	if _, again := get(row.Status.Address, "/v2/credentials/"+row.Spec.Credentials); again["AccessKeyId"] != key {
		t.Error("each question makes a session")
	}
	if code, _ := get("10.0.10.99", "/v2/credentials/"+row.Spec.Credentials); code != 404 {
		t.Errorf("credentials from elsewhere: got %d", code)
	}
}

func TestAcceptProxied(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.RemoteAddr))
	}), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(AcceptProxied(l)) }()
	t.Cleanup(func() { server.Close() })
	for line, want := range map[string]string{
		"PROXY TCP4 10.0.10.7 169.254.170.2 40000 80\r\n": "10.0.10.7:40000",
		"PROXY TCP4 10.0.10.7 169.254.170.2 99999 80\r\n": "400 Bad Request",
		"PROXY UNKNOWN\r\n":      "400 Bad Request",
		"GET / HTTP/1.1\r\n":     "400 Bad Request",
		strings.Repeat("x", 200): "400 Bad Request",
	} {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = c.Write([]byte(line + "GET / HTTP/1.0\r\n\r\n"))
		answer := make([]byte, 4096)
		n := 0
		for {
			m, err := c.Read(answer[n:])
			n += m
			if err != nil || m == 0 {
				break
			}
		}
		c.Close()
		_, got, _ := strings.Cut(string(answer[:n]), "\r\n\r\n")
		if got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}

func FuzzParseProxy(f *testing.F) {
	f.Add("PROXY TCP4 10.0.10.7 169.254.170.2 40000 80")
	f.Add("PROXY TCP6 ::1 ::2 1 2")
	f.Add("PROXY UNKNOWN")
	f.Fuzz(func(t *testing.T, line string) {
		if a, err := parseProxy(line); err == nil && a.String() == "" {
			t.Errorf("%q has no address", line)
		}
	})
}

// eventually polls what the store does not tell of.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came true that %s", what)
		}
	}
}
