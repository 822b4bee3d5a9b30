package elbv2_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"apex/internal/arn"
	"apex/internal/dataplane/balancer"
	"apex/internal/service"
	"apex/internal/service/acm"
	"apex/internal/service/ec2"
	"apex/internal/service/elbv2"
	"apex/internal/service/s3"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

var scope = arn.Scope{Account: servicetest.Account, Region: servicetest.Region}

// A world is the service over a VPC whose addresses are those of loopback, so
// that a real balancer can listen and dial without namespaces.
type world struct {
	t       *testing.T
	env     service.Env
	service *elbv2.Service
	client  *elb.Client
	block   string // "127.x.y", the first three numbers of the VPC's addresses
}

func newWorld(t *testing.T) *world {
	t.Helper()
	env := servicetest.Env(t, slices.Concat(ec2.Tables(), acm.Tables(), elbv2.Tables(), s3.Tables())...)
	env.Executable = "/proc/self/exe"
	if exe, err := os.Executable(); err == nil {
		env.Executable = exe
	}
	env.HTTPPort, env.HTTPSPort = freePort(t), freePort(t)
	w := &world{t: t, env: env, service: elbv2.New(env), block: fmt.Sprintf("127.%d.%d", 1+os.Getpid()%250, time.Now().Nanosecond()%250)}
	w.client = elb.NewFromConfig(servicetest.Config(t, env, w.service.Routes()))
	w.update(func(tx *store.Tx) error {
		ec2.VPCs.Put(tx, ec2.VPC{Key: scope.Key("vpc-1")})
		ec2.VPCs.Put(tx, ec2.VPC{Key: scope.Key("vpc-2")})
		ec2.InternetGateways.Put(tx, ec2.InternetGateway{Key: scope.Key("igw-1"), Spec: ec2.InternetGatewaySpec{VPCID: "vpc-1"}})
		w.subnet(tx, "subnet-a", "vpc-1", "us-east-1a", ".0/27")
		w.subnet(tx, "subnet-b", "vpc-1", "us-east-1b", ".32/27")
		w.subnet(tx, "subnet-a2", "vpc-1", "us-east-1a", ".64/27")
		w.subnet(tx, "subnet-x", "vpc-2", "us-east-1b", ".96/27")
		w.subnet(tx, "subnet-y", "vpc-2", "us-east-1a", ".128/27")
		w.group(tx, "sg-open", "0.0.0.0/0")
		w.group(tx, "sg-shut", "203.0.113.0/24")
		return nil
	})
	return w
}

func (w *world) subnet(tx *store.Tx, id, vpc, zone, end string) {
	ec2.Subnets.Put(tx, ec2.Subnet{Key: scope.Key(id), Spec: ec2.SubnetSpec{VPCID: vpc, Zone: zone, CIDR: netip.MustParsePrefix(w.block + end)}})
}

func (w *world) group(tx *store.Tx, id, from string) {
	ec2.SecurityGroups.Put(tx, ec2.SecurityGroup{Key: scope.Key(id), Spec: ec2.SecurityGroupSpec{
		VPCID: "vpc-1", Name: id,
		Rules: []ec2.GroupRule{{ID: "sgr-" + id, Protocol: "tcp", FromPort: 1, ToPort: 65535, CIDR: from}},
	}})
}

