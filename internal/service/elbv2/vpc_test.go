package elbv2_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"apex/internal/awsid"
	"apex/internal/dataplane/vnet/netns"
	"apex/internal/service/ec2"
	"apex/internal/service/elbv2"
	"apex/internal/service/s3"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// A site is the service over a real VPC.
type site struct {
	*world
	ec2             *sdk.Client
	vpc             string
	subnets         []string
	front, back     string // security groups: the load balancer's, the target's
	frontRule, rule []types.IpPermission
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newSite(t *testing.T) *site {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to make network namespaces")
	}
	env := servicetest.Env(t, slices.Concat(ec2.Tables(), elbv2.Tables(), s3.Tables())...)
	env.Executable, env.Hash = must[string](t)(os.Executable()), awsid.Hex(6)
	env.HTTPPort, env.HTTPSPort = freePort(t), freePort(t)
	network, balancers := ec2.New(env), elbv2.New(env)
	t.Cleanup(func() {
		if err := network.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		if err := balancers.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	servicetest.Run(t, env, append(network.Controllers(), balancers.Controllers()...)...)
	s := &site{
		world: &world{t: t, env: env, service: balancers, client: elb.NewFromConfig(servicetest.Config(t, env, balancers.Routes()))},
		ec2:   sdk.NewFromConfig(servicetest.Config(t, env, network.Routes())),
	}
	s.build()
	return s
}

func (s *site) build() {
	t, ctx := s.t, s.t.Context()
	s.vpc = *must[*sdk.CreateVpcOutput](t)(s.ec2.CreateVpc(ctx, &sdk.CreateVpcInput{CidrBlock: aws.String("10.77.0.0/16")})).Vpc.VpcId
	for i, zone := range []string{"us-east-1a", "us-east-1b"} {
		out := must[*sdk.CreateSubnetOutput](t)(s.ec2.CreateSubnet(ctx, &sdk.CreateSubnetInput{
			VpcId:     &s.vpc,
			CidrBlock: aws.String(fmt.Sprintf("10.77.%d.0/24", i)), AvailabilityZone: &zone,
		}))
		s.subnets = append(s.subnets, *out.Subnet.SubnetId)
	}
	igw := must[*sdk.CreateInternetGatewayOutput](t)(s.ec2.CreateInternetGateway(ctx, &sdk.CreateInternetGatewayInput{})).InternetGateway.InternetGatewayId
	must[*sdk.AttachInternetGatewayOutput](t)(s.ec2.AttachInternetGateway(ctx, &sdk.AttachInternetGatewayInput{InternetGatewayId: igw, VpcId: &s.vpc}))
	s.front, s.back = s.group("front"), s.group("back")
	s.frontRule = []types.IpPermission{{
		IpProtocol: aws.String("tcp"), FromPort: aws.Int32(80), ToPort: aws.Int32(80),
		IpRanges: []types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}},
	}}
	s.rule = []types.IpPermission{{
		IpProtocol: aws.String("tcp"), FromPort: aws.Int32(3000), ToPort: aws.Int32(3000),
		UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &s.front}},
	}}
	must[*sdk.AuthorizeSecurityGroupIngressOutput](t)(s.ec2.AuthorizeSecurityGroupIngress(ctx, &sdk.AuthorizeSecurityGroupIngressInput{GroupId: &s.front, IpPermissions: s.frontRule}))
	must[*sdk.AuthorizeSecurityGroupIngressOutput](t)(s.ec2.AuthorizeSecurityGroupIngress(ctx, &sdk.AuthorizeSecurityGroupIngressInput{GroupId: &s.back, IpPermissions: s.rule}))
}

func (s *site) group(name string) string {
	return *must[*sdk.CreateSecurityGroupOutput](s.t)(s.ec2.CreateSecurityGroup(s.t.Context(), &sdk.CreateSecurityGroupInput{
		VpcId: &s.vpc, GroupName: &name, Description: &name,
	})).GroupId
}

// iface makes an interface and waits until packets can reach it.
func (s *site) iface(subnet, group string) ec2.NetworkInterface {
	s.t.Helper()
	var eni ec2.NetworkInterface
	s.update(func(tx *store.Tx) (err error) {
		eni, err = ec2.RequestInterface(tx, scope, ec2.InterfaceSpec{SubnetID: subnet, GroupIDs: []string{group}})
		return err
	})
	servicetest.Await(s.t, s.env, "interface ready", func(snap store.Snapshot) bool {
		eni, _ = ec2.NetworkInterfaces.Get(snap, eni.Key)
		return eni.Status.Ready
	})
	return eni
}

// Packets go from the loopback port and from inside the VPC through the load
// balancer's interfaces to a target that only they may reach, and no longer once
// the target's group forgets them.
func TestServeInVPC(t *testing.T) {
	s := newSite(t)
	ctx := t.Context()
	eni := s.iface(s.subnets[1], s.back)
	l := must[net.Listener](t)(netns.Listen(eni.Status.Namespace, netip.AddrPortFrom(eni.Spec.PrivateIP, 3000).String()))
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "from ", r.Header.Get("X-Forwarded-For"))
	})}
	go server.Serve(l)
	defer server.Close()
	name := "web"
	b := must[*elb.CreateLoadBalancerOutput](t)(s.client.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{
		Name: &name, Subnets: s.subnets, SecurityGroups: []string{s.front},
	})).LoadBalancers[0]
	g := must[*elb.CreateTargetGroupOutput](t)(s.client.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{
		Name: &name, Protocol: "HTTP", Port: aws.Int32(3000), VpcId: &s.vpc, TargetType: "ip",
	})).TargetGroups[0]
	s.listener(*b.LoadBalancerArn, 80, *g.TargetGroupArn)
	target := elbv2.Target{IP: eni.Spec.PrivateIP, Port: 3000, Zone: "us-east-1b"}
	s.register(*g.TargetGroupArn, target)
	s.awaitHealth(*g.TargetGroupArn, target, "healthy")
	s.awaitState("active")
	if got := s.get("/"); got != "from 127.0.0.1" {
		t.Errorf("from the host: %q", got)
	}
	client := s.iface(s.subnets[0], s.group("client"))
	inside := &http.Client{Transport: &http.Transport{DialContext: netns.Dialer{Namespace: client.Status.Namespace}.DialContext}}
	for _, name := range ec2.Names.All(s.env.Store.Snapshot()) {
		for _, addr := range name.Spec.Addresses {
			resp, err := inside.Get("http://" + netip.AddrPortFrom(addr, 80).String() + "/")
			if err != nil || resp.StatusCode != 200 {
				t.Errorf("from inside, at %s: %v %v", addr, resp, err)
			}
		}
	}
	inside.CloseIdleConnections()
	must[*sdk.RevokeSecurityGroupIngressOutput](t)(s.ec2.RevokeSecurityGroupIngress(ctx, &sdk.RevokeSecurityGroupIngressInput{GroupId: &s.back, IpPermissions: s.rule}))
	s.awaitHealth(*g.TargetGroupArn, target, "unhealthy Target.Timeout")
	must[*sdk.RevokeSecurityGroupIngressOutput](t)(s.ec2.RevokeSecurityGroupIngress(ctx, &sdk.RevokeSecurityGroupIngressInput{GroupId: &s.front, IpPermissions: s.frontRule}))
	servicetest.Await(t, s.env, "closed", func(snap store.Snapshot) bool {
		for _, b := range elbv2.LoadBalancers.All(snap) {
			return len(b.Status.Addresses) == 0
		}
		return false
	})
	if s.open() {
		t.Error("the port on the host is open though the group admits nobody")
	}
}
