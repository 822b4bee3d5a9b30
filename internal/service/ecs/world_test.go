package ecs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/controller"
	"apex/internal/dataplane/registry"
	"apex/internal/dataplane/task"
	"apex/internal/dataplane/task/container"
	"apex/internal/service"
	"apex/internal/service/cloudwatch"
	"apex/internal/service/ec2"
	"apex/internal/service/ecr"
	"apex/internal/service/elbv2"
	"apex/internal/service/iam"
	"apex/internal/service/kms"
	"apex/internal/service/logs"
	"apex/internal/service/route53"
	"apex/internal/service/s3"
	"apex/internal/service/secretsmanager"
	"apex/internal/service/servicediscovery"
	"apex/internal/service/servicetest"
	"apex/internal/service/ssm"
	"apex/internal/service/sts"
	"apex/internal/store"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "task":
			os.Exit(task.Main(os.Args[2:]))
		case "task-init":
			os.Exit(container.InitMain(os.Args[2:]))
		}
	}
	code := m.Run()
	if probe, err := buildProbe(); err == nil {
		os.RemoveAll(filepath.Dir(probe))
	}
	os.Exit(code)
}

var scope = arn.Scope{Account: servicetest.Account, Region: servicetest.Region}

const groupName = "/app"

// The resources that a world has.
var (
	subnetA, subnetB = "subnet-0a", "subnet-0b"
	targetGroupARN   = scope.ARN("elasticloadbalancing", "targetgroup/web/0123456789abcdef")
	taskRole         = "arn:aws:iam::" + scope.Account + ":role/app"
	imageName        = scope.Account + ".dkr.ecr." + scope.Region + ".amazonaws.com/probe:v1"
)

// A world is a region with ECS, an image, two subnets and a target group, whose
// network and balancer the test stands in for.
type world struct {
	t      testing.TB
	env    service.Env
	svc    *Service
	client *ecs.Client
	blobs  *registry.Blobs
	health func(elbv2.Target) string // what the balancer says of a target
}

func newWorld(t testing.TB) *world {
	return newWorldIn(t, func(service.Env) service.Access { return nil })
}

// newWorldIn is newWorld whose roles may do what access says.
func newWorldIn(t testing.TB, access func(service.Env) service.Access) *world {
	t.Helper()
	tables := Tables()
	for _, more := range [][]store.AnyTable{
		ec2.Tables(), elbv2.Tables(), ecr.Tables(), logs.Tables(), secretsmanager.Tables(), iam.Tables(), sts.Tables(), kms.Tables(), ssm.Tables(),
		cloudwatch.Tables(), s3.Tables(), route53.Tables(), servicediscovery.Tables(),
	} {
		tables = append(tables, more...)
	}
	env := servicetest.Env(t, tables...)
	env.Hash, env.Executable = "test-"+awsid.Hex(6), os.Args[0]
	env.Profile.BackOff = 800 * time.Millisecond
	env.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	if testing.Verbose() {
		env.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	if err := os.MkdirAll(filepath.Join(env.Home, "run"), 0o700); err != nil {
		t.Fatal(err)
	}
	blobs, err := registry.OpenBlobs(ecr.BlobsDir(env.Home))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, env: env, blobs: blobs, health: func(elbv2.Target) string { return "healthy" }}
	env.Access = access(env)
	w.env.Access = env.Access
	w.svc = New(env, blobs)
	w.client = ecs.NewFromConfig(servicetest.Config(t, env, w.svc.Routes()))
	w.furnish()
	t.Cleanup(w.clear)
	return w
}

// run starts the controllers, and those that stand for network and balancer.
func (w *world) run() {
	servicetest.Run(w.t, w.env, append(w.svc.Controllers(), w.network(), w.balancer())...)
}

// runUntil is run with an end: the controllers stop as those of a region that
// dies, and what they started goes on.
func (w *world) runUntil() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		controller.Run(ctx, w.env.Store, w.env.Log, append(w.svc.Controllers(), w.network(), w.balancer())...)
	}()
	stop = func() {
		cancel()
		<-done
	}
	w.t.Cleanup(stop)
	return stop
}

func (w *world) clear() {
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	if err := w.svc.Stop(ctx); err != nil {
		w.t.Error(err)
	}
	if left, _ := filepath.Glob("/sys/fs/cgroup/*/apex-" + w.env.Hash); len(left) > 0 {
		w.t.Errorf("control groups left: %v", left)
	}
}