func (w *world) update(fn func(*store.Tx) error) {
	w.t.Helper()
	if err := w.env.Store.Update(w.t.Context(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// run runs the controllers, and in the network's place marks interfaces ready.
func (w *world) run() {
	w.t.Cleanup(func() { // after the controllers have ended
		if err := w.service.Stop(context.Background()); err != nil {
			w.t.Error(err)
		}
	})
	servicetest.Run(w.t, w.env, w.service.Controllers()...)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.network(ctx)
	}()
	w.t.Cleanup(func() {
		cancel()
		<-done
	})
}

func (w *world) network(ctx context.Context) {
	watch := w.env.Store.Watch(ec2.NetworkInterfaces)
	defer watch.Close()
	for {
		_ = w.env.Store.Update(ctx, func(tx *store.Tx) error {
			for key, eni := range ec2.NetworkInterfaces.All(tx) {
				if !eni.Status.Ready {
					ec2.NetworkInterfaces.Modify(tx, key, func(i *ec2.NetworkInterface) { i.Status.Ready = true })
				}
			}
			return nil
		})
		if _, _, err := watch.Next(ctx); err != nil {
			return
		}
	}
}

func freePort(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// target runs a web server at an address of the VPC that answers with its name.
func (w *world) target(name string, last int) elbv2.Target {
	w.t.Helper()
	return w.serve(last, func(rw http.ResponseWriter, r *http.Request) { fmt.Fprint(rw, name) })
}

func (w *world) serve(last int, h http.HandlerFunc) elbv2.Target {
	w.t.Helper()
	l, err := net.Listen("tcp", fmt.Sprintf("%s.%d:0", w.block, last))
	if err != nil {
		w.t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(h)
	s.Listener = l
	s.Start()
	w.t.Cleanup(s.Close)
	addr := l.Addr().(*net.TCPAddr).AddrPort()
	return elbv2.Target{IP: addr.Addr(), Port: int(addr.Port()), Zone: "us-east-1a"}
}

func (w *world) balancer(name string, groups ...string) types.LoadBalancer {
	w.t.Helper()
	out, err := w.client.CreateLoadBalancer(w.t.Context(), &elb.CreateLoadBalancerInput{
		Name: &name, Subnets: []string{"subnet-a", "subnet-b"}, SecurityGroups: groups,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.LoadBalancers[0]
}

func (w *world) targetGroup(name string) types.TargetGroup {
	w.t.Helper()
	out, err := w.client.CreateTargetGroup(w.t.Context(), &elb.CreateTargetGroupInput{
		Name: &name, Protocol: types.ProtocolEnumHttp, Port: aws.Int32(3000), VpcId: aws.String("vpc-1"), TargetType: types.TargetTypeEnumIp,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.TargetGroups[0]
}

func (w *world) listener(balancer string, port int32, group string) types.Listener {
	w.t.Helper()
	out, err := w.client.CreateListener(w.t.Context(), &elb.CreateListenerInput{
		LoadBalancerArn: &balancer, Port: &port, Protocol: types.ProtocolEnumHttp, DefaultActions: forward(group),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.Listeners[0]
}

func forward(group string) []types.Action {
	return []types.Action{{Type: types.ActionTypeEnumForward, TargetGroupArn: &group}}
}

func paths(values ...string) []types.RuleCondition {
	return []types.RuleCondition{{Field: aws.String("path-pattern"), Values: values}}
}

func (w *world) rule(listener string, priority int32, path, group string) (types.Rule, error) {
	out, err := w.client.CreateRule(w.t.Context(), &elb.CreateRuleInput{
		ListenerArn: &listener, Priority: &priority, Conditions: paths(path), Actions: forward(group),
	})
	if err != nil {
		return types.Rule{}, err
	}
	return out.Rules[0], nil
}

// echo runs a web server that answers with what it was asked for.
func (w *world) echo(last int) elbv2.Target {
	w.t.Helper()
	return w.serve(last, func(rw http.ResponseWriter, r *http.Request) { fmt.Fprint(rw, r.RequestURI) })
}

func (w *world) port() string { return fmt.Sprint(w.env.HTTPPort) }

// await waits for what the store does not tell.
func (w *world) await(what string, met func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !met(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("never: %s", what)
		}
	}
}

// killBalancer ends the only balancer's process and waits for the next one.
func (w *world) killBalancer() {
	w.t.Helper()
	pid := w.process()
	syscall.Kill(pid, syscall.SIGKILL)
	w.await("a new balancer", func() bool {
		dirs, _ := filepath.Glob(filepath.Join(w.env.Home, "balancers", "*"))
		st, err := balancer.Observe(w.t.Context(), dirs[0])
		return err == nil && st.PID != pid
	})
	w.awaitState("active")
}
