package ecs

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/service/s3"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

type (
	registration = ecsapi.RegisterTaskDefinitionRequest
	containerDef = ecsapi.ContainerDefinition
)

// efsVolume puts a volume of EFS at /data.
func efsVolume(change func(*ecsapi.EFSVolumeConfiguration)) func(*registration, *containerDef) {
	return func(in *registration, c *containerDef) {
		efs := &ecsapi.EFSVolumeConfiguration{FileSystemId: api.Ptr("fs-0123abcd")}
		change(efs)
		in.Volumes = []ecsapi.Volume{{Name: api.Ptr("data"), EfsVolumeConfiguration: efs}}
		c.MountPoints = []ecsapi.MountPoint{{SourceVolume: api.Ptr("data"), ContainerPath: api.Ptr("/data")}}
	}
}

func logOption(name, value string) func(*registration, *containerDef) {
	return func(_ *registration, c *containerDef) {
		c.LogConfiguration = &ecsapi.LogConfiguration{LogDriver: api.Ptr("awslogs"), Options: map[string]string{
			"awslogs-group": "g", "awslogs-stream-prefix": "p", name: value,
		}}
	}
}

func TestFeaturesOfDefinitions(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*registration, *containerDef)
		want   string // of the error; empty if it is accepted
	}{
		"efs":      {efsVolume(func(*ecsapi.EFSVolumeConfiguration) {}), ""},
		"efs path": {efsVolume(func(v *ecsapi.EFSVolumeConfiguration) { v.RootDirectory = api.Ptr("/../etc") }), "root directory"},
		"efs id":   {efsVolume(func(v *ecsapi.EFSVolumeConfiguration) { v.FileSystemId = api.Ptr("../x") }), "not valid"},
		"efs point": {efsVolume(func(v *ecsapi.EFSVolumeConfiguration) {
			v.AuthorizationConfig = &ecsapi.EFSAuthorizationConfig{AccessPointId: api.Ptr("fsap-0123abcd")}
		}), "transit encryption"},
		"restart": {func(_ *registration, c *containerDef) {
			c.RestartPolicy = &ecsapi.ContainerRestartPolicy{Enabled: api.Ptr(true), RestartAttemptPeriod: api.Ptr[int64](60)}
		}, ""},
		"restart at once": {func(_ *registration, c *containerDef) {
			c.RestartPolicy = &ecsapi.ContainerRestartPolicy{Enabled: api.Ptr(true), RestartAttemptPeriod: api.Ptr[int64](1)}
		}, "restartAttemptPeriod"},
		"control": {func(_ *registration, c *containerDef) {
			c.SystemControls = []ecsapi.SystemControl{{Namespace: api.Ptr("net.core.somaxconn"), Value: api.Ptr("1024")}}
		}, ""},
		"control of the host": {func(_ *registration, c *containerDef) {
			c.SystemControls = []ecsapi.SystemControl{{Namespace: api.Ptr("vm.swappiness"), Value: api.Ptr("1")}}
		}, "vm.swappiness"},
		"env file": {func(_ *registration, c *containerDef) {
			c.EnvironmentFiles = []ecsapi.EnvironmentFile{{Type: api.Ptr("s3"), Value: api.Ptr("arn:aws:s3:::b/x.env")}}
		}, ""},
		"env file name": {func(_ *registration, c *containerDef) {
			c.EnvironmentFiles = []ecsapi.EnvironmentFile{{Type: api.Ptr("s3"), Value: api.Ptr("arn:aws:s3:::b/x.txt")}}
		}, ".env"},
		"parameter": {func(_ *registration, c *containerDef) {
			c.Secrets = []ecsapi.Secret{{Name: api.Ptr("S"), ValueFrom: api.Ptr("arn:aws:ssm:us-east-1:000000000000:parameter/x")}}
		}, ""},
		"arm": {func(in *registration, _ *containerDef) {
			in.RuntimePlatform = &ecsapi.RuntimePlatform{CpuArchitecture: api.Ptr("S390X")}
		}, "S390X"},
		"windows": {func(in *registration, _ *containerDef) {
			in.RuntimePlatform = &ecsapi.RuntimePlatform{OperatingSystemFamily: api.Ptr("WINDOWS_SERVER_2022_CORE")}
		}, "WINDOWS"},
		"storage": {func(in *registration, _ *containerDef) {
			in.EphemeralStorage = &ecsapi.EphemeralStorage{SizeInGiB: api.Ptr[int64](10)}
		}, "from 21 to 200"},
		"terminal":     {func(_ *registration, c *containerDef) { c.PseudoTerminal = api.Ptr(true) }, "pseudoTerminal"},
		"firelens":     {func(_ *registration, c *containerDef) { c.FirelensConfiguration = &ecsapi.FirelensConfiguration{} }, "firelens"},
		"log mode":     {logOption("mode", "non-blocking"), ""},
		"log modes":    {logOption("mode", "sometimes"), "mode"},
		"log option":   {logOption("awslogs-colour", "red"), "awslogs-colour"},
		"log pattern":  {logOption("awslogs-multiline-pattern", "^("), "awslogs-multiline-pattern"},
		"log datetime": {logOption("awslogs-datetime-format", "%Y-%m-%d %H:%M:%S"), ""},
		"log date":     {logOption("awslogs-datetime-format", "%Q"), "%Q"},
	} {
		in := request(tt.change)
		in.ExecutionRoleArn = &taskRole
		_, err := newDefinition(in)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

func TestParseEnvFile(t *testing.T) {
	got, err := parseEnvFile(strings.NewReader("# comment\nA=1\r\n\nB= \"x y\" \nnothing\n=x\nC=a=b"))
	if diff := cmp.Diff([]string{"A=1", `B= "x y" `, "C=a=b"}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestTaskWithFilesOfEnvironmentAndLastingVolume(t *testing.T) {
	w := newWorld(t)
	w.run()
	w.cluster()
	w.update(func(tx *store.Tx) {
		s3.Buckets.Put(tx, s3.Bucket{Name: "settings", Spec: s3.BucketSpec{ID: "b1", Account: scope.Account}})
	})
	if err := w.env.Objects.MakeBucket("b1"); err != nil {
		t.Fatal(err)
	}
	if err := s3.Deliver(w.env.Store.Snapshot(), w.env, scope, "settings", "app.env", "text/plain", strings.NewReader("ONE=file\nTWO=file\n")); err != nil {
		t.Fatal(err)
	}
	in := &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("lasting"), NetworkMode: types.NetworkModeAwsvpc, Cpu: aws.String("256"), Memory: aws.String("512"),
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate}, ExecutionRoleArn: &taskRole,
		Volumes: []types.Volume{{Name: aws.String("data"), EfsVolumeConfiguration: &types.EFSVolumeConfiguration{
			FileSystemId: aws.String("fs-0123abcd"), RootDirectory: aws.String("/app"),
		}}},
		ContainerDefinitions: []types.ContainerDefinition{{
			Name: aws.String("main"), Image: &imageName, Command: strings.Fields("env ONE , env TWO , write /data/kept , cat /data/before , exit 0"),
			Environment:      []types.KeyValuePair{{Name: aws.String("TWO"), Value: aws.String("definition")}},
			EnvironmentFiles: []types.EnvironmentFile{{Type: types.EnvironmentFileTypeS3, Value: aws.String("arn:aws:s3:::settings/app.env")}},
			MountPoints:      []types.MountPoint{{SourceVolume: aws.String("data"), ContainerPath: aws.String("/data")}},
			LogConfiguration: &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{
				"awslogs-group": groupName, "awslogs-stream-prefix": "ecs", "awslogs-create-group": "true",
			}},
		}},
	}
	out, err := w.client.RegisterTaskDefinition(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(w.env.Home, "efs", "fs-0123abcd", "app")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "before"), []byte("long ago"), 0o644); err != nil {
		t.Fatal(err)
	}
	id := w.runOne(*out.TaskDefinition.TaskDefinitionArn, nil)
	w.awaitTask(id, statusStopped)
	got := w.logged(id)
	for _, want := range []string{"env ONE=file", "env TWO=definition", "wrote /data/kept", "long ago"} {
		if !slices.Contains(got, want) {
			t.Errorf("logged %q, not %q", got, want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "kept")); err != nil {
		t.Errorf("the volume ended with its task: %v", err)
	}
	in.ContainerDefinitions[0].EnvironmentFiles[0].Value = aws.String("arn:aws:s3:::settings/none.env")
	out, err = w.client.RegisterTaskDefinition(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	id = w.runOne(*out.TaskDefinition.TaskDefinitionArn, nil)
	w.awaitTask(id, statusStopped)
	if reason := aws.ToString(w.task(id).StoppedReason); !strings.Contains(reason, "ResourceInitializationError: failed to download env files") {
		t.Errorf("stopped reason %q", reason)
	}
}

func TestOldestStoppedTasksAreForgotten(t *testing.T) {
	env := servicetest.Env(t, Tables()...)
	err := env.Store.Update(t.Context(), func(tx *store.Tx) error {
		for i := range 10 {
			Tasks.Put(tx, Task{
				Key:    taskKey(scope, "main", fmt.Sprintf("%032d", i)),
				Status: TaskStatus{Last: statusStopped, Stopped: epoch.Add(-time.Duration(i) * time.Minute)},
			})
		}
		Tasks.Put(tx, Task{Key: taskKey(scope, "main", strings.Repeat("f", 32)), Status: TaskStatus{Last: statusRunning}})
		forgetOldest(tx, scope, "main", 3)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, task := range Tasks.All(env.Store.Snapshot()) {
		left = append(left, task.Key[len(task.Key)-1:])
	}
	if diff := cmp.Diff([]string{"0", "1", "2", "f"}, left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}

func TestRunTaskAgainWithItsToken(t *testing.T) {
	w := newWorld(t)
	w.cluster()
	definition := w.define("once", "exit 0")
	token := func(in *ecs.RunTaskInput) { in.ClientToken = aws.String("t1") }
	first := w.runOne(definition, token)
	if again := w.runOne(definition, token); again != first {
		t.Errorf("the same call made %s and %s", first, again)
	}
	if other := w.runOne(definition, nil); other == first {
		t.Error("calls without a token are one")
	}
	_, err := w.client.RunTask(t.Context(), &ecs.RunTaskInput{
		Cluster: aws.String("main"), TaskDefinition: aws.String(w.define("other", "exit 0")), LaunchType: types.LaunchTypeFargate,
		NetworkConfiguration: network(), ClientToken: aws.String("t1"),
	})
	if servicetest.Code(err) != "ConflictException" {
		t.Errorf("the token of another call: %v", err)
	}
}
