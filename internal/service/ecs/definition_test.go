package ecs

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/service/servicetest"
)

func TestFargatePairs(t *testing.T) {
	for name, tt := range map[string]struct {
		cpu, memory int
		want        bool
	}{
		"smallest": {256, 512, true}, "quarter with 3 GB": {256, 3072, false}, "half": {512, 1024, true},
		"half with half": {512, 512, false}, "half with 4 GB": {512, 4096, true}, "uneven": {512, 1500, false},
		"eight": {8192, 20480, true}, "eight uneven": {8192, 17408, false}, "sixteen": {16384, 122880, true}, "none": {0, 0, false},
	} {
		if got := fargatePair(tt.cpu, tt.memory); got != tt.want {
			t.Errorf("%s: %d, %d: got %t", name, tt.cpu, tt.memory, got)
		}
	}
}

func TestAmounts(t *testing.T) {
	for text, want := range map[string]int{"512": 512, ".5 vCPU": 512, "1vcpu": 1024, "2 vCPUs": 2048, "x": 0, "-1": 0, "1 GB": 0, "0": 0, "": 0} {
		if got, _ := parseCPU(text); got != want {
			t.Errorf("cpu %q: got %d, want %d", text, got, want)
		}
	}
	for text, want := range map[string]int{"1024": 1024, "0.5GB": 512, "1 gb": 1024, "9e9 GB": 0, "4096 GB": 0} {
		if got, _ := parseMemory(text); got != want {
			t.Errorf("memory %q: got %d, want %d", text, got, want)
		}
	}
}

func FuzzAmount(f *testing.F) {
	f.Add("512")
	f.Add(".5 vCPU")
	f.Fuzz(func(t *testing.T, text string) {
		if n, err := parseCPU(text); err == nil && (n < 0 || n > 1<<20) {
			t.Errorf("%q is %d", text, n)
		}
	})
}

// request is a registration that is accepted.
func request(change func(*ecsapi.RegisterTaskDefinitionRequest, *ecsapi.ContainerDefinition)) *ecsapi.RegisterTaskDefinitionRequest {
	c := ecsapi.ContainerDefinition{Name: api.Ptr("main"), Image: api.Ptr("x/y:z"), PortMappings: []ecsapi.PortMapping{{ContainerPort: api.Ptr[int64](3000)}}}
	in := &ecsapi.RegisterTaskDefinitionRequest{
		Family: api.Ptr("web"), NetworkMode: api.Ptr("awsvpc"), RequiresCompatibilities: []string{"FARGATE"},
		Cpu: api.Ptr("0.5 vCPU"), Memory: api.Ptr("1 GB"),
	}
	change(in, &c)
	in.ContainerDefinitions = append(in.ContainerDefinitions, c)
	return in
}

func TestDefinitionsThatAreRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*ecsapi.RegisterTaskDefinitionRequest, *ecsapi.ContainerDefinition)
		want   string
	}{
		"family": {func(in *ecsapi.RegisterTaskDefinitionRequest, _ *ecsapi.ContainerDefinition) {
			in.Family = api.Ptr("a b")
		}, "Family contains"},
		"network": {func(in *ecsapi.RegisterTaskDefinitionRequest, _ *ecsapi.ContainerDefinition) {
			in.NetworkMode = api.Ptr("host")
		}, "awsvpc"},
		"no cpu": {func(in *ecsapi.RegisterTaskDefinitionRequest, _ *ecsapi.ContainerDefinition) { in.Cpu = nil }, "'cpu' and 'memory'"},
		"pair": {func(in *ecsapi.RegisterTaskDefinitionRequest, _ *ecsapi.ContainerDefinition) {
			in.Memory = api.Ptr("512")
		}, "No Fargate configuration"},
		"no image": {func(_ *ecsapi.RegisterTaskDefinitionRequest, c *ecsapi.ContainerDefinition) { c.Image = nil }, "image"},
		"inessential": {func(_ *ecsapi.RegisterTaskDefinitionRequest, c *ecsapi.ContainerDefinition) {
			c.Essential = api.Ptr(false)
		}, "essential"},
		"port": {func(_ *ecsapi.RegisterTaskDefinitionRequest, c *ecsapi.ContainerDefinition) {
			c.PortMappings[0].HostPort = api.Ptr[int64](80)
		}, "must match"},
		"no role": {func(_ *ecsapi.RegisterTaskDefinitionRequest, c *ecsapi.ContainerDefinition) {
			c.Secrets = make([]ecsapi.Secret, 1)
		}, "executionRoleArn"},
		"privileged": {func(_ *ecsapi.RegisterTaskDefinitionRequest, c *ecsapi.ContainerDefinition) {
			c.Privileged = api.Ptr(true)
		}, "privileged"},
		"driver": {func(_ *ecsapi.RegisterTaskDefinitionRequest, c *ecsapi.ContainerDefinition) {
			c.LogConfiguration = &ecsapi.LogConfiguration{LogDriver: api.Ptr("splunk")}
		}, "awslogs"},
		"volume": {func(_ *ecsapi.RegisterTaskDefinitionRequest, c *ecsapi.ContainerDefinition) {
			c.MountPoints = []ecsapi.MountPoint{{SourceVolume: api.Ptr("none")}}
		}, "Unknown volume"},
		"depends on itself": {func(_ *ecsapi.RegisterTaskDefinitionRequest, c *ecsapi.ContainerDefinition) {
			c.DependsOn = []ecsapi.ContainerDependency{{ContainerName: api.Ptr("main"), Condition: api.Ptr("START")}}
		}, "depends on"},
		"capability": {func(_ *ecsapi.RegisterTaskDefinitionRequest, c *ecsapi.ContainerDefinition) {
			c.LinuxParameters = &ecsapi.LinuxParameters{Capabilities: &ecsapi.KernelCapabilities{Add: []string{"SYS_ADMIN"}}}
		}, "SYS_PTRACE"},
		"health": {func(_ *ecsapi.RegisterTaskDefinitionRequest, c *ecsapi.ContainerDefinition) {
			c.HealthCheck = &ecsapi.HealthCheck{Command: []string{"CMD", "x"}, Interval: api.Ptr[int64](1)}
		}, "interval"},
	} {
		_, err := newDefinition(request(tt.change))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

func TestDefinitionIsGivenBackWhole(t *testing.T) {
	w := newWorld(t)
	container := types.ContainerDefinition{
		Name: aws.String("main"), Image: &imageName, Cpu: 128, Essential: aws.Bool(true), MemoryReservation: aws.Int32(128),
		Environment:  []types.KeyValuePair{{Name: aws.String("A"), Value: aws.String("b")}},
		Secrets:      []types.Secret{{Name: aws.String("S"), ValueFrom: aws.String("database")}},
		PortMappings: []types.PortMapping{{ContainerPort: aws.Int32(3000), HostPort: aws.Int32(3000), Protocol: types.TransportProtocolTcp, Name: aws.String("http")}},
		HealthCheck:  &types.HealthCheck{Command: []string{"CMD-SHELL", "true"}, Interval: aws.Int32(10), Timeout: aws.Int32(3), Retries: aws.Int32(2), StartPeriod: aws.Int32(5)},
		MountPoints:  []types.MountPoint{{SourceVolume: aws.String("scratch"), ContainerPath: aws.String("/data")}},
		VolumesFrom:  []types.VolumeFrom{}, SystemControls: []types.SystemControl{},
		Ulimits: []types.Ulimit{{Name: types.UlimitNameNofile, SoftLimit: 100, HardLimit: 200}}, StopTimeout: aws.Int32(10),
		DockerLabels: map[string]string{"l": "v"}, ReadonlyRootFilesystem: aws.Bool(true), User: aws.String("app"),
	}
	in := &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("web"), ContainerDefinitions: []types.ContainerDefinition{container}, NetworkMode: types.NetworkModeAwsvpc,
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate}, Cpu: aws.String("512"), Memory: aws.String("1024"),
		ExecutionRoleArn: &taskRole, Volumes: []types.Volume{{Name: aws.String("scratch")}},
		RuntimePlatform: &types.RuntimePlatform{CpuArchitecture: types.CPUArchitectureX8664, OperatingSystemFamily: types.OSFamilyLinux},
		Tags:            []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
	}
	for range 2 {
		if _, err := w.client.RegisterTaskDefinition(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	out, err := w.client.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: aws.String("web"), Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := out.TaskDefinition
	ignore := cmpopts.IgnoreUnexported(
		types.ContainerDefinition{}, types.KeyValuePair{}, types.Secret{}, types.PortMapping{}, types.HealthCheck{}, types.MountPoint{},
		types.Ulimit{}, types.Volume{}, types.RuntimePlatform{}, types.Tag{},
	)
	if diff := cmp.Diff(container, got.ContainerDefinitions[0], ignore); diff != "" {
		t.Errorf("container (-given +back):\n%s", diff)
	}
	if diff := cmp.Diff(in.Volumes, got.Volumes, ignore); diff != "" {
		t.Errorf("volumes (-given +back):\n%s", diff)
	}
	if diff := cmp.Diff(in.Tags, out.Tags, ignore); diff != "" {
		t.Errorf("tags (-given +back):\n%s", diff)
	}
	if got.Revision != 2 || *got.Cpu != "512" || *got.Memory != "1024" || got.Status != types.TaskDefinitionStatusActive {
		t.Errorf("got %+v", got)
	}
	w.retire(t)
}

// retire takes the family web out of use, and a revision's number with it.
func (w *world) retire(t *testing.T) {
	for _, name := range []string{"web:1", "web:2"} {
		if _, err := w.client.DeregisterTaskDefinition(t.Context(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &name}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.client.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("web")})
	if servicetest.Code(err) != "ClientException" {
		t.Errorf("describe a family without active revisions: %v", err)
	}
	deleted, err := w.client.DeleteTaskDefinitions(t.Context(), &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: []string{"web:2"}})
	if err != nil || len(deleted.TaskDefinitions) != 1 {
		t.Errorf("delete: %+v, %v", deleted, err)
	}
	if arn := w.define("web", "id"); !strings.HasSuffix(arn, "web:3") {
		t.Errorf("the next revision is %s: a number was given out twice", arn)
	}
}
