package deploy

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"apex/internal/regiontest"
)

// program answers with its version, at /slow after a second, and ends at once if
// its version is "broken".
const program = `package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	version := os.Args[1]
	if version == "broken" {
		os.Exit(3)
	}
	server := &http.Server{Addr: ":3000", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			time.Sleep(time.Second)
		}
		fmt.Fprint(w, version)
	})}
	ended := make(chan struct{})
	go func() { server.ListenAndServe(); close(ended) }()
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	<-term
	server.Shutdown(context.Background())
	<-ended
}
`

// A shop is a region with one service behind a balancer.
type shop struct {
	*regiontest.Region
	dir string
	ecs *ecs.Client
	elb *elb.Client
}

var (
	cluster = aws.String("shop-dev")
	web     = aws.String("web")
)

// open brings a stack up whose service is deployed as said.
func open(t testing.TB, count int, deploy string) shop {
	t.Helper()
	r := regiontest.New(t)
	s := shop{Region: r, dir: t.TempDir()}
	s.write(t, "app/go.mod", "module app\n\ngo 1.26\n")
	s.write(t, "app/main.go", program)
	s.describe(t, count, deploy)
	r.Apex(t, "up", "--file", s.file())
	s.ecs, s.elb = ecs.NewFromConfig(r.AWS(t)), elb.NewFromConfig(r.AWS(t))
	return s
}

func (s shop) file() string { return filepath.Join(s.dir, "apex.yaml") }

// describe writes the stack file.
func (s shop) describe(t testing.TB, count int, deploy string) {
	t.Helper()
	s.write(t, "apex.yaml", fmt.Sprintf(`name: shop
network: {nat: none}
services:
  web:
    build: ./app
    command: [one]
    port: 3000
    count: %d
    http: {paths: [/*], health: /}
    deploy: %s
`, count, deploy))
}

func (s shop) write(t testing.TB, name, text string) {
	t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (s shop) url() string { return fmt.Sprintf("http://127.0.0.1:%d/", s.Home.HTTPPort) }

// deploy makes the service run a version: the definition that it has with
// another command.
func (s shop) deploy(t testing.TB, version string) {
	t.Helper()
	have, err := s.ecs.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: s.service(t).TaskDefinition})
	if err != nil {
		t.Fatal(err)
	}
	d := have.TaskDefinition
	d.ContainerDefinitions[0].Command = []string{version}
	made, err := s.ecs.RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{
		Family: d.Family, ContainerDefinitions: d.ContainerDefinitions, Cpu: d.Cpu, Memory: d.Memory, NetworkMode: d.NetworkMode,
		RequiresCompatibilities: d.RequiresCompatibilities, TaskRoleArn: d.TaskRoleArn, ExecutionRoleArn: d.ExecutionRoleArn,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: cluster, Service: web, TaskDefinition: made.TaskDefinition.TaskDefinitionArn}); err != nil {
		t.Fatal(err)
	}
}

func (s shop) service(t testing.TB) types.Service {
	t.Helper()
	out, err := s.ecs.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: cluster, Services: []string{*web}})
	if err != nil || len(out.Services) != 1 {
		t.Fatalf("describe the service: %+v, %v", out, err)
	}
	return out.Services[0]
}

// newest is the service deployment that began last.
func (s shop) newest(t testing.TB) types.ServiceDeployment {
	t.Helper()
	list, err := s.ecs.ListServiceDeployments(t.Context(), &ecs.ListServiceDeploymentsInput{Cluster: cluster, Service: web})
	if err != nil || len(list.ServiceDeployments) == 0 {
		t.Fatalf("list deployments: %+v, %v", list, err)
	}
	out, err := s.ecs.DescribeServiceDeployments(t.Context(), &ecs.DescribeServiceDeploymentsInput{
		ServiceDeploymentArns: []string{*list.ServiceDeployments[0].ServiceDeploymentArn},
	})
	if err != nil || len(out.ServiceDeployments) != 1 {
		t.Fatalf("describe a deployment: %+v, %v", out, err)
	}
	return out.ServiceDeployments[0]
}

// goBack stops the newest deployment.
func (s shop) goBack(t testing.TB) {
	t.Helper()
	if _, err := s.ecs.StopServiceDeployment(t.Context(), &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: s.newest(t).ServiceDeploymentArn}); err != nil {
		t.Fatal(err)
	}
}

// awaitStatus waits for the end of the newest deployment.
func (s shop) awaitStatus(t testing.TB, want types.ServiceDeploymentStatus) {
	t.Helper()
	regiontest.Await(t, "the deployment's status is "+string(want), func() bool { return s.newest(t).Status == want })
}

// running lists the tasks of the service that run.
func (s shop) running(t testing.TB) string {
	t.Helper()
	list, err := s.ecs.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: cluster, ServiceName: web})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(list.TaskArns, " ")
}

// serving counts the targets that the balancer sends requests to.
func (s shop) serving(t testing.TB) (n int) {
	t.Helper()
	for _, lb := range s.service(t).LoadBalancers {
		out, err := s.elb.DescribeTargetHealth(t.Context(), &elb.DescribeTargetHealthInput{TargetGroupArn: lb.TargetGroupArn})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range out.TargetHealthDescriptions {
			if d.TargetHealth.State == elbtypes.TargetHealthStateEnumHealthy {
				n++
			}
		}
	}
	return n
}