// furnish puts what the tests need of other services.
func (w *world) furnish() {
	w.update(func(tx *store.Tx) {
		for id, s := range map[string]struct{ zone, block string }{subnetA: {"us-east-1a", "10.0.10.0/24"}, subnetB: {"us-east-1b", "10.0.11.0/24"}} {
			ec2.Subnets.Put(tx, ec2.Subnet{Key: scope.Key(id), Spec: ec2.SubnetSpec{
				VPCID: "vpc-0", Zone: s.zone, CIDR: netip.MustParsePrefix(s.block),
			}})
		}
		ec2.SecurityGroups.Put(tx, ec2.SecurityGroup{Key: scope.Key("sg-0"), Spec: ec2.SecurityGroupSpec{VPCID: "vpc-0", Name: "tasks"}})
		a, _ := arn.Parse(targetGroupARN)
		elbv2.TargetGroups.Put(tx, elbv2.TargetGroup{Key: scope.Key(a.Resource), Spec: elbv2.TargetGroupSpec{Name: "web", Port: 3000}})
		iam.Roles.Put(tx, iam.Role{Key: scope.Global().Key("app"), Spec: iam.RoleSpec{
			Identity: iam.Identity{Name: "app", ARN: taskRole, ID: "AROAEXAMPLE"},
			Trust:    `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}`,
		}})
		if err := logs.EnsureGroup(tx, scope, groupName, time.Now()); err != nil {
			w.t.Fatal(err)
		}
		secretsmanager.PutManaged(tx, w.env.Sealer, scope, "database", []byte(`{"url":"mysql://db"}`), "test")
	})
	w.pushImage()
}

func (w *world) update(change func(*store.Tx)) {
	w.t.Helper()
	err := w.env.Store.Update(context.Background(), func(tx *store.Tx) error {
		change(tx)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

var buildProbe = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "apex-probe-")
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "probe"), "../../dataplane/task/testdata/probe")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return filepath.Join(dir, "probe"), nil
})

// pushImage puts an image of the probe into the registry.
func (w *world) pushImage() {
	w.t.Helper()
	probe, err := buildProbe()
	if err != nil {
		w.t.Fatal(err)
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return tarOf(probe) })
	if err != nil {
		w.t.Fatal(err)
	}
	img, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		w.t.Fatal(err)
	}
	img, err = mutate.Config(img, v1.Config{Entrypoint: []string{"/probe"}, Cmd: []string{"await", "0"}, Env: []string{"FROM=image"}})
	if err != nil {
		w.t.Fatal(err)
	}
	manifest := w.store(img)
	w.update(func(tx *store.Tx) {
		key := scope.Key("probe")
		ecr.Repositories.Put(tx, ecr.Repository{Key: key, Spec: ecr.RepositorySpec{Name: "probe"}})
		ecr.Images.Put(tx, ecr.Image{Key: key + "@" + string(manifest), Spec: ecr.ImageSpec{
			Repository: key, Digest: manifest, Tags: []string{"v1"},
		}})
	})
}

// store writes an image's blobs and returns its digest.
func (w *world) store(img v1.Image) registry.Digest {
	w.t.Helper()
	manifest, err1 := img.RawManifest()
	config, err2 := img.RawConfigFile()
	layers, err3 := img.Layers()
	if err := errors.Join(err1, err2, err3); err != nil {
		w.t.Fatal(err)
	}
	contents := [][]byte{manifest, config}
	for _, l := range layers {
		r, err := l.Compressed()
		if err != nil {
			w.t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			w.t.Fatal(err)
		}
		contents = append(contents, data)
	}
	for _, data := range contents {
		if _, err := w.blobs.Put(registry.DigestOf(data), bytes.NewReader(data)); err != nil {
			w.t.Fatal(err)
		}
	}
	return registry.DigestOf(manifest)
}

// network makes every interface ready; tasks then get a network of their own.
func (w *world) network() controller.Controller {
	return controller.New(controller.Spec[ec2.NetworkInterface, ec2.NetworkInterfaceStatus]{
		Name: "test/network", Table: ec2.NetworkInterfaces,
		Status: func(i *ec2.NetworkInterface) *ec2.NetworkInterfaceStatus { return &i.Status },
		Reconcile: func(context.Context, store.Snapshot, string) (ec2.NetworkInterfaceStatus, error) {
			return ec2.NetworkInterfaceStatus{Ready: true}, nil
		},
	})
}

// balancer says of every target what the test wants and lets go of those that
// are deregistered.
func (w *world) balancer() controller.Controller {
	return controller.New(controller.Spec[elbv2.Registration, elbv2.RegistrationStatus]{
		Name: "test/balancer", Table: elbv2.Registrations, Every: 20 * time.Millisecond,
		Status: func(r *elbv2.Registration) *elbv2.RegistrationStatus { return &r.Status },
		Reconcile: func(_ context.Context, snap store.Snapshot, key string) (elbv2.RegistrationStatus, error) {
			r, ok := elbv2.Registrations.Get(snap, key)
			if !ok || r.Spec.Deregistered {
				return elbv2.RegistrationStatus{}, controller.Remove
			}
			return elbv2.RegistrationStatus{State: w.health(r.Spec.Target)}, nil
		},
	})
}

// define registers a task definition of one container that runs the verbs.
func (w *world) define(family string, verbs ...string) string {
	w.t.Helper()
	return w.defineWith(family, func(*types.ContainerDefinition) {}, verbs...)
}

func (w *world) defineWith(family string, change func(*types.ContainerDefinition), verbs ...string) string {
	w.t.Helper()
	c := types.ContainerDefinition{
		Name: aws.String("main"), Image: &imageName, Command: strings.Fields(strings.Join(verbs, " , ")),
		PortMappings: []types.PortMapping{{ContainerPort: aws.Int32(3000)}},
		LogConfiguration: &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{
			"awslogs-group": groupName, "awslogs-region": scope.Region, "awslogs-stream-prefix": "ecs",
		}},
	}
	change(&c)
	out, err := w.client.RegisterTaskDefinition(w.t.Context(), &ecs.RegisterTaskDefinitionInput{
		Family: &family, ContainerDefinitions: []types.ContainerDefinition{c}, NetworkMode: types.NetworkModeAwsvpc,
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate},
		Cpu:                     aws.String("256"), Memory: aws.String("512"), TaskRoleArn: &taskRole, ExecutionRoleArn: &taskRole,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.TaskDefinition.TaskDefinitionArn
}

func network() *types.NetworkConfiguration {
	return &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{
		Subnets: []string{subnetA, subnetB}, SecurityGroups: []string{"sg-0"},
	}}
}

// cluster creates the cluster of a world.
func (w *world) cluster() {
	w.t.Helper()
	if _, err := w.client.CreateCluster(w.t.Context(), &ecs.CreateClusterInput{ClusterName: aws.String("main")}); err != nil {
		w.t.Fatal(err)
	}
}

// create creates a service of a definition.
func (w *world) create(name, definition string, count int32, change func(*ecs.CreateServiceInput)) {
	w.t.Helper()
	in := &ecs.CreateServiceInput{
		Cluster: aws.String("main"), ServiceName: &name, TaskDefinition: &definition, DesiredCount: &count,
		LaunchType: types.LaunchTypeFargate, NetworkConfiguration: network(),
	}
	if change != nil {
		change(in)
	}
	if _, err := w.client.CreateService(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
}

func behindBalancer(in *ecs.CreateServiceInput) {
	in.LoadBalancers = []types.LoadBalancer{{
		TargetGroupArn: &targetGroupARN, ContainerName: aws.String("main"), ContainerPort: aws.Int32(3000),
	}}
}

// tasks returns the tasks of a service in a state of the store.
func tasksIn(r store.Reader, service string) []Task {
	var all []Task
	for _, t := range Tasks.Prefix(r, scope.Key("main/")) {
		if t.Spec.Service == service {
			all = append(all, t)
		}
	}
	return all
}

// active returns those of a definition that run and are healthy.
func active(r store.Reader, service, definition string) (n int) {
	for _, t := range tasksIn(r, service) {
		if last(t) == statusRunning && t.Status.Verdict == verdictHealthy && t.Spec.Definition == definition {
			n++
		}
	}
	return n
}

func (w *world) await(what string, holds func(store.Snapshot) bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 60*time.Second)
	defer cancel()
	if err := w.env.Store.Wait(ctx, holds); err != nil {
		w.show()
		w.t.Fatalf("%s: %v", what, err)
	}
}

func (w *world) describe(name string) types.Service {
	w.t.Helper()
	out, err := w.client.DescribeServices(w.t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String("main"), Services: []string{name}})
	if err != nil || len(out.Services) != 1 {
		w.t.Fatalf("describe %s: %+v, %v", name, out, err)
	}
	return out.Services[0]
}

// show logs what a person would look at first: the last events and tasks.
func (w *world) show() {
	for _, row := range Services.All(w.env.Store.Snapshot()) {
		for _, e := range row.Status.Events[:min(len(row.Status.Events), 20)] {
			w.t.Log(e.Message)
		}
	}
	shown := 0
	for _, t := range Tasks.All(w.env.Store.Snapshot()) {
		if shown++; shown < 6 {
			w.t.Logf("task %s of %s: %s %s %s %s %+v", t.Spec.ID, t.Spec.Service, last(t), t.Status.Verdict, t.Status.Code, t.Status.Reason, t.Status.Containers)
		}
	}
}
